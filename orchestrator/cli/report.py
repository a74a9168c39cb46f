"""`failover report ID`: the report of a run or drill, made from its journal alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.cli.command import Command, execution_argument
from orchestrator.cli.output import print_json
from orchestrator.model.errors import ExitCode, InvalidInput
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from orchestrator.model.events import Event

FORMATS = {"html": "html", "md": "md", "json": "json", "junit": "xml"}


def _arguments(parser: ArgumentParser) -> None:
    execution_argument(parser)
    parser.add_argument("--format", choices=FORMATS, default="html", help="html (default), md, json or junit")
    parser.add_argument(
        "--output", metavar="FILE", help="where it goes; - is standard output (default: the state folder)"
    )


def _run(args: Namespace) -> ExitCode:
    home = Home.of(args.home, args.journal)
    journal = home.open_journal()
    execution = home.find(journal, args.execution)
    text = rendered(list(journal.read(execution)), args.format)
    if args.output == "-":
        print(text)
        return ExitCode.DONE
    path = Path(args.output) if args.output else home.report(execution, FORMATS[args.format])
    write(path, text)
    if args.json:
        print_json({"execution": execution, "format": args.format, "path": str(path)})
    else:
        print(path)
    return ExitCode.DONE


def write(path: Path, text: str) -> None:
    """Put a report where it belongs, with its folder.

    Raises:
        InvalidInput: it cannot be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as why:
        raise InvalidInput(f"cannot write {path}: {why.strerror}", remedy="give another --output, or --home") from why


def rendered(events: Sequence[Event], format_: str) -> str:
    """The report as text."""
    if format_ == "html":
        from orchestrator.report.html import html  # noqa: PLC0415 - one of four

        return html(events)
    if format_ == "md":
        from orchestrator.report.markdown import markdown  # noqa: PLC0415 - start-up

        return markdown(events)
    if format_ == "junit":
        from orchestrator.report.junit import junit  # noqa: PLC0415 - start-up

        return junit(events)
    from orchestrator.report.timeline import as_json  # noqa: PLC0415 - start-up

    return json.dumps(as_json(events), indent=2, ensure_ascii=False)


COMMANDS = {"report": Command("The report of a run or drill, from its journal alone.", _arguments, _run)}
