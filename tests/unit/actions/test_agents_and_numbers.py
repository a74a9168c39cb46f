"""What bulk settings and the preparation of a standby compute without a cloud."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.actions import replication as rp
from orchestrator.actions.agents import IncidentRouting, IncidentRoutingParams
from orchestrator.model.actions import Provenance
from orchestrator.model.parameters import Region

EAST, WEST = "us-east-1", "us-west-2"
no_cloud: Any = None
routing = IncidentRouting(no_cloud)


def _group(*users: str, incident: str = "incident") -> IncidentRoutingParams:
    group = {"user_ids": list(users), "normal_profile": "normal", "incident_profile": incident}
    return IncidentRoutingParams(Region(WEST), "instance", group)


def test_a_part_for_each_agent_on_another_profile_in_a_fixed_order() -> None:
    params = _group("c", "a", "b")
    before = {"c": "normal", "a": "normal", "b": "incident"}
    parts = routing.parts(params, before, routing.target(params, before))
    assert parts == [{"user": "a", "profile": "incident"}, {"user": "c", "profile": "incident"}]


def test_a_return_gives_each_agent_the_profile_that_was_captured_for_that_agent() -> None:
    params = _group("a", "b", "gone")
    captured, now = {"a": "normal", "b": "special", "gone": ""}, {"a": "incident", "b": "incident", "gone": ""}
    parts = routing.parts(params, now, captured)
    assert parts == [{"user": "a", "profile": "normal"}, {"user": "b", "profile": "special"}]


@pytest.mark.parametrize(
    ("now", "settled"),
    [
        ({"a": "incident", "b": "incident"}, True),
        ({"a": "incident", "b": "normal"}, False),
        ({"a": "incident", "b": ""}, True),
        ({"a": "", "b": ""}, False),
        ({}, True),
    ],
)
def test_a_group_is_settled_when_everybody_who_exists_is_and_somebody_does(
    now: dict[str, str],
    settled: bool,  # noqa: FBT001 - a table of cases
) -> None:
    params = _group(*now)
    assert routing.settled(params, dict.fromkeys(now, "incident"), now) is settled


def test_two_groups_are_two_subjects_and_the_same_group_is_one_in_both_regions() -> None:
    assert routing.subject(_group("a")) != routing.subject(_group("a", incident="other"))
    group = _group("a").group
    elsewhere = IncidentRoutingParams(Region(EAST), "instance", group)
    assert routing.subject(_group("a")) == routing.subject(elsewhere)


@pytest.mark.parametrize("agents", [1, 48, 1000])
def test_bulk_work_is_expected_to_take_as_long_as_two_calls_a_second_allow(agents: int) -> None:
    # Administrator Guide, "Amazon Connect API throttling quotas": 2 requests a second, 5 at once.
    users = tuple(f"user-{number}" for number in range(agents))
    least_s = max(agents - 5, 0) / 2
    for expected in (
        IncidentRouting.expect(_group(*users)),
        rp.TrafficGroupAgents.expect(rp.TrafficGroupAgentsParams(Region(EAST), "instance", "group", users)),
    ):
        assert least_s <= expected.seconds <= least_s + 5
        assert expected.provenance is Provenance.DOCUMENTED


# botocore's InstanceReplicationStatus, TrafficDistributionGroupStatus and PhoneNumberWorkflowStatus.


@pytest.mark.parametrize(
    ("status", "asks", "settled"),
    [
        ("absent", 1, False),
        ("INSTANCE_REPLICATION_IN_PROGRESS", 0, False),
        ("INSTANCE_REPLICATION_FAILED", 1, False),
        ("INSTANCE_REPLICATION_COMPLETE", 1, True),
    ],
)
def test_a_replica_is_asked_for_unless_it_is_being_made(status: str, asks: int, settled: bool) -> None:  # noqa: FBT001 - a table of cases
    action = rp.ReplicateInstance(no_cloud)
    params = rp.ReplicateInstanceParams(Region(EAST), "instance", Region(WEST), "alias")
    target = action.target(params, status)
    assert len(action.parts(params, status, target)) == asks
    assert action.settled(params, target, status) is settled


@pytest.mark.parametrize(
    ("status", "asks", "settled"),
    [("absent", 1, False), ("CREATION_IN_PROGRESS", 0, False), ("CREATION_FAILED", 0, False), ("ACTIVE", 0, True)],
)
def test_a_group_is_asked_for_where_there_is_none(status: str, asks: int, settled: bool) -> None:  # noqa: FBT001 - a table of cases
    action = rp.TrafficGroup(no_cloud)
    params = rp.TrafficGroupParams(Region(EAST), "instance", "name")
    seen = {"status": status, "arn": "arn", "default_arn": "default"}
    target = action.target(params, seen)
    assert len(action.parts(params, seen, target)) == asks
    assert action.settled(params, target, seen) is settled


@pytest.mark.parametrize(
    ("target", "status", "asks", "settled"),
    [("old", "CLAIMED", 1, False), ("new", "IN_PROGRESS", 0, False), ("new", "CLAIMED", 0, True)],
)
def test_a_number_is_settled_when_its_new_target_is_claimed(target: str, status: str, asks: int, settled: bool) -> None:  # noqa: FBT001 - a table of cases
    action = rp.NumberTarget(no_cloud)
    params = rp.NumberTargetParams(Region(EAST), "number", "new")
    seen = {"target": target, "status": status}
    wanted = action.target(params, seen)
    assert len(action.parts(params, seen, wanted)) == asks
    assert action.settled(params, wanted, seen) is settled


def test_members_are_the_union_of_those_there_and_those_asked_for() -> None:
    action = rp.TrafficGroupAgents(no_cloud)
    params = rp.TrafficGroupAgentsParams(Region(EAST), "instance", "group", ("c", "a", "a"))
    target = action.target(params, ["b", "c"])
    assert target == ["a", "b", "c"]
    assert action.parts(params, ["b", "c"], target) == ["a"]


def test_a_numbers_flow_is_one_subject_a_region_and_its_target_one_for_all() -> None:
    flow, target = rp.NumberFlow(no_cloud), rp.NumberTarget(no_cloud)
    subjects = {
        flow.subject(rp.NumberFlowParams(Region(region), "instance", "number", name))
        for region in (EAST, WEST)
        for name in ("main", "closed")
    }
    assert len(subjects) == 2
    assert len({target.subject(rp.NumberTargetParams(Region(EAST), "number", to)) for to in ("one", "two")}) == 1
