"""Customers who call all the time, and what becomes of each call. All of it is modelled.

Laws:
- Every caller has a seeded stream of their own: patience, talk and redials do not depend on what happens to others, so
  two runs of one seed differ by what the contact centre did, and by nothing else.
- A call reaches the Region that the shares of what was dialled give it, and stays there (`dialling`).
- A dead Region is silent: the caller hears nothing, and may redial after a while.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drills.simulator.aws.connect.state import Contact, Site
from drills.simulator.behaviour import Stream, Surroundings
from drills.simulator.dialling import Dialled, shares_of
from drills.simulator.flows import walk
from drills.simulator.functions import Functions, contact_event
from drills.simulator.walks import Admission, Ending, FunctionFailed, Walk
from orchestrator.model.clock import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from drills.simulator.agents import Floor
    from drills.simulator.behaviour import Number
    from drills.simulator.lines import Line
    from orchestrator.model.values import Json, JsonObject


@dataclass(slots=True)
class _Caller:
    """One customer with one concern: `name` is stable over runs."""

    name: str
    address: str
    dialled: Dialled
    stream: Stream
    patience_s: float
    talk_s: float
    tries: int = 0


class Customers:
    """The customers of one account. `floors` has one entry per instance id."""

    def __init__(self, around: Surroundings, floors: Mapping[str, Floor], functions: Functions) -> None:
        self._floors, self._functions = floors, functions
        self._account, self._estate = around.account, around.estate
        self._clock, self._chance, self._network = around.clock, around.chance, around.network
        self._tally, self._behaviour = around.tally, around.behaviour
        # Customers of a later start (a run that is taken up again) are others: no contact has the id of an earlier one.
        self._since = stamp(around.clock.now())

    async def arrive(
        self, dialled: Dialled, per_minute: float, spawn: Callable[[Coroutine[Any, Any, None]], object]
    ) -> None:
        """Ring for ever: Poisson arrivals at `per_minute`, each caller a task of their own."""
        arrivals = self._chance.stream(f"arrivals/{self._since}/{dialled.name}")
        count = 0
        while True:
            await asyncio.sleep(arrivals.expovariate(per_minute / 60.0))
            spawn(self._concern(self._caller(dialled, count)))
            count += 1

    def _caller(self, dialled: Dialled, count: int) -> _Caller:
        name = f"{self._since}/{dialled.name}/{count}"
        stream = self._chance.stream(f"caller/{name}")
        return _Caller(
            name=name,
            address=f"+1206555{100 + count % 100:04d}",  # 555-0100 to -0199 are kept for fiction
            dialled=dialled,
            stream=stream,
            patience_s=self._behaviour.patience_s.draw(stream),
            talk_s=self._behaviour.talk_s.draw(stream),
        )

    async def _concern(self, caller: _Caller) -> None:
        """Call, and call again when the line was lost, until answered or tired of it."""
        while await self._call(caller):
            caller.tries += 1
            if caller.tries > self._behaviour.redials_max or caller.stream.random() >= self._behaviour.redial_share:
                return
            await asyncio.sleep(caller.stream.uniform(*self._behaviour.redial_s))

    async def _call(self, caller: _Caller) -> bool:
        """One call; whether a dead Region swallowed it."""
        region = _drawn(shares_of(caller.dialled, self._account, self._estate), caller.stream.random())
        self._tally.offered(region or caller.dialled.region)
        if region is None:
            self._tally.failed(caller.dialled.region)
            return False
        number = caller.dialled.number_in(region)
        instance_id, group_id = self._answering(number) if number else ("", "")
        floor = self._floors.get(instance_id)
        if self._network.down(region):
            self._network.felt(region, "caller")
            self._tally.swallowed(region)
            if floor is not None:
                floor.notice(region)
            return True
        site = self._estate.site(self._account, instance_id, region)
        if number is None or site is None or floor is None:
            self._tally.failed(region)
            return False
        contact = Contact(
            id=self._chance.identity(f"contact/{caller.name}/{caller.tries}"),
            instance_id=instance_id,
            region=region,
            number_arn=number.arn,
            initiated_at=self._clock.now(),
            group_id=group_id,
        )
        line = floor.take(site.add_contact(contact))
        here = _AtSite(self, caller.address, number, line, floor, site)
        await self._converse(caller, here)
        floor.hang_up(line)
        if line.dead:
            self._network.felt(region, "caller")
            (self._tally.cut_off if line.agent else self._tally.swallowed)(region)
        return line.dead

    def _answering(self, number: Number) -> tuple[str, str]:
        """The instance that takes a number's calls, and the traffic distribution group that gives it them, if any."""
        for group in self._estate.groups(self._account):
            if group.arn == number.rings_at:
                return group.instance_id, group.id
        return number.rings_at.rsplit("/", 1)[-1], ""

    async def _converse(self, caller: _Caller, here: _AtSite) -> None:
        """From the flow to the last word. Whoever finds the line dead stops."""
        line, floor, site = here.line, here.floor, here.site
        content = site.flow_content(line.contact.number_arn)
        if content is None:
            self._tally.failed(site.region)
            return
        path = await walk(content, here, here.data())
        floor.notice(site.region)
        if line.dead:
            return
        if path.heard_because(f"$.External.{self._behaviour.emergency_flag}", "on"):
            self._tally.emergency_greeted(site.region)
        if path.ending is not Ending.QUEUED:
            self._turned_away(site.region, path)
            return
        if line.agent is None:
            await line.wait(caller.patience_s)
            floor.notice(site.region)
        if line.agent is None:
            if not line.dead:
                self._tally.abandoned(site.region)
            return
        await line.wait(caller.talk_s)
        floor.notice(site.region)

    def _turned_away(self, region: str, path: Walk) -> None:
        if path.at_capacity:
            self._tally.overflowed(region)
        else:
            self._tally.failed(region)

    async def invoke(self, site: Site, arn: str, event: JsonObject, *, limit_s: int, flat: bool) -> JsonObject:
        """Call a function that is associated with the instance in this Region.

        Raises:
            FunctionFailed: it is not associated, or as `Functions.invoke` says.
        """
        if arn not in site.lambda_arns():
            raise FunctionFailed(f"{arn} is not associated with the instance in {site.region}")
        return await self._functions.invoke(arn, event, limit_s=limit_s, flat=flat)

    async def speak(self, text: str) -> None:
        """The time that a prompt takes."""
        await asyncio.sleep(len(text.split()) / self._behaviour.words_per_s)


