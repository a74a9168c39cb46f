from __future__ import annotations

from typing import Any

import pytest


def test_a_search_tells_everything_of_a_kind_page_by_page(centre: Any) -> None:
    more = {centre.new_queue(f"queue-{number}", MaxContacts=number) for number in range(1, 4)}
    pages = list(centre.connect.get_paginator("search_queues").paginate(
        InstanceId=centre.id, PaginationConfig={"PageSize": 2}
    ))  # fmt: skip
    found = {queue["QueueId"]: queue for page in pages for queue in page["Queues"]}
    assert len(pages) == 2
    assert {page["ApproximateTotalCount"] for page in pages} == {4}
    assert set(found) == {centre.queue, *more}
    assert found[centre.queue]["MaxContacts"] == 40
    assert found[centre.queue]["HoursOfOperationId"] == centre.hours


@pytest.mark.parametrize(
    ("operation", "key", "member", "wanted"),
    [
        ("search_hours_of_operations", "HoursOfOperations", "HoursOfOperationId", "hours"),
        ("search_routing_profiles", "RoutingProfiles", "RoutingProfileId", "profile"),
        ("search_security_profiles", "SecurityProfiles", "Id", "security"),
    ],
)
def test_hours_and_profiles_are_found(centre: Any, operation: str, key: str, member: str, wanted: str) -> None:
    [found] = getattr(centre.connect, operation)(InstanceId=centre.id)[key]
    assert found[member] == getattr(centre, wanted)


def test_the_replica_is_searched_for_what_has_arrived(centre: Any) -> None:
    centre.replicate()
    late = centre.new_queue("late")
    west = centre.cloud.client("us-west-2")
    assert late not in {queue["QueueId"] for queue in west.search_queues(InstanceId=centre.id)["Queues"]}
    centre.cloud.wait(90)
    assert late in {queue["QueueId"] for queue in west.search_queues(InstanceId=centre.id)["Queues"]}


def test_criteria_are_refused_aloud(centre: Any) -> None:
    wanted = {"StringCondition": {"FieldName": "name", "Value": "support", "ComparisonType": "EXACT"}}
    with pytest.raises(NotImplementedError, match="SearchCriteria"):
        centre.connect.search_queues(InstanceId=centre.id, SearchCriteria=wanted)


def test_another_instance_is_not_found(cloud: Any) -> None:
    cloud.refused("ResourceNotFoundException", cloud.client().search_queues, InstanceId="nobodys")
