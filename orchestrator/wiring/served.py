"""A simulated cloud in another process: `--cloud http://127.0.0.1:8400`, served by `failover simulate serve`.

Laws: everything here lives in the server's time, so that a deadline of five minutes is five minutes of that cloud,
however fast it lives; leases alone lapse in the machine's. Runs are marked simulated, with where they were served.

Needs nothing but the base install: the server has the simulator.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from orchestrator.cloud.calls import ThreadCalls
from orchestrator.cloud.door import Door
from orchestrator.cloud.pace import LIMITS, Pace
from orchestrator.cloud.regions import client_region
from orchestrator.cloud.resolver import DnsResolver
from orchestrator.model.chance import SystemChance
from orchestrator.model.clock import SystemClock, moment
from orchestrator.model.errors import InvalidInput
from orchestrator.wiring.tempo import PacedLoop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator
    from pathlib import Path

    from orchestrator.engine.runner import Runner
    from orchestrator.model.actions import Call, Cloud
    from orchestrator.model.events import GateOpened
    from orchestrator.model.inventory import Inventory

T = TypeVar("T")

NAME = "contact-centre-failover simulated cloud"
"""What the control port says that it is."""
ANSWER_WITHIN_S = 10.0
WORKERS = 64
_LABEL = "served at {url}: {simulated}"
_CREDENTIALS = {"aws_access_key_id": "SIMULATED", "aws_secret_access_key": "simulated"}
_GLOBAL = "global"


class ServedClock:
    """The server's time, as far as can be told from here: what it said when asked, and how fast it lives.

    Args:
        now: what the server said (UTC).
        asked_s: when it was asked, on the machine's monotonic clock.
        speed: simulated seconds for each of the machine's.
    """

    kind = "simulated"

    def __init__(self, now: datetime, asked_s: float, speed: float) -> None:
        self._then, self._asked_s, self.speed = now, asked_s, speed
        self._machine = SystemClock()

    def now(self) -> datetime:
        """The present there."""
        return self._then + timedelta(seconds=(time.monotonic() - self._asked_s) * self.speed)

    def pause(self, seconds: float) -> None:
        """Block the calling thread for so many of the server's seconds."""
        self._machine.pause(seconds / self.speed)


@dataclass(frozen=True)
class Served:
    """A world whose cloud is elsewhere, as a run sees it."""

    simulated: str
    """What is simulated, and where it is served."""
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
            raise _other_version(self.site.url) from why

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
    async def joined(self, runner: Runner) -> AsyncIterator[None]:  # noqa: ARG002
        """That world lives without being asked."""
        yield

    @cached_property
    def _ledger(self) -> dict[str, str]:
        marks: dict[str, str] = self.site.json("ledger")
        return marks


class Site:
    """The control port of a served cloud.

    Args:
        url: as given on the command line.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        # A proxy knows nothing of this machine's loopback.
        self._opener = build_opener(ProxyHandler({}))

    def read(self, what: str) -> bytes:
        """What the server says of `what`.

        Raises:
            InvalidInput: nobody answers there, or somebody else does.
        """
        try:
            with self._opener.open(f"{self.url}/{what}", timeout=ANSWER_WITHIN_S) as answer:
                body: bytes = answer.read()
        except HTTPError as why:
            why.close()
            raise self._stranger() from why
        except (OSError, ValueError, HTTPException) as why:
            remedy = "start one with `failover simulate serve`, and give the address that it prints"
            raise InvalidInput(f"no simulated cloud answers at {self.url}", remedy=remedy) from why
        return body

    def json(self, what: str) -> Any:
        """The same, read as JSON.

        Raises:
            InvalidInput: as `read`, or what is said is no JSON.
        """
        try:
            return json.loads(self.read(what))
        except ValueError as why:
            raise self._stranger() from why

    def identity(self) -> Identity:
        """Who serves there.

        Raises:
            InvalidInput: nobody, or no simulated cloud.
        """
        asked_s = time.monotonic()
        told = self.json("identity")
        if not isinstance(told, dict) or told.get("name") != NAME:
            raise self._stranger()
        try:
            resolver = told["resolver"]
            return Identity(
                simulated=str(told["simulated"]), now=moment(told["now"]), asked_s=asked_s, speed=float(told["speed"]),
                endpoints=dict(told["endpoints"]), global_home=str(told["global_home"]),
                resolver=(str(resolver["address"]), int(resolver["port"])),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as why:
            raise _other_version(self.url) from why

    def _stranger(self) -> InvalidInput:
        return InvalidInput(
            f"what answers at {self.url} is no simulated cloud",
            remedy="give the control port's address, as `failover simulate serve` prints it",
        )


@dataclass(frozen=True)
class Identity:
    """What a served cloud says of itself. `endpoints` by Region, and `global`; `asked_s` as in `ServedClock`."""

    simulated: str
    now: datetime
    asked_s: float
    speed: float
    endpoints: dict[str, str]
    global_home: str
    resolver: tuple[str, int]

    def endpoint(self, service: str, region: str) -> str:
        """The address that answers for a service in a Region: a control plane that serves all Regions has its own.

        Raises:
            InvalidInput: that Region is not served.
        """
        home = client_region(service, "")
        place = _GLOBAL if home == self.global_home or region == "aws-global" else home or region
        if place not in self.endpoints:
            raise InvalidInput(
                f"the served cloud has no {place}, which {service} would need",
                remedy=f"it serves {', '.join(self.endpoints)}",
            )
        return self.endpoints[place]


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
    label = _LABEL.format(url=site.url, simulated=identity.simulated)
    calls = ThreadCalls(WORKERS)
    try:
        yield Served(label, clock, SystemChance(), calls, door, site)
    finally:
        calls.close()
        door.close()


def address_in(label: str) -> str:
    """Where the cloud of a recorded run was served, from what its journal says is simulated; or nothing."""
    before, _, rest = label.partition("served at ")
    url, found, _ = rest.partition(": ")
    return url if found and not before else ""


def _other_version(url: str) -> InvalidInput:
    return InvalidInput(f"{url} serves another version", remedy="run server and client of the same version")
