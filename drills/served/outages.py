"""Regions that go and come back: what the network of the simulated cloud believes, and the ports that show it.

Law: when `begin` or `end` has returned, every port of the Region is as it says, and people in the cloud have noticed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from orchestrator.model.errors import InvalidInput

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Mapping

    from drills.served.ports import Port
    from drills.simulator.cloud import SimulatedCloud
    from drills.simulator.outage import RegionOutage


class Outages:
    """Takes Regions away and gives them back, on the loop's thread.

    Args:
        cloud: whose Regions.
        loop: on which outages that end by themselves end.
        ports: each endpoint's port, by the Region whose loss takes it away; several may share a home.
        noticed: told after each change.
    """

    def __init__(
        self,
        cloud: SimulatedCloud,
        loop: asyncio.AbstractEventLoop,
        ports: Mapping[str, tuple[Port, ...]],
        noticed: Callable[[], None],
    ) -> None:
        self._cloud, self._loop, self._ports, self._noticed = cloud, loop, ports, noticed
        self.all: list[RegionOutage] = []
        """Every outage so far, in the order of their beginnings."""

    def begin(self, region: str, lasts_s: float | None = None) -> RegionOutage:
        """Lose a Region, for so many simulated seconds or until `end`.

        Raises:
            InvalidInput: nothing here lives in that Region, or it is lost already.
        """
        self._known(region)
        if self._cloud.network.down(region):
            raise InvalidInput(f"{region} is lost already", remedy=f"give it back first: DELETE /outages/{region}")
        now = self._cloud.clock.now()
        until = now + timedelta(seconds=lasts_s) if lasts_s is not None else None
        outage = self._cloud.lose(region, now, until)
        self.all.append(outage)
        if lasts_s is not None:
            self._loop.call_later(lasts_s, self.follow)
        self.follow()
        return outage

    def end(self, region: str) -> None:
        """Give a Region back.

        Raises:
            InvalidInput: it is not lost.
        """
        self._known(region)
        if not self._cloud.network.down(region):
            raise InvalidInput(f"{region} is not lost", remedy="see GET /outages")
        now = self._cloud.clock.now()
        for outage in self.all:
            if outage.region == region and outage.rages(now):
                outage.until = now
        self.follow()

    def raging(self) -> list[RegionOutage]:
        """What is lost now, in the order of the beginnings."""
        now = self._cloud.clock.now()
        return [outage for outage in self.all if outage.rages(now)]

    def lost(self) -> tuple[str, ...]:
        """The Regions that are lost now."""
        return tuple(region for region in self._ports if self._cloud.network.down(region))

    def follow(self) -> None:
        """Open and close ports as the network has it now."""
        for region, ports in self._ports.items():
            for port in ports:
                (port.close if self._cloud.network.down(region) else port.open)()
        self._noticed()

    def refuse_elsewhere(self, regions: Iterable[str]) -> None:
        """Refuse outages that could hit nothing here.

        Raises:
            InvalidInput: nothing here lives in one of these Regions.
        """
        for region in regions:
            self._known(region)

    def _known(self, region: str) -> None:
        if region not in self._ports:
            raise InvalidInput(f"nothing is served from {region!r}", remedy=f"name {' or '.join(sorted(self._ports))}")
