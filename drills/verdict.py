"""What a drill showed. Pure: facts in, verdict out. The table of its rules is in `docs/drills.md`.

Only what was shown counts as shown (law 8): a steady state that did not hold, a fault that hit nothing, a call without
rules, or a recovery that nothing proved makes a drill *inconclusive*, never *passed*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.model.durations import show_duration
from orchestrator.model.errors import ExitCode
from orchestrator.model.states import ExecutionState, Verdict

if TYPE_CHECKING:
    from orchestrator.model.values import Json

CODES = {
    Verdict.PASSED: ExitCode.DONE,
    Verdict.FAILED: ExitCode.FAILED,
    Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Verdict.STOPPED: ExitCode.STOPPED,
}
_RECOVERED = (ExecutionState.RECOVERED, ExecutionState.RECOVERED_WITH_EXCEPTIONS)
_BY_PEOPLE = (ExecutionState.ABORTED, ExecutionState.WAITING, ExecutionState.PENDING)


@dataclass(frozen=True, slots=True)
class Held:
    """How a check of the scenario came out."""

    name: str
    holds: bool
    what: str


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective: declared and measured in the same unit. `met` is None where nothing was measured."""

    name: str
    declared: float
    measured: float | None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it was reached."""
        return None if self.measured is None else self.measured <= self.declared

    def values(self) -> dict[str, Json]:
        """For the journal."""
        return {
            "name": self.name, "declared": self.declared, "measured": self.measured, "met": self.met, "note": self.note,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a drill is over."""

    state: ExecutionState
    reason: str
    steady_state: Sequence[Held] = ()
    proven: Sequence[str] = ()
    """The conditions of `recovered_when` that were shown to hold."""
    afterwards: Sequence[Held] = ()
    broken: Sequence[str] = ()
    """Each critical step that failed or was cancelled, with its state and reason."""
    hits: Mapping[str, int] | None = None
    """Fault → how often it was felt."""
    without_rules: Sequence[str] = ()
    objectives: Sequence[Objective] = ()
    unmeasured: Sequence[str] = ()
    """Objectives that were declared, and that no drill measures: they judge nothing, and are met by nothing."""
    trouble: str = ""
    """What ended the simulation itself, if anything did."""
    people_said_no: bool = False
    """Whether the run rests because of gates alone: rejected, or left without an answer."""


def judge(facts: Facts) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict and its reasons: the first of the rules that has any."""
    if amiss := _amiss(facts):
        return Verdict.INCONCLUSIVE, tuple(amiss)
    if facts.state in _BY_PEOPLE or facts.people_said_no:
        return Verdict.STOPPED, (f"the run is {facts.state}: {facts.reason}",)
    if wrong := _wrong(facts):
        return Verdict.FAILED, tuple(wrong)
    if unshown := _unshown(facts):
        return Verdict.INCONCLUSIVE, tuple(unshown)
    return Verdict.PASSED, (_passed(facts),)


def _amiss(facts: Facts) -> list[str]:
    """What was wrong with the drill itself, so that nothing in it shows anything."""
    found = [
        f"steady state did not hold beforehand: {one.name}: {one.what}" for one in facts.steady_state if not one.holds
    ]
    found += [f"{fault} hit nothing and nobody" for fault, count in (facts.hits or {}).items() if not count]
    found += [f"{call} is not simulated" for call in facts.without_rules]
    return [*found, *([facts.trouble] if facts.trouble else [])]


def _wrong(facts: Facts) -> list[str]:
    """What was shown not to be as it should."""
    if facts.state not in _RECOVERED:
        return [f"the run {facts.state}: {facts.reason}"]
    found = [f"critical step {step}" for step in facts.broken]
    found += [f"recovery did not last: {one.name}: {one.what}" for one in facts.afterwards if not one.holds]
    return found + [
        f"{one.name}: {_shown(one, one.measured)} instead of at most {_shown(one, one.declared)}"
        for one in facts.objectives
        if one.met is False
    ]


def _unshown(facts: Facts) -> list[str]:
    """What was shown neither way."""
    nothing = not (facts.proven or facts.afterwards)
    found = ["nothing showed a recovery: no condition of recovered_when, no check of afterwards"] if nothing else []
    return found + [f"{one.name} was not measured" for one in facts.objectives if one.met is None]


def _passed(facts: Facts) -> str:
    proofs = ", ".join((*facts.proven, *(one.name for one in facts.afterwards)))
    return f"{facts.state}, shown by {proofs}; {_met(facts)}"


def _met(facts: Facts) -> str:
    if not facts.unmeasured:
        return "every objective was met" if facts.objectives else "no objective was declared"
    left = ", ".join(facts.unmeasured)
    if not facts.objectives:
        return f"no objective was measured ({left} declared)"
    return f"every objective that was measured was met ({left} was not measured)"


def _shown(objective: Objective, value: float | None) -> str:
    if value is None:
        return "unknown"
    return show_duration(value) if objective.name.endswith("_s") else f"{value:g}"
