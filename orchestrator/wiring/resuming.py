"""Takes an execution on a real cloud up again, from its journal: the plan is the one recorded, never a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.actions.catalogue import Catalogue
from orchestrator.engine.scope import base_scope
from orchestrator.model.errors import InvalidInput, Refused
from orchestrator.runbook.load import load
from orchestrator.wiring.clouds import open_cloud
from orchestrator.wiring.driving import Driver

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.journal.replay import Replay
    from orchestrator.journal.requests import Request
    from orchestrator.model.clock import Clock
    from orchestrator.model.events import Event
    from orchestrator.wiring.home import Home


def resume_with(
    home: Home, record: Replay, wish: Request, *, watch: Callable[[Clock], Callable[[Event], None]]
) -> Replay:
    """Continue the execution and carry out the request first.

    Raises:
        Refused: the inventory is not the one that the execution began with.
        HeldElsewhere: somebody else runs it.
    """
    created = record.created
    if created is None:
        raise InvalidInput(f"{record.execution} has no beginning", remedy="verify its journal")
    with open_cloud("aws", seed=0, home=home) as world:
        if world.inventory.digest != created.inventory_sha256:
            raise Refused(
                "the inventory has changed since the execution began",
                rule="a resume stands on what the run began with", remedy="bring the snapshot back, or begin anew",
            )  # fmt: skip
        runbook = load(created.source, created.runbook).runbook
        about = {"id": record.execution, "mode": created.mode, "incident": created.incident}
        execution = {**about, "reason": created.reason, "lost": created.lost}
        scope = base_scope(runbook, world.inventory, created.parameters, execution=execution)
        journal = home.open_journal()
        driver = Driver(world, journal, Catalogue(), watch(world.clock))
        runner = driver.runner(record.execution, scope)
        runner.load()
        runner.first(wish)
        try:
            return driver.drive(runner)
        finally:
            journal.close_connection()
