"""Each size that ships: whole, typed, one contact centre, and within what AWS gives an instance at first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from drills.build import config_dir
from orchestrator.model.errors import InvalidInput
from stacks.reading import read
from stacks.settings import CentreSettings, GlobalSettings, ReplicaSettings

if TYPE_CHECKING:
    from stacks.settings import Settings

CONFIG = Path(__file__).parents[3] / "config"
SIZES = (CONFIG, *sorted((CONFIG / "examples").iterdir()))
GROUP = "arn:aws:connect:us-east-1:123456789012:traffic-distribution-group/"
PREPARED = {"instance_id": "i", "traffic_group_arn": f"{GROUP}a", "default_traffic_group_arn": f"{GROUP}b"}
ROLES = ("global", "primary", "standby")
USERS_MOST, NUMBERS_MOST, QUEUES_MOST = 500, 5, 50
"""Of one instance, unless raised (Administrator Guide, "Amazon Connect service quotas")."""


class Keys(dict[str, Any]):
    def get_object(self, key: str) -> Any:
        return self.get(key)


def settings(folder: Path, role: str, nowhere: Path) -> Settings:
    written = yaml.safe_load((folder / f"Pulumi.{role}.yaml").read_text())["config"]
    ours = {key.partition(":")[2]: value for key, value in written.items() if key.startswith("contact-centre:")}
    is_replica = role == "standby" and not is_independent(folder)
    return read(Keys({**ours, **(PREPARED if is_replica else {})}), settings_dir=nowhere)


def is_independent(folder: Path) -> bool:
    return folder.name.endswith("-independent")


@pytest.fixture(params=SIZES, ids=lambda folder: folder.name)
def size(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def primary(size: Path, tmp_path: Path) -> CentreSettings:
    found = settings(size, "primary", tmp_path)
    assert isinstance(found, CentreSettings)
    return found


def test_the_sizes_are_those_that_their_names_promise(tmp_path: Path) -> None:
    seats = {}
    for folder in SIZES:
        found = settings(folder, "primary", tmp_path)
        assert isinstance(found, CentreSettings)
        seats[folder.name] = sum(group.agents for group in found.agent_groups)
    assert seats == {
        "config": 48,
        "five-person-desk": 5,
        "500-seats": 500,
        "five-person-desk-independent": 5,
        "500-seats-independent": 500,
    }


def test_all_roles_are_configured_and_agree_on_regions_and_model(size: Path, tmp_path: Path) -> None:
    found = [settings(size, role, tmp_path) for role in ROLES]
    standby = CentreSettings if is_independent(size) else ReplicaSettings
    assert [type(each) for each in found] == [GlobalSettings, CentreSettings, standby]
    assert len({(each.regions, each.continuity) for each in found}) == 1


@pytest.mark.parametrize("folder", [each for each in SIZES if is_independent(each)], ids=lambda folder: folder.name)
def test_two_instances_differ_in_nothing_but_what_is_each_sides_own(folder: Path, tmp_path: Path) -> None:
    primary, standby = (settings(folder, role, tmp_path) for role in ("primary", "standby"))
    assert isinstance(primary, CentreSettings)
    assert isinstance(standby, CentreSettings)
    assert standby.instance_alias != primary.instance_alias
    same = replace(standby, role="primary", instance_alias=primary.instance_alias, remote=primary.remote)
    assert same == primary


def test_every_line_has_its_queue_and_every_queue_somebody_who_serves_it(primary: CentreSettings) -> None:
    queues = {queue.name for queue in primary.queues}
    assert {line.queue for line in primary.lines} <= queues
    assert {name for group in primary.agent_groups for name in group.queues} == queues


def test_desktops_are_for_agents_that_there_are_and_as_many_on_both_sides(
    size: Path, primary: CentreSettings, tmp_path: Path
) -> None:
    standby = settings(size, "standby", tmp_path)
    assert isinstance(standby, CentreSettings | ReplicaSettings)
    ours, theirs = (
        {group.name: group.count for group in side.remote.groups} if side.remote else {} for side in (primary, standby)
    )
    assert ours == theirs
    agents = {group.name: group.agents for group in primary.agent_groups}
    assert all(count <= agents[name] for name, count in ours.items())


def test_an_instance_takes_it_before_any_quota_is_raised(primary: CentreSettings) -> None:
    assert sum(group.agents for group in primary.agent_groups) <= USERS_MOST
    assert sum(line.numbers for line in primary.lines) <= NUMBERS_MOST
    assert len(primary.queues) <= QUEUES_MOST


def test_a_folder_that_does_not_configure_every_role_is_refused_by_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.primary.yaml").write_text("config: {}")
    with pytest.raises(InvalidInput, match=r"has no Pulumi\.global\.yaml, Pulumi\.standby\.yaml"):
        config_dir(tmp_path)
    assert config_dir(CONFIG) == CONFIG
