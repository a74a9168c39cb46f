"""Rules of Route 53's control plane, from its API Reference and service model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drills.simulator.cloud import SimulatedCloud

ALARM = {"Region": "us-west-2", "Name": "evacuate"}
CHECK = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": ALARM, "InsufficientDataHealthStatus": "LastKnownStatus"}


@pytest.fixture
def route53(cloud: SimulatedCloud) -> Iterator[Any]:
    with cloud.network.building():
        yield cloud.door.clients.get("route53", "us-east-1")


@pytest.fixture
def zone(route53: Any) -> str:
    return str(route53.create_hosted_zone(Name="example.org", CallerReference="zone")["HostedZone"]["Id"])


@pytest.fixture
def check(route53: Any) -> str:
    made = route53.create_health_check(CallerReference="check", HealthCheckConfig=CHECK)
    return str(made["HealthCheck"]["Id"])


def cname(role: str, check: str, **changes: Any) -> dict[str, Any]:
    return {
        "Name": "front.example.org",
        "Type": "CNAME",
        "SetIdentifier": role.lower(),
        "Failover": role,
        "TTL": 30,
        "ResourceRecords": [{"Value": f"{role.lower()}.example.net"}],
        "HealthCheckId": check,
        **changes,
    }


def simple(name: str = "plain.example.org", value: str = "192.0.2.7", **changes: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value}], **changes}


def change(route53: Any, zone: str, *changes: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record_set} for action, record_set in changes]}
    return dict(route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"])


def names(route53: Any, zone: str) -> list[tuple[str, str]]:
    found = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [(r["Name"], r.get("SetIdentifier", "")) for r in found if r["Type"] not in {"NS", "SOA"}]


def code(caught: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_an_alarm_check_keeps_its_alarm_and_what_silence_means(route53: Any, check: str) -> None:
    shown = route53.get_health_check(HealthCheckId=check)["HealthCheck"]
    assert shown["HealthCheckConfig"] == {**CHECK, "Inverted": False, "Disabled": False}
    assert shown["HealthCheckVersion"] == 1


def test_an_alarm_check_without_an_alarm_is_invalid(route53: Any) -> None:
    with pytest.raises(ClientError) as caught:
        route53.create_health_check(CallerReference="x", HealthCheckConfig={"Type": "CLOUDWATCH_METRIC"})
    assert code(caught) == ("InvalidInput", 400)


def test_the_same_request_again_returns_the_same_check(route53: Any, check: str) -> None:
    again = route53.create_health_check(CallerReference="check", HealthCheckConfig=CHECK)
    assert again["HealthCheck"]["Id"] == check


@pytest.mark.parametrize("deleted", [False, True])
def test_a_reference_cannot_make_another_check(route53: Any, check: str, *, deleted: bool) -> None:
    if deleted:
        route53.delete_health_check(HealthCheckId=check)
    with pytest.raises(ClientError) as caught:
        route53.create_health_check(
            CallerReference="check", HealthCheckConfig=CHECK if deleted else {**CHECK, "Inverted": True}
        )
    assert code(caught) == ("HealthCheckAlreadyExists", 409)


def test_an_update_at_the_present_version_raises_it(route53: Any, check: str) -> None:
    updated = route53.update_health_check(
        HealthCheckId=check,
        HealthCheckVersion=1,
        Inverted=True,
        InsufficientDataHealthStatus="Unhealthy",
        AlarmIdentifier={"Region": "us-east-1", "Name": "other"},
    )["HealthCheck"]
    assert updated["HealthCheckVersion"] == 2
    shown = route53.get_health_check(HealthCheckId=check)["HealthCheck"]["HealthCheckConfig"]
    assert shown["Inverted"]
    assert shown["InsufficientDataHealthStatus"] == "Unhealthy"
    assert shown["AlarmIdentifier"] == {"Region": "us-east-1", "Name": "other"}


def test_an_update_at_an_old_version_is_refused_and_changes_nothing(route53: Any, check: str) -> None:
    route53.update_health_check(HealthCheckId=check, Disabled=True)
    with pytest.raises(ClientError) as caught:
        route53.update_health_check(HealthCheckId=check, HealthCheckVersion=1, Inverted=True)
    assert code(caught) == ("HealthCheckVersionMismatch", 409)
    shown = route53.get_health_check(HealthCheckId=check)["HealthCheck"]
    assert (shown["HealthCheckVersion"], shown["HealthCheckConfig"]["Inverted"]) == (2, False)


def test_a_record_that_is_said_not_to_be_multivalue_is_a_simple_one(route53: Any, zone: str) -> None:
    change(route53, zone, ("CREATE", simple(MultiValueAnswer=False)))
    with pytest.raises(ClientError) as caught:
        change(route53, zone, ("CREATE", simple("many.example.org", MultiValueAnswer=True)))
    assert code(caught) == ("InvalidChangeBatch", 400)


def test_a_failover_pair_stands_as_it_was_written(route53: Any, zone: str, check: str) -> None:
    change(route53, zone, ("CREATE", cname("PRIMARY", check)), ("CREATE", cname("SECONDARY", check)))
    shown = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    pair = [r for r in shown if r["Type"] == "CNAME"]
    wanted = [cname("PRIMARY", check), cname("SECONDARY", check)]
    assert pair == [{**r, "Name": "front.example.org."} for r in wanted]


REFUSED: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "a second primary": [("CREATE", cname("PRIMARY", "?", SetIdentifier="another"))],
    "a primary that nobody checks": [
        ("DELETE", cname("PRIMARY", "?")),
        ("CREATE", {k: v for k, v in cname("PRIMARY", "?").items() if k != "HealthCheckId"}),
    ],
    "a simple record beside a failover pair": [
        ("CREATE", simple("front.example.org", "away.example.net", Type="CNAME")),
    ],
    "another type beside a CNAME": [("CREATE", simple("front.example.org"))],
    "a record that is there": [("CREATE", simple())],
    "the deletion of what is not there": [("DELETE", simple("absent.example.org"))],
    "the deletion of other values": [("DELETE", simple(value="192.0.2.8"))],
    "a name of another zone": [("CREATE", simple("front.example.com"))],
    "a name that merely ends alike": [("CREATE", simple("counterexample.org"))],
    "a set identifier without a policy": [("CREATE", simple("set.example.org", SetIdentifier="lonely"))],
}
MALFORMED: dict[str, tuple[str, dict[str, Any]]] = {
    "no time to live": ("CREATE", {k: v for k, v in simple("ttl.example.org").items() if k != "TTL"}),
    "no values": ("UPSERT", {k: v for k, v in simple("ttl.example.org").items() if k != "ResourceRecords"}),
    "a deletion by name alone": ("DELETE", {"Name": "www.example.org", "Type": "A"}),
    "an action that nobody knows": ("REPLACE", simple()),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_batch_that_breaks_a_rule_changes_nothing(route53: Any, zone: str, check: str, what: str) -> None:
    change(
        route53,
        zone,
        ("CREATE", cname("PRIMARY", check)),
        ("CREATE", cname("SECONDARY", check)),
        ("CREATE", simple()),
    )
    before = names(route53, zone)
    broken = [
        (action, {**r, "HealthCheckId": check} if "HealthCheckId" in r else dict(r)) for action, r in REFUSED[what]
    ]
    with pytest.raises(ClientError) as caught:
        change(route53, zone, ("CREATE", simple("good.example.org")), *broken)
    assert code(caught) == ("InvalidChangeBatch", 400)
    assert names(route53, zone) == before


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_change_is_invalid_input_and_changes_nothing(route53: Any, zone: str, what: str) -> None:
    change(route53, zone, ("CREATE", simple()))
    before = names(route53, zone)
    with pytest.raises(ClientError) as caught:
        change(route53, zone, ("CREATE", simple("good.example.org")), MALFORMED[what])
    assert code(caught) == ("InvalidInput", 400)
    assert names(route53, zone) == before


def test_a_record_set_may_not_name_an_unknown_health_check(route53: Any, zone: str) -> None:
    with pytest.raises(ClientError) as caught:
        change(route53, zone, ("CREATE", cname("PRIMARY", "00000000-0000-4000-8000-000000000000")))
    assert code(caught) == ("NoSuchHealthCheck", 404)


def test_upsert_replaces_and_delete_removes_just_that_record_set(route53: Any, zone: str, check: str) -> None:
    other = cname("PRIMARY", check, Name="other.example.org")
    change(route53, zone, ("CREATE", cname("PRIMARY", check)), ("CREATE", cname("SECONDARY", check)), ("CREATE", other))
    change(route53, zone, ("UPSERT", cname("SECONDARY", check, TTL=10)))
    change(route53, zone, ("DELETE", cname("PRIMARY", check)))
    assert names(route53, zone) == [("front.example.org.", "secondary"), ("other.example.org.", "primary")]


def test_checks_of_other_types_stay_as_moto_has_them(route53: Any) -> None:
    config = {"Type": "TCP", "IPAddress": "192.0.2.44", "Port": 443, "RequestInterval": 10, "FailureThreshold": 2}
    made = route53.create_health_check(CallerReference="tcp", HealthCheckConfig=config)["HealthCheck"]
    shown = route53.get_health_check(HealthCheckId=made["Id"])["HealthCheck"]["HealthCheckConfig"]
    assert {key: shown[key] for key in config} == config
