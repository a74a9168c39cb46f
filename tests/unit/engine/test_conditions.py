"""Conditions of `recovered_when` that apply under a condition of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engine_world import plan_of

from orchestrator.model import events as ev
from orchestrator.model.states import Mode

if TYPE_CHECKING:
    from engine_world import World

STEPS = {"a": {"action": "kv.set", "with": {"key": "a", "value": 1}}}
SURELY_NOT = "${place.group != ''}"


def condition(key: str, when: str | None = None, **more: Any) -> dict[str, Any]:
    asked = {"action": "kv.probe", "with": {"key": key, "equals": 1}, "deadline": "1m", **more}
    return asked if when is None else {**asked, "when": when}


def test_one_that_does_not_apply_is_not_asked_and_told_as_such(world: World) -> None:
    world.cloud.values["b"] = 0
    conditions = {"holds": condition("a"), "other": condition("b", SURELY_NOT)}
    record = world.execute(plan_of(STEPS, conditions, place={"group": ""}))
    other = record.verification["recovered_when.other"]
    assert (other.state, other.reason, other.attempts) == ("skipped", f"when {SURELY_NOT} is false", 0)
    assert (record.state, record.reason) == ("recovered", "every condition of recovered_when that applies holds")


def test_one_that_applies_is_asked(world: World) -> None:
    world.cloud.values["b"] = 0
    conditions = {"holds": condition("a"), "other": condition("b", SURELY_NOT)}
    record = world.execute(plan_of(STEPS, conditions, place={"group": "g"}))
    assert record.state == "failed"
    assert record.reason.startswith("not recovered: recovered_when.other: deadline of 1m passed")


@pytest.mark.parametrize("when", [SURELY_NOT, "${steps.a.after == `2`}"])
def test_where_none_applies_nothing_is_recovered(world: World, when: str) -> None:
    record = world.execute(plan_of(STEPS, {"other": condition("a", when)}, place={"group": ""}))
    assert (record.state, record.reason) == ("failed", "not recovered: no condition of recovered_when applies")


def test_one_may_depend_on_what_a_step_found(world: World) -> None:
    conditions = {"one": condition("a", "${steps.a.after == `1`}"), "two": condition("b", "${steps.a.after == `2`}")}
    record = world.execute(plan_of(STEPS, conditions))
    states = {key: each.state.value for key, each in record.verification.items()}
    assert states == {"recovered_when.one": "done", "recovered_when.two": "skipped"}
    assert record.state == "recovered"


def test_one_may_depend_on_the_mode_that_the_run_has_come_to(world: World) -> None:
    conditions = {"one": condition("a"), "two": condition("b", "${execution.mode == 'planned'}")}
    record = world.execute(plan_of(STEPS, conditions, Mode.UNPLANNED))
    assert record.verification["recovered_when.two"].state == "skipped"
    assert [each.step for each in world.told(ev.StepStarted)] == ["a", "recovered_when.one"]


def test_what_surely_does_not_apply_claims_no_endpoint() -> None:
    steps = {**STEPS, "b": {"action": "kv.set", "when": SURELY_NOT, "with": {"key": "b", "value": 1}}}
    conditions = {"holds": condition("a"), "other": condition("b", SURELY_NOT)}
    without = plan_of(steps, conditions, place={"group": ""})
    within = plan_of(steps, conditions, place={"group": "g"})
    for key in ("b", "recovered_when.other"):
        assert without.calls[key] == ()
        assert len(within.calls[key]) == 1
