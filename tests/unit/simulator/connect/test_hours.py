"""Hours of operation: when a calendar is open, and queues that are switched from one to another."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from drills.simulator.aws.connect import estate
from drills.simulator.aws.connect.opening import is_open
from drills.simulator.aws.connect.resources import Hours


def calendar(time_zone: str, *windows: tuple[str, int, int]) -> Hours:
    config = tuple(
        {"Day": day, "StartTime": {"Hours": start, "Minutes": 30}, "EndTime": {"Hours": end, "Minutes": 0}}
        for day, start, end in windows
    )
    made = datetime(2026, 11, 1, tzinfo=UTC)
    return Hours(id="h", name="h", time_zone=time_zone, config=config, modified_at=made, modified_in="us-east-1")


@pytest.mark.parametrize(
    ("at", "expected"),
    [("09:29", "closed"), ("09:30", "open"), ("17:59", "open"), ("18:00", "closed")],
)
def test_a_calendar_is_open_from_its_start_until_its_end(at: str, expected: str) -> None:
    moment = datetime.fromisoformat(f"2026-11-02T{at}:30+00:00")  # a Monday
    assert is_open(calendar("UTC", ("MONDAY", 9, 18)), moment) is (expected == "open")


def test_an_end_at_midnight_is_the_end_of_the_day() -> None:
    # Administrator Guide, "Set the hours of operation", How to specify midnight
    late = calendar("UTC", ("MONDAY", 9, 0))
    assert is_open(late, datetime(2026, 11, 2, 23, 59, 59, tzinfo=UTC))
    assert not is_open(late, datetime(2026, 11, 3, tzinfo=UTC))


def test_days_and_hours_are_those_of_the_time_zone_also_when_its_clocks_change() -> None:
    berlin = calendar("Europe/Berlin", ("MONDAY", 0, 1))
    assert is_open(berlin, datetime(2026, 11, 1, 23, 45, tzinfo=UTC)), "00:45 on Monday, winter time"
    assert not is_open(berlin, datetime(2026, 11, 1, 22, 45, tzinfo=UTC))
    assert is_open(berlin, datetime(2026, 7, 5, 22, 45, tzinfo=UTC)), "00:45 on Monday, summer time"


def test_a_queue_is_switched_at_once_here_and_with_lag_in_the_other_region(cloud: Any, pair: Any) -> None:
    # By botocore's model: UpdateQueueHoursOfOperation
    sunday = {"Day": "SUNDAY", "StartTime": {"Hours": 9, "Minutes": 0}, "EndTime": {"Hours": 10, "Minutes": 0}}
    incident = pair.connect.create_hours_of_operation(
        InstanceId=pair.id, Name="incident", TimeZone="UTC", Config=[sunday]
    )["HoursOfOperationId"]
    asked = {"InstanceId": pair.id, "QueueId": pair.queue}
    pair.connect.update_queue_hours_of_operation(**asked, HoursOfOperationId=incident)
    hours = [cloud.client(region).describe_queue(**asked)["Queue"]["HoursOfOperationId"] for region in
             ("us-east-1", "us-west-2")]  # fmt: skip
    assert hours == [incident, pair.hours]
    cloud.wait(60)
    assert cloud.client("us-west-2").describe_queue(**asked)["Queue"]["HoursOfOperationId"] == incident
    site = estate.site(cloud.account, pair.id, "us-west-2")
    assert site.is_open(incident), "the tests begin on a Sunday at 9"
    assert site.is_open("nobodys") is None
    switch = pair.connect.update_queue_hours_of_operation
    cloud.refused("ResourceNotFoundException", switch, **asked, HoursOfOperationId="nobodys")


def test_a_flow_that_checks_hours_has_a_way_for_each_answer(
    cloud: Any, centre: Any, make_action: Any, make_flow: Any
) -> None:
    # API Reference, CheckHoursOfOperation
    check = make_action("check", "CheckHoursOfOperation", "transfer")
    flow = make_flow(centre.queue)
    flow["Actions"].append(check)
    create = centre.connect.create_contact_flow
    asked = {"InstanceId": centre.id, "Name": "tried", "Type": "CONTACT_FLOW"}
    answer = cloud.refused("InvalidContactFlowException", create, **asked, Content=json.dumps(flow))
    assert "a condition for True and one for False are needed" in answer["problems"][0]["message"]
    check["Transitions"]["Conditions"] = [
        {"NextAction": "transfer", "Condition": {"Operator": "Equals", "Operands": [answer]}}
        for answer in ("True", "False")
    ]
    cloud.wait(5)
    assert create(**asked, Content=json.dumps(flow))["ContactFlowId"]
