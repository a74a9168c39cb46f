"""The simulated contact centre, built from the stacks once per module, and the questions that are asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from drills.build import build
from drills.simulator.aws.connect import estate
from drills.simulator.cloud import SimulatedCloud
from drills.world import Simulated
from orchestrator.wiring import surveying

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drills.simulator.aws.connect.state import Site
    from orchestrator.survey.look import Look
    from orchestrator.survey.parity import Declared

SEED = 11
EAST, WEST = "us-east-1", "us-west-2"
FEW = {"general": {"agents": 3, "queues": ["general"]}, "vip": {"agents": 3, "queues": ["vip"]}}
DESKTOPS = {"general": {"count": 2}}
OVERRIDES = {"primary": {"agent_groups": FEW, "desktops": DESKTOPS}, "standby": {"desktops": DESKTOPS}}


@dataclass
class Town:
    """The cloud and its inventory, which a test may replace by another."""

    cloud: SimulatedCloud
    inventory: Any

    def checked(self) -> surveying.Checked:
        return surveying.check(self.world)

    def laid(self, *declared: Declared) -> surveying.Compared:
        return surveying.parity(self.world, declared)

    def checked_look(self, about: str) -> Look:
        """The question about a path."""
        [found] = [look for look in surveying.questions(self.inventory) if look.about == about]
        return found

    @property
    def world(self) -> Simulated:
        return Simulated(self.cloud, self.inventory)

    def client(self, service: str, region: str = WEST) -> Any:
        return self.cloud.door.client(service, region)

    def site(self, region: str) -> Site:
        found = estate.site(self.cloud.account, self.inventory.standby.connect.instance_id, region)
        assert found is not None
        return found

    def saying(self, **parts: Any) -> Town:
        """The same cloud with another snapshot of it: `standby={"flags_table": "other"}`."""
        body = self.inventory.model_dump(by_alias=True)
        _merge(body, parts)
        return Town(self.cloud, type(self.inventory).model_validate(body))


def _merge(body: dict[str, Any], changes: dict[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(body.get(key), dict):
            _merge(body[key], value)
        else:
            body[key] = value


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Both Regions up and prepared, for tests that change nothing there."""
    folder = tmp_path_factory.mktemp("config")
    with SimulatedCloud(SEED, settings_dir=folder) as cloud:
        yield Town(cloud, build(cloud, folder, OVERRIDES))


@pytest.fixture
def town(built: Town) -> Iterator[Town]:
    """A good day."""
    yield built
    built.cloud.network.faults.clear()
