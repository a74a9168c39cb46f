"""What the people of the simulated world need from it: time, chance, the network, the estate, and how people behave.

Laws:
- People read the world and write contacts; they never change what is configured.
- Every duration and share in `Behaviour` is assumed, and so every figure that comes of it is *modelled*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from drills.simulator.tally import Clock, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from drills.simulator.aws.connect.state import Site

T = TypeVar("T")


class Stream(Protocol):
    """A source of draws (`random.Random`)."""

    def random(self) -> float:
        """A number in [0, 1)."""

    def uniform(self, a: float, b: float) -> float:
        """A number between `a` and `b`."""

    def expovariate(self, lambd: float) -> float:
        """An exponentially distributed number with mean 1 / `lambd`."""


class Chance(Protocol):
    """Seeded identities and streams (`orchestrator.model.chance`)."""

    def identity(self, name: str) -> str:
        """A UUID for `name`."""

    def stream(self, name: str) -> Stream:
        """A generator of its own for `name`."""


class Network(Protocol):
    """Which Regions are dead, and the count of who felt it."""

    def down(self, region: str) -> bool:
        """Whether nothing answers in `region` now."""

    def felt(self, region: str, victim: str) -> None:
        """Count one hit of the outage of `region` on `victim` ("caller", "agent session")."""


class Calls(Protocol):
    """The bridge that lets blocking code wait on the virtual loop."""

    async def run(self, work: Callable[[], T], /) -> T:
        """Run `work` so that its sleeps are awaited."""


class Number(Protocol):
    """A claimed phone number. Read-only."""

    @property
    def arn(self) -> str:
        """Its ARN."""

    @property
    def e164(self) -> str:
        """The number itself: its name in seeded streams, stable where ARNs may not be."""

    @property
    def region(self) -> str:
        """Where it was claimed."""

    @property
    def rings_at(self) -> str:
        """The ARN of the instance or traffic distribution group that takes its calls now; may be empty."""

    @property
    def description(self) -> str:
        """What it is called by those who claimed it; numbers of one description are one line."""


class Carrier(Protocol):
    """A Voice Connector group. Read-only."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def regions(self) -> Collection[str]:
        """Where it has connectors."""

    @property
    def shares(self) -> Mapping[str, int]:
        """Region → percent of the calls that come in."""

    @property
    def closed(self) -> Collection[str]:
        """Regions whose connector takes no calls."""


class Group(Protocol):
    """A traffic distribution group. Read-only."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def arn(self) -> str:
        """Its ARN."""

    @property
    def instance_id(self) -> str:
        """The instance whose traffic it shares out."""


class Estate(Protocol):
    """All Regions of an account (`drills.simulator.aws.estate`)."""

    def sites(self, account: str) -> Sequence[Site]:
        """Every side of every instance."""

    def site(self, account: str, instance_id: str, region: str) -> Site | None:
        """One side of one instance."""

    def numbers(self, account: str) -> Sequence[Number]:
        """Every claimed number, in a stable order."""

    def groups(self, account: str) -> Sequence[Group]:
        """Every traffic distribution group."""

    def carriers(self, account: str) -> Sequence[Carrier]:
        """Every Voice Connector group, in a stable order."""

    def telephony_shares(self, account: str, number_arn: str) -> Mapping[str, int]:
        """Region → percent of the number's callers; empty where nobody answers."""

    def agent_shares(self, account: str, instance_id: str) -> Mapping[str, int]:
        """Region → percent of the instance's agents."""

    def sign_in_regions(self, account: str, instance_id: str) -> Collection[str]:
        """The Regions that agents may newly sign in to."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A waiting time in seconds: exponential with this mean, never under `least` nor over `most`."""

    mean: float
    least: float
    most: float

    def draw(self, stream: Stream) -> float:
        """One draw. The bounds move the true mean a little; `mean` is that of the unbounded law."""
        return min(self.most, self.least + stream.expovariate(1.0 / max(self.mean - self.least, 1e-9)))


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How simulated people behave. All of it is assumed, none measured; seconds."""

    patience_s: Spread = Spread(mean=120, least=15, most=600)
    """How long a caller waits in a queue."""
    talk_s: Spread = Spread(mean=75, least=15, most=600)
    after_call_s: tuple[float, float] = (3, 15)
    """After-contact work of an agent."""
    sign_in_s: tuple[float, float] = (20, 90)
    """From noticing that one belongs in another Region to being ready there."""
    redial_share: float = 0.6
    """How many of those lost with a Region try again."""
    redial_s: tuple[float, float] = (10, 90)
    redials_max: int = 3
    words_per_s: float = 2.5
    """How fast a prompt is spoken."""
    emergency_flag: str = "emergency-greeting"
    """The function's result key that switches the emergency greeting on."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One account's contact centre and all that surrounds its people."""

    account: str
    estate: Estate
    clock: Clock
    chance: Chance
    network: Network
    tally: Tally
    behaviour: Behaviour
