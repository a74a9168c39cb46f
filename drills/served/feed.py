"""What clients are told as it happens: callers' minutes and outages, numbered, for whoever asks what is new.

Laws: who asks waits until there is something, and never for long; only so much is kept, and who asks for what is gone
gets what there is.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from drills.simulator.tally import together
from orchestrator.model.clock import stamp
from orchestrator.model.samples import Sampled
from orchestrator.wiring.feed import HIT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from drills.simulator.outage import RegionOutage
    from drills.simulator.tally import Minute
    from orchestrator.model.values import Json

KEPT = 240
"""So much news is kept: some four hours of callers' minutes."""


class Feed:
    """The latest news, on the loop's thread."""

    def __init__(self) -> None:
        self.last = 0
        """The number of the latest item."""
        self._items: deque[dict[str, Json]] = deque(maxlen=KEPT)
        self._more = asyncio.Event()
        self._lost: tuple[str, ...] = ()

    def minute(self, minutes: Sequence[Minute]) -> None:
        """A minute of callers is over; of all Regions, modelled."""
        self._add(Sampled.CALLS, minutes[0].start, together(minutes), modelled=True)

    def outages(self, raging: Sequence[RegionOutage], now: datetime) -> None:
        """What is lost now. News only where that has changed."""
        lost = tuple(each.name for each in raging)
        if lost != self._lost:
            self._lost = lost
            self._add(Sampled.OUTAGE, now, {"at": stamp(now), "faults": list(lost)})

    def hit(self, fault: str, victim: str, now: datetime) -> None:
        """Somebody felt an outage for the first time."""
        self._add(HIT, now, {"fault": fault, "victim": victim})

    async def after(self, seen: int, within_s: float) -> list[dict[str, Json]]:
        """Items later than number `seen`; if there are none, the next, or nothing if none comes in time.

        Args:
            seen: the latest that the reader knows; 0, or a number that another server gave, takes all that is kept.
            within_s: in the loop's seconds.
        """
        if seen > self.last:
            seen = 0
        elif seen == self.last:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._more.wait(), within_s)
        return [each for each in self._items if each["n"] > seen]

    def _add(self, name: str, at: datetime, values: Json, *, modelled: bool = False) -> None:
        self.last += 1
        item = {"n": self.last, "name": name, "at": stamp(at), "values": values, "modelled": modelled}
        self._items.append(item)
        self._more.set()
        self._more = asyncio.Event()


def in_force(raging: Sequence[RegionOutage]) -> Json:
    """What is lost now, and since when anything has been, as the values of a sample; None while nothing is."""
    if not raging:
        return None
    return {"at": stamp(min(each.from_ for each in raging)), "faults": [each.name for each in raging]}
