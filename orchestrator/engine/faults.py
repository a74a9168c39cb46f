"""What is wrong with one runbook, gathered while it is planned and told all at once, each with its place and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model.errors import Fault
from orchestrator.model.parameters import BadParameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.model.expressions import ExpressionError

Path = tuple[str, ...]
"""Where in the document: `("steps", "shift", "with")`."""
_INVENTORY = "check the expression against `failover inventory show`"
_ACTIONS = "see `failover actions`"


class Faults:
    """Those found so far. `line_of` knows where a path is written."""

    def __init__(self, file: str, line_of: Callable[[Path], int]) -> None:
        self.file, self.line_of = file, line_of
        self.found: list[Fault] = []

    def add(self, path: Path, code: str, what: str, remedy: str) -> None:
        """One fault."""
        self.found.append(Fault(self.file, self.line_of(path), code, what, remedy))

    def unknown_action(self, path: Path, action: str) -> None:
        """The catalogue has no such action."""
        self.add(path, "PL06", f"no action {action}", _ACTIONS)

    def unresolved(self, path: Path, why: ExpressionError) -> None:
        """An expression has no value."""
        self.add(path, "PL07", str(why), _INVENTORY)

    def unfit(self, path: Path, action: str, why: ExpressionError | BadParameters) -> None:
        """The parameters at `path` do not resolve, or do not fit the action."""
        if not isinstance(why, BadParameters):
            self.unresolved(path, why)
            return
        for name, problem in why.problems.items():
            self.add((*path, "with", name), "PL08", f"{action}: {name} {problem}", _ACTIONS)
