"""A simulated cloud in another process: `--cloud http://127.0.0.1:8400`, served by `failover simulate serve`.

Laws: everything here lives in the server's time, so that a deadline of five minutes is five minutes of that cloud,
however fast it lives; leases alone lapse in the machine's. Runs are marked simulated, with where they were served.

Needs nothing but the base install: the server has the simulator.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from orchestrator.cloud.calls import ThreadCalls
from orchestrator.cloud.door import Door
from orchestrator.cloud.pace import LIMITS, Pace
from orchestrator.cloud.resolver import DnsResolver
from orchestrator.model.chance import SystemChance
from orchestrator.model.clock import SystemClock
from orchestrator.model.errors import InvalidInput, NotSimulated, UndeclaredOperation
from orchestrator.wiring.label import address_in, label_of
from orchestrator.wiring.made import endpoints_of, marks_of
from orchestrator.wiring.site import ServedClock, Site, other_version
from orchestrator.wiring.telling import told_by
from orchestrator.wiring.tempo import PacedLoop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator
    from datetime import datetime
    from pathlib import Path

    from orchestrator.engine.runner import Runner
    from orchestrator.model.actions import Call, Cloud
    from orchestrator.model.events import GateOpened
    from orchestrator.model.inventory import Inventory

__all__ = ["Served", "ServedClock", "Site", "address_in", "open_served"]

T = TypeVar("T")
WORKERS = 64
_CREDENTIALS = {"aws_access_key_id": "SIMULATED", "aws_secret_access_key": "simulated"}


@dataclass(frozen=True)
class Served:
    """A world whose cloud is elsewhere, as a run sees it."""

    simulated: str
    """What is simulated, and where it is served."""
    served_by: str
    clock: ServedClock
    chance: SystemChance
    calls: ThreadCalls
    door: Door
    site: Site

    @cached_property
    def inventory(self) -> Inventory:
        """What the server's stacks exported."""
        from orchestrator.model.inventory import Inventory  # noqa: PLC0415 - pydantic is heavy

        try:
            return Inventory.model_validate_json(self.site.read("inventory"))
        except ValueError as why:
            raise other_version(self.site.url) from why

    def hands(self, declared: Collection[Call]) -> Cloud:
        """Through the door, to the server's ports."""
        return self.door.hands(declared)

    def real_now(self) -> datetime:
        """The machine's."""
        return SystemClock().now()

    def run(self, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """On a loop that counts the server's seconds."""
        self.door.settings_dir.mkdir(parents=True, exist_ok=True)
        with asyncio.Runner(loop_factory=lambda: PacedLoop(self.clock.speed)) as runner:
            return runner.run(main())

    def mark_of(self, service: str, operation: str) -> str:
        """From the server's ledger; DNS queries are answered by its name server."""
        return "extended" if service == "dns" else self._ledger.get(f"{service}:{operation}", "")

    def answers(self, gate: GateOpened) -> bool:  # noqa: ARG002
        """People answer from their own terminals, as on AWS."""
        return True

    @asynccontextmanager
    async def joined(self, runner: Runner) -> AsyncIterator[None]:
        """That world lives without being asked; what it says of callers and outages goes into the run's journal.

        At the end come the run's own calls, also where nothing can be concluded from it. Of a run that was lost to
        another runner, or whose journal fails, nothing is told any more.
        """
        known = await self._knows_marks()
        begun = len(self.door.made)
        with told_by(self.site.url, runner) as telling:
            try:
                yield
            except (NotSimulated, UndeclaredOperation):
                self._tell_made(runner, begun, known=known)
                raise
            telling.end()
            self._tell_made(runner, begun, known=known)

    def _tell_made(self, runner: Runner, begun: int, *, known: bool) -> None:
        """The calls since `begun`; their marks only where the server had time to say them."""
        made = self.door.made[begun:]
        if made and known:
            runner.tell(marks_of(made, self.mark_of))
        if made:
            runner.tell(endpoints_of(made))

    async def _knows_marks(self) -> bool:
        """Ask for the ledger now: at the end of the run the server may be gone."""
        try:
            await self.calls.run(lambda: self._ledger)
        except InvalidInput:
            return False
        return True

    @cached_property
    def _ledger(self) -> dict[str, str]:
        marks: dict[str, str] = self.site.json("ledger")
        return marks


@contextmanager
def open_served(url: str, *, home: Path) -> Iterator[Served]:
    """The cloud served at `url`.

    Args:
        url: of its control port.
        home: the state folder; what actions write into the stacks' configuration goes to a folder of its own there.

    Raises:
        InvalidInput: nobody serves a simulated cloud there.
    """
    site = Site(url)
    identity = site.identity()
    clock = ServedClock(identity.now, identity.asked_s, identity.speed)
    address, port = identity.resolver
    settings_dir = home / "served"
    door = Door(
        clock=clock, pace=Pace(LIMITS, clock), resolver=DnsResolver(nameservers=(address,), port=port),
        settings_dir=settings_dir, credentials=_CREDENTIALS, endpoint_of=identity.endpoint,
    )  # fmt: skip
    label = label_of(site.url, identity.simulated)
    calls = ThreadCalls(WORKERS)
    try:
        yield Served(label, identity.served_by, clock, SystemChance(), calls, door, site)
    finally:
        calls.close()
        door.close()
