"""How a run is ended from outside, by legal moves: what has not come to rest is cancelled first. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model import events as ev
from orchestrator.model.states import EXECUTION_MAY_BECOME, SETTLED, ExecutionState, StepState

if TYPE_CHECKING:
    from orchestrator.journal.replay import Replay


def aborted(record: Replay, reason: str) -> list[ev.Payload]:
    """Somebody wants no more of it."""
    return [*_cancelled(record, reason), ev.ExecutionMoved(ExecutionState.ABORTED, reason)]


def failed(record: Replay, reason: str) -> list[ev.Payload]:
    """Nothing could be concluded from going on."""
    direct = ExecutionState.FAILED in EXECUTION_MAY_BECOME[record.state]
    through = [] if direct else [ev.ExecutionMoved(ExecutionState.RUNNING)]
    return [*_cancelled(record, reason), *through, ev.ExecutionMoved(ExecutionState.FAILED, reason)]


def _cancelled(record: Replay, reason: str) -> list[ev.Payload]:
    everything = {**record.steps, **record.verification}
    unsettled = [key for key, step in everything.items() if step.state not in SETTLED]
    return [ev.StepSettled(key, StepState.CANCELLED, reason=reason) for key in unsettled]
