"""Quick connects, and the queues that offer them."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def transfer(centre: Any, make_action: Any) -> str:
    """A flow of the type that leads to a queue."""
    content = {"Version": "2019-10-30", "StartAction": "go", "Actions": [
        make_action("go", "TransferContactToQueue", "end"), make_action("end", "DisconnectParticipant"),
    ]}  # fmt: skip
    made = centre.connect.create_contact_flow(
        InstanceId=centre.id, Name="transfer", Type="QUEUE_TRANSFER", Content=json.dumps(content)
    )
    return str(made["ContactFlowId"])


def to_number(number: str = "+12065550142") -> dict[str, Any]:
    return {"QuickConnectType": "PHONE_NUMBER", "PhoneConfig": {"PhoneNumber": number}}


def to_queue(queue: str, flow: str) -> dict[str, Any]:
    return {"QuickConnectType": "QUEUE", "QueueConfig": {"QueueId": queue, "ContactFlowId": flow}}


def create(centre: Any, config: Any, name: str = "partner") -> str:
    centre.cloud.wait(5)
    made = centre.connect.create_quick_connect(InstanceId=centre.id, Name=name, QuickConnectConfig=config)
    return str(made["QuickConnectId"])


def test_quick_connects_to_a_queue_and_to_a_number_are_found(centre: Any, transfer: str) -> None:
    # By botocore's model: QuickConnectSearchSummaryList
    outside, inside = create(centre, to_number()), create(centre, to_queue(centre.queue, transfer), "support")
    found = centre.connect.search_quick_connects(InstanceId=centre.id)
    configs = {each["QuickConnectId"]: each["QuickConnectConfig"] for each in found["QuickConnects"]}
    assert configs == {outside: to_number(), inside: to_queue(centre.queue, transfer)}
    assert found["ApproximateTotalCount"] == 2


def test_what_does_not_exist_or_has_another_type_is_no_destination(cloud: Any, centre: Any, transfer: str) -> None:
    own = {"InstanceId": centre.id, "Name": "tried"}
    make = centre.connect.create_quick_connect
    cloud.refused("ResourceNotFoundException", make, **own, QuickConnectConfig=to_queue("nobodys", transfer))
    cloud.refused("ResourceNotFoundException", make, **own, QuickConnectConfig=to_queue(centre.queue, "nobodys"))
    cloud.wait(5)
    # Administrator Guide, "Create quick connects": a transfer to queue flow
    cloud.refused("InvalidParameterException", make, **own, QuickConnectConfig=to_queue(centre.queue, centre.flow))
    mixed = {**to_number(), "QueueConfig": {"QueueId": centre.queue, "ContactFlowId": transfer}}
    cloud.refused("InvalidParameterException", make, **own, QuickConnectConfig=mixed)
    cloud.refused("InvalidParameterException", make, **own, QuickConnectConfig={"QuickConnectType": "PHONE_NUMBER"})
    cloud.wait(5)
    cloud.refused("InvalidParameterException", make, **own, QuickConnectConfig=to_number("12065550142"))
    user = {"QuickConnectType": "USER", "UserConfig": {"UserId": centre.agent, "ContactFlowId": transfer}}
    with pytest.raises(NotImplementedError, match="USER"):
        make(**own, QuickConnectConfig=user)


def offered(centre: Any, queue: str, region: str = "us-east-1") -> list[str]:
    listed = centre.cloud.client(region).list_queue_quick_connects(InstanceId=centre.id, QueueId=queue)
    return [each["Id"] for each in listed["QuickConnectSummaryList"]]


def test_a_queue_offers_those_that_it_was_made_with_and_those_added_each_once(cloud: Any, centre: Any) -> None:
    first, second = create(centre, to_number()), create(centre, to_number("+12065550143"), "other")
    queue = centre.new_queue("vip", QuickConnectIds=[first])
    assert offered(centre, queue) == [first]
    for added in ([second, first], [second]):
        centre.connect.associate_queue_quick_connects(InstanceId=centre.id, QueueId=queue, QuickConnectIds=added)
    assert offered(centre, queue) == [first, second]
    link = centre.connect.associate_queue_quick_connects
    cloud.refused("ResourceNotFoundException", link, InstanceId=centre.id, QueueId=queue, QuickConnectIds=["x"])


def test_a_link_is_mirrored_with_lag(cloud: Any, pair: Any) -> None:
    partner = create(pair, to_number())
    pair.connect.associate_queue_quick_connects(InstanceId=pair.id, QueueId=pair.queue, QuickConnectIds=[partner])
    assert offered(pair, pair.queue, "us-west-2") == []
    cloud.wait(60)
    assert offered(pair, pair.queue, "us-west-2") == [partner]
    findings = pair.connect.list_replication_findings(InstanceId=pair.id, ResourceType="TRANSFER_DESTINATION")
    assert all(each["Count"] == 0 for each in findings["ApproximateDriftedResourceCounts"])
