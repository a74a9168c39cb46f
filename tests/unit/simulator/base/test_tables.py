"""DynamoDB's replicas: made by UpdateTable, told by DescribeTable, one set of items in all Regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.cloud import SimulatedCloud
from orchestrator.model.errors import CloudError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EAST, WEST = "us-east-1", "us-west-2"


@pytest.fixture
def dynamodb(tmp_path: Path) -> Iterator[Any]:
    with SimulatedCloud(1, settings_dir=tmp_path) as cloud:
        west = cloud.door.client("dynamodb", WEST)
        west.create_table(
            TableName="runs", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )  # fmt: skip
        yield lambda region: cloud.door.client("dynamodb", region)


def update(dynamodb: Any, what: str, region: str = EAST) -> None:
    dynamodb(WEST).update_table(TableName="runs", ReplicaUpdates=[{what: {"RegionName": region}}])


def replicas(dynamodb: Any, region: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = dynamodb(region).describe_table(TableName="runs")["Table"].get("Replicas", [])
    return found


def test_a_table_without_replicas_names_none(dynamodb: Any) -> None:
    assert replicas(dynamodb, WEST) == []
    with pytest.raises(NotFound):
        replicas(dynamodb, EAST)


def test_each_region_names_the_others(dynamodb: Any) -> None:
    update(dynamodb, "Create")
    assert replicas(dynamodb, WEST) == [{"RegionName": EAST, "ReplicaStatus": "ACTIVE"}]
    assert replicas(dynamodb, EAST) == [{"RegionName": WEST, "ReplicaStatus": "ACTIVE"}]
    assert f":{EAST}:" in dynamodb(EAST).describe_table(TableName="runs")["Table"]["TableArn"]


def test_what_is_written_in_one_region_is_read_in_the_other(dynamodb: Any) -> None:
    update(dynamodb, "Create")
    for region, other in ((EAST, WEST), (WEST, EAST)):
        dynamodb(region).put_item(TableName="runs", Item={"id": {"S": region}})
        assert "Item" in dynamodb(other).get_item(TableName="runs", Key={"id": {"S": region}})


def test_deletion_protection_stays_where_it_was_enabled(dynamodb: Any) -> None:
    dynamodb(WEST).update_table(TableName="runs", DeletionProtectionEnabled=True)
    update(dynamodb, "Create")
    protected = {
        region: dynamodb(region).describe_table(TableName="runs")["Table"]["DeletionProtectionEnabled"]
        for region in (EAST, WEST)
    }
    assert protected == {EAST: False, WEST: True}


def test_a_replica_that_is_there_already_is_refused(dynamodb: Any) -> None:
    update(dynamodb, "Create")
    with pytest.raises(CloudError, match="exists"):
        update(dynamodb, "Create")


def test_a_replica_that_is_taken_away_is_gone_and_no_longer_named(dynamodb: Any) -> None:
    update(dynamodb, "Create")
    update(dynamodb, "Delete")
    assert replicas(dynamodb, WEST) == []
    with pytest.raises(NotFound):
        replicas(dynamodb, EAST)
