"""Calls per minute through the outage, as a picture: who was answered where, who was lost. SVG, styled by the page.

A minute that was not sampled is a gap, not a zero. Long runs are shown in means over several minutes, and say so.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from orchestrator.model.clock import moment
from orchestrator.model.samples import Count
from orchestrator.report.axis import Mark, TimeAxis, drawn_marks, figure, head_room, placed, round_top, time_labels
from orchestrator.report.calls import Minute, aligned, share_answered, total
from orchestrator.report.markup import Raw, element
from orchestrator.report.words import clock_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orchestrator.report.timeline import Timeline

_LEFT, _RIGHT, _BOTTOM = 40.0, 8.0, 30.0
_NARROWEST_COLUMN = 3.0
_REGION_CLASSES = ("here", "there", "third", "fourth")

Band = tuple[str, str, "Callable[[Minute], float]"]
"""One layer of a column: CSS class, name, amount."""


def calls_chart(run: Timeline, *, width: float, height: float, ident: str) -> Raw:
    """The chart; `width` and `height` are its own units, which the page scales."""
    slots = aligned(run.calls.minutes)
    group = max(1, -(-len(slots) * int(_NARROWEST_COLUMN) // int(width - _LEFT - _RIGHT)))
    columns = _grouped(slots, group)
    start = moment(slots[0][0])
    axis = TimeAxis(start, start + timedelta(minutes=len(columns) * group), _LEFT, width - _RIGHT)
    layers, shown = bands(run), placed(axis, run_marks(run))
    known = [minute for _, minute in columns if minute]
    top, step = round_top(max(max(minute.offered, _stack(minute, layers)) for minute in known))
    ceiling, floor = head_room(shown), height - _BOTTOM

    def up(amount: float) -> float:
        return floor - amount / top * (floor - ceiling)

    drawn = [
        _grid(axis, top, step, up),
        *(_column(axis, at, minute, layers, group, up) for at, minute in columns if minute),
        _offered(axis, columns, group, up),
        time_labels(axis, floor + 20, width),
        drawn_marks(shown, ceiling, floor),
    ]
    title = f"Calls per minute, {run.calls_basis}" + (f" (means of {group} minutes)" if group > 1 else "")
    return figure(drawn, ident=ident, title=title, told=description(run), width=width, height=height)


def bands(run: Timeline) -> list[Band]:
    """What a column is made of, from the bottom: answered per Region, then the lost, in two parts."""
    places = [str(place).split()[-1] for place in run.created.environments.values()]
    regions = sorted(run.calls.regions, key=lambda region: places.index(region) if region in places else len(places))

    def answered(region: str) -> Callable[[Minute], float]:
        return lambda minute: minute.answered_in.get(region, 0.0)

    found: list[Band] = [
        (_REGION_CLASSES[min(place, 3)], f"answered in {region}", answered(region))
        for place, region in enumerate(regions)
    ]
    found.append(("abandoned", "lost: gave up in a queue", lambda minute: minute.abandoned))
    found.append(("unserved", "lost: swallowed or turned away", lambda minute: minute.lost - minute.abandoned))
    return found


def run_marks(run: Timeline) -> list[Mark]:
    """The moments that both pictures show."""
    outage = "outage" if run.has_outage else ""
    return [
        *([Mark(run.outage_at, f"{outage} {_hm(run.outage_at)}", "outage")] if outage else []),
        Mark(run.history.replay.started_at, f"run starts {_hm(run.history.replay.started_at)}", "quiet"),
        Mark(run.move.at, f"callers moved {_hm(run.move.at)}", "shift"),
        Mark(run.move.returned_at, f"callers returned {_hm(run.move.returned_at)}", "shift"),
        Mark(run.recovered_at, f"recovered {_hm(run.recovered_at)}", "recovered"),
    ]


def description(run: Timeline) -> str:
    """The chart in a sentence or two."""
    offered, answered, lost = (run.calls_total(outcome) for outcome in (Count.OFFERED, Count.ANSWERED, "lost"))
    if offered is None or answered is None or lost is None:
        return "No calls were sampled: unknown."
    since = f"Since {clock_time(run.outage_at)}: " if run.outage_at else ""
    before, end = run.under_way or (0, 0)
    more = f"{before:,.0f} more {'was' if before == 1 else 'were'} under way when the count began"
    began = f" {more}." if before else ""
    left = f", {end:,.0f} still under way at the end" if end else ""
    cut = run.calls_total(Count.CUT_OFF)
    cut_off = f" {cut:,.0f} calls that had reached an agent were cut off in mid-talk." if cut else ""
    until = run.calls_until
    share = f" ({share_answered(answered, offered)})" if answered or not until else ""
    ends = f" The record ends at {clock_time(until)}: it has no whole minute after the recovery." if until else ""
    return (
        f"{since}{offered:,.0f} calls offered, {answered:,.0f} answered{share}, "
        f"{lost:,.0f} lost{left}.{began}{cut_off}{ends} All figures are {run.calls_basis}."
    )


def _hm(at: str) -> str:
    return clock_time(at)[:5]


def _grouped(slots: Sequence[tuple[str, Minute | None]], group: int) -> list[tuple[str, Minute | None]]:
    if group == 1:
        return list(slots)
    chunks = (slots[place : place + group] for place in range(0, len(slots), group))
    return [(chunk[0][0], _mean([minute for _, minute in chunk if minute])) for chunk in chunks]


def _mean(minutes: Sequence[Minute]) -> Minute | None:
    if not minutes:
        return None

    means = {outcome: (total(minutes, outcome) or 0.0) / len(minutes) for outcome in Count}
    regions = dict.fromkeys(region for minute in minutes for region in minute.answered_in)
    answered = {region: sum(m.answered_in.get(region, 0.0) for m in minutes) / len(minutes) for region in regions}
    return Minute(minutes[0].at, **means, answered_in=answered, agents_in={})


def _stack(minute: Minute, layers: Sequence[Band]) -> float:
    return sum(amount(minute) for _, _, amount in layers)


def _column(
    axis: TimeAxis, at: str, minute: Minute, layers: Sequence[Band], group: int, up: Callable[[float], float]
) -> Raw:
    left, right = _edges(axis, at, group)
    gap = min(2.0, (right - left) * 0.2)
    drawn, below = [], 0.0
    for class_, _, amount in layers:
        if (high := amount(minute)) > 0:
            y, foot = up(below + high), up(below)
            # A hair of paper between two layers keeps them apart without colour.
            shape = {"x": left + gap / 2, "y": y, "width": right - left - gap, "height": max(foot - y - 0.8, 0.6)}
            drawn.append(element("rect", class_=f"band {class_}", **shape))
            below += high
    told = ", ".join(f"{amount(minute):,.0f} {name}" for _, name, amount in layers if amount(minute))
    return element("g", element("title", f"{_hm(at)}: {minute.offered:,.0f} offered, {told or 'none served'}"), *drawn)


def _edges(axis: TimeAxis, at: str, group: int) -> tuple[float, float]:
    return axis.place(at), axis.place((moment(at) + timedelta(minutes=group)).isoformat())


def _offered(
    axis: TimeAxis, columns: Sequence[tuple[str, Minute | None]], group: int, up: Callable[[float], float]
) -> Raw:
    """A stepped line over the columns; it breaks where nothing is known."""
    path: list[str] = []
    drawing = False
    for at, minute in columns:
        if minute is None:
            drawing = False
            continue
        left, right = _edges(axis, at, group)
        y = up(minute.offered)
        path.append(f"{'L' if drawing else 'M'}{left:.1f} {y:.1f}H{right:.1f}")
        drawing = True
    return element("path", d="".join(path), class_="offered")


def _grid(axis: TimeAxis, top: float, step: float, up: Callable[[float], float]) -> Raw:
    drawn = []
    amount = 0.0
    while amount <= top:
        y = up(amount)
        drawn.append(element("line", x1=axis.left, x2=axis.right, y1=y, y2=y, class_="grid" if amount else "base"))
        drawn.append(element("text", f"{amount:,.0f}", x=axis.left - 8, y=y + 4, text_anchor="end", class_="tick"))
        amount += step
    return element("g", *drawn)
