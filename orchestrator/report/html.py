"""The report as one HTML file for people: inline style and pictures, nothing fetched, light and dark, printable.

The same journal gives the same bytes. Every text from outside is escaped by `markup` (a plain string is never markup).
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from orchestrator.model.samples import LOST_MEANS
from orchestrator.report import facts, tables, unusual
from orchestrator.report.chart import bands, calls_chart, description
from orchestrator.report.gantt import bars, gantt
from orchestrator.report.markup import Raw, element, joined
from orchestrator.report.timeline import Timeline, timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orchestrator.model.events import Event
    from orchestrator.report.tables import Cell, Table

_WIDE, _NARROW = 1000.0, 440.0
_TIMES = frozenset({"Time", "Started", "Ended", "First felt", "Counted at", "Minute"})
_SHORT_PIECE = 45
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html(events: Iterable[Event]) -> str:
    """The report of a run, a whole document.

    Raises:
        ValueError: the events do not begin with `execution.created`.
    """
    run = timeline(events)
    body = element("main", _header(run), *_sections(run))
    page = element("html", _head(run), element("body", body), lang="en")
    return f"<!doctype html>\n{page}\n"


def _head(run: Timeline) -> Raw:
    style = Raw(files("orchestrator.report").joinpath("report.css").read_text("utf-8"))
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{run.created.runbook}: {facts.headline(run)}"),
        element("style", style),
    )


def _header(run: Timeline) -> Raw:
    kind = facts.kind(run)
    began = run.history.replay.started_at or run.history.replay.created_at
    told = [
        element("p", f"{kind} · {run.created.runbook} · {began[:10]}", class_="over"),
        element("h1", facts.headline(run), class_=f"outcome {facts.tone(run)}"),
        element("p", facts.lead(run), class_="lead"),
    ]
    if reasons := facts.reasons(run):
        told.append(element("ul", *(element("li", reason) for reason in reasons), class_="reasons"))
    if text := facts.banner(run):
        told.append(element("p", element("b", "SIMULATED"), " ", text, class_="banner", role="note"))
    return element("header", *told, _figures(run))


def _figures(run: Timeline) -> Raw:
    shown = (
        element(
            "div",
            element("dt", figure.name),
            element("dd", figure.value, class_="value"),
            element("dd", figure.note, class_="note"),
        )
        for figure in facts.figures(run)
    )
    return element("dl", *shown, class_="figures")


def _sections(run: Timeline) -> list[Raw]:
    shown = [
        *(
            _table_section(table)
            for table in (unusual.glass(run), tables.odd(run), unusual.given_back(run))
            if table.rows
        ),
        _calls(run),
        _time(run),
        *map(_table_section, (tables.steps(run), tables.decisions(run), tables.left_out(run), tables.objectives(run))),
    ]
    if run.simulated:
        shown += map(_table_section, (tables.steady_state(run), tables.faults(run), tables.afterwards(run)))
        pair = (_table_section(tables.marks(run)), _table_section(tables.endpoints(run)))
        shown.append(element("div", *pair, class_="pair"))
    return [*shown, _particulars(run), _verify(run)]


def _calls(run: Timeline) -> Raw:
    title, told = f"Calls per minute, {run.calls_basis}", description(run)
    if not run.calls.minutes:
        return _section("calls", title, element("p", told, class_="told"))
    both = [
        calls_chart(run, width=_WIDE, height=360.0, ident="calls-wide"),
        calls_chart(run, width=_NARROW, height=300.0, ident="calls-narrow"),
    ]
    keys = [("offered", "offered"), *((class_, name) for class_, name, _ in bands(run))]
    figures = element(
        "details", element("summary", "The figures, minute by minute"), _table(tables.minutes(run), titled=False)
    )
    shown = element("figure", *both, _legend(keys), element("figcaption", LOST_MEANS, class_="told"))
    return _section("calls", title, element("p", told, class_="told"), shown, figures)


def _time(run: Timeline) -> Raw:
    path = tables.path(run)
    if not bars(run):
        return _section("time", path.title, element("p", path.nothing, class_="told"))
    both = [
        gantt(run, width=_WIDE, ident="steps-wide"),
        gantt(run, width=_NARROW, ident="steps-narrow"),
    ]
    return _section("time", path.title, element("figure", *both, _legend(_bar_keys(run))), _table(path, titled=True))


def _bar_keys(run: Timeline) -> list[tuple[str, str]]:
    """Only what is to be seen in the picture."""
    shown = bars(run)
    keys = [
        ("critical", "on the critical path", any(bar.critical for bar in shown)),
        ("plain", "beside it", any(not bar.critical for bar in shown)),
        ("gate", "a person decides", any(bar.class_ == "gate" for bar in shown)),
        ("hold", "hold and guard", any(bar.rested_at < bar.ended_at for bar in shown)),
        ("bad", "failed, cancelled or unproven", any(bar.class_ == "bad" for bar in shown)),
        ("cross", "a failed attempt", any(bar.failed_at for bar in shown)),
    ]
    return [(class_, name) for class_, name, seen in keys if seen]


def _legend(keys: Sequence[tuple[str, str]]) -> Raw:
    return element(
        "ul",
        *(
            element("li", element("span", "", class_=f"key {class_}", aria_hidden="true"), name)
            for class_, name in keys
        ),
        class_="legend",
    )


def _particulars(run: Timeline) -> Raw:
    return _section("particulars", "Particulars", _pairs(facts.particulars(run)))


def _verify(run: Timeline) -> Raw:
    told = (
        "This page was made from the execution's journal alone. Export the journal, check its chain offline, and "
        "compare the head: if both agree, the page tells what was recorded."
    )
    commands = element("pre", element("code", joined(facts.commands(run), "\n")))
    return _section("verify", "How to verify", element("p", told, class_="told"), _proofs(run), commands)


def _proofs(run: Timeline) -> Raw:
    pairs = (joined((element("dt", name), element("dd", element("code", value)))) for name, value in facts.proofs(run))
    return element("dl", *pairs, class_="pairs")


def _pairs(pairs: Iterable[tuple[str, str]]) -> Raw:
    told = (joined((element("dt", name), element("dd", value))) for name, value in pairs)
    return element("dl", *told, class_="pairs")


def _section(ident: str, title: str, *children: Raw) -> Raw:
    return element("section", element("h2", title, id=ident), *children, aria_labelledby=ident)


def _table_section(table: Table) -> Raw:
    shown = _table(table, titled=True) if table.rows else element("p", table.nothing, class_="told")
    return _section(table.ident, table.title, shown)


def _table(table: Table, *, titled: bool) -> Raw:
    """Roles are written out: the narrow layout takes the table's display away, and with it what a reader hears."""
    caption = table.caption if titled else f"{table.title}. {table.caption}"
    head = (
        element("th", name, scope="col", role="columnheader", class_="number" if name in table.numbers else None)
        for name in table.head
    )
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *head, role="row"), role="rowgroup"),
        element("tbody", *(_row(table, row) for row in table.rows), role="rowgroup"),
        role="table",
    )


