"""A cloud that is restored is the cloud that would be built, and is restored only where that holds."""

from __future__ import annotations

import random  # noqa: TID251 - the process's generator is what is looked at
import shutil
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import stacks
from drills import kept as keeping
from drills.build import build
from drills.kept import KEPT_MAX, Kept, key_of
from drills.run import run_drill
from drills.simulator.cloud import START, SimulatedCloud
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.model.inventory import Inventory

EAST, WEST = "us-east-1", "us-west-2"
ROOT = Path(keeping.__file__).parents[1]
DESK = ROOT / "config" / "examples" / "five-person-desk"


@dataclass
class Place:
    """A folder in which clouds are built: configuration, runbooks, a program of the stacks; each may be changed."""

    folder: Path
    kept: Kept = field(default_factory=Kept)
    clouds: int = 0

    def built(self, look: Callable[[SimulatedCloud, Inventory], Any], *, seed: int = 1, **options: Any) -> Any:
        """What `look` sees in a cloud, built or restored."""
        self.clouds += 1
        settings = self.folder / f"settings-{self.clouds}"
        start, before = options.pop("start", START), options.pop("before", nothing)
        with SimulatedCloud(seed, start, settings_dir=settings) as cloud:
            before(cloud)
            given = {"config": self.folder / "desk", "kept": self.kept, **options}
            return look(cloud, build(cloud, settings, **given))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place of one's own, and the working directory."""
    shutil.copytree(DESK, tmp_path / "desk", ignore=shutil.ignore_patterns("prepared.*"))
    shutil.copytree(ROOT / "runbooks", tmp_path / "runbooks")
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path)


def nothing(*_: object) -> None:
    """Looks at nothing."""


def everything(cloud: SimulatedCloud, inventory: Inventory) -> dict[str, Any]:
    """What both Regions say of all there is, with the time, the inventory and the settings."""
    instance = {"InstanceId": inventory.primary.connect.instance_id}
    group = inventory.primary.connect.traffic_group_arn
    searched = ("users", "queues", "routing_profiles", "security_profiles", "hours_of_operations")
    tables = (inventory.primary.flags_table, inventory.standby.flags_table)
    questions: list[tuple[str, str, dict[str, Any]]] = [
        *(("connect", f"search_{kind}", instance) for kind in searched),
        *(("connect", "describe_phone_number", {"PhoneNumberId": n.arn}) for n in inventory.primary.connect.numbers),
        ("connect", "describe_instance", instance),
        ("connect", "list_lambda_functions", instance),
        ("connect", "list_flow_associations", instance),
        ("connect", "list_traffic_distribution_groups", {}),
        ("connect", "list_traffic_distribution_group_users", {"TrafficDistributionGroupId": group}),
        ("connect", "get_traffic_distribution", {"Id": group}),
        ("route53", "list_resource_record_sets", {"HostedZoneId": inventory.global_.zone_id}),
        ("route53", "list_health_checks", {}),
        ("cloudwatch", "describe_alarms", {}),
        ("lambda", "list_functions", {}),
        ("sns", "list_topics", {}),
        ("iam", "list_roles", {}),
        *(("dynamodb", "scan", {"TableName": table}) for table in tables),
    ]
    told: dict[str, Any] = {"at": cloud.clock.elapsed_s, "inventory": inventory, "settings": settings_of(cloud)}
    with cloud.building():
        for region in (EAST, WEST):
            for service, method, asked in questions:
                told[f"{region} {service} {method} {asked}"] = answer(cloud, region, service, method, asked)
    return told


def answer(cloud: SimulatedCloud, region: str, service: str, method: str, asked: dict[str, Any]) -> Any:
    try:
        said = getattr(cloud.door.client(service, region), method)(**asked)
    except CloudError as why:
        return str(why)
    return {name: value for name, value in said.items() if name != "ResponseMetadata"}


def settings_of(cloud: SimulatedCloud) -> dict[str, bytes]:
    folder = cloud.door.settings_dir
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_restored_cloud_says_what_a_built_one_says_also_to_another_seed(place: Place) -> None:
    built = place.built(everything, kept=None)
    place.built(nothing, seed=2)
    assert place.kept.restored == 0
    restored = place.built(everything, seed=3)
    assert place.kept.restored == 1
    assert restored == built
    assert "prepared.standby.json" in built["settings"]
    users = [said["Users"] for asked, said in built.items() if "search_users" in asked]
    assert [len(each) for each in users] == [5, 5]


def test_a_changed_cloud_changes_neither_what_is_kept_nor_the_next(place: Place) -> None:
    before = place.built(everything)

    def change(cloud: SimulatedCloud, inventory: Inventory) -> None:
        group = inventory.primary.connect.traffic_group_arn
        shares = [{"Region": EAST, "Percentage": 0}, {"Region": WEST, "Percentage": 100}]
        west = cloud.door.client("connect", WEST)
        west.update_traffic_distribution(Id=group, TelephonyConfig={"Distributions": shares})
        for region in (EAST, WEST):
            cloud.door.client("sns", region).create_topic(Name="not-of-the-stacks")
        inventory.primary.connect.queues.clear()
        (cloud.door.settings_dir / "prepared.standby.json").write_text("{}")

    place.built(change)
    assert place.built(everything) == before
    assert place.kept.restored == 2


