"""What the journal says of one item. Import-light."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model.states import EXCEPTIONAL, StepState

if TYPE_CHECKING:
    from orchestrator.model.plan import PlannedStep
    from orchestrator.model.values import Json


class StepRecord:
    """What is known of one item. Times are RFC 3339 as journalled; `settled_at` is when its hold, if any, began."""

    state: StepState = StepState.WAITING
    reason: str = ""
    attempts: int = 0
    started_at: str = ""
    settled_at: str = ""
    ended_at: str = ""
    subject: str = ""
    before: Json = None
    has_before: bool = False
    seen: Json = None
    """The latest value found before a write; `before` is the first."""
    target: Json = None
    intended: bool = False
    parts_written: int = 0
    parts: int = 0
    after: Json = None
    output: Json = None
    error: str = ""
    skipped_by: str = ""
    refused: bool = False
    """Whether people said no to this gate, or nobody said anything in time."""
    last_sample: Json = None

    def __init__(self, planned: PlannedStep) -> None:
        self.planned = planned

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StepRecord) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment] # it changes, so it is no key of anything

    @property
    def exceptional(self) -> bool:
        """Whether a run that recovers does so with exceptions because of this item."""
        return self.state in EXCEPTIONAL or bool(self.skipped_by)

    @property
    def passed_over(self) -> bool:
        """Whether it was left out for the run's mode alone: not by hand, nor by a condition."""
        return self.state is StepState.SKIPPED and bool(self.planned.only) and not self.skipped_by

    @property
    def written(self) -> bool:
        """Whether all parts of what was intended last are known to have been sent."""
        return self.intended and 0 < self.parts == self.parts_written

    def json(self) -> Json:
        """The step's entry in `status --json`."""
        return {
            "state": self.state.value,
            "reason": self.reason,
            "attempts": self.attempts,
            "started_at": self.started_at or None,
            "ended_at": self.ended_at or None,
            "before": self.before,
            "after": self.after,
            "error": self.error or None,
        }
