"""`failover drill list`, `failover drill run SCENARIO…`: game days on the simulated cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drills.commands.sizes import add_config
from orchestrator.cli.arguments import seed
from orchestrator.cli.command import Command
from orchestrator.cli.live import watching
from orchestrator.cli.output import paragraph, print_json, table
from orchestrator.cli.report import rendered, write
from orchestrator.model.errors import ExitCode, InvalidInput
from orchestrator.model.states import Verdict
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from drills.kept import Kept
    from drills.run import Outcome
    from orchestrator.model.events import Event
    from orchestrator.model.values import Json

WORST = (Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.STOPPED, Verdict.FAILED)
"""Of several drills the last in this order gives the exit code."""


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=["list", "run"])
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="ids or paths")
    parser.add_argument("--all", action="store_true", help="every scenario that comes with the drills")
    parser.add_argument("--seed", type=seed, default=1, metavar="N", help="seed of everything drawn (1)")
    add_config(parser)


def _run(args: Namespace) -> ExitCode:
    return _list(args) if args.what == "list" else _run_all(args)


def _list(args: Namespace) -> ExitCode:
    from drills.scenario import all_scenarios, read_scenario  # noqa: PLC0415 - start-up

    if args.scenarios:
        raise InvalidInput(f"drill list takes no {args.scenarios[0]!r}", remedy="say `drill run` to run it")
    found = [read_scenario(str(path)).scenario for path in all_scenarios()]
    if args.json:
        print_json([{"id": s.id, "runbook": s.runbook, "covers": list(s.covers), "title": s.title} for s in found])
    else:
        table(("scenario", "runbook", "title"), [(s.id, s.runbook, s.title) for s in found])
    return ExitCode.DONE


def _run_all(args: Namespace) -> ExitCode:
    from drills.scenario import all_scenarios  # noqa: PLC0415 - start-up
    from drills.verdict import CODES  # noqa: PLC0415 - start-up

    names = [path.stem for path in all_scenarios()] if args.all else args.scenarios
    if not names:
        raise InvalidInput("no scenario named", remedy="see `failover drill list`, or say --all")
    _check_all(names, args.config)
    from drills.build import config_dir  # noqa: PLC0415 - start-up: moto and Pulumi
    from drills.kept import Kept  # noqa: PLC0415 - as above

    config_dir(args.config)
    home = Home.of(args.home, args.journal)
    kept = Kept() if len(names) > 1 else None
    outcomes, unfit = [], []
    for name in names:
        try:
            outcomes.append(_one(name, args, home, kept))
        except InvalidInput as why:  # this contact centre has not what it is about; others may still be played
            unfit.append(why)
    if unfit:
        raise _together(unfit)
    return CODES[max((outcome.verdict for outcome in outcomes), key=WORST.index)]


def _check_all(names: list[str], config: Path | None) -> None:
    """Every scenario is looked at before the first drill costs time.

    Raises:
        InvalidInput: with the faults of all of them.
    """
    from drills.lint import order_of  # noqa: PLC0415 - start-up
    from drills.scenario import read_scenario  # noqa: PLC0415 - start-up
    from orchestrator.actions.catalogue import Catalogue  # noqa: PLC0415 - start-up

    found: list[InvalidInput] = []
    for name in names:
        try:
            order_of(read_scenario(name, config), Catalogue())
        except InvalidInput as why:
            found.append(why)
    if found:
        raise _together(found)


def _together(found: list[InvalidInput]) -> InvalidInput:
    faults = [fault for why in found for fault in why.faults]
    return InvalidInput("; ".join(why.what for why in found), remedy=found[0].remedy, faults=faults)


def _one(name: str, args: Namespace, home: Home, kept: Kept | None) -> Outcome:
    from drills.run import run_drill  # noqa: PLC0415 - start-up: moto and Pulumi

    journal = home.open_journal()
    if not args.json:
        paragraph(f"drill {name}, seed {args.seed}: provisioning the simulated cloud from stacks/ …")
    try:
        with watching(quiet=args.json, options=home.options) as watch:
            outcome = run_drill(
                name, seed=args.seed, journal=journal, on_start=watch.start, config=args.config, kept=kept
            )
        events = list(journal.read(outcome.execution))
    finally:
        journal.close_connection()
    report = home.report(outcome.execution, "html")
    write(report, rendered(events, "html"))
    if args.json:
        told = {"reasons": list(outcome.reasons), **_figures(events), "report": str(report)}
        print_json({**outcome.record.status(), **told})
    else:
        print()
        paragraph(f"{outcome.verdict}: {'; '.join(outcome.reasons)}")
        print(f"lost calls (modelled): {outcome.lost_calls}")
        print(f"report: {report}")
        print(f"journal: failover journal verify {outcome.execution}{home.options}")
    return outcome


def _figures(events: Sequence[Event]) -> Json:
    """What the report says of objectives (in seconds and calls) and of calls, modelled, from the outage on."""
    from orchestrator.model.samples import Count  # noqa: PLC0415 - start-up
    from orchestrator.report.timeline import timeline  # noqa: PLC0415 - start-up

    run = timeline(events)
    before, end = run.under_way or (None, None)
    counted = {name: run.calls_total(name) for name in (Count.OFFERED.value, Count.ANSWERED.value, "lost")}
    calls = {**counted, "under_way_before": before, "under_way": end}
    return {
        "objectives": {
            each.name: {"wanted": each.declared, "found": each.measured, "met": each.met} for each in run.objectives
        },
        "calls": {name: None if count is None else round(count) for name, count in calls.items()},
    }


COMMAND = Command("Game days on the simulated cloud: list, run.", _arguments, _run)
