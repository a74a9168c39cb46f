"""An event loop whose seconds are not the machine's: a served cloud may live many times as fast as its clients.

Law: every wait on the loop is written in the cloud's seconds; only the selector knows how long the machine waits.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class PacedSelector(selectors.DefaultSelector):
    """Waits `speed` times shorter than asked, and tells `after` that time may have passed."""

    def __init__(self, speed: float, after: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._speed, self._after = speed, after

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As every selector's; `timeout` in the loop's seconds."""
        ready = super().select(timeout if timeout is None else timeout / self._speed)
        if self._after is not None:
            self._after()
        return ready


class PacedLoop(asyncio.SelectorEventLoop):
    """An event loop that counts `speed` seconds for each of the machine's.

    Args:
        speed: more than 0; 1 is the machine's own pace.
        after: told each time that the loop has looked for input, when time may have passed.
    """

    def __init__(self, speed: float, after: Callable[[], None] | None = None) -> None:
        self._speed, self._began_s = speed, time.monotonic()
        super().__init__(PacedSelector(speed, after))

    def time(self) -> float:
        """Seconds since the loop was made, at its own pace."""
        return (time.monotonic() - self._began_s) * self._speed
