"""The live view of a run: fed with events, rendered for any terminal; and plain lines for where there is none.

It fits: never wider nor higher than asked (40 columns and one row at least). What is being done, what failed and who is
waited for is shown before what is done or far off. Rich only dresses the lines; without colour they say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.journal.replay import Replay
from orchestrator.model.clock import moment, stamp
from orchestrator.model.events import RequestAccepted, RequestRefused, Sample
from orchestrator.model.samples import Sampled
from orchestrator.model.states import StepState
from orchestrator.report.forecast import forecast_s
from orchestrator.report.lines import run_lines
from orchestrator.report.sparks import call_lines
from orchestrator.report.standing import (
    Line,
    Row,
    answer_command,
    cut,
    elapsed_s,
    folded,
    glass,
    in_process,
    open_gates,
    plain,
    remedies,
    rows,
    took,
)
from orchestrator.report.words import (
    EXECUTION_STYLE,
    GLYPH,
    STYLE,
    cells,
    clock_time,
    duration,
    fit,
    one_line,
    pad,
    plural,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.text import Text

    from orchestrator.model.events import Event

__all__ = ["LiveView", "run_lines"]

_NARROWEST, _LOW = 40, 12
"""In fewer rows than the second there are no empty lines, and no questions in words."""
_WISH_S = 60.0
"""For so long the latest request stays in sight."""
_LAST_LINES = 3
_MOST_GATES = 3
_STATE_WIDTH, _TIME_WIDTH = 10, 7
_INDENT = _STATE_WIDTH + 3
_ROOMY = 60
"""Columns from which on expectations and notes have room."""
_AT_REST = frozenset({StepState.DONE, StepState.ALREADY_SO, StepState.SKIPPED, StepState.UNDONE, StepState.CANCELLED})


@dataclass(frozen=True, slots=True)
class _Room:
    """The terminal."""

    width: int
    height: int


class LiveView:
    """One run as it goes.

    Args:
        options: that commands to type need, as `Home.options`.
    """

    def __init__(self, options: str = "") -> None:
        self._options = options
        self.replay = Replay()
        self._calls: list[tuple[str, Sample]] = []
        self._last: list[str] = []
        self._wish: tuple[str, str] = ("", "")
        """When somebody last asked for something, and what became of it."""

    def apply(self, event: Event) -> None:
        """Take one event in."""
        self.replay.apply(event)
        if isinstance(event.payload, Sample) and event.payload.name == Sampled.CALLS:
            self._calls.append((event.at, event.payload))
        line = run_lines(event)
        if line:
            self._last = [*self._last[1 - _LAST_LINES :], line]
            if isinstance(event.payload, RequestAccepted | RequestRefused):
                self._wish = (event.at, line)

    def render(self, now: datetime, width: int, height: int) -> Text:
        """The view as a rich renderable of at most `width` columns and `height` rows; `now` by the run's own clock."""
        from rich.text import Text  # noqa: PLC0415 - only a terminal needs rich

        shown = [Text.assemble(*line, no_wrap=True, overflow="crop") for line in self.lines(now, width, height)]
        return Text("\n", no_wrap=True, overflow="crop").join(shown)

    def text(self, now: datetime, width: int, height: int) -> str:
        """The same without colour."""
        return plain(self.lines(now, width, height))

    def lines(self, now: datetime, width: int, height: int) -> list[Line]:
        """The lines of the view, with their styles."""
        room = _Room(max(width, _NARROWEST), max(height, 1))
        if self.replay.created is None:
            return [(("Nothing is journalled yet.", "dim"),)]
        low = room.height < _LOW
        gap: list[Line] = [] if low else [()]
        head = [*self._heading(now, room)[: room.height // 3 if low else None], *gap] or self._heading(now, room)[:1]
        asked = self._asked(now, room)
        calls = call_lines(self._calls, room.width) if room.height >= 20 else []
        last = self._lately(now, room)
        foot = [line for part in (asked, calls, last) if part for line in (*gap, *part)]
        left = room.height - len(head) - len(foot)
        if left < 3:  # what must be answered goes before what may be looked at
            foot = [*gap, *asked][: max(room.height - len(head) - (1 if low else 3), 0)] if asked else []
            left = room.height - len(head) - len(foot)
        body = _steps(rows(self.replay, now), room.width, left)[:left]
        return [cut(line, room.width) for line in [*head, *body, *foot]][: room.height]

    def _lately(self, now: datetime, room: _Room) -> list[Line]:
        """The last lines, and what somebody asked for lately, if it is not among them any more."""
        last = self._last[-(1 if room.height < 30 else _LAST_LINES) :]
        at, wish = self._wish
        fresh = bool(at) and (now - moment(at)).total_seconds() < _WISH_S and wish not in last
        return [*([((wish, "bold"),)] if fresh else []), *(((line, "dim"),) for line in last)]

    def _heading(self, now: datetime, room: _Room) -> list[Line]:
        created = self.replay.created
        assert created is not None  # noqa: S101 - lines() has looked
        state = self.replay.state
        first: list[tuple[str, str]] = [(f" {state.value.upper()} ", f"{EXECUTION_STYLE[state]} reverse")]
        if created.simulated:
            first += [(" ", ""), (" SIMULATED ", "bold black on yellow")]
        first += [(f"  {created.runbook}", "bold"), (f"  {self.replay.mode}", "")]
        return [tuple(first), self._progress(now, room), *self._glass(room), *self._reason(room)]

    def _glass(self, room: _Room) -> list[Line]:
        """Whoever goes on alone is seen to by everybody."""
        text = glass(self.replay)
        return [((fit(f" BREAK-GLASS {text}", room.width), "bold white on red"),)] if text else []

    def _reason(self, room: _Room) -> list[Line]:
        title = self.replay.created.title if self.replay.created else ""
        return [((fit(one_line(self.replay.reason or title), room.width), "dim"),)]

    def _progress(self, now: datetime, room: _Room) -> Line:
        """A bar of elapsed against forecast, then both in figures. Over the forecast it is full, and says so."""
        spent, forecast = elapsed_s(self.replay, now) or 0.0, forecast_s(self.replay) or 0.0
        over = spent > forecast
        figures = f"{duration(round(spent))} of ~{duration(forecast)}"
        figures += f", {duration(round(spent - forecast))} over" if over and not self.replay.ended else ""
        clock = f"  {clock_time(stamp(now))}" if room.width >= 60 else ""
        size = max(min(room.width - cells(figures) - cells(clock) - 2, 60), 4)
        full = size if over or not forecast else round(size * spent / forecast)
        style = "yellow" if over else "cyan"
        return (("━" * full, style), ("─" * (size - full), "dim"), (f"  {figures}", "bold"), (clock, "dim"))

    def _asked(self, now: datetime, room: _Room) -> list[Line]:
        """Who is waited for, until when, and the whole command to type."""
        lines: list[Line] = []
        gates = list(open_gates(self.replay).items())
        for key, gate in gates[:_MOST_GATES]:
            left = (moment(gate.deadline) - now).total_seconds()
            until = f"until {clock_time(gate.deadline)} ({'in ' + duration(round(left)) if left > 0 else 'overdue'})"
            whom = ", ".join(map(one_line, gate.approvers))
            lines += [((part, "bold yellow"),) for part in folded(f"{key} WAITS FOR {whom} {until}", room.width)]
            if room.height >= _LOW:
                lines += [((f"  {part}", ""),) for part in folded(one_line(gate.question), room.width - 2)[:2]]
            command = "" if in_process(self.replay) else answer_command(self.replay, key, self._options)
            lines += [((f"  {part}", "bold"),) for part in folded(command, room.width - 2) if part]
        if len(gates) > _MOST_GATES:
            lines.append(
                ((f"and {plural(len(gates) - _MOST_GATES, 'more question')}: failover status", "bold yellow"),)
            )
        commands = remedies(self.replay, self._options)[:2]
        if commands:
            lines.append((("A person decides, for example:", "bold yellow"),))
        for command in commands:
            lines += [((f"  {part}", "bold"),) for part in folded(command, room.width - 2)]
        return lines


def _steps(shown: Sequence[Row], width: int, height: int) -> list[Line]:
    """Steps in `height` lines: all in plan order if they fit, else what moves first, the rest counted."""
    keys = min(max((cells(row.key) for row in shown), default=0), max(12, width // 3))
    if len(shown) <= height:
        return _with_notes([(row, _row(row, keys, width)) for row in shown], width, height - len(shown))
    rest = [row for row in shown if row.state in _AT_REST]
    moving = sorted((row for row in shown if _matters(row)), key=lambda row: row.active)  # failed ones first
    waiting = [row for row in shown if row.state is StepState.WAITING]
    if height < 3:
        return [_row(row, keys, width) for row in (*moving, *waiting, *reversed(rest))][:height]
    lines = _told(rest, width)
    space = max(height - len(lines) - bool(waiting), 1)
    if len(moving) > space:
        lines += [_row(row, keys, width) for row in moving[: space - 1]]
        lines.append(((f"  {len(moving) - space + 1} more running or failed", "bold"),))
        space = 0
    else:
        lines += [_row(row, keys, width) for row in moving]
        space -= len(moving)
    if waiting:
        fits = len(waiting) <= space + 1
        ahead = waiting if fits else waiting[: max(space, 0)]
        lines += [_row(row, keys, width) for row in ahead]
        if not fits:
            lines.append(((f"  {len(waiting) - len(ahead)} {'more ' if ahead else ''}waiting", "dim"),))
    return lines


def _with_notes(shown: Sequence[tuple[Row, Line]], width: int, spare: int) -> list[Line]:
    """Rows; a note that was cut off is told whole below, for what moves or failed, as long as lines are spare."""
    lines: list[Line] = []
    for row, line in shown:
        lines.append(line)
        whole = folded(row.note, width - _INDENT) if _matters(row) and _cut_off(row, line) else []
        if whole and len(whole) <= spare:
            spare -= len(whole)
            lines[-1] = line[:-1]
            lines += [((" " * _INDENT + part, ""),) for part in whole]
    return lines


def _matters(row: Row) -> bool:
    return row.active or row.state in {StepState.FAILED, StepState.UNPROVEN}


def _cut_off(row: Row, line: Line) -> bool:
    return not line[-1][0].endswith(row.note)


def _told(rest: Sequence[Row], width: int) -> list[Line]:
    """Steps at rest, counted by state: `12 done, 1 skipped`, and the names of the latest where there is room."""
    if not rest:
        return []
    counts: dict[str, int] = {}
    for row in rest:
        counts[row.state.value] = counts.get(row.state.value, 0) + 1
    text = ", ".join(f"{count} {state}" for state, count in counts.items())
    names = ", ".join(row.key for row in reversed(rest))
    line: Line = ((f"{GLYPH[StepState.DONE]} {text}", "green"), (f"  {names}", "dim"))
    return [cut(line, width)]


def _row(row: Row, keys: int, width: int) -> Line:
    """State in words, elapsed against expected, and why or what; the note gives way first where it is narrow."""
    spent, expected = took(row)
    state = (f"{GLYPH[row.state]} {pad(row.state.value, _STATE_WIDTH)} ", STYLE[row.state])
    name, late = "bold" if row.active else "", "bold yellow" if row.late else ""
    if width < _ROOMY:
        room = width - _STATE_WIDTH - 3 - _TIME_WIDTH - 2
        return (state, (pad(row.key, room), name), (f" {spent:>{_TIME_WIDTH}}", late), ("", ""))
    line: Line = (
        state,
        (pad(row.key, keys), name),
        (f" {spent:>{_TIME_WIDTH}}", late),
        (f" {'/ ' + expected if expected else '':<{_TIME_WIDTH + 2}}", "dim"),
        (f" {row.note}", "" if _matters(row) else "dim"),
    )
    return cut(line, width)
