"""A simulated contact centre that lives: customers call, agents answer, approvers decide, a Region dies.

It takes part in a run from before it begins (a normal to compare with) until after it ends (recovery has to last), and
everything it sees goes into the run's own journal.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from drills.simulator.people import People
from drills.simulator.tally import together
from drills.verdict import Held
from drills.world import Simulated
from orchestrator.actions.catalogue import Catalogue
from orchestrator.engine.desk import asked, sample_of
from orchestrator.journal.requests import Request, Verb
from orchestrator.model import events as ev
from orchestrator.model.actions import Reading
from orchestrator.model.clock import stamp
from orchestrator.model.expressions import resolve
from orchestrator.model.parameters import bind
from orchestrator.model.samples import Sampled
from orchestrator.report.calls import calls, total
from orchestrator.wiring.made import endpoints_of, marks_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from drills.scenario import Scenario, ScenarioCheck
    from drills.simulator.cloud import SimulatedCloud
    from drills.simulator.outage import RegionOutage
    from drills.simulator.tally import Minute
    from orchestrator.engine.runner import Runner
    from orchestrator.model.inventory import Inventory
    from orchestrator.model.values import Json


class Rehearsal(Simulated):
    """One scenario played on one simulated cloud, for one run."""

    def __init__(self, cloud: SimulatedCloud, inventory: Inventory, scenario: Scenario) -> None:
        super().__init__(cloud, inventory)
        self.scenario = scenario
        self.begun_with: Json = None
        """What was run in this world beforehand (`beginning`), or None."""
        self.outages: list[RegionOutage] = []
        self.steady_state: list[Held] = []
        self.afterwards: list[Held] = []
        self.people = People(
            self.calls, self.clock, self.chance, cloud.network, cloud.account,
            calls_per_minute=scenario.customers.calls_per_minute, on_minute=self._minute,
        )  # fmt: skip
        self._runner: Runner | None = None
        self._calls: list[tuple[str, ev.Sample]] = []
        self._answering: set[asyncio.Task[None]] = set()
        self._trouble: BaseException | None = None
        self._scope = inventory.model_dump(by_alias=True)

    def answers(self, gate: ev.GateOpened) -> bool:
        """The scenario says what its people do; silence is an answer too."""
        return any(name in self.scenario.people for name in gate.approvers)

    def lost_calls(self, since: str) -> int:
        """Calls lost since a moment (RFC 3339), modelled: counted as the report counts them, from the same samples."""
        return round(total(calls(self._calls).since(since), "lost") or 0)

    def follow(self, runner: Runner) -> None:
        """Take part in this runner's run from now on; a world outlives a runner that dies."""
        self._runner = runner
        runner.listen(self._hear)

    @asynccontextmanager
    async def joined(self, runner: Runner) -> AsyncIterator[None]:
        """Live before, break, let the run happen, live after."""
        self.follow(runner)
        if self.begun_with is not None:
            self._tell(ev.Sample(Sampled.BEGUN_WITH, self.begun_with))
        self.cloud.network.on_hit = self._hit
        self.people.start()
        try:
            await asyncio.sleep(self.scenario.live_before)
            self.steady_state = [
                await self._hold(Sampled.STEADY_STATE, *one) for one in self.scenario.steady_state.items()
            ]
            self._break()
            await asyncio.sleep(self.scenario.detected_after)
            self.cloud.door.made.clear()
            try:
                yield
            finally:  # also of a run that met what nothing can be concluded from
                self._tell_made()
            if self._runner is not None and self._runner.record.ended:
                await asyncio.sleep(self.scenario.live_after)
                self.afterwards = [
                    await self._hold(Sampled.AFTERWARDS, *one) for one in self.scenario.afterwards.items()
                ]
            # A minute cut short would look as if customers had stopped calling.
            await asyncio.sleep(self.people.tally.rest_s)
        finally:
            self.cloud.network.on_hit = None
            for task in self._answering:
                task.cancel()
            await self.people.stop()
            if self.people.tally.running:
                self.people.tally.close()
            self._tell_hits()
            if self._trouble is not None:
                raise self._trouble

    def _break(self) -> None:
        now = self.clock.now()
        for outage in self.scenario.outages:
            until = now + timedelta(seconds=outage.lasts) if outage.lasts is not None else None
            self.outages.append(self.cloud.lose(resolve(outage.region, self._scope), now, until))
        if self.outages:
            self._tell(ev.Sample(Sampled.OUTAGE, {"at": stamp(now), "faults": [each.name for each in self.outages]}))
        self.people.recheck()

    async def _hold(self, kind: Sampled, name: str, check: ScenarioCheck) -> Held:
        """Ask a check of the scenario until it holds or its time is up."""
        action = Catalogue()[check.action]
        params: Any = bind(action.Params, resolve(check.with_, self._scope))
        probe: Any = action(self.hands(action.calls(params)))
        until = self.clock.now() + timedelta(seconds=check.deadline)
        while True:
            finding = await asked(self.calls, probe, params)
            if finding.reading is Reading.HOLDS or self.clock.now() >= until:
                break
            await asyncio.sleep(action.interval_s)
        held = Held(name, finding.reading is Reading.HOLDS, finding.what)
        told = sample_of(kind, "", finding)
        self._tell(told.but(values={"check": name, "holds": held.holds, **told.values}))
        return held

    # --- what goes into the journal ------------------------------------------------------------------------------

    def _tell(self, payload: ev.Payload) -> None:
        if self._runner is not None:
            self._runner.tell(payload)

    def _minute(self, minutes: Sequence[Minute]) -> None:
        sample = ev.Sample(Sampled.CALLS, together(minutes), modelled=True)
        self._calls.append((stamp(self.clock.now()), sample))
        self._tell(sample)

    def _hit(self, fault: str, victim: str) -> None:
        """The first hit of each kind when it happens; the counts come at the end."""
        hits = next(each.hits for each in self.cloud.network.faults if each.name == fault)
        if hits[victim] == 1:
            self._tell(ev.FaultHit(fault, victim))

    def _tell_made(self) -> None:
        """The run's own calls: neither those of the scenario's checks, before and after it, nor those of people."""
        self._tell(marks_of(self.cloud.door.made, self.mark_of))
        self._tell(endpoints_of(self.cloud.door.made))

    def _tell_hits(self) -> None:
        for fault in self.cloud.network.faults:
            for victim, count in sorted(fault.hits.items()):
                if count > 1:
                    self._tell(ev.FaultHit(fault.name, victim, count))

    # --- people who are asked ------------------------------------------------------------------------------------

    def _hear(self, event: ev.Event) -> None:
        if isinstance(event.payload, ev.GateOpened):
            for name in event.payload.approvers:
                person = self.scenario.people.get(name)
                if person is not None and person.answers != "silent":
                    verb = Verb.APPROVE if person.answers == "approve" else Verb.REJECT
                    self._soon(person.after, self._wish(event, event.payload.step, name, verb, person.reason))

    def _wish(self, event: ev.Event, step: str, actor: str, verb: Verb, reason: str) -> Request:
        wish_id = self.chance.identity(f"request/{event.execution}/{event.seq}/{actor}")
        return Request(wish_id, event.execution, event.at, actor, verb, step, reason)

    def _soon(self, seconds: float, wish: Request) -> None:
        async def answer() -> None:
            await asyncio.sleep(seconds)
            if self._runner is not None:
                self._runner.request(wish)

        task = asyncio.get_running_loop().create_task(answer())
        self._answering.add(task)
        task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        if not task.cancelled():
            self._trouble = self._trouble or task.exception()
