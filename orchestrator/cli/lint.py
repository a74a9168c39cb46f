"""`failover lint [RUNBOOK…]`: every fault of every runbook, at once. Needs no cloud."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli.command import Command
from orchestrator.cli.output import print_json
from orchestrator.model.errors import ExitCode, InvalidInput

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from orchestrator.model.errors import Fault


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("runbooks", nargs="*", metavar="RUNBOOK", help="ids or paths (all that are found if left out)")


def _run(args: Namespace) -> ExitCode:
    from orchestrator.actions.catalogue import Catalogue  # noqa: PLC0415 - start-up
    from orchestrator.runbook.find import all_runbooks  # noqa: PLC0415
    from orchestrator.wiring.orders import read_runbook  # noqa: PLC0415

    names = args.runbooks or [str(path) for path in all_runbooks(Path.cwd())]
    faults: list[Fault] = []
    for name in names:
        try:
            read_runbook(name, Catalogue())
        except InvalidInput as invalid:
            if not invalid.faults:
                raise
            faults += invalid.faults
    if args.json:
        print_json({"runbooks": names, "faults": [fault._asdict() for fault in faults]})
    else:
        for fault in faults:
            print(fault)
        count = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
        runbooks = f"{len(names)} runbook{'' if len(names) == 1 else 's'}"
        print(f"{runbooks}: {count if faults else 'no faults'}", file=sys.stderr if faults else sys.stdout)
    return ExitCode.INVALID if faults else ExitCode.DONE


COMMANDS = {"lint": Command("lint", "Check runbooks: every fault with its line and remedy.", _arguments, _run)}
