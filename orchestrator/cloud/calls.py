"""The one seam that runs blocking calls: threads when live, greenlets when simulated.

Laws: the event loop never blocks; and a call that has begun is never abandoned. A cancelled step may be in the middle
of a write, and a write whose outcome nobody waited for is a write that nobody can undo. So cancelling lets running
writes settle first, and only then reaches the code that awaits.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Calls(Protocol):
    """Runs blocking code for code on the event loop."""

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work()`, or its exception.

        Cancellation is shielded: work that has begun ends first, and `CancelledError` is raised then. What the work
        returned or raised is lost to the cancelled caller; whoever resumes looks again.
        """


class ThreadCalls:
    """Real calls in a thread pool of its own, so that nobody else's work can starve them.

    Args:
        workers: threads at most; further work waits in line, and a cancel takes it out of the line unsent.
    """

    def __init__(self, workers: int = 64) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="call")

    async def run(self, work: Callable[[], T]) -> T:
        """As `Calls.run`."""
        submitted = self._pool.submit(work)
        future = asyncio.wrap_future(submitted)
        try:
            await asyncio.wait({future})  # which, unlike awaiting the future itself, cancels nothing when cancelled
        except asyncio.CancelledError:
            if not submitted.cancel():
                await _settled(future)
            raise
        return future.result()

    def close(self) -> None:
        """Wait for what runs, drop what has not begun, end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)


async def _settled(future: asyncio.Future[T]) -> None:
    """Wait for running work, whatever becomes of it and however often the waiting task is cancelled."""
    while not future.done():
        try:
            await asyncio.wait({future})
        except asyncio.CancelledError:
            continue  # the first cancel is on its way already, and the write is not over yet
    future.exception()  # seen: without this asyncio reports it as never retrieved
