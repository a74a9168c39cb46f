"""The role standby declares who may recover, once it is configured; built in the simulated cloud, and asked there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from drills.build import build
from drills.simulator.cloud import SimulatedCloud
from drills.simulator.provisioners.request import Unprovisionable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator.model.inventory import Inventory

CONFIG = Path(__file__).parents[3] / "config"
ACCESS = {"recovery_principals": ["role/duty-manager"], "recovery_session_hours": 2}


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SimulatedCloud, Inventory]]:
    folder = tmp_path_factory.mktemp("config")
    with SimulatedCloud(1, settings_dir=folder) as cloud:
        yield cloud, build(cloud, folder, {"standby": ACCESS}, CONFIG / "examples" / "five-person-desk")


def document(found: Any) -> Any:
    return json.loads(unquote(found)) if isinstance(found, str) else found


def test_the_inventory_names_the_role_that_aws_has(up: tuple[SimulatedCloud, Inventory]) -> None:
    cloud, inventory = up
    with cloud.network.building():
        role = cloud.door.client("iam", "us-east-1").get_role(RoleName="contact-centre-recovery")["Role"]
    assert inventory.standby.recovery_role_arn == role["Arn"]
    assert role["MaxSessionDuration"] == 7_200
    (trust,) = document(role["AssumeRolePolicyDocument"])["Statement"]
    assert trust["Principal"] == {"AWS": [f"arn:aws:iam::{cloud.account}:role/duty-manager"]}


def test_it_may_touch_the_very_resources_of_both_sides(up: tuple[SimulatedCloud, Inventory]) -> None:
    cloud, inventory = up
    with cloud.network.building():
        iam = cloud.door.client("iam", "us-east-1")
        found = iam.get_role_policy(RoleName="contact-centre-recovery", PolicyName="recovery")["PolicyDocument"]
    statements = {each["Sid"]: each for each in document(found)["Statement"]}
    assert "${" not in json.dumps(statements)
    assert statements["SnsTopic"]["Resource"] == [
        inventory.primary.topics["incident"],
        inventory.standby.topics["incident"],
    ]
    connect = inventory.standby.connect
    assert statements["ConnectTrafficGroup"]["Resource"] == [
        connect.default_traffic_group_arn,
        connect.traffic_group_arn,
    ]
    assert statements["ConnectInstance"]["Resource"] == [
        inventory.primary.connect.instance_arn,
        inventory.standby.connect.instance_arn,
    ]


def test_without_principals_no_role_is_declared_for_people(previews: Any) -> None:
    for role, of_services in (("global", "replicates-recordings"), ("primary", "flags"), ("standby", "flags")):
        assert set(previews.of_type(role, "Role")) == {of_services}


def test_whoever_is_not_of_this_account_stops_the_up(previews: Any) -> None:
    with pytest.raises(Unprovisionable, match="none of role/… and user/… of this account"):
        previews("standby", recovery_principals=["*"])
