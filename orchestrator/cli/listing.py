"""`failover list`: executions on record, the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.cli.command import Command, no_arguments
from orchestrator.cli.output import print_json, width
from orchestrator.journal.replay import Replay
from orchestrator.model.errors import ExitCode
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import Namespace


def _run(args: Namespace) -> ExitCode:
    from orchestrator.report.status import list_text  # noqa: PLC0415 - start-up

    journal = Home.of(args.home, args.journal).open_journal()
    records = [Replay.of(journal.read(execution)) for execution in journal.executions()]
    if args.json:
        for record in records:
            status = record.status()
            print_json({key: status[key] for key in status if key not in ("steps", "recovered_when")})
    else:
        print(list_text(records, width=width()))
    return ExitCode.DONE


COMMANDS = {"list": Command("list", "Executions on record, the latest first.", no_arguments, _run)}
