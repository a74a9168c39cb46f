"""Contacts in queue, as GetCurrentMetricData counts them. By botocore's model: filters, groupings, `MetricResults`."""

from __future__ import annotations

from typing import Any

import pytest

from drills.simulator.aws.connect import estate
from drills.simulator.aws.connect.state import Contact

EAST, WEST = "us-east-1", "us-west-2"
IN_QUEUE = {"Name": "CONTACTS_IN_QUEUE", "Unit": "COUNT"}
NOWHERE = "00000000-0000-4000-8000-000000000000"


def _call(cloud: Any, centre: Any, name: str, queue: str, region: str = EAST, **more: Any) -> None:
    site = estate.site(cloud.account, centre.id, region)
    times = {"enqueued_at": cloud.now, "queue_id": queue}
    site.add_contact(Contact(name, centre.id, region, "arn:number", cloud.now, **times, **more))


def _asked(cloud: Any, centre: Any, *queues: str, region: str = EAST, **more: Any) -> Any:
    filters = {"Queues": list(queues or [centre.queue]), **more.pop("Filters", {})}
    return cloud.client(region).get_current_metric_data(
        **{"InstanceId": centre.id, "Filters": filters, "CurrentMetrics": [IN_QUEUE], **more}
    )


def _count(found: Any) -> Any:
    (result,) = found["MetricResults"]
    (figure,) = result["Collections"]
    assert figure["Metric"] == IN_QUEUE
    return figure["Value"]


def test_only_those_who_wait_in_the_queues_count_and_the_moment_is_told(cloud: Any, centre: Any) -> None:
    other = centre.new_queue("other")
    assert _count(_asked(cloud, centre)) == 0
    _call(cloud, centre, "waiting", centre.queue)
    _call(cloud, centre, "answered", centre.queue, connected_at=cloud.now)
    _call(cloud, centre, "gone", centre.queue, disconnected_at=cloud.now)
    _call(cloud, centre, "elsewhere", other)
    found = _asked(cloud, centre)
    assert (_count(found), found["DataSnapshotTime"]) == (1, cloud.now)
    assert _count(_asked(cloud, centre, centre.queue, other)) == 2
    assert _count(_asked(cloud, centre, centre.queue, centre.queue)) == 1


def test_a_queue_may_be_named_by_its_arn(cloud: Any, centre: Any) -> None:
    _call(cloud, centre, "waiting", centre.queue)
    assert _count(_asked(cloud, centre, f"{centre.arn}/queue/{centre.queue}")) == 1


def test_grouped_by_queue_each_has_its_own_figure_over_pages(cloud: Any, centre: Any) -> None:
    other = centre.new_queue("other")
    _call(cloud, centre, "one", other)
    _call(cloud, centre, "two", other)
    figures, token = {}, {}
    while True:
        found = _asked(cloud, centre, centre.queue, other, Groupings=["QUEUE"], MaxResults=1, **token)
        figures[found["MetricResults"][0]["Dimensions"]["Queue"]["Id"]] = _count(found)
        if "NextToken" not in found:
            break
        token = {"NextToken": found["NextToken"]}
    assert figures == {centre.queue: 0, other: 2}


def test_a_channel_filter_leaves_the_others_out(cloud: Any, centre: Any) -> None:
    _call(cloud, centre, "chat", centre.queue, channel="CHAT")
    assert _count(_asked(cloud, centre)) == 1
    assert _count(_asked(cloud, centre, Filters={"Channels": ["VOICE"]})) == 0


def test_each_region_counts_its_own_contacts(cloud: Any, pair: Any) -> None:
    _call(cloud, pair, "waiting", pair.queue, region=WEST)
    assert _count(_asked(cloud, pair, region=WEST)) == 1
    assert _count(_asked(cloud, pair, region=EAST)) == 0


def test_what_the_service_refuses(cloud: Any, centre: Any) -> None:
    ask, asked = centre.connect.get_current_metric_data, {"InstanceId": centre.id, "CurrentMetrics": [IN_QUEUE]}
    cloud.refused("InvalidParameterException", ask, **asked, Filters={"Channels": ["VOICE"]})
    cloud.refused("InvalidParameterException", ask, **asked, Filters={"Queues": [f"q{n}" for n in range(101)]})
    cloud.refused("ResourceNotFoundException", ask, **asked, Filters={"Queues": [NOWHERE]})


@pytest.mark.parametrize(
    "more",
    [
        {"Groupings": ["CHANNEL"]},
        {"Filters": {"RoutingProfiles": ["p"]}},
        {"CurrentMetrics": [{"Name": "AGENTS_ONLINE", "Unit": "COUNT"}]},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_nothing_of_ours_asks_is_refused_aloud(cloud: Any, centre: Any, more: Any) -> None:
    with pytest.raises(NotImplementedError, match="not simulated"):
        _asked(cloud, centre, **more)
