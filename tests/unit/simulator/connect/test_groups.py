"""Traffic distribution groups, their shares, and their agents."""

from __future__ import annotations

from typing import Any

import pytest

from drills.simulator.aws.connect import estate
from drills.simulator.aws.connect.buckets import without_throttling

EAST, WEST = "us-east-1", "us-west-2"


def shares(east: int, west: int) -> Any:
    return {"Distributions": [{"Region": EAST, "Percentage": east}, {"Region": WEST, "Percentage": west}]}


def sign_in(*, east: bool, west: bool) -> Any:
    return {"Distributions": [{"Region": EAST, "Enabled": east}, {"Region": WEST, "Enabled": west}]}


def default_group(centre: Any) -> Any:
    listed = centre.connect.list_traffic_distribution_groups(InstanceId=centre.id)
    (arn,) = [g["Arn"] for g in listed["TrafficDistributionGroupSummaryList"] if g["IsDefault"]]
    return arn


def test_a_group_is_in_creation_before_it_is_active(cloud: Any, pair: Any) -> None:
    # By botocore's model: TrafficDistributionGroupStatus
    made = pair.connect.create_traffic_distribution_group(Name="customers", InstanceId=pair.arn, Description="all")
    asked = {"TrafficDistributionGroupId": made["Id"]}
    describe = pair.connect.describe_traffic_distribution_group
    assert describe(**asked)["TrafficDistributionGroup"]["Status"] == "CREATION_IN_PROGRESS"
    cloud.wait(60)
    group = describe(**asked)["TrafficDistributionGroup"]
    assert (group["Status"], group["IsDefault"], group["Description"]) == ("ACTIVE", False, "all")
    assert (group["Arn"], group["InstanceArn"]) == (made["Arn"], pair.arn)


def test_a_group_needs_a_replicated_instance_and_its_source_region(cloud: Any, centre: Any) -> None:
    # Administrator Guide, "Create traffic distribution groups"; botocore: ResourceNotReadyException
    create = centre.connect.create_traffic_distribution_group
    asked = {"Name": "customers", "InstanceId": centre.id}
    cloud.refused("InvalidRequestException", create, **asked)
    centre.connect.replicate_instance(InstanceId=centre.id, ReplicaRegion=WEST, ReplicaAlias="centre-west")
    cloud.refused("ResourceNotReadyException", create, **asked)
    cloud.wait(300)
    cloud.refused("InvalidRequestException", cloud.client(WEST).create_traffic_distribution_group, **asked)
    create(**asked)


def test_a_group_s_name_is_given_once_and_a_repeated_token_makes_one(cloud: Any, pair: Any) -> None:
    # By botocore's model: ResourceConflictException, "a resource already has that name"
    create = pair.connect.create_traffic_distribution_group
    asked = {"Name": "customers", "InstanceId": pair.id}
    assert create(ClientToken="once", **asked)["Arn"] == create(ClientToken="once", **asked)["Arn"]
    cloud.refused("ResourceConflictException", create, **asked)


def test_both_regions_list_the_same_groups_in_pages_of_ten(cloud: Any, pair: Any) -> None:
    # By botocore's model: MaxResult10
    with without_throttling():
        for number in range(11):
            pair.connect.create_traffic_distribution_group(Name=f"group-{number:02}", InstanceId=pair.id)
    for region in (EAST, WEST):
        list_groups = cloud.client(region).list_traffic_distribution_groups
        first = list_groups(InstanceId=pair.id)
        rest = list_groups(InstanceId=pair.id, NextToken=first["NextToken"])
        groups = [g for page in (first, rest) for g in page["TrafficDistributionGroupSummaryList"]]
        assert len(groups) == 12
        assert {g["Arn"].split(":")[3] for g in groups} == {EAST}
        cloud.refused("InvalidRequestException", list_groups, MaxResults=11)


def test_the_replica_s_region_needs_the_full_arn(cloud: Any, pair: Any) -> None:
    # By botocore's model: "The ARN must be provided if the call is from the replicated Region"
    arn = pair.new_group()
    bare, west = arn.rsplit("/", 1)[1], cloud.client(WEST)
    assert west.get_traffic_distribution(Id=arn)["Arn"] == arn
    assert pair.connect.get_traffic_distribution(Id=bare)["Id"] == bare
    cloud.refused("ResourceNotFoundException", west.get_traffic_distribution, Id=bare)
    cloud.refused("ResourceNotFoundException", west.update_traffic_distribution, Id=bare, AgentConfig=shares(0, 100))
    cloud.refused(
        "ResourceNotFoundException", west.describe_traffic_distribution_group, TrafficDistributionGroupId=bare
    )


