"""`failover status [ID]`: where an execution stands. Reads the journal; needs no cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.cli.command import Command, execution_argument
from orchestrator.cli.output import console, on_terminal, print_json, width
from orchestrator.model.clock import SystemClock
from orchestrator.model.errors import ExitCode
from orchestrator.model.states import ExecutionState
from orchestrator.wiring.alive import at_work
from orchestrator.wiring.gone import is_gone, marked
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import Namespace


def _run(args: Namespace) -> ExitCode:
    from orchestrator.journal.replay import Replay  # noqa: PLC0415 - start-up

    home = Home.of(args.home, args.journal)
    journal = home.open_journal()
    key = home.find(journal, args.execution)
    holder = at_work(journal, key, now=SystemClock().now())
    record = Replay.of(journal.read(key))
    gone = is_gone(record, holder)
    if args.json:
        print_json(record.status() | marked(gone))
        return ExitCode.DONE
    from orchestrator.report.status import status_rich, status_text  # noqa: PLC0415 - start-up

    if on_terminal():
        console().print(status_rich(record, gone=gone, options=home.options))
    else:
        print(status_text(record, width=width(), gone=gone, options=home.options))
    if holder is None and not gone and not record.ended and record.state != ExecutionState.PAUSED:
        print(f"nobody runs it: failover resume {key}{home.options}")
    return ExitCode.DONE


COMMANDS = {"status": Command("Where an execution stands.", execution_argument, _run)}
