"""What takes up a run that rests, or whose runner has died: only a wish that was granted and means it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import error
from engine_world import Wish, created, plan_of

from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.errors import AccessDenied, OutcomeUnknown, Rejected

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan
    from orchestrator.journal.replay import Replay


def put(key: str, *needs: str, **more: Any) -> dict[str, Any]:
    return {"action": "kv.set", "needs": list(needs), "with": {"key": key, "value": 1}, **more}


def paused_by_failures(world: World) -> Plan:
    """`a` and `b` failed and wait for somebody; `c` needs both; `d` was done meanwhile."""
    for key in "ab":
        world.cloud.fail(f"write {key}", error(Rejected, "refused"))
    plan = plan_of({"a": put("a"), "b": put("b"), "c": put("c", "a", "b"), "d": put("d")})
    assert world.execute(plan).state == "paused"
    return plan


LEAVES = [
    (Wish(0, Verb.NOTE), ""),
    (Wish(0, Verb.SKIP, "c"), ""),
    (Wish(0, Verb.SKIP, "d"), "d is done already"),
    (Wish(0, Verb.SKIP, "a", reason=""), "a skip needs a reason"),
    (Wish(0, Verb.RETRY, "c"), "c is waiting, not failed"),
    (Wish(0, Verb.APPROVE, "a"), "no gate is open at a"),
    (Wish(0, Verb.SWITCH_MODE), ""),
]


@pytest.mark.parametrize(("wish", "rule"), LEAVES)
def test_a_pause_stands_whatever_is_asked_that_does_not_mend_it(world: World, wish: Wish, rule: str) -> None:
    plan = paused_by_failures(world)
    calls = len(world.cloud.asked)
    assert world.resume(plan, first=wish).state == "paused"
    assert [each.rule for each in world.told(ev.RequestRefused)] == ([rule] if rule else [])
    assert len(world.cloud.asked) == calls


@pytest.mark.parametrize("verb", [Verb.RETRY, Verb.SKIP])
def test_what_a_pause_was_made_for_lifts_it_and_the_other_failure_brings_it_back(world: World, verb: Verb) -> None:
    plan = paused_by_failures(world)
    for key, state in (("b", "paused"), ("a", "recovered" if verb is Verb.RETRY else "recovered-with-exceptions")):
        record = world.resume(plan, first=Wish(0, verb, key))
        assert record.state == state
    moves = [(each.state, each.reason) for each in world.told(ev.ExecutionMoved)]
    assert ("paused", "step a failed: refused") in moves[3:]


def test_a_pause_that_somebody_asked_for_is_lifted_by_a_resume_alone(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    plan = plan_of({"a": put("a"), "b": put("b", "a")})
    assert world.execute(plan, Wish(0.7, Verb.PAUSE)).state == "paused"
    assert world.resume(plan, first=Wish(0, Verb.RETRY, "a")).state == "paused"
    [refused] = world.told(ev.RequestRefused)
    assert refused.rule == "the execution is paused by ada: resume it first"
    assert world.resume(plan, first=Wish(0, Verb.SKIP, "a")).state == "paused"
    assert world.resume(plan, first=Wish(0, Verb.RESUME)).state == "recovered-with-exceptions"


@pytest.mark.parametrize("wish", [Wish(0, Verb.NOTE), Wish(0, Verb.RETRY, "b"), Wish(0, Verb.APPROVE, "a")])
def test_a_run_whose_runner_died_is_left_alone_by_a_note_and_by_what_is_refused(world: World, wish: Wish) -> None:
    world.cloud.latency_s = 20
    plan = plan_of({"a": put("a"), "b": put("b", "a")})
    world.cut(plan, 30)
    before, calls = len(world.events()), len(world.cloud.asked)
    assert world.resume(plan, first=wish).state == "running"
    assert (len(world.events()), len(world.cloud.asked)) == (before + 1, calls)


def test_an_abort_of_a_run_whose_runner_died_while_a_skip_was_on_its_way_settles_each_step_once(world: World) -> None:
    world.cloud.latency_s = 20
    plan = plan_of({"a": put("a"), "b": put("b", "a")})
    world.cut(plan, 35, Wish(30, Verb.SKIP, "a"))
    record = world.resume(plan, first=Wish(0, Verb.ABORT))
    assert (record.state, [step.state.value for step in record.steps.values()]) == ("aborted", ["cancelled"] * 2)


def test_an_abort_in_the_moment_in_which_a_step_ends_finds_it_done_and_nothing_follows_the_end(world: World) -> None:
    plan = plan_of({"a": put("a"), "b": put("b", "a")})
    record = world.execute(plan, Wish(1.5, Verb.ABORT))
    assert record.state == "aborted"
    assert world.events()[-1].payload == ev.ExecutionMoved("aborted", "aborted by ada: because")


def leaving(world: World, plan: Plan, after_s: float) -> Replay:
    """A run that is told to leave after so many seconds, as by Ctrl-C."""
    runner = world.runner(plan)

    def leave(_: ev.Event) -> None:
        asyncio.get_running_loop().call_later(after_s, runner.leave, "interrupted")

    leave_once = [leave]
    runner.listen(lambda event: leave_once.pop()(event) if leave_once else None)
    return world.go_on(runner, opening=created(plan))


def test_who_leaves_lets_the_call_in_flight_settle_and_pauses(world: World) -> None:
    world.cloud.latency_s = 20
    plan = plan_of({"a": put("a"), "b": put("b", "a")})
    record = leaving(world, plan, 30)
    assert (record.state, record.reason, world.returned_s) == ("paused", "interrupted", 40.0)
    assert record.steps["a"].state == "running"
    world.cloud.latency_s = 0.5
    record = world.resume(plan, first=Wish(0, Verb.RESUME))
    assert (record.state, world.cloud.writes["a", "1"]) == ("recovered", 1)


def test_who_leaves_waits_for_nobodys_answer_and_the_question_stays_open(world: World) -> None:
    plan = plan_of({"ask": {"action": "kv.ask", "deadline": "5m"}, "a": put("a", "ask")})
    record = leaving(world, plan, 30)
    assert (record.state, world.returned_s, list(record.open_gates)) == ("paused", 30.0, ["ask"])
    assert world.resume(plan, Wish(40, Verb.APPROVE, "ask")).state == "recovered"
    assert len(world.told(ev.GateOpened)) == 1


def test_who_leaves_while_recovery_is_being_shown_comes_back_to_that(world: World) -> None:
    proof = {"proof": {"action": "kv.probe", "with": {"key": "p", "equals": 1}, "deadline": "5m"}}
    plan = plan_of({"a": put("a")}, proof)
    assert leaving(world, plan, 30).state == "paused"
    world.cloud.values["p"] = 1
    assert world.resume(plan).state == "recovered"


def test_what_failed_and_stops_nobody_is_not_retried_while_another_failure_pauses(world: World) -> None:
    for key in "ab":
        world.cloud.fail(f"write {key}", error(Rejected, "refused"))
    plan = plan_of({"a": put("a", critical=False), "b": put("b")})
    world.execute(plan)
    record = world.resume(plan, first=Wish(0, Verb.RETRY, "a"))
    assert (record.state, record.steps["a"].state) == ("paused", "failed")
    [refused] = world.told(ev.RequestRefused)
    assert refused.rule == "the execution is paused (step b failed: refused): mend that first"


def test_an_effect_that_failed_is_passed_over_by_a_legal_move(world: World) -> None:
    world.cloud.fail("send bob", error(OutcomeUnknown))
    world.cloud.fail("confirm bob", error(AccessDenied, "not allowed"))
    plan = plan_of({"mail": {"action": "kv.send", "with": {"to": "bob"}}})
    assert world.execute(plan).state == "paused"
    record = world.resume(plan, first=Wish(0, Verb.SKIP, "mail"))
    assert (record.state, record.steps["mail"].state) == ("recovered-with-exceptions", "skipped")
    assert record.steps["mail"].reason == "skipped by ada: because (it may have been sent)"


# --- recovery is shown anew -------------------------------------------------------------------------------------------


PROOF = {
    "first": {"action": "kv.probe", "with": {"key": "one"}, "deadline": "1h"},
    "second": {"action": "kv.probe", "with": {"key": "two"}, "deadline": "1h"},
}


def half_shown(world: World) -> Plan:
    """Of two conditions the first holds, the second is waited for."""
    world.cloud.readings |= {"one": deque(["holds"]), "two": deque(["pending"])}
    return plan_of({"a": put("a")}, PROOF)


def ends_otherwise(world: World) -> None:
    world.cloud.readings |= {"one": deque(["fails"]), "two": deque(["holds"])}


def test_what_was_shown_before_a_pause_is_asked_again(world: World) -> None:
    plan = half_shown(world)
    runner = world.runner(plan)

    async def leaves() -> None:
        runner.leave("the terminal is gone")

    world.later.append((10, leaves))
    record = world.go_on(runner, opening=created(plan))
    assert (record.state, record.verification["recovered_when.first"].state) == ("paused", "done")
    ends_otherwise(world)
    record = world.resume(plan, first=Wish(0, Verb.RESUME))
    assert (record.state, record.verification["recovered_when.first"].state) == ("failed", "failed")


def test_what_was_shown_before_a_runner_died_is_asked_again(world: World) -> None:
    plan = half_shown(world)
    world.cut(plan, 10)
    ends_otherwise(world)
    assert world.resume(plan).state == "failed"


# --- a series keeps its order -----------------------------------------------------------------------------------------


def test_no_item_of_a_series_is_skipped_before_those_that_it_follows(world: World) -> None:
    series = {"action": "kv.set", "for_each": [1, 2, 3], "in_order": True, "hold": "10m",
              "with": {"key": "s", "value": "${item}"}}  # fmt: skip
    plan = plan_of({"s": series, "b": put("b", "s")})
    skips = [Wish(20 + number, Verb.SKIP, f"s[{item}]") for number, item in enumerate((2, 1, 0, 1, 2))]
    world.execute(plan, *skips)
    assert world.rules == [
        "s[2] follows s[1], which has not settled: skip or settle that first",
        "s[1] follows s[0], which has not settled: skip or settle that first",
        "s[0] is holding already",
        "s[1] follows s[0], which has not settled: skip or settle that first",
        "s[2] follows s[1], which has not settled: skip or settle that first",
    ]
    assert world.cloud.values["s"] == 3
