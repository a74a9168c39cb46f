"""A report's tables as plain data: HTML and Markdown write the same cells. A cell holds one or more lines of text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.model.samples import Count, Sampled
from orchestrator.model.states import StepState
from orchestrator.report.calls import aligned
from orchestrator.report.change import change, show
from orchestrator.report.forecast import expected_s
from orchestrator.report.history import exceptions, not_executed
from orchestrator.report.timeline import who
from orchestrator.report.words import UNKNOWN, clock_time, duration, one_line, seconds_between

if TYPE_CHECKING:
    from orchestrator.journal.record import StepRecord
    from orchestrator.report.history import Item
    from orchestrator.report.timeline import Timeline

Cell = tuple[str, ...]
_CHECKED = ("Check", "State", "What was seen")
_OUTCOMES = {
    Count.OFFERED: "Offered",
    Count.ANSWERED: "Answered",
    Count.CUT_OFF: "Cut off",
    "lost": "Lost",
    Count.ABANDONED: "Abandoned",
    Count.SWALLOWED: "Swallowed",
    Count.FAILED: "Failed",
    Count.OVERFLOWED: "Overflowed",
}
"""Figures of a minute and their columns."""


@dataclass(frozen=True, slots=True)
class Table:
    """`nothing` is said where there are no rows. `states` and `numbers` are columns to be shown as such."""

    ident: str
    title: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    nothing: str
    states: frozenset[str] = frozenset({"State", "Verdict"})
    numbers: frozenset[str] = frozenset({"Took", "Expected", "Waited before", "Declared", "Measured", "Count"})


def steps(run: Timeline) -> Table:
    """Every step that was carried out, with what it changed."""
    items = [item for item in run.history.items.values() if item.executed]
    return Table(
        "steps",
        "Steps",
        f"Steps carried out, in plan order. Durations are {run.time_basis}; ~ marks an assumed expectation.",
        ("Step", "State", "Took", "Expected", "Before → after", "Attempts", "Who"),
        tuple(_step(run, item) for item in items),
        "No step was carried out.",
    )


def path(run: Timeline) -> Table:
    """The realised critical path."""
    return Table(
        "critical-path",
        "What the time was made of",
        f"The realised critical path: each item started when the one above had ended. Durations are {run.time_basis}.",
        ("Step", "Started", "Waited before", "Took", "Ended"),
        tuple(
            cells_of(
                leg.key,
                clock_time(leg.started_at),
                duration(leg.waited_s),
                duration(leg.took_s),
                clock_time(leg.ended_at),
            )
            for leg in run.path
        ),
        "Nothing has settled.",
    )


def decisions(run: Timeline) -> Table:
    """Gates, requests and turns of the run, as journalled."""
    rows = tuple(
        cells_of(clock_time(each.at), each.what, each.step or "the run", each.who) for each in run.history.decisions
    )
    return Table(
        "decisions",
        "Decisions",
        "Questions, answers, requests (carried out or refused) and turns of the run. Times are UTC.",
        ("Time", "What", "Step", "Who and why"),
        rows,
        "Nobody was asked, and nobody asked for anything.",
    )


def left_out(run: Timeline) -> Table:
    """What was not done, and why."""
    rows = tuple(
        cells_of(item.key, item.record.state.value, item.record.reason or "the run did not come to it")
        for item in not_executed(run.history)
    )
    return Table(
        "not-executed",
        "Steps not executed",
        "Steps of the plan that were not carried out, and why.",
        ("Step", "State", "Why"),
        rows,
        "Every step of the plan was carried out.",
    )


def odd(run: Timeline) -> Table:
    """Exceptions: what a reader must know although the run may have recovered."""
    rows = tuple(
        cells_of(item.key, item.record.state.value, item.record.error or item.record.reason or UNKNOWN)
        for item in exceptions(run.history)
    )
    return Table(
        "exceptions",
        "Exceptions",
        "Steps that failed, were cancelled, or whose effect nobody can tell.",
        ("Step", "State", "Why"),
        rows,
        "None.",
    )


def objectives(run: Timeline) -> Table:
    """Declared against measured."""
    rows = tuple(
        cells_of(each.title, each.shown(each.declared), each.shown(each.measured), each.verdict, each.basis, each.note)
        for each in run.objectives
    )
    return Table(
        "objectives",
        "Objectives",
        "Declared before the run, and measured in it. What was not measured is unknown.",
        ("Objective", "Declared", "Measured", "Verdict", "Kind of figure", "Note"),
        rows,
        "The runbook declares no objectives.",
    )


def steady_state(run: Timeline) -> Table:
    """What held before the outage."""
    return Table(
        "steady-state",
        "Steady state beforehand",
        "What was checked before anything was broken: a drill that begins unwell shows nothing.",
        _CHECKED,
        _checked(run, Sampled.STEADY_STATE),
        "None was recorded.",
    )


def afterwards(run: Timeline) -> Table:
    """What was checked after recovery."""
    return Table(
        "afterwards",
        "Afterwards",
        "What was checked some time after recovery was proven: a recovery that does not last is none.",
        _CHECKED,
        _checked(run, Sampled.AFTERWARDS),
        "Nothing was checked after recovery.",
    )


def faults(run: Timeline) -> Table:
    """Faults that were injected and felt."""
    rows = tuple(
        cells_of(felt.fault, felt.victim, clock_time(felt.first_at), clock_time(felt.last_at), f"{felt.count:,}")
        for felt in run.history.faults.values()
    )
    return Table(
        "faults",
        "Faults felt",
        "Injected faults and whom they hit. A fault that hit nothing would leave a drill inconclusive.",
        ("Fault", "Victim", "First felt", "Counted at", "Count"),
        rows,
        "No injected fault was felt.",
    )


def marks(run: Timeline) -> Table:
    """How the operations that the run called are simulated."""
    return Table(
        "marks",
        "How the calls were simulated",
        "Every AWS operation that the run called. moto: moto's own rules; extended: moto with this project's rules.",
        ("Operation", "Simulated by"),
        tuple(cells_of(operation, mark) for operation, mark in run.marks.items()),
        "No marks were recorded." if run.simulated else "Nothing was simulated.",
    )


def endpoints(run: Timeline) -> Table:
    """Hosts that were reached."""
    return Table(
        "endpoints",
        "Endpoints reached",
        "Every host that the run spoke to.",
        ("Host",),
        tuple(cells_of(host) for host in run.endpoints),
        "None were recorded.",
    )


def minutes(run: Timeline) -> Table:
    """The chart's figures."""
    rows = tuple(
        cells_of(
            clock_time(at)[:5],
            *(f"{getattr(one, outcome):,.0f}" for outcome in _OUTCOMES),
            show({region: round(count) for region, count in one.agents_in.items()}).replace(" %", ""),
        )
        if one
        else cells_of(clock_time(at)[:5], *[UNKNOWN] * (len(_OUTCOMES) + 1))
        for at, one in aligned(run.calls.minutes)
    )
    return Table(
        "minutes",
        "Calls minute by minute",
        f"The figures behind the chart, {run.calls_basis}. Lost are those abandoned, swallowed, failed and overflowed.",
        ("Minute", *_OUTCOMES.values(), "Agents signed in"),
        rows,
        "No calls were sampled: unknown.",
        numbers=frozenset(_OUTCOMES.values()),
    )


