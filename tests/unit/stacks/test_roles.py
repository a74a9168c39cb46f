"""What the three roles declare, as `pulumi preview` would see it."""

from __future__ import annotations

import hashlib
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from drills.simulator.provision import PROJECT, preview
from drills.simulator.provisioners.request import Unprovisionable

if TYPE_CHECKING:
    from drills.simulator.provisioners.request import Declared

ROOT = Path(__file__).parents[3]

# Order, and all that was declared, of one role; printed by another process.
DIGEST = """
import hashlib, pathlib
from drills.simulator.provision import preview
graph = preview("primary", config_dir=pathlib.Path("config"), account="123456789012", outputs={
    "global": {"regions": {"primary": "us-east-1", "standby": "us-west-2"}, "zone_name": "contact.example",
               "key_arns": {"primary": "arn", "standby": "arn"},
               "recordings_buckets": {"primary": "bucket", "standby": "bucket"}}})
print(hashlib.sha256(repr(graph).encode()).hexdigest())
"""


def region_of(declared: Declared) -> str:
    return declared.provider.rpartition("::aws-")[2].partition("::")[0]


def test_each_role_declares_something_and_names_a_provider_for_all_of_it(previews: Any) -> None:
    for role in ("global", "primary", "standby"):
        declared = [d for d in previews(role) if d.type.startswith("aws:")]
        assert declared
        assert [d.urn for d in declared if not d.provider] == []


@pytest.mark.parametrize(
    ("role", "key"),
    [
        ("primary", "overflow_quee"),
        ("standby", "break_glass_principls"),
        ("primary", "recovery_principals"),
        ("standby", "evidence_mode"),
        ("global", "instance_alias"),
    ],
)
def test_a_key_that_nothing_reads_in_its_role_is_refused(previews: Any, role: str, key: str) -> None:
    with pytest.raises(Unprovisionable, match=f"{key}: nothing reads it in this role"):
        previews(role, **{key: "something"})


def test_the_standby_declares_nothing_that_aws_mirrors(previews: Any) -> None:
    connect = {d.type for d in previews("standby") if d.type.startswith("aws:connect/")}
    assert connect == {
        "aws:connect/instanceStorageConfig:InstanceStorageConfig",
        "aws:connect/lambdaFunctionAssociation:LambdaFunctionAssociation",
    }


def test_both_front_door_records_answer_for_a_minute_and_fail_over(previews: Any) -> None:
    records = previews.of_type("global", "Record")
    assert {r.inputs["ttl"] for r in records.values()} == {60}
    assert {r.inputs["name"] for r in records.values()} == {"desk.contact.example"}
    assert {r.inputs["setIdentifier"]: r.inputs["failoverRoutingPolicies"] for r in records.values()} == {
        "primary": [{"type": "PRIMARY"}],
        "standby": [{"type": "SECONDARY"}],
    }
    assert all("aliases" not in r.inputs for r in records.values())


def test_the_health_check_of_each_side_watches_an_alarm_of_the_other_region(previews: Any) -> None:
    checks, alarms = previews.of_type("global", "HealthCheck"), previews.of_type("global", "MetricAlarm")
    assert {name: check.inputs["cloudwatchAlarmRegion"] for name, check in checks.items()} == {
        "primary": "us-west-2",
        "standby": "us-east-1",
    }
    for side, check in checks.items():
        (lever,) = [a for a in alarms.values() if a.inputs["name"] == check.inputs["cloudwatchAlarmName"]]
        assert region_of(lever) == check.inputs["cloudwatchAlarmRegion"], side
        assert lever.urn in check.dependencies


def test_a_silent_lever_moves_nobody(previews: Any) -> None:
    for alarm in previews.of_type("global", "MetricAlarm").values():
        watched = ("treatMissingData", "period", "evaluationPeriods", "datapointsToAlarm")
        assert [alarm.inputs[key] for key in watched] == ["missing", 60, 1, 1]
    for check in previews.of_type("global", "HealthCheck").values():
        assert check.inputs["insufficientDataHealthStatus"] == "LastKnownStatus"


def test_the_run_table_is_at_home_in_the_standby_region_with_a_replica_in_the_primary(previews: Any) -> None:
    (table,) = previews.of_type("global", "Table").values()
    assert region_of(table) == "us-west-2"
    assert [replica["regionName"] for replica in table.inputs["replicas"]] == ["us-east-1"]
    assert table.protect


