"""The items being carried out, one asyncio task each.

Law: a task that was cancelled is there until its call in flight has settled; only then has it landed.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable


class Tasks:
    """By item key. `landed` is told the key of each task that has ended, and what it raised if not cancellation."""

    def __init__(self, landed: Callable[[str, BaseException | None], None]) -> None:
        self._landed, self._running = landed, dict[str, asyncio.Task[None]]()

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, key: str) -> bool:
        return key in self._running

    def launch(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        """Begin at the next turn of the loop. A task of this key that has not landed yet is forgotten."""
        task = asyncio.get_running_loop().create_task(work, name=key)
        self._running[key] = task
        task.add_done_callback(self._ended)

    def cancel(self, key: str) -> None:
        """Let it end; nothing happens if there is none."""
        if key in self._running:
            self._running[key].cancel()

    def cancel_those(self, keys: Iterable[str]) -> None:
        """Let them end, those that run."""
        for key in keys:
            self.cancel(key)

    def cancel_all(self) -> list[asyncio.Task[None]]:
        """Let all of them end; returns those that have not yet."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        return running

    async def settle(self) -> None:
        """Cancel what still runs; calls in flight finish first (`Calls.run` sees to it)."""
        await asyncio.gather(*self.cancel_all(), return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        key = task.get_name()
        if self._running.get(key) is task:
            del self._running[key]
        self._landed(key, None if task.cancelled() else task.exception())
