"""`failover inventory show`: what the stacks exported, as runbooks see it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from orchestrator.cli.command import Command
from orchestrator.cli.ordering import cloud_of
from orchestrator.cli.output import print_json
from orchestrator.model.errors import ExitCode
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=["show"])


def _run(args: Namespace) -> ExitCode:
    from orchestrator.wiring.clouds import open_cloud  # noqa: PLC0415 - start-up

    with open_cloud(cloud_of(args), seed=args.seed, home=Home.of(args.home, args.journal)) as world:
        told = world.inventory.model_dump(by_alias=True, mode="json")
    if args.json:
        print_json(told)
    else:
        print(json.dumps(told, indent=2))
    return ExitCode.DONE


COMMANDS = {"inventory": Command("Show what the stacks exported.", _arguments, _run, reads_cloud=True)}
