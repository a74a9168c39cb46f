"""What a command is: a line of help, its own arguments, and a function that ends in an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model.frozen import Frozen

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from orchestrator.model.errors import ExitCode


class Command(Frozen):
    """One command. `run` prints what it has to say and returns the exit code; errors it raises are told by `main`."""

    summary: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], ExitCode]
    reads_cloud: bool = False
    """Whether `--cloud`, `--simulate` and `--seed` apply."""


def no_arguments(parser: ArgumentParser) -> None:
    """For commands that take none."""


def execution_argument(parser: ArgumentParser) -> None:
    """An execution, by id or the beginning of one; the latest if left out."""
    parser.add_argument(
        "execution", nargs="?", metavar="ID", help="execution id or its beginning (the latest if left out)"
    )
