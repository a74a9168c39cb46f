from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from drills.simulator.cloud import SimulatedCloud
from drills.simulator.network import Network
from drills.simulator.outage import Blow, LostReply, RegionOutage, Throttle
from drills.simulator.wire import home_of
from orchestrator.cloud import regions
from orchestrator.model.actions import Call
from orchestrator.model.errors import NotSimulated

if TYPE_CHECKING:
    from pathlib import Path

EAST, WEST = "us-east-1", "us-west-2"

# One call for each wire protocol that boto3 speaks to the services in use.
SPOKEN = {
    "json": ("dynamodb", "ListTables", "list_tables"),
    "query": ("sns", "ListTopics", "list_topics"),
    "rest-json": ("connect", "ListInstances", "list_instances"),
    "rest-xml": ("route53", "ListHostedZones", "list_hosted_zones"),
}
protocols = pytest.mark.parametrize("protocol", SPOKEN)


def boto3_client(cloud: SimulatedCloud, service: str, region: str) -> Any:
    """boto3's own client, so that its own exceptions are seen."""
    return cloud.door.clients.get(service, region)


@protocols
def test_the_choke_point_sees_each_wire_protocol(cloud: SimulatedCloud, protocol: str) -> None:
    service, operation, method = SPOKEN[protocol]
    client = boto3_client(cloud, service, EAST)
    getattr(client, method)()
    assert client.meta.service_model.resolved_protocol == protocol
    (record,) = cloud.network.log
    assert (record.service, record.operation, record.home, record.outcome) == (service, operation, EAST, "ok")
    assert not record.write


@protocols
def test_an_outage_stops_each_wire_protocol_and_counts_its_hit(cloud: SimulatedCloud, protocol: str) -> None:
    service, operation, method = SPOKEN[protocol]
    outage = cloud.lose(EAST, cloud.clock.now())
    with pytest.raises((EndpointConnectionError, ConnectTimeoutError)):
        getattr(boto3_client(cloud, service, EAST), method)()
    assert outage.hits == {f"{service}:{operation}": 1}
    assert cloud.network.log[0].outcome == outage.manner(service)
    assert not cloud.network.log[0].landed


@protocols
def test_throttling_is_said_in_each_wire_protocol(cloud: SimulatedCloud, protocol: str) -> None:
    service, operation, method = SPOKEN[protocol]
    cloud.network.faults.append(Throttle(service, operation, rate=1))
    with pytest.raises(ClientError) as caught:
        getattr(boto3_client(cloud, service, EAST), method)()
    assert caught.value.response["Error"]["Code"] in {"Throttling", "ThrottlingException", "ThrottledException"}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 429}
    assert cloud.network.log[0].outcome == "throttled"


def test_the_metrics_protocol_is_seen_and_stopped_too(cloud: SimulatedCloud) -> None:
    client = boto3_client(cloud, "cloudwatch", WEST)
    client.put_metric_data(Namespace="Drill", MetricData=[{"MetricName": "level", "Value": 1}])
    assert [record.operation for record in cloud.network.writes("PutMetricData")] == ["PutMetricData"]
    cloud.lose(WEST, cloud.clock.now())
    with pytest.raises((EndpointConnectionError, ConnectTimeoutError)):
        client.describe_alarms()


def test_services_fail_in_both_manners_and_always_in_the_same(cloud: SimulatedCloud) -> None:
    outage = RegionOutage(EAST, cloud.clock.now())
    manners = {service: outage.manner(service) for service in sorted(regions.services())}
    assert set(manners.values()) == {Blow.REFUSED, Blow.BLACK_HOLE}
    assert 0.25 < Counter(manners.values())[Blow.REFUSED] / len(manners) < 0.75
    assert manners == {service: RegionOutage(EAST, cloud.clock.now()).manner(service) for service in manners}


