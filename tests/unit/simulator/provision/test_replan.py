"""What running the program again would change, on declarations of a few lines and a service that answers one thing."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from drills.simulator import replan as planning
from drills.simulator.provision import Stack
from drills.simulator.provisioners.hosting import PROVIDER
from drills.simulator.provisioners.request import Built, Declared
from drills.simulator.replan import WHOLE, Change, replan
from orchestrator.model.errors import NotSimulated
from stacks.policies.owners import FLIPPED

QUEUE, TOPIC = "aws:connect/queue:Queue", "aws:sns/topic:Topic"
GROUP = "aws:chime/voiceConnectorGroup:VoiceConnectorGroup"
WEST = "us-west-2"


def declared(kind: str, called: str, **inputs: Any) -> Declared:
    own = f"urn:pulumi:t::t::{kind}::{called}"
    provider = "" if kind == PROVIDER else f"urn:pulumi:t::t::{PROVIDER}::aws::aws"
    return Declared(own, kind, called, True, inputs, "", provider, (), False, ())


AWS = declared(PROVIDER, "aws", region=WEST)
VIP = declared(QUEUE, "vip", name="vip", hoursOfOperationId="always", maxContacts=40)


def up(*graph: Declared) -> Stack:
    return Stack({}, (AWS, *graph), {each.urn: Built(f"instance:{each.name}") for each in graph})


def answering(**queue: Any) -> Any:
    """A client that has one queue, in the West."""

    def describe_queue(**asked: Any) -> Any:
        assert asked == {"InstanceId": "instance", "QueueId": "vip"}
        return {"Queue": {"HoursOfOperationId": "always", "MaxContacts": 40, **queue}}

    clients = {("connect", WEST): SimpleNamespace(describe_queue=describe_queue)}
    return lambda service, region: clients[service, region]


def test_what_is_as_declared_is_left_alone() -> None:
    assert replan(up(VIP), (AWS, VIP), answering()) == ()


def test_what_drifted_in_the_cloud_and_is_not_ignored_is_put_back() -> None:
    (change,) = replan(up(VIP), (AWS, VIP), answering(MaxContacts=32))
    assert change == Change(VIP.urn, "maxContacts", 40, 32)
    assert str(change) == "vip.maxContacts: 32 → 40"


def test_what_drifted_and_is_ignored_is_left_alone() -> None:
    heeding = replace(VIP, ignore_changes=("maxContacts",))
    assert replan(up(VIP), (AWS, heeding), answering(MaxContacts=32)) == ()


def test_what_the_program_says_anew_changes_also_where_nobody_reads_it() -> None:
    was, now = declared(TOPIC, "incident", displayName="Centre"), declared(TOPIC, "incident", displayName="Desk")
    assert replan(up(was), (AWS, now), answering()) == (Change(now.urn, "displayName", "Desk", "Centre"),)


def test_an_input_taken_away_is_a_change() -> None:
    was, now = declared(TOPIC, "incident", displayName="Centre"), declared(TOPIC, "incident")
    assert replan(up(was), (AWS, now), answering()) == (Change(now.urn, "displayName", None, "Centre"),)


def test_an_input_that_is_stated_to_be_absent_is_none() -> None:
    was, now = declared(TOPIC, "incident", more={"phone": None}), declared(TOPIC, "incident", more={})
    assert replan(up(was), (AWS, now), answering()) == ()


def test_tables_in_a_list_are_in_no_order() -> None:
    first, second = {"id": "east", "priority": 1}, {"id": "west", "priority": 2}
    was, now = declared(TOPIC, "t", routes=[first, second]), declared(TOPIC, "t", routes=[second, first])
    assert replan(up(was), (AWS, now), answering()) == ()
    swapped = declared(TOPIC, "t", routes=[{**first, "priority": 2}, {**second, "priority": 1}])
    assert [change.key for change in replan(up(was), (AWS, swapped), answering())] == ["routes"]


def test_a_voice_connector_group_is_read_by_its_connectors_and_their_priorities() -> None:
    asked: list[str] = []

    def get_voice_connector_group(**params: str) -> Any:
        asked.append(params["VoiceConnectorGroupId"])
        return {"VoiceConnectorGroup": {"VoiceConnectorItems": [{"VoiceConnectorId": "a", "Priority": 2}]}}

    voice = SimpleNamespace(get_voice_connector_group=get_voice_connector_group)
    group = declared(GROUP, "inbound", connectors=[{"voiceConnectorId": "a", "priority": 1}])
    (change,) = replan(up(group), (AWS, group), lambda *_: voice)
    assert (change.key, change.there) == ("connectors", [{"voiceConnectorId": "a", "priority": 2}])
    assert asked == ["instance:inbound"]


def test_what_is_declared_no_more_would_go_and_what_is_new_would_come() -> None:
    gone, new = declared(TOPIC, "old", name="a"), declared(TOPIC, "young", name="b")
    assert set(map(str, replan(up(gone), (AWS, new), answering()))) == {
        f"old.{WHOLE}: {{'name': 'a'}} → None",
        f"young.{WHOLE}: None → {{'name': 'b'}}",
    }


@pytest.mark.parametrize("kind", sorted(FLIPPED))
def test_what_runbooks_flip_and_nobody_reads_is_refused(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "READERS", {})
    flipped = declared(kind, "flipped")
    with pytest.raises(NotSimulated, match="reading"):
        replan(up(flipped), (AWS, flipped), answering())
