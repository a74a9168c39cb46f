"""A check: asked until it holds often enough in a row; unknown is its own answer."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import error
from engine_world import plan_of

from orchestrator.model import events as ev
from orchestrator.model.errors import AccessDenied, RegionUnreachable

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan


def one(action: str = "kv.probe", **more: Any) -> Plan:
    return plan_of({"a": {"action": action, "with": {"key": "a", "equals": 1}, **more}})


def ordered(world: World, *readings: str) -> None:
    world.cloud.readings["a"] = deque(readings)


def test_it_is_asked_again_until_it_holds(world: World) -> None:
    ordered(world, "pending", "pending", "holds")
    record = world.execute(one())
    assert (record.state, record.steps["a"].state, record.steps["a"].reason) == ("recovered", "done", "a holds")
    assert [at for at, _ in world.cloud.at] == [0.0, 5.5, 11.0]


def test_its_evidence_is_what_later_steps_read(world: World) -> None:
    world.cloud.values["a"] = 1
    steps = {
        "a": {"action": "kv.probe", "with": {"key": "a", "equals": 1}},
        "b": {"action": "kv.set", "needs": ["a"], "with": {"key": "b", "value": "${steps.a.output.value}"}},
    }
    record = world.execute(plan_of(steps))
    assert (record.steps["a"].output, record.steps["b"].after) == ({"value": 1}, 1)


def test_it_must_hold_so_many_times_in_a_row(world: World) -> None:
    ordered(world, "holds", "holds", "pending", "holds", "holds", "holds")
    assert world.execute(one("kv.steady")).steps["a"].state == "done"
    assert len(world.cloud.asked) == 6


@pytest.mark.parametrize(("looks", "asked"), [(1, 1), (2, 2), (3, 6)])
def test_how_often_in_a_row_may_depend_on_the_parameters(world: World, looks: int, asked: int) -> None:
    ordered(world, "holds", "holds", "unknown", "holds", "holds", "holds")
    plan = plan_of({"a": {"action": "kv.lasting", "with": {"key": "a", "looks": looks}}})
    step = world.execute(plan).steps["a"]
    assert (step.state, len(world.cloud.asked)) == ("done", asked)
    assert step.reason == ("a holds" if looks == 1 else f"a holds, at {looks} looks in a row")


def test_unknown_is_neither_yes_nor_not_yet_and_breaks_the_row(world: World) -> None:
    ordered(world, "holds", "holds", "unknown", "holds", "holds", "unknown", "unknown")
    record = world.execute(one("kv.steady", deadline="1m"))
    assert (record.state, record.steps["a"].state) == ("paused", "failed")
    assert record.steps["a"].reason == "deadline of 1m passed: unknown: a unknown"


def test_a_failed_read_is_unknown_and_asked_again(world: World) -> None:
    ordered(world, "holds")
    world.cloud.fail("probe a", error(RegionUnreachable, "no answer"), error(AccessDenied, "not allowed"))
    record = world.execute(one())
    assert record.steps["a"].state == "done"
    assert [(each.values["reading"], each.values["what"]) for each in world.told(ev.Sample)] == [
        ("unknown", "no answer"),
        ("unknown", "not allowed"),
        ("holds", "a holds"),
    ]


def test_what_fails_ends_at_once(world: World) -> None:
    ordered(world, "pending", "fails", "holds")
    record = world.execute(one())
    assert (record.steps["a"].state, record.steps["a"].reason) == ("failed", "a fails")
    assert len(world.cloud.asked) == 2


def test_only_changes_of_the_answer_are_recorded(world: World) -> None:
    ordered(world, "pending", "pending", "pending", "unknown", "unknown", "holds")
    world.execute(one())
    assert [each.values["reading"] for each in world.told(ev.Sample)] == ["pending", "unknown", "holds"]


def test_at_its_deadline_it_fails_with_the_last_answer(world: World) -> None:
    ordered(world, "pending")
    record = world.execute(one(deadline="30s"))
    assert world.at_s(ev.StepSettled, step="a") == [30.0]
    assert record.steps["a"].reason == "deadline of 30s passed: pending: a pending"


def test_recovered_when_is_probed_after_all_steps_and_decides(world: World) -> None:
    proof = {"proof": {"action": "kv.probe", "with": {"key": "a", "equals": 1}, "deadline": "1m"}}
    plan = plan_of({"a": {"action": "kv.set", "with": {"key": "a", "value": 1}}}, proof)
    record = world.execute(plan)
    assert (record.state, record.verification["recovered_when.proof"].state) == ("recovered", "done")
    assert world.cloud.asked[-1] == "probe a"


def test_recovery_that_is_unknown_at_its_deadline_is_failure(world: World) -> None:
    world.cloud.readings["p"] = deque(["unknown"])
    proof = {"proof": {"action": "kv.probe", "with": {"key": "p"}, "deadline": "1m"}}
    record = world.execute(plan_of({"a": {"action": "kv.set", "with": {"key": "a", "value": 1}}}, proof))
    assert record.state == "failed"
    assert record.reason == "not recovered: recovered_when.proof: deadline of 1m passed: unknown: p unknown"


def test_a_run_that_dies_while_verifying_verifies_again(world: World) -> None:
    ordered(world, "pending", "pending", "holds")
    proof = {"proof": {"action": "kv.probe", "with": {"key": "a"}, "deadline": "1m"}}
    plan = plan_of({"b": {"action": "kv.set", "with": {"key": "b", "value": 1}}}, proof)
    world.cut(plan, 6.0)
    assert world.resume(plan).state == "recovered"
    assert world.cloud.writes["b", "1"] == 1


def test_a_fault_in_a_check_has_shown_nothing_and_it_is_asked_again(world: World) -> None:
    world.cloud.values["a"] = 1
    world.cloud.fail("probe a", ZeroDivisionError("a mistake"))
    assert world.execute(one()).state == "recovered"
    [first, _] = world.told(ev.Sample)
    assert (first.values["reading"], first.values["what"]) == (
        "unknown",
        "fault in kv.probe: ZeroDivisionError: a mistake",
    )
