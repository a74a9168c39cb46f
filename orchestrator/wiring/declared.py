"""Reads the differences between primary and standby that are meant: `config/parity.yaml`.

Every fault is told with its line; a file that is not there declares nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orchestrator.model.errors import Fault, InvalidInput
from orchestrator.model.parameters import BadParameters, bind
from orchestrator.runbook.tree import read
from orchestrator.survey.parity import Declared

if TYPE_CHECKING:
    from pathlib import Path

    from orchestrator.runbook.tree import Tree

VERSION: Final = 1
_WRITE: Final = "write version: 1 and differences: a list of path, reason and, for an amount, at_least"


def declared_in(path: Path) -> tuple[Declared, ...]:
    """The declarations of a file, in its order.

    Raises:
        InvalidInput: with every fault of the file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as why:
        raise InvalidInput(f"{path} cannot be read: {why}", remedy="mend or remove that file") from None
    tree = read(text, str(path))
    found = _bound(tree) if not tree.faults else []
    if tree.faults:
        raise InvalidInput(f"{path} has faults", remedy="mend them", faults=tree.faults)
    return tuple(found)


def _bound(tree: Tree) -> list[Declared]:
    whole = tree.value
    unknown = set(whole) - {"version", "differences"}
    if unknown or whole.get("version") != VERSION or not isinstance(whole.get("differences", []), list):
        _fault(tree, (), "this is no table of declared differences", _WRITE)
        return []
    found = []
    for place, given in enumerate(whole.get("differences") or ()):
        if not isinstance(given, dict):
            _fault(tree, ("differences", place), "this is no mapping", _WRITE)
            continue
        try:
            found.append(bind(Declared, given))
        except BadParameters as why:
            for name, problem in why.problems.items():
                _fault(tree, ("differences", place, name), f"{name}: {problem}", _WRITE)
    return found


def _fault(tree: Tree, path: tuple[str | int, ...], what: str, remedy: str) -> None:
    line = next((tree.lines[path[:length]] for length in range(len(path), -1, -1) if path[:length] in tree.lines), 0)
    tree.faults.append(Fault(tree.file, line, "PA01", what, remedy))
