"""What a journal's store must do, whatever it stands on. `tests/contract/test_journal_store.py` holds each sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from orchestrator.model.errors import FailoverError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from orchestrator.journal.requests import Request
    from orchestrator.model.events import Event


class JournalUnavailable(FailoverError):
    """The store cannot be read or written just now (disk full, locked for long, no permission). `where` names it."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"the journal {where} is not usable: {why}", remedy="check space, permissions and the medium")
        self.where, self.why = where, why


class JournalBusy(JournalUnavailable):
    """Others keep the store locked for longer than it waits."""

    retryable = True


class Journal(Protocol):
    """Append-only events by execution, leases for the one who appends, and requests from everybody else.

    Reading from a journal that does not exist raises `InvalidInput` and creates nothing. A store that fails raises
    `JournalUnavailable`. An instance belongs to one thread.
    """

    def append(self, events: Sequence[Event]) -> None:
        """Make events of one execution durable in one commit: all of them, or none.

        Raises:
            HeldElsewhere: the first does not follow the execution's head; somebody else has appended since.
            ChainBroken: the events do not follow each other.
        """

    def read(self, execution: str, after: int = -1) -> Iterator[Event]:
        """The events with a greater `seq` than `after`, in order; none if the execution is unknown.

        Raises:
            ChainBroken: on reaching a stored event that does not match its hash or does not follow the one before.
        """

    def head(self, execution: str) -> tuple[int, str] | None:
        """The last event's `seq` and hash, or None if the execution is unknown."""

    def executions(self) -> list[str]:
        """Every execution, also those set aside; the one begun last comes first."""

    def lines(self, execution: str) -> Iterator[bytes]:
        """The export: one line an event, made of the stored bytes unchecked (`verify` judges them)."""

    def take_lease(self, execution: str, holder: str, *, now: datetime, ttl_s: float) -> int:
        """Become the one that appends, for `ttl_s` seconds; returns the new epoch, one more than the last.

        Raises:
            HeldElsewhere: another holder's lease has not expired.
        """

    def renew_lease(self, execution: str, epoch: int, *, now: datetime, ttl_s: float) -> None:
        """Hold on for `ttl_s` seconds from now; a lapsed lease that nobody took may still be renewed.

        Raises:
            HeldElsewhere: somebody took the lease since, or it was released.
        """

    def release_lease(self, execution: str, epoch: int) -> None:
        """Let go. Nothing happens if somebody else has taken the lease since."""

    def holder(self, execution: str, *, now: datetime) -> str | None:
        """Who holds an unexpired lease."""

    def leave(self, request: Request) -> None:
        """Leave a request for the runner; the same request again changes nothing.

        Raises:
            InvalidInput: the execution is unknown, or another request has this id.
        """

    def pending(self, execution: str) -> list[Request]:
        """Requests not closed, in the order in which they were left."""

    def close(self, request_id: str, answer: str) -> None:
        """Answer a request. The first answer stands: a runner that resumes may close again.

        Raises:
            InvalidInput: no such request.
        """

    def answer(self, request_id: str) -> str | None:
        """How a request was closed, or None while it is open, or if there is none."""

    def set_aside(self, execution: str) -> str | None:
        """Free the id of a simulated execution, keeping its events unchanged under `<id>~<first 8 of its head>`.

        Equal seeds give equal ids, and a second run may neither destroy the first nor be called otherwise. An equal
        copy that was set aside before makes this one superfluous: it is dropped. The lease and the requests go; what
        became of them is in the events. A runner still at work on it gets `HeldElsewhere` from its next append.
        Returns the new key, or None if the execution is unknown.

        Raises:
            Refused: the execution was not simulated.
        """

    def close_connection(self) -> None:
        """Give back what is open; the next call opens it again."""
