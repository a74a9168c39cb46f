"""Everybody in the simulated world: customers who call, agents who answer. One object to start and to stop.

All figures are *modelled* (`tally`). A failure in here, above all something that is not simulated, ends the whole
simulation of people and is kept: `trouble` shows it, `stop` raises it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from drills.simulator.agents import Floor, signed_in
from drills.simulator.behaviour import Behaviour, Calls, Chance, Estate, Network, Surroundings
from drills.simulator.callers import Customers
from drills.simulator.dialling import Dialled, dialled, staffs
from drills.simulator.functions import Functions, deployed_in
from drills.simulator.tally import Clock, Minute, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from drills.simulator.runtime import Deployed

HEARTBEAT_S = 5.0


class People:
    """Customers and agents of one account, on the running (virtual) loop.

    Args:
        calls: the bridge for blocking code.
        clock: the virtual clock.
        chance: seeded; equal seeds give equal callers.
        network: which Regions are dead.
        account: whose contact centre.
        calls_per_minute: of all that is dialled together, spread evenly; more than 0.
        behaviour: how long people wait, talk, redial.
        estate: the contact centre; the simulated Connect unless given.
        find_function: the deployed functions by ARN; the simulated Lambda unless given.
        on_minute: told each full minute, of all Regions together.
    """

    def __init__(  # noqa: PLR0913 - here the whole world comes together, each part by its name
        self,
        calls: Calls,
        clock: Clock,
        chance: Chance,
        network: Network,
        account: str,
        *,
        calls_per_minute: float,
        behaviour: Behaviour | None = None,
        estate: Estate | None = None,
        find_function: Callable[[str], Deployed | None] | None = None,
        on_minute: Callable[[Sequence[Minute]], None] | None = None,
    ) -> None:
        if estate is None:
            from drills.simulator.aws import estate as simulated  # noqa: PLC0415 - brings moto, not needed with an estate

            estate = simulated
        self.tally = Tally(clock, on_minute)
        """What became of the calls; modelled."""
        self._around = Surroundings(account, estate, clock, chance, network, self.tally, behaviour or Behaviour())
        self._calls_per_minute = calls_per_minute
        self._functions = Functions(calls, network, account, find_function or deployed_in(account))
        self._lines: list[Dialled] = []
        self._floors: dict[str, Floor] = {}
        """Of each instance; instances with one staff share one."""
        self._root: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Let agents sign in and customers call, from now on, on the running loop."""
        self._functions.restart()
        account, estate = self._around.account, self._around.estate
        self._lines = dialled(account, estate)
        floors = [(staff, Floor(staff, self._around)) for staff in staffs(account, estate, self._lines)]
        self._floors = {instance_id: floor for staff, floor in floors for instance_id in sorted(staff.instance_ids)}
        self.tally.staff_from(lambda: signed_in(floor for _, floor in floors))
        self._root = asyncio.create_task(self._live(), name="people")

    async def stop(self) -> None:
        """End everything where it stands; calls under way stay as they are.

        Raises:
            NotSimulated: the drill reached something without rules (or any other failure kept as `trouble`).
        """
        if self._root is None:
            return
        self._root.cancel()
        await asyncio.wait((self._root,))
        await self._functions.close()
        if self.trouble is not None:
            raise self.trouble

    @property
    def trouble(self) -> BaseException | None:
        """The first failure that ended the simulation of people, or None."""
        if self._root is None or not self._root.done() or self._root.cancelled():
            return None
        failure = self._root.exception()
        while isinstance(failure, BaseExceptionGroup):
            failure = failure.exceptions[0]
        return failure

    def recheck(self) -> None:
        """Notice at once what changed (shares, a dead Region), rather than at the next heartbeat."""
        for floor in dict.fromkeys(self._floors.values()):
            floor.recheck()

    async def _live(self) -> None:
        async with asyncio.TaskGroup() as group:

            def spawn(life: Coroutine[Any, Any, None]) -> object:
                return group.create_task(life)

            customers = Customers(self._around, self._floors, self._functions)
            for floor in dict.fromkeys(self._floors.values()):
                floor.start(spawn)
            for line in self._lines:
                spawn(customers.arrive(line, self._calls_per_minute / len(self._lines), spawn))
            spawn(self._beat())
            spawn(self._count())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self.recheck()

    async def _count(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += 60
            await asyncio.sleep(due - loop.time())
            self.tally.close()
