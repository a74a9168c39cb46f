"""Steps skipped on request: what waits, what has failed, and what runs, whose call in flight has to settle first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import error
from engine_world import Wish, created, plan_of

from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.errors import Rejected
from orchestrator.model.states import StepState

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan


def put(key: str, *needs: str) -> dict[str, Any]:
    return {"action": "kv.set", "needs": list(needs), "with": {"key": key, "value": 1}, "deadline": "5m"}


def skip(after_s: float, step: str = "a") -> Wish:
    return Wish(after_s, Verb.SKIP, step, reason="done by hand")


def slow(world: World, *more: str) -> Plan:
    """Every call takes twenty seconds: `a` writes from 20 to 40, and `b` needs it."""
    world.cloud.latency_s = 20
    return plan_of({"a": put("a"), "b": put("b", "a"), **{key: put(key) for key in more}})


def test_a_skip_satisfies_and_makes_an_exception_with_name_and_reason(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    plan = plan_of({"a": put("a"), "b": put("b", "a")})
    world.execute(plan)
    record = world.resume(plan, first=skip(0))
    assert (record.state, record.steps["a"].reason) == ("recovered-with-exceptions", "skipped by ada: done by hand")
    assert record.steps["b"].state == "done"


def test_a_step_that_waits_may_be_skipped_beforehand(world: World) -> None:
    record = world.execute(plan_of({"a": put("a"), "b": put("b", "a"), "c": put("c", "b")}), skip(0.2, "b"))
    assert [step.state for step in record.steps.values()] == ["done", "skipped", "done"]


def test_a_running_step_that_is_skipped_settles_its_write_before_the_run_ends(world: World) -> None:
    world.cloud.latency_s = 20
    record = world.execute(plan_of({"a": put("a")}), skip(30))
    assert (record.state, record.steps["a"].state) == ("recovered-with-exceptions", "skipped")
    assert (world.cloud.writes["a", "1"], world.returned_s) == (1, 40.0)


def test_what_needs_a_running_step_that_is_skipped_waits_until_its_write_has_settled(world: World) -> None:
    record = world.execute(slow(world), skip(30))
    assert world.at_s(ev.RequestAccepted) == [30.0]
    assert world.at_s(ev.StepSkipped, step="a") == [40.0]
    assert world.at_s(ev.StepStarted, step="b") == [40.0]
    assert (world.cloud.writes["a", "1"], record.state) == (1, "recovered-with-exceptions")


def test_a_second_skip_of_a_running_step_is_refused_while_the_first_waits_for_its_write(world: World) -> None:
    world.execute(slow(world), skip(30), skip(35))
    assert world.rules == ["", "a is being skipped already"]
    assert world.at_s(ev.StepSkipped, step="a") == [40.0]


@pytest.mark.parametrize("moment_s", [0.0, 30.0], ids=["before it is asked", "while it is asked"])
def test_nobody_passes_a_question_by_skipping_it(world: World, moment_s: float) -> None:
    steps = {"b": put("b"), "ask": {"action": "kv.ask", "needs": ["b"], "deadline": "5m"}, "c": put("c", "ask")}
    record = world.execute(plan_of(steps), skip(moment_s, "ask"), Wish(40, Verb.APPROVE, "ask"))
    assert world.rules == ["ask is a question: answer it, or break the glass (approve --break-glass)", ""]
    assert (record.state, record.steps["ask"].state) == ("recovered", "done")


def test_a_pause_meanwhile_stands_and_the_next_runner_goes_on_from_the_skip(world: World) -> None:
    plan = slow(world)
    record = world.execute(plan, skip(25), Wish(30, Verb.PAUSE))
    assert (record.state, record.steps["a"].state, record.steps["b"].state) == ("paused", "skipped", "waiting")
    assert world.returned_s == 40.0
    assert world.resume(plan).steps["b"].state == "done"


def test_a_skip_leaves_a_run_paused_that_somebody_paused(world: World) -> None:
    record = world.execute(slow(world, "c"), Wish(25, Verb.PAUSE), skip(30))
    assert (record.state, record.steps["a"].state, world.rules) == ("paused", "skipped", ["", ""])
    assert world.at_s(ev.ExecutionMoved, state="running") == [0.0]


def test_an_abort_meanwhile_wins(world: World) -> None:
    record = world.execute(slow(world), skip(25), Wish(30, Verb.ABORT))
    assert (record.state, record.steps["a"].state) == ("aborted", "cancelled")
    assert (world.told(ev.StepSkipped), world.returned_s) == ([], 40.0)


def test_a_skip_that_was_granted_outlives_a_runner_that_dies_before_the_write_settled(world: World) -> None:
    plan = slow(world)
    world.cut(plan, 35, skip(30))
    assert world.told(ev.StepSkipped) == []
    record = world.resume(plan)
    assert (record.steps["a"].state, record.steps["a"].attempts) == ("skipped", 1)
    assert record.state == "recovered-with-exceptions"
    assert world.cloud.asked.count("read a") == 1


def test_a_step_found_running_may_be_skipped_before_the_next_runner_takes_it_up(world: World) -> None:
    plan = slow(world)
    world.cut(plan, 30)
    record = world.resume(plan, first=skip(0))
    assert (record.state, record.steps["a"].state) == ("recovered-with-exceptions", "skipped")
    assert world.cloud.asked.count("read a") == 1


@pytest.mark.parametrize("kind", [ev.StepStarted, ev.StepBefore])
def test_a_skip_asked_for_by_a_listener_in_the_middle_of_a_commit_is_carried_out_too(
    world: World, kind: type[Any]
) -> None:
    plan = plan_of({"a": put("a"), "b": put("b", "a")})
    runner = world.runner(plan)

    def interrupt(event: ev.Event) -> None:
        if isinstance(event.payload, kind) and event.payload.step == "a":
            world.rules.append(runner.request(world._request(skip(0), "at once")))

    runner.listen(interrupt)
    record = world.go_on(runner, opening=created(plan))
    assert (world.rules, record.steps["a"].state, record.steps["b"].state) == ([""], StepState.SKIPPED, "done")
    assert world.cloud.asked.count("write a") == 0
