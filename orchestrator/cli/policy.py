"""`failover policy RUNBOOK… | --all`: the least that a role must be allowed to run them. Needs no cloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli.command import Command
from orchestrator.cli.output import print_json
from orchestrator.model.errors import ExitCode, InvalidInput

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

FOLDER = Path("config/policies")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("runbooks", nargs="*", metavar="RUNBOOK", help="ids or paths")
    parser.add_argument(
        "--all", action="store_true", help="every runbook, and recovery.json, stand-in.json, break-glass.json"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and name what is not up to date")


def _run(args: Namespace) -> ExitCode:
    from orchestrator.actions.catalogue import Catalogue  # noqa: PLC0415 - start-up
    from orchestrator.runbook.find import all_runbooks  # noqa: PLC0415 - start-up
    from orchestrator.wiring import policies  # noqa: PLC0415 - start-up

    if bool(args.runbooks) is args.all:
        raise InvalidInput("which runbooks?", remedy="name some, or say --all")
    names = [str(path) for path in all_runbooks(Path.cwd())] if args.all else args.runbooks
    made = policies.documents(names, Catalogue(), together=args.all)
    differing = policies.differing(made, FOLDER)
    if not args.check:
        policies.write({name: made[name] for name in differing}, FOLDER)
    if args.json:
        told = {name: json.loads(text) for name, text in made.items()}
        print_json({"folder": str(FOLDER), "differing": differing, "written": not args.check, "documents": told})
    else:
        _print(differing, len(made), check=args.check)
    return ExitCode.FAILED if args.check and differing else ExitCode.DONE


def _print(differing: list[str], count: int, *, check: bool) -> None:
    for name in differing:
        print(f"{FOLDER / name}.json {'is not up to date' if check else 'written'}")
    others = count - len(differing)
    if others:
        print(f"{others} document{'' if others == 1 else 's'} up to date")


COMMANDS = {"policy": Command("Write the least IAM policies that running runbooks needs.", _arguments, _run)}
