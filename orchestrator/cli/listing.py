"""`failover list`: executions on record, the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.cli.command import Command, no_arguments
from orchestrator.cli.output import on_terminal, print_json, width
from orchestrator.journal.replay import Replay
from orchestrator.model.clock import SystemClock
from orchestrator.model.errors import ExitCode
from orchestrator.wiring.alive import at_work
from orchestrator.wiring.gone import is_gone, marked
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import Namespace

    from orchestrator.journal.sqlite import SqliteJournal


_UNCUT = 1_000


def _run(args: Namespace) -> ExitCode:
    from orchestrator.report.status import list_text  # noqa: PLC0415 - start-up

    journal = Home.of(args.home, args.journal).open_journal()
    keys = journal.executions() if journal.exists else []
    now = SystemClock().now()
    holders = {key: at_work(journal, key, now=now) for key in keys}
    records = [_read(journal, key) for key in keys]
    gone = {record.execution for record in records if is_gone(record, holders[record.execution])}
    if args.json:
        statuses = [record.status() | marked(record.execution in gone) for record in records]
        print_json([{key: one[key] for key in one if key not in ("steps", "recovered_when")} for one in statuses])
    else:
        # Cut for a terminal only: what is piped is a line each.
        print(list_text(records, width=width() if on_terminal() else _UNCUT, gone=gone))
    return ExitCode.DONE


def _read(journal: SqliteJournal, key: str) -> Replay:
    """The record under its key: an earlier run of a seed is listed as it was set aside, `<id>~<head>`."""
    record = Replay.of(journal.read(key))
    record.execution = key
    return record


COMMANDS = {"list": Command("Executions on record, the latest first.", no_arguments, _run)}