@pytest.mark.parametrize(
    ("manner", "error", "cost_s"),
    [(Blow.REFUSED, EndpointConnectionError, (0.0, 0.1)), (Blow.BLACK_HOLE, ConnectTimeoutError, (3.0, 3.0))],
)
def test_each_manner_costs_the_client_what_it_costs_in_life(
    cloud: SimulatedCloud, manner: Blow, error: type[Exception], cost_s: tuple[float, float]
) -> None:
    outage = cloud.lose(EAST, cloud.clock.now())
    methods = {"sns": "list_topics", "dynamodb": "list_tables", "lambda": "list_functions", "connect": "list_instances"}
    service = next(name for name in methods if outage.manner(name) is manner)
    before = cloud.clock.elapsed_s
    with pytest.raises(error):
        getattr(boto3_client(cloud, service, EAST), methods[service])()
    assert cost_s[0] <= round(cloud.clock.elapsed_s - before, 9) <= cost_s[1]


def test_an_outage_begins_and_ends_when_it_was_told_to(cloud: SimulatedCloud) -> None:
    now = cloud.clock.now()
    outage = cloud.lose(EAST, now + timedelta(minutes=5), now + timedelta(minutes=10))
    client = boto3_client(cloud, "dynamodb", EAST)
    down = list[bool]()
    for _ in range(3):
        down.append(cloud.network.down(EAST))
        if not down[-1]:
            client.list_tables()
        cloud.clock.pause(5 * 60)
    assert down == [False, True, False]
    assert outage.hits == {}
    assert cloud.network.down(EAST, now + timedelta(minutes=7))
    assert not cloud.network.down(WEST, now + timedelta(minutes=7))


def test_the_control_planes_of_the_dead_region_die_with_it_and_other_regions_live(cloud: SimulatedCloud) -> None:
    cloud.lose(EAST, cloud.clock.now())
    for service, method in (("route53", "list_hosted_zones"), ("iam", "list_roles")):
        with pytest.raises((EndpointConnectionError, ConnectTimeoutError)):
            getattr(boto3_client(cloud, service, WEST), method)()
    boto3_client(cloud, "dynamodb", WEST).list_tables()


def test_hosts_and_the_doors_table_agree_on_where_endpoints_live() -> None:
    compared = 0
    for service in regions.services():
        place = regions.endpoint(Call(service, "DescribeAnything", WEST))
        if place.home:
            assert home_of(place.host) == place.home, service
            compared += 1
    assert compared > 40
    assert home_of("sts.amazonaws.com") == EAST
    assert home_of("recordings.s3.eu-central-1.amazonaws.com") == "eu-central-1"


def test_callers_and_agents_feel_an_outage_through_the_network(cloud: SimulatedCloud) -> None:
    heard = list[tuple[str, str]]()
    cloud.network.on_hit = lambda fault, victim: heard.append((fault, victim))
    outage = cloud.lose(EAST, cloud.clock.now())
    cloud.network.felt(EAST, "caller")
    cloud.network.felt(EAST, "caller")
    cloud.network.felt(WEST, "caller")
    assert outage.hits == {"caller": 2}
    assert heard == [("region-outage us-east-1", "caller")] * 2


def test_a_lost_reply_is_an_error_and_the_write_has_landed(cloud: SimulatedCloud) -> None:
    cloud.network.faults.append(LostReply("sns", "CreateTopic", nth=2))
    client = boto3_client(cloud, "sns", WEST)
    client.create_topic(Name="first")
    before = cloud.clock.elapsed_s
    with pytest.raises(ReadTimeoutError):
        client.create_topic(Name="second")
    assert cloud.clock.elapsed_s - before > 10
    assert [topic["TopicArn"].rpartition(":")[2] for topic in client.list_topics()["Topics"]] == ["first", "second"]
    assert [record.outcome for record in cloud.network.writes("CreateTopic")] == ["ok", "reply-lost"]


def test_throttled_calls_have_no_effect_and_come_as_often_as_told(cloud: SimulatedCloud) -> None:
    fault = Throttle("sns", "CreateTopic", rate=0.5)
    cloud.network.faults.append(fault)
    client, refused = boto3_client(cloud, "sns", WEST), 0
    for number in range(10):
        try:
            client.create_topic(Name=f"topic-{number}")
        except ClientError:
            refused += 1
    assert refused == fault.hits["sns:CreateTopic"] == 5
    assert len(client.list_topics()["Topics"]) == 5


