"""A served cloud that is not there any more: enough of a world to end a run of it, or to note something.

Laws: nothing can be asked of it; its time stands where the journal stands, for nobody here can know it.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from orchestrator.cloud.calls import ThreadCalls
from orchestrator.model.chance import SystemChance
from orchestrator.model.clock import SystemClock, moment
from orchestrator.model.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Coroutine
    from datetime import datetime

    from orchestrator.engine.runner import Runner
    from orchestrator.journal.replay import Replay
    from orchestrator.model.actions import Call, Cloud
    from orchestrator.model.events import GateOpened
    from orchestrator.model.inventory import Inventory

T = TypeVar("T")


class Told:
    """A clock that stands where the journal stands: for a simulation whose time nobody here can know."""

    kind = "simulated"
    speed = 1.0

    def __init__(self, record: Replay) -> None:
        self._record = record

    def now(self) -> datetime:
        """The moment of the last event."""
        return moment(self._record.last_at)

    def pause(self, seconds: float) -> None:
        """Nothing passes."""


@dataclass(frozen=True)
class Absent:
    """The world of a run whose served cloud does not answer, or is another one by now."""

    simulated: str
    served_by: str
    clock: Told
    why: InvalidInput
    """What whoever asks something of it is told."""
    chance: SystemChance = field(default_factory=SystemChance)
    calls: ThreadCalls = field(default_factory=lambda: ThreadCalls(1))

    @property
    def inventory(self) -> Inventory:
        """Nobody says what exists.

        Raises:
            InvalidInput: always.
        """
        raise self.why

    def hands(self, declared: Collection[Call]) -> Cloud:  # noqa: ARG002
        """There is nothing to act on.

        Raises:
            InvalidInput: always.
        """
        raise self.why

    def real_now(self) -> datetime:
        """The machine's."""
        return SystemClock().now()

    def run(self, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """On asyncio's own loop."""
        return asyncio.run(main())

    def mark_of(self, service: str, operation: str) -> str:  # noqa: ARG002
        """Nothing is called."""
        return ""

    def answers(self, gate: GateOpened) -> bool:  # noqa: ARG002
        """People answer from their own terminals."""
        return True

    @asynccontextmanager
    async def joined(self, runner: Runner) -> AsyncIterator[None]:  # noqa: ARG002
        """Nobody joins."""
        yield
