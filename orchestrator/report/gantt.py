"""The run in time, as a picture: a bar per step, waiting and holding told apart, the critical path in bold. SVG.

Items of one step that ran side by side share a row when there are many; the table beside lists them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from orchestrator.model.clock import moment
from orchestrator.model.states import StepState
from orchestrator.report.axis import BREAK, TimeAxis, drawn_marks, figure, head_room, placed, time_labels
from orchestrator.report.chart import run_marks
from orchestrator.report.markup import Raw, element
from orchestrator.report.words import duration, fit, seconds_between

if TYPE_CHECKING:
    from orchestrator.report.history import Item
    from orchestrator.report.timeline import Timeline

_BOTTOM = 28.0
_GUTTER = 210.0
_FEW = 6
"""Up to so many items of a step get a row each."""
_BAD = frozenset({StepState.FAILED, StepState.UNPROVEN, StepState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Bar:
    """One row. `rested_at` is where a hold began, or the end."""

    label: str
    started_at: str
    rested_at: str
    ended_at: str
    took_s: float | None
    class_: str
    critical: bool
    failed_at: tuple[str, ...]


def gantt(run: Timeline, *, width: float, ident: str) -> Raw:
    """The picture; narrower than `BREAK`, labels stand above their bars instead of beside them."""
    beside = width >= BREAK
    rows = bars(run)
    pitch = 28.0 if beside else 40.0
    start = moment(min([bar.started_at for bar in rows] + ([run.outage_at] if run.outage_at else [])))
    end = max([moment(bar.ended_at) for bar in rows], default=start)
    end = max(end, start + timedelta(seconds=1))
    axis = TimeAxis(start, end, _GUTTER if beside else 8.0, width - (64.0 if beside else 12.0))
    shown = placed(axis, run_marks(run))
    top = head_room(shown) + 4.0
    floor = top + pitch * len(rows) + 2
    drawn = [
        element("g", *(element("line", x1=x, x2=x, y1=top, y2=floor, class_="grid") for x, _ in axis.ticks())),
        time_labels(axis, floor + 18, width),
        drawn_marks(shown, top - 4, floor),
        *(_row(axis, bar, top + pitch * place, beside=beside, width=width) for place, bar in enumerate(rows)),
    ]
    told = " then ".join(f"{leg.key} ({duration(leg.took_s)})" for leg in run.path)
    return figure(
        drawn,
        ident=ident,
        title=f"Steps in time, {run.time_basis}",
        told=f"The critical path was {told}." if told else "Nothing has settled.",
        width=width,
        height=floor + _BOTTOM,
    )


def bars(run: Timeline) -> list[Bar]:
    """A bar for every item that was taken up, in order of start; conditions of `recovered_when` come last."""
    critical = {leg.key for leg in run.path}
    taken = [item for item in run.history.items.values() if item.executed]
    rows: list[Bar] = []
    for _, group in groupby(taken, key=lambda item: (item.record.planned.step, item.verifies)):
        items = list(group)
        alone = [item for item in items if len(items) <= _FEW or item.key in critical]
        rows += [_bar(run, item, critical=item.key in critical) for item in alone]
        if rest := [item for item in items if item not in alone]:
            rows.append(_together(run, rest))
    last = {item.key for item in taken if item.verifies}
    return sorted(rows, key=lambda bar: (bar.label in last, bar.started_at))


def _bar(run: Timeline, item: Item, *, critical: bool) -> Bar:
    ended = item.ended_at or run.history.replay.last_at
    return Bar(
        label=item.key,
        started_at=item.record.started_at,
        rested_at=min(item.rested_at or ended, ended),
        ended_at=ended,
        took_s=seconds_between(item.record.started_at, item.ended_at),
        class_=_class(item),
        critical=critical,
        failed_at=tuple(failure.at for failure in item.failures),
    )


def _together(run: Timeline, items: list[Item]) -> Bar:
    each = [_bar(run, item, critical=False) for item in items]
    start, end = min(bar.started_at for bar in each), max(bar.ended_at for bar in each)
    odd = next((bar.class_ for bar in each if bar.class_ == "bad"), each[0].class_)
    failed = tuple(at for bar in each for at in bar.failed_at)
    label = f"{items[0].record.planned.step} ({len(items)} items)"
    return Bar(label, start, end, end, seconds_between(start, end), odd, critical=False, failed_at=failed)


def _class(item: Item) -> str:
    if item.record.state in _BAD:
        return "bad"
    if not item.ended_at:
        return "open"
    return "gate" if item.record.planned.kind == "gate" else "plain"


def _row(axis: TimeAxis, bar: Bar, y: float, *, beside: bool, width: float) -> Raw:
    top = y + (6 if beside else 19)
    high = 14.0
    left, rest, right = axis.place(bar.started_at), axis.place(bar.rested_at), axis.place(bar.ended_at)
    weight = " critical" if bar.critical else ""
    told = f"{bar.label}: {duration(bar.took_s)}" + (", on the critical path" if bar.critical else "")
    shape = {"y": top, "height": high, "rx": 2.0}
    parts = [
        element("title", told),
        _label(bar, y, top, beside=beside, width=width),
        element("rect", x=left, width=max(rest - left, 2.0), class_=f"bar {bar.class_}{weight}", **shape),
    ]
    if right - rest > 0.5:
        parts.append(element("rect", x=rest, width=right - rest, class_=f"bar hold{weight}", **shape))
    parts += [_cross(axis.place(at), top + high / 2) for at in bar.failed_at]
    if beside:
        spent = duration(bar.took_s) if bar.took_s is not None else "open"
        parts.append(element("text", spent, x=max(right, left + 2) + 6, y=top + 11, class_=f"spent{weight}"))
    return element("g", *parts)


def _label(bar: Bar, y: float, top: float, *, beside: bool, width: float) -> Raw:
    weight = " critical" if bar.critical else ""
    if beside:
        return element(
            "text", fit(bar.label, 29), x=_GUTTER - 12, y=top + 11, text_anchor="end", class_=f"name{weight}"
        )
    spent = duration(bar.took_s) if bar.took_s is not None else "open"
    return element("text", f"{fit(bar.label, int(width / 9))}  {spent}", x=8.0, y=y + 13, class_=f"name{weight}")


def _cross(x: float, y: float) -> Raw:
    """An attempt that failed."""
    return element("path", d=f"M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6", class_="cross")
