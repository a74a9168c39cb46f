"""The one that writes down: gathers what happened, seals it into the chain, makes it durable, and then tells of it.

Laws: one commit holds all that was noted in one turn of the event loop and all that is decided from it; journal and
view hold the same events in the same order; who waits or listens hears of durable events only.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from orchestrator.engine.moves import event_of
from orchestrator.engine.view import View
from orchestrator.journal.chain import Chain
from orchestrator.model.clock import stamp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from orchestrator.engine.moves import Move
    from orchestrator.journal.store import Journal
    from orchestrator.model.clock import Clock
    from orchestrator.model.events import Event, Payload


class Scribe:
    """Holds the end of one execution's chain, the view of all that came before, and what is noted but not committed."""

    def __init__(self, execution: str, journal: Journal, clock: Clock, actor: str) -> None:
        self.view = View()
        self.noted: list[Payload] = []
        self._journal, self._clock, self._actor = journal, clock, actor
        self._chain = Chain(execution)
        self._listeners: list[Callable[[Event], None]] = []
        self._committed: asyncio.Future[None] | None = None
        self._unwritten: BaseException | None = None

    def load(self) -> None:
        """Take in what the journal holds, to continue exactly there."""
        for event in self._journal.read(self._chain.execution):
            self.view.apply(event)
            self._chain.seq, self._chain.prev = event.seq + 1, event.hash

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Tell `listener` of every event once it is durable."""
        self._listeners.append(listener)

    def durable(self) -> Awaitable[None]:
        """Until everything noted so far is committed."""
        if self._committed is None:
            self._committed = asyncio.get_running_loop().create_future()
        return asyncio.shield(self._committed)

    def take(self) -> list[Payload]:
        """What was noted; it is in the taker's hands now."""
        noted, self.noted = self.noted, []
        return noted

    def commit(self, decide: Callable[[], Sequence[Move]]) -> list[Event]:
        """Seal and apply what was noted, decide, repeat; then one durable commit. Returns what it holds.

        Raises:
            HeldElsewhere: somebody else has appended to this execution.
            JournalUnavailable: the store fails; who waits for the commit waits for ever.
        """
        waiting, self._committed = self._committed, None
        events: list[Event] = []
        while True:
            events += self._sealed(self.take())
            moves = decide()
            if not moves and not self.noted:
                break
            self.noted += [event_of(move, self.view.record) for move in moves]
        if events:
            self._keep(events)
        if waiting is not None:
            waiting.set_result(None)
        return events

    def append(self, payloads: Sequence[Payload]) -> None:
        """A commit of these alone, without any decision."""
        if payloads:
            self._keep(self._sealed(payloads))

    def check(self) -> None:
        """Whether all that was to be written down is durable.

        Raises:
            HeldElsewhere, JournalUnavailable: it is not, for this reason.
        """
        if self._unwritten is not None:
            raise self._unwritten

    def _sealed(self, payloads: Sequence[Payload]) -> list[Event]:
        if not payloads:
            return []
        at = stamp(self._clock.now())
        events = [self._chain.next(payload, at=at, actor=self._actor) for payload in payloads]
        for event in events:
            self.view.apply(event)
        return events

    def _keep(self, events: Sequence[Event]) -> None:
        # What failed once is told again, whoever appends next: the chain has moved on, so that another append would
        # be refused for not following the stored one, and hide why.
        self.check()
        try:
            self._journal.append(events)
        except BaseException as why:
            self._unwritten = why
            raise
        for listener in self._listeners:
            for event in events:
                listener(event)
