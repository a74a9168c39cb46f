"""Medians over rounds in which all that is compared takes its turn: a busy moment then falls on everybody."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

RUNS = 5


class Figures(NamedTuple):
    """Of several runs, the first left out."""

    median: float
    low: float
    high: float

    def shown(self, form: str = ",.0f") -> str:
        """`1,234 (1,200-1,300)`."""
        return f"{self.median:{form}} ({self.low:{form}}-{self.high:{form}})"


def rounds(measures: Mapping[str, Callable[[], float]], runs: int = RUNS) -> dict[str, Figures]:
    """`runs` measurements of each by turns, after a first round that is left out."""
    found = [{name: measure() for name, measure in measures.items()} for _ in range(runs + 1)][1:]
    return {name: of([each[name] for each in found]) for name in measures}


def of(found: Sequence[float]) -> Figures:
    """The figures that these measurements amount to."""
    return Figures(statistics.median(found), min(found), max(found))
