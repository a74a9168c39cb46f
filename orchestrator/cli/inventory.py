"""`failover inventory show · pull · check`: what the stacks exported, and whether it is what exists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli.command import Command
from orchestrator.cli.ordering import cloud_of
from orchestrator.cli.output import paragraph, print_json
from orchestrator.model.errors import ExitCode, InvalidInput
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from orchestrator.model.inventory import Inventory
    from orchestrator.model.values import Json
    from orchestrator.wiring.clouds import World

CONFIG = Path("config")
DECLARED = "parity.yaml"
PROVISIONAL = "; PROVISIONAL: the standby is not up, execute prepare-standby with it and nothing else"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "what", choices=["show", "pull", "check"],
        help="show: the snapshot; pull: take it from the stacks' outputs; check: compare it with what exists",
    )  # fmt: skip
    parser.add_argument("--parity", action="store_true", help="check: compare the standby with the primary instead")
    parser.add_argument(
        "--declared",
        type=Path,
        metavar="FILE",
        help=f"check --parity: differences that are meant ({DECLARED} in the configuration)",
    )
    parser.add_argument("--project", default=".", metavar="DIR", help="pull: where Pulumi.yaml lies")
    parser.add_argument("--organization", default="", metavar="NAME", help="pull: of the stacks, if not your own")
    parser.add_argument(
        "--provisional",
        action="store_true",
        help="pull: before the standby is up, for prepare-standby and nothing else",
    )
    parser.add_argument(
        "--copy-to", default="", metavar="URL", help="pull: also to s3://BUCKET/KEY?region=REGION, not in the primary's"
    )


def _run(args: Namespace) -> ExitCode:
    home = Home.of(args.home, args.journal)
    _refuse_misplaced(args)
    if args.what == "pull":
        return _pull(args, home)
    from orchestrator.wiring.clouds import open_cloud  # noqa: PLC0415 - start-up

    with open_cloud(cloud_of(args), seed=args.seed, home=home, config=args.config) as world:
        if args.what == "show":
            return _show(args, world)
        return _parity(args, world) if args.parity else _check(args, world)


def _refuse_misplaced(args: Namespace) -> None:
    if args.parity and args.what != "check":
        raise InvalidInput("--parity compares what exists", remedy="write failover inventory check --parity")
    if args.declared and not args.parity:
        raise InvalidInput("--declared is what may differ between two sides", remedy="write --parity as well")
    if args.declared and not args.declared.is_file():
        raise InvalidInput(f"no file {args.declared}", remedy="name the file of declared differences")
    for option in ("copy_to", "organization"):
        if getattr(args, option) and args.what != "pull":
            given = f"--{option.replace('_', '-')}"
            raise InvalidInput(f"{given} is of a snapshot that is taken", remedy="write failover inventory pull")
    if args.config and args.what == "pull":
        raise InvalidInput("--config is what a simulated cloud is built from", remedy="name the stacks by --project")
    if args.provisional and args.what != "pull":
        raise InvalidInput("--provisional takes a snapshot", remedy="write failover inventory pull --provisional")
    if args.provisional and args.copy_to:
        what = "a provisional snapshot is not copied: whoever recovers would find it, and no standby in it"
        raise InvalidInput(what, remedy="leave --copy-to out; give it once the standby is up")


def _show(args: Namespace, world: World) -> ExitCode:
    told = world.inventory.model_dump(by_alias=True, mode="json")
    if args.json:
        print_json(told)
        return ExitCode.DONE
    paragraph(_head(_snapshot(world)))
    print(json.dumps(told, indent=2))
    return ExitCode.DONE


def _pull(args: Namespace, home: Home) -> ExitCode:
    from orchestrator.model.clock import SystemClock  # noqa: PLC0415 - start-up
    from orchestrator.wiring.clouds import open_cloud  # noqa: PLC0415 - start-up
    from orchestrator.wiring.pulling import bucket_of, copy_to, keep, pulled  # noqa: PLC0415 - start-up

    inventory = pulled(
        Path(args.project), organization=args.organization, at=SystemClock().now(), provisional=args.provisional
    )
    bucket = bucket_of(args.copy_to, inventory) if args.copy_to else None
    kept = keep(inventory, home)
    places = list(kept.places)
    if bucket:
        with open_cloud(cloud_of(args), seed=args.seed, home=home) as world:
            places.append(copy_to(bucket, inventory, world))
    if args.json:
        print_json({**_identity(inventory), "kept": places, "changed": kept.changed})
        return ExitCode.DONE
    told = f"snapshot of {inventory.taken_at}, {inventory.continuity}, sha256 {inventory.digest}"
    paragraph(f"{told}{PROVISIONAL if inventory.provisional else ''}")
    for place in places:
        paragraph(f"kept: {place}")
    paragraph("what exists has changed since the last one" if kept.changed else "the same as the last one")
    return ExitCode.DONE


def _check(args: Namespace, world: World) -> ExitCode:
    from orchestrator.cli.surveyed import check_as_json, show_check  # noqa: PLC0415 - start-up
    from orchestrator.wiring.surveying import check  # noqa: PLC0415 - start-up

    snapshot, found = _snapshot(world), check(world)
    if args.json:
        print_json({"snapshot": snapshot, **check_as_json(found)})
    else:
        paragraph(_head(snapshot))
        show_check(found)
    return _code(differs=bool(found.differences), unread=bool(found.unread))


def _parity(args: Namespace, world: World) -> ExitCode:
    from orchestrator.cli.surveyed import parity_as_json, show_parity  # noqa: PLC0415 - start-up
    from orchestrator.wiring.declared import declared_in  # noqa: PLC0415 - start-up
    from orchestrator.wiring.surveying import parity  # noqa: PLC0415 - start-up

    path = args.declared or (args.config or CONFIG) / DECLARED
    declared = declared_in(path)
    snapshot, found = _snapshot(world), parity(world, declared)
    if args.json:
        print_json({"snapshot": snapshot, **parity_as_json(found)})
    else:
        paragraph(_head(snapshot))
        show_parity(found, path)
    return _code(differs=not found.parity.holds, unread=bool(found.unread))


def _code(*, differs: bool, unread: bool) -> ExitCode:
    """A difference is one, whatever else was not answered; without one, silence proves nothing."""
    if differs:
        return ExitCode.FAILED
    return ExitCode.INCONCLUSIVE if unread else ExitCode.DONE


def _identity(inventory: Inventory) -> Json:
    return {
        "taken_at": inventory.taken_at, "digest": inventory.digest, "continuity": inventory.continuity,
        "provisional": inventory.provisional,
    }  # fmt: skip


def _snapshot(world: World) -> Json:
    from orchestrator.model.clock import moment  # noqa: PLC0415 - start-up

    age_s = (world.clock.now() - moment(world.inventory.taken_at)).total_seconds()
    return {**_identity(world.inventory), "age_s": round(max(age_s, 0)), "simulated": world.simulated or None}


def _head(snapshot: Json) -> str:
    from orchestrator.model.durations import show_duration  # noqa: PLC0415 - start-up

    sealed = f"sha256 {snapshot['digest'][:16]}" if snapshot["digest"] else "without a digest"
    label = PROVISIONAL if snapshot["provisional"] else ""
    label += "; SIMULATED" if snapshot["simulated"] else ""
    age = show_duration(snapshot["age_s"])
    return f"snapshot of {snapshot['taken_at']}, {age} old, {snapshot['continuity']}, {sealed}{label}"


COMMANDS = {
    "inventory": Command("What the stacks exported: show it, take it, compare it.", _arguments, _run, reads_cloud=True)
}
