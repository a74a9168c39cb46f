"""Users and their routing profiles."""

from __future__ import annotations

from typing import Any

import pytest

from drills.simulator.aws.connect import estate
from drills.simulator.aws.connect.buckets import without_throttling


def test_a_user_reads_back_as_made(cloud: Any, centre: Any) -> None:
    # By botocore's model, DescribeUser
    user = centre.connect.describe_user(InstanceId=centre.id, UserId=centre.agent)["User"]
    assert user["Arn"] == f"{centre.arn}/agent/{centre.agent}"
    assert (user["Username"], user["RoutingProfileId"]) == ("ada", centre.profile)
    assert user["SecurityProfileIds"] == [centre.security]
    assert user["IdentityInfo"] == {"FirstName": "ada", "LastName": "Example"}
    (agent,) = estate.site(cloud.account, centre.id, "us-east-1").agents()
    assert (agent.id, agent.name, agent.routing_profile_id) == (centre.agent, "ada", centre.profile)


def test_an_agent_moves_to_another_routing_profile(cloud: Any, centre: Any) -> None:
    incident = centre.new_profile("incident", [centre.queue])
    asked = {"InstanceId": centre.id, "UserId": centre.agent}
    centre.connect.update_user_routing_profile(RoutingProfileId=incident, **asked)
    assert centre.connect.describe_user(**asked)["User"]["RoutingProfileId"] == incident
    assert estate.site(cloud.account, centre.id, "us-east-1").agents()[0].routing_profile_id == incident
    update = centre.connect.update_user_routing_profile
    cloud.refused("ResourceNotFoundException", update, RoutingProfileId="nothing", **asked)
    cloud.refused("ResourceNotFoundException", update, RoutingProfileId=incident, InstanceId=centre.id, UserId="nobody")


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("a" * 65, {}),
        ("with space", {}),
        ("grace", {"Password": "Secret123"}),
        ("grace", {"IdentityInfo": {"FirstName": "g", "LastName": "h", "Email": "g@example.com"}}),
        ("grace", {"IdentityInfo": {"FirstName": "g"}}),
        ("grace", {"SecurityProfileIds": ["same"] * 11}),
    ],
)
def test_saml_decides_what_a_user_may_have(cloud: Any, centre: Any, name: str, instead: dict[str, Any]) -> None:
    # By botocore's model, CreateUser: Username, Password, IdentityInfo and SecurityProfileIds
    asked = {
        "InstanceId": centre.id,
        "Username": name,
        "IdentityInfo": {"FirstName": "g", "LastName": "h"},
        "SecurityProfileIds": [centre.security],
        "RoutingProfileId": centre.profile,
        **instead,
    }
    cloud.refused("InvalidParameterException", centre.connect.create_user, **asked)


def test_users_are_found_in_pages_of_at_most_500(cloud: Any, centre: Any) -> None:
    # By botocore's model, SearchUsers: MaxResult500
    with without_throttling():
        for number in range(501):
            centre.new_agent(f"agent-{number:03}")
    first = centre.connect.search_users(InstanceId=centre.id)
    rest = centre.connect.search_users(InstanceId=centre.id, NextToken=first["NextToken"])
    assert (len(first["Users"]), len(rest["Users"]), first["ApproximateTotalCount"]) == (500, 2, 502)
    assert len({user["Id"] for user in first["Users"] + rest["Users"]}) == 502
    cloud.refused("InvalidParameterException", centre.connect.search_users, InstanceId=centre.id, MaxResults=501)


def test_users_are_found_by_routing_profile_and_name(centre: Any) -> None:
    incident = centre.new_profile("incident", [centre.queue])
    grace = centre.new_agent("grace")
    centre.connect.update_user_routing_profile(InstanceId=centre.id, UserId=grace, RoutingProfileId=incident)

    def found(**criteria: Any) -> list[str]:
        users = centre.connect.search_users(InstanceId=centre.id, SearchCriteria=criteria)["Users"]
        return [user["Username"] for user in users]

    def condition(field: str, value: str, comparison: str = "EXACT") -> Any:
        return {"StringCondition": {"FieldName": field, "Value": value, "ComparisonType": comparison}}

    assert found(**condition("RoutingProfileId", incident)) == ["grace"]
    assert found(**condition("Username", "a", "STARTS_WITH")) == ["ada"]
    assert found(**condition("Username", "a", "CONTAINS")) == ["ada", "grace"]
    either = [condition("Username", "ada"), condition("resourceId", grace)]
    assert found(OrConditions=either) == ["ada", "grace"]
    assert found(AndConditions=either) == []


def test_a_search_that_is_not_simulated_is_loud(centre: Any) -> None:
    criteria = {"HierarchyGroupCondition": {"Value": "x", "HierarchyGroupMatchType": "EXACT"}}
    with pytest.raises(NotImplementedError):
        centre.connect.search_users(InstanceId=centre.id, SearchCriteria=criteria)


def test_a_search_tells_after_contact_work_in_milliseconds(centre: Any) -> None:
    # By botocore's model, SearchUsers: "AfterContactWorkTimeLimit is returned in milliseconds"
    grace = centre.new_agent("grace", PhoneConfig={"PhoneType": "SOFT_PHONE", "AfterContactWorkTimeLimit": 30})
    described = centre.connect.describe_user(InstanceId=centre.id, UserId=grace)["User"]
    (found,) = centre.connect.search_users(
        InstanceId=centre.id,
        SearchCriteria={"StringCondition": {"FieldName": "Username", "Value": "grace", "ComparisonType": "EXACT"}},
    )["Users"]
    assert described["PhoneConfig"]["AfterContactWorkTimeLimit"] == 30
    assert found["PhoneConfig"]["AfterContactWorkTimeLimit"] == 30_000
