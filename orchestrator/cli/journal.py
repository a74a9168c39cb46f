"""`failover journal verify ID or FILE`, `failover journal export ID`: check a chain offline; hand it over."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli.command import Command
from orchestrator.cli.output import print_json
from orchestrator.model.errors import ChainBroken, ExitCode, InvalidInput
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=["verify", "export"])
    parser.add_argument("target", nargs="?", metavar="ID|FILE", help="execution (the latest if left out), or an export")
    parser.add_argument("--output", metavar="FILE", help="where an export goes (standard output if left out)")


def _run(args: Namespace) -> ExitCode:
    return _verify(args) if args.what == "verify" else _export(args)


def _verify(args: Namespace) -> ExitCode:
    from orchestrator.journal.verify import verify, verify_stored  # noqa: PLC0415 - start-up

    if args.target and Path(args.target).is_file():
        try:
            with Path(args.target).open("rb") as lines:
                found = verify(lines)
        except ChainBroken as broken:
            place = f"{args.target}:{broken.line}"
            raise ChainBroken(f"{place}: {broken.what}", seq=broken.seq, line=broken.line) from None
    else:
        home = Home.of(args.home, args.journal)
        journal = home.open_journal()
        found = verify_stored(journal, home.find(journal, args.target))
    told = {"execution": found.execution, "events": found.events, "head": found.head, "ended": found.ended}
    if args.json:
        print_json({"valid": True, **told})
    else:
        end = "ended" if found.ended else "not ended: events may be missing at its end, compare the head"
        print(f"valid: {found.events} events of {found.execution}, {end}\nhead {found.head}")
    return ExitCode.DONE


def _export(args: Namespace) -> ExitCode:
    home = Home.of(args.home, args.journal)
    journal = home.open_journal()
    lines = journal.lines(home.find(journal, args.target))
    if args.output:
        try:
            Path(args.output).write_bytes(b"".join(lines))
        except OSError as why:
            raise InvalidInput(f"cannot write {args.output}: {why.strerror}", remedy="give another --output") from why
        return ExitCode.DONE
    for line in lines:
        sys.stdout.buffer.write(line)
    return ExitCode.DONE


COMMANDS = {"journal": Command("Verify a journal's chain, or export it.", _arguments, _run)}