def test_a_build_leaves_no_call_and_draws_nothing_of_the_seeds(place: Place) -> None:
    def left(cloud: SimulatedCloud, _: Inventory) -> Any:
        rest = [cloud.network.log.copy(), cloud.door.made.copy(), cloud.network.unlisted.copy()]
        cloud.door.client("sns", EAST).create_topic(Name="topic")
        (call,) = cloud.network.log
        drawn = random.getrandbits(32), uuid.uuid4()  # noqa: TID251 - as libraries draw
        return rest, cloud.door.made[0].request_id, call.at, *drawn

    built, restored, other = (place.built(left, seed=seed) for seed in (5, 5, 6))
    assert built == restored
    assert built[0] == [[], [], set()]
    assert all(one != another for one, another in zip(built[1:], other[1:], strict=True))


def test_nothing_is_throttled_by_what_was_done_before(place: Place) -> None:
    def at_once(cloud: SimulatedCloud, inventory: Inventory) -> list[int]:
        instance = {"InstanceId": inventory.primary.connect.instance_id, "ResourceType": "VOICE_PHONE_NUMBER"}
        flows = [cloud.door.client("connect", region).list_flow_associations for region in (EAST, WEST)]
        return [len(each(**instance)["FlowAssociationSummaryList"]) for each in flows for _ in range(5)]

    assert place.built(at_once) == [1] * 10


def exported(place: Place, seed: int, kept: Kept | None) -> list[bytes]:
    """The journal of a short drill."""
    place.clouds += 1
    journal = SqliteJournal(place.folder / f"journal-{place.clouds}.db")
    try:
        outcome = run_drill(
            str(ROOT / "tests" / "scenarios" / "short-outage.yaml"), seed=seed, journal=journal,
            on_start=lambda _: lambda _: None, config=place.folder / "desk", kept=kept,
        )  # fmt: skip
        assert outcome.verdict == "passed", outcome.reasons
        return list(journal.lines(outcome.execution))
    finally:
        journal.close_connection()


def test_a_drill_in_a_restored_cloud_exports_the_same_bytes_and_seeds_still_differ(place: Place) -> None:
    exports = {seed: exported(place, seed, None) for seed in (3, 4)}
    for seed in (4, 3, 4):  # built, restored for another seed, restored
        assert exported(place, seed, place.kept) == exports[seed]
    assert place.kept.restored == 2
    assert exports[3] != exports[4]


CHANGES = {
    "configuration": ("settings/Pulumi.primary.yaml", "agents: 5", "agents: 4"),
    "a file beside it": ("settings/Pulumi.global.yaml", "config:", "# Else.\nconfig:"),
    "program": ("stacks/program.py", "import", "import  "),
    "a function's code": ("stacks/functions/flags.py", "import", "import  "),
    "a role's policy": ("policies/recovery.json", "{", "{ "),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_key_changes_with_every_file_that_is_built_from(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(DESK, tmp_path / "settings")
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    shutil.copytree(ROOT / "config" / "policies", tmp_path / "policies")
    monkeypatch.setattr(stacks, "__file__", str(tmp_path / "stacks" / "__init__.py"))
    monkeypatch.setattr(keeping, "POLICIES", tmp_path / "policies")
    cloud = SimulatedCloud(1, settings_dir=tmp_path / "settings")
    key = key_of(cloud, tmp_path / "settings", None, "runbook")
    (tmp_path / "stacks" / "program.pyc").write_bytes(b"compiled")
    assert key_of(cloud, tmp_path / "settings", {}, "runbook") == key
    change(tmp_path, *CHANGES[what])
    assert key_of(cloud, tmp_path / "settings", None, "runbook") != key


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def test_another_runbook_another_configuration_overrides_and_another_time_are_built(place: Place) -> None:
    few = {"primary": {"agent_groups": {"desk": {"agents": 2, "queues": ["everything"]}}}}

    def agents(_: SimulatedCloud, inventory: Inventory) -> int:
        return len(inventory.primary.connect.agent_groups["desk"].user_ids)

    assert [place.built(agents), place.built(agents, overrides=few), place.built(agents)] == [5, 2, 5]
    assert place.kept.restored == 1
    place.built(nothing, start=START + timedelta(hours=1))
    change(place.folder, "runbooks/prepare-standby.yaml", "title: Agents belong", "title: All belong")
    assert place.built(agents) == 5
    change(place.folder, "desk/Pulumi.primary.yaml", "agents: 5", "agents: 3")
    assert place.built(agents) == 3
    assert place.kept.restored == 1


def test_a_cloud_in_which_something_happened_already_is_built_and_not_kept(place: Place) -> None:
    place.built(nothing)
    place.built(nothing, before=lambda cloud: cloud.lose("eu-west-2", START))
    assert (place.kept.restored, len(place.kept)) == (0, 1)


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., int]:
    """Keeps a cloud with one topic by a key; how many topics there are."""
    kept = Kept()

    def one(key: str, *, odd: bool = False) -> tuple[int, int, int]:
        with SimulatedCloud(1, settings_dir=tmp_path) as cloud:
            sns = cloud.door.client("sns", EAST)

            def build_it() -> Any:
                with cloud.building():
                    sns.create_topic(Name=key)
                if odd:
                    cloud.network.unlisted.add(("sns", "CreateTopic"))

            kept.one(key, cloud, tmp_path, build_it)
            return len(sns.list_topics()["Topics"]), len(kept), kept.restored

    return one


def test_the_one_made_first_gives_way(small: Callable[..., Any]) -> None:
    for number in range(KEPT_MAX):
        assert small(f"topic-{number}") == (1, number + 1, 0)
    assert small("topic-0") == (1, KEPT_MAX, 1)
    assert small("one-more") == (1, KEPT_MAX, 1)
    assert small("topic-0") == (1, KEPT_MAX, 1)


def test_what_called_something_without_rules_is_built_again_and_heard_of_again(small: Callable[..., Any]) -> None:
    assert small("odd", odd=True) == (1, 0, 0)
    assert small("odd", odd=True) == (1, 0, 0)