def test_a_region_outside_the_pair_does_not_know_the_group(cloud: Any, pair: Any) -> None:
    arn = pair.new_group()
    cloud.refused("ResourceNotFoundException", cloud.client("eu-west-2").get_traffic_distribution, Id=arn)


def test_a_shift_is_in_force_at_once_in_both_regions_and_moves_the_time_of_failover(cloud: Any, pair: Any) -> None:
    # By botocore's model, GetTrafficDistribution: LastFailoverTime moves with each update
    arn, west = pair.new_group(), cloud.client(WEST)
    number = pair.new_number(arn)["PhoneNumberArn"]
    assert "LastFailoverTime" not in west.get_traffic_distribution(Id=arn)
    for west_share in (10, 50, 100):
        half = shares(100 - west_share, west_share)
        west.update_traffic_distribution(Id=arn, TelephonyConfig=half, AgentConfig=half)
        assert estate.telephony_shares(cloud.account, number) == {EAST: 100 - west_share, WEST: west_share}
        for region in (EAST, WEST):
            seen = cloud.client(region).get_traffic_distribution(Id=arn)
            assert (seen["TelephonyConfig"], seen["AgentConfig"]) == (half, half)
            assert seen["LastFailoverTime"] == cloud.now
        cloud.wait(5)
    west.update_traffic_distribution(Id=arn, TelephonyConfig=shares(0, 100))
    assert west.get_traffic_distribution(Id=arn)["LastFailoverTime"] == cloud.now


def test_a_shift_away_from_a_dead_region_holds_for_all_callers(cloud: Any, pair: Any) -> None:
    # The shares are a fact of telephony, not of a Region (Administrator Guide, "Update telephony traffic distribution")
    arn = pair.new_group()
    number = pair.new_number(arn)["PhoneNumberArn"]
    cloud.lose(EAST)
    cloud.client(WEST).update_traffic_distribution(Id=arn, TelephonyConfig=shares(0, 100))
    assert estate.telephony_shares(cloud.account, number) == {EAST: 0, WEST: 100}


def test_parts_that_are_not_named_stay_as_they_are(cloud: Any, pair: Any) -> None:
    arn, west = pair.new_group(), cloud.client(WEST)
    west.update_traffic_distribution(Id=arn, AgentConfig=shares(50, 50))
    seen = west.get_traffic_distribution(Id=arn)
    assert (seen["TelephonyConfig"], seen["AgentConfig"]) == (shares(100, 0), shares(50, 50))
    cloud.refused("InvalidRequestException", west.update_traffic_distribution, Id=arn)


@pytest.mark.parametrize(
    "config",
    [
        shares(95, 5),
        shares(50, 40),
        {"Distributions": [{"Region": WEST, "Percentage": 100}]},
        {"Distributions": [{"Region": EAST, "Percentage": 0}, {"Region": "eu-west-2", "Percentage": 100}]},
        {"Distributions": [*shares(0, 100)["Distributions"], {"Region": WEST, "Percentage": 100}]},
    ],
    ids=["no step of 10", "no sum of 100", "one Region", "a strange Region", "a Region twice"],
)
@pytest.mark.parametrize("part", ["TelephonyConfig", "AgentConfig"])
def test_shares_that_break_the_rules_change_nothing(cloud: Any, pair: Any, config: dict[str, Any], part: str) -> None:
    # Administrator Guide, "Update telephony traffic distribution": InvalidRequestException
    arn, west = pair.new_group(), cloud.client(WEST)
    cloud.refused("InvalidRequestException", west.update_traffic_distribution, Id=arn, **{part: config})
    cloud.refused(
        "InvalidRequestException",
        west.update_traffic_distribution,
        Id=arn,
        **{"TelephonyConfig": shares(0, 100), "AgentConfig": shares(0, 100), part: config},
    )
    seen = west.get_traffic_distribution(Id=arn)
    assert (seen["TelephonyConfig"], seen["AgentConfig"]) == (shares(100, 0), shares(100, 0))


def test_traffic_is_shifted_by_calling_the_region_that_should_handle_it(cloud: Any, pair: Any) -> None:
    # By botocore's model: "Invoke the UpdateTrafficDistribution API in the region that should handle traffic"
    arn, west = pair.new_group(), cloud.client(WEST)
    all_west, all_east = shares(0, 100), shares(100, 0)
    cloud.refused("InvalidRequestException", pair.connect.update_traffic_distribution, Id=arn, TelephonyConfig=all_west)
    west.update_traffic_distribution(Id=arn, TelephonyConfig=all_west)
    cloud.refused("InvalidRequestException", west.update_traffic_distribution, Id=arn, TelephonyConfig=all_east)
    pair.connect.update_traffic_distribution(Id=arn, TelephonyConfig=all_east)


