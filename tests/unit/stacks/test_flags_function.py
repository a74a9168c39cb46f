"""The Lambda handler, as a file: Lambda imports it by its own name."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

HANDLER = runpy.run_path(str(Path(__file__).parents[3] / "stacks" / "functions" / "flags.py"))["handler"]
TABLE = "flags"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setenv("FLAGS_TABLE", TABLE)
    with mock_aws():
        dynamodb = boto3.Session().client("dynamodb")
        dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "flag", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "flag", "AttributeType": "S"}],
        )
        yield dynamodb


def put(dynamodb: Any, **attributes: Any) -> None:
    dynamodb.put_item(TableName=TABLE, Item={"flag": {"S": "emergency-greeting"}, **attributes})


def test_a_flag_that_is_on_is_answered_on(table: Any) -> None:
    put(table, value={"S": "on"}, epoch={"N": "3"})
    assert HANDLER({}, None) == {"emergency-greeting": "on"}


def test_a_missing_item_means_off(table: Any) -> None:
    assert table.scan(TableName=TABLE)["Count"] == 0
    assert HANDLER({}, None) == {"emergency-greeting": "off"}


@pytest.mark.parametrize("attributes", [{"value": {"S": "off"}}, {"value": {"S": "ON"}}, {"value": {"BOOL": True}}, {}])
def test_anything_but_on_means_off(table: Any, attributes: dict[str, Any]) -> None:
    put(table, **attributes)
    assert HANDLER({}, None) == {"emergency-greeting": "off"}


def test_a_table_that_cannot_be_read_is_an_error_for_the_flow_to_branch_on(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLAGS_TABLE", "another")
    with pytest.raises(ClientError):
        HANDLER({}, None)
    assert table.list_tables()["TableNames"] == [TABLE]
