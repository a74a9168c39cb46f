"""What an undo would return, from the journal's record alone. Pure.

Laws (2): each subject is returned once, to the earliest value that the run found there, in reverse dependency order;
and only from what the run itself has left there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.model.actions import Kind
from orchestrator.model.plan import PlannedStep
from orchestrator.model.values import Json

if TYPE_CHECKING:
    from orchestrator.journal.record import StepRecord
    from orchestrator.journal.replay import Replay


@dataclass(frozen=True, slots=True)
class Return:
    """One subject: who wrote it last, and what it is returned to."""

    step: PlannedStep
    subject: str
    value: Json


def returns(record: Replay) -> tuple[Return, ...]:
    """Every subject that the run has written and not returned yet, the last written first."""
    found: dict[str, Return] = {}
    for step in reversed(record.steps.values()):
        subject = step.subject
        if _may_be_returned(step) and subject not in found and subject not in record.returned:
            found[subject] = Return(step.planned, subject, record.before_of[subject])
    return tuple(found.values())


def _may_be_returned(step: StepRecord) -> bool:
    return step.planned.kind == Kind.SETTING and step.intended and not step.planned.one_way
