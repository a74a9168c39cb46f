"""The scheduler as a pure function: random plans, random outcomes, and what must hold in every one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from engine_world import created_of, illegal_moves
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.engine.decide import decide
from orchestrator.engine.ending import skipped
from orchestrator.engine.moves import Become, Cancel, Skip, Start
from orchestrator.engine.view import View
from orchestrator.engine.wishes import judged
from orchestrator.journal.replay import Replay
from orchestrator.journal.requests import Request, Verb
from orchestrator.model import events as ev
from orchestrator.model.plan import Guard, PlannedStep
from orchestrator.model.states import ENDED, SATISFYING, SETTLED, ExecutionState, StepState

if TYPE_CHECKING:
    from orchestrator.engine.moves import Move
    from orchestrator.journal.record import StepRecord


def item(key: str, *needs: str, **facts: Any) -> PlannedStep:
    facts = {"step": key.partition("[")[0], "title": key, "action": "kv.probe", "kind": "check", "params": {}} | facts
    return PlannedStep(key=key, needs=needs, **facts)


@dataclass
class Table:
    """Plays the runner's part without one: applies moves, and lets the test say how items end."""

    slots: int = 64
    view: View = field(default_factory=View)
    events: list[ev.Event] = field(default_factory=list)
    by_hand: set[str] = field(default_factory=set)

    def lay(self, *steps: PlannedStep, verification: tuple[PlannedStep, ...] = (), mode: str = "planned") -> Table:
        self.put(created_of(steps, verification, mode), ev.ExecutionMoved("running"))
        return self

    def put(self, *payloads: ev.Payload) -> None:
        for payload in payloads:
            at = f"2026-11-22T03:00:00.{len(self.events) % 1000:03d}Z"
            event = ev.Event(len(self.events), "run", at, "runner", payload)
            self.events.append(event)
            self.view.apply(event)

    def moves(self) -> list[Move]:
        """One decision, carried out."""
        moves = decide(self.view, self.slots)
        for move in moves:
            self.put(told(move))
        return moves

    def advance(self) -> list[Move]:
        """Decisions until there is nothing to decide."""
        made: list[Move] = []
        while moves := self.moves():
            made += moves
            assert len(made) < 10_000, "decisions without end"
        return made

    def settle(self, key: str, state: StepState = StepState.DONE, reason: str = "") -> list[Move]:
        self.put(ev.StepSettled(key, state, reason=reason))
        return self.advance()

    def started(self) -> list[str]:
        return list(self.view.running)

    @property
    def state(self) -> ExecutionState:
        return self.view.record.state


def told(move: Move) -> ev.Payload:
    match move:
        case Start(key):
            return ev.StepStarted(key)
        case Skip(key, reason):
            return ev.StepSkipped(key, reason)
        case Cancel(key, reason):
            return ev.StepSettled(key, StepState.CANCELLED, reason=reason)
        case Become(state, reason):
            return ev.ExecutionMoved(state, reason)


# --- single sentences ------------------------------------------------------------------------------------------------


def test_an_item_starts_the_moment_its_own_needs_are_met_whatever_else_runs() -> None:
    table = Table().lay(item("a"), item("slow"), item("b", "a"))
    assert table.advance() == [Start("a"), Start("slow")]
    assert table.settle("a") == [Start("b")]


def test_items_start_in_the_order_of_the_plan() -> None:
    table = Table(slots=2).lay(*(item(key) for key in "zyxw"))
    assert table.advance() == [Start("z"), Start("y")]
    assert table.settle("z") == [Start("x")]


def test_no_more_items_of_one_step_run_than_its_at_once() -> None:
    table = Table().lay(*(item(f"s[{n}]", at_once=2) for n in range(4)), item("other"))
    assert table.advance() == [Start("s[0]"), Start("s[1]"), Start("other")]
    assert table.settle("s[1]") == [Start("s[2]")]


