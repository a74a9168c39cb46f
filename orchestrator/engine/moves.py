"""What can be decided: to take an item up, to leave one out, to give one up, to change the execution's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.model import events as ev
from orchestrator.model.states import ExecutionState, StepState

if TYPE_CHECKING:
    from orchestrator.journal.replay import Replay


@dataclass(frozen=True, slots=True)
class Start:
    """Take this item up."""

    key: str


@dataclass(frozen=True, slots=True)
class Skip:
    """This item will not be done."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """This item cannot be done any more: what it needs failed, or the run ends. It may be an open gate."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Become:
    """The execution changes state."""

    state: ExecutionState
    reason: str


Move = Start | Skip | Cancel | Become


def event_of(move: Move, record: Replay) -> ev.Payload:
    """How a move is journalled."""
    match move:
        case Start(key):
            return ev.StepStarted(key, record.record_of(key).attempts + 1)
        case Skip(key, reason):
            return ev.StepSkipped(key, reason)
        case Cancel(key, reason):
            return ev.StepSettled(key, StepState.CANCELLED, reason=reason)
        case Become(state, reason):
            return ev.ExecutionMoved(state, reason)
