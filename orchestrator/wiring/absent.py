"""A served cloud that is not there any more: enough of a world to end a run of it, or to note something.

Laws: nothing can be asked of it; its time stands where the journal stands, for nobody here can know it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orchestrator.cloud.calls import ThreadCalls
from orchestrator.model.chance import SystemChance
from orchestrator.model.clock import SystemClock, moment
from orchestrator.model.errors import InvalidInput
from orchestrator.wiring.clouds import Unattended

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from orchestrator.journal.replay import Replay
    from orchestrator.model.actions import Call, Cloud
    from orchestrator.model.inventory import Inventory


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
class Absent(Unattended):
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
