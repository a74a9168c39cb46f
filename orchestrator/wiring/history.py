"""How long steps took before: the provenance *measured* of a forecast. Folds of the journal, like everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.engine.claims import expected_of
from orchestrator.journal.replay import Replay
from orchestrator.model.clock import moment
from orchestrator.model.errors import InvalidInput
from orchestrator.model.states import StepState

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.model.actions import Expected
    from orchestrator.wiring.home import Home

RUNS_READ = 10
RUNS_NEEDED = 3


def measured_in(home: Home, runbook: str, clock: str) -> Callable[[str], Expected | None]:
    """The median duration of a step in the last runs of this runbook on the same kind of clock, or None.

    Fewer than three runs are no measure. Seconds on a simulated clock never stand for real ones.
    """
    samples: dict[str, list[float]] = {}
    try:
        journal = home.open_journal()
        # What was set aside is an earlier run of the same seed: no further sample.
        for execution in [key for key in journal.executions() if "~" not in key][:RUNS_READ]:
            record = Replay.of(journal.read(execution))
            if record.created and record.created.runbook == runbook and record.created.clock == clock:
                _gather(record, samples)
        journal.close_connection()
    except InvalidInput:
        return lambda step: None  # noqa: ARG005 - nothing was ever run here

    def measured(step: str) -> Expected | None:
        durations = samples.get(step, [])
        return expected_of(durations) if len(durations) >= RUNS_NEEDED else None

    return measured


def _gather(record: Replay, samples: dict[str, list[float]]) -> None:
    for step in record.steps.values():
        if step.state is StepState.DONE and step.started_at and step.settled_at:
            took = (moment(step.settled_at) - moment(step.started_at)).total_seconds()
            samples.setdefault(step.planned.step, []).append(took)
