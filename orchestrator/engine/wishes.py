"""What people may ask of a run: the rule that forbids it, or else what is journalled of it. Pure.

Law: a wish is refused only by naming the rule. Carrying out what was granted is the runner's.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from orchestrator.engine.ending import aborted
from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.states import ExecutionState, Mode, StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orchestrator.engine.view import View
    from orchestrator.journal.replay import Replay
    from orchestrator.journal.requests import Request

BY_HAND = "skipped by "
"""How the reason of a step skipped on request begins: such a run recovers with exceptions."""
GOES_ON = frozenset({Verb.RETRY, Verb.SKIP, Verb.RESUME})
"""Wishes that take a paused run up again."""
MAY_BE_SKIPPED = (StepState.WAITING, StepState.FAILED, StepState.RUNNING)


def refusal(view: View, wish: Request) -> str:
    """The rule that forbids this wish now; empty if none does."""
    if view.record.ended:
        return f"the execution has ended ({view.record.state})"
    rule = _RULES.get(wish.verb)
    return rule(view, wish) if rule else ""


def skipped(accepted: ev.RequestAccepted) -> ev.StepSkipped:
    """How a step that was left out on request is journalled."""
    return ev.StepSkipped(accepted.step, f"{BY_HAND}{accepted.by}: {accepted.reason}")


def granted(record: Replay, wish: ev.RequestAccepted) -> list[ev.Payload]:
    """What is journalled of a wish that no rule forbids, after its acceptance.

    Of a running step that is skipped nothing yet: its call in flight has to settle first (`View.leaving`), so that
    what needs it cannot overtake a write.
    """
    why = f"by {wish.by}: {wish.reason}"
    told: list[ev.Payload] = []
    match wish.verb:
        case Verb.APPROVE | Verb.REJECT:
            word = "approved" if wish.verb == Verb.APPROVE else "rejected"
            told = [ev.GateAnswered(wish.step, word, wish.by, wish.reason)]
        case Verb.RETRY:
            told = [ev.StepStarted(wish.step, record.steps[wish.step].attempts + 1)]
        case Verb.SKIP if record.steps[wish.step].state is not StepState.RUNNING:
            told = [skipped(wish)]
        case Verb.ABORT:
            told = aborted(record, f"aborted {why}")
        case Verb.PAUSE:
            told = [ev.ExecutionMoved(ExecutionState.PAUSED, f"paused {why}")]
        case Verb.SWITCH_MODE:
            told = [ev.ExecutionMode(Mode.UNPLANNED, wish.reason)]
    return told


def _of_answer(view: View, wish: Request) -> str:
    gate = view.record.open_gates.get(wish.step)
    if gate is None:
        return f"no gate is open at {wish.step or 'that step'}"
    if wish.actor not in gate.approvers:
        return f"only {', '.join(gate.approvers)} may answer"
    return _left_already(view, wish.step)


def _of_retry(view: View, wish: Request) -> str:
    step = view.record.steps.get(wish.step)
    if step is None:
        return f"no step {wish.step}"
    return "" if step.state is StepState.FAILED else f"{wish.step} is {step.state}, not failed"


def _of_skip(view: View, wish: Request) -> str:
    step = view.record.steps.get(wish.step)
    if step is None:
        return f"no step {wish.step}"
    if step.state not in MAY_BE_SKIPPED:
        return f"{wish.step} is {step.state} already"
    return _left_already(view, wish.step) if wish.reason else "a skip needs a reason"


def _of_pause(view: View, _: Request) -> str:
    return "the execution is paused already" if view.record.state is ExecutionState.PAUSED else ""


def _of_switch(view: View, _: Request) -> str:
    return "the run is unplanned already, and never goes back" if view.record.mode == Mode.UNPLANNED else ""


def _left_already(view: View, step: str) -> str:
    """A skip that was granted stands, also while the call in flight of its step has not settled yet."""
    return f"{step} is being skipped already" if step in view.leaving else ""


_RULES: Mapping[Verb, Callable[[View, Request], str]] = MappingProxyType(
    {
        Verb.APPROVE: _of_answer,
        Verb.REJECT: _of_answer,
        Verb.RETRY: _of_retry,
        Verb.SKIP: _of_skip,
        Verb.PAUSE: _of_pause,
        Verb.SWITCH_MODE: _of_switch,
    }
)
"""Who judges what; nothing forbids the other verbs."""
