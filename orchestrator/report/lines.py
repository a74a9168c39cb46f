"""One plain line per noteworthy event, for output that is piped or logged: turns of the run, gates, ends, failures.

Samples and writes are not told: the journal holds them.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from orchestrator.model import events as ev
from orchestrator.model.states import StepState
from orchestrator.report.change import show
from orchestrator.report.words import clock_time, duration, named, one_line

if TYPE_CHECKING:
    from orchestrator.model.events import Event

_LONGEST = 300


def run_lines(event: Event) -> str | None:
    """The event as one line that begins with its time of day in UTC, or None where it is not worth one."""
    told = _told(event.payload)
    return f"{clock_time(event.at)}  {one_line(told, _LONGEST)}" if told else None


@singledispatch
def _told(payload: object) -> str:  # noqa: ARG001 - the events that have no entry below say nothing
    return ""


@_told.register
def _(payload: ev.ExecutionCreated) -> str:
    simulated = ", SIMULATED" if payload.simulated else ""
    glass = f", BREAK-GLASS by {payload.break_glass}: {payload.reason}" if payload.break_glass else ""
    return f"{payload.runbook}: {payload.mode}{simulated}, {len(payload.plan)} steps{glass}"


@_told.register
def _(payload: ev.ExecutionMode) -> str:
    return f"run switched to {payload.mode}{_why(payload.reason)}"


@_told.register
def _(payload: ev.ExecutionMoved) -> str:
    return f"run {payload.state}{_why(payload.reason)}"


@_told.register
def _(payload: ev.StepAttemptFailed) -> str:
    again = "" if payload.retry_in_s is None else f", again in {duration(payload.retry_in_s)}"
    part = f" ({payload.part})" if payload.part else ""
    return f"{payload.step} attempt {payload.attempt} failed{part}: {payload.error}{again}"


@_told.register
def _(payload: ev.StepSettled) -> str:
    if payload.state == StepState.HOLDING:
        return f"{payload.step} {payload.reason}, holds before the next"
    return f"{payload.step} {payload.state}{_why(payload.reason)}"


@_told.register
def _(payload: ev.StepSkipped) -> str:
    return f"{payload.step} skipped{_why(payload.reason)}"


@_told.register
def _(payload: ev.GateOpened) -> str:
    whom = ", ".join(payload.approvers)
    return f"{payload.step} asks {whom} until {clock_time(payload.deadline)}: {payload.question}"


@_told.register
def _(payload: ev.GateEscalated) -> str:
    if payload.reason:
        return f"{payload.step} goes on without {payload.to}, who is told: {payload.reason}"
    return f"{payload.step} has no answer yet, {payload.to} is told"


@_told.register
def _(payload: ev.GateAnswered) -> str:
    if payload.answer == "silence":
        return f"{payload.step}: the time to answer is over"
    alone = " alone, BREAK-GLASS, to be reviewed" if payload.break_glass else ""
    return f"{payload.step} {payload.answer} by {payload.by}{alone}{_why(payload.reason)}"


@_told.register
def _(payload: ev.RequestAccepted) -> str:
    who = named(payload.by, payload.account)
    if payload.verb == "note":
        return f"{who} notes{' on ' + payload.step if payload.step else ''}: {payload.reason}"
    return f"{who} asked to {payload.verb} {payload.step or 'the run'}: accepted{_why(payload.reason)}"


@_told.register
def _(payload: ev.RequestRefused) -> str:
    who = named(payload.by, payload.account)
    return f"{who} asked to {payload.verb} {payload.step or 'the run'}: refused, {payload.rule}"


@_told.register
def _(payload: ev.UndoSettled) -> str:
    if payload.state != StepState.UNDONE:
        return f"{payload.step}: what was there before was written, and never seen back"
    return f"{payload.step} undone: back as it was found, {show(payload.after)}"


@_told.register
def _(payload: ev.LeaseTaken) -> str:
    return f"taken up by {payload.holder}" if payload.epoch > 1 else ""


@_told.register
def _(payload: ev.FaultHit) -> str:
    # The count is cumulative: the first hit is news, the rest is in the journal.
    return f"fault {payload.fault} hits {payload.victim}" if payload.count == 1 else ""


@_told.register
def _(payload: ev.Healed) -> str:
    return f"journal healed, lost: {payload.lost}{_why(payload.reason)}"


def _why(reason: str) -> str:
    return f": {reason}" if reason else ""
