"""The entry point. Imports a command's module only when it is named, so that `--help` and `status` start fast.

Whatever goes wrong reaches the person as a sentence with a remedy, and the shell as one of the exit codes.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NoReturn

from orchestrator.model.errors import ExitCode, FailoverError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.cli.command import Command

COMMANDS = {
    "now": ("now", "can I act, what answers, what is running, what to do"),
    "lint": ("lint", "check runbooks; every fault with its line and remedy"),
    "plan": ("plan", "foresee a runbook: order, forecast, before → after, endpoints"),
    "execute": ("execute", "carry a runbook out, with live progress"),
    "status": ("status", "where an execution stands"),
    "list": ("listing", "executions on record"),
    "watch": ("watch", "follow an execution from any terminal"),
    "resume": ("steer", "go on with a paused execution, or one whose runner has died"),
    "pause": ("steer", "start nothing more until somebody resumes"),
    "approve": ("steer", "say yes to an open gate"),
    "reject": ("steer", "say no to an open gate"),
    "retry": ("steer", "try a failed step again"),
    "skip": ("steer", "leave a step out, with a reason"),
    "switch-mode": ("steer", "from planned to unplanned, for good"),
    "note": ("steer", "put a sentence on the record, also after the end"),
    "undo": ("steer", "give every setting back as it was found"),
    "abort": ("steer", "end an execution; running writes settle first"),
    "journal": ("journal", "verify a journal's chain, or export it"),
    "report": ("report", "the report of a run or drill, from its journal alone"),
    "runbooks": ("runbooks", "list runbooks"),
    "actions": ("actions", "list actions, or show one with its parameters"),
    "inventory": ("inventory", "what the stacks exported: show, pull; check drift, parity"),
    "policy": ("policy", "write the least IAM policies that runbooks need"),
}
"""Command → (module in this package, summary). Others join by the entry-point group `failover.commands`."""

GROUP = "failover.commands"
USAGE = "failover [COMMAND] [--help] [--version]"


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with its code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _make_speakable()
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone (`| head`); what it wanted it has.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.DONE
    except KeyboardInterrupt:
        print("failover: interrupted", file=sys.stderr)
        code = ExitCode.STOPPED
    except FailoverError as error:
        code = _tell(error, as_json="--json" in arguments)
    except Exception as error:
        if os.environ.get("FAILOVER_DEBUG"):
            raise
        print(f"failover: a fault of ours: {type(error).__name__}: {error}", file=sys.stderr)
        print("  set FAILOVER_DEBUG=1 for the whole story", file=sys.stderr)
        code = ExitCode.OUR_FAULT
    sys.exit(code)


def _make_speakable() -> None:
    """An output that is closed hears nothing, and one that lacks a character (→) shows `?`; neither is an error."""
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _dispatch(arguments: list[str]) -> ExitCode:
    if arguments and arguments[0] in ("-h", "--help", "help"):
        return _help()
    if arguments and arguments[0] == "--version":
        return _version()
    _refuse_options_first(arguments)
    name = arguments[0] if arguments and not arguments[0].startswith("-") else "now"
    rest = arguments[1:] if arguments and arguments[0] == name else arguments
    command = _command(name)
    from orchestrator.cli.arguments import parsed  # noqa: PLC0415 - start-up: `--help` needs no parser

    return command.run(parsed(name, command, rest))


def _refuse_options_first(arguments: list[str]) -> None:
    """Without a command, `now` answers: a command that comes after options would be taken for nonsense."""
    names = {*COMMANDS, *OTHERS}
    for before, word in pairwise(arguments if arguments and arguments[0].startswith("-") else ()):
        if word in names and before not in TAKE_A_VALUE:
            end = arguments.index(word)
            moved = " ".join([*arguments[end:], *arguments[:end]])
            raise InvalidInput("the options come after the command", remedy=f"write failover {moved}")


def _command(name: str) -> Command:
    if name in COMMANDS:
        module = import_module(f"orchestrator.cli.{COMMANDS[name][0]}")
        command: Command = module.COMMANDS[name]
        return command
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow, and needed for foreign names only

    for entry in entry_points(group=GROUP, name=name):
        loaded: Command = _loaded(entry, name)
        return loaded
    from difflib import get_close_matches  # noqa: PLC0415 - needed for a misspelt name only

    near = get_close_matches(name, [*COMMANDS, *(entry.name for entry in entry_points(group=GROUP))], n=1)
    hint = f"did you mean {near[0]}?" if near else "see `failover --help`"
    raise InvalidInput(f"no command {name!r}", remedy=hint)


def _loaded(entry: Any, name: str) -> Any:
    try:
        return entry.load()
    except ModuleNotFoundError as missing:
        raise InvalidInput(
            f"the command {name} needs {missing.name}, which is not installed",
            remedy="install the extras stacks,drills",
        ) from missing


def _help() -> ExitCode:
    from importlib.metadata import entry_points  # noqa: PLC0415 - names of commands that others add

    print(f"usage: {USAGE}\n\nMoves a contact centre to the other Region, and proves that it can.\n")
    for name, (_, summary) in COMMANDS.items():
        print(f"  {name:<11} {summary}")
    for entry in entry_points(group=GROUP):
        print(f"  {entry.name:<11} {OTHERS.get(entry.name, 'added by ' + entry.value.split('.')[0])}")
    print("\n`failover COMMAND --help` tells more; without a command, `now` answers.")
    print("Exit codes: 0 done · 1 failed · 2 invalid · 3 inconclusive · 4 stopped")
    print("            5 our fault · 6 held elsewhere")
    return ExitCode.DONE


TAKE_A_VALUE = ("--home", "--journal", "--cloud", "--seed")
OTHERS = {
    "drill": "game days on the simulated cloud: list, run",
    "simulate": "the simulated cloud as a server: serve",
}


def _version() -> ExitCode:
    from orchestrator import __version__  # noqa: PLC0415 - as everything here

    print(f"failover {__version__}")
    return ExitCode.DONE


def _tell(error: FailoverError, *, as_json: bool) -> ExitCode:
    if as_json:
        from orchestrator.cli.output import print_json  # noqa: PLC0415 - json is not needed for plain text

        faults = [fault._asdict() for fault in getattr(error, "faults", ())]
        told = {"error": error.what, "remedy": error.remedy, "exit_code": int(error.exit_code), "faults": faults}
        where = {name: getattr(error, name) for name in ("seq", "line") if hasattr(error, name)}  # of a broken chain
        print_json({**told, **where})
        return error.exit_code
    for fault in getattr(error, "faults", ()):
        print(fault, file=sys.stderr)
    print(f"failover: {error.what}", file=sys.stderr)
    if error.remedy:
        print(f"  {error.remedy}", file=sys.stderr)
    return error.exit_code
