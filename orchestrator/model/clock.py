"""Time comes in by argument (law 6). The only module that reads the machine's clock or blocks on it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time in UTC, and a wait for blocking code. Code on the event loop waits with `asyncio.sleep`."""

    @property
    def kind(self) -> str:
        """`real` or `simulated`."""

    @property
    def speed(self) -> float:
        """Its seconds for each of the machine's, where it goes by the machine's; else 1."""

    def now(self) -> datetime:
        """The present, timezone-aware, UTC."""

    def pause(self, seconds: float) -> None:
        """Block the calling code (never the event loop) for so many seconds."""


class SystemClock:
    """The machine's clock."""

    kind = "real"
    speed = 1.0

    def now(self) -> datetime:
        """The machine's time in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the one module

    def pause(self, seconds: float) -> None:
        """Sleep in the calling thread."""
        time.sleep(seconds)  # noqa: TID251 - this is the one module


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as the journal writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """The inverse of `stamp`.

    Raises:
        ValueError: not RFC 3339.
    """
    return datetime.fromisoformat(text)
