"""`failover status` and `failover list`: where executions stand, on one screen. Import-light: rich only when rendering.

Without colour it says as much: states are words. Everything comes from the fold of the journal (law 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model.clock import moment, stamp
from orchestrator.report.forecast import forecast_s
from orchestrator.report.standing import (
    Line,
    Row,
    answer_command,
    collapsed,
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
    UNKNOWN,
    cells,
    clock_time,
    date_time,
    duration,
    one_line,
    pad,
    plural,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from rich.console import Console, ConsoleOptions, RenderResult

    from orchestrator.journal.replay import Replay

_STATE_WIDTH = 11
_TIME_WIDTH = 8
_LABEL_WIDTH = 11
_NARROWEST = 40
_ONE_SCREEN = 25
"""Rows of steps; beyond, items that stand alike share a row."""
_GONE = " when its process ended"
_LIST_HEAD = ("EXECUTION", "STATE", "STARTED", "TOOK", "RUNBOOK")


def status_text(
    replay: Replay, *, width: int = 80, now: datetime | None = None, gone: bool = False, options: str = ""
) -> str:
    """The standing of one execution in at most `width` columns (40 at least), without colour.

    `now` is the present by the execution's own clock; without it the last journalled moment stands in for it.
    `gone` says that the run stopped with its process, which the journal alone cannot tell. `options` are those that
    commands to type need, as `Home.options`.
    """
    return plain(status_lines(replay, width=width, now=now, gone=gone, options=options))


def list_text(replays: Sequence[Replay], *, width: int = 80, gone: Collection[str] = ()) -> str:
    """`failover list`: executions as given, one line each, or two where one is too narrow. Times are UTC.

    `gone` are the ids of those that stopped with their process.
    """
    if not replays:
        return "No execution is recorded here."
    table = [_LIST_HEAD, *(_list_row(replay, gone=replay.execution in gone) for replay in replays)]
    widths = [max(cells(row[place]) for row in table) for place in range(len(_LIST_HEAD))]
    if sum(widths) + 2 * (len(widths) - 1) <= width:
        return plain((("  ".join(map(pad, row, widths)), ""),) for row in table)
    lines: list[Line] = []
    for execution, state, *rest in table[1:]:
        fits = cells(execution) + 2 + cells(state) <= width
        lines.append(((execution, "bold"), *([(f"  {state}", "")] if fits else [])))
        lines.append(((f"  {'  '.join(filter(None, (*([] if fits else [state]), *rest)))}", ""),))
    return plain(cut(line, max(width, _NARROWEST)) for line in lines)


class StatusView:
    """The same lines as `status_text` for a rich console, in its width."""

    def __init__(self, replay: Replay, now: datetime | None = None, *, gone: bool = False, options: str = "") -> None:
        self.replay, self.now, self.gone, self.options = replay, now, gone, options

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What rich prints."""
        from rich.text import Text  # noqa: PLC0415 - `status` must start without rich

        width, typed = options.max_width, self.options
        for line in status_lines(self.replay, width=width, now=self.now, gone=self.gone, options=typed):
            yield Text.assemble(*line, no_wrap=True, overflow="crop")


def status_rich(replay: Replay, now: datetime | None = None, *, gone: bool = False, options: str = "") -> StatusView:
    """The standing of one execution as a rich renderable."""
    return StatusView(replay, now, gone=gone, options=options)


def status_lines(
    replay: Replay, *, width: int, now: datetime | None = None, gone: bool = False, options: str = ""
) -> list[Line]:
    """The lines of `status`, with their styles."""
    width = max(width, _NARROWEST)
    if replay.created is None:
        return [(("No execution is recorded under this id.", ""),)]
    present = now or moment(replay.last_at)
    shown = rows(replay, present)
    return [
        *_heading(replay, present, width, as_of=now is None, gone=gone),
        *_table(collapsed(shown) if len(shown) > _ONE_SCREEN else shown, width),
        *(_left(width) if gone else (*_asked(replay, width, options), *_remedies(replay, width, options))),
        *_closing(replay, width),
    ]


def _heading(replay: Replay, now: datetime, width: int, *, as_of: bool, gone: bool) -> list[Line]:
    created = replay.created
    assert created is not None  # noqa: S101 - status_lines has looked
    moved = " ".join(f"{side} {created.environments[side]}" for side in created.environments)
    state = [(replay.state.value.upper(), EXECUTION_STYLE[replay.state])]
    why = one_line(replay.reason)
    if more := (_GONE + (f": {why}" if why else "")) if gone else why and f"  {why}":
        state.append((more, ""))
    fields: list[tuple[str, Line]] = [
        ("Execution", ((replay.execution, "bold"),)),
        ("Runbook", ((one_line(f"{created.runbook}: {created.title}"), ""),)),
        ("Mode", ((one_line(f"{replay.mode}  {moved}"), ""),)),
        ("State", tuple(state)),
        ("Time", ((_times(replay, now, as_of=as_of and not replay.ended), ""),)),
    ]
    if created.simulated:
        fields.append(("SIMULATED", ((one_line(created.simulated), "yellow"),)))
    if text := glass(replay):
        fields.append(("GLASS", ((f"broken: {text}", "bold red"),)))
    if created.incident:
        fields.append(("Incident", ((one_line(created.incident), ""),)))
    lines: list[Line] = []
    for label, spans in fields:
        lines += _field(label, spans, width)
    return lines


