"""Two instances of their own, as the stacks build them: checked against their snapshot, and laid over each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drills.build import build
from drills.simulator.cloud import SimulatedCloud
from drills.world import Simulated
from orchestrator.survey.look import AGAIN
from orchestrator.wiring import surveying

if TYPE_CHECKING:
    from orchestrator.model.inventory import Inventory

CONFIG = Path(__file__).parents[3] / "config" / "examples" / "five-person-desk-independent"
NOBODYS = "00000000-0000-4000-8000-000000000000"
LESS = {
    "queues": {"everything": {"max_contacts": 12}, "spare": {"max_contacts": 3}},
    "agent_groups": {"desk": {"agents": 4, "queues": ["everything"]}},
}


class Centre:
    """Both sides up, the folder that they were built in, and their snapshot."""

    def __init__(self, folder: Path, **standby: Any) -> None:
        self.folder, self.cloud = folder, SimulatedCloud(1, settings_dir=folder)
        with self.cloud:
            self.inventory = build(self.cloud, folder, {"standby": standby}, CONFIG)
            self.checked = surveying.check(Simulated(self.cloud, self.inventory))
            self.laid = surveying.parity(Simulated(self.cloud, self.inventory), ()).parity
            self.strange = surveying.check(Simulated(self.cloud, _led_elsewhere(self.inventory)))


def _led_elsewhere(inventory: Inventory) -> Inventory:
    """A snapshot whose standby has a Voice Connector that nobody made, and a number that nobody claimed."""
    standby = inventory.standby
    telephony = standby.telephony.model_copy(update={"voice_connector_id": NOBODYS})
    numbers = [each.model_copy(update={"arn": each.arn.replace(each.id, NOBODYS)}) for each in standby.connect.numbers]
    connect = standby.connect.model_copy(update={"numbers": numbers})
    changed = standby.model_copy(update={"telephony": telephony, "connect": connect})
    return inventory.model_copy(update={"standby": changed})


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    return Centre(tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="module")
def less(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    return Centre(tmp_path_factory.mktemp("config"), **LESS)


def test_what_the_stacks_build_is_what_the_snapshot_says(alike: Centre) -> None:
    assert alike.inventory.continuity == "independent-instances"
    assert alike.checked.differences == ()
    assert alike.checked.unread == ()


def test_nothing_is_prepared_for_independent_instances(alike: Centre) -> None:
    assert [each.name for each in alike.folder.glob("*prepare*")] == []


def test_two_instances_from_one_configuration_are_alike(alike: Centre) -> None:
    assert alike.laid.holds
    assert alike.laid.apart == ()
    assert {each.ratio for each in alike.laid.ratios if each.ratio is not None} == {1.0}


def test_a_standby_that_can_do_less_is_told_with_its_shares(less: Centre) -> None:
    assert not less.laid.holds
    lacking = {each.path: each.ratio for each in less.laid.ratios if not each.enough}
    assert lacking == {
        "capacity.queue_limits.everything": 0.8,
        "capacity.queue_limits.spare": None,  # of the standby alone: no ratio tells how that compares
        "capacity.users.desk": 0.8,
    }


def test_a_queue_of_one_side_alone_is_a_difference(less: Centre) -> None:
    (found,) = (each for each in less.laid.apart if each.path == "connect.queues.spare")
    assert found.primary is None


def test_a_partner_and_a_bot_of_one_side_alone_are_differences(tmp_path: Path) -> None:
    more = {
        "partners": {"outside": {"number": "+12065550142"}},
        "bots": {"reception": {"bot_id": "ABCDEFGHIJ", "alias_id": "TSTALIASID"}},
    }
    told = {each.path: (each.primary, each.standby) for each in Centre(tmp_path, **more).laid.apart}
    assert told["connect.quick_connects.outside"] == (None, "PHONE_NUMBER")
    assert told["bots.reception"] == (None, "associated")


def test_what_is_not_there_is_put_back_by_an_up_and_not_by_prepare_standby(alike: Centre) -> None:
    remedies = {each.what: each.remedy for each in alike.strange.differences}
    assert remedies["standby.telephony.voice_connector_id"] == AGAIN
    (number,) = {remedy for what, remedy in remedies.items() if what.startswith("standby.connect.numbers.")}
    assert number == AGAIN
