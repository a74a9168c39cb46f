"""Instances and replication."""

from __future__ import annotations

from typing import Any

import pytest
from moto import mock_aws

from drills.simulator.aws.connect import estate

EAST, WEST = "us-east-1", "us-west-2"
NEW = {"IdentityManagementType": "SAML", "InboundCallsEnabled": True, "OutboundCallsEnabled": True}


def test_an_instance_is_in_creation_before_it_is_active(cloud: Any) -> None:
    # By botocore's model: InstanceStatus CREATION_IN_PROGRESS, ACTIVE
    connect = cloud.client()
    made = connect.create_instance(InstanceAlias="fresh", **NEW)
    assert connect.describe_instance(InstanceId=made["Id"])["Instance"]["InstanceStatus"] == "CREATION_IN_PROGRESS"
    cloud.wait(30)
    described = connect.describe_instance(InstanceId=made["Id"])
    assert described["Instance"]["InstanceStatus"] == "ACTIVE"
    assert described["Instance"]["Arn"] == made["Arn"]
    assert described["Instance"]["CreatedTime"].timestamp() == cloud.now.timestamp() - 30
    assert "ReplicationConfiguration" not in described


def test_an_alias_is_taken_once(cloud: Any, centre: Any) -> None:
    cloud.refused("InvalidRequestException", centre.connect.create_instance, InstanceAlias="centre", **NEW)


def test_a_repeated_client_token_creates_one_instance(cloud: Any) -> None:
    # By botocore's model: ClientToken, "the idempotency token"
    connect = cloud.client()
    first = connect.create_instance(ClientToken="once", InstanceAlias="fresh", **NEW)
    again = connect.create_instance(ClientToken="once", InstanceAlias="fresh", **NEW)
    assert first["Id"] == again["Id"]
    assert len(connect.list_instances()["InstanceSummaryList"]) == 1
    cloud.refused("InvalidRequestException", connect.create_instance, ClientToken="once", InstanceAlias="other", **NEW)


def test_instances_are_listed_in_pages_of_at_most_ten(cloud: Any) -> None:
    # By botocore's model: MaxResult10
    connect = cloud.client()
    for number in range(12):
        connect.create_instance(InstanceAlias=f"centre-{number}", **NEW)
        cloud.wait(1)
    first = connect.list_instances()
    rest = connect.list_instances(NextToken=first["NextToken"])
    aliases = [i["InstanceAlias"] for page in (first, rest) for i in page["InstanceSummaryList"]]
    assert aliases == [f"centre-{number}" for number in range(12)]
    assert "NextToken" not in rest
    cloud.refused("InvalidRequestException", connect.list_instances, MaxResults=11)


def test_an_unknown_instance_is_not_found(cloud: Any) -> None:
    cloud.refused("ResourceNotFoundException", cloud.client().describe_instance, InstanceId="nobody")


def test_regions_and_accounts_do_not_see_each_other(cloud: Any, make_centre: Any) -> None:
    here = make_centre()
    there = make_centre(region=WEST, alias="western")
    foreign = make_centre(account="111122223333")
    cloud.refused("ResourceNotFoundException", cloud.client(WEST).describe_instance, InstanceId=here.id)
    cloud.refused("ResourceNotFoundException", foreign.connect.describe_queue, InstanceId=here.id, QueueId=here.queue)
    assert len({here.id, there.id, foreign.id}) == 3
    assert [(s.region, s.instance_id) for s in estate.sites(cloud.account)] == [(EAST, here.id), (WEST, there.id)]
    assert [s.instance_id for s in estate.sites("111122223333")] == [foreign.id]


def test_a_new_mock_session_begins_empty_and_gives_the_same_ids(cloud: Any, centre: Any, make_centre: Any) -> None:
    assert estate.sites(cloud.account)
    ids = (centre.id, centre.queue, centre.profile, centre.agent, centre.flow)
    mock_aws().reset()
    assert estate.sites(cloud.account) == []
    assert cloud.client().list_instances()["InstanceSummaryList"] == []
    again = make_centre()
    assert (again.id, again.queue, again.profile, again.agent, again.flow) == ids


