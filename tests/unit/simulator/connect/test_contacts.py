"""Contacts, as SearchContacts finds them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from drills.simulator.aws.connect import estate
from drills.simulator.aws.connect.buckets import without_throttling
from drills.simulator.aws.connect.state import Contact

EAST, WEST = "us-east-1", "us-west-2"


def _call(cloud: Any, centre: Any, region: str = EAST, name: str = "call", **more: Any) -> Any:
    site = estate.site(cloud.account, centre.id, region)
    return site.add_contact(Contact(name, centre.id, region, "arn:number", cloud.now, **more))


def _search(cloud: Any, centre: Any, region: str = EAST, kind: str = "INITIATION_TIMESTAMP", **more: Any) -> Any:
    hour = timedelta(hours=1)
    span = {"Type": kind, "StartTime": cloud.now - hour, "EndTime": cloud.now + hour}
    with without_throttling():
        return cloud.client(region).search_contacts(InstanceId=centre.id, TimeRange=span, **more)


def test_a_contact_shows_what_has_happened_to_it_and_no_more(cloud: Any, centre: Any) -> None:
    # By botocore's model: ContactSearchSummary
    contact = _call(cloud, centre)
    (found,) = _search(cloud, centre)["Contacts"]
    assert (found["Id"], found["Channel"], found["InitiationMethod"]) == ("call", "VOICE", "INBOUND")
    assert found["InitiationTimestamp"] == cloud.now
    assert not {"QueueInfo", "AgentInfo", "DisconnectTimestamp", "GlobalResiliencyMetadata"} & set(found)
    started = cloud.now
    contact.queue_id, contact.enqueued_at = centre.queue, started + timedelta(seconds=5)
    contact.agent_id, contact.connected_at = centre.agent, started + timedelta(seconds=20)
    contact.disconnected_at = started + timedelta(seconds=200)
    (found,) = _search(cloud, centre)["Contacts"]
    assert found["QueueInfo"] == {"Id": centre.queue, "EnqueueTimestamp": contact.enqueued_at}
    assert found["AgentInfo"] == {"Id": centre.agent, "ConnectedToAgentTimestamp": contact.connected_at}
    assert found["DisconnectTimestamp"] == contact.disconnected_at


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("INITIATION_TIMESTAMP", {"queued", "answered"}),
        ("ENQUEUE_TIMESTAMP", {"queued", "answered"}),
        ("CONNECTED_TO_AGENT_TIMESTAMP", {"answered"}),
        ("DISCONNECT_TIMESTAMP", set()),
    ],
)
def test_the_time_range_asks_for_one_kind_of_time(cloud: Any, centre: Any, kind: str, expected: set[str]) -> None:
    # By botocore's model: SearchContactsTimeRangeType
    _call(cloud, centre, name="queued", enqueued_at=cloud.now, queue_id=centre.queue)
    answered = {"agent_id": centre.agent, "connected_at": cloud.now}
    _call(cloud, centre, name="answered", enqueued_at=cloud.now, queue_id=centre.queue, **answered)
    assert {contact["Id"] for contact in _search(cloud, centre, kind=kind)["Contacts"]} == expected


def test_contacts_outside_the_time_range_are_not_found(cloud: Any, centre: Any) -> None:
    _call(cloud, centre, name="long ago")
    cloud.wait(7200)
    assert _search(cloud, centre)["Contacts"] == []
    _call(cloud, centre, name="now")
    assert [contact["Id"] for contact in _search(cloud, centre)["Contacts"]] == ["now"]
    cloud.wait(-7200)
    assert [contact["Id"] for contact in _search(cloud, centre)["Contacts"]] == ["long ago"]
    span = {"Type": "INITIATION_TIMESTAMP", "StartTime": cloud.now, "EndTime": cloud.now}
    cloud.refused("InvalidParameterException", centre.connect.search_contacts, InstanceId=centre.id, TimeRange=span)


def test_contacts_come_in_pages_of_at_most_100_and_new_ones_upset_no_page(cloud: Any, centre: Any) -> None:
    # By botocore's model: MaxResult100
    for number in range(150):
        _call(cloud, centre, name=f"call-{number:03}")
        cloud.wait(1)
    first = _search(cloud, centre)
    _call(cloud, centre, name="newcomer")
    rest = _search(cloud, centre, NextToken=first["NextToken"])
    ids = [contact["Id"] for contact in first["Contacts"] + rest["Contacts"]]
    assert (len(first["Contacts"]), first["TotalCount"]) == (100, 150)
    assert ids == [f"call-{number:03}" for number in reversed(range(150))]
    assert "NextToken" not in rest
    cloud.refused("InvalidParameterException", _search, cloud=cloud, centre=centre, MaxResults=101)


def test_contacts_are_found_by_queue_and_agent_and_sorted_as_asked(cloud: Any, centre: Any) -> None:
    other = centre.new_queue("other")
    for name, queue in (("one", centre.queue), ("two", other), ("three", centre.queue)):
        _call(cloud, centre, name=name, queue_id=queue, enqueued_at=cloud.now)
        cloud.wait(1)
    ascending = {"FieldName": "INITIATION_TIMESTAMP", "Order": "ASCENDING"}
    found = _search(cloud, centre, SearchCriteria={"QueueIds": [centre.queue]}, Sort=ascending)["Contacts"]
    assert [contact["Id"] for contact in found] == ["one", "three"]
    assert _search(cloud, centre, SearchCriteria={"AgentIds": [centre.agent]})["Contacts"] == []
    with pytest.raises(NotImplementedError):
        _search(cloud, centre, SearchCriteria={"Name": {"SearchText": ["x"], "MatchType": "MATCH_ALL"}})


def test_queued_contacts_stay_behind_in_the_region_that_took_them(cloud: Any, pair: Any) -> None:
    # Administrator Guide, "Update telephony traffic distribution": a shift concerns new contacts
    group = pair.new_group()
    waiting = {"queue_id": pair.queue, "enqueued_at": cloud.now, "group_id": group.rsplit("/", 1)[1]}
    _call(cloud, pair, **waiting)
    everything_west = {
        "Distributions": [{"Region": EAST, "Percentage": 0}, {"Region": WEST, "Percentage": 100}],
    }
    cloud.client(WEST).update_traffic_distribution(Id=group, TelephonyConfig=everything_west)
    cloud.wait(600)
    (found,) = _search(cloud, pair)["Contacts"]
    assert found["GlobalResiliencyMetadata"] == {
        "ActiveRegion": EAST,
        "OriginRegion": EAST,
        "TrafficDistributionGroupId": waiting["group_id"],
    }
    assert _search(cloud, pair, region=WEST)["Contacts"] == []
