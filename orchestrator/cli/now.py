"""`failover` and `failover now`: the first 60 seconds. Read-only, at most five seconds, and it answers offline too.

What cannot be known says *unknown*, with the reason: never zero, never fine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.cli.command import Command
from orchestrator.cli.ordering import cloud_of
from orchestrator.cli.output import print_json, width, wrapped
from orchestrator.model.errors import ExitCode
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from orchestrator.model.values import Json


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--runbook", default="region-evacuation", metavar="ID", help="the runbook to suggest")


def _run(args: Namespace) -> ExitCode:
    from orchestrator.wiring.outlook import look_around  # noqa: PLC0415 - start-up

    home = Home.of(args.home, args.journal)
    told = look_around(home, cloud=cloud_of(args), seed=args.seed, config=args.config, runbook=args.runbook)
    if args.json:
        print_json(told)
    else:
        _show(told)
    return ExitCode.DONE


def _show(told: Json) -> None:
    cloud = told["cloud"]
    print(f"{told['at']}  cloud {cloud['name']}" + (" (SIMULATED)" if cloud["simulated"] else ""))
    _section("can I act", [(each["what"], each["answer"]) for each in told["can_act"]])
    for region in told["regions"]:
        _section(f"{region['role']} {region['region']}", [(each["what"], each["answer"]) for each in region["facts"]])
    _section("running", _running(told["running"]))
    for one in told["running"] or []:
        for command in one["commands"]:
            print(f"  {command}")
    suggested = told["suggested"]
    _section("suggested", [(each["what"], each["answer"]) for each in suggested["facts"]])
    for command in suggested["commands"]:
        print(f"  {command}")


def _running(going: list[Json] | None) -> list[tuple[str, str]]:
    if going is None:
        return [("unknown", "the journal cannot be read")]
    return [(one["execution"], _standing(one)) for one in going] or [("nothing", "")]


def _standing(one: Json) -> str:
    waits = f", waits for {one['waits_for']}" if one["waits_for"] else ""
    return f"{one['runbook']} {one['state']}, held by {one['holder']}{waits}"


def _section(title: str, facts: list[tuple[str, str]]) -> None:
    print(f"\n{title}")
    lead = max(len(what) for what, _ in facts) + 2
    for what, answer in facts:
        first, *more = wrapped(answer, max(width() - lead - 2, 20))
        print(f"  {what.ljust(lead)}{first}".rstrip())
        for line in more:
            print(" " * (lead + 2) + line)


COMMANDS = {"now": Command("Can I act, what answers, what is running, what to do.", _arguments, _run, True)}
