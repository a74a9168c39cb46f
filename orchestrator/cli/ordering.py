"""Arguments that `plan` and `execute` share, and the order made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model.errors import InvalidInput
from orchestrator.model.states import Mode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from orchestrator.wiring.orders import Order


def add_order(parser: ArgumentParser) -> None:
    """The runbook and how to carry it out."""
    # Looked for in `order_of`, which can tell where it went: `--simulate RUNBOOK` takes it for a scenario.
    parser.add_argument("runbook", nargs="?", metavar="RUNBOOK", help="id or path")
    parser.add_argument(
        "--from", dest="from_", default="", metavar="ROLE", help="environment to leave (primary|standby)"
    )
    parser.add_argument("--to", default="", metavar="ROLE", help="environment to move to")
    parser.add_argument(
        "--mode", choices=[mode.value for mode in Mode], help="planned: a good day; unplanned: it is gone"
    )
    parser.add_argument("--lost", default="", metavar="REGION", help="refuse if the runbook needs this Region")
    parser.add_argument(
        "--param", action="append", default=[], metavar="K=V", help="a parameter of the runbook (may be repeated)"
    )


def order_of(args: Namespace, mode: Mode) -> Order:
    """The order.

    Raises:
        InvalidInput: no runbook, or a `--param` that is no `k=v`.
    """
    from orchestrator.wiring.orders import Order  # noqa: PLC0415 - start-up

    if not args.runbook and args.simulate:
        what = f"no runbook is named: {args.simulate} was taken as the scenario of --simulate"
        raise InvalidInput(what, remedy="write the runbook before --simulate, the scenario after it")
    if not args.runbook:
        raise InvalidInput("no runbook is named", remedy="give an id; `failover runbooks` lists them")
    return Order(
        runbook=args.runbook, mode=mode, params=_pairs(args.param), from_=args.from_, to=args.to, lost=args.lost,
        reason=getattr(args, "reason", ""), incident=getattr(args, "incident", ""), scenario=scenario_of(args),
    )  # fmt: skip


def cloud_of(args: Namespace) -> str:
    """The cloud meant by `--cloud` and `--simulate`.

    Raises:
        InvalidInput: two are.
    """
    if args.simulate is not None and args.cloud is not None:
        raise InvalidInput(f"both --cloud {args.cloud} and --simulate are given", remedy="leave one of them out")
    if args.simulate is not None:
        return f"simulated:{args.simulate}" if args.simulate else "simulated"
    return str(args.cloud or "aws")


def scenario_of(args: Namespace) -> str:
    """The scenario named with the cloud, if any."""
    name, _, scenario = cloud_of(args).partition(":")
    return "" if name == "http" else scenario


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise InvalidInput(f"--param {one}: no k=v", remedy="write --param stages='[10, 100]'")
        pairs[name] = value
    return pairs