@pytest.mark.parametrize("on_failure", ["pause", "undo"])
def test_a_critical_failure_pauses_and_nothing_new_starts(on_failure: str) -> None:
    table = Table().lay(item("a", on_failure=on_failure), item("b"), item("c", "b"))
    table.advance()
    assert table.settle("a", StepState.FAILED, "broken") == [
        Become(ExecutionState.PAUSED, "step a failed: broken"),
    ]
    assert table.settle("b") == []


def test_a_failure_that_continues_gives_up_what_depends_on_it_and_nothing_else() -> None:
    table = Table().lay(item("a", on_failure="continue"), item("b", "a"), item("c", "b"), item("d"))
    table.advance()
    made = table.settle("a", StepState.FAILED, "broken")
    assert {move.key for move in made if isinstance(move, Cancel)} == {"b", "c"}
    assert table.settle("d")[-1] == Become(ExecutionState.FAILED, "nothing shows recovery, and a is failed")


def test_a_critical_failure_that_continues_is_an_exception_where_recovery_is_shown() -> None:
    proof = item("recovered_when.answered")
    table = Table().lay(item("a", on_failure="continue"), item("b", "a"), verification=(proof,))
    table.advance()
    table.settle("a", StepState.FAILED, "broken")
    end = Become(ExecutionState.RECOVERED_WITH_EXCEPTIONS, "a failed, b cancelled")
    assert table.settle(proof.key) == [end]


def test_two_failures_in_one_moment_give_up_what_both_are_needed_by_once() -> None:
    pair = [item(key, on_failure="continue") for key in "ab"]
    table = Table().lay(*pair, item("c", "a", "b"), item("d", "c"), item("e"))
    table.advance()
    table.put(*(ev.StepSettled(key, StepState.FAILED, reason="broken") for key in "ab"))
    made = table.advance()
    assert sorted(move.key for move in made if isinstance(move, Cancel)) == ["c", "d"]
    table.settle("e")
    assert (table.state, illegal_moves(table.events)) == (ExecutionState.FAILED, [])


@pytest.mark.parametrize("state", [StepState.RUNNING, StepState.HOLDING])
def test_an_item_that_failed_never_releases_the_next_of_its_series(state: StepState) -> None:
    series = [
        item("s[0]", series=True, last=False, hold_s=60.0, critical=False),
        item("s[1]", "s[0]", series=True, last=False, hold_s=60.0, critical=False),
        item("s[2]", "s[1]", series=True, critical=False),
    ]
    table = Table().lay(*series, item("after", "s[2]"))
    table.advance()
    if state is StepState.HOLDING:
        table.put(ev.StepSettled("s[0]", StepState.HOLDING, reason="done"))
    assert table.settle("s[0]", StepState.FAILED, "the guard fails") == [
        Cancel("s[1]", "follows s[0], which failed"),
        Cancel("s[2]", "follows s[0], which failed"),
        Start("after"),
    ]
    table.settle("after")
    assert (table.state, illegal_moves(table.events)) == (ExecutionState.RECOVERED_WITH_EXCEPTIONS, [])


def test_a_failure_that_stops_lets_running_items_settle_first() -> None:
    table = Table().lay(item("a", on_failure="stop"), item("b"), item("c", "b"))
    table.advance()
    assert table.settle("a", StepState.FAILED, "broken") == []
    assert table.settle("b") == [
        Cancel("c", "step a failed: broken"),
        Become(ExecutionState.FAILED, "step a failed: broken"),
    ]


def test_a_gate_that_said_no_aborts_rather_than_fails() -> None:
    table = Table().lay(item("ask", kind="gate", on_failure="stop"), item("b", "ask"))
    assert table.advance() == [Start("ask"), Become(ExecutionState.WAITING, "waits for an answer to ask")]
    table.put(ev.GateAnswered("ask", "rejected", "ada", ""))
    table.settle("ask", StepState.FAILED, "rejected by ada")
    assert (table.state, table.view.record.steps["b"].state) == (ExecutionState.ABORTED, StepState.CANCELLED)


