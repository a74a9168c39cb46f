"""Where each step stands, and what it waits for: one row an item, shared by `status` and the live view. Import-light.

A line is a tuple of spans (text, style): joined it is the plain text, styled it is rich's. So both say the same.
"""

from __future__ import annotations

import shlex
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from orchestrator.model.clock import moment, stamp
from orchestrator.model.frozen import Frozen
from orchestrator.model.states import SATISFYING, SETTLED, ExecutionState, StepState
from orchestrator.report.change import change_text
from orchestrator.report.forecast import expected_s
from orchestrator.report.words import cells, clock_time, duration, fit, joined, one_line, seconds_between

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from orchestrator.journal.record import StepRecord
    from orchestrator.journal.replay import Replay
    from orchestrator.model.events import GateOpened

Span = tuple[str, str]
Line = tuple[Span, ...]

_ACTIVE = frozenset({StepState.RUNNING, StepState.HOLDING})
_NOTE = 400
_FEW = 4
"""From this many items on, a step's items are told together."""


class Row(Frozen):
    """One item for people. `elapsed_s` is None before it started; `note` is one line: why, on whom, what changed."""

    key: str
    kind: str
    state: StepState
    elapsed_s: float | None
    expected_s: float
    provenance: str
    note: str

    @property
    def active(self) -> bool:
        """Whether something is being done for it now."""
        return self.state in _ACTIVE

    @property
    def late(self) -> bool:
        """Whether it takes longer than expected."""
        return self.active and self.expected_s > 0 and (self.elapsed_s or 0.0) > self.expected_s


def rows(replay: Replay, now: datetime) -> list[Row]:
    """A row per step, then per condition of `recovered_when`, in plan order."""
    gates = open_gates(replay)
    return [
        _row(replay, record, gates.get(record.planned.key), now)
        for record in (*replay.steps.values(), *replay.verification.values())
    ]


def collapsed(shown: Iterable[Row]) -> list[Row]:
    """Neighbouring items of one step that stand alike and do nothing now, as one row: `agents[0..23]`."""
    kept: list[Row] = []
    for _, group in groupby(shown, key=lambda row: (row.key.partition("[")[0], row.state, row.active and row.key)):
        alike = list(group)
        first, last = alike[0], alike[-1]
        if len(alike) < _FEW or first.state is StepState.FAILED:
            kept += alike
            continue
        key = f"{first.key.removesuffix(']')}..{last.key.partition('[')[2]}"
        kept.append(last.but(key=key, note=f"{len(alike)} items" + (f", {last.note}" if last.note else "")))
    return kept


def open_gates(replay: Replay) -> dict[str, GateOpened]:
    """Questions that still wait for an answer: a step that has settled asks nothing any more."""
    return {key: gate for key, gate in replay.open_gates.items() if replay.record_of(key).state not in SETTLED}


def elapsed_s(replay: Replay, now: datetime) -> float | None:
    """Seconds since the first step could start, until the end or `now`; None before."""
    return seconds_between(replay.started_at, replay.ended_at or stamp(now))


def glass(replay: Replay) -> str:
    """Who went on alone, or may: the latest answer of that kind, and how many there are; empty if nobody."""
    if replay.alone:
        last = replay.alone[-1]
        more = f" (and {len(replay.alone) - 1} more)" if len(replay.alone) > 1 else ""
        return one_line(f"{last.step} approved by {last.by} alone{more}: {last.reason}")
    created = replay.created
    return one_line(f"by {created.break_glass}: {created.reason}") if created and created.break_glass else ""


def in_process(replay: Replay) -> bool:
    """Whether its cloud is simulated in the runner's own process, where nobody else can steer it."""
    return replay.created is not None and replay.created.seed is not None


def answer_command(replay: Replay, key: str, options: str = "") -> str:
    """What somebody asked types, to say yes. `options` are `Home.options`, here and below."""
    gate = replay.open_gates.get(key)
    duty = f" --as {shlex.quote(gate.approvers[0])}" if gate and gate.approvers else ""
    return f"failover approve {shlex.quote(replay.execution)} {shlex.quote(key)}{duty}{options}"


def remedies(replay: Replay, options: str = "") -> list[str]:
    """Commands that a person may choose from where a paused run waits for one."""
    if replay.state is not ExecutionState.PAUSED:
        return []
    run = shlex.quote(replay.execution)
    failed = [key for key, step in replay.steps.items() if step.state is StepState.FAILED and step.planned.critical]
    undo, abort = f"failover undo {run}{options}", f"failover abort {run}{options}"
    if replay.undo_begun:
        return [undo, abort]
    steered = [
        f"failover {verb} {run} {shlex.quote(key)}{why}{options}"
        for key in failed[:3]
        for verb, why in (("retry", ""), ("skip", " --reason '…'"))
        if verb == "retry" or replay.steps[key].planned.kind != "gate"
    ]
    return [*(steered or [f"failover resume {run}{options}"]), *([undo] if replay.left_of else []), abort]


