"""Everybody in a served cloud: customers, agents, and what the scenario breaks; no run is part of it.

A run has its own process, so what a scenario says of approvers, steady state and verdict is not for this world.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from drills.simulator.aws.connect import estate
from drills.simulator.people import People
from orchestrator.model.errors import Refused
from orchestrator.model.expressions import resolve

if TYPE_CHECKING:
    import asyncio

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
    """

    def __init__(self, cloud: SimulatedCloud, inventory: Inventory, scenario: Scenario) -> None:
        self.scenario = scenario
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
        """Let people live, and the scenario take its course."""
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
        """Number → Region → percent of its callers."""
        account = self._cloud.account
        return {n.e164: estate.telephony_shares(account, n.arn) for n in estate.numbers(account)}

    def _break(self) -> None:
        if self._due is None or self._outages is None:
            return
        self._due.cancel()
        self._due = None
        scope = self._inventory.model_dump(by_alias=True)
        lost = self._outages.lost()
        for outage in self.scenario.outages:
            region = resolve(outage.region, scope)
            if region not in lost:  # somebody may have taken it away by hand
                self._outages.begin(region, outage.lasts)

    def _count(self, minute: Minute) -> None:
        self.minutes.append(minute)
