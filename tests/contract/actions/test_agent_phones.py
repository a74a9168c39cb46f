"""Phones of agents: numbers are sealed before anybody sees them, and given back all the same."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.connect.resources import Agent
from orchestrator.actions.catalogue import Catalogue
from orchestrator.model.errors import NotFound
from orchestrator.model.parameters import bind
from orchestrator.model.sealing import Passing

if TYPE_CHECKING:
    from action_world import Acting, ActionWorld

EAST, WEST = "us-east-1", "us-west-2"
NOBODY = "00000000-0000-4000-8000-000000000000"
DESK, MOBILE = "+120655501{:02}", "+120655511{:02}"


def _agent(world: ActionWorld, user: str) -> Agent:
    found = world.site(WEST).find(Agent, user)
    assert found is not None
    return found


def _number(world: ActionWorld, user: str) -> Any:
    return _agent(world, user).phone_config.get("DeskPhoneNumber")


@pytest.fixture
def users(world: ActionWorld) -> list[str]:
    """Three agents: one in the browser, two on desk phones; all but the first have a mobile number."""
    found = list(world.connect.agent_groups["vip"].user_ids)
    for place, user in enumerate(found):
        phone: dict[str, Any] = {"PhoneType": "SOFT_PHONE", "AfterContactWorkTimeLimit": 60}
        identity = {"FirstName": "A", "LastName": "B"}
        if place:
            phone |= {"PhoneType": "DESK_PHONE", "DeskPhoneNumber": DESK.format(place)}
            identity |= {"Mobile": MOBILE.format(place)}
        world.site(WEST).put(replace(_agent(world, user), phone_config=phone, identity=identity))
    world.wait(61)  # the longest lag of an edit on its way to the other Region
    return found


def _phones(world: ActionWorld, users: list[str], phone: str = "softphone") -> Acting:
    return world.acting("agents.phone_config", region=WEST, instance=world.instance, users=users, phone=phone)


def test_calls_ring_in_the_browser_and_nothing_else_of_the_agent_changes(world: ActionWorld, users: list[str]) -> None:
    done = _phones(world, users).carry_out()
    assert {part["user"] for part in done.parts} == set(users[1:])
    assert {phone["type"] for phone in done.after.values()} == {"SOFT_PHONE"}
    assert {_agent(world, user).phone_config["AfterContactWorkTimeLimit"] for user in users} == {60}


def test_no_value_that_anybody_gets_to_see_holds_a_number(world: ActionWorld, users: list[str]) -> None:
    for phone in ("softphone", "mobile"):
        acting = _phones(world, users, phone)
        before = acting.observe()
        target = acting.target(before)
        seen = json.dumps([before, target, acting.parts(before, target)])
        assert "+1206" not in seen
        assert before[users[1]]["number"] != before[users[2]]["number"]


def test_each_agent_gets_their_own_number_back(world: ActionWorld, users: list[str]) -> None:
    acting = _phones(world, users)
    done = acting.carry_out()
    assert [_number(world, user) for user in users] == [None, None, None]
    back = acting.give_back(done.before)
    assert back.after == done.before
    assert [_number(world, user) for user in users] == [None, DESK.format(1), DESK.format(2)]


def test_calls_reach_each_agent_on_the_mobile_number_that_connect_has(world: ActionWorld, users: list[str]) -> None:
    acting = _phones(world, users[1:], "mobile")
    done = acting.carry_out()
    assert [_number(world, user) for user in users[1:]] == [MOBILE.format(1), MOBILE.format(2)]
    assert _phones(world, users[1:], "mobile").carry_out().parts == ()
    acting.give_back(done.before)
    assert [_number(world, user) for user in users[1:]] == [DESK.format(1), DESK.format(2)]


def test_who_has_no_mobile_number_is_told_and_the_others_get_theirs(world: ActionWorld, users: list[str]) -> None:
    acting = _phones(world, users, "mobile")
    before = acting.observe()
    target = acting.target(before)
    told = []
    for part in acting.parts(before, target):
        try:
            acting.write(part)
        except NotFound as why:
            told.append(str(why))
    assert len(told) == 1
    assert users[0] in told[0]
    assert acting.settled(target, acting.observe())
    assert not acting.settled(acting.target(before), {users[0]: before[users[0]]})


def test_an_agent_who_no_longer_exists_is_found_missing_and_holds_up_nobody(
    world: ActionWorld, users: list[str]
) -> None:
    acting = _phones(world, [*users, NOBODY])
    before = acting.observe()
    assert before[NOBODY] is None
    target = acting.target(before)
    for part in acting.parts(before, target):
        if part["user"] == NOBODY:
            with pytest.raises(NotFound, match="ResourceNotFoundException"):
                acting.write(part)
        else:
            acting.write(part)
    assert acting.settled(target, acting.observe())


def test_the_dead_region_is_not_needed(world: ActionWorld, users: list[str]) -> None:
    outage = world.lost(EAST)
    _phones(world, users).carry_out()
    assert not outage.hits


def test_a_user_who_is_known_by_the_older_block_alone_is_read_from_it() -> None:
    kind: Any = Catalogue()["agents.phone_config"]
    old = {"Id": "u", "PhoneConfig": {"PhoneType": "DESK_PHONE", "DeskPhoneNumber": DESK.format(1)}}
    pages = SimpleNamespace(paginate=lambda **_: [{"Users": [old]}])
    client = SimpleNamespace(get_paginator=lambda _: pages)
    cloud: Any = SimpleNamespace(client=lambda *_: client, vault=Passing())
    params = bind(kind.Params, {"region": WEST, "instance": "i", "users": ["u"], "phone": "softphone"})
    assert kind(cloud).observe(params) == {"u": {"type": "DESK_PHONE", "number": {"sealed": "#1"}}}