def test_a_deleted_instance_is_gone_and_half_of_a_pair_is_not_deleted_in_silence(
    cloud: Any, centre: Any, make_centre: Any
) -> None:
    other = make_centre(alias="other")
    other.connect.delete_instance(InstanceId=other.id)
    cloud.refused("ResourceNotFoundException", other.connect.describe_instance, InstanceId=other.id)
    assert estate.site(cloud.account, other.id, EAST) is None
    centre.replicate()
    with pytest.raises(NotImplementedError):
        centre.connect.delete_instance(InstanceId=centre.id)


def test_a_replica_has_the_same_id_and_takes_minutes(cloud: Any, centre: Any) -> None:
    # Administrator Guide, "Create a replica": same instance ID; botocore: InstanceReplicationStatus
    made = centre.connect.replicate_instance(InstanceId=centre.id, ReplicaRegion=WEST, ReplicaAlias="centre-west")
    assert made == {**made, "Id": centre.id, "Arn": centre.arn.replace(EAST, WEST)}
    for region in (EAST, WEST):
        during = cloud.client(region).describe_instance(InstanceId=centre.id)
        statuses = during["ReplicationConfiguration"]["ReplicationStatusSummaryList"]
        assert {s["ReplicationStatus"] for s in statuses} == {"INSTANCE_REPLICATION_IN_PROGRESS"}
    assert during["Instance"]["InstanceStatus"] == "CREATION_IN_PROGRESS"
    cloud.wait(300)
    after = cloud.client(WEST).describe_instance(InstanceId=centre.id)
    configuration = after["ReplicationConfiguration"]
    assert after["Instance"]["InstanceStatus"] == "ACTIVE"
    assert after["Instance"]["InstanceAlias"] == "centre-west"
    assert configuration["SourceRegion"] == EAST
    assert configuration["GlobalSignInEndpoint"].startswith(f"https://{centre.id}.{EAST}.")
    assert [(s["Region"], s["ReplicationStatus"]) for s in configuration["ReplicationStatusSummaryList"]] == [
        (EAST, "INSTANCE_REPLICATION_COMPLETE"),
        (WEST, "INSTANCE_REPLICATION_COMPLETE"),
    ]


def test_replication_is_not_complete_while_a_region_is_down(cloud: Any, centre: Any) -> None:
    centre.connect.replicate_instance(InstanceId=centre.id, ReplicaRegion=WEST, ReplicaAlias="centre-west")
    cloud.lose(WEST)
    cloud.wait(300)
    described = centre.connect.describe_instance(InstanceId=centre.id)["ReplicationConfiguration"]
    assert described["ReplicationStatusSummaryList"][1]["ReplicationStatus"] == "INSTANCE_REPLICATION_IN_PROGRESS"
    cloud.down.clear()
    cloud.wait(300)
    described = centre.connect.describe_instance(InstanceId=centre.id)["ReplicationConfiguration"]
    assert described["ReplicationStatusSummaryList"][1]["ReplicationStatus"] == "INSTANCE_REPLICATION_COMPLETE"


def test_replication_makes_the_default_group_and_sends_all_to_the_source(cloud: Any, pair: Any) -> None:
    # By botocore's model, TrafficDistributionGroup.IsDefault: created during instance replication
    (group,) = pair.connect.list_traffic_distribution_groups(InstanceId=pair.id)["TrafficDistributionGroupSummaryList"]
    assert (group["IsDefault"], group["Status"]) == (True, "ACTIVE")
    assert group["Arn"].split(":")[3] == EAST
    assert estate.agent_shares(cloud.account, pair.id) == {EAST: 100, WEST: 0}
    assert estate.sign_in_regions(cloud.account, pair.id) == {EAST, WEST}


@pytest.mark.parametrize(
    ("source", "replica"),
    [
        ("us-west-2", "us-east-1"),
        ("eu-west-2", "eu-central-1"),
        ("eu-central-1", "eu-west-2"),
        ("ap-northeast-1", "ap-northeast-3"),
    ],
)
def test_the_region_pairs_that_aws_offers_can_replicate(make_centre: Any, source: str, replica: str) -> None:
    # Administrator Guide, "Set up Amazon Connect Global Resiliency"
    centre = make_centre(region=source)
    centre.connect.replicate_instance(InstanceId=centre.id, ReplicaRegion=replica, ReplicaAlias="twin")


