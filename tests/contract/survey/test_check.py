"""`inventory check` on the simulated cloud: alike as built, one difference for each thing changed behind its back."""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.connect.resources import Agent, Flow, Queue
from orchestrator.model.errors import NotSimulated
from orchestrator.wiring import surveying

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drills.simulator.aws.connect.resources import Resource

EAST, WEST = "us-east-1", "us-west-2"
NOBODYS = "11111111-2222-4333-8444-555555555555"
SPARE = "arn:aws:lambda:us-west-2:111122223333:function:spare"


@contextmanager
def edited(town: Any, region: str, kind: type[Resource], name: str, **changes: Any) -> Iterator[None]:
    """A record as somebody has changed it in one Region, before it is mirrored; put back afterwards."""
    site = town.site(region)
    before = site.named(kind, name)
    site._records[kind][before.id] = dataclasses.replace(before, **changes)
    try:
        yield
    finally:
        site._records[kind][before.id] = before


def told(town: Any) -> list[tuple[str, Any, Any]]:
    found = town.checked()
    assert found.unread == ()
    return [(one.what, one.snapshot, one.observed) for one in found.differences]


def test_what_the_stacks_built_is_as_they_exported_it(town: Any) -> None:
    found = town.checked()
    assert (found.differences, found.unread) == ((), ())
    assert found.asked > 30


def test_every_difference_has_a_remedy(town: Any) -> None:
    with edited(town, WEST, Queue, "vip", max_contacts=32):
        assert all(one.remedy for one in town.checked().differences)


def test_only_reads_are_sent(town: Any) -> None:
    before = len(town.cloud.network.log)
    town.checked()
    assert town.cloud.network.log[before:]
    assert not [record for record in town.cloud.network.log[before:] if record.write]


def test_a_queue_limit_changed_in_one_region_differs_there_only(town: Any) -> None:
    with edited(town, WEST, Queue, "vip", max_contacts=32):
        assert told(town) == [("standby.connect.queues.vip.max_contacts", 40, 32)]


@pytest.mark.parametrize(
    ("kind", "name", "changes", "what"),
    [
        (Queue, "general", {"hours_id": "others"}, "standby.connect.queues.general.hours_id"),
        (Queue, "general", {"status": "DISABLED"}, "standby.connect.queues.general.status"),
        (Flow, "main", {"status": "SAVED"}, "standby.connect.flows.main.status"),
        (Agent, "vip.001", {"routing_profile_id": "nobodys"}, "standby.connect.agent_groups.vip.on_other_profiles"),
    ],
)
def test_one_changed_value_of_the_contact_centre_is_one_difference(
    town: Any, kind: type[Resource], name: str, changes: dict[str, Any], what: str
) -> None:
    with edited(town, WEST, kind, name, **changes):
        assert [one for one, *_ in told(town)] == [what]


@pytest.mark.parametrize(
    ("part", "changes", "whats"),
    [
        ("standby", {"connect": {"hours": {"always": "h-gone"}}}, ["standby.connect.hours.always"]),
        (
            "primary", {"connect": {"routing_profiles": {"vip-normal": "p-gone"}}},
            ["primary.connect.routing_profiles.vip-normal"],
        ),
        ("primary", {"connect": {"security_profiles": {"ours": "gone"}}}, ["primary.connect.security_profiles.ours"]),
        ("standby", {"connect": {"flows": {"spare": NOBODYS}}}, ["standby.connect.flows.spare"]),
        ("standby", {"flags_table": "elsewhere"}, ["standby.flags_table"]),
        ("standby", {"topics": {"spare": "arn:aws:sns:us-west-2:111122223333:spare"}}, ["standby.topics.spare"]),
        ("standby", {"lambdas": {"spare": SPARE}}, ["standby.lambdas.spare"]),
        ("primary", {"desktops": {"ids": ["ws-gone"]}}, ["primary.desktops.missing", "primary.desktops.unexpected"]),
        ("standby", {"evidence_bucket": "no-such-bucket"}, ["standby.evidence_bucket"]),
        ("primary", {"front_door_target": "other.example"}, ["global.records.desk.contact.example.primary.values"]),
        ("global", {"records": {"desk.contact.example": {"ttl": 61}}}, ["global.records.desk.contact.example.ttl"]),
        ("global", {"health_checks": {"standby": NOBODYS}},
         ["global.health_checks.standby", "global.records.desk.contact.example.standby.health_check"]),
        ("global", {"run_table": "elsewhere"}, ["global.run_table"]),
        ("global", {"run_table_regions": [WEST, EAST, "eu-west-2"]}, ["global.run_table.replicas.eu-west-2"]),
    ],
)  # fmt: skip
def test_one_value_of_the_snapshot_that_is_not_so_is_named(
    town: Any, part: str, changes: dict[str, Any], whats: list[str]
) -> None:
    assert [one for one, *_ in told(town.saying(**{part: changes}))] == whats


