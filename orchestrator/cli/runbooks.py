"""`failover runbooks`: what can be carried out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli.command import Command, no_arguments
from orchestrator.cli.output import print_json, table
from orchestrator.model.errors import ExitCode, InvalidInput

if TYPE_CHECKING:
    from argparse import Namespace


def _run(args: Namespace) -> ExitCode:
    from orchestrator.runbook.find import all_runbooks  # noqa: PLC0415 - start-up
    from orchestrator.runbook.load import load  # noqa: PLC0415 - start-up

    found = []
    for path in all_runbooks(Path.cwd()):
        try:
            runbook = load(path.read_text(), str(path)).runbook
        except InvalidInput as invalid:
            found.append((path.stem, "", f"faulty: {invalid.what} (see `failover lint {path}`)"))
            continue
        found.append((runbook.id, ", ".join(runbook.covers), runbook.title))
    if args.json:
        print_json([{"id": name, "covers": covers.split(", "), "title": title} for name, covers, title in found])
    else:
        table(("runbook", "covers", "title"), found)
    return ExitCode.DONE


COMMANDS = {"runbooks": Command("List runbooks.", no_arguments, _run)}
