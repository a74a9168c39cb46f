"""Hold and guard between the items of a series, the return when a guard fails, and the switch to unplanned."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import error
from engine_world import Wish, plan_of

from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.errors import AccessDenied, Rejected
from orchestrator.model.states import Mode

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan

GUARD = {"action": "kv.probe", "with": {"key": "guard"}, "deadline": "1m"}


def staged(*, hold: str | None = "2m", guard: Any = GUARD, mode: Mode = Mode.PLANNED, **more: Any) -> Plan:
    shift = {
        "action": "kv.set",
        "for_each": [10, 50, 100],
        "in_order": True,
        "with": {"key": "share", "value": "${item}"},
        **({"hold": hold} if hold else {}),
        **({"guard": guard} if guard else {}),
        **more,
    }
    return plan_of({"shift": shift}, mode=mode)


def guard_reads(world: World, *readings: str) -> None:
    world.cloud.readings["guard"] = deque(readings)


def writes(world: World) -> list[str]:
    return [value for (_, value) in world.cloud.writes]


def test_between_items_the_hold_passes_and_the_guard_is_asked_and_neither_follows_the_last(world: World) -> None:
    guard_reads(world, "holds")
    record = world.execute(staged())
    assert record.state == "recovered"
    # look, write, look: 1.5 s; hold: 120 s; guard: 0.5 s
    assert world.at_s(ev.StepStarted) == [0.0, 122.0, 244.0]
    assert world.cloud.asked.count("probe guard") == 2
    assert [record.steps[f"shift[{n}]"].reason for n in range(3)] == ["guard holds: guard holds"] * 2 + [""]


def test_a_hold_without_a_guard_says_how_long_it_held(world: World) -> None:
    record = world.execute(staged(guard=None))
    assert record.steps["shift[0]"].reason == "held 2m"
    assert [each.state for each in world.told(ev.StepSettled)] == ["holding", "done", "holding", "done", "done"]


def test_a_guard_without_a_hold_is_asked_at_once(world: World) -> None:
    guard_reads(world, "pending", "holds")
    assert world.execute(staged(hold=None)).state == "recovered"
    assert world.at_s(ev.StepStarted)[1] == 1.5 + 0.5 + 5 + 0.5


def test_hold_and_guard_do_not_count_against_the_deadline(world: World) -> None:
    guard_reads(world, "holds")
    assert world.execute(staged(deadline="10s")).state == "recovered"


def test_a_resume_waits_the_rest_of_the_hold_and_asks_the_guard_afresh(world: World) -> None:
    guard_reads(world, "holds")
    plan = staged()
    world.cut(plan, 61.5)  # sixty of the hold's seconds have passed
    world.clock.advance(20)
    assert world.resume(plan).state == "recovered"
    assert world.at_s(ev.StepStarted, step="shift[1]") == [122.0]
    assert writes(world) == ["10", "50", "100"]


def test_a_hold_that_passed_while_nobody_ran_is_over(world: World) -> None:
    guard_reads(world, "holds")
    plan = staged()
    world.cut(plan, 10)
    world.clock.advance(1_000)
    world.resume(plan)
    assert world.at_s(ev.StepStarted, step="shift[1]") == [1_010.5]


def test_a_series_taken_up_by_hand_after_a_failure_holds_its_whole_time_again(world: World) -> None:
    guard_reads(world, "fails")
    plan = staged(mode=Mode.UNPLANNED)
    assert world.execute(plan).state == "paused"
    guard_reads(world, "holds")
    world.clock.advance(600)
    record = world.resume(plan, first=Wish(0, Verb.RETRY, "shift[0]"))
    assert record.state == "recovered"
    held_again_at = world.at_s(ev.StepSettled, step="shift[0]", state="holding")[-1]
    assert world.at_s(ev.StepStarted, step="shift[1]") == [held_again_at + 120.5]


def test_a_failing_guard_stops_the_series_and_on_a_good_day_returns_it(world: World) -> None:
    world.cloud.values["share"] = 0
    guard_reads(world, "holds", "fails")
    world.cloud.readings["us-east-1"] = deque(["holds"])
    record = world.execute(staged())
    assert record.state == "paused"
    assert record.steps["shift[1]"].reason == (
        "guard kv.probe fails: guard fails; returned to the values before the series"
    )
    assert record.steps["shift[2]"].state == "waiting"
    assert (world.cloud.values["share"], writes(world)) == (0, ["10", "50", "0"])
    assert [each.target for each in world.told(ev.StepIntended)] == [10, 50, 0]


def test_a_guard_that_does_not_hold_in_time_has_failed(world: World) -> None:
    guard_reads(world, "unknown")
    record = world.execute(staged(mode=Mode.UNPLANNED))
    assert record.steps["shift[0]"].reason == "guard kv.probe did not hold within 1m: unknown: guard unknown"


@pytest.mark.parametrize("reading", ["unknown", "pending", "fails"])
def test_nothing_is_returned_without_proof_that_the_place_serves(world: World, reading: str) -> None:
    world.cloud.values["share"] = 0
    guard_reads(world, "fails")
    world.cloud.readings["us-east-1"] = deque([reading])
    record = world.execute(staged())
    assert record.steps["shift[0]"].reason == (
        f"guard kv.probe fails: guard fails; not returned: us-east-1 is not proven to serve (us-east-1: {reading})"
    )
    assert world.cloud.values["share"] == 10


def test_a_proof_that_cannot_be_read_is_no_proof(world: World) -> None:
    guard_reads(world, "fails")
    world.cloud.fail("probe us-east-1", error(AccessDenied, "not allowed"))
    record = world.execute(staged())
    assert record.steps["shift[0]"].reason.endswith("us-east-1 is not proven to serve (not allowed)")


def test_without_a_check_that_proves_service_nothing_is_returned(world: World) -> None:
    guard_reads(world, "fails")
    record = world.execute(staged(), proof=None)
    assert record.steps["shift[0]"].reason.endswith("not proven to serve (no proof of service is configured)")
    assert world.cloud.values["share"] == 10


def test_an_unplanned_run_never_returns(world: World) -> None:
    guard_reads(world, "fails")
    world.cloud.readings["us-east-1"] = deque(["holds"])
    record = world.execute(staged(mode=Mode.UNPLANNED))
    assert record.steps["shift[0]"].reason == "guard kv.probe fails: guard fails"
    assert world.cloud.values["share"] == 10


def test_what_somebody_else_has_changed_since_is_not_returned(world: World) -> None:
    world.cloud.values["share"] = 0
    guard_reads(world, "fails")
    world.cloud.readings["us-east-1"] = deque(["holds"])

    def meddle(call: str) -> None:
        if call == "probe guard":
            world.cloud.values["share"] = 33

    world.cloud.on_call = meddle
    record = world.execute(staged())
    assert record.steps["shift[0]"].reason.endswith("not returned: somebody else has changed it since")
    assert world.cloud.values["share"] == 33


def test_a_return_that_is_refused_does_not_hide_why_the_guard_failed(world: World) -> None:
    world.cloud.values["share"] = 0
    guard_reads(world, "fails")
    world.cloud.readings["us-east-1"] = deque(["holds"])
    world.cloud.fail("write share", None, error(Rejected, "no more"))
    record = world.execute(staged())
    assert record.steps["shift[0]"].reason == "guard kv.probe fails: guard fails; the return failed: no more"


def test_a_return_that_is_never_observed_ends_at_the_deadline_and_says_so(world: World) -> None:
    world.cloud.values["share"] = 0
    guard_reads(world, "fails")
    world.cloud.readings["us-east-1"] = deque(["holds"])

    def slow_back(call: str) -> None:
        if call == "write share" and world.cloud.writes:
            world.cloud.settles_s = 10_000

    world.cloud.on_call = slow_back
    record = world.execute(staged())
    assert record.steps["shift[0]"].reason.endswith("fails: guard fails; the return was not observed within 1m")


def test_a_return_goes_to_what_was_before_the_series_not_before_an_earlier_step(world: World) -> None:
    world.cloud.values["share"] = 0
    guard_reads(world, "fails")
    world.cloud.readings["us-east-1"] = deque(["holds"])
    shift = {
        "action": "kv.set",
        "for_each": [10, 50],
        "in_order": True,
        "needs": ["first"],
        "with": {"key": "share", "value": "${item}"},
        "guard": GUARD,
    }
    world.execute(plan_of({"first": {"action": "kv.set", "with": {"key": "share", "value": 5}}, "shift": shift}))
    assert world.cloud.values["share"] == 5


def test_a_switch_to_unplanned_ends_the_hold_and_goes_straight_to_the_last_item(world: World) -> None:
    guard_reads(world, "fails")
    record = world.execute(staged(), Wish(30, Verb.SWITCH_MODE))
    assert record.state == "recovered"
    assert [record.steps[f"shift[{n}]"].state for n in range(3)] == ["done", "skipped", "done"]
    assert record.steps["shift[0]"].reason == "switched to unplanned: hold and guard left out"
    assert (world.at_s(ev.StepStarted)[-1], writes(world)) == (30.0, ["10", "100"])
    assert "probe guard" not in world.cloud.asked


def test_a_switch_while_the_guard_is_asked_leaves_it_out(world: World) -> None:
    guard_reads(world, "pending")
    record = world.execute(staged(), Wish(150, Verb.SWITCH_MODE))
    assert record.state == "recovered"
    assert writes(world) == ["10", "100"]
    assert world.at_s(ev.StepStarted)[-1] == 150.0


def test_a_switch_is_remembered_by_the_next_runner(world: World) -> None:
    plan = staged()
    guard_reads(world, "fails")
    world.cut(plan, 1.2, Wish(1, Verb.SWITCH_MODE))  # while the first item is still being written
    record = world.resume(plan)
    assert record.state == "recovered"
    assert writes(world) == ["10", "100"]


def test_what_was_so_already_still_holds(world: World) -> None:
    world.cloud.values["share"] = 10
    guard_reads(world, "holds")
    record = world.execute(staged())
    assert record.state == "recovered"
    assert world.at_s(ev.StepStarted)[1] == 121.0
