"""Key, buckets, topics, watch and schedule, built in the simulated cloud and read back there."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from drills.simulator.provisioners.request import Unprovisionable

EAST, WEST = "us-east-1", "us-west-2"
PROJECT = f"arn:aws:codebuild:{WEST}:123456789012:project/drills"


def shared(cloud: Any) -> Any:
    return cloud.provision("global").outputs


def test_the_key_and_its_replica_are_one_key_of_two_regions(cloud: Any) -> None:
    arns = shared(cloud)["key_arns"]
    assert arns["primary"] == arns["standby"].replace(WEST, EAST)
    for region, side in ((EAST, "primary"), (WEST, "standby")):
        key = cloud.client("kms", region).describe_key(KeyId="alias/contact-centre")["KeyMetadata"]
        assert (key["Arn"], key["KeyState"], key["MultiRegion"]) == (arns[side], "Enabled", True)
    kinds = {
        region: cloud.client("kms", region).describe_key(KeyId=arns[side])["KeyMetadata"]["MultiRegionConfiguration"]
        for region, side in ((EAST, "primary"), (WEST, "standby"))
    }
    assert {region: found["MultiRegionKeyType"] for region, found in kinds.items()} == {
        EAST: "REPLICA",
        WEST: "PRIMARY",
    }
    assert cloud.client("kms", WEST).get_key_rotation_status(KeyId=arns["standby"])["KeyRotationEnabled"]


def test_evidence_is_versioned_encrypted_closed_and_locked(cloud: Any) -> None:
    up = shared(cloud)
    s3, bucket = cloud.client("s3", WEST), up["evidence_bucket"]
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == WEST
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    assert (default["SSEAlgorithm"], default["KMSMasterKeyID"]) == ("aws:kms", up["key_arns"]["standby"])
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    lock = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    retention = lock["Rule"]["DefaultRetention"]
    assert (retention["Mode"], retention["Days"]) == ("GOVERNANCE", 400)


def test_evidence_once_written_cannot_be_deleted(cloud: Any) -> None:
    s3, bucket = cloud.client("s3", WEST), shared(cloud)["evidence_bucket"]
    kept = s3.put_object(Bucket=bucket, Key="a", Body=b"what was done")["VersionId"]
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="a", VersionId=kept)


def test_a_policy_of_a_bucket_is_put_but_for_what_concerns_nobody_here(cloud: Any) -> None:
    clear = {"Bool": {"aws:SecureTransport": "false"}}
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": clear}
    kept = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"}

    def program() -> None:
        at = pulumi.ResourceOptions(provider=aws.Provider("aws-us-east-1", region=EAST))
        for name, statements in (("open", [denied]), ("both", [denied, kept])):
            made = aws.s3.Bucket(name, bucket=name, opts=at)
            aws.s3.BucketPolicy(name, bucket=made.id, policy=json.dumps({"Statement": statements}), opts=at)

    cloud.provision("global", program=program)
    s3 = cloud.client("s3", EAST)
    assert json.loads(s3.get_bucket_policy(Bucket="both")["Policy"])["Statement"] == [kept]
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="open")


def test_recordings_are_replicated_to_the_standby_under_its_key(cloud: Any) -> None:
    up = shared(cloud)
    buckets = up["recordings_buckets"]
    found = cloud.client("s3", EAST).get_bucket_replication(Bucket=buckets["primary"])["ReplicationConfiguration"]
    (rule,) = found["Rules"]
    assert rule["Destination"]["Bucket"] == f"arn:aws:s3:::{buckets['standby']}"
    assert rule["Destination"]["EncryptionConfiguration"] == {"ReplicaKmsKeyID": up["key_arns"]["standby"]}
    role = cloud.client("iam", EAST).get_role(RoleName="contact-centre-recordings")["Role"]
    assert found["Role"] == role["Arn"]
    policy = cloud.client("iam", EAST).get_role_policy(RoleName="contact-centre-recordings", PolicyName="replicate")
    allowed = {action for each in policy["PolicyDocument"]["Statement"] for action in each["Action"]}
    assert not {action for action in allowed if "Delete" in action or "*" in action}


def test_the_copy_is_encrypted_with_a_data_key_of_its_own_key_and_the_original_is_only_read(cloud: Any) -> None:
    arns = shared(cloud)["key_arns"]
    policy = cloud.client("iam", EAST).get_role_policy(RoleName="contact-centre-recordings", PolicyName="replicate")
    by_key = {each["Resource"][0]: each["Action"] for each in policy["PolicyDocument"]["Statement"]}
    assert by_key[arns["primary"]] == ["kms:Decrypt"]
    assert by_key[arns["standby"]] == ["kms:Encrypt", "kms:GenerateDataKey"]


def test_the_run_table_refuses_to_be_deleted_in_either_region(cloud: Any) -> None:
    # DynamoDB Developer Guide, "Best practices for global tables": to be enabled on each replica
    shared(cloud)
    for region in (EAST, WEST):
        dynamodb = cloud.client("dynamodb", region)
        assert dynamodb.describe_table(TableName="contact-centre-runs")["Table"]["DeletionProtectionEnabled"]
        with pytest.raises(dynamodb.exceptions.ClientError, match="DeletionProtectionEnabled"):
            dynamodb.delete_table(TableName="contact-centre-runs")


def test_the_run_table_says_by_which_key_it_is_encrypted(cloud: Any) -> None:
    up = shared(cloud)
    table = cloud.client("dynamodb", WEST).describe_table(TableName="contact-centre-runs")["Table"]
    assert table["SSEDescription"]["KMSMasterKeyArn"] == up["key_arns"]["standby"]


def test_the_inventory_names_what_is_there(cloud: Any) -> None:
    up = cloud.all_up().up
    exported = {role: up[role].outputs["inventory"] for role in ("primary", "standby")}
    for side in exported:
        assert exported[side]["key_arn"] == up["global"].outputs["key_arns"][side]
    assert exported["standby"]["evidence_bucket"] == up["global"].outputs["evidence_bucket"]
    assert exported["primary"]["evidence_bucket"] == ""


def test_alarms_and_rules_of_a_side_publish_to_its_own_topic(cloud: Any) -> None:
    up = cloud.all_up().up
    for role, region in (("primary", EAST), ("standby", WEST)):
        topic = up[role].outputs["inventory"]["topics"]["incident"]
        alarms = cloud.client("cloudwatch", region).describe_alarms()["MetricAlarms"]
        ours = {each["AlarmName"]: each["AlarmActions"] for each in alarms if each["AlarmActions"]}
        assert ours == {"contact-centre-lever-raised": [topic], "contact-centre-run-table-lags": [topic]}
        (target,) = cloud.client("events", region).list_targets_by_rule(Rule="contact-centre-break-glass-taken")[
            "Targets"
        ]
        assert target["Arn"] == topic
        policy = json.loads(cloud.client("sns", region).get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
        allowed = {each["Principal"]["Service"] for each in policy["Statement"] if each["Effect"] == "Allow"}
        assert allowed == {"cloudwatch.amazonaws.com", "events.amazonaws.com"}


def test_a_raised_lever_turns_the_sides_own_alarm_until_it_is_lowered(cloud: Any) -> None:
    cloud.all_up()
    cloudwatch = cloud.client("cloudwatch", WEST)

    def state_after(value: int | None) -> str:
        if value is not None:
            metric = {"MetricName": "EvacuateOtherSide", "Value": value, "Timestamp": cloud.clock.now()}
            cloudwatch.put_metric_data(Namespace="ContactCentre/Failover", MetricData=[metric])
        cloud.clock.advance(600)
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=["contact-centre-lever-raised"])["MetricAlarms"]
        return str(alarm["StateValue"])

    assert state_after(None) == "INSUFFICIENT_DATA"
    assert state_after(1) == "ALARM"
    assert state_after(None) == "ALARM"
    assert state_after(0) == "OK"


def test_whoever_is_to_be_told_is_subscribed(cloud: Any) -> None:
    cloud.provision("global")
    topic = cloud.provision("primary", overrides={"notify_emails": ["duty@contact.example"]}).outputs["inventory"][
        "topics"
    ]["incident"]
    (found,) = cloud.client("sns", EAST).list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert (found["Protocol"], found["Endpoint"]) == ("email", "duty@contact.example")


def test_the_schedule_starts_its_target_by_its_role(cloud: Any) -> None:
    cloud.provision("global")
    cloud.provision("primary")
    cloud.provision("standby", overrides={**cloud.replicate(), "drill_target": PROJECT})
    schedule = cloud.client("scheduler", WEST).get_schedule(Name="contact-centre-drills")
    role = cloud.client("iam", EAST).get_role(RoleName="contact-centre-starts-drills")["Role"]
    assert (schedule["Target"]["Arn"], schedule["Target"]["RoleArn"]) == (PROJECT, role["Arn"])
    assert schedule["State"] == "ENABLED"


def test_a_second_alias_of_one_name_is_refused_in_its_region(cloud: Any) -> None:
    up = shared(cloud)
    kms = cloud.client("kms", EAST)
    with pytest.raises(kms.exceptions.AlreadyExistsException):
        kms.create_alias(AliasName="alias/contact-centre", TargetKeyId=up["key_arns"]["primary"])


def test_what_is_there_already_is_not_made_a_second_time(cloud: Any) -> None:
    shared(cloud)
    with pytest.raises(Unprovisionable, match="AWS refuses"):
        cloud.provision("global")
