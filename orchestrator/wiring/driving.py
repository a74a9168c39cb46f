"""Drives one execution: takes the lease, runs, answers requests from elsewhere, lets go."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orchestrator.actions.catalogue import Catalogue
from orchestrator.actions.service import Answers
from orchestrator.engine.runner import Runner
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model import events as ev
from orchestrator.model.errors import HeldElsewhere
from orchestrator.model.states import ExecutionState
from orchestrator.wiring.alive import Living, living
from orchestrator.wiring.clouds import World
from orchestrator.wiring.fence import fenced
from orchestrator.wiring.keeping import beside, keep, settle, settle_rest
from orchestrator.wiring.lease import leased
from orchestrator.wiring.leaving import Hearer, Nobody, leaving
from orchestrator.wiring.vaults import sealing, vault_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.journal.replay import Replay
    from orchestrator.model.values import Json
    from orchestrator.wiring.lease import Lease


@dataclass(frozen=True)
class Driver:
    """Everything that a runner is built from, but the execution."""

    world: World
    journal: SqliteJournal
    catalogue: Catalogue
    on_event: Callable[[ev.Event], None]
    hearer: Hearer = field(default_factory=Nobody)
    """Told when somebody wants to leave."""

    def runner(self, execution: str, scope: Mapping[str, Json]) -> Runner:
        """A runner of the execution; one that is to continue has to `load` what the journal holds."""
        world, vault = self.world, vault_of(self.journal, execution, self.world.chance)
        runner = Runner(
            execution, journal=self.journal, clock=world.clock, chance=world.chance, calls=world.calls,
            catalogue=self.catalogue, hands=sealing(world, vault), scope=scope, proof=Answers,
        )  # fmt: skip
        runner.listen(self.on_event)
        return runner

    def drive(self, runner: Runner, *opening: ev.Payload) -> Replay:
        """Run to the end, or to a pause, as the holder of the lease.

        Raises:
            HeldElsewhere: somebody else runs it, or has taken the lease since.
            JournalUnavailable: the store fails; what had begun settles, and nothing more begins.
        """
        journal, execution = self.journal, runner.execution
        left_before = journal.pending(execution) if journal.exists else []
        holder = f"process {os.getpid()} on {socket.gethostname()}"
        # What is repeatable is run again rather than resumed: nobody has to know whether its process lives.
        here = living(journal, execution) if self.world.chance.seed is None else nullcontext(Living(None))
        # Held around the loop, not in it: Ctrl-C abandons a virtual loop, and nothing in there would let go any more.
        with here as process, leased(journal, execution, holder, self.world.real_now) as lease:
            process.holds(lease.epoch)
            settle(journal, execution, left_before)
            try:
                record = self.world.run(lambda: self._driven(runner, lease, *opening))
                if record.state is ExecutionState.UNDONE:
                    # Nothing is left to give back, so nobody needs the personal values any more.
                    vault_of(journal, execution, self.world.chance).purge()
                return record
            finally:
                settle_rest(journal, execution)

    async def _driven(self, runner: Runner, lease: Lease, *opening: ev.Payload) -> Replay:
        # Who and where would differ between two runs of one seed: only a real run records it.
        repeatable = self.world.chance.seed is not None
        told = ev.LeaseTaken("simulation" if repeatable else lease.holder, lease.epoch)
        runner.open(*opening, told)
        async with self.world.joined(runner):
            if repeatable:  # no request comes in, and no time but the run's own passes
                runner.listen(lease.renew_when_due)
                return await runner.run()
            runner.hands = fenced(runner.hands, lease.guard)
            with leaving(runner.leave, self.hearer, lambda: self._let_go(lease)):
                return await beside(keep(runner, self.journal, lease), runner.run())

    def _let_go(self, lease: Lease) -> None:
        """By a connection of its own: the other may be in the middle of a commit."""
        at_once = self.journal.again(busy_s=0.0)
        at_once.release_lease(lease.execution, lease.epoch)


def begin(journal: SqliteJournal, execution: str, world: World) -> None:
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
    if world.chance.seed is not None:
        journal.set_aside(execution)
