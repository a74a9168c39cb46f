"""Drives one execution: takes the lease, runs, answers requests from elsewhere, lets go."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.actions.catalogue import Catalogue
from orchestrator.actions.service import Answers
from orchestrator.engine.runner import Runner
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model import events as ev
from orchestrator.model.errors import HeldElsewhere
from orchestrator.wiring.clouds import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.journal.replay import Replay
    from orchestrator.model.values import Json

LEASE_S = 30.0
REQUESTS_EVERY_S = 0.5
"""How often requests are looked for on a real clock: a person's answer is taken up within a second."""


@dataclass(frozen=True)
class Driver:
    """Everything that a runner is built from, but the execution."""

    world: Surroundings
    journal: SqliteJournal
    catalogue: Catalogue
    on_event: Callable[[ev.Event], None]

    def runner(self, execution: str, scope: Mapping[str, Json]) -> Runner:
        """A runner that has taken in what the journal holds."""
        world = self.world
        runner = Runner(
            execution, journal=self.journal, clock=world.clock, chance=world.chance, calls=world.calls,
            catalogue=self.catalogue, hands=world.hands, scope=scope, proof=Answers,
        )  # fmt: skip
        runner.listen(self.on_event)
        return runner

    def drive(self, runner: Runner, *opening: ev.Payload) -> Replay:
        """Run to the end, or to a pause, as the holder of the lease.

        Raises:
            HeldElsewhere: somebody else runs it.
        """
        # Held around the loop, not in it: Ctrl-C abandons a virtual loop, and nothing in there would let go any more.
        with self._lease(runner) as lease:
            return self.world.run(lambda: self._driven(runner, lease, *opening))

    async def _driven(self, runner: Runner, lease: Lease, *opening: ev.Payload) -> Replay:
        keeping = asyncio.create_task(self._keep(runner, lease)) if not self.world.simulated else None
        try:
            runner.open(*opening, lease.told)
            async with self.world.joined(runner):
                return await runner.run()
        finally:
            if keeping is not None:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)

    @contextmanager
    def _lease(self, runner: Runner) -> Iterator[Lease]:
        holder = f"process {os.getpid()} on {socket.gethostname()}"
        epoch = self.journal.take_lease(runner.execution, holder, now=self.world.real_now(), ttl_s=LEASE_S)
        # Who and where would differ between two runs of one seed: only a real run records it.
        told = ev.LeaseTaken("simulation" if self.world.simulated else holder, epoch)
        lease = Lease(self, runner.execution, epoch, told, time.monotonic())
        runner.listen(lease.renew_when_due)
        try:
            yield lease
        finally:
            self.journal.release_lease(runner.execution, epoch)

    async def _keep(self, runner: Runner, lease: Lease) -> None:
        """On a real clock: hand requests to the runner, and keep the lease while nothing happens."""
        while True:
            for wish in self.journal.pending(runner.execution):
                rule = runner.request(wish)
                await runner.durable()  # else a crash here would lose a wish that was marked as answered
                self.journal.close(wish.id, rule or "accepted")
            lease.renew_when_due()
            await asyncio.sleep(REQUESTS_EVERY_S)


@dataclass
class Lease:
    """The right to append, renewed in real time: as events come, and by the keeper where a real clock runs."""

    driver: Driver
    execution: str
    epoch: int
    told: ev.LeaseTaken
    renewed_s: float

    def renew_when_due(self, event: ev.Event | None = None) -> None:  # noqa: ARG002 - any event will do
        """Renew a third of the way through."""
        now_s = time.monotonic()
        if now_s - self.renewed_s > LEASE_S / 3:
            self.renewed_s = now_s
            world = self.driver.world
            self.driver.journal.renew_lease(self.execution, self.epoch, now=world.real_now(), ttl_s=LEASE_S)


def begin(journal: SqliteJournal, execution: str, world: Surroundings) -> None:
    """Make room for an execution. Equal seeds give equal ids: an earlier simulated run of one is set aside, not lost.

    Raises:
        HeldElsewhere: it is running now.
        Refused: the id belongs to a run on a real cloud.
    """
    if not journal.exists:
        return
    holder = journal.holder(execution, now=world.real_now())
    if holder is not None:
        raise HeldElsewhere(execution, holder)
    if world.simulated:
        journal.set_aside(execution)
