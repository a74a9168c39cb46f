"""What became of the calls, by virtual minute and Region.

Every figure here is *modelled*: simulated callers met simulated agents by rule. None is a measurement of a real
contact centre, and reports must say so.

Law: each call counts in the minute in which the thing happened, so over a whole run
`offered = answered + lost + calls still under way`, where lost is what `model.samples` says.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from orchestrator.model.clock import stamp
from orchestrator.model.samples import Count, lost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from orchestrator.model.values import Json


class Clock(Protocol):
    """The virtual wall clock; waiting is `asyncio.sleep` on the virtual loop."""

    def now(self) -> datetime:
        """The present, aware, UTC."""


@dataclass(frozen=True, slots=True)
class Minute:
    """One virtual minute of one Region; all modelled. What each figure counts is said in `model.samples.Count`."""

    start: datetime
    region: str
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    swallowed: int = 0
    failed: int = 0
    overflowed: int = 0
    cut_off: int = 0
    emergency_greeted: int = 0
    """Callers who heard the emergency greeting."""
    wait_s_mean: float | None = None
    """Mean time in queue of those answered in this minute; None where none was (not zero)."""
    agents: int = 0
    """Agents signed in at the end of the minute."""

    @property
    def lost(self) -> int:
        """Calls that never reached an agent."""
        return round(lost(self))

    def values(self) -> dict[str, int | float | str | None]:
        """The figures as JSON, without the time, for a `sample` event (to be marked `modelled`)."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "start"}


_GREETED = "emergency_greeted"


def together(minutes: Sequence[Minute]) -> Json:
    """One minute of all Regions as the values of a sample `Sampled.CALLS` (to be marked `modelled`)."""
    regions = {each.region: {k: v for k, v in each.values().items() if k != "region"} for each in minutes}
    totals = {name.value: sum(getattr(each, name) for each in minutes) for name in Count}
    return {"minute": stamp(minutes[0].start), "regions": regions, **totals}


class _Counts:
    __slots__ = ("by_name", "wait_s")

    def __init__(self) -> None:
        self.by_name: dict[str, int] = {}
        self.wait_s = 0.0

    def add(self, name: str) -> None:
        self.by_name[name] = self.by_name.get(name, 0) + 1

    def minute(self, start: datetime, region: str, agents: int) -> Minute:
        answered = self.by_name.get(Count.ANSWERED, 0)
        mean = round(self.wait_s / answered, 3) if answered else None
        return Minute(start, region, **self.by_name, wait_s_mean=mean, agents=agents)


class Tally:
    """Counts into the running minute; `close` ends it. Modelled figures throughout."""

    def __init__(self, clock: Clock, on_minute: Callable[[Sequence[Minute]], None] | None = None) -> None:
        self._clock = clock
        self._began = self._start = clock.now()
        self._on_minute = on_minute
        self._closed: list[Minute] = []
        self._running: dict[str, _Counts] = {}
        self._agents: Callable[[], Mapping[str, int]] = dict

    def staff_from(self, agents: Callable[[], Mapping[str, int]]) -> None:
        """Let `agents()` say how many are signed in, by Region (a Region without any is listed with 0)."""
        self._agents = agents

    def offered(self, region: str) -> None:
        """Telephony sent a call to `region`."""
        self._in(region).add(Count.OFFERED)

    def answered(self, region: str, wait_s: float) -> None:
        """An agent took a call after `wait_s` seconds in queue."""
        counts = self._in(region)
        counts.add(Count.ANSWERED)
        counts.wait_s += wait_s

    def abandoned(self, region: str) -> None:
        """A caller gave up in a queue."""
        self._in(region).add(Count.ABANDONED)

    def swallowed(self, region: str) -> None:
        """A dead Region took a call before any agent did."""
        self._in(region).add(Count.SWALLOWED)

    def cut_off(self, region: str) -> None:
        """A dead Region ended a call in mid-talk."""
        self._in(region).add(Count.CUT_OFF)

    def failed(self, region: str) -> None:
        """No queue took the call."""
        self._in(region).add(Count.FAILED)

    def overflowed(self, region: str) -> None:
        """A full queue turned the call away."""
        self._in(region).add(Count.OVERFLOWED)

    def emergency_greeted(self, region: str) -> None:
        """A caller heard the emergency greeting."""
        self._in(region).add(_GREETED)

    def close(self) -> None:
        """End the running minute: one `Minute` per Region, sorted by Region, told to the hook all at once."""
        done = list(self._present())
        self._closed += done
        self._running.clear()
        self._start += timedelta(minutes=1)
        if self._on_minute is not None and done:
            self._on_minute(done)

    @property
    def running(self) -> bool:
        """Whether anything has happened in the running minute."""
        return bool(self._running)

    @property
    def rest_s(self) -> float:
        """Seconds until the running minute is full."""
        return max(60.0 - (self._clock.now() - self._start).total_seconds(), 0.0)

    def minutes(self) -> list[Minute]:
        """Every full minute so far and, last, the running one if anything happened in it."""
        return self._closed + (list(self._present()) if self._running else [])

    def total(self, region: str | None = None) -> Minute:
        """The sums since the start of one Region, or of all (`region` then reads `*`); agents as they are now."""
        chosen = [minute for minute in self.minutes() if region in (None, minute.region)]
        sums: dict[str, int] = {name: sum(getattr(minute, name) for minute in chosen) for name in (*Count, _GREETED)}
        waited = sum(minute.answered * (minute.wait_s_mean or 0.0) for minute in chosen)
        mean = round(waited / sums[Count.ANSWERED], 3) if sums[Count.ANSWERED] else None
        agents = sum(count for name, count in self._agents().items() if region in (None, name))
        return Minute(self._began, region or "*", **sums, wait_s_mean=mean, agents=agents)

    def _in(self, region: str) -> _Counts:
        return self._running.setdefault(region, _Counts())

    def _present(self) -> Iterable[Minute]:
        agents = self._agents()
        for region in sorted({*agents, *self._running}):
            yield self._running.get(region, _Counts()).minute(self._start, region, agents.get(region, 0))
