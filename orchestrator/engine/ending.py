"""How items and runs are ended from outside, by legal moves: what has not come to rest is given up first. Pure.

Law: of an effect that may have been sent nobody says that it was not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model import events as ev
from orchestrator.model.actions import Kind
from orchestrator.model.states import EXECUTION_MAY_BECOME, SETTLED, ExecutionState, StepState

if TYPE_CHECKING:
    from orchestrator.journal.record import StepRecord
    from orchestrator.journal.replay import Replay


def aborted(record: Replay, reason: str) -> list[ev.Payload]:
    """Somebody wants no more of it."""
    return [*_given_up(record, reason), ev.ExecutionMoved(ExecutionState.ABORTED, reason)]


def undone(record: Replay, reason: str) -> list[ev.Payload]:
    """Everything was given back: what had not been done, nobody waits for any more."""
    return [*_given_up(record, reason), ev.ExecutionMoved(ExecutionState.UNDONE, reason)]


def failed(record: Replay, reason: str) -> list[ev.Payload]:
    """Nothing could be concluded from going on."""
    direct = ExecutionState.FAILED in EXECUTION_MAY_BECOME[record.state]
    through = [] if direct else [ev.ExecutionMoved(ExecutionState.RUNNING)]
    return [*_given_up(record, reason), *through, ev.ExecutionMoved(ExecutionState.FAILED, reason)]


def skipped(record: Replay, accepted: ev.RequestAccepted) -> ev.Payload:
    """A step that was left out on request. One that failed is passed over, whatever it had sent."""
    reason, step = f"skipped by {accepted.by}: {accepted.reason}", record.record_of(accepted.step)
    sent = in_flight(step, reason)
    if sent is None or step.state is StepState.FAILED:
        said = f"{reason} (it may have been sent)" if sent else reason
        return ev.StepSkipped(accepted.step, said, accepted.by)
    return sent


def in_flight(step: StepRecord, reason: str) -> ev.StepSettled | None:
    """How an effect ends of which something may have been sent; None for everything else."""
    if step.planned.kind != Kind.EFFECT or not step.intended:
        return None
    if step.written:
        return ev.StepSettled(step.planned.key, StepState.DONE, reason=f"sent; {reason}")
    return ev.StepSettled(step.planned.key, StepState.UNPROVEN, reason=f"may have been sent; {reason}")


def _given_up(record: Replay, reason: str) -> list[ev.Payload]:
    everything = {**record.steps, **record.verification}
    unsettled = {key: step for key, step in everything.items() if step.state not in SETTLED}
    return [
        in_flight(step, reason) or ev.StepSettled(key, StepState.CANCELLED, reason=reason)
        for key, step in unsettled.items()
    ]
