"""Desktops: waves of 25, failures inside a 200, what no waiting mends, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.workspaces.backend import backends
from orchestrator.model.actions import Reading
from orchestrator.model.errors import PartlyRefused, Rejected
from orchestrator.model.parameters import BadParameters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from action_world import Acting, ActionWorld

    from drills.simulator.aws.workspaces.desktop import Desktop

EAST, WEST = "us-east-1", "us-west-2"


@pytest.fixture
def desktops(world: ActionWorld) -> Iterator[dict[str, Desktop]]:
    """All desktops of the standby, stopped and in AutoStop mode."""
    found: dict[str, Desktop] = backends[world.cloud.account][WEST].workspaces
    for desktop in found.values():
        desktop.settled, desktop.turns = "STOPPED", []
        desktop.keep("AUTO_STOP", 60)
    world.wait(60)  # every bucket is full again
    yield dict(found)
    backends[world.cloud.account][WEST].workspaces = found


def _start(world: ActionWorld, ids: list[str]) -> Acting:
    return world.acting("desktops.start", region=WEST, desktops=ids)


def _mode(world: ActionWorld, ids: list[str], mode: str = "ALWAYS_ON") -> Acting:
    return world.acting("desktops.running_mode", region=WEST, desktops=ids, mode=mode)


def _in_state(desktops: dict[str, Desktop], one: str, state: str) -> None:
    desktops[one].settled, desktops[one].turns = state, []


def test_all_desktops_start_in_waves_of_twenty_five(world: ActionWorld, desktops: dict[str, Desktop]) -> None:
    ids, mark = list(desktops), world.mark
    assert ids == world.inventory.standby.desktops.ids
    done = _start(world, ids).carry_out()
    assert [len(part["desktops"]) for part in done.parts] == [25, 23]
    assert done.after == dict.fromkeys(ids, "AVAILABLE")
    assert sum(made.operation == "StartWorkspaces" for made in world.since(mark)) == 2
    assert done.waited_s <= 105


def test_those_that_run_already_are_left_alone(world: ActionWorld, desktops: dict[str, Desktop]) -> None:
    first, second, third = list(desktops)[:3]
    _in_state(desktops, first, "AVAILABLE")
    desktops[second].start()
    done = _start(world, [first, second, third]).carry_out()
    assert [part["desktops"] for part in done.parts] == [[third]]
    assert set(done.after.values()) == {"AVAILABLE"}


def test_a_refused_desktop_is_told_by_itself_and_the_others_of_its_wave_start(
    world: ActionWorld, desktops: dict[str, Desktop]
) -> None:
    good, kept = list(desktops)[:2]
    acting = _start(world, [good, kept])
    (part,) = acting.parts(acting.observe(), dict.fromkeys([good, kept], "AVAILABLE"))
    desktops[kept].keep("ALWAYS_ON", 0)  # somebody has switched it since the look
    with pytest.raises(PartlyRefused) as caught:
        acting.write(part)
    assert list(caught.value.members) == [kept]
    assert "ALWAYS_ON" in caught.value.members[kept]
    assert WEST in str(caught.value)
    world.wait(90)
    assert acting.observe() == {good: "AVAILABLE", kept: "STOPPED"}


def test_a_resume_starts_those_that_are_left(world: ActionWorld, desktops: dict[str, Desktop]) -> None:
    ids = list(desktops)[:30]
    dead = _start(world, ids)
    first, _ = dead.parts(dead.observe(), dict.fromkeys(ids, "AVAILABLE"))
    dead.write(first)
    done = _start(world, ids).carry_out()
    assert [sorted(part["desktops"]) for part in done.parts] == [sorted(set(ids) - set(first["desktops"]))]


def test_one_that_stops_again_while_the_others_are_awaited_is_asked_once_more(
    world: ActionWorld, desktops: dict[str, Desktop]
) -> None:
    one, other = list(desktops)[:2]
    _in_state(desktops, one, "STOPPING")
    desktops[one].turns = [(world.cloud.clock.now(), "STOPPED")]
    desktops[one].settled = "STOPPING"
    before = {one: "STOPPING", other: "STOPPED"}
    acting = _start(world, [one, other])
    parts = acting.parts(before, dict.fromkeys(before, "AVAILABLE"))
    assert [part["desktops"] for part in parts] == [[other]]
    assert acting.kind.rewrite_s == 60
    later = acting.parts(acting.observe(), dict.fromkeys(before, "AVAILABLE"))
    assert one in later[0]["desktops"]


@pytest.mark.parametrize("state", ["ERROR", "SUSPENDED", "gone"])
def test_what_cannot_be_started_is_named_once_all_the_others_are_there(
    world: ActionWorld, desktops: dict[str, Desktop], state: str
) -> None:
    ids = list(desktops)[:3]
    if state == "gone":
        backends[world.cloud.account][WEST].workspaces = {k: v for k, v in desktops.items() if k != ids[1]}
    else:
        _in_state(desktops, ids[1], state)
    acting = _start(world, ids)
    with pytest.raises(Rejected, match=ids[1]) as caught:
        acting.carry_out()
    assert state in str(caught.value)
    assert {one for one, now in acting.observe().items() if now == "AVAILABLE"} == {ids[0], ids[2]}


def test_what_was_stopped_before_is_stopped_again_and_what_ran_runs_on(
    world: ActionWorld, desktops: dict[str, Desktop]
) -> None:
    ran, stopped = list(desktops)[:2]
    _in_state(desktops, ran, "AVAILABLE")
    acting = _start(world, [ran, stopped])
    first = acting.carry_out()
    back = acting.give_back(first.before)
    assert back.after == first.before == {ran: "AVAILABLE", stopped: "STOPPED"}


def test_a_desktop_that_stopped_because_nobody_used_it_is_nobody_elses_value(
    world: ActionWorld, desktops: dict[str, Desktop]
) -> None:
    (one,) = list(desktops)[:1]
    acting = _start(world, [one])
    done = acting.carry_out()
    world.wait(7200)
    now = acting.observe()
    assert now == {one: "STOPPED"}
    assert not acting.settled(done.target, now)
    assert acting.action.still_ours(acting.params, done.target, now)


def test_the_dead_region_is_not_needed(world: ActionWorld, desktops: dict[str, Desktop]) -> None:
    outage = world.lost(EAST)
    _start(world, list(desktops)[:2]).carry_out()
    _mode(world, list(desktops)[:2]).carry_out()
    assert not outage.hits


def test_each_desktop_gets_the_mode_and_its_own_one_back(world: ActionWorld, desktops: dict[str, Desktop]) -> None:
    one, other, kept = list(desktops)[:3]
    desktops[other].keep("AUTO_STOP", 180)
    desktops[kept].keep("ALWAYS_ON", 0)
    acting = _mode(world, [one, other, kept])
    done = acting.carry_out()
    assert {part["desktop"] for part in done.parts} == {one, other}
    assert {each["mode"] for each in done.after.values()} == {"ALWAYS_ON"}
    back = acting.give_back(done.before).after
    assert back == done.before
    assert [back[each]["minutes"] for each in (one, other, kept)] == [60, 180, None]


def test_a_desktop_that_cannot_be_switched_now_is_told_and_switched_while_it_is_awaited(
    world: ActionWorld, desktops: dict[str, Desktop]
) -> None:
    (one,) = list(desktops)[:1]
    desktops[one].start()
    acting = _mode(world, [one])
    with pytest.raises(PartlyRefused, match="InvalidResourceStateException") as caught:
        acting.write({"desktop": one, "mode": "ALWAYS_ON", "minutes": None})
    assert list(caught.value.members) == [one]
    world.wait(90)
    assert acting.carry_out().after[one]["mode"] == "ALWAYS_ON"


def test_a_desktop_that_is_gone_is_named(world: ActionWorld, desktops: dict[str, Desktop]) -> None:
    one, gone = list(desktops)[:2]
    backends[world.cloud.account][WEST].workspaces = {k: v for k, v in desktops.items() if k != gone}
    acting = _mode(world, [one, gone])
    before = acting.observe()
    assert before[gone] is None
    parts = acting.parts(before, acting.target(before))
    assert [part["desktop"] for part in parts] == sorted([one, gone])
    for part in parts:
        if part["desktop"] == gone:
            with pytest.raises(PartlyRefused, match=gone):
                acting.write(part)
        else:
            acting.write(part)
    now = acting.observe()
    assert not acting.settled(acting.target(before), now)
    assert gone in str(acting.action.given_up(acting.params, now))


def test_an_auto_stop_time_in_half_hours_and_no_desktop_at_all_are_refused(world: ActionWorld) -> None:
    with pytest.raises(BadParameters, match="60"):
        world.acting(
            "desktops.running_mode", region=WEST, desktops=["ws-1"], mode="AUTO_STOP", auto_stop_minutes=90
        )  # fmt: skip
    for name in ("desktops.start", "desktops.available"):
        with pytest.raises(BadParameters, match="names no desktop"):
            world.acting(name, region=WEST, desktops=[], **({"percent_at_least": 1} if "available" in name else {}))


def test_enough_desktops_are_needed_and_those_that_are_lost_decide_at_once(
    world: ActionWorld, desktops: dict[str, Desktop]
) -> None:
    ids: list[str] = list(desktops)[:4]

    def reading(percent: int) -> Any:
        return world.acting("desktops.available", region=WEST, desktops=ids, percent_at_least=percent).probe()

    for one in ids[:3]:
        _in_state(desktops, one, "AVAILABLE")
    assert reading(75).reading is Reading.HOLDS
    assert reading(76).reading is Reading.PENDING
    assert "3 of 4" in reading(76).what
    _in_state(desktops, ids[3], "ERROR")
    assert reading(76).reading is Reading.FAILS
    assert reading(75).reading is Reading.HOLDS