@pytest.mark.parametrize(
    ("source", "replica"), [(EAST, EAST), (EAST, "eu-west-2"), ("ap-northeast-3", "ap-northeast-1")]
)
def test_other_region_pairs_cannot(cloud: Any, make_centre: Any, source: str, replica: str) -> None:
    centre = make_centre(region=source)
    replicate = centre.connect.replicate_instance
    cloud.refused(
        "InvalidRequestException", replicate, InstanceId=centre.id, ReplicaRegion=replica, ReplicaAlias="twin"
    )


@pytest.mark.parametrize(
    ("instead", "seconds"),
    [({"IdentityManagementType": "CONNECT_MANAGED"}, 30), ({"InstanceAlias": None}, 30), ({}, 0)],
    ids=["no SAML", "no alias", "not active"],
)
def test_an_instance_that_is_unfit_is_not_replicated(cloud: Any, instead: dict[str, Any], seconds: int) -> None:
    # Administrator Guide, "Why a ReplicateInstance call fails": InvalidRequestException
    connect = cloud.client()
    asked = {key: value for key, value in {"InstanceAlias": "fresh", **NEW, **instead}.items() if value is not None}
    made = connect.create_instance(**asked)
    cloud.wait(seconds)
    cloud.refused(
        "InvalidRequestException",
        connect.replicate_instance,
        InstanceId=made["Id"],
        ReplicaRegion=WEST,
        ReplicaAlias="twin",
    )


def test_an_instance_is_replicated_once_and_a_repeated_token_is_no_second_time(cloud: Any, centre: Any) -> None:
    asked = {"InstanceId": centre.id, "ReplicaRegion": WEST, "ReplicaAlias": "centre-west"}
    first = centre.connect.replicate_instance(ClientToken="once", **asked)
    assert centre.connect.replicate_instance(ClientToken="once", **asked)["Arn"] == first["Arn"]
    cloud.refused("InvalidRequestException", centre.connect.replicate_instance, **asked)
    cloud.refused("InvalidRequestException", cloud.client(WEST).replicate_instance, **{**asked, "ReplicaRegion": EAST})


def test_tags_given_at_creation_are_listed_and_can_be_taken_off(cloud: Any) -> None:
    connect = cloud.client(EAST)
    made = connect.create_instance(
        IdentityManagementType="SAML",
        InstanceAlias="tagged",
        InboundCallsEnabled=True,
        OutboundCallsEnabled=True,
        Tags={"team": "voice"},
    )
    assert connect.list_tags_for_resource(resourceArn=made["Arn"])["tags"] == {"team": "voice"}
    connect.untag_resource(resourceArn=made["Arn"], tagKeys=["team"])
    assert connect.describe_instance(InstanceId=made["Id"])["Instance"]["Tags"] == {}


def test_tags_and_analytics_stay_motos_own(centre: Any) -> None:
    centre.connect.tag_resource(resourceArn=centre.arn, tags={"team": "voice"})
    assert centre.connect.list_tags_for_resource(resourceArn=centre.arn)["tags"] == {"team": "voice"}
    assert centre.connect.describe_instance(InstanceId=centre.id)["Instance"]["Tags"] == {"team": "voice"}
    associated = centre.connect.associate_analytics_data_set(InstanceId=centre.id, DataSetId="contact_record")
    assert associated["DataSetId"] == "contact_record"


def test_an_operation_or_parameter_that_is_not_simulated_is_loud(centre: Any) -> None:
    with pytest.raises(NotImplementedError):
        centre.connect.list_prompts(InstanceId=centre.id)
    with pytest.raises(NotImplementedError, match="OutboundCallerConfig"):
        centre.connect.create_queue(
            InstanceId=centre.id,
            Name="vip",
            HoursOfOperationId=centre.hours,
            OutboundCallerConfig={"OutboundCallerIdName": "x"},
        )
