"""The first words and figures of a report, the same in every format.

Law 8: in simulation a duration is *simulated orchestration time* and calls are *modelled*, said beside each figure.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.model.samples import Count
from orchestrator.model.states import ExecutionState
from orchestrator.report.calls import share_answered
from orchestrator.report.words import HEADLINE, UNKNOWN, clock_time, date_time, duration, one_line

if TYPE_CHECKING:
    from orchestrator.report.timeline import Timeline

_GOOD = frozenset({ExecutionState.RECOVERED})
_BAD = frozenset({ExecutionState.FAILED, ExecutionState.ABORTED})


@dataclass(frozen=True, slots=True)
class Figure:
    """One number to see first: its name, its value with the unit, and what kind of figure it is."""

    name: str
    value: str
    note: str


def kind(run: Timeline) -> str:
    """What the report is of: only a drill holds its scenario's digest, a run by hand in the same scenario does not."""
    if not run.simulated:
        return "Failover report"
    return "Drill report" if run.created.scenario_sha256 else "Practice report"


def headline(run: Timeline) -> str:
    """The outcome in words: the execution's state, and a drill's verdict."""
    words = HEADLINE[run.history.replay.state]
    verdict = one_line((run.history.replay.verdict or {}).get("verdict", ""))
    return f"{words}. Drill {verdict}" if verdict else words


def tone(run: Timeline) -> str:
    """`good`, `mixed` or `bad`: a verdict goes before the state, and what is not proven is not good."""
    verdict = (run.history.replay.verdict or {}).get("verdict")
    if verdict is not None and verdict != "passed":
        return "bad" if verdict == "failed" else "mixed"
    state = run.history.replay.state
    return "good" if state in _GOOD else "bad" if state in _BAD else "mixed"


def lead(run: Timeline) -> str:
    """The run in two sentences."""
    created, replay = run.created, run.history.replay
    places = ", ".join(f"{side} {place}" for side, place in created.environments.items())
    first = f"{created.title}: {replay.mode}{', ' + places if places else ''}."
    if run.recovered_at:
        began = "the outage began" if run.has_outage else "the run started"
        return one_line(f"{first} Recovery was proven {duration(run.recovery_s)} after {began} ({run.time_basis}).")
    proven = "was not proven" if replay.ended else "is not proven yet"
    why = f" {replay.reason[:1].upper()}{replay.reason[1:]}." if replay.reason else ""
    return one_line(f"{first} Recovery {proven}.{why}")


def banner(run: Timeline) -> str:
    """What was simulated, and what follows for every figure; empty on a real cloud."""
    if not run.simulated:
        return ""
    what = one_line(run.created.simulated).rstrip(".")
    return one_line(
        f"{what[:1].upper()}{what[1:]}. Durations are simulated orchestration time, calls are modelled: "
        "they say how this framework and runbook behave, not how long AWS or people would take."
    )


def reasons(run: Timeline) -> list[str]:
    """Why the verdict is what it is."""
    return [one_line(reason) for reason in (run.history.replay.verdict or {}).get("reasons") or ()]


def figures(run: Timeline) -> tuple[Figure, ...]:
    """The numbers to see first."""
    offered, answered, lost = (run.calls_total(outcome) for outcome in (Count.OFFERED, Count.ANSWERED, "lost"))
    forecast = f"forecast {duration(run.forecast_s)}"
    goal = next((f", objective {one.shown(one.declared)}" for one in run.objectives if one.name == "rto_s"), "")
    limit = next((f", objective {one.shown(one.declared)}" for one in run.objectives if one.name == "lost_calls"), "")
    recovered = "not proven" if not run.recovered_at else duration(run.recovery_s)
    # None answered in minutes that were all before the recovery: that says nothing of how calls are answered now.
    untold = answered is None or offered is None or (not answered and run.calls_until)
    share = UNKNOWN if untold else share_answered(answered or 0, offered or 0)
    no_later = ": no whole minute after the recovery is on record" if run.calls_until else ""
    outage = "from the outage" if run.has_outage else "from the start"
    return (
        Figure("Time to recovered", recovered, f"{run.time_basis}, {outage}{goal}"),
        Figure("Orchestration time", duration(run.orchestration_s), f"{run.time_basis}, {forecast}"),
        Figure("Calls lost", UNKNOWN if lost is None else f"{lost:,.0f}", f"{run.calls_basis}{_until(run)}{limit}"),
        Figure("Calls answered", share, f"{run.calls_basis}, of those offered {_since(run)}{_until(run)}{no_later}"),
    )


def _since(run: Timeline) -> str:
    return f"since {clock_time(run.outage_at)}" if run.outage_at else "in the record"


def _until(run: Timeline) -> str:
    return f" until {clock_time(run.calls_until)}" if run.calls_until else ""


def particulars(run: Timeline) -> tuple[tuple[str, str], ...]:
    """What the run stood on, as names and values; those that are not known are left out."""
    created, replay = run.created, run.history.replay
    told = (
        ("Execution", replay.execution),
        ("Runbook", created.runbook),
        ("Mode", replay.mode),
        *((f"{side.capitalize()}", place) for side, place in created.environments.items()),
        ("Lost Region", created.lost),
        ("Scenario", created.scenario),
        ("Seed", str(created.seed) if created.seed is not None else ""),
        ("Incident", created.incident),
        ("Reason", created.reason),
        ("Outage", date_time(run.outage_at) if run.has_outage else ""),
        ("Started", date_time(replay.started_at) if replay.started_at else ""),
        ("Callers moved", run.move.told),
        ("Recovered", date_time(run.recovered_at) if run.recovered_at else ""),
        ("Ended", date_time(replay.ended_at) if replay.ended_at else ""),
        ("Clock", created.clock),
    )
    return tuple((name, one_line(value)) for name, value in told if value.strip())


def proofs(run: Timeline) -> tuple[tuple[str, str], ...]:
    """What anybody needs to check this report against its journal."""
    created, replay = run.created, run.history.replay
    return (
        ("Events", f"{replay.events:,}"),
        ("Chain head", replay.head or UNKNOWN),
        ("Runbook SHA-256", created.runbook_sha256),
        ("Inventory SHA-256", created.inventory_sha256),
        ("Plan SHA-256", created.plan_sha256),
    )


def commands(run: Timeline) -> tuple[str, str]:
    """How to take the journal out, and how to check it offline."""
    execution = one_line(run.history.replay.execution)
    run_id, file = shlex.quote(execution), shlex.quote(f"{execution}.jsonl")
    return f"failover journal export {run_id} > {file}", f"failover journal verify {file}"
