"""Calls per minute, from `calls` samples. Figures are shown as *modelled* where a simulation made them up.

A minute without a sample is unknown, not zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from orchestrator.model.clock import moment, stamp
from orchestrator.model.samples import Count, lost
from orchestrator.report.words import percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orchestrator.model.events import Sample
    from orchestrator.model.values import Json


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of calls, of all Regions together. `at` is its start, RFC 3339; what each figure counts: `Count`."""

    at: str
    offered: float
    answered: float
    abandoned: float
    swallowed: float
    failed: float
    overflowed: float
    cut_off: float
    answered_in: Mapping[str, float]
    agents_in: Mapping[str, float]

    @property
    def lost(self) -> float:
        """Calls that never reached an agent."""
        return lost(self)


@dataclass(frozen=True, slots=True)
class Calls:
    """Every sampled minute, in order."""

    minutes: tuple[Minute, ...]
    modelled: bool

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions in order of first appearance."""
        return tuple(dict.fromkeys(region for minute in self.minutes for region in minute.answered_in))

    def since(self, at: str) -> tuple[Minute, ...]:
        """Minutes that end after `at`: the minute in which it falls, and all later."""
        if not at:
            return self.minutes
        return tuple(minute for minute in self.minutes if moment(minute.at) + timedelta(minutes=1) > moment(at))


def calls(samples: Iterable[tuple[str, Sample]]) -> Calls:
    """The series that `calls` samples amount to; a minute told twice counts as told last."""
    by_minute: dict[str, Minute] = {}
    modelled = False
    for at, sample in samples:
        minute = _minute(str(sample.values.get("minute") or at), sample.values)
        by_minute[minute.at] = minute
        modelled = modelled or sample.modelled
    return Calls(tuple(by_minute[at] for at in sorted(by_minute)), modelled)


def total(minutes: Sequence[Minute], outcome: str) -> float | None:
    """The sum of one outcome (a `Count`, or `lost`); None where nothing was sampled."""
    return sum(getattr(minute, outcome) for minute in minutes) if minutes else None


def share_answered(answered: float, offered: float) -> str:
    """In per cent of the calls offered; of the answered alone where some of them had been offered before."""
    return percent(answered, max(offered, answered))


def under_way(minutes: Sequence[Minute]) -> float | None:
    """Calls offered in these minutes beyond those answered or lost in them; None where nothing was sampled.

    Of a record that begins when customers begin to call: how many were still under way at the end of these minutes.
    """
    return sum(minute.offered - minute.answered - minute.lost for minute in minutes) if minutes else None


def aligned(minutes: Sequence[Minute]) -> list[tuple[str, Minute | None]]:
    """Every minute from first to last, None where none was sampled."""
    if not minutes:
        return []
    known = {moment(minute.at): minute for minute in minutes}
    first, last = min(known), max(known)
    count = round((last - first) / timedelta(minutes=1)) + 1
    starts = (first + timedelta(minutes=place) for place in range(count))
    return [(stamp(start), known.get(start)) for start in starts]


def _minute(at: str, values: Mapping[str, Json]) -> Minute:
    regions: Mapping[str, Mapping[str, Json]] = values.get("regions") or {}
    sums = {
        outcome: float(values[outcome] if outcome in values else sum(_of(one, outcome) for one in regions.values()))
        for outcome in Count
    }
    answered = {region: _of(one, Count.ANSWERED) for region, one in regions.items()}
    agents = {region: _of(one, "agents") for region, one in regions.items()}
    return Minute(stamp(moment(at)), **sums, answered_in=answered, agents_in=agents)


def _of(values: Mapping[str, Json], outcome: str) -> float:
    return float(values.get(outcome) or 0)
