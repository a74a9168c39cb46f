"""DNS rules, from the Route 53 Developer Guide ("How Amazon Route 53 chooses records…") and the page of record sets."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from dnslib import QTYPE, RCODE, DNSRecord

from drills.simulator.names import CachingResolver
from orchestrator.model.errors import NotFound, NotSimulated, ServiceTrouble

if TYPE_CHECKING:
    from drills.simulator.cloud import SimulatedCloud

EAST, WEST = "us-east-1", "us-west-2"
FRONT = "front.example.org"
PRIMARY, SECONDARY = ("east.example.net",), ("west.example.net",)


class World:
    """The data-plane lever: PRIMARY (east) watches an alarm in the west, SECONDARY (west) one in the east."""

    def __init__(self, cloud: SimulatedCloud, **check: Any) -> None:
        self.cloud = cloud
        with cloud.network.building():
            self.route53 = cloud.door.client("route53", EAST)
            made = self.route53.create_hosted_zone(Name="example.org", CallerReference="zone")
            self.zone = made["HostedZone"]["Id"]
            self.checks = {region: self._check(region, check) for region in (WEST, EAST)}
            self.put(self._failover("PRIMARY", PRIMARY[0], WEST), self._failover("SECONDARY", SECONDARY[0], EAST))

    def _check(self, region: str, changes: dict[str, Any]) -> str:
        self.cloud.door.client("cloudwatch", region).put_metric_alarm(
            AlarmName="evacuate",
            Namespace="Drill",
            MetricName="evacuate",
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1.0,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="missing",
        )
        made = self.route53.create_health_check(
            CallerReference=region,
            HealthCheckConfig={
                "Type": "CLOUDWATCH_METRIC",
                "AlarmIdentifier": {"Region": region, "Name": "evacuate"},
                "InsufficientDataHealthStatus": "LastKnownStatus",
                **changes,
            },
        )
        return str(made["HealthCheck"]["Id"])

    def _failover(self, role: str, target: str, watched: str) -> dict[str, Any]:
        return {
            "Name": FRONT,
            "Type": "CNAME",
            "SetIdentifier": role,
            "Failover": role,
            "TTL": 30,
            "ResourceRecords": [{"Value": target}],
            "HealthCheckId": self.checks[watched],
        }

    def put(self, *record_sets: dict[str, Any]) -> None:
        changes = [{"Action": "UPSERT", "ResourceRecordSet": each} for each in record_sets]
        with self.cloud.network.building():
            self.route53.change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch={"Changes": changes})

    def raise_lever(self, region: str, value: float = 1) -> None:
        with self.cloud.network.building():
            self.cloud.door.client("cloudwatch", region).put_metric_data(
                Namespace="Drill", MetricData=[{"MetricName": "evacuate", "Value": value}]
            )

    def wait(self, seconds: float) -> None:
        self.cloud.clock.pause(seconds)

    @property
    def target(self) -> tuple[str, ...]:
        return self.cloud.resolver.resolve(FRONT)


def test_a_name_points_at_its_primary_as_long_as_nobody_says_otherwise(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    assert world.target == PRIMARY
    world.wait(3600)
    assert world.target == PRIMARY


def test_the_standby_regions_lever_moves_the_name_at_the_minute_and_twenty_seconds(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    world.wait(10)
    world.raise_lever(WEST)
    world.wait(69.9)
    assert world.target == PRIMARY
    world.wait(0.1)
    assert world.target == SECONDARY


def test_the_lever_works_while_the_primary_region_is_dead(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    cloud.lose(EAST, cloud.clock.now())
    cloud.door.client("cloudwatch", WEST).put_metric_data(
        Namespace="Drill", MetricData=[{"MetricName": "evacuate", "Value": 1}]
    )
    world.wait(80)
    assert world.target == SECONDARY


def test_silence_after_an_evacuation_changes_nothing(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    world.raise_lever(WEST)
    world.wait(24 * 3600)
    assert world.target == SECONDARY


def test_lowering_the_lever_leads_back(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    world.raise_lever(WEST)
    world.wait(600)
    world.raise_lever(WEST, 0)
    world.wait(80)
    assert world.target == PRIMARY


def test_with_both_unhealthy_the_primary_is_answered(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    world.raise_lever(WEST)
    world.raise_lever(EAST)
    world.wait(80)
    assert world.target == PRIMARY


@pytest.mark.parametrize(
    ("status", "before", "after"),
    [("Healthy", PRIMARY, PRIMARY), ("LastKnownStatus", PRIMARY, SECONDARY)],
)
def test_insufficient_data_means_what_the_check_says(
    cloud: SimulatedCloud, status: str, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    world = World(cloud, InsufficientDataHealthStatus=status)
    assert world.target == before
    world.raise_lever(WEST)
    world.wait(80)
    assert world.target == SECONDARY
    world.wait(600)  # silence: the alarm has insufficient data again
    assert world.target == after


def test_insufficient_data_may_mean_unhealthy(cloud: SimulatedCloud) -> None:
    world = World(cloud, InsufficientDataHealthStatus="Unhealthy")
    world.raise_lever(EAST, 0)  # the secondary is known to be well, the primary is not
    world.wait(80)
    assert world.target == SECONDARY


def test_an_inverted_check_says_the_opposite_and_a_disabled_one_healthy(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    with cloud.network.building():
        world.route53.update_health_check(HealthCheckId=world.checks[WEST], Inverted=True)
    assert world.target == SECONDARY
    with cloud.network.building():
        world.route53.update_health_check(HealthCheckId=world.checks[WEST], Disabled=True)
    assert world.target == PRIMARY


def test_a_client_keeps_the_old_answer_for_one_time_to_live(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    caller = CachingResolver(cloud.names, cloud.clock)
    world.raise_lever(WEST)
    world.wait(79)
    assert caller.resolve(FRONT) == PRIMARY
    world.wait(29)
    assert world.target == SECONDARY
    assert caller.resolve(FRONT) == PRIMARY
    world.wait(1)
    assert caller.resolve(FRONT) == SECONDARY
    assert CachingResolver(cloud.names, cloud.clock).resolve(FRONT) == SECONDARY


def test_a_client_remembers_that_a_name_does_not_exist(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    caller = CachingResolver(cloud.names, cloud.clock)
    with pytest.raises(NotFound):
        caller.resolve("new.example.org")
    world.put({"Name": "new.example.org", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]})
    with pytest.raises(NotFound):
        caller.resolve("new.example.org")
    world.wait(900)
    assert caller.resolve("new.example.org") == ("192.0.2.1",)


def test_an_unknown_name_does_not_exist_and_an_unknown_type_has_no_data(cloud: SimulatedCloud) -> None:
    World(cloud).put({"Name": "a.example.org", "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": "192.0.2.1"}]})

    def ask(name: str, kind: str) -> tuple[str, int]:
        reply = DNSRecord.parse(cloud.names.exchange(DNSRecord.question(name, kind).pack()))
        return RCODE[reply.header.rcode], len(reply.rr)

    assert ask("absent.example.org", "A") == ("NXDOMAIN", 0)
    assert ask("front.example.com", "A") == ("NXDOMAIN", 0)
    assert ask("counterexample.org", "A") == ("NXDOMAIN", 0)
    assert ask("a.example.org", "AAAA") == ("NOERROR", 0)
    assert ask("A.Example.ORG", "A") == ("NOERROR", 1)


def test_an_answer_follows_aliases_and_carries_each_records_own_time_to_live(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    world.put(
        {"Name": "www.example.org", "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": "a.example.org"}]},
        {
            "Name": "a.example.org",
            "Type": "A",
            "TTL": 5,
            "ResourceRecords": [{"Value": "192.0.2.1"}, {"Value": "192.0.2.2"}],
        },
    )
    query = DNSRecord.question("www.example.org", "A")
    reply = DNSRecord.parse(cloud.names.exchange(query.pack()))
    assert reply.header.id == query.header.id
    found = [(str(rr.rname), QTYPE[rr.rtype], rr.ttl, str(rr.rdata)) for rr in reply.rr]
    assert found == [
        ("www.example.org.", "CNAME", 300, "a.example.org."),
        ("a.example.org.", "A", 5, "192.0.2.1"),
        ("a.example.org.", "A", 5, "192.0.2.2"),
    ]
    assert cloud.resolver.resolve("a.example.org") == ("192.0.2.1", "192.0.2.2")


def weighted(name: str, weight: int, check: str | None = None) -> dict[str, Any]:
    watched = {"HealthCheckId": check} if check else {}
    return {
        "Name": "split.example.org",
        "Type": "CNAME",
        "SetIdentifier": name,
        "Weight": weight,
        "TTL": 1,
        "ResourceRecords": [{"Value": f"{name}.example.net"}],
        **watched,
    }


def split(cloud: SimulatedCloud, times: int = 200) -> Counter[str]:
    return Counter(cloud.resolver.resolve("split.example.org")[0].partition(".")[0] for _ in range(times))


def test_weights_share_out_the_answers(cloud: SimulatedCloud) -> None:
    World(cloud).put(weighted("most", 90), weighted("some", 10), weighted("none", 0))
    shares = split(cloud)
    assert set(shares) == {"most", "some"}
    assert 160 < shares["most"] < 198


def test_weights_of_zero_throughout_share_evenly(cloud: SimulatedCloud) -> None:
    World(cloud).put(weighted("left", 0), weighted("right", 0))
    assert 60 < split(cloud)["left"] < 140


def test_an_unhealthy_record_gets_no_share_until_all_are_unhealthy(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    world.put(weighted("left", 50, world.checks[WEST]), weighted("right", 50, world.checks[EAST]))
    world.raise_lever(WEST)
    world.wait(80)
    assert set(split(cloud)) == {"right"}
    world.raise_lever(EAST)
    world.wait(80)
    assert set(split(cloud)) == {"left", "right"}


@pytest.mark.parametrize(
    ("name", "what", "record_set"),
    [
        ("near.example.org", "latency routing", {"SetIdentifier": "near", "Region": EAST}),
        ("where.example.org", "geolocation routing", {"SetIdentifier": "w", "GeoLocation": {"CountryCode": "*"}}),
    ],
)
def test_a_policy_without_rules_here_is_never_answered_for(
    cloud: SimulatedCloud, name: str, what: str, record_set: dict[str, Any]
) -> None:
    address = {"Name": name, "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    World(cloud).put({**address, **record_set})
    with pytest.raises(ServiceTrouble):
        cloud.resolver.resolve(name)
    with pytest.raises(NotSimulated):
        CachingResolver(cloud.names, cloud.clock).resolve(name)
    assert cloud.network.unlisted == {("dns", what)}


def test_a_check_of_an_endpoint_is_never_made_up(cloud: SimulatedCloud) -> None:
    world = World(cloud)
    with cloud.network.building():
        made = world.route53.create_health_check(
            CallerReference="tcp", HealthCheckConfig={"Type": "TCP", "IPAddress": "192.0.2.44", "Port": 443}
        )
    with pytest.raises(NotSimulated, match="health check TCP"):
        cloud.names.healthy(made["HealthCheck"]["Id"])
