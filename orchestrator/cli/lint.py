"""`failover lint [RUNBOOK…]`: every fault of every runbook, at once. Needs no cloud."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli.command import Command
from orchestrator.cli.output import print_json
from orchestrator.model.errors import ExitCode, Fault, InvalidInput

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("runbooks", nargs="*", metavar="RUNBOOK", help="ids or paths (all that are found if left out)")


def _run(args: Namespace) -> ExitCode:
    from orchestrator.actions.catalogue import Catalogue  # noqa: PLC0415 - start-up
    from orchestrator.runbook.codes import Code  # noqa: PLC0415 - start-up
    from orchestrator.runbook.find import all_runbooks  # noqa: PLC0415 - start-up
    from orchestrator.wiring.orders import read_runbook  # noqa: PLC0415 - start-up

    names = args.runbooks or [str(path) for path in all_runbooks(Path.cwd())]
    faults: list[Fault] = []
    absent: list[Fault] = []
    for name in names:
        try:
            read_runbook(name, Catalogue())
        except InvalidInput as invalid:
            faults += invalid.faults
            if not invalid.faults:
                absent.append(Fault(name, 0, Code.UNREADABLE, invalid.what, invalid.remedy))
    if args.json:
        print_json({"runbooks": names, "faults": [fault._asdict() for fault in (*faults, *absent)]})
    else:
        _print(faults, absent, len(names))
    return ExitCode.INVALID if faults or absent else ExitCode.DONE


def _print(faults: list[Fault], absent: list[Fault], names: int) -> None:
    """Faults of documents are what was asked for; a document that is not there is a fault of the asking."""
    for fault in faults:
        print(fault)
    for fault in absent:
        print(f"failover: {fault.what}\n  {fault.remedy}", file=sys.stderr)
    if names > len(absent):
        read = names - len(absent)
        count = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
        runbooks = f"{read} runbook{'' if read == 1 else 's'}"
        print(f"{runbooks}: {count if faults else 'no faults'}", file=sys.stderr if faults else sys.stdout)


COMMANDS = {"lint": Command("Check runbooks: every fault with its line and remedy.", _arguments, _run)}