def test_a_gate_that_nobody_could_be_asked_fails_as_anything_else() -> None:
    table = Table().lay(item("ask", kind="gate", on_failure="stop"))
    table.advance()
    table.settle("ask", StepState.FAILED, "its question has no value")
    assert table.state is ExecutionState.FAILED


def test_a_stop_cancels_open_gates_and_waits_for_what_else_runs() -> None:
    table = Table().lay(item("a", on_failure="stop"), item("ask", kind="gate"), item("work"))
    table.advance()
    assert table.settle("a", StepState.FAILED, "broken") == [Cancel("ask", "step a failed: broken")]
    assert table.settle("work") == [Become(ExecutionState.FAILED, "step a failed: broken")]


def test_a_gate_that_said_no_waits_for_no_other_gate_and_ends_by_legal_moves() -> None:
    table = Table().lay(*(item(key, kind="gate", on_failure="stop") for key in ("ask", "also")), item("b", "also"))
    table.advance()
    table.put(ev.GateAnswered("ask", "rejected", "ada", ""))
    made = table.settle("ask", StepState.FAILED, "rejected by ada")
    assert made[0] == Cancel("also", "step ask failed: rejected by ada")
    assert (table.state, table.view.record.steps["b"].state) == (ExecutionState.ABORTED, StepState.CANCELLED)
    assert illegal_moves(table.events) == []


def test_a_gate_that_was_answered_and_holds_settles_as_anything_else() -> None:
    held = item("ask", kind="gate", series=True, last=False, hold_s=60.0)
    table = Table().lay(item("a", on_failure="stop"), held)
    table.advance()
    table.put(ev.StepSettled("ask", StepState.HOLDING, reason="done"))
    made = table.settle("a", StepState.FAILED, "broken")
    assert [move for move in made if isinstance(move, Cancel)] == []
    assert table.settle("ask")[-1] == Become(ExecutionState.FAILED, "step a failed: broken")


def test_a_run_whose_last_step_is_a_gate_ends_by_legal_moves() -> None:
    table = Table().lay(item("ask", kind="gate"))
    table.advance()
    table.settle("ask")
    assert table.state is ExecutionState.RECOVERED
    assert illegal_moves(table.events) == []


def test_waiting_is_shown_only_while_people_are_all_that_is_waited_for() -> None:
    table = Table().lay(item("ask", kind="gate"), item("work"), item("after", "ask"))
    assert table.advance() == [Start("ask"), Start("work")]
    assert table.settle("work") == [Become(ExecutionState.WAITING, "waits for an answer to ask")]
    made = table.settle("ask")
    assert (set(made), table.state) == ({Start("after"), Become(ExecutionState.RUNNING, "answered")}, "running")


def test_a_failed_step_that_is_not_critical_satisfies_and_the_run_ends_with_exceptions() -> None:
    table = Table().lay(item("a", critical=False), item("b", "a"))
    table.advance()
    assert table.settle("a", StepState.FAILED, "broken") == [Start("b")]
    assert table.settle("b")[-1] == Become(ExecutionState.RECOVERED_WITH_EXCEPTIONS, "a failed")


@pytest.mark.parametrize(
    ("state", "end"),
    [
        (StepState.ALREADY_SO, ExecutionState.RECOVERED),
        (StepState.UNPROVEN, ExecutionState.RECOVERED_WITH_EXCEPTIONS),
    ],
)
def test_what_satisfies_needs_and_what_is_an_exception(state: StepState, end: ExecutionState) -> None:
    table = Table().lay(item("a"), item("b", "a"))
    table.advance()
    assert table.settle("a", state) == [Start("b")]
    table.settle("b")
    assert table.state is end


