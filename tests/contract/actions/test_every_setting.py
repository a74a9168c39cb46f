"""Look, write, look: what holds for every setting in the catalogue, each carried out on the same simulated cloud.

`connect.replicate_instance` needs an instance without a replica: see test_prepare_standby.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from action_world import Reached

from drills.simulator.aws.connect.resources import Agent
from orchestrator.actions.catalogue import Catalogue
from orchestrator.model.actions import Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from action_world import ActionWorld

    Given = Callable[[ActionWorld], dict[str, Any]]

EAST, WEST = "us-east-1", "us-west-2"


def _new_flow(world: ActionWorld) -> str:
    with world.cloud.building():
        return str(
            world.cloud.door.client("connect", EAST).create_contact_flow(
                InstanceId=world.instance, Name="sorry", Type="CONTACT_FLOW", Content="{}", Status="SAVED"
            )["ContactFlowId"]
        )


def _new_group(world: ActionWorld) -> str:
    made = world.acting("connect.traffic_group", region=EAST, instance=world.instance, name="for-agents")
    return str(made.carry_out().after["arn"])


def _on_desk_phones(world: ActionWorld) -> list[str]:
    users = world.connect.agent_groups["vip"].user_ids
    for number, user in enumerate(users):
        found = world.site(WEST).find(Agent, user)
        assert found is not None
        desk = {"PhoneType": "DESK_PHONE", "DeskPhoneNumber": f"+120655501{number:02}"}
        world.site(WEST).put(replace(found, phone_config={**found.phone_config, **desk}))
    return users


def _in_an_incident(world: ActionWorld) -> dict[str, Any]:
    group = world.connect.agent_groups["vip"].model_dump()
    world.acting("agents.incident_routing", region=WEST, instance=world.instance, group=group).carry_out()
    return group


def _connectors(world: ActionWorld) -> dict[str, Any]:
    """A Voice Connector in each Region, and a group that sends calls to the east's first."""
    chime = world.cloud.door.client("chime-sdk-voice", WEST)
    with world.cloud.building():
        made = [
            chime.create_voice_connector(Name="trunk", AwsRegion=each, RequireEncryption=True) for each in (EAST, WEST)
        ]
        east, west = (each["VoiceConnector"]["VoiceConnectorId"] for each in made)
        items = [{"VoiceConnectorId": east, "Priority": 1}, {"VoiceConnectorId": west, "Priority": 2}]
        group = chime.create_voice_connector_group(Name="main", VoiceConnectorItems=items)["VoiceConnectorGroup"]
    return {
        "group": group["VoiceConnectorGroupId"], "region": WEST, "connector": west, "away_from": EAST, "other": east,
    }  # fmt: skip


def _raised(world: ActionWorld) -> dict[str, Any]:
    """The standby's lever, up, so that the name answers with the standby's entry."""
    world.acting("dns.evacuate", **CASES["dns.evacuate"](world)).carry_out()
    return world.inventory.standby.evacuation_metric.model_dump()


CASES: Mapping[str, Given] = {
    "agents.phone_config": lambda world: {
        "region": WEST, "instance": world.instance, "users": _on_desk_phones(world), "phone": "softphone",
    },
    "desktops.running_mode": lambda world: {
        "region": WEST, "desktops": world.inventory.standby.desktops.ids[:2], "mode": "ALWAYS_ON",
    },
    "desktops.start": lambda world: {"region": WEST, "desktops": world.inventory.standby.desktops.ids[2:32]},
    "agents.incident_routing": lambda world: {
        "region": WEST,
        "instance": world.instance,
        "group": world.connect.agent_groups["general"].model_dump(),
    },
    "agents.normal_routing": lambda world: {
        "region": WEST,
        "instance": world.instance,
        "group": _in_an_incident(world),
    },
    "change.stack_config": lambda _: {"stack": "standby", "values": {"notice": "moved"}},
    "connect.number_flow": lambda world: {
        "region": EAST, "instance": world.instance, "number": world.connect.numbers[0].arn, "flow": _new_flow(world),
    },
    "connect.number_target": lambda world: {
        "region": EAST,
        "number": world.connect.numbers[1].id,
        "target": world.inventory.primary.connect.instance_arn,
    },
    "connect.queue_hours": lambda world: {
        "region": WEST,
        "instance": world.instance,
        "queue": world.connect.queues["vip"].id,
        "hours": world.connect.hours["incident"],
    },
    "connect.shift_signin": lambda world: {"group": world.default_group, "region": WEST, "others": False},
    "connect.shift_traffic": lambda world: {"group": world.group, "region": WEST, "percent": 50},
    "connect.traffic_group": lambda world: {"region": EAST, "instance": world.instance, "name": "second"},
    "connect.traffic_group_agents": lambda world: {
        "region": EAST,
        "instance": world.instance,
        "group": _new_group(world),
        "users": world.connect.agent_groups["vip"].user_ids,
    },
    "dns.change_records": lambda world: {
        "zone": world.inventory.global_.zone_id,
        "name": "help.contact.example",
        "type": "CNAME",
        "values": ["standby-entry.contact.example"],
    },
    "dns.evacuate": lambda world: {
        "name": world.inventory.global_.front_door_name,
        "target": world.inventory.standby.front_door_target,
        "region": WEST,
        "metric": world.inventory.standby.evacuation_metric.model_dump(),
        "away_from": EAST,
    },
    "dns.return": lambda world: {
        "name": world.inventory.global_.front_door_name,
        "target": world.inventory.primary.front_door_target,
        "region": WEST,
        "metric": _raised(world),
    },
    "ivr.flag": lambda world: {
        "region": WEST, "table": world.inventory.standby.flags_table, "flag": "emergency-greeting", "value": "on",
    },
    "telephony.group_priority": _connectors,
}  # fmt: skip
ON_RETURN = {"desktops.start": frozenset({("workspaces", "StopWorkspaces", WEST)})}
"""What only giving a value back calls: what was started is stopped."""
ONE_WAY = {"connect.traffic_group", "connect.traffic_group_agents", "connect.replicate_instance"}


