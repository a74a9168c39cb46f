"""Of an execution that has not ended: whom it waits for, and what to type."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from orchestrator.model.states import ExecutionState
from orchestrator.report.standing import answer_command, in_process, open_gates, remedies
from orchestrator.report.words import clock_time, one_line

if TYPE_CHECKING:
    from orchestrator.journal.replay import Replay


def waits_for(record: Replay, holder: str | None) -> str:
    """Whom or what it waits for, in words; empty while it goes on by itself."""
    gates = open_gates(record)
    if gates:
        told = (
            f"{', '.join(gate.approvers)} at {key} until {clock_time(gate.deadline)}" for key, gate in gates.items()
        )
        return one_line("; ".join(told))
    if record.state is ExecutionState.PAUSED:
        return one_line(f"a person: {record.reason}")
    return "" if holder else "somebody to resume it: its runner is gone"


def to_type(record: Replay, holder: str | None, options: str = "") -> list[str]:
    """Commands to paste: an answer, a remedy, or a resume; then how to watch it. `options` are `Home.options`."""
    run = shlex.quote(record.execution)
    watched = f"failover watch {run}{options}"
    if in_process(record):
        return [watched]
    steered = [answer_command(record, key, options) for key in open_gates(record)] + remedies(record, options)
    if not steered and not holder:
        steered = [f"failover resume {run}{options}"]
    return [*steered, watched]