def test_skipped_by_mode_satisfies_and_is_no_exception() -> None:
    table = Table().lay(item("a", only="unplanned"), item("b", "a"))
    assert table.advance() == [Skip("a", "only unplanned; the run is planned: not done"), Start("b")]
    table.settle("b")
    assert table.state is ExecutionState.RECOVERED


def test_skipped_by_hand_satisfies_and_is_an_exception() -> None:
    table = Table().lay(item("a"), item("b", "a"))
    table.advance()
    table.put(ev.StepSkipped("a", "skipped by ada: no need", "ada"))
    assert table.advance() == [Start("b")]
    table.settle("b")
    assert table.state is ExecutionState.RECOVERED_WITH_EXCEPTIONS


def test_after_a_switch_a_staged_series_goes_straight_to_its_last_item() -> None:
    guard = Guard("kv.probe", {}, 60.0)
    series = [
        item("s[0]", series=True, last=False, hold_s=60.0, guard=guard),
        item("s[1]", "s[0]", series=True, last=False, hold_s=60.0, guard=guard),
        item("s[2]", "s[1]", series=True),
    ]
    table = Table().lay(*series)
    table.advance()
    table.put(ev.ExecutionMode("unplanned", "it is gone"))
    assert table.settle("s[0]") == [
        Skip("s[1]", "switched to unplanned: the series goes straight to its last item"),
        Start("s[2]"),
    ]


def test_after_a_switch_what_was_left_out_for_the_mode_is_done_before_what_needs_it_and_has_not_begun() -> None:
    table = Table().lay(
        item("greet", only="unplanned"),
        item("early", "greet"),
        item("first"),
        item("late", "greet", "first"),
        item("pretty", only="planned"),
    )
    assert table.advance() == [
        Skip("greet", "only unplanned; the run is planned: not done"), Start("first"), Start("pretty"), Start("early"),
    ]  # fmt: skip
    table.put(ev.ExecutionMode("unplanned", "it is gone"))
    assert table.advance() == [Start("greet")]
    table.settle("early")
    assert table.settle("first") == []
    assert table.settle("greet") == [Start("late")]
    table.settle("late")
    table.settle("pretty")
    assert table.state is ExecutionState.RECOVERED


def test_a_switch_brings_nothing_back_that_was_skipped_by_hand() -> None:
    table = Table().lay(item("greet", only="unplanned"), item("first"))
    table.put(ev.StepSkipped("greet", "skipped by ada: no need", "ada"))
    table.advance()
    table.put(ev.ExecutionMode("unplanned", "it is gone"))
    assert table.advance() == []
    assert table.settle("first") != []


def test_a_run_that_was_unplanned_from_the_beginning_keeps_its_stages() -> None:
    series = [item("s[0]", series=True, last=False, hold_s=60.0), item("s[1]", "s[0]", series=True)]
    table = Table().lay(*series, mode="unplanned")
    assert table.advance() == [Start("s[0]")]


def test_verification_starts_when_all_steps_are_settled_and_decides_the_end() -> None:
    proof = item("recovered_when.answered")
    table = Table().lay(item("a"), verification=(proof,))
    table.advance()
    assert table.settle("a") == [Become(ExecutionState.VERIFYING, "all steps are settled"), Start(proof.key)]
    assert table.settle(proof.key, StepState.FAILED, "deadline passed") == [
        Become(ExecutionState.FAILED, "not recovered: recovered_when.answered: deadline passed")
    ]


def test_a_step_retried_by_hand_during_verification_is_waited_for_and_recovery_is_shown_anew() -> None:
    proof, other = item("recovered_when.answered"), item("recovered_when.other")
    table = Table().lay(item("a", on_failure="continue"), verification=(proof, other))
    table.advance()
    table.settle("a", StepState.FAILED, "broken")
    assert table.state is ExecutionState.VERIFYING
    table.settle(proof.key)
    table.put(ev.StepStarted("a", 2))
    table.advance()
    assert (table.state, table.view.record.verification[proof.key].state) == (ExecutionState.RUNNING, "waiting")
    assert table.settle("a")[-2:] == [Start(proof.key), Start(other.key)]
    table.settle(proof.key)
    table.settle(other.key)
    assert table.state is ExecutionState.RECOVERED
    assert illegal_moves(table.events) == []


