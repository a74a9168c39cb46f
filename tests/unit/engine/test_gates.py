"""A gate: a person decides, in time or not; the question survives its runner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engine_world import Watched, Wish, plan_of

from drills.simulator.clock import PowerCut
from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.states import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine_world import World

    from orchestrator.engine.plan import Plan


def asked(mode: Mode = Mode.PLANNED, with_: dict[str, Any] | None = None, **more: Any) -> Plan:
    steps = {
        "ask": {"action": "kv.ask", "deadline": "5m", "with": with_ or {}, **more},
        "then": {"action": "kv.set", "needs": ["ask"], "with": {"key": "a", "value": 1}},
    }
    return plan_of(steps, mode=mode)


def yes(after_s: float, actor: str = "ada") -> Wish:
    return Wish(after_s, Verb.APPROVE, "ask", actor)


def no(after_s: float, actor: str = "ada") -> Wish:
    return Wish(after_s, Verb.REJECT, "ask", actor, reason="not today")


def test_a_yes_lets_the_run_go_on_and_says_who(world: World) -> None:
    record = world.execute(asked(), yes(40))
    assert (record.state, record.steps["ask"].reason) == ("recovered", "approved by ada")
    [opened] = world.told(ev.GateOpened)
    assert (opened.question, opened.approvers, opened.deadline) == (
        "Go on?",
        ("ada", "bea"),
        "2026-11-22T03:05:00.000Z",
    )
    assert world.at_s(ev.GateAnswered) == [40.0]
    assert record.open_gates == {}


def test_while_people_are_all_that_is_waited_for_the_run_is_waiting(world: World) -> None:
    world.execute(asked(), yes(40))
    assert [(each.state, each.reason) for each in world.told(ev.ExecutionMoved)][1:3] == [
        ("waiting", "waits for an answer to ask"),
        ("running", "answered"),
    ]


def test_a_no_ends_the_run_by_default_as_a_persons_decision(world: World) -> None:
    record = world.execute(asked(), no(10))
    assert (record.state, record.steps["ask"].reason) == ("aborted", "rejected by ada: not today")
    assert record.steps["then"].state == "cancelled"
    assert world.cloud.asked == []


def test_a_no_pauses_where_the_author_says_so_and_may_be_asked_again(world: World) -> None:
    plan = asked(on_failure="pause")
    assert world.execute(plan, no(10)).state == "paused"
    record = world.resume(plan, yes(20, "bea"), first=Wish(0, Verb.RETRY, "ask"))
    assert (record.state, record.steps["ask"].reason) == ("recovered", "approved by bea")


def test_a_gate_asked_again_has_its_whole_time_and_forgets_earlier_yeses(world: World) -> None:
    plan = asked(on_failure="pause", with_={"yeses": 2})
    assert world.execute(plan, yes(10), no(20, "bea")).state == "paused"
    world.clock.advance(3_600)
    again = Wish(0, Verb.RETRY, "ask")
    record = world.resume(plan, yes(100, "bea"), yes(200), first=again)
    assert record.steps["ask"].reason == "approved by ada, bea"
    opened_at = world.at_s(ev.GateOpened)
    assert world.at_s(ev.StepSettled, step="ask")[-1] == opened_at[-1] + 200


def test_an_answer_to_a_gate_that_is_no_longer_open_is_refused(world: World) -> None:
    steps = {
        "ask": {"action": "kv.ask", "deadline": "5m", "on_failure": "pause"},
        "slow": {"action": "kv.probe", "with": {"key": "s", "equals": 1}, "deadline": "1m"},
    }
    world.execute(plan_of(steps), no(10), yes(20))
    assert world.rules == ["", "no gate is open at ask"]


@pytest.mark.parametrize(
    ("on_silence", "mode", "state"),
    [
        ("stop", Mode.PLANNED, "aborted"),
        ("stop", Mode.UNPLANNED, "aborted"),
        ("proceed", Mode.PLANNED, "recovered"),
        ("proceed", Mode.UNPLANNED, "recovered"),
        ("proceed-unplanned", Mode.PLANNED, "aborted"),
        ("proceed-unplanned", Mode.UNPLANNED, "recovered"),
    ],
)
def test_silence_does_what_the_step_says(world: World, on_silence: str, mode: Mode, state: str) -> None:
    record = world.execute(asked(mode, on_silence=on_silence))
    why = ", and the run is planned" if (on_silence, mode) == ("proceed-unplanned", Mode.PLANNED) else ""
    assert (record.state, record.steps["ask"].reason) == (
        state,
        f"nobody answered within 5m; on_silence: {on_silence}{why}",
    )
    assert world.at_s(ev.GateAnswered, answer="silence") == [300.0]


def test_a_run_switched_to_unplanned_while_the_gate_is_open_counts_as_unplanned_at_its_silence(world: World) -> None:
    record = world.execute(asked(on_silence="proceed-unplanned"), Wish(100, Verb.SWITCH_MODE))
    assert record.state == "recovered"


def test_two_yeses_must_come_from_two_people(world: World) -> None:
    record = world.execute(asked(with_={"yeses": 2}), yes(10), yes(20), yes(30, "bea"))
    assert record.steps["ask"].reason == "approved by ada, bea"
    assert world.at_s(ev.StepSettled, step="ask") == [30.0]


def test_one_person_twice_is_not_two_people(world: World) -> None:
    record = world.execute(asked(with_={"yeses": 2}), yes(10), yes(20))
    assert record.state == "aborted"
    assert record.steps["ask"].reason == "only ada of 2 said yes within 5m; on_silence: stop"


def test_a_stranger_is_refused_by_a_rule_that_names_who_may(world: World) -> None:
    record = world.execute(asked(), yes(10, "eve"), yes(20))
    assert world.rules == ["only ada, bea may answer", ""]
    [refused] = world.told(ev.RequestRefused)
    assert (refused.by, refused.verb, refused.rule) == ("eve", "approve", "only ada, bea may answer")
    assert [each.by for each in world.told(ev.GateAnswered)] == ["ada"]
    assert record.state == "recovered"


def test_the_deadline_is_kept_over_a_resume(world: World) -> None:
    plan = asked()
    world.cut(plan, 100)
    world.clock.advance(50)
    record = world.resume(plan)
    assert len(world.told(ev.GateOpened)) == 1
    assert world.at_s(ev.GateAnswered, answer="silence") == [300.0]
    assert record.state == "aborted"


def test_a_deadline_that_passed_while_nobody_ran_is_silence_at_once(world: World) -> None:
    plan = asked()
    world.cut(plan, 100)
    world.clock.advance(1_000)
    world.resume(plan)
    assert world.at_s(ev.GateAnswered, answer="silence") == [1_100.0]


def test_a_yes_counts_over_a_resume(world: World) -> None:
    plan = asked(with_={"yeses": 2})
    world.cut(plan, 100, yes(10))
    record = world.resume(plan, yes(10, "bea"))
    assert record.steps["ask"].reason == "approved by ada, bea"


def test_an_answer_is_durable_in_one_commit_with_its_acceptance_and_before_anything_follows(world: World) -> None:
    watched = Watched(world.stored)
    world.wrap = lambda _: watched
    world.execute(asked(), yes(10))
    commits = [[event.type for event in batch] for batch in watched.batches]
    [answered] = [types for types in commits if "request.accepted" in types]
    assert answered == ["request.accepted", "gate.answered"]


@pytest.mark.parametrize(("wish", "state"), [(yes(10), "recovered"), (no(10), "aborted")])
def test_a_crash_right_after_an_accepted_answer_does_not_lose_it(world: World, wish: Wish, state: str) -> None:
    def refuse(_: int, batch: Sequence[ev.Event]) -> None:
        if any(isinstance(event.payload, ev.StepSettled) for event in batch):
            raise PowerCut

    plan = asked()
    world.wrap = lambda stored: Watched(stored, refuse)
    with pytest.raises(PowerCut):
        world.execute(plan, wish)
    assert len(world.told(ev.RequestAccepted)) == 1
    world.wrap = None
    assert world.resume(plan).state == state


def test_a_question_may_hold_facts_of_earlier_steps(world: World) -> None:
    world.cloud.values["a"] = 3
    steps = {
        "look": {"action": "kv.probe", "with": {"key": "a", "equals": 3}},
        "ask": {
            "action": "kv.ask",
            "needs": ["look"],
            "deadline": "5m",
            "with": {"question": "It is ${steps.look.output.value}. Go on?"},
        },
    }
    world.execute(plan_of(steps), yes(10))
    assert world.told(ev.GateOpened)[0].question == "It is 3. Go on?"


def test_a_no_is_never_passed_over_whatever_the_document_says(world: World) -> None:
    record = world.execute(asked(critical=False), no(10))
    assert (record.state, record.steps["then"].state) == ("aborted", "cancelled")


def test_a_yes_in_the_moment_of_the_deadline_leaves_no_silence_behind(world: World) -> None:
    record = world.execute(asked(on_silence="stop"), yes(300))
    answers = [each.answer for each in world.told(ev.GateAnswered)]
    assert (record.state, answers) in [("recovered", ["approved"]), ("aborted", ["silence"])]
