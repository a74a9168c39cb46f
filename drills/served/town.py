"""Everybody in a served cloud: customers, agents, and what the scenario breaks; no run is part of it.

A run has its own process, so what a scenario says of approvers, steady state and verdict is not for this world.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from drills.simulator.aws import estate
from drills.simulator.dialling import dialled, shares_of
from drills.simulator.people import People
from orchestrator.model.errors import Refused
from orchestrator.model.expressions import resolve

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from drills.scenario import Scenario
    from drills.served.outages import Outages
    from drills.simulator.cloud import SimulatedCloud
    from drills.simulator.tally import Minute
    from orchestrator.model.inventory import Inventory

MINUTES_KEPT = 60


class Town:
    """The people of a cloud, on the running loop.

    Args:
        cloud: open, and built.
        inventory: of what was built.
        scenario: who calls, and what breaks.
        on_minute: told each full minute of callers, of all Regions together.
    """

    def __init__(
        self,
        cloud: SimulatedCloud,
        inventory: Inventory,
        scenario: Scenario,
        on_minute: Callable[[Sequence[Minute]], None],
    ) -> None:
        self.scenario, self._on_minute = scenario, on_minute
        self._cloud, self._inventory = cloud, inventory
        self._people = People(
            cloud.calls, cloud.clock, cloud.chance, cloud.network, cloud.account,
            calls_per_minute=scenario.customers.calls_per_minute, on_minute=self._count,
        )  # fmt: skip
        self.minutes: deque[Minute] = deque(maxlen=MINUTES_KEPT * 2)
        """The latest full minutes, both Regions' (modelled)."""
        self._due: asyncio.TimerHandle | None = None
        self._outages: Outages | None = None

    @property
    def breaks_in_s(self) -> float | None:
        """Simulated seconds until the scenario's outages begin; None where none are to come."""
        return self._due.when() - self._cloud.clock.elapsed_s if self._due is not None else None

    @property
    def trouble(self) -> str:
        """What has ended the simulation of people, or nothing."""
        failure = self._people.trouble
        return f"{type(failure).__name__}: {failure}" if failure is not None else ""

    def begin(self, loop: asyncio.AbstractEventLoop, outages: Outages) -> None:
        """Let people live, and the scenario take its course.

        Raises:
            InvalidInput: the scenario breaks what is not here.
        """
        outages.refuse_elsewhere(region for region, _ in self._breaks())
        self._outages = outages
        self._people.start()
        if self.scenario.outages:
            self._due = loop.call_later(self.scenario.live_before, self._break)

    def notice(self) -> None:
        """Let people notice at once what has changed."""
        self._people.recheck()

    def start_scenario(self) -> None:
        """Begin the scenario's outages now instead of in their time.

        Raises:
            Refused: there are none, or they have begun.
        """
        if self._due is None:
            what = "its outages have begun already" if self.scenario.outages else "nothing breaks in it"
            raise Refused(f"{self.scenario.id}: {what}", rule="a scenario takes its course once")
        self._break()

    async def end(self) -> None:
        """End everything where it stands. What troubled people has been shown, and is no reason to fail now."""
        if self._due is not None:
            self._due.cancel()
        if self.trouble:
            return
        await self._people.stop()

    def shares(self) -> dict[str, dict[str, int]]:
        """What customers dial → Region → percent of its callers."""
        account = self._cloud.account
        return {line.name: dict(shares_of(line, account, estate)) for line in dialled(account, estate)}

    def _break(self) -> None:
        if self._due is None or self._outages is None:
            return
        self._due.cancel()
        self._due = None
        lost = self._outages.lost()
        for region, lasts_s in self._breaks():
            if region not in lost:  # somebody may have taken it away by hand
                self._outages.begin(region, lasts_s)

    def _breaks(self) -> list[tuple[str, float | None]]:
        """Which Regions the scenario takes away, and for how many seconds."""
        scope = self._inventory.model_dump(by_alias=True)
        return [(resolve(outage.region, scope), outage.lasts) for outage in self.scenario.outages]

    def _count(self, minutes: Sequence[Minute]) -> None:
        self.minutes.extend(minutes)
        self._on_minute(minutes)
