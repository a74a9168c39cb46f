"""What a run would change, and what its expressions see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import CATALOGUE, error
from engine_world import EXECUTION, plan_of

from drills.simulator.clock import GreenletCalls, run_virtual
from orchestrator.engine.foresee import Foreseen, foresee
from orchestrator.engine.scope import with_steps
from orchestrator.model.errors import AccessDenied, NotSimulated

if TYPE_CHECKING:
    from engine_world import Steps, World


def foreseen(world: World, steps: Steps) -> dict[str, Foreseen]:
    plan = plan_of(steps)
    found = run_virtual(
        lambda: foresee(plan, calls=GreenletCalls(), catalogue=CATALOGUE, hands=lambda _: world.cloud), world.clock
    )
    assert world.cloud.writes.total() == 0
    return {each.key: each for each in found}


def raised(key: str, by: int, *needs: str) -> dict[str, Any]:
    return {"action": "kv.raise", "needs": list(needs), "with": {"key": key, "by": by}}


def test_before_and_after_are_read_and_computed_and_nothing_is_written(world: World) -> None:
    world.cloud.values |= {"a": 5, "b": 1}
    steps = {"a": raised("a", 2), "b": {"action": "kv.set", "with": {"key": "b", "value": 1}}}
    found = foreseen(world, steps)
    assert found["a"] == Foreseen("a", "a/value", 5, 7)
    assert (found["a"].changes, found["b"].changes) == (True, False)


def test_values_are_chained_per_subject(world: World) -> None:
    world.cloud.values["a"] = 5
    found = foreseen(world, {"one": raised("a", 2), "two": raised("a", 3, "one")})
    assert [(each.before, each.after) for each in found.values()] == [(5, 7), (7, 10)]
    assert world.cloud.asked == ["read a"]


def test_what_was_foreseen_is_what_the_run_does(world: World) -> None:
    world.cloud.values["a"] = 5
    steps = {"one": raised("a", 2), "two": raised("a", 3, "one")}
    found = foreseen(world, steps)
    record = world.execute(plan_of(steps))
    assert {key: (each.before, each.after) for key, each in found.items()} == {
        key: (step.before, step.after) for key, step in record.steps.items()
    }


def test_a_failed_read_is_told_as_unknown_and_so_is_what_follows_on_its_subject(world: World) -> None:
    world.cloud.fail("read a", error(AccessDenied, "not allowed"))
    found = foreseen(world, {"one": raised("a", 2), "two": raised("a", 3, "one")})
    assert [each.unknown for each in found.values()] == ["not allowed", "not allowed"]
    assert not found["one"].changes


def test_late_parameters_are_told_as_late_and_what_is_not_done_is_left_out(world: World) -> None:
    world.cloud.values["a"] = 1
    steps = {
        "one": raised("a", 2),
        "late": {"action": "kv.set", "needs": ["one"], "with": {"key": "b", "value": "${steps.one.after}"}},
        "not-now": {"action": "kv.set", "only": "unplanned", "with": {"key": "c", "value": 1}},
        "mail": {"action": "kv.send", "with": {"to": "bob"}},
    }
    found = foreseen(world, steps)
    assert list(found) == ["one", "late"]
    assert found["late"].unknown == "its parameters are known at run time only"


def test_what_is_not_simulated_is_no_unknown_but_an_error(world: World) -> None:
    world.cloud.fail("read a", NotSimulated("connect", "Dial"))
    with pytest.raises(NotSimulated):
        foreseen(world, {"a": raised("a", 2)})


def test_expressions_see_results_of_steps_and_lists_of_those_of_a_for_each(world: World) -> None:
    world.cloud.values |= {"x": 1, "y": 2, "one": 9}
    record = world.execute(
        plan_of(
            {
                "one": raised("one", 1),
                "each": {"action": "kv.raise", "for_each": ["x", "y"], "with": {"key": "${item}", "by": 10}},
            }
        )
    )
    seen = with_steps({"execution": {"id": EXECUTION, "mode": "planned"}, "more": 1}, record, "x")
    assert seen["steps"]["one"] == {"state": "done", "output": None, "before": 9, "after": 10}
    assert seen["steps"]["each"]["after"] == [11, 12]
    assert (seen["item"], seen["more"], seen["execution"]["mode"]) == ("x", 1, "planned")
