"""The stacks' own program, built in the simulated cloud."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from drills.simulator.aws.connect.buckets import without_throttling
from drills.simulator.functions import deployed_in
from stacks import exports

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.model.inventory import Connect, Inventory

ACCOUNT = "123456789012"
EAST, WEST = "us-east-1", "us-west-2"


def inventory_of(cloud: Any) -> Inventory:
    outputs = (cloud.up[role].outputs for role in ("global", "primary", "standby"))
    return exports.compose(*outputs, taken_at="2026-11-22T00:00:00.000Z")


def test_every_id_of_the_inventory_can_be_read_back(cloud: Any) -> None:
    ours = inventory_of(cloud.all_up()).primary.connect
    with without_throttling():
        read_back(cloud.client("connect", EAST), ours)


def read_back(connect: Any, ours: Connect) -> None:
    where = {"InstanceId": ours.instance_id}
    assert connect.describe_instance(**where)["Instance"]["Arn"] == ours.instance_arn
    for name, queue in ours.queues.items():
        described = connect.describe_queue(**where, QueueId=queue.id)["Queue"]
        read = (described["Name"], described["MaxContacts"], described["HoursOfOperationId"])
        assert read == (name, queue.max_contacts, queue.hours_id)
    for name, profile in ours.routing_profiles.items():
        described = connect.describe_routing_profile(**where, RoutingProfileId=profile)["RoutingProfile"]
        assert described["Name"] == name
    for group in ours.agent_groups.values():
        for user in group.user_ids:
            assert connect.describe_user(**where, UserId=user)["User"]["RoutingProfileId"] == group.normal_profile
    for flow in ours.flows.values():
        assert connect.describe_contact_flow(**where, ContactFlowId=flow)["ContactFlow"]["Id"] == flow
    for number in ours.numbers:
        summary = connect.describe_phone_number(PhoneNumberId=number.id)["ClaimedPhoneNumberSummary"]
        assert (summary["PhoneNumberArn"], summary["PhoneNumberStatus"]["Status"]) == (number.arn, "CLAIMED")


def test_the_front_door_of_the_inventory_is_the_one_in_the_zone(cloud: Any) -> None:
    inventory = inventory_of(cloud.all_up())
    world, route53 = inventory.global_, cloud.client("route53", EAST)
    listed = route53.list_resource_record_sets(HostedZoneId=world.zone_id)["ResourceRecordSets"]
    records = {record["SetIdentifier"]: record for record in listed if record["Type"] == "CNAME"}
    for side, environment in (("primary", inventory.primary), ("standby", inventory.standby)):
        assert records[side]["ResourceRecords"] == [{"Value": environment.front_door_target}]
        assert records[side]["HealthCheckId"] == getattr(world.health_checks, side)
        assert route53.get_health_check(HealthCheckId=records[side]["HealthCheckId"])
        assert records[side]["TTL"] == world.records[world.front_door_name].ttl == 60


def test_the_lever_over_each_side_is_an_alarm_on_the_other_sides_metric(cloud: Any) -> None:
    inventory = inventory_of(cloud.all_up())
    for held_by, evacuated in ((inventory.standby, "primary"), (inventory.primary, "standby")):
        alarms = cloud.client("cloudwatch", held_by.region).describe_alarms()["MetricAlarms"]
        (lever,) = [alarm for alarm in alarms if alarm["AlarmName"].endswith(evacuated)]
        metric = held_by.evacuation_metric
        assert (lever["Namespace"], lever["MetricName"]) == (metric.namespace, metric.name)


def test_each_side_has_its_own_function_table_and_topic(cloud: Any) -> None:
    inventory = inventory_of(cloud.all_up())
    for side in (inventory.primary, inventory.standby):
        found = deployed_in(ACCOUNT)(side.lambdas["flags"])
        assert found is not None
        assert found.environment == {"FLAGS_TABLE": side.flags_table}
        flags = cloud.client("dynamodb", side.region).scan(TableName=side.flags_table)["Items"]
        assert [(item["flag"]["S"], item["value"]["S"]) for item in flags] == [("emergency-greeting", "off")]
        topics = cloud.client("sns", side.region).list_topics()["Topics"]
        assert [topic["TopicArn"] for topic in topics] == [side.topics["incident"]]
        invoked = cloud.client("connect", side.region).list_lambda_functions(InstanceId=side.connect.instance_id)
        assert invoked["LambdaFunctions"] == [side.lambdas["flags"]]


def test_every_number_rings_at_the_main_flow(cloud: Any) -> None:
    inventory = inventory_of(cloud.all_up())
    ours = inventory.primary.connect
    listed = cloud.client("connect", EAST).list_flow_associations(
        InstanceId=ours.instance_id, ResourceType="VOICE_PHONE_NUMBER"
    )["FlowAssociationSummaryList"]
    attached = {entry["ResourceId"].rpartition("/")[2]: entry["FlowId"].rpartition("/")[2] for entry in listed}
    assert attached == {number.id: ours.flows["main"] for number in ours.numbers}


def test_the_flow_knows_the_number_of_each_line(cloud: Any) -> None:
    inventory = inventory_of(cloud.all_up())
    connect, ours = cloud.client("connect", EAST), inventory.primary.connect
    described = connect.describe_contact_flow(InstanceId=ours.instance_id, ContactFlowId=ours.flows["main"])
    flow = {action["Identifier"]: action for action in json.loads(described["ContactFlow"]["Content"])["Actions"]}
    ways = {way["Condition"]["Operands"][0]: way["NextAction"] for way in flow["line"]["Transitions"]["Conditions"]}
    for number in ours.numbers:
        dialled = connect.describe_phone_number(PhoneNumberId=number.id)["ClaimedPhoneNumberSummary"]["PhoneNumber"]
        assert ways[dialled] == f"line-{number.purpose}"
        assert flow[f"line-{number.purpose}"]["Parameters"]["QueueId"] == ours.queues[number.purpose].id


def test_without_a_queue_the_rest_still_comes_up(cloud: Any) -> None:
    inventory = inventory_of(cloud.all_up(queues={"vip": {"max_contacts": 40}}))
    connect, ours = cloud.client("connect", EAST), inventory.primary.connect
    assert set(ours.queues) == {"vip"}
    described = connect.describe_contact_flow(InstanceId=ours.instance_id, ContactFlowId=ours.flows["main"])
    flow = {action["Identifier"]: action for action in json.loads(described["ContactFlow"]["Content"])["Actions"]}
    assert flow["line-general"]["Type"] == "MessageParticipant"
    general = ours.agent_groups["general"].normal_profile
    served = connect.list_routing_profile_queues(InstanceId=ours.instance_id, RoutingProfileId=general)
    assert served["RoutingProfileQueueConfigSummaryList"] == []


def test_other_sizes_can_be_asked_for(cloud: Any) -> None:
    cloud.provision("global")
    groups = {"general": {"agents": 40, "queues": ["general"]}}
    outputs = cloud.provision("primary", overrides={"agent_groups": groups}).outputs
    assert len(outputs["inventory"]["connect"]["agent_groups"]["general"]["user_ids"]) == 40


def test_the_same_program_gives_the_same_cloud(fresh_cloud: Callable[[], Any]) -> None:
    first, second = fresh_cloud().all_up(), fresh_cloud().all_up()
    assert inventory_of(first) == inventory_of(second)
    for role in ("global", "primary", "standby"):
        assert first.up[role].graph == second.up[role].graph


def test_the_standby_finds_what_was_recorded_in_the_settings_directory(cloud: Any, tmp_path: Any) -> None:
    cloud.provision("global")
    cloud.provision("primary")
    recorded = cloud.replicate()
    (tmp_path / "prepared.standby.json").write_text(json.dumps(recorded))
    outputs = cloud.provision("standby", overrides={"settings_dir": str(tmp_path)}).outputs
    assert outputs["inventory"]["connect"]["traffic_group_arn"] == recorded["traffic_group_arn"]


def test_what_takes_aws_time_takes_virtual_time(cloud: Any) -> None:
    cloud.provision("global")
    before = cloud.clock.elapsed_s
    cloud.provision("primary")
    assert cloud.clock.elapsed_s > before


def test_it_can_be_called_while_a_loop_runs(cloud: Any) -> None:
    async def inside() -> Any:
        return cloud.provision("global")

    assert asyncio.run(inside()).outputs["zone_name"] == "contact.example"


def test_the_provisional_inventory_is_enough_to_prepare_the_standby(cloud: Any) -> None:
    outputs = [cloud.provision(role).outputs for role in ("global", "primary")]
    inventory = exports.provisional(*outputs, taken_at="2026-11-22T00:00:00.000Z")
    assert inventory.standby.region == WEST
    assert inventory.standby.connect.instance_id == inventory.primary.connect.instance_id
    assert inventory.standby.connect.flows == inventory.primary.connect.flows
