"""The platform around the contact centre, as `pulumi preview` would see it: key, buckets, topics, watch, schedule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.provision import preview
from drills.simulator.provisioners import hosting
from drills.simulator.provisioners.request import Unprovisionable
from stacks.control import STARTS, drill_settings
from stacks.evidence import evidence_settings
from stacks.notify import Subscription, notify_settings
from stacks.settings import SettingsRefused

if TYPE_CHECKING:
    from drills.simulator.provisioners.request import Declared

CONFIG = Path(__file__).parents[3] / "config"
PROJECT = "arn:aws:codebuild:us-west-2:123456789012:project/drills"


class Keys(dict[str, Any]):
    def get_object(self, key: str) -> Any:
        return self.get(key)


def region_of(declared: Declared) -> str:
    return declared.provider.rpartition("::aws-")[2].partition("::")[0]


def faults(read: Any, **keys: Any) -> tuple[str, ...]:
    with pytest.raises(SettingsRefused) as refused:
        read(Keys(standby_region="us-west-2", **keys))
    return refused.value.faults


def test_one_key_is_at_home_in_the_standby_region_with_a_replica_in_the_primary(previews: Any) -> None:
    (key,) = previews.of_type("global", "Key").values()
    (replica,) = previews.of_type("global", "ReplicaKey").values()
    assert (region_of(key), region_of(replica)) == ("us-west-2", "us-east-1")
    assert (key.inputs["multiRegion"], key.inputs["enableKeyRotation"]) == (True, True)
    assert key.protect
    assert replica.protect
    assert key.urn in replica.dependencies
    aliases = previews.of_type("global", "Alias").values()
    assert {region_of(each): each.inputs["name"] for each in aliases} == {
        "us-east-1": "alias/contact-centre",
        "us-west-2": "alias/contact-centre",
    }


def test_alarms_may_use_the_key_and_nobody_of_another_account(previews: Any) -> None:
    (key,) = previews.of_type("global", "Key").values()
    (replica,) = previews.of_type("global", "ReplicaKey").values()
    assert key.inputs["policy"] == replica.inputs["policy"]
    said = {each["Sid"]: each for each in json.loads(key.inputs["policy"])["Statement"]}
    assert "cloudwatch.amazonaws.com" in said["AlarmsAndRulesPublish"]["Principal"]["Service"]
    anybody = [each for each in said.values() if each["Principal"] == {"AWS": "*"}]
    assert [each["Condition"]["StringEquals"]["kms:CallerAccount"] for each in anybody] == ["123456789012"]
    assert set(anybody[0]["Condition"]["StringEquals"]["kms:ViaService"]) == {
        f"{service}.{region}.amazonaws.com" for service in ("sns", "dynamodb") for region in ("us-east-1", "us-west-2")
    }


def test_the_run_table_is_encrypted_in_each_region_by_that_regions_key(previews: Any) -> None:
    (table,) = previews.of_type("global", "Table").values()
    assert table.inputs["serverSideEncryption"]["kmsKeyArn"]
    (replica,) = table.inputs["replicas"]
    assert replica["kmsKeyArn"]
    needed = {urn.rpartition("::")[0].rpartition("$")[2] for urn in table.dependencies}
    assert needed == {"aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"}


def test_evidence_is_locked_in_the_standby_region_as_configured(previews: Any) -> None:
    asked = {"evidence_mode": "COMPLIANCE", "evidence_days": 30}
    bucket = previews.of_type("global", "Bucket", **asked)["evidence"]
    (lock,) = previews.of_type("global", "BucketObjectLockConfiguration", **asked).values()
    assert (region_of(bucket), bucket.protect, bucket.inputs["objectLockEnabled"]) == ("us-west-2", True, True)
    assert bucket.inputs["bucket"] == "contact-centre-evidence-123456789012-us-west-2"
    assert lock.inputs["rule"] == {"defaultRetention": {"days": 30, "mode": "COMPLIANCE"}}
    assert bucket.urn in lock.dependencies


def test_what_evidence_cannot_be_is_told_at_once() -> None:
    assert len(faults(evidence_settings, evidence_mode="FOREVER", evidence_days=0)) == 2
    assert len(faults(evidence_settings, evidence_days=True)) == 1
    assert evidence_settings(Keys()).mode == "GOVERNANCE"


def test_recordings_go_from_the_primary_to_the_standby_by_a_role_that_can_do_nothing_else(previews: Any) -> None:
    (replication,) = previews.of_type("global", "BucketReplicationConfig").values()
    assert region_of(replication) == "us-east-1"
    versioned = {urn.rpartition("::")[2] for urn in replication.dependencies if "bucketVersioning" in urn}
    assert versioned == {"recordings-primary", "recordings-standby"}
    (rule,) = replication.inputs["rules"]
    assert rule["deleteMarkerReplication"] == {"status": "Disabled"}
    assert rule["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}
    role = previews.of_type("global", "Role")["replicates-recordings"]
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "s3.amazonaws.com"}


@pytest.mark.parametrize("role", ["primary", "standby"])
def test_the_topic_of_each_side_is_encrypted_by_that_sides_key(previews: Any, role: str) -> None:
    (topic,) = previews.of_type(role, "Topic").values()
    region = {"primary": "us-east-1", "standby": "us-west-2"}[role]
    assert topic.inputs["kmsMasterKeyId"] == f"arn:aws:kms:{region}:123456789012:key/mrk-1"


def test_nobody_is_told_unless_the_configuration_names_them(previews: Any) -> None:
    assert previews.of_type("standby", "TopicSubscription") == {}
    told = previews.of_type(
        "standby", "TopicSubscription", notify_emails=["duty@contact.example"], notify_https=["https://a.example/h"]
    )
    assert {name: (each.inputs["protocol"], each.inputs["endpoint"]) for name, each in told.items()} == {
        "email-1": ("email", "duty@contact.example"),
        "https-2": ("https", "https://a.example/h"),
    }


def test_addresses_are_secrets_of_the_state(previews: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, is_secret = [], hosting.rpc.is_rpc_secret

    def noted(value: Any) -> bool:
        if found := is_secret(value):
            secret.append(value["value"])
        return found

    monkeypatch.setattr(hosting.rpc, "is_rpc_secret", noted)
    previews("standby", notify_emails=["duty@contact.example"])
    assert set(secret) == {"duty@contact.example"}


def test_an_address_is_refused_by_its_number_and_never_repeated() -> None:
    told = faults(notify_settings, notify_emails=["duty@contact.example", "nobody"], notify_https=["http://a.example"])
    assert told == (
        "notify_emails: number 2 is not an e-mail address",
        "notify_https: number 1 is not an address that begins with https://",
    )
    assert faults(notify_settings, notify_emails="duty@contact.example") == ("notify_emails: not a list",)


def test_somebody_named_twice_is_told_once() -> None:
    found = notify_settings(Keys(notify_emails=["duty@contact.example", "duty@contact.example"]))
    assert found == (Subscription(protocol="email", endpoint="duty@contact.example"),)


@pytest.mark.parametrize(("role", "other"), [("primary", "us-west-2"), ("standby", "us-east-1")])
def test_each_side_watches_its_own_lever_and_its_own_lag(previews: Any, role: str, other: str) -> None:
    alarms = previews.of_type(role, "MetricAlarm")
    assert set(alarms) == {"lever-raised", "run-table-lags"}
    lever, lag = alarms["lever-raised"].inputs, alarms["run-table-lags"].inputs
    declared = previews.of_type("global", "MetricAlarm")["evacuate-primary"].inputs
    assert (lever["namespace"], lever["metricName"]) == (declared["namespace"], declared["metricName"])
    (table,) = previews.of_type("global", "Table").values()
    assert lag["dimensions"] == {"ReceivingRegion": other, "TableName": table.inputs["name"]}
    for alarm in alarms.values():
        assert len(alarm.inputs["alarmActions"]) == 1
        assert alarm.inputs["treatMissingData"] in {"ignore", "notBreaching"}


def test_whoever_breaks_the_glass_is_told_of_on_both_sides(previews: Any) -> None:
    for role in ("primary", "standby"):
        (rule,) = previews.of_type(role, "EventRule").values()
        call = json.loads(rule.inputs["eventPattern"])["detail"]
        assert call["eventName"] == ["AssumeRole"]
        assert call["requestParameters"] == {"roleArn": ["arn:aws:iam::123456789012:role/contact-centre-break-glass"]}
        # AssumeRole counts as a read, and those are left out otherwise.
        assert rule.inputs["state"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        (target,) = previews.of_type(role, "EventTarget").values()
        assert rule.urn in target.dependencies


def test_drills_are_scheduled_in_the_standby_region_once_they_have_a_target(previews: Any) -> None:
    assert previews.of_type("standby", "Schedule") == {}
    (schedule,) = previews.of_type("standby", "Schedule", drill_target=PROJECT).values()
    assert region_of(schedule) == "us-west-2"
    assert schedule.inputs["target"]["arn"] == PROJECT
    assert schedule.inputs["scheduleExpression"] == "cron(0 10 ? * TUE#1 *)"
    policy = previews.of_type("standby", "RolePolicy", drill_target=PROJECT)["starts-drills"].inputs["policy"]
    (statement,) = json.loads(policy)["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["codebuild:StartBuild"], [PROJECT])
    for role in ("global", "primary"):
        with pytest.raises(Unprovisionable, match="drill_target: nothing reads it in this role"):
            previews(role, drill_target=PROJECT)


@pytest.mark.parametrize("service", sorted(STARTS))
def test_each_kind_of_target_is_started_by_its_own_action(service: str) -> None:
    found = drill_settings(
        Keys(standby_region="us-west-2", drill_target=f"arn:aws:{service}:us-west-2:123456789012:a/b")
    )
    assert found is not None
    assert found.starts == STARTS[service]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"drill_target": "arn:aws:ecs:us-west-2:123456789012:cluster/a"}, "drill_target"),
        ({"drill_target": "the build"}, "drill_target"),
        ({"drill_target": PROJECT.replace("us-west-2", "us-east-1")}, "it is in us-east-1"),
        ({"drill_target": PROJECT, "drill_schedule": "every tuesday"}, "drill_schedule"),
    ],
)
def test_what_cannot_start_a_drill_is_refused(keys: dict[str, str], said: str) -> None:
    (fault,) = faults(drill_settings, **keys)
    assert said in fault


def test_a_global_stack_that_exports_no_key_is_named() -> None:
    older = {"regions": {"primary": "us-east-1", "standby": "us-west-2"}, "zone_name": "contact.example"}
    with pytest.raises(Unprovisionable, match="up global first"):
        preview("primary", config_dir=CONFIG, account="123456789012", outputs={"global": older})
