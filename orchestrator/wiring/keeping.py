"""Beside a run on a real clock: requests are handed to the runner, and the lease is kept while nothing happens.

Laws: a request is for the runner that is at work when it is left, and for no later one; it is closed only after its
answer is durable in the journal; whoever keeps may not fail unheard.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from orchestrator.journal.store import JournalBusy, JournalUnavailable
from orchestrator.model.events import RequestAccepted, RequestRefused

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence

    from orchestrator.engine.runner import Runner
    from orchestrator.journal.requests import Request
    from orchestrator.journal.store import Journal
    from orchestrator.model.events import Event
    from orchestrator.wiring.lease import Lease

T = TypeVar("T")
LOOK_EVERY_S = 0.5
"""A person's answer is taken up within a second."""
BUSY_LOOKS = 3
"""So often in a row others may keep the store locked, each time for as long as the store itself waits."""
ACCEPTED = "accepted"
NOBODY = "no runner took it up: ask again"


def answers_in(events: Iterable[Event]) -> dict[str, str]:
    """What the journal says of each request: `accepted`, or the rule that forbade it."""
    found = {}
    for event in events:
        payload = event.payload
        if isinstance(payload, RequestAccepted | RequestRefused):
            found[payload.request] = payload.rule if isinstance(payload, RequestRefused) else ACCEPTED
    return found


def settle(journal: Journal, execution: str, wishes: Sequence[Request]) -> None:
    """Close requests that a runner has left behind: with what the journal says, else as taken up by nobody."""
    answers = answers_in(journal.read(execution)) if wishes else {}
    for wish in wishes:
        journal.close(wish.id, answers.get(wish.id, NOBODY))


def settle_rest(journal: Journal, execution: str) -> None:
    """Close what is still open once the runner is done; where the store has failed, the next runner will."""
    with suppress(JournalUnavailable):
        settle(journal, execution, journal.pending(execution))


async def keep(runner: Runner, journal: Journal, lease: Lease) -> None:
    """Go on until cancelled.

    Raises:
        HeldElsewhere: the lease was lost.
        JournalUnavailable: the store fails, or others keep it locked.
    """
    answers: dict[str, str] = {}
    busy = 0
    while True:
        try:
            lease.check()
            for wish in journal.pending(runner.execution):
                if wish.id not in answers:  # else it was answered, and could not be closed
                    answer = runner.request(wish) or ACCEPTED
                    runner.check()
                    answers[wish.id] = answer
                journal.close(wish.id, answers[wish.id])
            busy = 0
        except JournalBusy:
            busy += 1
            if busy == BUSY_LOOKS:
                raise
        await asyncio.sleep(LOOK_EVERY_S)


async def beside(watch: Coroutine[None, None, None], main: Coroutine[None, None, T]) -> T:
    """The result of `main`, while `watch` goes on; whichever fails ends both, and is heard."""
    try:
        async with asyncio.TaskGroup() as both:
            watching = both.create_task(watch)
            result = await main
            watching.cancel()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return result