def _row(table: Table, row: Sequence[Cell]) -> Raw:
    first, *rest = row
    cells = [
        element("th", _lines(first), scope="row", role="rowheader", class_="time" if table.head[0] in _TIMES else None)
    ]
    for name, cell in zip(table.head[1:], rest, strict=True):
        inner = _state(cell[0]) if name in table.states else _changes(cell) if "→" in name else _lines(cell)
        cells.append(element("td", inner, role="cell", class_=_cell_class(table, name, cell), data_label=name))
    return element("tr", *cells, role="row")


def _cell_class(table: Table, name: str, cell: Cell) -> str | None:
    classes = [
        *(["number"] if name in table.numbers else []),
        *(["time"] if name in _TIMES else []),
        *(["change"] if "→" in name else []),
        *(["empty"] if not any(cell) else []),
    ]
    return " ".join(classes) or None


def _state(word: str) -> Raw:
    return element("span", word, class_=f"state {word.replace(' ', '-')}")


def _changes(cell: Cell) -> Raw:
    """Lines of changes; a short one such as `us-east-1 100 % → 0 %` is not broken over two."""
    return joined(
        element("span", joined((_piece(part) for part in line.split(", ")), ", "), class_="line") for line in cell
    )


def _piece(part: str) -> str:
    return element("span", part, class_="piece") if "→" in part and len(part) <= _SHORT_PIECE else part


def _lines(cell: Cell) -> Raw:
    return joined(element("span", line, class_="line") for line in cell)
