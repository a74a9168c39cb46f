"""Whole runs: what starts when, what a failure does, what people may ask, and who may append."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import error
from engine_world import EXECUTION, Watched, Wish, World, as_json, created, plan_of

from drills.simulator.clock import PowerCut
from orchestrator.journal.replay import Replay
from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.errors import (
    HeldElsewhere,
    NotSimulated,
    Rejected,
    Throttled,
    UndeclaredOperation,
)
from orchestrator.model.states import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from engine_world import Steps


def put(key: str, *needs: str, **more: Any) -> dict[str, Any]:
    return {"action": "kv.set", "needs": list(needs), "with": {"key": key, "value": 1}, **more}


def ask(*needs: str, **more: Any) -> dict[str, Any]:
    return {"action": "kv.ask", "needs": list(needs), "deadline": "5m", **more}


# --- order -----------------------------------------------------------------------------------------------------------


def test_a_step_starts_the_moment_its_own_needs_are_met_without_levels(world: World) -> None:
    world.cloud.readings["slow"] = deque([*["pending"] * 20, "holds"])
    slow = {"action": "kv.probe", "with": {"key": "slow"}, "deadline": "5m"}
    world.execute(plan_of({"a": put("a"), "slow": slow, "b": put("b", "a"), "c": put("c", "b")}))
    assert [world.at_s(ev.StepStarted, step=key) for key in "abc"] == [[0.0], [1.5], [3.0]]


def test_no_more_run_at_once_than_there_are_slots(world: World) -> None:
    world.execute(plan_of({f"s{n}": put(f"k{n}") for n in range(4)}), slots=2)
    assert world.at_s(ev.StepStarted) == [0.0, 0.0, 1.5, 1.5]


def test_no_more_items_of_a_step_run_at_once_than_it_says(world: World) -> None:
    world.execute(plan_of({"each": put("${item}", for_each=["x", "y", "z"], at_once=2)}))
    assert world.at_s(ev.StepStarted) == [0.0, 0.0, 1.5]


def test_a_link_of_a_chain_costs_one_commit(world: World) -> None:
    watched = Watched(world.stored)
    world.wrap = lambda _: watched
    world.cloud.values |= {f"k{n}": 1 for n in range(10)}
    world.execute(plan_of({f"s{n}": put(f"k{n}", *([f"s{n - 1}"] if n else [])) for n in range(10)}))
    assert len(watched.batches) == 12  # the creation, the first start, and a link each
    assert [event.type for event in watched.batches[6]] == ["step.before", "step.settled", "step.started"]


def test_only_in_its_mode_is_a_step_done(world: World) -> None:
    steps = {"a": put("a", only="unplanned"), "b": put("b", "a"), "c": put("c", only="planned")}
    record = world.execute(plan_of(steps))
    assert [step.state for step in record.steps.values()] == ["skipped", "done", "done"]
    assert record.steps["a"].reason == "only unplanned; the run is planned: not done"
    assert record.state == "recovered"


def test_when_is_asked_as_the_step_starts_and_skipping_satisfies(world: World) -> None:
    world.cloud.values["a"] = 1
    steps = {
        "a": put("a"),
        "b": put("b", "a", when="${steps.a.state == 'done'}"),
        "c": put("c", "b", when="${steps.a.state == 'already-so'}"),
    }
    record = world.execute(plan_of(steps))
    assert [step.state for step in record.steps.values()] == ["already-so", "skipped", "done"]
    assert record.steps["b"].reason == "when ${steps.a.state == 'done'} is false"
    assert "read b" not in world.cloud.asked
    assert record.state == "recovered"


def test_expressions_see_the_mode_as_it_is_now(world: World) -> None:
    steps = {
        "ask": ask(),
        "plain": put("a", "ask", when="${execution.mode == 'unplanned'}"),
        "with-results": put("b", "ask", when="${execution.mode == 'unplanned' && steps.ask.state == 'done'}"),
    }
    record = world.execute(plan_of(steps), Wish(10, Verb.SWITCH_MODE), Wish(20, Verb.APPROVE, "ask"))
    assert states(record) == ["done", "done", "done"]


def test_a_step_with_nothing_to_do_is_skipped_and_satisfies(world: World) -> None:
    record = world.execute(plan_of({"each": put("${item}", for_each=[]), "b": put("b", "each")}))
    assert (record.steps["each"].state, record.steps["b"].state) == ("skipped", "done")


# --- failures --------------------------------------------------------------------------------------------------------


def failing(world: World, **more: Any) -> Replay:
    """`a` is refused at 1.0 s, `b` takes longer, `c` needs `a` and `d` needs `b`."""
    world.cloud.fail("write a", error(Rejected, "refused"))
    world.cloud.fail("read b", error(Throttled))
    steps = {"a": put("a", **more), "b": put("b"), "c": put("c", "a"), "d": put("d", "b")}
    return world.execute(plan_of(steps))


def states(record: Replay) -> list[str]:
    return [step.state.value for step in record.steps.values()]


def test_pause_lets_what_runs_settle_and_starts_nothing_new(world: World) -> None:
    record = failing(world)
    assert (record.state, states(record)) == ("paused", ["failed", "done", "waiting", "waiting"])


def test_continue_gives_up_only_what_depends_on_it(world: World) -> None:
    record = failing(world, on_failure="continue")
    assert (record.state, states(record)) == ("failed", ["failed", "done", "cancelled", "done"])
    assert record.reason == "nothing shows recovery, and a is failed"
    assert record.steps["c"].reason == "needs a, which failed"


def test_stop_lets_what_runs_settle_and_ends_the_run(world: World) -> None:
    record = failing(world, on_failure="stop")
    assert (record.state, states(record)) == ("failed", ["failed", "done", "cancelled", "cancelled"])
    assert record.reason == "step a failed: refused"


def test_a_failure_that_is_not_critical_is_an_exception_and_no_obstacle(world: World) -> None:
    record = failing(world, critical=False)
    assert (record.state, states(record)) == ("recovered-with-exceptions", ["failed", "done", "done", "done"])
    assert record.reason == "a failed"


@pytest.mark.parametrize("why", [NotSimulated("connect", "Dial"), UndeclaredOperation("connect", "Dial", "us-east-1")])
def test_what_nothing_can_be_concluded_from_ends_the_run_with_every_step_settled(world: World, why: Exception) -> None:
    world.cloud.fail("write a", why)
    plan = plan_of({"a": put("a"), "b": put("b"), "ask": ask(), "c": put("c", "a")})
    with pytest.raises(type(why)):
        world.execute(plan)
    record = Replay.of(world.events())
    world.hold_to_the_laws(record)
    assert (record.state, record.reason) == ("failed", str(why))
    assert [step.state for step in record.steps.values()] == ["cancelled"] * 4
    assert world.cloud.writes["b", "1"] == 1  # it was under way, and settled


def test_a_mistake_in_an_action_fails_its_step_and_nothing_else(world: World) -> None:
    world.cloud.fail("write a", ZeroDivisionError("a mistake"))
    plan = plan_of({"a": put("a"), "b": put("b")})
    record = world.execute(plan)
    assert (record.state, states(record)) == ("paused", ["failed", "done"])
    assert record.steps["a"].reason == "fault in kv.set: ZeroDivisionError: a mistake"
    assert world.resume(plan, first=Wish(0, Verb.RETRY, "a")).state == "recovered"


# --- requests --------------------------------------------------------------------------------------------------------


def test_a_retry_takes_the_failed_step_up_again_and_the_run_goes_on(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    plan = plan_of({"a": put("a"), "b": put("b", "a")})
    world.execute(plan)
    record = world.resume(plan, first=Wish(0, Verb.RETRY, "a"))
    assert (record.state, record.steps["a"].state, record.steps["a"].attempts) == ("recovered", "done", 2)
    assert (record.steps["a"].reason, record.steps["a"].error) == ("", "")
    assert [each.state for each in world.told(ev.ExecutionMoved)] == [
        "running",
        "paused",
        "running",
        "verifying",
        "recovered",
    ]


def test_a_retry_while_others_still_run_needs_no_new_runner(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    world.cloud.readings["slow"] = deque([*["pending"] * 5, "holds"])
    slow = {"action": "kv.probe", "with": {"key": "slow"}}
    record = world.execute(plan_of({"a": put("a"), "slow": slow}), Wish(10, Verb.RETRY, "a"))
    assert (record.state, world.rules) == ("recovered", [""])


def test_a_retried_step_shows_no_end_until_it_ends_again(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    plan = plan_of({"a": put("a")})
    assert world.execute(plan).steps["a"].json()["ended_at"] == "2026-11-22T03:00:01.000Z"
    world.cloud.latency_s = 100
    runner = world.runner(plan)
    runner.load()
    runner.first(world._request(Wish(0, Verb.RETRY, "a"), "first"))
    with pytest.raises(PowerCut):
        world.go_on(runner, dies_after_s=50)
    step = Replay.of(world.events()).steps["a"].json()
    assert (step["state"], step["ended_at"], step["reason"]) == ("running", None, "")


def test_an_abort_cancels_everything_lets_the_write_settle_and_ends(world: World) -> None:
    world.cloud.latency_s = 20
    plan = plan_of({"a": put("a"), "ask": ask(), "b": put("b", "a")})
    record = world.execute(plan, Wish(30, Verb.ABORT, reason="enough"))
    assert (record.state, record.reason) == ("aborted", "aborted by ada: enough")
    assert states(record) == ["cancelled"] * 3
    assert (world.cloud.writes["a", "1"], world.returned_s) == (1, 40.0)


def test_an_abort_while_verifying_leaves_no_condition_open(world: World) -> None:
    proof = {"proof": {"action": "kv.probe", "with": {"key": "p", "equals": 1}, "deadline": "5m"}}
    record = world.execute(plan_of({"a": put("a")}, proof), Wish(60, Verb.ABORT))
    assert (record.state, record.verification["recovered_when.proof"].state) == ("aborted", "cancelled")


def test_a_pause_lets_what_runs_settle_and_a_resume_goes_on(world: World) -> None:
    plan = plan_of({"a": put("a"), "b": put("b", "a")})
    assert states(world.execute(plan, Wish(0.7, Verb.PAUSE))) == ["done", "waiting"]
    assert world.resume(plan, first=Wish(0, Verb.RESUME)).state == "recovered"


def test_a_note_is_recorded_and_changes_nothing(world: World) -> None:
    record = world.execute(plan_of({"a": put("a")}), Wish(0.7, Verb.NOTE, reason="the storm is over"))
    assert [(each.verb, each.reason) for each in world.told(ev.RequestAccepted)] == [("note", "the storm is over")]
    assert record.state == "recovered"


REFUSALS = [
    (Wish(10, Verb.RETRY, "nobody"), "no step nobody"),
    (Wish(10, Verb.RETRY, "a"), "a is done, not failed"),
    (Wish(10, Verb.SKIP, "a"), "a is done already"),
    (Wish(10, Verb.SKIP, "b", reason=""), "a skip needs a reason"),
    (Wish(10, Verb.APPROVE, "a"), "no gate is open at a"),
    (Wish(10, Verb.APPROVE, ""), "no gate is open at that step"),
    (Wish(10, Verb.APPROVE, "ask", "eve"), "only ada, bea may answer"),
    (Wish(10, Verb.REJECT, "ask", "eve"), "only ada, bea may answer"),
]


@pytest.mark.parametrize(("wish", "rule"), REFUSALS)
def test_a_request_that_cannot_be_carried_out_is_refused_by_its_rule(world: World, wish: Wish, rule: str) -> None:
    plan = plan_of({"a": put("a"), "ask": ask("a"), "b": put("b", "ask")})
    world.execute(plan, wish, Wish(20, Verb.APPROVE, "ask"))
    assert world.rules[0] == rule
    assert [each.rule for each in world.told(ev.RequestRefused)] == [rule]


def test_what_was_paused_already_and_what_was_switched_already_are_refused(world: World) -> None:
    switch, pause = Wish(1, Verb.SWITCH_MODE), Wish(2, Verb.PAUSE)
    world.execute(plan_of({"ask": ask()}), switch, switch, pause, pause, Wish(9, Verb.APPROVE, "ask"))
    again = "the run is unplanned already, and never goes back"
    assert world.rules == ["", again, "", "the execution is paused already, by ada", ""]


def test_a_person_may_pause_what_a_failure_has_paused_and_then_nobody_else_takes_it_up(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    plan = plan_of({"a": put("a"), "ask": ask()})
    wishes = (
        Wish(10, Verb.PAUSE),
        Wish(20, Verb.RETRY, "a", actor="bea"),
        Wish(30, Verb.RESUME),
        Wish(40, Verb.RETRY, "a"),
    )
    world.execute(plan, *wishes, Wish(50, Verb.APPROVE, "ask"))
    assert world.rules == ["", "the execution is paused by ada: resume it first", "", "", ""]


def test_two_requests_in_one_moment_are_judged_one_after_the_other(world: World) -> None:
    world.cloud.fail("write a", error(Rejected, "refused"))
    world.cloud.readings["slow"] = deque([*["pending"] * 5, "holds"])
    slow = {"action": "kv.probe", "with": {"key": "slow"}}
    retry = Wish(10, Verb.RETRY, "a")
    record = world.execute(plan_of({"a": put("a"), "slow": slow}), retry, retry)
    assert world.rules == ["", "a is running, not failed"]
    assert (record.state, world.cloud.writes["a", "1"]) == ("recovered", 1)


def test_after_the_end_every_request_is_refused_and_nothing_is_appended(world: World) -> None:
    runner = world.runner(plan_of({"a": put("a")}))
    world.go_on(runner, opening=created(plan_of({"a": put("a")})))
    before = len(world.events())
    assert runner.request(world._request(Wish(0, Verb.NOTE), "late")) != ""
    assert len(world.events()) == before


# --- who appends -----------------------------------------------------------------------------------------------------


def test_a_second_runner_on_the_same_execution_is_turned_away(world: World) -> None:
    plan = plan_of({"ask": ask()})
    world.cut(plan, 10)
    first, second = world.runner(plan), world.runner(plan)
    first.load()
    second.load()
    assert world.go_on(first, Wish(5, Verb.APPROVE, "ask")).state == "recovered"
    before = len(world.events())
    with pytest.raises(HeldElsewhere):
        world.go_on(second)
    assert len(world.events()) == before


def test_a_runner_that_was_overtaken_stops_before_it_writes(world: World) -> None:
    plan = plan_of({"ask": ask(), "a": put("a", "ask")})
    world.cut(plan, 10)
    late = world.runner(plan)
    late.load()
    assert world.resume(plan, Wish(5, Verb.REJECT, "ask")).state == "aborted"
    with pytest.raises(HeldElsewhere):
        world.go_on(late, Wish(5, Verb.APPROVE, "ask"))
    assert world.cloud.asked == []


def test_a_journal_that_fails_ends_the_run_before_the_write_it_was_to_record(world: World) -> None:
    def refuse(_: int, batch: Sequence[ev.Event]) -> None:
        if any(isinstance(event.payload, ev.StepIntended) for event in batch):
            raise OSError("disk full")

    world.wrap = lambda stored: Watched(stored, refuse)
    plan = plan_of({"a": put("a")})
    with pytest.raises(OSError, match="disk full"):
        world.execute(plan)
    assert world.cloud.writes.total() == 0
    world.wrap = None
    assert world.resume(plan).state == "recovered"


def test_listeners_hear_of_events_only_once_they_are_durable(world: World) -> None:
    plan = plan_of({"a": put("a")})
    runner, heard = world.runner(plan), list[int]()

    def listen(event: ev.Event) -> None:
        assert world.stored.head(EXECUTION)[0] >= event.seq
        heard.append(event.seq)

    runner.listen(listen)
    world.go_on(runner, opening=created(plan))
    assert heard == [event.seq for event in world.events()]


# --- the record ------------------------------------------------------------------------------------------------------

BUSY: Steps = {
    "a": put("a"),
    "ask": ask("a"),
    "mail": {"action": "kv.send", "needs": ["ask"], "with": {"to": "bob"}},
    "each": put("${item}", "ask", for_each=["x", "y", "z"], at_once=2),
    "late": {"action": "kv.set", "needs": ["mail"], "with": {"key": "l", "value": "${steps.mail.output.to}"}},
}


def a_busy_run(path: Path, seed: int) -> bytes:
    with World(path, seed=seed) as world:
        world.cloud.fail("write x", error(Throttled), error(Throttled))
        world.cloud.fail("read a", error(Throttled))
        assert world.execute(plan_of(BUSY), Wish(30, Verb.APPROVE, "ask")).state == "recovered"
        return b"".join(world.stored.lines(EXECUTION))


def test_equal_seeds_give_equal_bytes_and_another_seed_another_run(tmp_path: Path) -> None:
    first, again, other = (a_busy_run(tmp_path / f"{n}.db", seed) for n, seed in enumerate([7, 7, 8]))
    assert first == again
    assert first != other


def test_the_fold_of_every_prefix_of_the_journal_is_what_the_runner_held_then(world: World) -> None:
    plan = plan_of(BUSY)
    runner, seen = world.runner(plan), dict[int, Any]()
    runner.listen(lambda event: seen.update({event.seq: as_json(runner.record)}))
    world.go_on(runner, Wish(30, Verb.APPROVE, "ask"), opening=created(plan))
    events, compared = world.events(), 0
    for end in range(1, len(events) + 1):
        record = as_json(Replay.of(events[:end]))
        if seen[end - 1]["events"] == end:  # the last of its commit: the runner had folded no more than this
            compared += 1
            assert record == seen[end - 1]
    assert compared > 10


def test_status_says_what_the_design_promises(world: World) -> None:
    record = world.execute(plan_of({"a": put("a")}, mode=Mode.UNPLANNED))
    status = record.status()
    assert {
        key: status[key] for key in ("execution", "runbook", "mode", "state", "verdict", "clock", "duration_s")
    } == {
        "execution": EXECUTION,
        "runbook": "test-run",
        "mode": "unplanned",
        "state": "recovered",
        "verdict": None,
        "clock": "simulated",
        "duration_s": 1.5,
    }
    assert status["journal"] == {"events": len(world.events()), "head": world.events()[-1].hash}
    assert status["steps"]["a"]["after"] == 1
