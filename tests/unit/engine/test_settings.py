"""A setting: look, write, look. Times are virtual: a call takes half a second, a look follows every five."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import error
from engine_world import EXECUTION, START, Wish, plan_of

from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.chance import SeededChance
from orchestrator.model.errors import (
    AccessDenied,
    Conflict,
    NotFound,
    OutcomeUnknown,
    Rejected,
    ServiceTrouble,
    Throttled,
)

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan


def one(**more: Any) -> Plan:
    return plan_of({"a": {"action": "kv.set", "with": {"key": "a", "value": 1}, **more}})


def kinds(world: World) -> list[str]:
    return [event.type for event in world.events() if event.type.startswith("step.")]


def test_a_setting_looks_records_what_was_writes_and_looks_again(world: World) -> None:
    world.cloud.values["a"] = 0
    record = world.execute(one())
    assert record.state == "recovered"
    assert world.cloud.asked == ["read a", "write a", "read a"]
    assert kinds(world) == ["step.started", "step.before", "step.intended", "step.written", "step.settled"]
    step = record.steps["a"]
    assert (step.state, step.before, step.after, step.target) == ("done", 0, 1, 1)


def test_what_is_so_already_is_not_written(world: World) -> None:
    world.cloud.values["a"] = 1
    record = world.execute(one())
    assert (record.state, record.steps["a"].state, record.steps["a"].before) == ("recovered", "already-so", 1)
    assert world.cloud.asked == ["read a"]
    assert world.told(ev.StepIntended) == []


def test_the_target_is_computed_from_the_value_just_observed(world: World) -> None:
    world.cloud.values["a"] = 40
    plan = plan_of({"a": {"action": "kv.raise", "with": {"key": "a", "by": 2}}})
    assert world.execute(plan).steps["a"].after == 42


def test_it_is_looked_at_until_the_write_is_observed(world: World) -> None:
    world.cloud.settles_s = 12
    record = world.execute(one())
    assert record.steps["a"].state == "done"
    assert [name for name in world.cloud.asked if name.startswith("write")] == ["write a"]
    # 0.5 look, 0.5 write, settled 12 s later; looks at 1.0, 6.5, 12.0 and 17.5.
    assert world.at_s(ev.StepSettled, step="a") == [18.0]


def test_the_intent_is_durable_before_the_write_begins(world: World) -> None:
    stored_at_write: list[list[str]] = []

    def look(call: str) -> None:
        if call.startswith(("write", "send")):
            stored_at_write.append([event.type for event in world.events()])

    world.cloud.on_call = look
    steps = {
        "a": {"action": "kv.set", "with": {"key": "a", "value": 1}},
        "mail": {"action": "kv.send", "needs": ["a"], "with": {"to": "bob"}},
    }
    assert world.execute(plan_of(steps)).state == "recovered"
    assert [types.count("step.intended") for types in stored_at_write] == [1, 2]


def test_a_throttled_call_is_tried_again_after_a_journalled_wait_that_was_kept(world: World) -> None:
    world.cloud.fail("write a", error(Throttled, "slow down"), error(Throttled, "slow down"))
    record = world.execute(one(retry={"attempts": 5, "wait": "2s", "max_wait": "30s"}))
    first, second = world.told(ev.StepAttemptFailed)
    assert (record.steps["a"].state, first.attempt, second.attempt, first.code) == ("done", 1, 2, "Throttled")
    assert 1.0 <= first.retry_in_s <= 2.0  # 2 s, jittered down by half at most
    assert 2.0 <= second.retry_in_s <= 4.0
    failed_at, failed_again_at = world.at_s(ev.StepAttemptFailed)
    assert failed_again_at - failed_at == pytest.approx(first.retry_in_s + 2 * world.cloud.latency_s, abs=0.002)
    assert world.cloud.writes["a", "1"] == 1


def test_waits_grow_to_their_limit_and_come_from_the_runs_own_chance(world: World) -> None:
    world.cloud.fail("write a", *[error(Throttled)] * 4)
    world.execute(one(retry={"attempts": 5, "wait": "2s", "max_wait": "5s"}))
    draws = SeededChance(world.seed).stream(f"{EXECUTION}/a/retry")
    expected = [round(base * (0.5 + draws.random() / 2), 3) for base in (2, 4, 5, 5)]
    assert [failed.retry_in_s for failed in world.told(ev.StepAttemptFailed)] == expected


def test_after_the_last_attempt_the_step_fails_with_the_error_and_the_run_pauses(world: World) -> None:
    world.cloud.fail("write a", *[error(Throttled, "slow down")] * 3)
    record = world.execute(one(retry={"attempts": 3, "wait": "1s", "max_wait": "1s"}))
    assert [failed.attempt for failed in world.told(ev.StepAttemptFailed)] == [1, 2, 3]
    assert world.told(ev.StepAttemptFailed)[-1].retry_in_s is None
    assert (record.state, record.steps["a"].state) == ("paused", "failed")
    assert (record.steps["a"].reason, record.reason) == ("slow down", "step a failed: slow down")


@pytest.mark.parametrize("kind", [AccessDenied, Rejected, NotFound])
def test_an_error_that_a_retry_cannot_help_ends_the_step_at_once(world: World, kind: Any) -> None:
    world.cloud.fail("write a", error(kind, "never"))
    record = world.execute(one())
    assert world.cloud.asked == ["read a", "write a"]
    assert [(each.attempt, each.retry_in_s) for each in world.told(ev.StepAttemptFailed)] == [(1, None)]
    assert (record.steps["a"].state, record.steps["a"].reason) == ("failed", "never")


@pytest.mark.parametrize("kind", [OutcomeUnknown, ServiceTrouble])
def test_a_write_that_landed_without_an_answer_is_found_by_looking_and_not_repeated(world: World, kind: Any) -> None:
    world.cloud.fail("write a", error(kind), landed=True)
    record = world.execute(one())
    assert world.cloud.writes["a", "1"] == 1
    assert (record.state, record.steps["a"].state) == ("recovered", "done")


def test_a_write_whose_answer_and_effect_were_both_lost_is_repeated(world: World) -> None:
    world.cloud.fail("write a", error(OutcomeUnknown))
    assert world.execute(one()).steps["a"].state == "done"
    assert world.cloud.asked == ["read a", "write a", "read a", "write a", "read a"]


def test_a_failed_look_is_retried_and_never_taken_for_a_value(world: World) -> None:
    world.cloud.values["a"] = 1
    world.cloud.fail("read a", error(Throttled))
    record = world.execute(one())
    assert (record.steps["a"].state, world.cloud.asked) == ("already-so", ["read a", "read a"])
    assert [each.value for each in world.told(ev.StepBefore)] == [1]


def test_the_first_value_before_stands_when_a_later_attempt_sees_another(world: World) -> None:
    world.cloud.values["a"] = 0
    world.cloud.fail("write a", error(Conflict))

    def somebody_else(call: str) -> None:
        if call == "write a":
            world.cloud.values.update(a=7)
            world.cloud.on_call = None

    world.cloud.on_call = somebody_else
    record = world.execute(one())
    assert [each.value for each in world.told(ev.StepBefore)] == [0, 7]
    assert (record.steps["a"].before, record.before_of) == (0, {"a/value": 0})


def test_a_deadline_covers_all_attempts_and_says_what_was_seen_last(world: World) -> None:
    world.cloud.settles_s = 1_000
    record = world.execute(one(deadline="20s"))
    assert world.at_s(ev.StepSettled, step="a") == [20.0]
    assert record.steps["a"].reason == "deadline of 20s passed: still None"


def test_a_deadline_that_passes_during_a_write_lets_the_write_settle_first(world: World) -> None:
    world.cloud.latency_s = 8
    record = world.execute(one(deadline="10s"))
    assert world.cloud.writes["a", "1"] == 1
    assert (world.at_s(ev.StepSettled, step="a"), record.steps["a"].state) == ([16.0], "failed")


def test_a_level_is_written_again_while_it_is_awaited(world: World) -> None:
    world.cloud.latency_s = 0
    until = iter([24.0, 14.0, 4.0])  # whenever it is written, it settles 24 s after the start

    def settle_at_24(call: str) -> None:
        if call == "write a":
            world.cloud.settles_s = next(until)

    world.cloud.on_call = settle_at_24
    record = world.execute(plan_of({"a": {"action": "kv.level", "with": {"key": "a", "value": 1}}}))
    assert record.steps["a"].state == "done"
    assert [at for at, call in world.cloud.at if call == "write a"] == [0.0, 10.0, 20.0]


BULK = {"a": {"action": "kv.fill", "with": {"keys": ["x", "y", "z"], "value": "on"}}}


def test_a_bulk_setting_writes_only_the_members_that_differ(world: World) -> None:
    world.cloud.values |= {"x": "off", "y": "on", "z": "off"}
    record = world.execute(plan_of(BULK))
    assert [name for name in world.cloud.asked if "write" in name] == ["write x", "write z"]
    assert [(each.part, each.parts) for each in world.told(ev.StepWritten)] == [(1, 2), (2, 2)]
    assert record.steps["a"].after == {"x": "on", "y": "on", "z": "on"}


def test_a_member_that_is_gone_is_named_and_does_not_stop_the_others(world: World) -> None:
    world.cloud.values |= {"x": "off", "z": "off"}
    world.cloud.gone.add("y")
    record = world.execute(plan_of(BULK))
    assert (record.steps["a"].state, record.steps["a"].reason) == ("failed", "y is gone")
    assert {key: world.cloud.values[key] for key in "xz"} == {"x": "on", "z": "on"}
    [failed] = world.told(ev.StepAttemptFailed)
    assert (failed.part, failed.code, failed.retry_in_s) == ("y", "NotFound", None)
    assert [each.part for each in world.told(ev.StepWritten)] == [1, 3]  # nothing was written for the one that is gone


def test_a_bulk_interrupted_by_throttling_goes_on_with_the_members_left(world: World) -> None:
    world.cloud.values |= {"x": "off", "y": "off", "z": "off"}
    world.cloud.fail("write y", error(Throttled))
    assert world.execute(plan_of(BULK)).steps["a"].state == "done"
    assert [name for name in world.cloud.asked if "write" in name] == ["write x", "write y", "write y", "write z"]


@pytest.mark.parametrize("lands_first", [True, False])
def test_a_resume_in_the_middle_of_a_bulk_writes_nobody_twice(world: World, lands_first: bool) -> None:  # noqa: FBT001
    world.cloud.values |= {"x": "off", "y": "off", "z": "off"}
    world.cloud.lands_first = lands_first
    plan = plan_of(BULK)
    world.cut(plan, 2.2)  # three looks, then the write of y is under way
    assert world.cloud.asked[-1] == "write y"
    assert world.resume(plan).state == "recovered"
    assert {key: count for (key, _), count in world.cloud.writes.items()} == {"x": 1, "y": 1, "z": 1}


def test_a_resume_after_the_write_finds_it_and_calls_it_done_not_already_so(world: World) -> None:
    plan = one()
    world.cut(plan, 1.2)  # written, the look under way
    record = world.resume(plan)
    assert (record.steps["a"].state, record.steps["a"].attempts, world.cloud.writes["a", "1"]) == ("done", 2, 1)
    assert (record.steps["a"].before, record.before_of) == (None, {"a/value": None})


def test_a_resume_while_the_change_is_under_way_awaits_it(world: World) -> None:
    world.cloud.settles_s = 30
    plan = one()
    world.cut(plan, 2.0)
    assert world.resume(plan).steps["a"].state == "done"
    assert world.cloud.writes["a", "1"] == 1


def test_a_value_that_json_cannot_carry_fails_the_run_before_anything_is_written(world: World) -> None:
    world.cloud.values["a"] = float("nan")
    with pytest.raises(Exception, match="cannot be journalled"):
        world.execute(one())
    assert world.cloud.writes.total() == 0


def test_parameters_that_fit_only_the_plan_fail_the_step_not_the_runner(world: World) -> None:
    steps = {
        "first": {"action": "kv.set", "with": {"key": "a", "value": 5}},
        "second": {"action": "kv.set", "needs": ["first"], "with": {"key": "${steps.first.after}", "value": 1}},
    }
    record = world.execute(plan_of(steps))
    assert (record.state, record.steps["second"].reason) == ("paused", "key: is 5, must be text")


def test_the_clock_began_where_the_tests_think(world: World) -> None:
    world.execute(one())
    assert world.events()[0].at == "2026-11-22T03:00:00.000Z"
    assert world.clock.start == START


def test_a_look_that_fails_while_a_change_settles_is_taken_again_and_nothing_is_written_twice(world: World) -> None:
    world.cloud.settles_s = 8
    world.cloud.fail("read a", None, error(Throttled), error(ServiceTrouble))
    record = world.execute(one(retry={"attempts": 1}))
    assert (record.state, record.steps["a"].state) == ("recovered", "done")
    assert world.cloud.asked.count("write a") == 1


def test_a_look_that_fails_for_good_while_a_change_settles_ends_the_step(world: World) -> None:
    world.cloud.settles_s = 8
    world.cloud.fail("read a", None, error(AccessDenied, "no more"))
    record = world.execute(one())
    assert (record.steps["a"].state, record.steps["a"].reason) == ("failed", "no more")


def test_a_runner_that_finds_all_of_its_own_write_awaits_it_and_a_retry_by_hand_writes_anew(world: World) -> None:
    level = plan_of({"a": {"action": "kv.slow", "with": {"key": "a", "value": 1}}})
    world.cloud.settles_s = 300
    world.cut(level, 10)
    world.cloud.settles_s = 0
    record = world.resume(level)
    assert (record.state, record.steps["a"].state, world.cloud.asked.count("write a")) == ("paused", "failed", 1)
    assert world.resume(level, first=Wish(0, Verb.RETRY, "a")).state == "recovered"
    assert world.cloud.asked.count("write a") == 2
