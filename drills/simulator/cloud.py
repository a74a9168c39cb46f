"""The simulated cloud, put together: moto with our extensions, behind the orchestrator's own door, on virtual time.

Laws: equal seeds give equal ids, equal times and equal logs, in every process; nothing leaves this machine; while it is
open, this process belongs to it (moto's state, the wall clock, `random` and `uuid4` are the process's).
It knows no scenario: who fails, calls or decides is for the drill to say.
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - botocore and moto draw from the module's own generator, so that is what gets seeded
import uuid
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar
from unittest.mock import patch

from moto import mock_aws
from moto.moto_api._internal import mock_random

from drills.simulator.aws.accounts import founded
from drills.simulator.aws.connect.buckets import without_throttling
from drills.simulator.aws.connect.mirror import ask_about_regions
from drills.simulator.aws.install import install, reset
from drills.simulator.clock import GreenletCalls, VirtualClock, run_virtual
from drills.simulator.names import NameServer
from drills.simulator.network import Network
from drills.simulator.outage import RegionOutage
from drills.simulator.sockets import only_loopback
from orchestrator.cloud.door import Door
from orchestrator.cloud.pace import LIMITS, Pace
from orchestrator.cloud.resolver import DnsResolver
from orchestrator.model.chance import SeededChance

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path
    from types import TracebackType

T = TypeVar("T")

START = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
ACCOUNT = "111122223333"
_PAST = SeededChance(-1)
"""What is done beforehand draws from it: no seed that can be given."""
_CREDENTIALS = {"aws_access_key_id": "SIMULATED", "aws_secret_access_key": "simulated"}
_ENVIRONMENT = {
    "MOTO_ACCOUNT_ID": ACCOUNT,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class SimulatedCloud:
    """One simulated AWS account. A context manager: build, run (as often as wanted) and read inside it.

    Args:
        seed: of every id, delay and number drawn.
        start: the simulated time at which it opens.
        settings_dir: the stacks' configuration that actions may write; the caller's own copy.
    """

    account = ACCOUNT

    def __init__(self, seed: int, start: datetime = START, *, settings_dir: Path) -> None:
        self.clock = VirtualClock(start)
        self.chance = SeededChance(seed)
        self.network = Network(self.clock, self.chance)
        self.calls = GreenletCalls()
        self.names = NameServer(self.clock, self.network, self.account)
        self.resolver = DnsResolver(self.names.exchange)
        self.door = Door(
            clock=self.clock,
            pace=Pace(LIMITS, self.clock),
            resolver=self.resolver,
            settings_dir=settings_dir,
            credentials=_CREDENTIALS,
        )
        self.refused: list[str] = []
        """Where something tried to reach beyond this machine; anything here makes a drill inconclusive."""
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(_own_environment())
            opening.enter_context(mock_aws())
            opening.enter_context(_seeded(self.chance))
            opening.callback(reset)
            install(self.network.down, _refuse)
            opening.enter_context(founded(self.account))
            opening.callback(ask_about_regions)
            ask_about_regions(self.network.down_since)
            self.refused = opening.enter_context(only_loopback())
            opening.enter_context(self.network.attached())
            opening.enter_context(self.clock.travelling())
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def run(self, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run `main()` on virtual time, as `clock.run_virtual`."""
        return run_virtual(main, self.clock)

    def lose(self, region: str, from_: datetime, until: datetime | None = None) -> RegionOutage:
        """Take a whole Region away, from a moment on, and perhaps give it back. May be called during a run."""
        outage = RegionOutage(region, from_, until)
        self.network.faults.append(outage)
        return outage

    @contextmanager
    def beforehand(self) -> Iterator[None]:
        """What is done inside was done long before anything that a drill measures.

        It draws nothing from the seed, so that it is the same for every seed, and leaves no call behind: afterwards
        only moto's state, the settings and the time tell of it.
        """
        own, self.chance = self.chance, _PAST
        try:
            with self.network.beforehand(_PAST), _seeded(_PAST):
                yield
        finally:
            self.chance = own
        self.door.pace = Pace(LIMITS, self.clock)
        self.door.made.clear()

    @contextmanager
    def building(self) -> Iterator[None]:
        """While it lasts, calls are provisioning, in every thread: untimed, unthrottled, unlogged, never struck."""
        with self.network.building(), without_throttling():
            yield


def _refuse(what: str) -> None:
    """What moto would answer without rules proves nothing."""
    raise NotImplementedError(f"{what} is not simulated")


@contextmanager
def _own_environment() -> Iterator[None]:
    """No profile, key, Region or endpoint of this machine's AWS configuration reaches a simulation."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    with patch.dict(os.environ, {**kept, **_ENVIRONMENT}, clear=True):
        yield


@contextmanager
def _seeded(chance: SeededChance) -> Iterator[None]:
    """Make the draws of moto, botocore and everybody's `uuid4` those of the seed."""
    before, ids = (random.getstate(), mock_random.getstate()), chance.stream("uuid4")
    random.seed(f"{chance.seed}:random")
    mock_random.seed(f"{chance.seed}:moto")
    try:
        with patch("uuid.uuid4", lambda: uuid.UUID(int=ids.getrandbits(128), version=4)):
            yield
    finally:
        random.setstate(before[0])
        mock_random.setstate(before[1])
