"""What bulk settings and the preparation of a standby compute without a cloud."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from orchestrator.actions import numbers as nb
from orchestrator.actions import replication as rp
from orchestrator.actions.agents import AgentGroup, IncidentRouting, IncidentRoutingParams
from orchestrator.model.actions import Provenance
from orchestrator.model.parameters import BadParameters, Region, bind

EAST, WEST = "us-east-1", "us-west-2"
CONNECT = botocore.session.get_session().get_service_model("connect")
no_cloud: Any = None
routing = IncidentRouting(no_cloud)


def _group(*users: str, incident: str = "incident") -> IncidentRoutingParams:
    group = AgentGroup(user_ids=list(users), normal_profile="normal", incident_profile=incident)
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


@pytest.mark.parametrize("group", [{}, {"user_ids": ["a"], "normal_profile": "n"}, {"user_ids": "a"}])
def test_a_group_that_lacks_a_key_is_refused_before_anything_is_called(group: dict[str, Any]) -> None:
    with pytest.raises(BadParameters, match="group"):
        bind(IncidentRoutingParams, {"region": WEST, "instance": "instance", "group": group})


def test_a_return_to_values_captured_for_other_agents_writes_them_and_is_settled_by_those_that_it_names() -> None:
    # Two groups with the same profiles are one subject: what was captured first may name agents of both.
    parts = routing.parts(_group("a"), {"a": "incident"}, {"a": "normal", "b": "normal"})
    assert [part["user"] for part in parts] == ["a", "b"]
    assert not routing.settled(_group("a"), {"b": "normal"}, {"a": "incident"})


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


# Every status that botocore knows is asked upon, awaited, settled or given up; a new one must be given its place here.

ASKED, AWAITED, SETTLED, GIVEN_UP = "asked", "awaited", "settled", "given up"


def _course(action: Any, params: Any, seen: dict[str, Any]) -> set[str]:
    """What becomes of a status: before the write, and when it is seen after."""
    target = action.target(params, seen)
    if action.settled(params, target, seen):
        return {SETTLED}
    first = {ASKED} if action.parts(params, seen, target) else set()
    return first | {GIVEN_UP if action.given_up(params, seen) else AWAITED}


def _statuses(shape: str) -> set[str]:
    return set(CONNECT.shape_for(shape).enum)


REPLICAS = {
    "absent": {ASKED, AWAITED},
    "INSTANCE_REPLICATION_COMPLETE": {SETTLED},
    "INSTANCE_REPLICATION_IN_PROGRESS": {AWAITED},
    "RESOURCE_REPLICATION_NOT_STARTED": {AWAITED},
    # Asked for anew; and if it is seen after that, it is over.
    "INSTANCE_REPLICATION_FAILED": {ASKED, GIVEN_UP},
    "INSTANCE_REPLICA_DELETING": {GIVEN_UP},
    "INSTANCE_REPLICATION_DELETION_FAILED": {GIVEN_UP},
}
GROUPS = {
    "absent": {ASKED, AWAITED},
    "ACTIVE": {SETTLED},
    "CREATION_IN_PROGRESS": {AWAITED},
    "UPDATE_IN_PROGRESS": {AWAITED},
    "CREATION_FAILED": {GIVEN_UP},
    "PENDING_DELETION": {GIVEN_UP},
    "DELETION_FAILED": {GIVEN_UP},
}
NUMBERS = {
    ("old", "CLAIMED"): {ASKED, AWAITED},
    ("new", "CLAIMED"): {SETTLED},
    ("new", "IN_PROGRESS"): {AWAITED},
    ("new", "FAILED"): {ASKED, GIVEN_UP},
    ("old", "FAILED"): {ASKED, GIVEN_UP},
}


def test_the_tables_of_statuses_are_botocores() -> None:
    assert set(REPLICAS) - {"absent"} == _statuses("InstanceReplicationStatus")
    assert set(GROUPS) - {"absent"} == _statuses("TrafficDistributionGroupStatus")
    assert {status for _, status in NUMBERS} == _statuses("PhoneNumberWorkflowStatus")


@pytest.mark.parametrize(("status", "course"), REPLICAS.items())
def test_a_replica_is_asked_for_awaited_or_given_up_by_its_status(status: str, course: set[str]) -> None:
    params = rp.ReplicateInstanceParams(Region(EAST), "instance", Region(WEST), "alias")
    assert _course(rp.ReplicateInstance(no_cloud), params, {"status": status, "reason": ""}) == course


@pytest.mark.parametrize(("status", "course"), GROUPS.items())
def test_a_group_is_asked_for_awaited_or_given_up_by_its_status(status: str, course: set[str]) -> None:
    params = rp.TrafficGroupParams(Region(EAST), "instance", "name")
    seen = {"status": status, "arn": "arn", "default_arn": "default"}
    assert _course(rp.TrafficGroup(no_cloud), params, seen) == course


def test_a_group_is_awaited_until_the_default_one_can_be_told_too() -> None:
    params = rp.TrafficGroupParams(Region(EAST), "instance", "name")
    seen = {"status": "ACTIVE", "arn": "arn", "default_arn": ""}
    assert _course(rp.TrafficGroup(no_cloud), params, seen) == {AWAITED}


@pytest.mark.parametrize(("seen", "course"), NUMBERS.items())
def test_a_number_is_asked_for_awaited_or_given_up_by_its_target_and_status(
    seen: tuple[str, str], course: set[str]
) -> None:
    params = nb.NumberTargetParams(Region(EAST), "number", "new")
    assert _course(nb.NumberTarget(no_cloud), params, {"target": seen[0], "status": seen[1], "reason": ""}) == course


def test_what_was_given_up_is_told_with_the_resource_the_status_and_the_services_words_but_no_phone_number() -> None:
    replica = rp.ReplicateInstance(no_cloud).given_up(
        rp.ReplicateInstanceParams(Region(EAST), "instance", Region(WEST), "alias"),
        {"status": "INSTANCE_REPLICATION_FAILED", "reason": "quotas differ"},
    )
    number = nb.NumberTarget(no_cloud).given_up(
        nb.NumberTargetParams(Region(EAST), "number", "new"),
        {"target": "new", "status": "FAILED", "reason": "+12065550100 is one too many"},
    )
    group = rp.TrafficGroup(no_cloud).given_up(
        rp.TrafficGroupParams(Region(EAST), "instance", "name"), {"status": "CREATION_FAILED"}
    )
    assert replica is not None
    assert number is not None
    assert group is not None
    for lost, named in (
        (replica, ("instance", WEST, "INSTANCE_REPLICATION_FAILED", "quotas differ")),
        (number, ("number", EAST, "FAILED", "is one too many")),
        (group, ("name", EAST, "CREATION_FAILED", "no reason")),
    ):
        assert all(name in lost.what for name in named), lost.what
        assert lost.remedy
        assert not lost.retryable
    assert "5550100" not in number.what


def test_a_number_goes_back_to_a_target_whatever_its_status_was_when_that_was_captured() -> None:
    action, params = nb.NumberTarget(no_cloud), nb.NumberTargetParams(Region(EAST), "number", "new")
    captured = {"target": "old", "status": "IN_PROGRESS", "reason": ""}
    assert action.settled(params, captured, {"target": "old", "status": "CLAIMED", "reason": ""})


def test_members_are_the_union_of_those_there_and_those_asked_for() -> None:
    action = rp.TrafficGroupAgents(no_cloud)
    params = rp.TrafficGroupAgentsParams(Region(EAST), "instance", "group", ("c", "a", "a"))
    target = action.target(params, ["b", "c"])
    assert target == ["a", "b", "c"]
    assert action.parts(params, ["b", "c"], target) == ["a"]
    assert not action.settled(params, target, ["a", "b"])
    assert action.settled(params, target, ["a", "b", "c", "who joined meanwhile"])


def test_a_numbers_flow_is_one_subject_a_region_and_its_target_one_for_all() -> None:
    flow, target = nb.NumberFlow(no_cloud), nb.NumberTarget(no_cloud)
    subjects = {
        flow.subject(nb.NumberFlowParams(Region(region), "instance", "number", name))
        for region in (EAST, WEST)
        for name in ("main", "closed")
    }
    assert len(subjects) == 2
    assert len({target.subject(nb.NumberTargetParams(Region(EAST), "number", to)) for to in ("one", "two")}) == 1
