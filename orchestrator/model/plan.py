"""A plan as data: what `engine/plan` computes, `execution.created` records, and every fold reads.

One `PlannedStep` is one schedulable item: a step, or one member of its `for_each`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from orchestrator.model.values import Json


@dataclass(frozen=True, slots=True)
class Retry:
    """Attempts over all, and the exponential wait between them (jittered by the run's own chance)."""

    attempts: int = 5
    wait_s: float = 2.0
    wait_s_max: float = 30.0


@dataclass(frozen=True, slots=True)
class Guard:
    """A check between two items of a series. `params` may hold expressions."""

    action: str
    params: Mapping[str, Json]
    deadline_s: float


@dataclass(frozen=True, slots=True)
class PlannedStep:
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
    retry: Retry = field(default_factory=Retry)
    expected_s: float = 0.0
    provenance: str = "assumed"
    one_way: str = ""
    subject: str = ""
    """Known at planning where no parameter is late; else empty."""
    line: int = 0

    def record(self) -> Json:
        """As JSON, for the journal."""
        return asdict(self)

    @staticmethod
    def from_record(data: Mapping[str, Json]) -> PlannedStep:
        """The inverse of `record`."""
        guard = data["guard"] and Guard(**data["guard"])
        return PlannedStep(**{**data, "needs": tuple(data["needs"]), "guard": guard, "retry": Retry(**data["retry"])})
