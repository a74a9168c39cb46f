"""What is on record here: which runs there are, and how long steps took (the provenance *measured* of a forecast).

Law: one record that cannot be read hides no other, and is told as unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from orchestrator.engine.claims import expected_of
from orchestrator.journal.replay import Replay
from orchestrator.model.clock import moment
from orchestrator.model.errors import FailoverError
from orchestrator.model.states import StepState
from orchestrator.wiring.alive import at_work
from orchestrator.wiring.gone import is_gone
from orchestrator.wiring.label import address_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from orchestrator.journal.sqlite import SqliteJournal
    from orchestrator.model.actions import Expected
    from orchestrator.wiring.clouds import World
    from orchestrator.wiring.home import Home

RUNS_READ = 10
RUNS_NEEDED = 3


@dataclass
class Past:
    """Records, the latest first. `trouble` says why nothing at all can be told; `broken`, why one cannot be read."""

    records: list[Replay] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    """Who is at work on which execution."""
    trouble: str = ""


def past_of(home: Home, *, now: datetime) -> Past:
    """Everything on record.

    Raises:
        InvalidInput: the URL names a kind of journal that this version does not have.
    """
    past, journal = Past(), home.open_journal()
    try:
        for key in journal.executions() if journal.exists else []:
            holder = at_work(journal, key, now=now)
            if holder is not None:
                past.holders[key] = holder
            record = _read(journal, key, past.broken)
            if record is not None:
                past.records.append(record)
    except FailoverError as why:
        return Past(trouble=why.what)
    finally:
        journal.close_connection()
    return past


def open_runs(home: Home, runbook: str, world: World) -> list[Replay]:
    """Executions of a runbook on the same cloud that have not ended, the latest first."""
    past = past_of(home, now=world.real_now())
    return [
        record
        for record in past.records
        if record.created
        and (record.created.runbook, record.created.simulated) == (runbook, world.simulated)
        and not record.ended
        and not is_gone(record, past.holders.get(record.execution))
    ]


def measured_in(home: Home, runbook: str, clock: str) -> Callable[[str], Expected | None]:
    """The median duration of a step in the last runs of this runbook on the same kind of clock, or None.

    Fewer than three runs are no measure. Seconds on a simulated clock never stand for real ones; and those of a served
    cloud stand for nothing, since the work of this machine counts in them as often as that cloud is faster than it.
    """
    samples: dict[str, list[float]] = {}
    for record in islice(_latest(home), RUNS_READ):
        created = record.created
        if created and (created.runbook, created.clock) == (runbook, clock) and not address_in(created.simulated):
            _gather(record, samples)

    def measured(step: str) -> Expected | None:
        durations = samples.get(step, [])
        return expected_of(durations) if len(durations) >= RUNS_NEEDED else None

    return measured


def _latest(home: Home) -> Iterator[Replay]:
    """What can be read, the latest first. What was set aside is an earlier run of the same seed: no further sample."""
    journal = home.open_journal()
    try:
        keys = journal.executions() if journal.exists else []
        yield from filter(None, (_read(journal, key, {}) for key in keys if "~" not in key))
    except FailoverError:
        return  # nothing can be read, so nothing was measured
    finally:
        journal.close_connection()


def _read(journal: SqliteJournal, key: str, broken: dict[str, str]) -> Replay | None:
    """The record under its key: an earlier run of a seed stands where it was set aside, `<id>~<head>`."""
    try:
        record = Replay.of(journal.read(key))
    except FailoverError as why:
        broken[key] = why.what
        return None
    record.execution = key
    return record


def _gather(record: Replay, samples: dict[str, list[float]]) -> None:
    for step in record.steps.values():
        if step.state is StepState.DONE and step.started_at and step.settled_at:
            took = (moment(step.settled_at) - moment(step.started_at)).total_seconds()
            samples.setdefault(step.planned.step, []).append(took)
