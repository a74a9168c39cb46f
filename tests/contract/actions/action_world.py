"""What the tests of actions stand on: one cloud, and an action with the hands that its own `calls()` give it.

Law: an action gets nothing but its declared operations, so that calling another one fails the test (the door raises
`UndeclaredOperation`). Waiting is virtual: the clock is moved by hand.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drills.build import build
from drills.simulator.aws.connect import estate
from drills.simulator.cloud import SimulatedCloud
from orchestrator.actions.catalogue import Catalogue
from orchestrator.model.parameters import bind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from drills.simulator.aws.connect.state import Site
    from drills.simulator.network import CallRecord
    from drills.simulator.outage import Fault, RegionOutage
    from orchestrator.cloud.door import CallMade
    from orchestrator.model.inventory import Inventory

SEED = 11
EAST, WEST = "us-east-1", "us-west-2"
FEW = {"general": {"agents": 3, "queues": ["general"]}, "vip": {"agents": 3, "queues": ["vip"]}}
NOWHERE = "eu-west-2"
"""A Region where nothing has been built."""


@contextmanager
def opened(settings_dir: Path) -> Iterator[ActionWorld]:
    """A cloud in which `global`, `primary` and `standby` are up, and the standby is prepared."""
    with SimulatedCloud(SEED, settings_dir=settings_dir) as cloud:
        yield ActionWorld(cloud, build(cloud, settings_dir, {"primary": {"agent_groups": FEW}}))


class ActionWorld:
    """The cloud, its inventory, and what the tests count."""

    def __init__(self, cloud: SimulatedCloud, inventory: Inventory) -> None:
        self.cloud, self.inventory = cloud, inventory
        self.connect = inventory.standby.connect
        self.instance = self.connect.instance_id
        self.group, self.default_group = self.connect.traffic_group_arn, self.connect.default_traffic_group_arn

    def good_day(self) -> None:
        """No fault, no contact; the traffic distribution groups as they were created."""
        self.cloud.network.faults.clear()
        for group in estate.groups(self.cloud.account):
            group.telephony, group.agents = {EAST: 100, WEST: 0}, {EAST: 100, WEST: 0}
            group.sign_in = {EAST: True, WEST: True}
        for site in estate.sites(self.cloud.account):
            site.contacts.clear()

    def site(self, region: str) -> Site:
        """The instance's side in a Region."""
        found = estate.site(self.cloud.account, self.instance, region)
        assert found is not None
        return found

    def acting(self, name: str, /, **given: Any) -> Acting:
        """An action with parameters as a runbook gives them."""
        return Acting(self, name, given)

    def wait(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.cloud.clock.advance(seconds)

    def lost(self, region: str) -> RegionOutage:
        """Take a Region away until the test ends."""
        return self.cloud.lose(region, self.cloud.clock.now())

    def struck(self, fault: Fault) -> Fault:
        """Let a fault strike until the test ends."""
        self.cloud.network.faults.append(fault)
        return fault

    def landed(self) -> list[CallRecord]:
        """Every write that has taken effect since the cloud was built."""
        return [record for record in self.cloud.network.log if record.write and record.landed]

    def since(self, mark: int) -> list[CallMade]:
        """The calls tried through the door since it had `mark` of them."""
        return self.cloud.door.made[mark:]

    @property
    def mark(self) -> int:
        """How many calls have been tried through the door."""
        return len(self.cloud.door.made)


@dataclass(frozen=True)
class Reached:
    """How a setting came to its target: what was seen first, what was wanted, what was written, what was seen last."""

    before: Any
    target: Any
    parts: tuple[Any, ...]
    after: Any
    waited_s: float


class Acting:
    """One action with its parameters and its hands."""

    def __init__(self, world: ActionWorld, name: str, given: Mapping[str, Any]) -> None:
        kind: Any = Catalogue()[name]
        self.world, self.kind, self.params = world, kind, bind(kind.Params, given)
        self.action: Any = kind(world.cloud.door.hands(kind.calls(self.params)))

    def observe(self) -> Any:
        return self.action.observe(self.params)

    def target(self, before: Any) -> Any:
        return self.action.target(self.params, before)

    def parts(self, before: Any, target: Any) -> tuple[Any, ...]:
        return tuple(self.action.parts(self.params, before, target))

    def write(self, part: Any) -> None:
        self.action.write(self.params, part)

    def settled(self, target: Any, now: Any) -> bool:
        return bool(self.action.settled(self.params, target, now))

    def probe(self) -> Any:
        return self.action.probe(self.params)

    def carry_out(self) -> Reached:
        """Look, write, look, as any run does: nothing is written where it is settled already."""
        before = self.observe()
        target = self.target(before)
        if self.settled(target, before):
            return Reached(before, target, (), before, 0.0)
        return self._reach(self.action, before, target)

    def give_back(self, value: Any) -> Reached:
        """Write an earlier value back, with the hands that a return gets."""
        now = self.observe()
        gaining = self.action.gains(self.params, now, value)
        calls = {call for region in gaining for call in self.kind.return_calls(self.params, region)}
        hands = self.world.cloud.door.hands(calls or self.kind.calls(self.params))
        return self._reach(self.kind(hands), now, value)

    def _reach(self, action: Any, before: Any, target: Any) -> Reached:
        parts = tuple(action.parts(self.params, before, target))
        for part in parts:
            action.write(self.params, part)
        waited_s, limit_s = 0.0, self.kind.deadline_s or 3600.0
        while not self.settled(target, after := self.observe()):
            if lost := action.given_up(self.params, after):
                raise lost
            assert waited_s < limit_s, f"{self.kind.name} still sees {after!r}"
            self.world.wait(self.kind.interval_s)
            waited_s += self.kind.interval_s
            if self.kind.rewrite_s and waited_s % self.kind.rewrite_s == 0:
                for part in action.parts(self.params, after, target):
                    action.write(self.params, part)
        return Reached(before, target, parts, after, waited_s)
