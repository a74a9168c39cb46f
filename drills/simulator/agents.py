"""The agents of one staff: where they are signed in, and which call each takes.

Laws:
- An agent is in one Region at a time, the one that the agent shares give their rank; a dead Region holds nobody.
- Where a Voice Connector group joins independent instances, people work where it sends the calls: they sign in to the
  instance there, which takes them as long as any sign-in, and are nowhere else (modelled).
- Nobody signs in to a Region that is closed for sign-in or that does not know them yet.
- A call stays in the Region that took it. When that Region dies, its calls are lost; none is moved.
- Matching happens when a call is enqueued, an agent becomes free, or the world has changed (`recheck`); nothing polls.

Sources: Administrator Guide, "Update agent distribution … across AWS Regions" (agents finish their contact before they
shift; calls shifted without agents or sign-ins find nobody).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from drills.simulator.aws.connect.resources import Agent
from drills.simulator.dialling import carrier_with
from drills.simulator.lines import Line, Worker
from drills.simulator.walks import Admission

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping

    from drills.simulator.aws.connect.state import Contact, Site
    from drills.simulator.behaviour import Surroundings
    from drills.simulator.dialling import Staff


class Floor:
    """One staff's agents and calls, in all Regions of their instance, or of their instances."""

    def __init__(self, staff: Staff, around: Surroundings) -> None:
        self._staff = staff
        self._account, self._estate = around.account, around.estate
        self._clock, self._chance, self._network = around.clock, around.chance, around.network
        self._tally, self._behaviour = around.tally, around.behaviour
        self._workers: dict[str, Worker] = {}
        self._sites: dict[str, Site] = {}
        self._lines: dict[str, dict[str, Line]] = {}
        self._queues: dict[tuple[str, str], dict[str, Line]] = {}
        self._idle: dict[str, dict[str, Worker]] = {}
        self._shares: Mapping[str, int] = {}
        self._open: frozenset[str] = frozenset()
        self._live: frozenset[str] = frozenset()

    # The agents' side.

    def start(self, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        """Let everybody sign in at once: the shift is under way when a drill begins. Users made later do not join."""
        self._look()
        # By id: ids are spread over teams, so a shift of 10 % takes a tenth of each rather than all of one.
        ids: dict[str, dict[str, str]] = {}
        for region, site in self._sites.items():
            for agent in site.agents():
                ids.setdefault(agent.name, {})[region] = agent.id
        roster = sorted((next(iter(there.values())), name) for name, there in ids.items())
        for place, (user_id, name) in enumerate(roster):
            worker = Worker(user_id, name, (place + 0.5) * 100 / len(roster), ids=ids[name])
            worker.region = self._place(worker)
            self._workers[user_id] = worker
            spawn(self._work(worker))

    def recheck(self) -> None:
        """Notice what changed: shares, sign-in, dead Regions, routing profiles. Cheap when nothing did."""
        if self._look():
            for region in sorted(set(self._sites) - self._live):
                self._bury(region)
            for worker in self._workers.values():
                if self._place(worker) != worker.region:
                    self._leave_idle(worker)
                    worker.tell(None)
        self._match_again()

    def notice(self, region: str) -> None:
        """See at once, rather than at the next recheck, that `region` has died."""
        if region in self._live and self._network.down(region):
            self.recheck()

    def signed_in(self) -> dict[str, int]:
        """How many agents are signed in, by Region; every Region of the instance is named."""
        counts = dict.fromkeys(sorted(self._sites), 0)
        for worker in self._workers.values():
            if worker.region is not None:
                counts[worker.region] += 1
        return counts

    # The callers' side.

    def take(self, contact: Contact) -> Line:
        """A call has reached its Region."""
        line = Line(contact)
        self._lines.setdefault(contact.region, {})[contact.id] = line
        return line

    def enqueue(self, line: Line, queue_id: str) -> Admission:
        """Put a call into a queue of its Region; an idle agent who serves the queue takes it at once.

        The instance's own limit on concurrent calls is not modelled: a queue without a limit takes every call.
        """
        region = line.contact.region
        queue = self._sites[region].queue(queue_id)
        waiting = self._queues.setdefault((region, queue_id), {})
        if line.dead or queue is None or queue.status != "ENABLED":
            return Admission.REFUSED
        if queue.max_contacts is not None and len(waiting) >= queue.max_contacts:
            return Admission.AT_CAPACITY
        line.contact.enqueued_at = self._clock.now()
        line.contact.queue_id = queue_id
        waiting[line.contact.id] = line
        for worker in self._idle.get(region, {}).values():  # the longest idle first
            longest = self._longest_waiting(worker)  # another than this one, where a profile has just changed
            if longest is not None:
                self._connect(longest, worker)
                break
        return Admission.QUEUED

    def hang_up(self, line: Line) -> None:
        """The call is over, however it ended; its agent goes on."""
        contact = line.contact
        self._lines[contact.region].pop(contact.id, None)
        self._unqueue(line)
        contact.disconnected_at = contact.disconnected_at or self._clock.now()
        line.over.set()

    # How an agent works.

    async def _work(self, worker: Worker) -> None:
        stream = self._chance.stream(f"agent/{worker.name}")
        while True:
            if worker.region is None:
                await self._sign_in(worker, stream.uniform(*self._behaviour.sign_in_s))
            line = await self._next_call(worker)
            if line is not None:
                await line.over.wait()
                await asyncio.sleep(stream.uniform(*self._behaviour.after_call_s))
            if self._place(worker) != worker.region:
                worker.region = None

    async def _sign_in(self, worker: Worker, delay_s: float) -> None:
        while worker.region is None:
            place = self._place(worker)
            if place is None:
                await self._told(worker)
                continue
            await asyncio.sleep(delay_s)
            if self._place(worker) == place:
                worker.region = place

    async def _next_call(self, worker: Worker) -> Line | None:
        """The next call, or None when the agent has to look where they belong."""
        if worker.region is not None:
            self.notice(worker.region)
        if worker.region is None or self._place(worker) != worker.region:
            return None
        line = self._longest_waiting(worker)
        if line is not None:
            self._connect(line, worker)
            return line
        self._idle.setdefault(worker.region, {})[worker.user_id] = worker
        return await self._told(worker)

    async def _told(self, worker: Worker) -> Line | None:
        worker.offer = asyncio.get_running_loop().create_future()
        try:
            return await worker.offer
        finally:
            worker.offer = None

    def _place(self, worker: Worker) -> str | None:
        """The Region where the agent belongs now, or None while there is none.

        Shares decide. Where the Region they name takes no new sign-ins, sign-in decides. A dead Region that still holds
        the agent's share and is open for sign-in leaves them without a place: calls are routed to agents in the Region
        of their share only.
        """
        by_share = _counted_off(worker.share, self._shares)
        if by_share is not None and (by_share in self._open or (by_share == worker.region and by_share in self._live)):
            wanted = [by_share]
        else:
            wanted = sorted(self._open)
        return next((region for region in wanted if region in self._live and self._knows(region, worker)), None)

    def _knows(self, region: str, worker: Worker) -> bool:
        site = self._sites.get(region)
        return site is not None and site.find(Agent, worker.id_in(region)) is not None

    # Matching.

    def _served(self, worker: Worker) -> tuple[str, ...]:
        region = str(worker.region)
        site = self._sites[region]
        agent = site.find(Agent, worker.id_in(region))
        return site.queues_of(agent.routing_profile_id) if agent is not None else ()

    def _longest_waiting(self, worker: Worker) -> Line | None:
        for queue_id in self._served(worker):
            for line in self._queues.get((str(worker.region), queue_id), {}).values():
                return line
        return None

    def _connect(self, line: Line, worker: Worker) -> None:
        now = self._clock.now()
        contact = line.contact
        line.agent, contact.agent_id, contact.connected_at = worker, worker.id_in(contact.region), now
        self._unqueue(line)
        self._leave_idle(worker)
        self._tally.answered(contact.region, (now - (contact.enqueued_at or now)).total_seconds())
        line.ring()
        worker.tell(line)

    def _match_again(self) -> None:
        """Routing profiles may have changed under idle agents while calls wait."""
        for region in {region: None for (region, _), waiting in self._queues.items() if waiting}:
            for worker in list(self._idle.get(region, {}).values()):
                line = self._longest_waiting(worker)
                if line is not None:
                    self._connect(line, worker)

    def _unqueue(self, line: Line) -> None:
        if line.contact.queue_id is not None:
            self._queues[line.contact.region, line.contact.queue_id].pop(line.contact.id, None)

    def _leave_idle(self, worker: Worker) -> None:
        if worker.region is not None:
            self._idle.get(worker.region, {}).pop(worker.user_id, None)

    # The world.

    def _look(self) -> bool:
        """Read the estate again; whether anything that moves agents is different."""
        staff = self._staff.instance_ids
        sites = {s.region: s for s in self._estate.sites(self._account) if s.instance_id in staff}
        shares, open_ = self._sent()
        live = frozenset(region for region in sites if not self._network.down(region))
        if (sites, shares, open_, live) == (self._sites, self._shares, self._open, self._live):
            return False
        self._sites, self._shares, self._open, self._live = sites, dict(shares), open_, live
        return True

    def _sent(self) -> tuple[Mapping[str, int], frozenset[str]]:
        """Where people belong, in percent by Region, and where they may sign in."""
        if self._staff.carrier:
            carrier = carrier_with(self._staff.carrier, self._account, self._estate)
            return (carrier.shares, frozenset(carrier.regions)) if carrier else ({}, frozenset())
        (instance_id,) = self._staff.instance_ids
        shares = self._estate.agent_shares(self._account, instance_id)
        return shares, frozenset(self._estate.sign_in_regions(self._account, instance_id))

    def _bury(self, region: str) -> None:
        """Lose the sessions and calls of a dead Region, once."""
        for worker in self._workers.values():
            if worker.region == region:
                self._network.felt(region, "agent session")
                self._leave_idle(worker)
                worker.region = None
                worker.tell(None)
        for line in list(self._lines.get(region, {}).values()):
            if not line.dead:
                line.dead = True
                line.ring()


def _counted_off(share: float, shares: Mapping[str, int]) -> str | None:
    """The Region at `share` percent when shares are laid end to end by name: a shift moves as few as it can."""
    reached = 0
    for region in sorted(shares):
        reached += shares[region]
        if share < reached:
            return region
    return None


def signed_in(floors: Iterable[Floor]) -> dict[str, int]:
    """Agents signed in by Region, over all instances."""
    counts: dict[str, int] = {}
    for floor in floors:
        for region, count in floor.signed_in().items():
            counts[region] = counts.get(region, 0) + count
    return counts
