"""The right to append to one execution's journal: held for the length of a run, in the machine's own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from orchestrator.journal.store import Journal, JournalUnavailable
from orchestrator.model.errors import LeaseLapsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator.model.events import Event

LEASE_S = 30.0


@dataclass
class Lease:
    """A lease taken. Somebody has to renew it: who watches the run, or the run's own events."""

    journal: Journal
    now: Callable[[], datetime]
    execution: str
    holder: str
    epoch: int
    renewed_s: float
    """On the machine's monotonic clock."""
    until: datetime
    """In the machine's time, which also passes while it sleeps."""

    def guard(self) -> None:
        """Refuse what would be sent without right. For any thread: it asks two clocks and no store.

        Raises:
            LeaseLapsed: this process stood still for so long that somebody else may have taken it.
        """
        if time.monotonic() - self.renewed_s >= LEASE_S or self.now() >= self.until:
            raise LeaseLapsed(self.execution)

    def check(self) -> None:
        """Make sure that it is still ours, and renew it in time.

        Raises:
            HeldElsewhere: it lapsed (this machine may have slept), and somebody has taken it.
        """
        if self.journal.holder(self.execution, now=self.now()) == self.holder:
            self.renew_when_due()
        else:
            self._renew()

    def renew_when_due(self, event: Event | None = None) -> None:  # noqa: ARG002 - any event will do
        """Renew a third of the way through.

        Raises:
            HeldElsewhere: somebody has taken it.
        """
        if time.monotonic() - self.renewed_s > LEASE_S / 3:
            self._renew()

    def _renew(self) -> None:
        began_s, now = time.monotonic(), self.now()
        self.journal.renew_lease(self.execution, self.epoch, now=now, ttl_s=LEASE_S)
        self.renewed_s, self.until = began_s, now + timedelta(seconds=LEASE_S)


@contextmanager
def leased(journal: Journal, execution: str, holder: str, now: Callable[[], datetime]) -> Iterator[Lease]:
    """Hold the lease.

    Raises:
        HeldElsewhere: another holds it.
    """
    began_s, at = time.monotonic(), now()
    epoch = journal.take_lease(execution, holder, now=at, ttl_s=LEASE_S)
    try:
        yield Lease(journal, now, execution, holder, epoch, began_s, at + timedelta(seconds=LEASE_S))
    finally:
        with suppress(JournalUnavailable):  # then it lapses by itself
            journal.release_lease(execution, epoch)