def test_an_up_leaves_alone_exactly_what_runbooks_write(previews: Any) -> None:
    ignored = {
        (d.type.rpartition(":")[2], key)
        for role in ("global", "primary", "standby")
        for d in previews(role)
        for key in d.ignore_changes
    }
    assert ignored == {
        ("PhoneNumber", "targetArn"),
        ("Queue", "hoursOfOperationId"),
        ("TableItem", "item"),
        ("User", "phoneConfig"),
        ("User", "routingProfileId"),
        ("Workspace", "workspaceProperties"),
    }


def test_both_sides_deploy_one_function_under_one_name(previews: Any) -> None:
    (ours,), (theirs,) = (previews.of_type(role, "Function").values() for role in ("primary", "standby"))
    assert ours.inputs["name"] == theirs.inputs["name"]
    assert repr(ours.inputs["code"]) == repr(theirs.inputs["code"])
    assert (region_of(ours), region_of(theirs)) == ("us-east-1", "us-west-2")


def test_sizes_come_from_the_configuration(previews: Any) -> None:
    assert len(previews.of_type("primary", "User")) == 48
    assert len(previews.of_type("primary", "PhoneNumber")) == 2
    groups = {"general": {"agents": 3, "queues": ["general"]}}
    lines = {"general": {"queue": "general", "numbers": 3}}
    assert len(previews.of_type("primary", "User", agent_groups=groups)) == 3
    assert set(previews.of_type("primary", "PhoneNumber", lines=lines)) == {"general-1", "general-2", "general-3"}


def test_without_any_queue_there_are_numbers_and_a_flow_but_no_agents(previews: Any) -> None:
    assert previews.of_type("primary", "User", queues={}) == {}
    assert previews.of_type("primary", "RoutingProfile", queues={}) == {}
    assert len(previews.of_type("primary", "PhoneNumber", queues={})) == 2
    assert set(previews.of_type("primary", "ContactFlow", queues={})) == {"main", "transfer"}
    assert set(previews.of_type("primary", "QuickConnect", queues={})) == {"overflow-partner"}


def test_in_an_incident_every_group_serves_every_queue_and_overflow_last(previews: Any) -> None:
    profiles = previews.of_type(
        "primary", "RoutingProfile", agent_groups={"all": {"agents": 1, "queues": ["overflow"]}}
    )
    assert len(profiles["all-normal"].inputs["queueConfigs"]) == 1
    assert len(profiles["all-incident"].inputs["queueConfigs"]) == 3
    assert profiles["all-incident"].inputs["description"] == "Serves vip, general, overflow"


def test_the_project_file_names_the_project_and_its_folders() -> None:
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    assert project["name"] == PROJECT
    assert (ROOT / project["main"] / "__main__.py").exists()
    assert {path.name for path in (ROOT / project["stackConfigDir"]).glob("Pulumi.*.yaml")} == {
        "Pulumi.global.yaml",
        "Pulumi.primary.yaml",
        "Pulumi.standby.yaml",
    }


def test_the_folder_runs_as_pulumi_runs_it(previews: Any) -> None:
    def as_pulumi_does() -> None:
        runpy.run_path(str(ROOT / "stacks"), run_name="__main__")

    graph = preview("global", config_dir=ROOT / "config", account="123456789012", outputs={}, program=as_pulumi_does)
    assert graph == previews("global")


def test_two_runs_declare_the_same_whatever_the_order(previews: Any) -> None:
    first, second = previews("primary"), previews("primary")
    assert sorted(first, key=lambda d: d.urn) == sorted(second, key=lambda d: d.urn)


def test_processes_with_different_hash_seeds_declare_in_the_same_order() -> None:
    told = [
        subprocess.run(  # noqa: S603 - this interpreter, our own text
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert len(told[0]) == len(hashlib.sha256().hexdigest())
    assert told[0] == told[1]


def test_an_unsupported_region_pair_is_refused(previews: Any) -> None:
    with pytest.raises(Unprovisionable, match="no Global Resiliency from us-east-1 to eu-west-2"):
        previews("global", standby_region="eu-west-2")


def test_a_side_configured_for_other_regions_than_global_is_refused(previews: Any) -> None:
    with pytest.raises(Unprovisionable, match="make them the same"):
        previews("primary", primary_region="us-west-2", standby_region="us-east-1")


def test_a_standby_prepared_for_another_instance_is_refused(previews: Any) -> None:
    with pytest.raises(Unprovisionable, match="execute prepare-standby"):
        previews("standby", instance_id="99999999-2222-4333-8444-555555555555")
