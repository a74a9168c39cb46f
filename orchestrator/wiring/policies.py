"""The policy documents in `config/policies`: one for each runbook, and one for each role that people take.

Laws:
- A document is a function of runbooks and actions alone, so that a test, and a reviewer, can tell whether it is the
  present one. Files that no runbook stands behind are somebody else's, and are left alone.
- `recovery` may do what a commander's runbooks call. `stand-in` may do what any runbook calls without writing: enough
  to plan one and to see what it would find. `break-glass` may do what any runbook calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orchestrator.cloud.policy import ROLE_CHARACTERS, document, shown
from orchestrator.model.errors import InvalidInput
from orchestrator.wiring.needs import needs_of
from orchestrator.wiring.orders import read_runbook
from orchestrator.wiring.placeholders import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from orchestrator.actions.catalogue import Catalogue
    from orchestrator.cloud.policy import Need
    from orchestrator.model.runbook import Runbook

RECOVERY: Final = "recovery"
"""The document of the role that recovers: all that a commander may run."""
STAND_IN: Final = "stand-in"
"""The document of the role of whoever stands in for somebody, to look: nothing that writes."""
BREAK_GLASS: Final = "break-glass"
"""The document of the role for when nobody else can: all that anybody may run."""
COMMANDER: Final = "commander"


def documents(names: Iterable[str], catalogue: Catalogue, *, together: bool) -> dict[str, str]:
    """The text of each runbook's document by its id, and, `together`, those of the roles that people take.

    Raises:
        InvalidInput: a runbook has faults, cannot be foreseen, or calls what `cloud/permissions` does not know; or a
            document is longer than IAM takes.
    """
    made: dict[str, str] = {}
    roles: dict[str, list[Need]] = {RECOVERY: [], STAND_IN: [], BREAK_GLASS: []}
    for name in names:
        loaded = read_runbook(name, catalogue)
        needs = list(needs_of(loaded, catalogue))
        made[loaded.runbook.id] = _text(loaded.runbook.id, needs)
        roles[RECOVERY] += needs if _is_run_in_an_emergency(loaded.runbook) else []
        roles[STAND_IN] += [need for need in needs if not need.call.write]
        roles[BREAK_GLASS] += needs
    if together:
        for role, needs in roles.items():
            if role in made:
                raise InvalidInput(f"a runbook is called {role}, as the document of a role is", remedy="rename it")
            made[role] = _text(role, needs)
    return made


def differing(made: Mapping[str, str], folder: Path) -> list[str]:
    """The documents that `folder` does not hold as they should be, by id."""
    return [name for name, text in made.items() if _read(folder / f"{name}.json") != text]


def write(made: Mapping[str, str], folder: Path) -> None:
    """Put the documents into `folder`.

    Raises:
        InvalidInput: it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (folder / f"{name}.json").write_text(text, encoding="utf-8")
    except OSError as why:
        raise InvalidInput(f"{folder} cannot be written: {why.strerror}", remedy="check its permissions") from why


def _is_run_in_an_emergency(runbook: Runbook) -> bool:
    """What others prepare on a good day (a replica, which nobody can take back) is none of the role that recovers."""
    return not runbook.run_by or COMMANDER in runbook.run_by


def _text(name: str, needs: Iterable[Need]) -> str:
    text = shown(document(needs, SIDES))
    length = len("".join(text.split()))
    if length > ROLE_CHARACTERS:
        raise InvalidInput(f"{name} comes to {length} characters, IAM takes {ROLE_CHARACTERS}", remedy="split it")
    return text


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
