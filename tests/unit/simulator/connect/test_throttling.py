"""Throttling, and the way in: installing the simulation."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.connect.models import ConnectBackend, connect_backends

from drills.simulator.aws.connect.backend import Backend
from drills.simulator.aws.connect.buckets import without_throttling
from drills.simulator.aws.connect.install import install


def test_five_calls_pass_at_once_and_then_two_a_second(cloud: Any, centre: Any) -> None:
    # Administrator Guide, "Amazon Connect service quotas", API throttling: 2 a second, burst 5; HTTP 429
    def describe() -> Any:
        return centre.connect.describe_queue(InstanceId=centre.id, QueueId=centre.queue)

    for _ in range(5):
        describe()
    answer = cloud.refused("ThrottlingException", describe)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
    cloud.wait(1)
    describe()
    describe()
    cloud.refused("ThrottlingException", describe)
    cloud.wait(3600)
    for _ in range(5):
        describe()
    cloud.refused("ThrottlingException", describe)


def test_each_operation_region_and_account_has_a_bucket_of_its_own(cloud: Any, centre: Any, make_centre: Any) -> None:
    foreign = make_centre(account="111122223333")
    for _ in range(5):
        centre.connect.list_instances()
    cloud.refused("ThrottlingException", centre.connect.list_instances)
    centre.connect.describe_instance(InstanceId=centre.id)
    cloud.client("us-west-2").list_instances()
    foreign.connect.list_instances()


def test_contacts_are_searched_once_in_two_seconds(cloud: Any, centre: Any) -> None:
    # Administrator Guide, API throttling quotas: SearchContacts 0.5 a second, burst 1
    span = {"Type": "INITIATION_TIMESTAMP", "StartTime": 0, "EndTime": cloud.now}
    asked = {"InstanceId": centre.id, "TimeRange": span}
    centre.connect.search_contacts(**asked)
    cloud.wait(1)
    cloud.refused("ThrottlingException", centre.connect.search_contacts, **asked)
    cloud.wait(1)
    centre.connect.search_contacts(**asked)


def test_moto_s_own_operations_are_throttled_too(cloud: Any, centre: Any) -> None:
    for _ in range(5):
        centre.connect.tag_resource(resourceArn=centre.arn, tags={"a": "b"})
    cloud.refused("ThrottlingException", centre.connect.tag_resource, resourceArn=centre.arn, tags={"a": "b"})


def test_provisioning_can_switch_throttling_off(cloud: Any, centre: Any) -> None:
    with without_throttling(), without_throttling():
        for _ in range(20):
            centre.connect.list_instances()
    for _ in range(5):
        centre.connect.list_instances()
    cloud.refused("ThrottlingException", centre.connect.list_instances)


def test_installing_twice_is_installing_once_and_installing_late_is_refused(cloud: Any) -> None:
    install()
    cloud.client().list_instances()
    install()
    connect_backends.backend = ConnectBackend
    try:
        with mock_aws():
            mock_aws().reset()
            boto3.Session(region_name="us-east-1").client("connect").list_instances()
            with pytest.raises(RuntimeError, match="before the first Connect call"):
                install()
    finally:
        mock_aws().reset()
        install()
    assert connect_backends.backend is Backend
