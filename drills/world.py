"""A simulated cloud as the orchestrator's wiring sees one: clock, chance, calls, inventory, who takes part."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import time_machine

from drills.simulator.ledger import mark_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Coroutine

    from drills.simulator.cloud import SimulatedCloud
    from orchestrator.engine.runner import Runner
    from orchestrator.model.actions import Call, Cloud
    from orchestrator.model.events import GateOpened
    from orchestrator.model.inventory import Inventory

T = TypeVar("T")
SIMULATED = (
    "the AWS cloud (moto, extended), the network, callers and agents, and time; "
    "durations are orchestration time plus modelled service time"
)


class Simulated:
    """Nobody but the runner takes part; `rehearsal.Rehearsal` adds customers, approvers and outages."""

    simulated = SIMULATED
    served_by = ""

    def __init__(self, cloud: SimulatedCloud, inventory: Inventory) -> None:
        self.cloud, self.inventory = cloud, inventory
        self.clock, self.chance, self.calls = cloud.clock, cloud.chance, cloud.calls

    def hands(self, declared: Collection[Call]) -> Cloud:
        """Through the very door that real runs use."""
        return self.cloud.door.hands(declared)

    def real_now(self) -> datetime:
        """The machine's time, past the virtual clock."""
        return datetime.fromtimestamp(time_machine.escape_hatch.time.time(), UTC)

    def run(self, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """On virtual time."""
        return self.cloud.run(main)

    def mark_of(self, service: str, operation: str) -> str:
        """From the ledger; DNS queries are answered by the simulated name server."""
        if service == "dns":
            return "extended"
        mark = mark_of(service, operation)
        return str(mark) if mark else ""

    def answers(self, gate: GateOpened) -> bool:  # noqa: ARG002
        """Whether somebody in this world will answer the gate."""
        return False

    @asynccontextmanager
    async def joined(self, runner: Runner) -> AsyncIterator[None]:  # noqa: ARG002
        """Nobody joins."""
        yield
