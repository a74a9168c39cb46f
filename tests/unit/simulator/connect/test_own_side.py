"""What each Region's side of an instance has of its own: storage and bots are not mirrored."""

from __future__ import annotations

from typing import Any

import pytest

KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"
ALIAS = "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID"


def s3(bucket: str = "recordings") -> dict[str, Any]:
    place = {"BucketName": bucket, "BucketPrefix": "calls", "EncryptionConfig": {"EncryptionType": "KMS", "KeyId": KEY}}
    return {"StorageType": "S3", "S3Config": place}


def associate(client: Any, centre: Any, config: Any, kind: str = "CALL_RECORDINGS", **more: Any) -> str:
    made = client.associate_instance_storage_config(
        InstanceId=centre.id, ResourceType=kind, StorageConfig=config, **more
    )
    return str(made["AssociationId"])


def stored(client: Any, centre: Any, kind: str = "CALL_RECORDINGS") -> list[dict[str, Any]]:
    found = client.list_instance_storage_configs(InstanceId=centre.id, ResourceType=kind)
    configs: list[dict[str, Any]] = found["StorageConfigs"]
    return configs


def test_each_region_stores_in_a_place_of_its_own(cloud: Any, pair: Any) -> None:
    # Administrator Guide, "Set up Amazon Connect Global Resiliency"; by botocore's model: InstanceStorageConfig
    association = associate(pair.connect, pair, s3())
    cloud.wait(3600)
    west = cloud.client("us-west-2")
    assert stored(west, pair) == []
    associate(west, pair, s3("recordings-west"))
    assert stored(pair.connect, pair) == [{**s3(), "AssociationId": association}]
    assert stored(west, pair)[0]["S3Config"]["BucketName"] == "recordings-west"
    assert stored(west, pair, "CHAT_TRANSCRIPTS") == []


def test_a_kind_is_associated_once_and_a_repeated_token_is_the_same_request(cloud: Any, centre: Any) -> None:
    # By botocore's model: "for the first time", ResourceConflictException, ClientToken
    first = associate(centre.connect, centre, s3(), ClientToken="t")
    assert associate(centre.connect, centre, s3(), ClientToken="t") == first
    cloud.refused("ResourceConflictException", associate, client=centre.connect, centre=centre, config=s3("another"))


def test_storage_that_does_not_fit_is_refused(cloud: Any, centre: Any) -> None:
    stream = {"StorageType": "KINESIS_STREAM", "KinesisStreamConfig": {"StreamArn": "arn:aws:kinesis:us-east-1:1:s"}}
    asked = {"client": centre.connect, "centre": centre}
    cloud.refused("InvalidParameterException", associate, **asked, config=stream)
    cloud.refused("InvalidParameterException", associate, **asked, config={"StorageType": "S3"})
    cloud.refused("InvalidParameterException", associate, **asked, config={**s3(), **stream, "StorageType": "S3"})
    assert associate(**asked, config=stream, kind="CONTACT_TRACE_RECORDS")
    with pytest.raises(NotImplementedError, match="SCREEN_RECORDINGS"):
        associate(**asked, config=s3(), kind="SCREEN_RECORDINGS")


def test_a_bot_is_associated_in_one_region_and_listed_there(cloud: Any, pair: Any) -> None:
    # By botocore's model: AssociateBot (LexV2Bot.AliasArn), ListBots
    bot = {"InstanceId": pair.id, "LexV2Bot": {"AliasArn": ALIAS}}
    pair.connect.associate_bot(**bot)
    cloud.refused("ResourceConflictException", pair.connect.associate_bot, **bot)
    nothing = {**bot, "LexV2Bot": {"AliasArn": "arn:aws:lex:us-east-1:1:bot/X"}}
    cloud.refused("InvalidRequestException", pair.connect.associate_bot, **nothing)
    cloud.wait(3600)
    listed = [cloud.client(region).list_bots(InstanceId=pair.id, LexVersion="V2")["LexBots"] for region in
              ("us-east-1", "us-west-2")]  # fmt: skip
    assert listed == [[{"LexV2Bot": {"AliasArn": ALIAS}}], []]
    assert pair.connect.list_bots(InstanceId=pair.id, LexVersion="V1")["LexBots"] == []