def test_while_an_answered_gate_is_held_nobody_is_waited_for() -> None:
    held = item("ask[0]", kind="gate", series=True, last=False, hold_s=60.0)
    table = Table().lay(held)
    table.advance()
    table.put(ev.StepSettled("ask[0]", StepState.HOLDING, reason="done"))
    table.advance()
    assert table.state is ExecutionState.RUNNING


# --- all runs --------------------------------------------------------------------------------------------------------

STATES = [StepState.DONE, StepState.ALREADY_SO, StepState.UNPROVEN, StepState.FAILED]


@st.composite
def plans(draw: st.DrawFn) -> list[PlannedStep]:
    """Up to nine steps, some with items; needs lead backwards."""
    found: list[PlannedStep] = []
    for number in range(draw(st.integers(1, 9))):
        name = f"s{number}"
        earlier = [each.key for each in found if each.last]  # what needs a series needs its last item
        needs = tuple(draw(st.lists(st.sampled_from(earlier), unique=True, max_size=3))) if earlier else ()
        count = draw(st.integers(0, 3))
        series = count > 0 and draw(st.booleans())
        facts = {
            "kind": draw(st.sampled_from(["check", "check", "gate"])),
            "critical": draw(st.booleans()),
            "on_failure": draw(st.sampled_from(["pause", "continue", "stop", "undo"])),
            "only": draw(st.sampled_from(["", "", "planned", "unplanned"])),
            "at_once": draw(st.integers(1, 2)),
            "skip": "for_each is empty" if draw(st.integers(0, 7)) == 0 else "",
        }
        if not count:
            found.append(item(name, *needs, **facts))
        for index in range(count):
            before = (f"{name}[{index - 1}]",) if series and index else needs
            last = not series or index == count - 1
            hold = {"series": series, "last": last, "hold_s": 60.0, "index": index}
            found.append(item(f"{name}[{index}]", *before, **facts, **hold))
    return found


def assert_may_start(table: Table, key: str, paused: bool) -> None:  # noqa: FBT001 - a fact, not a switch
    steps = table.view.record.steps
    assert not paused
    if key not in steps:
        return
    for need in steps[key].planned.needs:
        state, planned = steps[need].state, steps[need].planned
        missed = state is StepState.FAILED or (state is StepState.CANCELLED and planned.series)
        assert state in SATISFYING or (missed and planned.last and not planned.critical)


def assert_limits(table: Table) -> None:
    running = [key for key in table.started() if key not in table.by_hand]
    assert len(running) <= table.slots
    for key in running:
        planned = table.view.record.steps[key].planned
        alike = [other for other in running if table.view.record.steps[other].planned.step == planned.step]
        assert len(alike) <= planned.at_once


def busy(table: Table) -> list[str]:
    conditions = table.view.record.verification
    return [*table.started(), *(k for k, each in conditions.items() if each.state is StepState.RUNNING)]


def may_be_cancelled(step: StepRecord) -> bool:
    """What waits; and what asks, when the run stops."""
    return step.state is StepState.WAITING or (step.state is StepState.RUNNING and step.planned.kind == "gate")


def decide_all(table: Table) -> None:
    while True:
        paused = table.state is ExecutionState.PAUSED
        before = {k for k, each in table.view.record.steps.items() if each.state is StepState.WAITING}
        cancellable = {k for k, each in table.view.record.steps.items() if may_be_cancelled(each)}
        moves = decide(table.view, table.slots)
        for move in moves:
            if isinstance(move, Start):
                assert_may_start(table, move.key, paused)
            if isinstance(move, Cancel):
                assert move.key in cancellable
            if isinstance(move, Start | Skip):
                assert move.key in before or move.key in table.view.record.verification
            table.put(told(move))
        assert_limits(table)
        if not moves:
            return


