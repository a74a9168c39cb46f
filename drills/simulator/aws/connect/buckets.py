"""Throttling: one token bucket for each operation, account and Region, shared by all instances and principals.

Source: Administrator Guide, "Amazon Connect service quotas", API throttling quotas: 2 requests a second with a burst
of 5, and a short list of exceptions; API Reference, "Best practices": HTTP 429.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .mirror import now

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket's refill and its size, in requests."""

    per_second: float
    burst: int


DEFAULT = Rate(2.0, 5)
EXCEPTIONS = {"GetCurrentMetricData": Rate(5.0, 8), "SearchContacts": Rate(0.5, 1)}

_exempt = 0


@contextmanager
def without_throttling() -> Iterator[None]:
    """Nothing is throttled inside, in any thread: for provisioning, which is not what a drill measures."""
    global _exempt  # noqa: PLW0603 - provisioning registers from several threads, all of them are meant
    _exempt += 1
    try:
        yield
    finally:
        _exempt -= 1


def is_provisioning() -> bool:
    """Whether calls are provisioning: done long before anything that a drill measures."""
    return _exempt > 0


class Buckets:
    """The buckets of one account in one Region: `default` for each operation, but for the `exceptions`."""

    def __init__(self, default: Rate = DEFAULT, exceptions: Mapping[str, Rate] = EXCEPTIONS) -> None:
        self._default, self._exceptions = default, exceptions
        self._levels: dict[str, tuple[float, datetime]] = {}

    def take(self, operation: str) -> bool:
        """Take a token; False where there is none and the call is throttled."""
        if _exempt:
            return True
        rate, present = self._exceptions.get(operation, self._default), now()
        level, since = self._levels.get(operation, (float(rate.burst), present))
        waited_s = max(0.0, (present - since).total_seconds())
        level = min(float(rate.burst), level + waited_s * rate.per_second)
        if level < 1:
            self._levels[operation] = (level, present)
            return False
        self._levels[operation] = (level - 1, present)
        return True
