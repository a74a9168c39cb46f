"""What a run stood on when it began, compared with what is so now: runbook file, plan, inventory, served cloud.

Law: what cannot be compared counts as changed. The journalled plan is carried out all the same, if somebody says so.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.actions.service import Answers
from orchestrator.engine.plan import compile_plan
from orchestrator.engine.scope import base_scope
from orchestrator.model.errors import InvalidInput
from orchestrator.model.states import Mode
from orchestrator.runbook.find import find
from orchestrator.runbook.load import load, text_of

if TYPE_CHECKING:
    from orchestrator.actions.catalogue import Catalogue
    from orchestrator.journal.replay import Replay
    from orchestrator.model.events import ExecutionCreated
    from orchestrator.model.inventory import Inventory
    from orchestrator.model.values import Json
    from orchestrator.wiring.clouds import World

_DIGITS = 12
"""Of a digest: enough to compare by eye."""


def scope_again(record: Replay, inventory: Inventory) -> dict[str, Json]:
    """What the run's expressions see, made anew from its journal and from what exists.

    Raises:
        InvalidInput: the journal has no beginning, or its runbook cannot be read by this version.
    """
    created = record.created
    if created is None:
        raise InvalidInput(f"{record.execution} has no beginning", remedy="verify its journal")
    runbook = load(created.source, created.runbook).runbook
    about = {"id": record.execution, "mode": created.mode, "incident": created.incident}
    execution = {**about, "reason": created.reason, "lost": created.lost}
    return base_scope(runbook, inventory, created.parameters, execution=execution)


def changes(record: Replay, world: World, catalogue: Catalogue, *, cwd: Path) -> list[str]:
    """What has changed since the run began, each with where it is, what it was and what it is.

    Raises:
        InvalidInput: as `scope_again`.
    """
    inventory = world.inventory
    scope, created = scope_again(record, inventory), record.created
    assert created is not None  # noqa: S101 - scope_again has looked
    told = (
        _of_served(created.served_by, world.served_by),
        _of_runbook(created, cwd),
        _differ("the plan", created.plan_sha256, *_plan_now(created, scope, catalogue)),
        _differ("the inventory", created.inventory_sha256, inventory.digest, f"taken {inventory.taken_at}"),
    )
    return [each for each in told if each]


def _of_served(was: str, now: str) -> str:
    return "" if was == now else f"the served cloud (was {was or 'not journalled'}; is {now or 'none'})"


def _of_runbook(created: ExecutionCreated, cwd: Path) -> str:
    path = Path(created.file) if created.file else None
    try:
        path = path if path is not None and path.is_file() else find(created.runbook, cwd=cwd)
        now = hashlib.sha256(text_of(path).encode()).hexdigest()
    except InvalidInput as why:
        place = f"{created.file} or in {cwd}" if created.file else str(cwd)
        return f"the runbook {created.runbook} (was {created.runbook_sha256[:_DIGITS]}) is not at {place}: {why.what}"
    return _differ(f"the runbook {path}", created.runbook_sha256, now)


def _plan_now(created: ExecutionCreated, scope: dict[str, Json], catalogue: Catalogue) -> tuple[str, str]:
    """Its digest if it were made now from the journalled runbook, or why it cannot be made."""
    runbook = load(created.source, created.runbook).runbook
    try:
        plan = compile_plan(
            runbook, scope=scope, mode=Mode(created.mode), catalogue=catalogue, file=created.runbook, proof=Answers
        )
    except InvalidInput as why:
        told = "; ".join(fault.what for fault in why.faults) or why.what
        return "impossible", told
    return plan.sha256, "made anew from the journalled runbook, with what exists and this program's actions"


def _differ(what: str, was: str, now: str, about: str = "") -> str:
    if was == now:
        return ""
    return f"{what} (was {was[:_DIGITS]}, is {now[:_DIGITS]}{': ' + about if about else ''})"