def test_a_group_that_is_not_active_has_no_distribution_yet(cloud: Any, pair: Any) -> None:
    # Administrator Guide, "Create traffic distribution groups": get or update only when ACTIVE
    arn = pair.connect.create_traffic_distribution_group(Name="fresh", InstanceId=pair.id)["Arn"]
    cloud.refused("InvalidRequestException", pair.connect.get_traffic_distribution, Id=arn)
    cloud.refused(
        "InvalidRequestException", pair.connect.update_traffic_distribution, Id=arn, AgentConfig=shares(100, 0)
    )


def test_sign_in_is_distributed_by_the_default_group_only(cloud: Any, pair: Any) -> None:
    # By botocore's model: "The SignInConfig distribution is available only on a default TrafficDistributionGroup"
    default, own, west = default_group(pair), pair.new_group(), cloud.client(WEST)
    only_west = sign_in(east=False, west=True)
    cloud.refused("InvalidRequestException", west.update_traffic_distribution, Id=own, SignInConfig=only_west)
    assert "SignInConfig" not in west.get_traffic_distribution(Id=own)
    west.update_traffic_distribution(Id=default, SignInConfig=only_west)
    assert pair.connect.get_traffic_distribution(Id=default)["SignInConfig"] == only_west
    assert estate.sign_in_regions(cloud.account, pair.id) == {WEST}
    cloud.refused(
        "InvalidRequestException", pair.connect.update_traffic_distribution, Id=default, SignInConfig=only_west
    )


def test_agents_join_a_group_in_its_own_region_once_both_regions_know_them(cloud: Any, pair: Any) -> None:
    # By botocore's model: "only in the Region where the traffic distribution group is created"
    arn, west = pair.new_group(), cloud.client(WEST)
    late = pair.new_agent("late")
    asked = {"TrafficDistributionGroupId": arn, "InstanceId": pair.id}
    associate = pair.connect.associate_traffic_distribution_group_user
    cloud.refused("ResourceNotFoundException", associate, UserId=late, **asked)
    cloud.refused("InvalidRequestException", west.associate_traffic_distribution_group_user, UserId=pair.agent, **asked)
    associate(UserId=pair.agent, **asked)
    associate(UserId=pair.agent, **asked)
    cloud.wait(60)
    associate(UserId=f"{pair.arn}/agent/{late}", **asked)
    listed = west.list_traffic_distribution_group_users(TrafficDistributionGroupId=arn)
    assert {user["UserId"] for user in listed["TrafficDistributionGroupUserSummaryList"]} == {pair.agent, late}


def test_an_agent_cannot_join_a_group_that_is_not_active(cloud: Any, pair: Any) -> None:
    arn = pair.connect.create_traffic_distribution_group(Name="fresh", InstanceId=pair.id)["Arn"]
    cloud.refused(
        "ResourceNotFoundException",
        pair.connect.associate_traffic_distribution_group_user,
        TrafficDistributionGroupId=arn,
        UserId=pair.agent,
        InstanceId=pair.id,
    )


def test_a_group_s_agents_come_in_pages(cloud: Any, pair: Any) -> None:
    # By botocore's model: TrafficDistributionGroupUserSummaryList, max 10
    arn = pair.new_group()
    with without_throttling():
        users = [pair.new_agent(f"agent-{number:02}") for number in range(12)]
        cloud.wait(60)
        for user in users:
            pair.connect.associate_traffic_distribution_group_user(
                TrafficDistributionGroupId=arn, UserId=user, InstanceId=pair.id
            )
    pages = pair.connect.get_paginator("list_traffic_distribution_group_users").paginate(TrafficDistributionGroupId=arn)
    sizes = [[user["UserId"] for user in page["TrafficDistributionGroupUserSummaryList"]] for page in pages]
    assert [len(size) for size in sizes] == [10, 2]
    assert set(sizes[0] + sizes[1]) == set(users)


def test_agents_follow_their_own_group_before_the_default_one(cloud: Any, pair: Any) -> None:
    arn, west = pair.new_group(), cloud.client(WEST)
    west.update_traffic_distribution(Id=arn, AgentConfig=shares(40, 60))
    assert estate.agent_shares(cloud.account, pair.id) == {EAST: 100, WEST: 0}
    pair.connect.associate_traffic_distribution_group_user(
        TrafficDistributionGroupId=arn, UserId=pair.agent, InstanceId=pair.id
    )
    assert estate.agent_shares(cloud.account, pair.id) == {EAST: 40, WEST: 60}


def test_an_instance_without_a_replica_keeps_its_agents(cloud: Any, centre: Any) -> None:
    assert estate.agent_shares(cloud.account, centre.id) == {EAST: 100}
    assert estate.sign_in_regions(cloud.account, centre.id) == {EAST}
