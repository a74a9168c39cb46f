"""Arguments of one command, and those that every command takes. Apart from `main`, whose `--help` needs no parser."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from orchestrator.model.errors import InvalidInput

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from orchestrator.cli.command import Command


def parsed(name: str, command: Command, given: Sequence[str]) -> Namespace:
    """What was given to the command `name`.

    Raises:
        InvalidInput: it does not take these.
    """
    for each in given:
        speakable(each, "the argument")
    parser = _Parser(prog=f"failover {name}", description=command.summary)
    command.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    parser.add_argument("--home", metavar="DIR", help="where state lives (FAILOVER_HOME, default .failover)")
    parser.add_argument("--journal", metavar="URL", help="sqlite:///PATH (default: journal.db in the state folder)")
    if command.reads_cloud:
        parser.add_argument("--cloud", metavar="CLOUD", help="aws (if left out) | simulated[:SCENARIO] | URL")
        parser.add_argument(
            "--simulate", nargs="?", const="", metavar="SCENARIO", help="short for --cloud simulated[:SCENARIO]"
        )
        parser.add_argument("--seed", type=seed, default=1, metavar="N", help="seed of a simulated cloud (1)")
        parser.add_argument(
            "--config", type=Path, metavar="DIR", help="the stacks' configuration that it is built from (config)"
        )
    # The plain way loses what follows an option in `drill run --seed 3 SCENARIO`.
    return parser.parse_intermixed_args(given)


def seed(text: str) -> int:
    """A seed, as journals can carry it.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(SEEDS)) or int(text) >= SEEDS:
        raise ArgumentTypeError(f"{text[:40]!r} is no whole number from 0 to {SEEDS - 1}")
    return int(text)


def speakable(text: str, what: str) -> str:
    """The text, which can be written down.

    Raises:
        InvalidInput: it holds bytes that are no UTF-8.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInput(f"{what} {text!a} is no UTF-8", remedy="write it in UTF-8") from None
    return text


def actor(given: str = "") -> str:
    """Who asks: as given, else `FAILOVER_ACTOR`, else the account.

    Raises:
        InvalidInput: a name that nobody could write down.
    """
    from orchestrator.wiring.leaving import user  # noqa: PLC0415 - start-up

    return speakable(given or os.environ.get("FAILOVER_ACTOR") or user(), "the actor")


def account_beside(name: str) -> str:
    """The account that asks, where it does so under another name; else nothing."""
    from orchestrator.wiring.leaving import account  # noqa: PLC0415 - start-up

    own = account()
    return "" if own == name else own


SEEDS = 2**53
"""Whole numbers below this are the same in every JSON reader."""


class _Parser(ArgumentParser):
    """Faults in arguments are faults like any other."""

    def error(self, message: str) -> NoReturn:
        raise InvalidInput(message, remedy=f"see `{self.prog} --help`")
