"""What is late, and that nothing late slips past `--lost` (law 4): what cannot be shown beforehand is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import CATALOGUE
from engine_world import plan_of

from drills.simulator.clock import GreenletCalls, run_virtual
from orchestrator.engine.foresee import Foreseen, foresee
from orchestrator.model.errors import Refused
from orchestrator.model.states import Mode
from orchestrator.wiring.orders import refuse_needing

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan

LATE = {"action": "kv.probe", "with": {"key": "${steps.look.output.value}"}, "deadline": "1m"}
KNOWN = {"action": "kv.probe", "with": {"key": "a"}, "deadline": "1m"}
LOOK = {"action": "kv.probe", "with": {"key": "k"}}


def series(guard: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "action": "kv.set",
        "needs": ["look"],
        "for_each": [10, 50, 100],
        "in_order": True,
        "with": {"key": "share", "value": "${item}"},
        "guard": guard,
        **more,
    }


def guarded(guard: dict[str, Any], mode: Mode = Mode.UNPLANNED, **more: Any) -> Plan:
    return plan_of({"look": LOOK, "shift": series(guard, **more)}, mode=mode)


def test_an_item_whose_guard_reads_results_is_late_though_its_own_calls_are_known() -> None:
    plan = guarded(LATE)
    assert plan.late == {"shift[0]", "shift[1]"}  # no guard follows the last
    assert [call.operation for call in plan.calls["shift[0]"]] == ["PutItem"]
    assert plan.steps[1].subject == "share/value"


def test_a_plan_with_a_late_guard_is_refused_where_a_region_is_lost() -> None:
    with pytest.raises(Refused) as refused:
        refuse_needing(guarded(LATE), "us-east-1")
    assert "the calls of shift[0], shift[1] are known at run time only: us-east-1 may be needed" in str(refused.value)
    refuse_needing(guarded(KNOWN), "us-east-1")


def test_a_plan_with_a_late_step_is_refused_where_a_region_is_lost() -> None:
    steps = {"look": LOOK, "set": {"action": "kv.set", "needs": ["look"], "with": {**LATE["with"], "value": 1}}}
    with pytest.raises(Refused, match="the calls of set are known at run time only"):
        refuse_needing(plan_of(steps), "us-east-1")


def test_a_late_condition_is_refused_too() -> None:
    with pytest.raises(Refused, match=r"the calls of recovered_when\.proof are known at run time only"):
        refuse_needing(plan_of({"look": LOOK}, {"proof": LATE}), "us-east-1")


def test_what_is_not_done_in_this_mode_may_be_late() -> None:
    refuse_needing(guarded(LATE, only="planned"), "us-east-1")
    with pytest.raises(Refused):
        refuse_needing(guarded(LATE, only="unplanned"), "us-east-1")


def test_a_late_guard_hides_nothing_of_what_its_step_would_change(world: World) -> None:
    world.cloud.values["share"] = 0
    plan = guarded(LATE)
    found = run_virtual(
        lambda: foresee(plan, calls=GreenletCalls(), catalogue=CATALOGUE, hands=lambda _: world.cloud), world.clock
    )
    assert found[0] == Foreseen("shift[0]", "share/value", 0, 10)