@dataclass(frozen=True)
class Cycle:
    """A setting carried out, carried out again, and given back; with what each of it called and wrote."""

    calls: frozenset[tuple[str, str, str]]
    declared: frozenset[tuple[str, str, str]]
    first: Reached
    again: Reached
    wrote_first: int
    wrote_again: int
    given_back: Any
    settled_back: bool


@pytest.fixture(scope="module")
def kept() -> dict[str, Cycle]:
    return {}


@pytest.fixture
def cycle(world: ActionWorld, kept: dict[str, Cycle]) -> Callable[[str], Cycle]:
    """Goes through a setting's cycle once for all tests of this module."""

    def of(name: str) -> Cycle:
        if name not in kept:
            kept[name] = _cycle(world, name)
        return kept[name]

    return of


def _cycle(world: ActionWorld, name: str) -> Cycle:
    acting = world.acting(name, **CASES[name](world))
    mark, wrote = world.mark, len(world.landed())
    first = acting.carry_out()
    # A DNS query goes to no Region.
    calls = frozenset((made.service, made.operation, made.region) for made in world.since(mark))
    wrote_first, wrote = len(world.landed()) - wrote, len(world.landed())
    again = acting.carry_out()
    wrote_again = len(world.landed()) - wrote
    back = None if name in ONE_WAY else acting.give_back(first.before).after
    return Cycle(
        calls=calls,
        declared=frozenset(
            (call.service, call.operation, "" if call.service == "dns" else call.region)
            for call in acting.kind.calls(acting.params)
        ),
        first=first,
        again=again,
        wrote_first=wrote_first,
        wrote_again=wrote_again,
        given_back=back,
        settled_back=back is not None and acting.settled(first.before, back),
    )


SETTINGS = {name for name, kind in Catalogue().items() if issubclass(kind, Setting)}
by_name = pytest.mark.parametrize("name", sorted(CASES))


def test_no_setting_is_left_out() -> None:
    assert set(CASES) | {"connect.replicate_instance"} == SETTINGS


@by_name
def test_a_setting_reaches_its_target_by_writing_its_parts(name: str, cycle: Callable[[str], Cycle]) -> None:
    done = cycle(name)
    assert done.first.parts
    assert done.first.before != done.first.after
    # `change.stack_config` writes a file; a lever's level may be published again while it is awaited.
    if name == "change.stack_config":
        assert done.wrote_first == 0
    elif name in {"dns.evacuate", "dns.return"}:
        assert done.wrote_first >= 1
    else:
        assert done.wrote_first == len(done.first.parts)


@by_name
def test_a_setting_that_is_so_already_is_not_written_again(name: str, cycle: Callable[[str], Cycle]) -> None:
    done = cycle(name)
    assert done.again.before == done.first.after
    assert done.again.parts == ()
    assert done.wrote_again == 0


@by_name
def test_the_target_seen_from_the_target_is_what_is_there(name: str, cycle: Callable[[str], Cycle]) -> None:
    again = cycle(name).again
    # A group's target is a status; its ARNs are for AWS to choose.
    wanted = {key: again.before[key] for key in again.target} if name == "connect.traffic_group" else again.before
    assert again.target == wanted


@pytest.mark.parametrize("name", sorted(CASES.keys() - ONE_WAY))
def test_the_captured_value_can_be_written_back(name: str, cycle: Callable[[str], Cycle]) -> None:
    done = cycle(name)
    assert done.settled_back
    if name == "ivr.flag":
        # Its epoch never goes back: that is what fences off the older writer.
        assert done.given_back == {"value": done.first.before["value"], "epoch": done.first.after["epoch"] + 1}
    else:
        assert done.given_back == done.first.before


def test_exactly_the_one_way_doors_say_why_they_are(cycle: Callable[[str], Cycle]) -> None:
    assert {name for name in SETTINGS if Catalogue()[name].one_way} == ONE_WAY
    assert all(cycle(name).given_back is None for name in ONE_WAY & set(CASES))


@by_name
def test_a_setting_calls_all_that_it_declares_and_nothing_else(name: str, cycle: Callable[[str], Cycle]) -> None:
    done = cycle(name)
    # More than it calls would be more than the recovery role needs.
    assert done.calls == done.declared - ON_RETURN.get(name, frozenset())
