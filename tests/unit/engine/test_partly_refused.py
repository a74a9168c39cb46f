"""One request for many members: who was refused is told by name, and whether they got there is for the looks to say."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from engine_world import Wish, plan_of

from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.errors import PartlyRefused

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan


def refusal(**members: str) -> PartlyRefused:
    return PartlyRefused("some of many", members, service="workspaces", operation="StartWorkspaces", region="us-west-2")


def level() -> Plan:
    return plan_of({"a": {"action": "kv.level", "with": {"key": "a", "value": 1}}})


def told(world: World) -> list[tuple[str, str]]:
    return [(each.part, each.error) for each in world.told(ev.StepAttemptFailed)]


def test_members_are_told_one_by_one_and_asked_again_while_the_others_are_awaited(world: World) -> None:
    world.cloud.values["a"] = 0
    world.cloud.fail("write a", refusal(x="x is broken", y="y is busy"))
    record = world.execute(level())
    assert (record.state, record.steps["a"].state) == ("recovered", "done")
    assert told(world) == [("x", "x is broken"), ("y", "y is busy")]
    assert world.cloud.asked.count("write a") == 2


def test_a_refusal_of_what_is_asked_again_is_told_too_and_stops_nothing(world: World) -> None:
    world.cloud.values["a"] = 0
    world.cloud.fail("write a", refusal(x="x is broken"), refusal(x="x is still broken"))
    assert world.execute(level()).steps["a"].state == "done"
    assert told(world) == [("x", "x is broken"), ("x", "x is still broken")]


def test_what_was_refused_and_is_there_all_the_same_is_done(world: World) -> None:
    world.cloud.values["a"] = 0
    world.cloud.fail("write a", refusal(x="x was running already"), landed=True)
    record = world.execute(level())
    assert record.steps["a"].state == "done"
    assert world.cloud.asked.count("write a") == 1


def test_a_member_that_never_gets_there_ends_with_the_deadline_and_its_reason(world: World) -> None:
    world.cloud.values["a"] = 0
    world.cloud.fail("write a", *[refusal(x="x is broken")] * 20)
    step = world.execute(level()).steps["a"]
    assert step.state == "failed"
    assert "deadline" in step.reason


def test_an_undo_goes_on_past_a_member_that_was_refused(world: World) -> None:
    world.cloud.values["a"] = 0
    world.cloud.readings["us-east-1"] = deque(["holds"] * 3)
    plan = plan_of({"a": {"action": "kv.set", "with": {"key": "a", "value": 1}}})
    assert world.execute(plan).state == "recovered"
    world.cloud.fail("write a", refusal(x="x was running already"), landed=True)
    undone = world.resume(plan, first=Wish(0, Verb.UNDO, reason="over"))
    assert undone.state == "undone"
    assert world.cloud.values["a"] == 0
