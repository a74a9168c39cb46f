"""What a reader of a report must not overlook: who went on alone (break-glass), and what an undo has given back."""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestrator.model.values import Json

REVIEW = "review:"
"""How the reason of a note begins that is the review of a broken glass."""


@dataclass(slots=True)
class Glass:
    """Somebody went on alone at the gate `step`, or (empty) may at every gate of the run."""

    at: str
    step: str
    by: str
    reason: str
    passed_over: list[str] = field(default_factory=list)
    reviews: list[tuple[str, str, str]] = field(default_factory=list)
    """Of each review recorded since: when, by whom, what it says."""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A subject that an undo has seen at its earliest value again, and who had asked for that."""

    at: str
    step: str
    subject: str
    value: Json
    by: str
