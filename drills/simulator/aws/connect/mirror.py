"""How an edit travels between the two Regions of a replicated instance.

Laws:
- Mirroring is near-real-time and goes both ways (Administrator Guide, "Create a replica of your existing instance").
  The lag is modelled: 20 to 60 seconds, the same for the same edit in every run. That the later edit wins is modelled.
- Nothing travels while either Region is down; what failed to travel is tried again (the guide says within 30 minutes;
  modelled: every 5 minutes).
- Arrival is found out by reading: a site settles before each read. What was due before a Region died has arrived,
  also if nobody looked in time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from orchestrator.model.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

LAG_S_MIN = 20
LAG_S_MAX = 60
RETRY = timedelta(minutes=5)

_edits = count(1)


def _always_up(_region: str) -> datetime | None:
    return None


_dead_since: Callable[[str], datetime | None] = _always_up


def ask_about_regions(dead_since: Callable[[str], datetime | None] = _always_up) -> None:
    """Let `dead_since(region)` say since when a Region is dead (aware, UTC), None for a live one; else all live."""
    global _dead_since  # noqa: PLW0603 - one network serves every account of the process
    _dead_since = dead_since


def cut_since(*regions: str) -> datetime | None:
    """Since when nothing travels between these Regions; None while all live."""
    dead = [since for region in regions if (since := _dead_since(region)) is not None]
    return min(dead, default=None)


def now() -> datetime:
    """The present as moto sees it: the machine's clock, or the virtual one that stands in for it. Aware, UTC."""
    return SystemClock().now()


def lag_of(*facts: object) -> timedelta:
    """The modelled lag of the edit with these facts: 20 to 60 s."""
    digest = hashlib.sha256("/".join(map(str, facts)).encode()).digest()
    span = LAG_S_MAX - LAG_S_MIN + 1
    return timedelta(seconds=LAG_S_MIN + int.from_bytes(digest[:4], "big") % span)


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """When a record was edited; `order` parts edits of the same moment."""

    at: datetime
    order: int


NEVER = Version(datetime.min.replace(tzinfo=UTC), 0)


def new_version() -> Version:
    """The version of an edit made now."""
    return Version(now(), next(_edits))


@dataclass(slots=True)
class Arrival:
    """An edit under way: `record` takes effect in the other Region at `due`. `initial` is part of the first copy."""

    due: datetime
    version: Version
    record: Any
    initial: bool = False
