"""Calls answered per minute as small bars of text, a line per Region, for the live view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.report.calls import Minute, aligned, calls
from orchestrator.report.words import cells, clock_time, pad

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orchestrator.model.events import Sample
    from orchestrator.report.standing import Line

_BARS = "▁▂▃▄▅▆▇█"
_NONE = "·"
"""Nothing was answered in this minute; a minute that was not sampled is blank."""
_LONGEST = 60
_STYLES = ("blue", "green", "magenta", "cyan")


def call_lines(samples: Sequence[tuple[str, Sample]], width: int) -> list[Line]:
    """A heading, then a bar line per Region and one for the lost, all on one scale; empty without samples."""
    series = calls(samples)
    if not series.minutes:
        return []
    regions = series.regions[: len(_STYLES)]
    label = max([cells(region) for region in regions] + [len("lost")]) + 2
    slots = aligned(series.minutes)[-min(width - label - 8, _LONGEST) :]
    known = [minute for _, minute in slots if minute]
    top = max(max(minute.offered, minute.answered, minute.lost) for minute in known)
    latest = known[-1]
    heading = f"Calls answered per minute{' (modelled)' if series.modelled else ''}"
    offered = f"  {latest.offered:,.0f} offered at {clock_time(latest.at)[:5]}"
    lines: list[Line] = [((heading, "bold"), (offered, "dim"))]
    for place, region in enumerate(regions):
        lines.append(_line(region, label, _STYLES[place], [_of(minute, _answered(region)) for _, minute in slots], top))
    if any(minute.lost for minute in known):
        lines.append(_line("lost", label, "red", [_of(minute, _lost) for _, minute in slots], top))
    return lines


def _answered(region: str) -> Callable[[Minute], float]:
    return lambda minute: minute.answered_in.get(region, 0.0)


def _lost(minute: Minute) -> float:
    return minute.lost


def _of(minute: Minute | None, amount: Callable[[Minute], float]) -> float | None:
    return amount(minute) if minute else None


def _line(name: str, label: int, style: str, amounts: Sequence[float | None], top: float) -> Line:
    bars = "".join(_bar(amount, top) for amount in amounts)
    now = amounts[-1]
    return (
        (f"  {pad(name, label)}", ""),
        (bars, style),
        (f" {now:,.0f}" if now is not None else " ?", "bold"),
    )


def _bar(amount: float | None, top: float) -> str:
    if amount is None:
        return " "
    if amount <= 0 or top <= 0:
        return _NONE
    return _BARS[min(int(amount / top * len(_BARS)), len(_BARS) - 1)]
