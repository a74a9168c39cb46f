"""A snapshot is the whole state, whatever the service; and nobody changes it, nor through it another cloud."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.kms.models import kms_backends

from drills.simulator.aws.connect.backend import backends
from drills.simulator.cloud import ACCOUNT, SimulatedCloud
from drills.simulator.snapshot import NotKept, take, untouched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from drills.simulator.snapshot import Snapshot

EAST, WEST = "us-east-1", "us-west-2"
INSTANCE = {"IdentityManagementType": "SAML", "InboundCallsEnabled": True, "OutboundCallsEnabled": True}


@contextmanager
def opened(folder: Path, snapshot: Snapshot | None = None) -> Iterator[SimulatedCloud]:
    """A cloud, empty or as a snapshot has it, in which calls take no time."""
    folder.mkdir(exist_ok=True)
    with SimulatedCloud(7, settings_dir=folder) as cloud, cloud.building():
        if snapshot is not None:
            snapshot.restore(cloud, folder)
        yield cloud


def furnish(cloud: SimulatedCloud) -> None:
    """Something of everything that is hard to copy: what two Regions share, bodies, keys, locks, methods as values."""
    dynamodb, s3 = cloud.door.client("dynamodb", WEST), cloud.door.client("s3", WEST)
    dynamodb.create_table(
        TableName="runs", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    dynamodb.update_table(TableName="runs", ReplicaUpdates=[{"Create": {"RegionName": EAST}}])
    s3.create_bucket(Bucket="evidence", CreateBucketConfiguration={"LocationConstraint": WEST})
    s3.put_object(Bucket="evidence", Key="report", Body=b"all is well")
    cloud.door.client("kms", WEST).create_key(Description="of the evidence")
    cloud.door.client("sqs", WEST).create_queue(QueueName="letters")
    cloud.door.client("connect", EAST).create_instance(InstanceAlias="centre", **INSTANCE)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """Of a furnished cloud, 90 seconds after its start, with a file that it has written."""
    with opened(tmp_path / "first") as cloud:
        furnish(cloud)
        cloud.clock.advance(90.0)
        (tmp_path / "first" / "prepared.json").write_text("{}")
        return take(cloud, tmp_path / "first", {"taken": "here"})


def aliases(cloud: SimulatedCloud) -> list[str]:
    found = cloud.door.client("connect", EAST).list_instances()["InstanceSummaryList"]
    return [each["InstanceAlias"] for each in found]


def test_everything_is_back_with_the_time_the_files_and_the_value(snapshot: Snapshot, tmp_path: Path) -> None:
    with opened(tmp_path / "second") as cloud:
        assert snapshot.restore(cloud, tmp_path / "second") == {"taken": "here"}
        client = cloud.door.client
        assert client("s3", WEST).get_object(Bucket="evidence", Key="report")["Body"].read() == b"all is well"
        assert [each["Description"] for each in described_keys(cloud)] == ["of the evidence"]
        assert client("sqs", WEST).list_queues()["QueueUrls"]
        assert aliases(cloud) == ["centre"]
        assert (cloud.clock.now() - cloud.clock.start).total_seconds() == 90
    assert (tmp_path / "second" / "prepared.json").read_text() == "{}"


def described_keys(cloud: SimulatedCloud) -> list[Any]:
    kms = cloud.door.client("kms", WEST)
    return [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in kms.list_keys()["Keys"]]


def test_what_two_regions_share_is_shared_again(snapshot: Snapshot, tmp_path: Path) -> None:
    with opened(tmp_path / "second", snapshot) as cloud:
        cloud.door.client("dynamodb", WEST).put_item(TableName="runs", Item={"id": {"S": "one"}})
        east = cloud.door.client("dynamodb", EAST)
        assert "Item" in east.get_item(TableName="runs", Key={"id": {"S": "one"}})


def test_a_method_kept_as_a_value_belongs_to_the_restored_backend(snapshot: Snapshot, tmp_path: Path) -> None:
    with opened(tmp_path / "second", snapshot):
        (east,) = (each for each in backends(ACCOUNT) if each.region_name == EAST)
        (site,) = east.sites.values()
        assert vars(site)["_number_with"].__self__ is east


def test_no_cloud_changes_the_snapshot_nor_another_cloud(tmp_path: Path) -> None:
    with opened(tmp_path / "first") as cloud:
        furnish(cloud)
        snapshot = take(cloud, tmp_path / "first", None)
        change(cloud, "after it was taken")
    for place in ("second", "third"):
        with opened(tmp_path / place, snapshot) as cloud:
            items = cloud.door.client("dynamodb", EAST).scan(TableName="runs")["Items"]
            assert (items, aliases(cloud)) == ([], ["centre"])
            change(cloud, place)


def change(cloud: SimulatedCloud, what: str) -> None:
    cloud.door.client("dynamodb", WEST).put_item(TableName="runs", Item={"id": {"S": what}})
    cloud.door.client("connect", EAST).create_instance(InstanceAlias=what, **INSTANCE)


def test_tables_of_weak_references_refer_to_the_restored_objects(tmp_path: Path) -> None:
    with opened(tmp_path / "first") as cloud:
        furnish(cloud)
        backend: Any = dynamodb_backends[ACCOUNT][WEST]
        backend.by_weak_reference = WeakValueDictionary({"runs": backend.tables["runs"]})
        snapshot = take(cloud, tmp_path / "first", None)
    with opened(tmp_path / "second", snapshot):
        restored: Any = dynamodb_backends[ACCOUNT][WEST]
        assert restored is not backend
        assert restored.by_weak_reference["runs"] is restored.tables["runs"]


def test_locks_are_new_and_keys_that_cannot_be_copied_are_the_same(tmp_path: Path) -> None:
    with opened(tmp_path / "first") as cloud:
        furnish(cloud)
        (key,) = kms_backends[ACCOUNT][WEST].keys.values()
        key.lock = Lock()
        public, snapshot = key.private_key.public_key(), take(cloud, tmp_path / "first", None)
        assert key.lock.acquire(blocking=False)
    with opened(tmp_path / "second", snapshot):
        (restored,) = kms_backends[ACCOUNT][WEST].keys.values()
        assert restored is not key
        assert restored.private_key.public_key() == public
        assert restored.lock.acquire(blocking=False)


def closure(told: str) -> Callable[[], str]:
    return lambda: told


UNCOPYABLE: dict[str, Callable[[], object]] = {
    "a function with state of its own": lambda: closure("told"),
    "something half done": lambda: (each for each in "generated"),
    "all Regions of a service": lambda: dynamodb_backends[ACCOUNT],
}


@pytest.mark.parametrize("what", UNCOPYABLE)
def test_state_that_can_be_neither_copied_nor_shared_is_not_kept(tmp_path: Path, what: str) -> None:
    with opened(tmp_path / "first") as cloud:
        furnish(cloud)
        held: Any = dynamodb_backends[ACCOUNT][WEST]
        held.something = UNCOPYABLE[what]()
        with pytest.raises(NotKept):
            take(cloud, tmp_path / "first", None)


def test_a_cloud_is_untouched_until_something_is_made_or_lost_or_time_passes(tmp_path: Path) -> None:
    changes: list[Callable[[SimulatedCloud], object]] = [
        furnish, lambda cloud: cloud.clock.advance(1), lambda cloud: cloud.lose(EAST, cloud.clock.now()),
    ]  # fmt: skip
    for change_it in changes:
        with opened(tmp_path / "first") as cloud:
            assert untouched(cloud)
            change_it(cloud)
            assert not untouched(cloud)
