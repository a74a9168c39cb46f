"""A run that stops: nobody's answer could change anything any more, so no open gate is waited for; writes settle."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import error
from engine_world import Watched, Wish, plan_of

from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.errors import Rejected

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan


def put(key: str, *needs: str, **more: Any) -> dict[str, Any]:
    return {"action": "kv.set", "needs": list(needs), "with": {"key": key, "value": 1}, **more}


def ask(deadline: str = "1h") -> dict[str, Any]:
    return {"action": "kv.ask", "deadline": deadline}


def stopping(world: World) -> Plan:
    """`a` is refused after 1 s and stops the run; `ask` is open for an hour."""
    world.cloud.fail("write a", error(Rejected, "refused"))
    return plan_of({"a": put("a", on_failure="stop"), "ask": ask(), "then": put("t", "ask")})


def test_a_failure_that_stops_ends_the_run_at_once_with_its_open_gate_cancelled(world: World) -> None:
    record = world.execute(stopping(world))
    assert (record.state, record.reason, world.returned_s) == ("failed", "step a failed: refused", 1.0)
    assert [step.state for step in record.steps.values()] == ["failed", "cancelled", "cancelled"]
    assert record.steps["ask"].reason == "step a failed: refused"
    assert record.open_gates == {}


def test_what_else_runs_settles_before_a_run_that_stops_ends(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    plan = plan_of({"a": put("a", on_failure="stop"), "ask": ask(), "b": put("b")})
    record = world.execute(plan)
    assert world.at_s(ev.StepSettled, step="ask", state="cancelled") == [1.0]
    assert (record.steps["b"].state, world.cloud.writes["b", "1"]) == ("done", 1)
    assert (record.state, world.returned_s) == ("failed", 1.5)


def test_while_others_settle_a_cancelled_gate_takes_no_answer(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    plan = plan_of({"a": put("a", on_failure="stop"), "ask": ask(), "b": put("b")})
    world.execute(plan, Wish(1.2, Verb.APPROVE, "ask"))
    assert world.rules == ["no gate is open at ask"]


def test_while_others_settle_the_time_of_a_cancelled_gate_runs_no_more(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    world.cloud.readings["slow"] = deque([*["pending"] * 5, "holds"])
    slow = {"action": "kv.probe", "with": {"key": "slow"}}
    record = world.execute(plan_of({"a": put("a", on_failure="stop"), "ask": ask("5s"), "slow": slow}))
    assert (record.state, record.steps["ask"].state, world.returned_s) == ("failed", "cancelled", 28.0)
    assert world.told(ev.GateAnswered) == []


@pytest.mark.parametrize(
    ("wishes", "ended_s", "why"),
    [
        ([Wish(10, Verb.REJECT, "ask", reason="not today")], 10.0, "rejected by ada: not today"),
        ([], 60.0, "nobody answered within 1m; on_silence: stop"),
    ],
)
def test_a_gate_that_says_no_waits_for_no_other_gate(
    world: World, wishes: list[Wish], ended_s: float, why: str
) -> None:
    plan = plan_of({"ask": ask("1m"), "also": ask(), "then": put("t", "ask", "also")})
    record = world.execute(plan, *wishes)
    assert (record.state, record.reason, world.returned_s) == ("aborted", f"step ask failed: {why}", ended_s)
    assert [step.state for step in record.steps.values()] == ["failed", "cancelled", "cancelled"]


def test_the_gate_is_cancelled_in_the_commit_that_records_the_failure(world: World) -> None:
    watched = Watched(world.stored)
    world.wrap = lambda _: watched
    world.execute(stopping(world))
    [last] = [batch for batch in watched.batches if any(event.payload == _failed() for event in batch)]
    assert [event.type for event in last][-4:] == ["step.settled"] * 3 + ["execution.state"]


def _failed() -> ev.StepSettled:
    return ev.StepSettled("a", "failed", reason="refused")


def test_a_run_that_died_while_stopping_waits_for_no_gate_either(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    world.cloud.latency_s = 20
    plan = plan_of({"a": put("a", on_failure="stop"), "ask": ask(), "b": put("b")})
    world.cut(plan, 50)
    record = world.resume(plan)
    assert (record.state, record.steps["ask"].state) == ("failed", "cancelled")
    assert len(world.told(ev.GateOpened)) == 1


def test_a_failure_that_pauses_leaves_its_gates_open(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    plan = plan_of({"a": put("a"), "ask": ask("5m")})
    record = world.execute(plan, Wish(30, Verb.APPROVE, "ask"))
    assert (record.state, record.steps["ask"].state) == ("paused", "done")


@pytest.mark.parametrize("verb", [Verb.RETRY, Verb.SKIP])
@pytest.mark.parametrize("step", ["a", "b"])
def test_a_run_that_is_stopping_takes_nothing_up_again(world: World, verb: Verb, step: str) -> None:
    for key in "ab":
        world.cloud.fail(f"write {key}", error(Rejected, "refused"))
    world.cloud.readings["slow"] = deque([*["pending"] * 5, "holds"])
    slow = {"action": "kv.probe", "with": {"key": "slow"}}
    steps = {"a": put("a", on_failure="stop"), "b": put("b"), "ask": ask(), "slow": slow, "then": put("t", "ask", "a")}
    record = world.execute(plan_of(steps), Wish(10, verb, step))
    assert world.rules == ["the execution is stopping, for a failed"]
    assert (record.state, record.steps["then"].state) == ("failed", "cancelled")


@pytest.mark.parametrize("verb", [Verb.RETRY, Verb.SKIP])
def test_a_failure_because_of_which_others_were_given_up_is_not_taken_up_again(world: World, verb: Verb) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    steps = {"a": put("a", on_failure="continue"), "b": put("b", "a"), "ask": ask("1m")}
    world.execute(plan_of(steps), Wish(10, verb, "a"), Wish(20, Verb.APPROVE, "ask"))
    assert world.rules == ["b was given up because a failed", ""]
