"""What people may ask of a run: the rule that forbids it, or else what is journalled of it. Pure.

Law: a wish is refused only by naming the rule. Carrying out what was granted is the runner's.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from orchestrator.engine.ending import aborted, skipped
from orchestrator.engine.undo import returns
from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.actions import Kind
from orchestrator.model.states import ExecutionState, Mode, StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orchestrator.engine.view import View
    from orchestrator.journal.replay import Replay
    from orchestrator.journal.requests import Request

TAKES_UP = frozenset(Verb) - {Verb.NOTE, Verb.PAUSE, Verb.ABORT}
"""Wishes that take up a run whose runner has died, once they are granted."""
AFTER_THE_END = frozenset({Verb.UNDO, Verb.NOTE})
_OF_AN_UNDO = {True: frozenset({Verb.NOTE}), False: frozenset({Verb.NOTE, Verb.UNDO, Verb.RESUME, Verb.ABORT})}
"""What may be asked while a run is being undone by a runner that lives, or was left being undone."""
MAY_BE_SKIPPED = (StepState.WAITING, StepState.FAILED, StepState.RUNNING)


def refusal(view: View, wish: Request, *, live: bool = True) -> str:
    """The rule that forbids this wish now; empty if none does.

    Where no runner is alive, a run that is not paused is resumed too, and an undo that was left as well.
    """
    if _undone_in_part(view.record) and wish.verb not in {*AFTER_THE_END, Verb.ABORT}:
        return "the execution has been undone in part: undo the rest, or abort it"
    if wish.verb is Verb.RESUME and not live and not view.record.ended:
        return ""
    if view.record.ended and wish.verb not in AFTER_THE_END:
        return f"the execution has ended ({view.record.state})"
    if view.record.state is ExecutionState.UNDOING and wish.verb not in _OF_AN_UNDO[live]:
        return "the execution is being undone"
    if wish.verb is Verb.UNDO and live and view.record.state is ExecutionState.PAUSED:
        return f"{', '.join(view.running)} still goes on: ask again once that has settled, or abort it first"
    rule = _RULES.get(wish.verb)
    return rule(view, wish) if rule else ""


def answered(wish: Request, rule: str) -> list[ev.Payload]:
    """That a wish is refused by a rule, or accepted where there is none."""
    if rule:
        return [ev.RequestRefused(wish.id, wish.actor, wish.verb, rule, wish.step, wish.reason, wish.account)]
    return [ev.RequestAccepted(wish.id, wish.actor, wish.verb, wish.step, wish.reason, wish.account)]


def judged(view: View, wish: Request, *, live: bool = True) -> list[ev.Payload]:
    """What is journalled of a wish: that it is refused, or that it is accepted and what follows at once."""
    told = answered(wish, refusal(view, wish, live=live))
    if not isinstance(told[0], ev.RequestAccepted):
        return told
    return [*told, *_lifted(view, wish), *_granted(view.record, told[0])]


def _undone_in_part(record: Replay) -> bool:
    """Whether an undo was left half way: going on forward from there would be neither the one nor the other."""
    return record.state is ExecutionState.PAUSED and record.undo_begun


def _lifted(view: View, wish: Request) -> list[ev.Payload]:
    """Out of a pause: on request, or because what it was made for is taken up again or left out."""
    if view.record.state is not ExecutionState.PAUSED:
        return []
    mended = wish.verb in (Verb.RETRY, Verb.SKIP) and wish.step in view.failures and not view.paused_by
    return [ev.ExecutionMoved(ExecutionState.RUNNING)] if mended or wish.verb == Verb.RESUME else []


def _granted(record: Replay, wish: ev.RequestAccepted) -> list[ev.Payload]:
    """What follows from a wish.

    Of a running step that is skipped nothing yet: its call in flight has to settle first (`View.leaving`), so that
    what needs it cannot overtake a write.
    """
    told: list[ev.Payload] = []
    match wish.verb:
        case Verb.APPROVE | Verb.BREAK_GLASS:
            told = _yes(record, wish)
        case Verb.REJECT:
            told = [ev.GateAnswered(wish.step, "rejected", wish.by, wish.reason)]
        case Verb.RETRY:
            told = [ev.StepStarted(wish.step, record.steps[wish.step].attempts + 1)]
        case Verb.SKIP if record.steps[wish.step].state is not StepState.RUNNING:
            told = [skipped(record, wish)]
        case Verb.ABORT:
            told = aborted(record, by("aborted", wish.by, wish.reason))
        case Verb.PAUSE if record.state is not ExecutionState.PAUSED:  # else it keeps its reason, and waits for both
            told = [ev.ExecutionMoved(ExecutionState.PAUSED, by("paused", wish.by, wish.reason))]
        case Verb.SWITCH_MODE:
            told = [ev.ExecutionMode(Mode.UNPLANNED, wish.reason)]
    return told


def by(what: str, who: str, reason: str) -> str:
    """What somebody has done, and why if that was said."""
    return f"{what} by {who}" + (f": {reason}" if reason else "")


def _yes(record: Replay, wish: ev.RequestAccepted) -> list[ev.Payload]:
    """A yes. Where the glass is broken it is enough by itself, and those who were passed over are told."""
    glass = record.created.break_glass if record.created else ""
    if wish.verb != Verb.BREAK_GLASS and not glass:
        return [ev.GateAnswered(wish.step, "approved", wish.by, wish.reason)]
    reason = wish.reason or (record.created.reason if record.created else "")
    said_yes = {wish.by, *(each.by for each in record.answers.get(wish.step, ()))}
    passed_over = [name for name in record.open_gates[wish.step].approvers if name not in said_yes]
    alone = wish.verb == Verb.BREAK_GLASS or bool(passed_over)
    answer = ev.GateAnswered(wish.step, "approved", wish.by, reason, break_glass=alone)
    return [answer, *(ev.GateEscalated(wish.step, name, f"break-glass by {wish.by}: {reason}") for name in passed_over)]


def _of_answer(view: View, wish: Request) -> str:
    gate = view.record.open_gates.get(wish.step)
    if gate is None:
        return f"no gate is open at {wish.step or 'that step'}"
    anybody = wish.verb is Verb.APPROVE and view.record.created and view.record.created.break_glass
    if wish.actor not in gate.approvers and not anybody:
        return f"only {', '.join(gate.approvers)} may answer"
    return _rejected(view, wish.step)


def _of_break_glass(view: View, wish: Request) -> str:
    if wish.step not in view.record.open_gates:
        return f"no gate is open at {wish.step or 'that step'}"
    if not wish.reason:
        return "breaking the glass needs a reason"
    return _rejected(view, wish.step)


def _rejected(view: View, step: str) -> str:
    """A no stands, also in the moment before the run has ended by it."""
    by = next((each.by for each in view.record.answers.get(step, ()) if each.answer == "rejected"), "")
    return f"{step} was rejected by {by}" if by else ""


def _of_retry(view: View, wish: Request) -> str:
    step = view.record.steps.get(wish.step)
    if step is None:
        return f"no step {wish.step}"
    if step.state is not StepState.FAILED:
        return f"{wish.step} is {step.state}, not failed"
    if view.paused_by:
        return f"the execution is paused by {view.paused_by}: resume it first"
    if view.record.state is ExecutionState.PAUSED and wish.step not in view.failures:
        return f"the execution is paused ({view.record.reason}): mend that first"
    return _too_late(view, wish.step)


def _of_skip(view: View, wish: Request) -> str:
    step = view.record.steps.get(wish.step)
    if step is None:
        return f"no step {wish.step}"
    if step.state not in MAY_BE_SKIPPED:
        return f"{wish.step} is {step.state} already"
    if step.planned.kind == Kind.GATE:  # else anybody could pass it, and nobody would be told
        return f"{wish.step} is a question: answer it, or break the glass (approve --break-glass)"
    if not wish.reason:
        return "a skip needs a reason"
    if before := [key for key in step.planned.needs if view.precedes(key, wish.step)]:
        return f"{wish.step} follows {before[0]}, which has not settled: skip or settle that first"
    return _left_already(view, wish.step) or _too_late(view, wish.step)


def _of_pause(view: View, _: Request) -> str:
    return f"the execution is paused already, by {view.paused_by}" if view.paused_by else ""


def _of_switch(view: View, _: Request) -> str:
    return "the run is unplanned already, and never goes back" if view.record.mode == Mode.UNPLANNED else ""


def _too_late(view: View, step: str) -> str:
    """What was given up because of a failure is not taken up again, so neither is the failure."""
    if view.stopping:
        return f"the execution is stopping, for {view.stopping.planned.key} failed"
    given_up = [key for key in view.dependents(step) if view.record.steps[key].state is StepState.CANCELLED]
    return f"{', '.join(given_up)} was given up because {step} failed" if given_up else ""


def _of_resume(view: View, _: Request) -> str:
    return "" if view.record.state is ExecutionState.PAUSED else "the execution is not paused"


def _of_note(_: View, wish: Request) -> str:
    return "" if wish.reason else "a note says something"


def _of_undo(view: View, _: Request) -> str:
    record = view.record
    if record.state not in (ExecutionState.PAUSED, ExecutionState.UNDOING) and not record.ended:
        return "an execution that goes on is not undone: pause or abort it first"
    if record.state is ExecutionState.UNDONE:
        return "the execution has been undone already"
    return "" if returns(record) else "nothing that this execution has written can be returned"


def _left_already(view: View, step: str) -> str:
    """A skip that was granted stands, also while the call in flight of its step has not settled yet."""
    return f"{step} is being skipped already" if step in view.leaving else ""


_RULES: Mapping[Verb, Callable[[View, Request], str]] = MappingProxyType(
    {
        Verb.APPROVE: _of_answer,
        Verb.REJECT: _of_answer,
        Verb.BREAK_GLASS: _of_break_glass,
        Verb.RETRY: _of_retry,
        Verb.SKIP: _of_skip,
        Verb.PAUSE: _of_pause,
        Verb.SWITCH_MODE: _of_switch,
        Verb.RESUME: _of_resume,
        Verb.NOTE: _of_note,
        Verb.UNDO: _of_undo,
    }
)
"""Who judges what; nothing forbids the other verbs."""