def test_latency_is_between_20_and_120_ms_and_comes_of_the_seed(tmp_path: Path) -> None:
    def durations(seed: int) -> list[float]:
        with SimulatedCloud(seed, settings_dir=tmp_path) as opened:
            client, seen = boto3_client(opened, "dynamodb", WEST), []
            for _ in range(20):
                before = opened.clock.elapsed_s
                client.list_tables()
                seen.append(round(opened.clock.elapsed_s - before, 6))
            return seen

    first = durations(7)
    assert all(0.020 <= seconds <= 0.120 for seconds in first)
    assert len(set(first)) == 20
    assert durations(7) == first
    assert durations(8) != first


def test_equal_requests_have_equal_digests_and_others_do_not(cloud: SimulatedCloud) -> None:
    for name, region in (("a", EAST), ("a", EAST), ("b", EAST), ("a", WEST)):
        boto3_client(cloud, "sns", region).create_topic(Name=name)
    first, again, other, elsewhere = (record.digest for record in cloud.network.log)
    assert first == again
    assert len({first, other, elsewhere}) == 3
    assert all(record.write for record in cloud.network.log)


def test_a_service_error_is_logged_by_its_code_and_did_not_land(cloud: SimulatedCloud) -> None:
    client = boto3_client(cloud, "dynamodb", WEST)
    with pytest.raises(ClientError):
        client.delete_table(TableName="no-such-table")
    with pytest.raises(ClientError):
        boto3_client(cloud, "route53", WEST).get_hosted_zone(Id="ZNOSUCHZONE")
    assert [record.outcome for record in cloud.network.log] == ["ResourceNotFoundException", "NoSuchHostedZone"]
    assert cloud.network.writes("DeleteTable") == []


def test_what_moto_lacks_is_not_simulated_and_never_an_outage(cloud: SimulatedCloud) -> None:
    with pytest.raises(NotSimulated, match="route53-recovery-control-config:ListClusters"):
        boto3_client(cloud, "route53-recovery-control-config", WEST).list_clusters()
    with pytest.raises(NotSimulated):
        boto3_client(cloud, "arc-region-switch", WEST).list_plans()
    assert [record.outcome for record in cloud.network.log] == ["not-simulated"] * 2
    assert ("arc-region-switch", "ListPlans") in cloud.network.unlisted
    assert cloud.refused == []


def test_a_live_only_operation_is_not_simulated(cloud: SimulatedCloud) -> None:
    with pytest.raises(NotSimulated, match="route53:TestDNSAnswer"):
        boto3_client(cloud, "route53", EAST).test_dns_answer(
            HostedZoneId="Z1", RecordName="front.example.org", RecordType="A"
        )
    assert ("route53", "TestDNSAnswer") in cloud.network.unlisted


def test_a_call_that_the_ledger_lacks_passes_and_is_noted(cloud: SimulatedCloud) -> None:
    boto3_client(cloud, "sqs", WEST).list_queues()
    boto3_client(cloud, "sns", WEST).create_topic(Name="listed")
    assert cloud.network.unlisted == {("sqs", "ListQueues")}


def test_building_takes_no_time_and_leaves_no_trace(cloud: SimulatedCloud) -> None:
    cloud.lose(EAST, cloud.clock.now())
    with cloud.network.building():
        boto3_client(cloud, "sqs", EAST).create_queue(QueueName="before-the-drill")
    assert (cloud.clock.elapsed_s, cloud.network.log, cloud.network.unlisted) == (0.0, [], set())


def test_a_second_cloud_in_one_process_is_refused(cloud: SimulatedCloud) -> None:
    with pytest.raises(RuntimeError, match="one simulated cloud"), Network(cloud.clock, cloud.chance).attached():
        pass


def test_calls_wait_side_by_side(cloud: SimulatedCloud) -> None:
    client = boto3_client(cloud, "dynamodb", WEST)

    async def main() -> float:
        await asyncio.gather(*(cloud.calls.run(client.list_tables) for _ in range(50)))
        return cloud.clock.elapsed_s

    assert cloud.run(main) <= 0.120
    assert len(cloud.network.log) == 50


def test_a_fault_that_met_nobody_has_no_hits(cloud: SimulatedCloud) -> None:
    elsewhere = cloud.lose("eu-west-1", cloud.clock.now())
    other = Throttle("sns", "Publish", rate=1)
    cloud.network.faults.append(other)
    boto3_client(cloud, "sns", WEST).list_topics()
    assert elsewhere.hits == other.hits == {}