def plain(lines: Iterable[Line]) -> str:
    """The text alone, without trailing spaces."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def cut(line: Iterable[Span], width: int) -> Line:
    """A line in at most `width` columns."""
    kept: list[Span] = []
    for text, style in line:
        shown = fit(text, width)
        kept.append((shown, style))
        width -= cells(shown)
        if shown != text or width <= 0:
            break
    return tuple(kept)


def folded(text: str, width: int) -> list[str]:
    """Text over as many lines as it takes, broken at spaces where there are any: a command must be whole."""
    lines, rest = [], text
    while cells(rest) > width:
        head = fit(rest, width + 1)[:-1] or rest[0]
        space = head.rfind(" ")
        head = head[:space] if space > 0 else head
        lines.append(head)
        rest = rest[len(head) :].lstrip()
    return [*lines, rest] if rest or not lines else lines


def _row(replay: Replay, record: StepRecord, gate: GateOpened | None, now: datetime) -> Row:
    planned = record.planned
    ended = record.ended_at if record.state in SETTLED else ""
    spent = seconds_between(record.started_at, ended or stamp(now))
    note = one_line(_note(replay, record, gate), _NOTE)
    return Row(planned.key, planned.kind, record.state, spent, expected_s(planned), planned.provenance, note)


def _note(replay: Replay, record: StepRecord, gate: GateOpened | None) -> str:
    if record.state in SETTLED:
        return _ended(replay, record)
    if record.state is StepState.WAITING:
        return _waits_for(replay, record)
    if record.state is StepState.HOLDING:
        return _holding(record)
    return f"asks {joined(gate.approvers)} until {clock_time(gate.deadline)}" if gate else _doing(record)


def _ended(replay: Replay, record: StepRecord) -> str:
    if record.state in {StepState.DONE, StepState.ALREADY_SO}:
        return _done(replay, record)
    if record.state is StepState.FAILED:
        return (record.error or record.reason) + ("" if record.planned.critical else " (not critical: the run goes on)")
    if record.state is StepState.UNDONE and record.subject in replay.returned:
        return f"back: {change_text(record.target, replay.returned[record.subject])}"
    return record.reason or ("may have been sent" if record.state is StepState.UNPROVEN else "")


def _waits_for(replay: Replay, record: StepRecord) -> str:
    if record.planned.key in replay.verification:
        return "when every step is settled"
    unmet = [key for key in record.planned.needs if key in replay.steps and not _satisfies(replay.steps[key])]
    failed = [key for key in unmet if replay.steps[key].state is StepState.FAILED]
    if failed:
        return f"blocked: {joined(failed)} failed"
    return f"waits for {joined(unmet)}" if unmet else "ready"


def _satisfies(need: StepRecord) -> bool:
    return need.state in SATISFYING or (need.state is StepState.FAILED and not need.planned.critical)


def _holding(record: StepRecord) -> str:
    if seen := _seen(record):
        return f"guard: {seen}"
    after = f"then guard {record.planned.guard.action}" if record.planned.guard else "then the next"
    until = moment(record.settled_at) + timedelta(seconds=record.planned.hold_s)
    return f"holds until {clock_time(stamp(until))}, {after}"


def _doing(record: StepRecord) -> str:
    told = []
    if record.parts > 1:
        told.append(f"{record.parts_written}/{record.parts} written")
    if record.attempts > 1 or record.error:
        told.append(
            f"attempt {record.attempts} failed: {record.error}" if record.error else f"attempt {record.attempts}"
        )
    if not told:
        told.append(_seen(record))
    if not told[0] and record.planned.kind == "setting" and record.intended:
        told = ["written, not yet observed" if record.parts_written else "writing"]
    return ", ".join(told)


def _seen(record: StepRecord) -> str:
    """What the last probe of the step, or of its guard, saw."""
    sample = record.last_sample
    return str(sample.get("what", "")) if isinstance(sample, dict) else ""


def _done(replay: Replay, record: StepRecord) -> str:
    answers = replay.answers.get(record.planned.key)
    if answers and answers[-1].answer != "silence":
        return "; ".join(f"{answer.answer} by {answer.by}" for answer in answers)
    if record.has_before and record.state is StepState.DONE:
        after = record.after if record.after is not None else record.target
        return change_text(record.before, after)
    return record.reason


def took(row: Row) -> tuple[str, str]:
    """Elapsed and expected as two short texts; an assumed expectation is marked with `~`."""
    guess = "~" if row.provenance == "assumed" else ""
    shown = duration(row.elapsed_s) if row.elapsed_s is not None else ""
    if row.state in {StepState.SKIPPED, StepState.CANCELLED}:
        return shown, ""
    return shown, f"{guess}{duration(row.expected_s)}" if row.expected_s else ""
