"""`failover simulate serve [SCENARIO]`: the simulated cloud over HTTP, for any client of AWS."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

from drills.commands.sizes import add_config
from orchestrator.cli.arguments import seed
from orchestrator.cli.command import Command
from orchestrator.cli.output import paragraph, print_json
from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

PORT = 8400
SPEED_MAX = 120


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=["serve"])
    parser.add_argument("scenario", nargs="?", default="", metavar="SCENARIO", help="id or path (a good day)")
    parser.add_argument("--seed", type=seed, default=1, metavar="N", help="seed of everything drawn (1)")
    add_config(parser)
    parser.add_argument("--speed", type=_speed, default=1.0, metavar="N", help="times as fast as real time (1)")
    parser.add_argument(
        "--port", type=_port, default=PORT, metavar="P", help=f"the control port ({PORT}); 0: free ports for everything"
    )


def _run(args: Namespace) -> ExitCode:
    from drills.lint import world_of  # noqa: PLC0415 - start-up: moto and Pulumi
    from drills.scenario import read_scenario  # noqa: PLC0415 - start-up
    from drills.served.server import serve  # noqa: PLC0415 - start-up
    from orchestrator.actions.catalogue import Catalogue  # noqa: PLC0415 - start-up

    script = world_of(read_scenario(args.scenario, args.config), Catalogue()) if args.scenario else None

    def ready(identity: dict[str, Any]) -> None:
        if args.json:
            print_json(identity)
        else:
            _tell(identity)

    if not args.json:
        name = script.scenario.id if script else "a good day"
        paragraph(f"{name}, seed {args.seed}: provisioning the simulated cloud from stacks/ …")
    serve(script, seed=args.seed, speed=args.speed, number=args.port, ready=ready, config=args.config)
    if not args.json:
        print("ended; the simulated cloud is gone")
    return ExitCode.DONE


def _tell(identity: dict[str, Any]) -> None:
    resolver = identity["resolver"]
    print(f"serving a SIMULATED cloud, {identity['speed']:g} times real time; Ctrl-C ends it\n")
    print(f"  {'state, calls, outages':<24}{identity['control']}/")
    for region, url in identity["endpoints"].items():
        print(f"  {region:<24}{url}")
    print(f"  {'DNS (UDP)':<24}{resolver['address']}:{resolver['port']}\n")
    print(f"  failover plan region-evacuation --cloud {identity['control']}", flush=True)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= SPEED_MAX:
        raise ArgumentTypeError(f"{text!r} is no number from 0.1 to {SPEED_MAX}")
    return speed


def _port(text: str) -> int:
    highest = 65_535 - 4
    if not text.isdecimal() or int(text) > highest:
        raise ArgumentTypeError(f"{text!r} is no port from 0 to {highest}")
    return int(text)


COMMAND = Command("The simulated cloud as a server: serve.", _arguments, _run)
