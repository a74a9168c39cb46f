"""A snapshot is kept whole, dated and hashed, the ones before it too, and never in the primary Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wiring_world import inventory_of

from drills.simulator.cloud import SimulatedCloud
from drills.world import Simulated
from orchestrator.model.errors import CloudError, InvalidInput
from orchestrator.model.inventory import Inventory
from orchestrator.wiring.clouds import read_inventory
from orchestrator.wiring.home import Home
from orchestrator.wiring.pulling import bucket_of, copy_to, keep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INVENTORY = inventory_of()
HERE, THERE = INVENTORY.primary.region, INVENTORY.standby.region
LATER = INVENTORY.model_copy(update={"taken_at": "2026-11-23T03:00:00.000Z", "continuity": "independent-instances"})

UNBORN = INVENTORY.standby.model_copy(update={"flags_table": "", "front_door_target": ""})
PROVISIONAL = INVENTORY.model_copy(update={"standby": UNBORN}).sealed()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.of(str(tmp_path / "state"), None)


def test_what_is_kept_is_what_executions_read(home: Home) -> None:
    kept = keep(INVENTORY, home)
    assert read_inventory(home) == INVENTORY
    assert kept.changed
    assert kept.places[0] == str(home.inventory)


def test_each_snapshot_stays_under_its_date_and_digest(home: Home) -> None:
    keep(INVENTORY, home)
    kept = keep(LATER.sealed(), home)
    names = sorted(path.name for path in (home.folder / "inventories").iterdir())
    assert names == [
        f"20261122T030000Z-{INVENTORY.digest[:12]}.json", f"20261123T030000Z-{LATER.sealed().digest[:12]}.json",
    ]  # fmt: skip
    assert kept.changed
    assert read_inventory(home).continuity == "independent-instances"


def test_the_same_at_another_time_is_told_to_be_the_same(home: Home) -> None:
    keep(INVENTORY, home)
    assert not keep(INVENTORY.model_copy(update={"taken_at": LATER.taken_at}), home).changed


def test_a_provisional_snapshot_gives_way_to_a_whole_one_and_never_takes_its_place(home: Home) -> None:
    keep(PROVISIONAL, home)
    assert read_inventory(home).provisional
    keep(INVENTORY, home)
    with pytest.raises(InvalidInput, match="knows the standby"):
        keep(PROVISIONAL, home)
    assert read_inventory(home) == INVENTORY


def test_a_broken_snapshot_is_replaced(home: Home) -> None:
    home.inventory.parent.mkdir(parents=True)
    home.inventory.write_text("{")
    assert keep(INVENTORY, home).changed
    assert read_inventory(home) == INVENTORY


def test_a_folder_that_cannot_be_written_to_is_told_and_nothing_half_written_stays(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(InvalidInput, match="cannot be written"):
        keep(INVENTORY, Home.of(str(tmp_path / "state"), None))
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"s3://snapshots/inventory.json?region={HERE}", "primary Region"),
        ("s3://snapshots/inventory.json", "no place"),
        ("s3://snapshots?region=us-west-2", "no place"),
        ("s3://snapshots/inventory.json?region=US-WEST-2", "must be a Region"),
        ("https://example.com/inventory.json?region=us-west-2", "no place"),
        ("/tmp/inventory.json", "no place"),  # noqa: S108 - a text that is refused
    ],
)
def test_a_place_that_is_none_or_in_the_primary_region_is_refused(url: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        bucket_of(url, INVENTORY)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Simulated]:
    with SimulatedCloud(7, settings_dir=tmp_path) as cloud:
        yield Simulated(cloud, INVENTORY)


def made(world: Simulated, region: str) -> str:
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    world.cloud.door.client("s3", region).create_bucket(Bucket="snapshots", **where)
    return f"s3://snapshots/inventory.json?region={THERE}"


def test_a_copy_in_the_standby_region_can_be_read_back_whole(world: Simulated) -> None:
    url = made(world, THERE)
    assert copy_to(bucket_of(url, INVENTORY), INVENTORY, world) == "s3://snapshots/inventory.json"
    found = world.cloud.door.client("s3", THERE).get_object(Bucket="snapshots", Key="inventory.json")
    assert Inventory.model_validate_json(found["Body"].read()) == INVENTORY
    assert found["ServerSideEncryption"] == "aws:kms"


def test_a_bucket_that_really_lies_in_the_primary_region_is_refused_whatever_its_url_says(world: Simulated) -> None:
    url = made(world, HERE)
    with pytest.raises((InvalidInput, CloudError)):
        copy_to(bucket_of(url, INVENTORY), INVENTORY, world)
    assert "Contents" not in world.cloud.door.client("s3", HERE).list_objects_v2(Bucket="snapshots")


def test_a_bucket_that_is_not_there_is_told(world: Simulated) -> None:
    with pytest.raises(CloudError):
        copy_to(bucket_of(f"s3://nobodys/inventory.json?region={THERE}", INVENTORY), INVENTORY, world)
