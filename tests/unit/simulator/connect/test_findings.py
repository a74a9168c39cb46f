"""What has not been mirrored yet, as ListReplicationFindings tells it. By botocore's model of that operation."""

from __future__ import annotations

from typing import Any

import pytest

EAST, WEST = "us-east-1", "us-west-2"


def _asked(cloud: Any, centre: Any, kind: str = "QUEUE", region: str = EAST, **more: Any) -> Any:
    return cloud.client(region).list_replication_findings(InstanceId=centre.id, ResourceType=kind, **more)


def _drift(found: Any) -> dict[str, int]:
    return {one["Region"]: one["Count"] for one in found["ApproximateDriftedResourceCounts"]}


def test_an_edit_under_way_is_drift_of_its_kind_in_the_region_that_it_has_not_reached(cloud: Any, pair: Any) -> None:
    assert _drift(_asked(cloud, pair)) == {EAST: 0, WEST: 0}
    pair.new_queue("vip")
    for region in (EAST, WEST):
        found = _asked(cloud, pair, region=region)
        assert _drift(found) == {EAST: 0, WEST: 1}
        assert {one["Timestamp"] for one in found["ApproximateDriftedResourceCounts"]} == {cloud.now}
    assert _drift(_asked(cloud, pair, "AGENT")) == {EAST: 0, WEST: 0}
    assert _asked(cloud, pair)["ReplicationFindingsList"] == []
    cloud.wait(60)
    assert _drift(_asked(cloud, pair)) == {EAST: 0, WEST: 0}


def test_two_edits_of_one_resource_are_one_resource_that_drifts(cloud: Any, pair: Any) -> None:
    incident = pair.new_profile("incident", [pair.queue])
    cloud.wait(60)
    for profile in (incident, pair.profile):
        cloud.client(WEST).update_user_routing_profile(InstanceId=pair.id, UserId=pair.agent, RoutingProfileId=profile)
        cloud.wait(1)
    assert _drift(_asked(cloud, pair, "AGENT")) == {EAST: 1, WEST: 0}


def test_one_name_under_two_ids_is_a_finding_that_a_person_must_mend(cloud: Any, pair: Any) -> None:
    for region in (EAST, WEST):
        cloud.client(region).create_queue(InstanceId=pair.id, Name="vip", HoursOfOperationId=pair.hours)
    cloud.wait(3600)
    found = _asked(cloud, pair)
    assert _drift(found) == {EAST: 1, WEST: 1}
    assert sorted((one["Region"], one["Name"]) for one in found["ReplicationFindingsList"]) == [
        (EAST, "vip"),
        (WEST, "vip"),
    ]
    first = _asked(cloud, pair, MaxResults=1)
    second = _asked(cloud, pair, MaxResults=1, NextToken=first["NextToken"])
    both = [*first["ReplicationFindingsList"], *second["ReplicationFindingsList"]]
    assert both == found["ReplicationFindingsList"]
    assert _drift(first) == _drift(second) == {EAST: 1, WEST: 1}


def test_a_dead_region_is_not_counted(cloud: Any, pair: Any) -> None:
    cloud.lose(EAST)
    pair_in_the_west = _asked(cloud, pair, region=WEST)
    assert _drift(pair_in_the_west) == {WEST: 0}


def test_an_instance_without_a_replica_has_no_findings_to_list(cloud: Any, centre: Any) -> None:
    ask = centre.connect.list_replication_findings
    cloud.refused("InvalidRequestException", ask, InstanceId=centre.id, ResourceType="QUEUE")


def test_a_kind_that_is_not_simulated_is_refused_aloud(cloud: Any, pair: Any) -> None:
    with pytest.raises(NotImplementedError, match="PROMPT is not simulated"):
        _asked(cloud, pair, "PROMPT")
