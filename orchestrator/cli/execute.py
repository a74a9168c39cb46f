"""`failover execute RUNBOOK`: carry it out, with live progress. The last line of `--json` is the status."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from orchestrator.cli.command import Command
from orchestrator.cli.ordering import add_order, cloud_of, order_of
from orchestrator.cli.output import asks_person, print_json, width
from orchestrator.model.errors import ExitCode, InvalidInput, Refused
from orchestrator.model.states import ExecutionState, Mode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from orchestrator.actions.catalogue import Catalogue
    from orchestrator.journal.replay import Replay
    from orchestrator.wiring.clouds import World
    from orchestrator.wiring.home import Home
    from orchestrator.wiring.orders import Order, Prepared

CODES = {
    ExecutionState.RECOVERED: ExitCode.DONE,
    ExecutionState.RECOVERED_WITH_EXCEPTIONS: ExitCode.DONE,
    ExecutionState.FAILED: ExitCode.FAILED,
    ExecutionState.UNDONE: ExitCode.FAILED,
}
"""How `execute` ends; every other state means that people stopped it, or are waited for."""


def _arguments(parser: ArgumentParser) -> None:
    add_order(parser)
    parser.add_argument("--incident", default="", metavar="REF", help="the incident's reference, for the record")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the record")
    parser.add_argument("--yes", action="store_true", help="skip this tool's own questions, never a gate")
    parser.add_argument(
        "--break-glass", action="store_true",
        help="one person's yes, anybody's, is enough at every gate; needs a reason, and a review later",
    )  # fmt: skip


def _run(args: Namespace) -> ExitCode:
    from orchestrator.actions.catalogue import Catalogue  # noqa: PLC0415 - start-up
    from orchestrator.wiring.clouds import open_cloud  # noqa: PLC0415 - start-up
    from orchestrator.wiring.home import Home  # noqa: PLC0415 - start-up
    from orchestrator.wiring.orders import check, prepare  # noqa: PLC0415 - start-up

    home, catalogue, mode = Home.of(args.home, args.journal), Catalogue(), _mode(args)
    order = _order(args, mode)
    checked = check(order, catalogue)
    with open_cloud(cloud_of(args), seed=args.seed, home=home, config=args.config) as world:
        prepared = prepare(checked, world, catalogue=catalogue)
        _tell_of_others(home, prepared, world)
        _confirm(args, prepared, world)
        record = carry_out(prepared, world, catalogue=catalogue, home=home, args=args)
    return CODES.get(record.state, ExitCode.STOPPED)


def carry_out(prepared: Prepared, world: World, *, catalogue: Catalogue, home: Home, args: Namespace) -> Replay:
    """Run what was prepared, showing it as it happens, and how it ended."""
    from orchestrator.cli.live import watching  # noqa: PLC0415 - start-up
    from orchestrator.wiring.driving import Driver, begin  # noqa: PLC0415 - start-up

    journal = home.open_journal()
    try:
        begin(journal, prepared.execution, world)
        with watching(quiet=args.json, options=home.options) as watch:
            driver = Driver(world, journal, catalogue, watch.start(world.clock, ticks=world.chance.seed is None), watch)
            runner = driver.runner(prepared.execution, prepared.plan.scope)
            watch.ask_through(runner.request, world.answers)
            record = driver.drive(runner, prepared.created)
            watch.close()
            if args.json:
                print_json(record.status())
            else:
                last_words(record, home.options)
            return record
    finally:
        journal.close_connection()


def _order(args: Namespace, mode: Mode) -> Order:
    order = order_of(args, mode)
    if not args.break_glass:
        return order
    if not args.reason.strip():
        raise InvalidInput("breaking the glass needs a reason", remedy="say --reason TEXT")
    from orchestrator.cli.arguments import account_beside, actor  # noqa: PLC0415 - where the glass is broken only
    from orchestrator.report.words import named  # noqa: PLC0415 - start-up

    return replace(order, break_glass=named(actor(), account_beside(actor())))


def _mode(args: Namespace) -> Mode:
    if args.mode:
        return Mode(args.mode)
    if args.lost:
        return Mode.UNPLANNED
    if not asks_person():
        raise InvalidInput("planned or unplanned?", remedy="say --mode planned (a good day) or unplanned (it is gone)")
    print("planned: a move on a good day, everything runs.  unplanned: the Region is gone, checks only warn.")
    given = input("mode [planned/unplanned]: ").strip()
    if given not in list(Mode):
        raise InvalidInput(f"no mode {given!r}", remedy="say planned or unplanned")
    return Mode(given)


def _tell_of_others(home: Home, prepared: Prepared, world: World) -> None:
    """Somebody may be moving the same callers already; who orders this has to know, and decides."""
    if world.chance.seed is not None:
        return  # a cloud of its own
    from orchestrator.wiring.history import open_runs  # noqa: PLC0415 - start-up

    for other in open_runs(home, prepared.plan.runbook.id, world):
        print(
            f"failover: {other.execution} of the same runbook has not ended ({other.state}): rather than run a second"
            " one beside it, watch it, resume it or abort it",
            file=sys.stderr,
        )


def _confirm(args: Namespace, prepared: Prepared, world: World) -> None:
    if args.yes:
        return
    if not asks_person():
        raise InvalidInput("nobody can be asked here", remedy="say --yes to skip this tool's own questions")
    where = "on a SIMULATED cloud" if world.simulated else "on AWS"
    print(f"{prepared.plan.runbook.title}, {prepared.order.mode}, {where}: {len(prepared.plan.steps)} steps")
    print("  " + ", ".join(f"{name} {place}" for name, place in prepared.created.environments.items()))
    if input("carry it out? [y/N]: ").strip().lower() not in ("y", "yes"):
        raise Refused("not carried out", rule="the person at the terminal said no", remedy="nothing was changed")


def last_words(record: Replay, options: str) -> None:
    """Where it stands now, and what to type next, with `options` as `Home.options`."""
    from orchestrator.report.standing import in_process, remedies  # noqa: PLC0415 - start-up
    from orchestrator.report.status import status_text  # noqa: PLC0415 - start-up

    where = f"{record.execution}{options}"
    print()
    print(status_text(record, width=width(), options=options))
    [first, *_] = [*remedies(record, options), ""]
    if first.startswith(("failover resume", "failover undo")) and not in_process(record):
        print(f"go on: {first}")
    print(f"report: failover report {where}")
    # Once more, for it stands at the top, which a small terminal has lost by now.
    print(f"{record.state.upper()}: {record.reason}" if record.reason else record.state.upper())


COMMANDS = {"execute": Command("Carry a runbook out.", _arguments, _run, reads_cloud=True)}
