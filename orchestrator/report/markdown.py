"""The report as Markdown: for tickets, wikis and pull requests. The same content as the HTML page, without pictures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orchestrator.model.samples import LOST_MEANS
from orchestrator.report import facts, tables, unusual
from orchestrator.report.chart import bands, description
from orchestrator.report.timeline import Timeline, timeline
from orchestrator.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orchestrator.model.events import Event
    from orchestrator.report.tables import Table

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~!&$])")


def markdown(events: Iterable[Event]) -> str:
    """The report of a run.

    Raises:
        ValueError: the events do not begin with `execution.created`.
    """
    run = timeline(events)
    parts = [
        f"# {_text(facts.headline(run))}",
        _text(facts.lead(run)),
        f"> **SIMULATED.** {_text(facts.banner(run))}" if run.simulated else "",
        _bullets(facts.reasons(run)),
        "## Summary",
        _pairs((figure.name, f"**{_text(figure.value)}** ({_text(figure.note)})") for figure in facts.figures(run)),
        *_calls(run),
        *map(_section, _tables(run)),
        "## Particulars",
        _pairs((name, _text(value)) for name, value in facts.particulars(run)),
        "## How to verify",
        _pairs((name, f"`{_code(value)}`") for name, value in facts.proofs(run)),
        "```sh\n" + "\n".join(map(_code, facts.commands(run))) + "\n```",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _tables(run: Timeline) -> list[Table]:
    always = [tables.path(run), tables.steps(run), tables.decisions(run), tables.left_out(run), tables.objectives(run)]
    now_and_then = [unusual.glass(run), tables.odd(run), unusual.given_back(run)]
    kinds = (tables.steady_state, tables.faults, tables.afterwards, tables.marks, tables.endpoints)
    drill = [kind(run) for kind in kinds] if run.simulated else []
    return [*(table for table in now_and_then if table.rows), *always, *drill]


def _calls(run: Timeline) -> list[str]:
    shown = [f"## Calls per minute ({run.calls_basis})", _text(description(run))]
    if run.calls.minutes:
        layers = bands(run)
        head = ("Minute", "Offered", *(name for _, name, _ in layers))
        rows = [
            (minute.at[11:16], f"{minute.offered:,.0f}", *(f"{amount(minute):,.0f}" for _, _, amount in layers))
            for minute in run.calls.minutes
        ]
        shown += [_rows(head, rows, right=frozenset(head[1:])), _text(LOST_MEANS)]
    return shown


def _section(table: Table) -> str:
    title = f"## {_text(table.title)}"
    if not table.rows:
        return f"{title}\n\n{_text(table.nothing)}"
    rows = [tuple("<br>".join(map(_text, cell)) for cell in row) for row in table.rows]
    return f"{title}\n\n{_text(table.caption)}\n\n{_rows(table.head, rows, right=table.numbers)}"


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: frozenset[str]) -> str:
    """A table. The cells are Markdown already, the head is text."""
    rule = ["---:" if name in right else "---" for name in head]
    lines = (tuple(map(_text, head)), rule, *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- {_text(name)}: {value}" for name, value in pairs)


def _bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {_text(text)}" for text in texts)


def _text(text: str) -> str:
    """Text from anywhere: nothing in it is markup any more."""
    return _SPECIAL.sub(r"\\\1", clean(text)).replace("\n", " ")


def _code(text: str) -> str:
    return clean(text).replace("`", "'")