def _field(label: str, spans: Line, width: int) -> list[Line]:
    """A labelled value; a value of one span may take several lines."""
    room = width - _LABEL_WIDTH
    head = (pad(label, _LABEL_WIDTH), "dim")
    if sum(cells(text) for text, _ in spans) <= room:
        return [(head, *spans)]
    if len(spans) > 1:
        return [
            (head, spans[0]),
            *(((" " * _LABEL_WIDTH, ""), (part, "")) for part in folded(spans[1][0].strip(), room)),
        ]
    first, *rest = folded(spans[0][0], room)
    return [(head, (first, spans[0][1])), *(((" " * _LABEL_WIDTH, ""), (part, spans[0][1])) for part in rest)]


def _times(replay: Replay, now: datetime, *, as_of: bool) -> str:
    created = replay.created
    spent = elapsed_s(replay, now)
    told = "not started" if spent is None else f"{duration(spent)} elapsed"
    told += f" of {duration(forecast_s(replay))} forecast"
    if created is not None and created.clock == "simulated":
        told += ", simulated clock"
    return told + (f", as of {clock_time(stamp(now))}" if as_of else "")


def _table(shown: Sequence[Row], width: int) -> list[Line]:
    keys = min(max([cells(row.key) for row in shown], default=0), max(14, width // 3))
    used = 2 + _STATE_WIDTH + keys + 2 + 2 * _TIME_WIDTH + 1
    head = (
        f"  {pad('STATE', _STATE_WIDTH)}{pad('STEP', keys + 2)}{'TOOK':>{_TIME_WIDTH}}{'EXPECTED':>{_TIME_WIDTH + 1}}"
    )
    lines: list[Line] = [(), ((head, "dim"),)]
    for row in shown:
        lines += _row_lines(row, keys, used, width)
    return [cut(line, width) for line in lines]


def _row_lines(row: Row, keys: int, used: int, width: int) -> list[Line]:
    """One line where the note fits beside, else the note below."""
    spent, expected = took(row)
    line: Line = (
        (f"{GLYPH[row.state]} {pad(row.state.value, _STATE_WIDTH)}", STYLE[row.state]),
        (f"{pad(row.key, keys)}  ", "bold" if row.active else ""),
        (f"{spent:>{_TIME_WIDTH}}", "yellow" if row.late else ""),
        (f" {expected:>{_TIME_WIDTH}}", "dim"),
    )
    if not row.note:
        return [line]
    if cells(row.note) <= width - used - 2:
        return [(*line, (f"  {row.note}", "dim"))]
    indent = 2 + _STATE_WIDTH
    return [line, *(((" " * indent, ""), (part, "dim")) for part in folded(row.note, width - indent)[:2])]


def _asked(replay: Replay, width: int, options: str) -> list[Line]:
    lines: list[Line] = []
    for key, gate in open_gates(replay).items():
        whom, until = ", ".join(map(one_line, gate.approvers)), clock_time(gate.deadline)
        lines.append(())
        lines += [((part, "bold yellow"),) for part in folded(f"WAITS FOR {whom} until {until}: {key}", width)]
        lines += [(("  ", ""), (part, "")) for part in folded(one_line(gate.question), width - 2)]
        command = "" if in_process(replay) else answer_command(replay, key, options)
        lines += [(("  ", ""), (part, "bold")) for part in folded(command, width - 2) if part]
        lines += [((part, "dim"),) for part in folded(f"  on silence: {gate.on_silence}", width)]
    return lines


def _remedies(replay: Replay, width: int, options: str) -> list[Line]:
    commands = remedies(replay, options)
    if not commands:
        return []
    if in_process(replay):
        return _left(width)
    lines: list[Line] = [(), (("A PERSON DECIDES, one of:", "bold yellow"),)]
    return lines + [(("  ", ""), (part, "bold")) for command in commands for part in folded(command, width - 2)]


def _left(width: int) -> list[Line]:
    gone = "Its simulated cloud ends with its process: it can be read, not steered. Run it again to decide otherwise."
    return [(), *(((part, "dim"),) for part in folded(gone, width))]


def _closing(replay: Replay, width: int) -> list[Line]:
    lines: list[Line] = [()]
    if replay.verdict:
        reasons = "; ".join(map(one_line, replay.verdict.get("reasons") or ()))
        verdict = one_line(replay.verdict.get("verdict", UNKNOWN))
        lines += _field("Verdict", ((f"{verdict}{': ' + reasons if reasons else ''}", "bold"),), width)
    head = replay.head[:16] or UNKNOWN
    return [*lines, *_field("Journal", ((f"{plural(replay.events, 'event')}, chain head {head}", ""),), width)]


def _list_row(replay: Replay, *, gone: bool) -> tuple[str, ...]:
    created = replay.created
    if created is None:
        return (replay.execution, UNKNOWN, "", "", "")
    spent = elapsed_s(replay, moment(replay.last_at))
    state = (
        replay.state.value + (_GONE if gone else "") + (f" ({replay.verdict.get('verdict')})" if replay.verdict else "")
    )
    runbook = f"{created.runbook}, {replay.mode}{', SIMULATED' if created.simulated else ''}"
    started = date_time(replay.started_at or replay.created_at)[:16]
    return (replay.execution, one_line(state), started, duration(spent) if spent is not None else "", one_line(runbook))