class _AtSite:
    """What one call's flow can do (`flows.Instance`)."""

    def __init__(
        self, customers: Customers, address: str, number: Number, line: Line, floor: Floor, site: Site
    ) -> None:
        self._customers, self._address, self._number = customers, address, number
        self.line, self.floor, self.site = line, floor, site

    def data(self) -> dict[str, Json]:
        """What the flow's JSONPath identifiers read; the same names as in Connect's event to functions."""
        site, contact = self.site, self.line.contact
        return {
            "AwsRegion": site.region,
            "Channel": "VOICE",
            "ContactId": contact.id,
            "CustomerEndpoint": {"Address": self._address, "Type": "TELEPHONE_NUMBER"},
            "InstanceARN": site.instance_arn,
            "SystemEndpoint": {"Address": self._number.e164, "Type": "TELEPHONE_NUMBER"},
        }

    async def invoke(self, arn: str, parameters: Mapping[str, str], *, limit_s: int, flat: bool) -> JsonObject:
        contact = {
            **self.data(),
            "Attributes": {},
            "InitialContactId": self.line.contact.id,
            "InitiationMethod": "INBOUND",
            "PreviousContactId": self.line.contact.id,
            "Queue": None,
        }
        event = contact_event(contact=contact, parameters=parameters)
        return await self._customers.invoke(self.site, arn, event, limit_s=limit_s, flat=flat)

    async def play(self, text: str) -> None:
        await self._customers.speak(text)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def module(self, module_id: str) -> JsonObject | None:
        return self.site.module_content(module_id)

    def is_open(self, *, hours_id: str, queue_id: str) -> bool | None:
        queue = self.site.queue(queue_id) if queue_id else None
        return self.site.is_open(hours_id or (queue.hours_id if queue else ""))

    def has_queue(self, queue_id: str) -> bool:
        return self.site.queue(queue_id) is not None

    def enqueue(self, queue_id: str) -> Admission:
        self.floor.notice(self.site.region)
        return self.floor.enqueue(self.line, queue_id)


def _drawn(shares: Mapping[str, int], draw: float) -> str | None:
    """The Region for a draw in [0, 1); None without shares."""
    reached = 0.0
    for region in sorted(shares):
        reached += shares[region] / 100
        if draw < reached:
            return region
    return None
