"""Hours, queues and routing profiles."""

from __future__ import annotations

from typing import Any

import pytest

from drills.simulator.aws.connect import estate


def test_a_queue_reads_back_as_it_was_made(cloud: Any, centre: Any) -> None:
    # By botocore's model, DescribeQueue
    queue = centre.connect.describe_queue(InstanceId=centre.id, QueueId=centre.queue)["Queue"]
    assert queue == {
        "QueueId": centre.queue,
        "QueueArn": f"{centre.arn}/queue/{centre.queue}",
        "Name": "support",
        "HoursOfOperationId": centre.hours,
        "MaxContacts": 40,
        "Status": "ENABLED",
        "Tags": {},
        "LastModifiedTime": queue["LastModifiedTime"],
        "LastModifiedRegion": "us-east-1",
    }
    site = estate.site(cloud.account, centre.id, "us-east-1")
    seen = site.queue(centre.queue)
    assert (seen.id, seen.name, seen.status, seen.max_contacts) == (centre.queue, "support", "ENABLED", 40)
    assert site.queue("nobody") is None


def test_a_queue_without_a_limit_of_its_own_says_none(centre: Any) -> None:
    queue = centre.new_queue("unlimited")
    assert "MaxContacts" not in centre.connect.describe_queue(InstanceId=centre.id, QueueId=queue)["Queue"]


@pytest.mark.parametrize("make", ["new_queue", "new_agent", "new_flow"])
def test_a_name_is_given_once(cloud: Any, centre: Any, make: str) -> None:
    # By botocore's model: DuplicateResourceException, "a resource with the specified name already exists"
    getattr(centre, make)("twice")
    cloud.refused("DuplicateResourceException", getattr(centre, make), name="twice")


def test_a_queue_needs_hours_that_exist(cloud: Any, centre: Any) -> None:
    create = centre.connect.create_queue
    cloud.refused("ResourceNotFoundException", create, InstanceId=centre.id, Name="vip", HoursOfOperationId="nothing")


def test_a_profile_lists_its_queues_in_pages_and_serves_them_by_priority(cloud: Any, centre: Any) -> None:
    # By botocore's model, ListRoutingProfileQueues
    queues = [centre.queue, centre.new_queue("sales"), centre.new_queue("vip")]
    profile = centre.new_profile("all", queues)
    asked = {"InstanceId": centre.id, "RoutingProfileId": profile}
    first = centre.connect.list_routing_profile_queues(MaxResults=2, **asked)
    rest = centre.connect.list_routing_profile_queues(NextToken=first["NextToken"], **asked)
    listed = first["RoutingProfileQueueConfigSummaryList"] + rest["RoutingProfileQueueConfigSummaryList"]
    assert [(entry["QueueName"], entry["Priority"]) for entry in listed] == [("support", 1), ("sales", 2), ("vip", 3)]
    assert estate.site(cloud.account, centre.id, "us-east-1").queues_of(profile) == tuple(queues)
    described = centre.connect.describe_routing_profile(**asked)["RoutingProfile"]
    assert (described["NumberOfAssociatedQueues"], described["NumberOfAssociatedUsers"]) == (3, 0)
    assert "AssociatedQueueIds" not in described


def test_a_lower_priority_number_is_served_first_whatever_the_order_of_creation(cloud: Any, centre: Any) -> None:
    def config(queue: str, priority: int) -> Any:
        reference = {"QueueId": queue, "Channel": "VOICE"}
        return {"QueueReference": reference, "Priority": priority, "Delay": 0}

    later = centre.new_queue("later")
    profile = centre.connect.create_routing_profile(
        InstanceId=centre.id,
        Name="reversed",
        Description="reversed",
        DefaultOutboundQueueId=centre.queue,
        QueueConfigs=[config(later, 9), config(centre.queue, 1)],
        MediaConcurrencies=[{"Channel": "VOICE", "Concurrency": 1}],
    )["RoutingProfileId"]
    assert estate.site(cloud.account, centre.id, "us-east-1").queues_of(profile) == (centre.queue, later)


def test_a_request_takes_ten_queues_and_no_more(cloud: Any, centre: Any) -> None:
    # By botocore's model, RoutingProfileQueueConfigList: max 10 in a CreateRoutingProfile request
    queues = []
    for number in range(11):
        queues.append(centre.new_queue(f"queue-{number}"))
        cloud.wait(1)
    centre.new_profile("ten", queues[:10])
    cloud.refused("InvalidParameterException", centre.new_profile, name="eleven", queues=queues)


def test_a_profile_needs_queues_that_exist(cloud: Any, centre: Any) -> None:
    cloud.refused("ResourceNotFoundException", centre.new_profile, name="lost", queues=["nothing"])


def test_voice_goes_one_call_at_a_time(cloud: Any, centre: Any) -> None:
    # By botocore's model, MediaConcurrency.Concurrency: VOICE 1 to 1
    cloud.refused(
        "InvalidParameterException",
        centre.connect.create_routing_profile,
        InstanceId=centre.id,
        Name="juggler",
        Description="juggler",
        DefaultOutboundQueueId=centre.queue,
        MediaConcurrencies=[{"Channel": "VOICE", "Concurrency": 2}],
    )


def test_what_does_not_exist_is_not_found(cloud: Any, centre: Any) -> None:
    connect, instance = centre.connect, centre.id
    cloud.refused("ResourceNotFoundException", connect.describe_queue, InstanceId=instance, QueueId="x")
    cloud.refused(
        "ResourceNotFoundException", connect.describe_routing_profile, InstanceId=instance, RoutingProfileId="x"
    )
    cloud.refused("ResourceNotFoundException", connect.describe_user, InstanceId=instance, UserId="x")
    cloud.refused("ResourceNotFoundException", connect.describe_contact_flow, InstanceId=instance, ContactFlowId="x")


def test_a_page_token_of_another_list_is_refused(cloud: Any, centre: Any) -> None:
    cloud.refused(
        "InvalidParameterException",
        centre.connect.list_routing_profile_queues,
        InstanceId=centre.id,
        RoutingProfileId=centre.profile,
        NextToken="bm9uc2Vuc2U=",
    )
