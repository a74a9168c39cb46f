"""Objectives: what was declared before the run, and what the run measured. Unknown is not met and not missed.

A simulated run measures simulated orchestration time and modelled callers: labelled so, never as the objective itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from orchestrator.model.durations import show_duration
from orchestrator.report.words import UNKNOWN, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orchestrator.model.values import Json

_TITLES = MappingProxyType({"rto_s": "Time to recover", "rpo_s": "Data lost, as time", "lost_calls": "Calls lost"})
_SIMULATED = MappingProxyType({"rto_s": "simulated orchestration time", "rpo_s": "simulated", "lost_calls": "modelled"})


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective. `measured` and `met` are None where nothing was measured; `basis` is the kind of figure."""

    name: str
    declared: float | None
    measured: float | None
    met: bool | None
    basis: str
    note: str

    @property
    def title(self) -> str:
        """Its name for people."""
        return _TITLES.get(self.name, one_line(self.name))

    @property
    def verdict(self) -> str:
        """`met`, `missed` or `unknown`."""
        return UNKNOWN if self.met is None else "met" if self.met else "missed"

    def shown(self, value: float | None) -> str:
        """A value in the objective's unit."""
        if value is None:
            return UNKNOWN
        return show_duration(value) if self.name.endswith("_s") else f"{value:,.0f}"


def objectives(
    declared: Mapping[str, Json],
    derived: Mapping[str, float | None],
    sampled: Iterable[Mapping[str, Json]],
    *,
    simulated: bool,
) -> tuple[Objective, ...]:
    """Every objective that was declared or judged; a drill's own judgement (`sampled`) goes before what we derive."""
    judged = {_named(values.get("name"), declared): values for values in sampled}
    said = [name for name, value in declared.items() if value is not None]
    names = dict.fromkeys((*(name for name in _TITLES if name in said), *said, *judged))
    return tuple(_objective(name, declared, derived, judged.get(name, {}), simulated=simulated) for name in names)


def _named(name: Json, declared: Mapping[str, Json]) -> str:
    """A sample may name an objective as the runbook does (`rto`) or as the journal does (`rto_s`)."""
    return f"{name}_s" if f"{name}_s" in declared else str(name)


def _objective(
    name: str,
    declared: Mapping[str, Json],
    derived: Mapping[str, float | None],
    judged: Mapping[str, Json],
    *,
    simulated: bool,
) -> Objective:
    goal = _number(judged.get("declared", declared.get(name)))
    measured = _number(judged["measured"]) if "measured" in judged else derived.get(name)
    met = judged.get("met")
    if not isinstance(met, bool):
        met = None if measured is None or goal is None else measured <= goal
    basis = _SIMULATED.get(name, "simulated") if simulated else "measured"
    return Objective(name, goal, measured, met, basis, one_line(judged.get("note") or ""))


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