def test_a_number_without_a_flow_in_one_region_is_told(town: Any) -> None:
    site, number = town.site(WEST), town.inventory.standby.connect.numbers[0]
    kept = dict(site.number_flows)
    site.number_flows.clear()
    try:
        assert (f"standby.connect.numbers.{number.purpose}.{number.id}.flow", "attached", None) in told(town)
    finally:
        site.number_flows.update(kept)


def test_a_lost_region_is_said_and_the_others_answers_stand(town: Any) -> None:
    town.cloud.lose(EAST, town.cloud.clock.now())
    with edited(town, WEST, Queue, "vip", max_contacts=32):
        found = town.checked()
    assert [one.what for one in found.differences] == ["standby.connect.queues.vip.max_contacts"]
    assert {one.region for one in found.unread} == {EAST}
    assert all(one.lost for one in found.unread)
    # Route 53's control plane lives there, too.
    assert {"primary.connect.instance", "global.records"} <= {one.what for one in found.unread}


def test_what_is_not_simulated_is_unread_and_never_alike(town: Any) -> None:
    elsewhere = town.saying(standby={"telephony": {"sip_rule_id": "rule-1"}})
    [unread] = elsewhere.checked().unread
    assert (unread.what, unread.lost) == ("standby.telephony.sip_rule_id", False)
    assert str(NotSimulated("chime-sdk-voice", "GetSipRule")) in unread.why


def test_voice_connectors_and_their_group_are_looked_up_from_both_sides(town: Any) -> None:
    chime = town.cloud.door.client("chime-sdk-voice", WEST)
    with town.cloud.building():
        made = chime.create_voice_connector(Name="east", AwsRegion=EAST, RequireEncryption=True)["VoiceConnector"]
        group = chime.create_voice_connector_group(Name="main")["VoiceConnectorGroup"]["VoiceConnectorGroupId"]
    known = {"group_id": group, "voice_connector_id": made["VoiceConnectorId"]}
    nobodys = {"group_id": group, "voice_connector_id": "a" * 22}
    found = town.saying(primary={"telephony": known}, standby={"telephony": nobodys}).checked()
    assert not found.unread
    assert [one.what for one in found.differences] == ["standby.telephony.voice_connector_id"]


def test_a_side_without_an_instance_is_a_difference_and_no_crash(town: Any) -> None:
    gone = town.saying(standby={"connect": {"instance_id": NOBODYS}})
    whats = {one.what for one in gone.checked().differences}
    assert {"standby.connect.instance", "standby.connect.queues.vip"} <= whats


def test_instances_of_their_own_are_not_asked_for_a_replication(town: Any) -> None:
    apart = town.saying(continuity="independent-instances")
    assert told(apart) == []
    # The very same cloud, asked by a snapshot that says replicated, tells of the replication.
    assert "replication" in town.checked_look("standby.connect.instance").expected["standby.connect.instance"]
    assert "replication" not in apart.checked_look("standby.connect.instance").expected["standby.connect.instance"]


def test_what_is_asked_declares_reads_only(town: Any) -> None:
    calls = {call for look in surveying.questions(town.inventory) for call in look.calls}
    assert len(calls) > 20
    assert not [call for call in calls if call.write]
