"""How times, durations, states and foreign text read. Everything that a person sees passes through here.

Law: text from outside (errors, reasons, values) never carries control characters into a terminal or a document.
"""

from __future__ import annotations

import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING

from orchestrator.model.clock import moment
from orchestrator.model.durations import show_duration
from orchestrator.model.states import ExecutionState, StepState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNKNOWN = "unknown"
"""No data is unknown: not zero, and not fine (law 8)."""

_MARK = "\ufffd"
_S, _E = StepState, ExecutionState

GLYPH: Mapping[StepState, str] = MappingProxyType(
    {
        _S.WAITING: "○",
        _S.RUNNING: "▸",
        _S.HOLDING: "◆",
        _S.DONE: "✓",
        _S.ALREADY_SO: "=",
        _S.SKIPPED: "-",
        _S.FAILED: "✗",
        _S.UNPROVEN: "?",
        _S.UNDONE: "↶",
        _S.CANCELLED: "⊘",
    }
)
"""One cell each; always shown beside the state's word."""

STYLE: Mapping[StepState, str] = MappingProxyType(
    {
        _S.WAITING: "dim",
        _S.RUNNING: "bold cyan",
        _S.HOLDING: "cyan",
        _S.DONE: "green",
        _S.ALREADY_SO: "green",
        _S.SKIPPED: "dim",
        _S.FAILED: "bold red",
        _S.UNPROVEN: "yellow",
        _S.UNDONE: "magenta",
        _S.CANCELLED: "magenta",
    }
)
"""Rich styles; colour repeats what the word says, never adds to it."""

EXECUTION_STYLE: Mapping[ExecutionState, str] = MappingProxyType(
    {
        _E.PENDING: "dim",
        _E.RUNNING: "bold cyan",
        _E.PAUSED: "bold yellow",
        _E.WAITING: "bold yellow",
        _E.VERIFYING: "bold cyan",
        _E.UNDOING: "bold magenta",
        _E.RECOVERED: "bold green",
        _E.RECOVERED_WITH_EXCEPTIONS: "bold yellow",
        _E.FAILED: "bold red",
        _E.UNDONE: "bold magenta",
        _E.ABORTED: "bold red",
    }
)

HEADLINE: Mapping[ExecutionState, str] = MappingProxyType(
    {
        _E.PENDING: "Not started",
        _E.RUNNING: "Running",
        _E.PAUSED: "Paused: a person must decide",
        _E.WAITING: "Waiting for a person",
        _E.VERIFYING: "Settled; recovery is being verified",
        _E.UNDOING: "Being undone",
        _E.RECOVERED: "Recovered",
        _E.RECOVERED_WITH_EXCEPTIONS: "Recovered, with exceptions",
        _E.FAILED: "Not recovered",
        _E.UNDONE: "Undone",
        _E.ABORTED: "Stopped before its end",
    }
)
"""An execution's state as the first words of a report."""


def clean(text: str) -> str:
    """`text` with a mark in place of every control, format, surrogate or unassigned character; line ends are spaces."""
    if text.isprintable():  # such characters are all unprintable: the common case is told at once
        return text
    return "".join(" " if char in "\t\r\n" else _MARK if _hidden(char) else char for char in text)


def _hidden(char: str) -> bool:
    return unicodedata.category(char)[0] == "C"


def one_line(value: object, limit: int = 0) -> str:
    """`value` as text on one line without control characters, cut to `limit` characters (0: not cut)."""
    text = clean(" ".join(str(value).split()))
    return text if not limit or len(text) <= limit else text[: limit - 1] + "…"


def cells(text: str) -> int:
    """Columns that `text` takes in a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def fit(text: str, width: int) -> str:
    """`text` in at most `width` columns, its end replaced by an ellipsis where it is cut."""
    if cells(text) <= width:
        return text
    kept, used = [], 0
    for char in text:
        used += cells(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept) + "…" if width > 0 else ""


def pad(text: str, width: int) -> str:
    """`text` in exactly `width` columns."""
    text = fit(text, width)
    return text + " " * (width - cells(text))


def clock_time(at: str) -> str:
    """The time of day of an RFC 3339 stamp, to the second, in UTC: `09:08:12Z`."""
    return moment(at).strftime("%H:%M:%SZ") if at else UNKNOWN


def date_time(at: str) -> str:
    """Date and time of an RFC 3339 stamp: `2026-11-10 09:08:12 UTC`."""
    return moment(at).strftime("%Y-%m-%d %H:%M:%S UTC") if at else UNKNOWN


def seconds_between(start: str, end: str) -> float | None:
    """Seconds from one stamp to another; None where either is missing."""
    return round((moment(end) - moment(start)).total_seconds(), 3) if start and end else None


def duration(seconds: float | None) -> str:
    """A duration for people, or `unknown`."""
    if seconds is None:
        return UNKNOWN
    return "<0.1s" if 0 < seconds < 0.05 else show_duration(seconds)


def percent(part: float, whole: float) -> str:
    """`part` of `whole` in per cent, or `unknown` of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else UNKNOWN


def plural(count: int, noun: str) -> str:
    """`1 event`, `2 events`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def named(by: str, account: str) -> str:
    """Who asked: the name given, and the account beside it where that is another."""
    return f"{by} (account {account})" if account else by


def joined(names: Sequence[str], most: int = 4) -> str:
    """Names in a row; beyond `most` only their number."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