def _checked(run: Timeline, sample: str) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        cells_of(
            str(values.get("check", "")),
            {True: "holds", False: "does not hold"}.get(values.get("holds"), UNKNOWN),
            str(values.get("what") or show(values.get("evidence"))),
        )
        for values in run.history.sampled(sample)
    )


def _step(run: Timeline, item: Item) -> tuple[Cell, ...]:
    record, planned = item.record, item.record.planned
    guess = "~" if str(planned.provenance) == "assumed" else ""
    expected = f"{guess}{duration(expected_s(planned))}" if expected_s(planned) else ""
    spent = seconds_between(record.started_at, item.ended_at)
    return (
        _names(item),
        (record.state.value,),
        (duration(spent) if spent is not None else "open",),
        (expected,),
        _changed(item),
        (f"{len(item.failures)} failed" if item.failures else "1", *_failures(item)),
        (one_line(who(run.history, item)),),
    )


def _changed(item: Item) -> Cell:
    """What a Setting changed; for the other kinds what was found."""
    record = item.record
    if record.state is StepState.FAILED and record.reason:
        return (*_difference(record), one_line(record.reason))
    return _difference(record) or (one_line(record.reason or (show(record.output) if record.output else "")),)


def _difference(record: StepRecord) -> Cell:
    """Before → after; empty for what captured nothing."""
    if record.has_before:
        if record.state is StepState.ALREADY_SO:
            return (f"already so: {show(record.before)}",)
        if not record.intended and record.after is None:
            return (f"observed: {show(record.before)}",)
        after = record.after if record.after is not None else record.target
        unproven = () if record.after is not None else ("(intended, not observed)",)
        return (*(change(record.before, after) or (f"unchanged: {show(after)}",)), *unproven)
    return ()


def _names(item: Item) -> Cell:
    """Key, title where it says more than the key, and action."""
    planned = item.record.planned
    said = planned.title.replace(" ", "-").casefold() in {"", planned.step.casefold()}
    return tuple(map(one_line, (item.key, *([] if said else [planned.title]), planned.action)))


def _failures(item: Item) -> Cell:
    """The last few errors, alike ones once."""
    told = [f"{one.code}: {one.error}" + (f" ({one.part})" if one.part else "") for one in item.failures]
    shown = [f"{n} × {text}" if n > 1 else text for text, n in Counter(told).items()]  # noqa: RUF001 - a times sign
    return tuple(one_line(text, 160) for text in shown[-3:])


def cells_of(*texts: str) -> tuple[Cell, ...]:
    """Cells of one line each."""
    return tuple((one_line(text),) for text in texts)
