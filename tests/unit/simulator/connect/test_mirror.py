"""How edits travel between the Regions of a replicated instance."""

from __future__ import annotations

import json
from typing import Any

from drills.simulator.aws.connect import estate
from drills.simulator.aws.connect.mirror import lag_of

EAST, WEST = "us-east-1", "us-west-2"


def _profile(cloud: Any, region: str, centre: Any) -> Any:
    user = cloud.client(region).describe_user(InstanceId=centre.id, UserId=centre.agent)["User"]
    return user["RoutingProfileId"]


def _settled_pair(cloud: Any, pair: Any) -> Any:
    incident = pair.new_profile("incident", [pair.queue])
    cloud.wait(60)
    return incident


def test_a_replica_has_everything_under_the_same_ids_and_its_own_arns(cloud: Any, pair: Any) -> None:
    # Administrator Guide, "Create a replica": configuration is copied
    west = cloud.client(WEST)
    queue = west.describe_queue(InstanceId=pair.id, QueueId=pair.queue)["Queue"]
    assert (queue["Name"], queue["MaxContacts"], queue["LastModifiedRegion"]) == ("support", 40, EAST)
    assert queue["QueueArn"] == f"{pair.arn}/queue/{pair.queue}".replace(EAST, WEST)
    flow = west.describe_contact_flow(InstanceId=pair.id, ContactFlowId=pair.flow)["ContactFlow"]
    assert json.loads(flow["Content"])["StartAction"] == "greet"
    assert [agent.name for agent in estate.site(cloud.account, pair.id, WEST).agents()] == ["ada"]


def test_a_replica_is_empty_until_its_first_copy_is_complete(cloud: Any, centre: Any) -> None:
    centre.connect.replicate_instance(InstanceId=centre.id, ReplicaRegion=WEST, ReplicaAlias="centre-west")
    cloud.wait(299)
    assert estate.site(cloud.account, centre.id, WEST).agents() == []
    cloud.wait(1)
    assert len(estate.site(cloud.account, centre.id, WEST).agents()) == 1


def test_an_edit_takes_20_to_60_seconds_to_the_other_region_in_either_direction(cloud: Any, pair: Any) -> None:
    incident = _settled_pair(cloud, pair)
    for here, there, profile in ((EAST, WEST, incident), (WEST, EAST, pair.profile)):
        before = _profile(cloud, there, pair)
        cloud.client(here).update_user_routing_profile(InstanceId=pair.id, UserId=pair.agent, RoutingProfileId=profile)
        assert _profile(cloud, here, pair) == profile
        cloud.wait(19)
        assert _profile(cloud, there, pair) == before
        cloud.wait(41)
        assert _profile(cloud, there, pair) == profile


def test_the_lag_of_an_edit_is_the_same_each_time_and_differs_between_edits() -> None:
    lags = {lag_of("instance", EAST, f"edit-{number}").total_seconds() for number in range(200)}
    assert lag_of("instance", EAST, "edit-1") == lag_of("instance", EAST, "edit-1")
    assert (min(lags), max(lags)) == (20, 60)


def test_nothing_travels_while_either_region_is_dead_and_all_of_it_afterwards(cloud: Any, pair: Any) -> None:
    incident = _settled_pair(cloud, pair)
    for dead in (EAST, WEST):
        cloud.lose(dead)
        target = incident if dead == EAST else pair.profile
        before = _profile(cloud, EAST, pair)
        cloud.client(WEST).update_user_routing_profile(InstanceId=pair.id, UserId=pair.agent, RoutingProfileId=target)
        cloud.wait(3600)
        assert _profile(cloud, EAST, pair) == before
        cloud.down.clear()
        cloud.wait(300)
        assert _profile(cloud, EAST, pair) == target


def test_what_was_due_before_an_outage_has_arrived_though_nobody_looked(cloud: Any, pair: Any) -> None:
    incident = _settled_pair(cloud, pair)
    asked = {"InstanceId": pair.id, "UserId": pair.agent}
    pair.connect.update_user_routing_profile(RoutingProfileId=incident, **asked)
    cloud.wait(60)
    pair.connect.update_user_routing_profile(RoutingProfileId=pair.profile, **asked)
    cloud.lose(EAST)
    cloud.wait(600)
    assert _profile(cloud, WEST, pair) == incident
    assert estate.site(cloud.account, pair.id, WEST).pending() == 1


def test_the_later_of_two_edits_stands_in_both_regions(cloud: Any, pair: Any) -> None:
    incident = _settled_pair(cloud, pair)
    asked = {"InstanceId": pair.id, "UserId": pair.agent}
    pair.connect.update_user_routing_profile(RoutingProfileId=pair.profile, **asked)
    cloud.wait(5)
    cloud.client(WEST).update_user_routing_profile(RoutingProfileId=incident, **asked)
    cloud.wait(120)
    assert _profile(cloud, EAST, pair) == _profile(cloud, WEST, pair) == incident


def test_one_name_under_two_ids_is_a_conflict_that_does_not_sync(cloud: Any, pair: Any) -> None:
    # Administrator Guide, "Create a replica": same name, different id must be mended by a person
    made = {
        region: cloud.client(region).create_queue(InstanceId=pair.id, Name="vip", HoursOfOperationId=pair.hours)[
            "QueueId"
        ]
        for region in (EAST, WEST)
    }
    cloud.wait(3600)
    for region, other in ((EAST, WEST), (WEST, EAST)):
        site = estate.site(cloud.account, pair.id, region)
        assert site.queue(made[region]) is not None
        assert site.queue(made[other]) is None
        assert site.pending() == 1
