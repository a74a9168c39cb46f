"""A simulated cloud with its doors to the outside: ports, outages, people, call log. What the control port shows."""

from __future__ import annotations

import traceback
from functools import partial
from typing import TYPE_CHECKING, Any

from drills.served.feed import Feed, in_force
from drills.served.log import CallLog
from drills.served.names import NamesPort, open_names
from drills.served.outages import Outages
from drills.served.ports import LOOPBACK, Answer, Asked, Port
from drills.served.town import Town
from drills.simulator.inbound import GLOBAL, Inbound, carried
from drills.world import SIMULATED
from orchestrator import __version__
from orchestrator.model.clock import stamp
from orchestrator.wiring.feed import WAITS_S
from orchestrator.wiring.site import NAME

if TYPE_CHECKING:
    import asyncio

    from drills.scenario import Scenario
    from drills.simulator.cloud import SimulatedCloud
    from orchestrator.model.inventory import Inventory

GLOBAL_HOME = "us-east-1"
"""Where the control planes live that serve all Regions: AWS Fault Isolation Boundaries, "Global services"."""


class Served:
    """One simulated cloud that is served.

    Args:
        cloud: open, and built.
        inventory: of what was built.
        scenario: who calls, and what breaks.
        speed: simulated seconds for each of the machine's.
        loop: on which it lives.
        number: of the control port; those of the two Regions, of the global control planes and of DNS follow. 0 takes
            free ones.

    Raises:
        InvalidInput: a port is taken.
    """

    def __init__(
        self,
        cloud: SimulatedCloud,
        inventory: Inventory,
        scenario: Scenario,
        *,
        speed: float,
        loop: asyncio.AbstractEventLoop,
        number: int,
    ) -> None:
        self.cloud, self.inventory, self.speed = cloud, inventory, speed
        self.began = cloud.clock.now()
        self.log, self.feed = CallLog(), Feed()
        self.control = ""
        """The control port's address."""
        self.town = Town(cloud, inventory, scenario, self.feed.minute)
        self._loop, self._number, self._names_number = loop, number, 0
        self._names: NamesPort | None = None
        regions = (inventory.primary.region, inventory.standby.region)
        self.ports: dict[str, Port] = {}
        for place, region in enumerate((*regions, GLOBAL), 1):
            self.ports[region] = Port(number and number + place, loop, partial(self._answer, region))
        homes: dict[str, tuple[Port, ...]] = {region: (self.ports[region],) for region in regions}
        homes[GLOBAL_HOME] = (*homes.get(GLOBAL_HOME, ()), self.ports[GLOBAL])
        self.outages = Outages(cloud, loop, homes, self._noticed)
        cloud.network.on_hit = self._hit

    async def open(self) -> None:
        """Answer from now on, and let people live.

        Raises:
            InvalidInput: the port of DNS is taken.
        """
        number = self._number and self._number + len(self.ports) + 1
        self._names, self._names_number = await open_names(number, self.cloud.names.exchange)
        self.town.begin(self._loop, self.outages)
        self.outages.follow()

    async def close(self) -> None:
        """Answer nobody any more, and end everything where it stands."""
        for port in self.ports.values():
            port.give_up()
        if self._names is not None:
            self._names.close()
        self.cloud.network.on_hit = None
        await self.town.end()

    def identity(self) -> dict[str, Any]:
        """Who this is, and where everything is answered."""
        return {
            "name": NAME,
            "version": __version__,
            "simulated": SIMULATED,
            "scenario": self.town.scenario.id,
            "seed": self.cloud.chance.seed,
            "speed": self.speed,
            "start": stamp(self.began),
            "now": stamp(self.cloud.clock.now()),
            "account": self.cloud.account,
            "control": self.control,
            "endpoints": {region: port.url for region, port in self.ports.items()},
            "global_home": GLOBAL_HOME,
            "resolver": {"address": LOOPBACK, "port": self._names_number},
        }

    def state(self) -> dict[str, Any]:
        """How it stands now; calls are modelled."""
        return {
            "now": stamp(self.cloud.clock.now()),
            "open": {region: port.is_open for region, port in self.ports.items()},
            "lost": list(self.outages.lost()),
            "scenario_breaks_in_s": self.town.breaks_in_s,
            "callers": self.town.shares(),
            "minutes": [{"minute": stamp(each.start), **each.values()} for each in self.town.minutes],
            "requests": dict(self.log.outcomes()),
            "without_rules": sorted(":".join(each) for each in self.cloud.network.unlisted),
            "trouble": self.town.trouble,
        }

    async def news(self, seen: int) -> dict[str, Any]:
        """What has happened since item `seen`, as soon as there is something, and how it stands then."""
        items = await self.feed.after(seen, WAITS_S * self.speed)
        felt = {(each.name, victim): count for each in self.outages.all for victim, count in each.hits.items()}
        return {
            "now": stamp(self.cloud.clock.now()),
            "last": self.feed.last,
            "outage": in_force(self.outages.raging()),
            "items": items,
            "felt": [{"fault": fault, "victim": victim, "count": count} for (fault, victim), count in felt.items()],
        }

    def _noticed(self) -> None:
        self.feed.outages(self.outages.raging(), self.cloud.clock.now())
        self.town.notice()

    def _hit(self, fault: str, victim: str) -> None:
        """The first of each kind is news; the counts stand beside it."""
        if any(each.name == fault and each.hits[victim] == 1 for each in self.outages.raging()):
            self.feed.hit(fault, victim, self.cloud.clock.now())

    async def _answer(self, region: str, asked: Asked) -> Answer | None:
        inbound = Inbound(asked.method, asked.target, asked.headers, asked.body, region)
        try:
            told = await self.cloud.calls.run(lambda: carried(inbound))
        except Exception:
            traceback.print_exc()  # the client is cut off; whoever runs the server has to know why
            raise
        self.log.add(self.cloud.clock.now(), told)
        reply = told.reply
        return Answer(reply.status, reply.headers, reply.body) if reply is not None else None
