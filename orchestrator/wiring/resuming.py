"""Takes an execution on a real cloud up again, from its journal: the plan is the one recorded, never a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.actions.catalogue import Catalogue
from orchestrator.engine.scope import base_scope
from orchestrator.engine.wishes import TAKES_UP
from orchestrator.model.errors import InvalidInput, Refused
from orchestrator.runbook.load import load
from orchestrator.wiring.clouds import open_cloud
from orchestrator.wiring.driving import Driver
from orchestrator.wiring.keeping import ACCEPTED, NOBODY, answers_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.journal.replay import Replay
    from orchestrator.journal.requests import Request
    from orchestrator.model.clock import Clock
    from orchestrator.model.events import Event
    from orchestrator.model.inventory import Inventory
    from orchestrator.model.values import Json
    from orchestrator.wiring.home import Home


def resume_with(
    home: Home, record: Replay, wish: Request, *, watch: Callable[[Clock], Callable[[Event], None]]
) -> tuple[Replay, str]:
    """Judge the request first, and continue the execution if it takes that up.

    Returns the record, and the rule that forbade the request, or nothing if it was granted.

    Raises:
        Refused: the inventory is not the one that the execution began with, and the request needs one.
        HeldElsewhere: somebody else runs it.
    """
    with open_cloud("aws", seed=0, home=home) as world:
        # Ending a run, or noting something, writes nothing: it must not fail for what has changed since.
        scope = _scope(record, world.inventory) if wish.verb in TAKES_UP else {}
        journal = home.open_journal()
        driver = Driver(world, journal, Catalogue(), watch(world.clock))
        runner = driver.runner(record.execution, scope)
        runner.load()
        runner.first(wish)
        try:
            ended = driver.drive(runner)
            rule = answers_in(journal.read(record.execution)).get(wish.id, NOBODY)
        finally:
            journal.close_connection()
    return ended, "" if rule == ACCEPTED else rule


def _scope(record: Replay, inventory: Inventory) -> dict[str, Json]:
    created = record.created
    if created is None:
        raise InvalidInput(f"{record.execution} has no beginning", remedy="verify its journal")
    if inventory.digest != created.inventory_sha256:
        raise Refused(
            "the inventory has changed since the execution began",
            rule="a resume stands on what the run began with", remedy="bring the snapshot back, or abort the run",
        )  # fmt: skip
    runbook = load(created.source, created.runbook).runbook
    about = {"id": record.execution, "mode": created.mode, "incident": created.incident}
    execution = {**about, "reason": created.reason, "lost": created.lost}
    return base_scope(runbook, inventory, created.parameters, execution=execution)
