"""A plan as data: what `engine/plan` computes, `execution.created` records, and every fold reads.

One `PlannedStep` is one schedulable item: a step, or one member of its `for_each`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from orchestrator.model.frozen import Frozen
from orchestrator.model.states import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.model.values import Json


class Retry(Frozen):
    """Attempts over all, and the exponential wait between them (jittered by the run's own chance)."""

    attempts: int = 5
    wait_s: float = 2.0
    wait_s_max: float = 30.0


_retry = lru_cache(maxsize=64)(Retry)
"""One for all steps that are retried alike, which are nearly all."""


class Guard(Frozen):
    """A check between two items of a series. `params` may hold expressions."""

    action: str
    params: Mapping[str, Json]
    deadline_s: float
    expected_s: float = 0.0


class PlannedStep(Frozen):
    """One item. `params` are as written, expressions unresolved; `item` is the member of `for_each` it is for."""

    key: str
    step: str
    title: str
    action: str
    kind: str
    params: Mapping[str, Json]
    needs: tuple[str, ...] = ()
    """Item keys. For `in_order` series, item n needs item n-1."""
    index: int | None = None
    item: Json = None
    when: str = ""
    only: str = ""
    skip: str = ""
    """Why there is nothing to do, known at planning (an empty `for_each`)."""
    series: bool = False
    last: bool = True
    """Whether this is the last item of its series: no hold and no guard follows it."""
    at_once: int = 20
    critical: bool = True
    on_failure: str = "pause"
    on_silence: str = "stop"
    deadline_s: float = 300.0
    hold_s: float = 0.0
    guard: Guard | None = None
    retry: Retry = Retry()
    expected_s: float = 0.0
    provenance: str = "assumed"
    one_way: str = ""
    subject: str = ""
    """Known at planning where no parameter is late; else empty."""
    line: int = 0

    def left_out(self, mode: str) -> str:
        """Why it is not done in this mode; empty if it is."""
        if self.only and self.only != mode:
            return f"only {self.only}; the run is {mode}: not done"
        return self.skip

    def never_done(self, mode: str) -> bool:
        """Whether it is left out for good: a planned run may become unplanned, never the other way."""
        return bool(self.skip) or (mode == Mode.UNPLANNED and self.only == Mode.PLANNED)

    @property
    def takes_s(self) -> float:
        """Seconds that the item should take before what needs it may start: itself, its hold and its guard."""
        if self.last:
            return self.expected_s
        return self.expected_s + self.hold_s + (self.guard.expected_s if self.guard else 0.0)

    def record(self) -> Json:
        """As JSON, for the journal."""
        guard = self.guard and {**vars(self.guard)}
        return {**vars(self), "guard": guard, "retry": {**vars(self.retry)}}

    @staticmethod
    def from_record(data: Mapping[str, Json]) -> PlannedStep:
        """The inverse of `record`."""
        guard = data["guard"] and Guard(**data["guard"])
        return PlannedStep(**{**data, "needs": tuple(data["needs"]), "guard": guard, "retry": _retry(**data["retry"])})
