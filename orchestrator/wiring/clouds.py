"""Which cloud stands behind the door: AWS, or one that an entry point of the group `failover.clouds` builds."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from orchestrator.model.chance import Chance, SystemChance
from orchestrator.model.clock import Clock, SystemClock, moment
from orchestrator.model.errors import InvalidInput
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from orchestrator.cloud.calls import Calls
    from orchestrator.engine.runner import Runner
    from orchestrator.model.actions import Call, Cloud
    from orchestrator.model.events import GateOpened
    from orchestrator.model.inventory import Inventory

T = TypeVar("T")
GROUP = "failover.clouds"
PROBE_WORKERS = 64


class World(Protocol):
    """All that a run needs of the world it runs in."""

    @property
    def simulated(self) -> str:
        """What is simulated, in a sentence; empty on a real cloud."""

    @property
    def served_by(self) -> str:
        """Which of the clouds served in other processes this is; empty if it is none of them."""

    @property
    def clock(self) -> Clock:
        """Its time."""

    @property
    def chance(self) -> Chance:
        """Its identities and draws."""

    @property
    def calls(self) -> Calls:
        """How blocking calls are run."""

    @property
    def inventory(self) -> Inventory:
        """What exists in it."""

    def hands(self, declared: Collection[Call]) -> Cloud:
        """Clients for the declared operations only."""

    def real_now(self) -> datetime:
        """The machine's own time, also while a simulation makes up another: leases lapse in it."""

    def run(self, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on this world's event loop and clock."""

    def mark_of(self, service: str, operation: str) -> str:
        """How an operation is simulated (`moto`, `extended`, `live only`), or empty on a real cloud."""

    def answers(self, gate: GateOpened) -> bool:
        """Whether somebody in a simulated world will answer the gate (or is known to stay silent)."""

    def joined(self, runner: Runner) -> AbstractAsyncContextManager[None]:
        """Let this world's people and events take part in a run (customers, approvers, outages)."""


class Unattended:
    """A world that is not made up in this process: asyncio's own loop, and people at terminals of their own."""

    def run(self, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """On asyncio's own loop."""
        return asyncio.run(main())

    def mark_of(self, service: str, operation: str) -> str:  # noqa: ARG002
        """Nothing is simulated."""
        return ""

    def answers(self, gate: GateOpened) -> bool:  # noqa: ARG002
        """People answer from their own terminals."""
        return True

    @asynccontextmanager
    async def joined(self, runner: Runner) -> AsyncIterator[None]:  # noqa: ARG002
        """Nobody is let in: who takes part does so without being asked."""
        yield


class NoSnapshot(InvalidInput):
    """What exists is not known here: no inventory was ever taken, or it is broken."""


@dataclass
class RealCloud(Unattended):
    """AWS. Its snapshot is read when first asked for: ending an execution needs none."""

    clock: Clock
    chance: Chance
    calls: Any
    home: Home
    door: Any
    simulated: str = ""
    served_by: str = ""

    @cached_property
    def inventory(self) -> Inventory:
        """The snapshot in the state folder, as `read_inventory`."""
        return read_inventory(self.home)

    def hands(self, declared: Collection[Call]) -> Cloud:
        """Through the door."""
        hands: Cloud = self.door.hands(declared)
        return hands

    def real_now(self) -> datetime:
        """The clock's."""
        return self.clock.now()


@contextmanager
def open_cloud(spec: str, *, seed: int, home: Home, config: Path | None = None) -> Iterator[World]:
    """The cloud named `aws`, `simulated` or `simulated:SCENARIO`, or served at a URL.

    `config` is the folder of the stacks' configuration that a simulated one is built from; None leaves it to choose.

    Raises:
        InvalidInput: no such cloud, or its package is not installed, or nobody serves one there, or `config` is given
            for one that is not built here.
    """
    name, _, rest = spec.partition(":")
    if config and name in ("http", "aws"):
        what = f"--config {config} is what a simulated cloud is built from, and {name} is there already"
        raise InvalidInput(what, remedy="give --simulate with it, or leave it out")
    if name == "http":
        from orchestrator.wiring.served import open_served  # noqa: PLC0415 - where one is meant only

        with open_served(spec, home=home.folder) as served:
            yield served
        return
    if name == "aws":
        with _open_aws(home) as real:
            yield real
        return
    found = next(iter(entry_points(group=GROUP, name=name)), None)
    if found is None:
        known = "give aws, simulated, or the URL of a served one (http)"
        remedy = known if name != "simulated" else "install the extra `drills`"
        raise InvalidInput(f"no cloud {name!r}", remedy=remedy)
    try:
        opener = found.load()
    except ModuleNotFoundError as missing:
        raise InvalidInput(
            f"the {name} cloud needs {missing.name}", remedy="install the extras stacks,drills"
        ) from missing
    with opener(rest, seed=seed, home=home.folder, config=config) as simulated:
        yield simulated


@contextmanager
def _open_aws(home: Home) -> Iterator[RealCloud]:
    from orchestrator.cloud.calls import ThreadCalls  # noqa: PLC0415 - boto3 is loaded where AWS is meant only
    from orchestrator.cloud.door import Door  # noqa: PLC0415 - start-up
    from orchestrator.cloud.pace import LIMITS, Pace  # noqa: PLC0415 - start-up
    from orchestrator.cloud.resolver import DnsResolver  # noqa: PLC0415 - start-up

    clock, calls = SystemClock(), ThreadCalls(PROBE_WORKERS)
    door = Door(clock=clock, pace=Pace(LIMITS, clock), resolver=DnsResolver(), settings_dir=Path("config"))
    try:
        yield RealCloud(clock, SystemChance(), calls, home, door)
    finally:
        calls.close()


def read_inventory(home: Home) -> Inventory:
    """The snapshot in the state folder.

    Raises:
        NoSnapshot: there is none, or it cannot be read, or it is no inventory, or its digest does not fit.
    """
    from orchestrator.model.inventory import Inventory  # noqa: PLC0415 - pydantic is heavy

    place = home.inventory
    try:
        inventory = Inventory.model_validate_json(place.read_bytes())
        _refuse_undated(inventory)
    except (FileNotFoundError, NotADirectoryError):
        remedy = "take one: `failover inventory pull`; or try `--simulate`"
        raise NoSnapshot(f"no inventory snapshot at {place}", remedy=remedy) from None
    except OSError as why:
        raise NoSnapshot(f"{place} cannot be read: {why.strerror}", remedy="mend that, or take a new one") from None
    except ValueError as why:
        raise NoSnapshot(f"{place} is no inventory: {_in_a_line(why)}", remedy="take a new snapshot") from None
    if inventory.digest and inventory.sealed().digest != inventory.digest:
        raise NoSnapshot(f"{place} does not match its digest", remedy="take a new snapshot")
    return inventory


def _refuse_undated(inventory: Inventory) -> None:
    if moment(inventory.taken_at).utcoffset() is None:
        raise ValueError("taken_at has no time zone")


def _in_a_line(why: ValueError) -> str:
    """What does not fit, field by field where the model says so; its own text would be a paragraph with links."""
    misfits = why.errors() if hasattr(why, "errors") else ()
    return "; ".join(f"{'.'.join(map(str, each['loc']))} {each['msg']}".strip() for each in misfits) or str(why)
