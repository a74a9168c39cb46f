"""Scales of the charts: from moments and amounts to places on paper, with round ticks. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from orchestrator.model.clock import moment
from orchestrator.report.markup import Raw, element, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

_STEPS_S = (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
BREAK = 600.0
"""Pictures narrower than this are for small screens; the page shows one of both."""
_ROW = 15.0
_LETTER = 7.2
"""Width of a letter of 12 units, about: labels must not run into each other."""


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Moments from `start` to `end` between `left` and `right`."""

    start: datetime
    end: datetime
    left: float
    right: float

    def place(self, at: str) -> float:
        """Where a moment lies, kept within the axis."""
        span = max((self.end - self.start).total_seconds(), 1.0)
        share = (moment(at) - self.start).total_seconds() / span
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def ticks(self) -> list[tuple[float, str]]:
        """Places and labels of round times of day, as close as they are readable."""
        most = max(int((self.right - self.left) / 75), 1)
        span_s = (self.end - self.start).total_seconds()
        step = next((step for step in _STEPS_S if span_s / step <= most), max(int(span_s / most), 1))
        form = "%H:%M:%S" if step < 60 else "%H:%M"
        first = -(-self.start.timestamp() // step) * step
        at, found = datetime.fromtimestamp(first, UTC), []
        while at <= self.end:
            found.append((self.place(at.isoformat()), at.strftime(form)))
            at += timedelta(seconds=step)
        return found


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that matters for the whole run."""

    at: str
    label: str
    class_: str


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A mark on its axis: `left` says that the label ends at `x` instead of beginning there; `row` counts upwards."""

    mark: Mark
    x: float
    left: bool
    row: int


def placed(axis: TimeAxis, shown: Sequence[Mark]) -> list[PlacedMark]:
    """Marks in order of time; a label that would run into another goes up a row."""
    found: list[PlacedMark] = []
    ends: list[float] = []
    for mark in sorted((mark for mark in shown if mark.at), key=lambda mark: mark.at):
        x, wide = axis.place(mark.at), len(mark.label) * _LETTER
        left = x + wide > axis.right
        begin = x - wide if left else x
        row = next((row for row, end in enumerate(ends) if end + 8 <= begin), len(ends))
        ends[row : row + 1] = [begin + wide]
        found.append(PlacedMark(mark, x, left, row))
    return found


def head_room(marks: Sequence[PlacedMark]) -> float:
    """What the labels of marks need above the picture."""
    return 14.0 + _ROW * (1 + max((one.row for one in marks), default=0))


def drawn_marks(marks: Sequence[PlacedMark], top: float, bottom: float) -> Raw:
    """Vertical lines with labels above; a label goes before every line, also where another's crosses it."""
    lines: list[Raw] = []
    labels: list[Raw] = []
    for one in marks:
        y = top - 8 - _ROW * one.row
        anchor = "end" if one.left else "start"
        lines.append(element("line", x1=one.x, x2=one.x, y1=y + 4, y2=bottom, class_=f"mark {one.mark.class_}"))
        style = f"mark-label {one.mark.class_}"
        labels.append(element("text", one.mark.label, x=one.x, y=y, text_anchor=anchor, class_=style))
    return element("g", *lines, *labels)


def time_labels(axis: TimeAxis, y: float, width: float) -> Raw:
    """Round times of day below a picture of this width; one at an edge stays inside."""
    shown: list[Raw] = []
    for x, label in axis.ticks():
        half = len(label) * _LETTER / 2
        anchor, place = ("middle", x)
        if x + half > width:
            anchor, place = "end", width
        elif x < half:
            anchor, place = "start", 0.0
        shown.append(element("text", label, x=place, y=y, text_anchor=anchor, class_="tick"))
    return element("g", *shown)


def round_top(highest: float) -> tuple[float, float]:
    """The top of a scale that holds `highest`, and the step of its ticks: 1, 2 or 5 times a power of ten."""
    step = 1.0
    factors = (2.0, 2.5, 2.0)
    place = 0
    while highest / step > 5:
        step *= factors[place % 3]
        place += 1
    top = step * max(-(-highest // step), 1.0)
    return top, step


def figure(drawn: Sequence[Raw], *, ident: str, title: str, told: str, width: float, height: float) -> Raw:
    """An SVG with its title and description for those who do not see it."""
    return element(
        "svg",
        element("title", title, id=f"{ident}-title"),
        element("desc", told, id=f"{ident}-desc"),
        joined(drawn),
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        role="img",
        aria_labelledby=f"{ident}-title {ident}-desc",
        id=ident,
        class_="wide" if width >= BREAK else "narrow",
    )
