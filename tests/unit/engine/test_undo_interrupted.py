"""Undo of runs and by runners that were broken off: what may be ours, what is looked at anew, and the ways out."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import error
from engine_world import Wish, created, plan_of

from drills.simulator.clock import PowerCut
from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.errors import Rejected, ServiceTrouble

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan
    from orchestrator.journal.replay import Replay

UNDO = Wish(0, Verb.UNDO, reason="it serves again")
KEYS = ["a", "b", "c", "d"]
BEGUN = "the execution has been undone in part: undo the rest, or abort it"


def put(key: str, value: int, *needs: str, **more: Any) -> dict[str, Any]:
    return {"action": "kv.set", "needs": list(needs), "with": {"key": key, "value": value}, **more}


def each(**more: Any) -> dict[str, Any]:
    return {"action": "kv.each", "with": {"keys": KEYS, "value": "new"}, **more}


def serves(world: World) -> None:
    world.cloud.readings["us-east-1"] = deque(["holds"] * 20)


def found(world: World) -> dict[str, str]:
    """What a bulk setting finds."""
    world.cloud.values |= {key: f"old {key}" for key in KEYS}
    serves(world)
    return {key: f"old {key}" for key in KEYS}


def now(world: World) -> dict[str, Any]:
    return {key: world.cloud.now_at(key) for key in KEYS}


def rule(world: World) -> str:
    return str(world.told(ev.RequestRefused)[-1].rule)


def dies(world: World, plan: Plan, after_s: float) -> None:
    """An undo whose process dies."""
    runner = world.runner(plan)
    runner.load()
    runner.first(world._request(UNDO, "first"))
    with pytest.raises(PowerCut):
        world.go_on(runner, dies_after_s=after_s)


def undone(world: World, plan: Plan) -> Replay:
    record = world.resume(plan, first=UNDO)
    assert record.state == "undone", record.reason
    return record


# --- what this run may have left -------------------------------------------------------------------------------------


@pytest.mark.parametrize("after_s", [2.2, 2.7, 3.2, 3.7])
def test_a_bulk_that_was_aborted_in_the_middle_is_given_back_member_by_member(world: World, after_s: float) -> None:
    before, plan = found(world), plan_of({"bulk": each()})
    assert world.execute(plan, Wish(after_s, Verb.ABORT)).state == "aborted"
    assert now(world) != before
    undone(world, plan)
    assert now(world) == before


@pytest.mark.parametrize("after_s", [2.7, 3.2, 3.7])
def test_a_bulk_whose_runner_died_in_the_middle_is_given_back(world: World, after_s: float) -> None:
    before, plan = found(world), plan_of({"bulk": each()})
    world.cut(plan, after_s)
    assert world.resume(plan, first=Wish(0, Verb.ABORT)).state == "aborted"
    assert now(world) != before
    undone(world, plan)
    assert now(world) == before


def test_a_member_that_somebody_else_has_set_meanwhile_is_theirs(world: World) -> None:
    found(world)
    plan = plan_of({"bulk": each()})
    world.execute(plan, Wish(2.7, Verb.ABORT))
    world.cloud.values["d"] = "by hand"
    assert world.resume(plan, first=UNDO).state == "aborted"
    assert "somebody set it" in rule(world)


def test_once_a_value_was_seen_an_earlier_one_of_ours_is_no_longer_ours(world: World) -> None:
    world.cloud.values["a"] = 1
    serves(world)
    plan = plan_of({"a": put("a", 5), "again": put("a", 9, "a")})
    world.execute(plan)
    world.cloud.values["a"] = 5
    world.resume(plan, first=UNDO)
    assert rule(world) == "again: a/value is 5, not 9 as this run left it: somebody set it"


@pytest.mark.parametrize("left", [5, 9], ids=["it did not land", "it landed all the same"])
def test_a_second_write_that_failed_leaves_the_first_ours_and_the_second_too(world: World, left: int) -> None:
    world.cloud.values["a"] = 1
    serves(world)
    world.cloud.fail("write a", None, error(Rejected, "refused"), landed=left == 9)
    plan = plan_of({"a": put("a", 5), "again": put("a", 9, "a")})
    assert world.execute(plan).state == "paused"
    assert world.cloud.now_at("a") == left
    undone(world, plan)
    assert world.cloud.now_at("a") == 1


def test_an_undo_on_failure_takes_back_what_the_steps_before_had_written(world: World) -> None:
    world.cloud.values["a"] = 1
    serves(world)
    world.cloud.fail("write a", None, error(Rejected, "refused"))
    plan = plan_of({"a": put("a", 5), "again": put("a", 9, "a", on_failure="undo")})
    assert (world.execute(plan).state, world.cloud.now_at("a")) == ("undone", 1)


def test_a_guards_return_that_failed_is_no_foreign_value_to_the_next(world: World) -> None:
    world.cloud.values["a"] = 1
    serves(world)
    world.cloud.readings["guard"] = deque(["fails"])
    guard = {"action": "kv.probe", "with": {"key": "guard"}, "deadline": "1m"}
    steps = {"a": {"action": "kv.set", "for_each": [5, 9], "in_order": True, "guard": guard,
                   "with": {"key": "a", "value": "${item}"}}}  # fmt: skip
    plan = plan_of(steps)
    world.cloud.fail("write a", None, error(Rejected, "refused"), landed=True)
    record = world.execute(plan)
    assert record.state == "paused"
    assert "the return failed: refused" in record.reason
    undone(world, plan)
    assert world.cloud.now_at("a") == 1


# --- an undo that was broken off -------------------------------------------------------------------------------------


@pytest.mark.parametrize("after_s", [4.2, 5.2, 5.7, 6.2, 6.7, 7.2])
def test_an_undo_that_died_inside_a_bulk_is_finished_and_writes_no_member_twice(world: World, after_s: float) -> None:
    before, plan = found(world), plan_of({"bulk": each()})
    world.execute(plan)
    dies(world, plan, after_s)
    undone(world, plan)
    assert now(world) == before
    assert set(world.cloud.writes.values()) == {1}


def test_what_passes_is_tried_again_as_the_step_says(world: World) -> None:
    before, plan = found(world), plan_of({"bulk": each()})
    world.execute(plan)
    world.cloud.fail("write c", error(ServiceTrouble, "busy"), error(ServiceTrouble, "busy"))
    undone(world, plan)
    assert now(world) == before


def test_what_was_written_and_never_seen_is_written_again_once_somebody_asks_again(world: World) -> None:
    world.cloud.values["a"] = 1
    serves(world)
    plan = plan_of({"a": {"action": "kv.slow", "with": {"key": "a", "value": 9}}})
    world.execute(plan)
    world.cloud.settles_s = 10_000
    record = world.resume(plan, first=UNDO)
    assert (record.state, record.reason) == ("paused", "a/value was not seen back within 1m")
    world.cloud.settles_s = 0
    undone(world, plan)
    assert (world.cloud.now_at("a"), world.cloud.writes["a", "1"]) == (1, 2)


def test_an_undo_that_could_write_nothing_yet_is_no_run_to_go_on_with(world: World) -> None:
    world.cloud.values["a"] = 1
    serves(world)
    plan = plan_of({"a": put("a", 9)})
    world.execute(plan)
    world.cloud.fail("write a", error(Rejected, "not now"))
    assert world.resume(plan, first=UNDO).state == "paused"
    assert world.resume(plan, first=Wish(0, Verb.RESUME)).state == "paused"
    assert rule(world) == BEGUN
    assert world.resume(plan, first=Wish(0, Verb.ABORT)).state == "aborted"


def test_who_leaves_while_everything_is_looked_at_has_begun_nothing(world: World) -> None:
    found(world)
    plan = plan_of({"bulk": each()})
    world.execute(plan)
    runner = world.runner(plan)
    runner.load()
    runner.first(world._request(UNDO, "first"))
    world.cloud.on_call = lambda name: runner.leave("the terminal is gone") if name == "read b" else None
    assert world.go_on(runner).state == "recovered"
    assert rule(world) == "the terminal is gone"


def test_who_leaves_while_a_value_is_awaited_leaves_at_once_and_the_next_awaits_it(world: World) -> None:
    world.cloud.values["a"] = 1
    serves(world)
    plan = plan_of({"a": put("a", 9, deadline="1h")})
    world.execute(plan)
    world.cloud.settles_s = 100
    runner = world.runner(plan)
    runner.load()
    runner.first(world._request(UNDO, "first"))
    begun_s = world.clock.elapsed_s

    async def leaves() -> None:
        runner.leave("the terminal is gone")

    world.later.append((20, leaves))
    record = world.go_on(runner)
    assert (record.state, record.reason) == ("paused", "the terminal is gone")
    assert world.returned_s - begun_s <= 21
    undone(world, plan)
    assert (world.cloud.now_at("a"), world.cloud.writes["a", "1"]) == (1, 1)


def test_an_undo_that_was_left_and_may_not_go_on_pauses_and_can_be_aborted(world: World) -> None:
    world.cloud.values |= {"a": 1, "b": 2}
    serves(world)
    plan = plan_of({"a": put("a", 5), "b": put("b", 7, "a")})
    world.execute(plan)
    dies(world, plan, 3.2)
    world.cloud.values["a"] = 8
    record = world.resume(plan, first=UNDO)
    assert (record.state, "somebody set it" in record.reason) == ("paused", True)
    assert world.resume(plan, first=Wish(0, Verb.ABORT)).state == "aborted"


def test_an_undo_whose_runner_died_can_be_aborted_at_once(world: World) -> None:
    found(world)
    plan = plan_of({"bulk": each()})
    world.execute(plan)
    dies(world, plan, 5.7)
    assert world.resume(plan, first=Wish(0, Verb.ABORT, reason="leave it so")).state == "aborted"


# --- in the moment before a write ------------------------------------------------------------------------------------


def test_a_value_that_changes_while_others_are_given_back_is_theirs(world: World) -> None:
    world.cloud.values |= {"a": 1, "b": 2}
    serves(world)
    plan = plan_of({"a": put("a", 5), "b": put("b", 7, "a")})
    world.execute(plan)

    def by_hand(name: str) -> None:
        if name == "write b":
            world.cloud.values["a"] = 8

    world.cloud.on_call = by_hand
    record = world.resume(plan, first=UNDO)
    assert record.reason == "a/value was not returned: a: a/value is 8, not 5 as this run left it: somebody set it"
    assert (record.state, world.cloud.now_at("a"), world.cloud.now_at("b")) == ("paused", 8, 2)


def test_a_region_that_dies_while_others_are_given_back_gains_nobody(world: World) -> None:
    world.cloud.values |= {"a": 1, "b": 2}
    world.cloud.readings["us-east-1"] = deque(["holds", "holds", "unknown"])
    plan = plan_of({"a": put("a", 5), "b": put("b", 7, "a")})
    world.execute(plan)
    record = world.resume(plan, first=UNDO)
    assert record.reason.startswith("a/value was not returned: us-east-1 is not proven to serve (")
    assert (record.state, world.cloud.now_at("a"), world.cloud.now_at("b")) == ("paused", 5, 2)


def test_what_a_changed_inventory_calls_by_another_name_is_neither_returned_nor_written(world: World) -> None:
    world.cloud.values |= {"old": 1, "new": 1}
    serves(world)
    steps = {"a": {"action": "kv.set", "with": {"key": "${name}", "value": 9}},
             "ask": {"action": "kv.ask", "needs": ["a"], "deadline": "5m", "on_failure": "pause"}}  # fmt: skip
    plan, other = plan_of(steps, name="old"), plan_of(steps, name="new")
    world.execute(plan, Wish(10, Verb.PAUSE))
    record = world.resume(other, first=UNDO)
    assert rule(world) == "a is about new/value now, and wrote old/value: nothing is returned blindly"
    assert (record.state, world.cloud.values) == ("paused", {"old": 9, "new": 1})


def test_a_step_that_a_changed_inventory_points_elsewhere_fails_instead(world: World) -> None:
    world.cloud.values |= {"old": 1, "new": 1}
    world.cloud.settles_s = 30
    steps = {"a": {"action": "kv.set", "with": {"key": "${name}", "value": 9}}}
    world.cut(plan_of(steps, name="old"), 5)
    record = world.resume(plan_of(steps, name="new"))
    assert record.steps["a"].reason == "it is about new/value now, and was about old/value"
    assert (record.state, world.cloud.values["new"]) == ("paused", 1)


# --- what people see -------------------------------------------------------------------------------------------------


def test_after_an_undo_nobody_is_asked_anything_any_more(world: World) -> None:
    world.cloud.values["a"] = 1
    serves(world)
    ask = {"action": "kv.ask", "needs": ["a"], "deadline": "1h"}
    plan = plan_of({"a": put("a", 9), "ask": ask, "b": put("b", 1, "ask")})
    runner = world.runner(plan)

    async def leaves() -> None:
        runner.leave("the terminal is gone")

    world.later.append((10, leaves))
    assert list(world.go_on(runner, opening=created(plan)).open_gates) == ["ask"]
    record = undone(world, plan)
    assert record.open_gates == {}
    assert [step.state.value for step in record.steps.values()] == ["undone", "cancelled", "cancelled"]


def test_while_an_undo_looks_only_a_note_is_taken_down(world: World) -> None:
    found(world)
    plan = plan_of({"bulk": each()})
    world.execute(plan)
    runner = world.runner(plan)
    runner.load()
    runner.first(world._request(UNDO, "first"))
    asked = [Wish(0.6, Verb.NOTE), Wish(0.7, Verb.RESUME), Wish(0.8, Verb.PAUSE)]
    assert world.go_on(runner, *asked).state == "undone"
    assert world.rules == ["", *["the execution is being undone"] * 2]