def a_person_asks(table: Table, draw: Any, verbs: list[Verb]) -> None:
    """For anything, of any step: the rules decide."""
    verb = draw(st.sampled_from(verbs))
    key = draw(st.sampled_from(list(table.view.failures) or list(table.view.record.steps)))
    if draw(st.integers(0, 3)) == 0:
        key = draw(st.sampled_from(list(table.view.record.steps)))
    told = judged(table.view, Request("1", "run", "", "ada", verb, key, "enough"))
    table.put(*told)
    if any(isinstance(each, ev.StepStarted) for each in told):
        table.by_hand.add(key)


def something_happens(table: Table, draw: Any) -> None:
    """Items settle, some in one moment; or, sometimes, a person asks for something, or another runner takes over."""
    chance = draw(st.integers(0, 19))
    if chance < 4:
        a_person_asks(table, draw, [Verb.SKIP, Verb.SKIP, Verb.RETRY, Verb.PAUSE, Verb.SWITCH_MODE, Verb.ABORT])
        return
    if chance == 4:
        for key in busy(table):
            table.put(ev.StepStarted(key, 2))
        return
    for key in draw(st.lists(st.sampled_from(busy(table)), min_size=1, max_size=3, unique=True)):
        it_settles(table, key, draw)


def it_settles(table: Table, key: str, draw: Any) -> None:
    record = table.view.record.record_of(key)
    if key in table.view.leaving:
        table.put(skipped(table.view.record, table.view.leaving[key]))
        return
    if record.planned.series and not record.planned.last and draw(st.booleans()):
        if record.state is StepState.RUNNING:
            table.put(ev.StepSettled(key, StepState.HOLDING, reason="done"))
        table.put(ev.StepSettled(key, draw(st.sampled_from([StepState.DONE, StepState.FAILED]))))
    else:
        ends = STATES if record.state is StepState.RUNNING else [StepState.DONE]
        table.put(ev.StepSettled(key, draw(st.sampled_from(ends))))
    table.by_hand.discard(key)


IDLE = [Verb.RETRY, Verb.SKIP, Verb.RESUME, Verb.ABORT]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_every_run_of_a_random_plan_ends_legally_with_every_step_settled(data: st.DataObject) -> None:
    steps = data.draw(plans())
    if data.draw(st.booleans(), label="every failure stops"):
        steps = [each.but(critical=True, on_failure="stop") for each in steps]
    proof = (item("recovered_when.answered"),) if data.draw(st.booleans()) else ()
    table = Table(slots=data.draw(st.integers(1, 4))).lay(*steps, verification=proof)
    for _ in range(400):
        decide_all(table)
        if table.state in ENDED:
            break
        if table.state is ExecutionState.PAUSED and not busy(table):
            a_person_asks(table, data.draw, IDLE)
        else:
            assert busy(table), f"{table.state}: nothing runs, and nothing is decided"
            something_happens(table, data.draw)
    record = table.view.record
    assert record.state in ENDED
    assert {key for key, each in record.steps.items() if each.state not in SETTLED} == set()
    assert illegal_moves(table.events) == []
    assert Replay.of(table.events) == record
    assert View.of(iter(table.events)).running == table.view.running == {}


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_a_view_made_of_the_events_so_far_decides_as_the_one_that_lived_through_them(data: st.DataObject) -> None:
    table = Table(slots=data.draw(st.integers(1, 4))).lay(*data.draw(plans()))
    for _ in range(400):
        decide_all(table)
        again = Table(table.slots, View.of(iter(table.events)), list(table.events))
        assert again.advance() == []
        assert again.view.settled == table.view.settled
        if table.state in ENDED:
            return
        if table.state is ExecutionState.PAUSED and not busy(table):
            a_person_asks(table, data.draw, IDLE)
        else:
            something_happens(table, data.draw)
