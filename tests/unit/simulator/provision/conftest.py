from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from drills.simulator.aws.accounts import founded
from drills.simulator.aws.install import install
from drills.simulator.clock import VirtualClock
from drills.simulator.provision import Stack, provision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONFIG = Path(__file__).parents[4] / "config"
ACCOUNT = "123456789012"
SESSION = boto3.Session()  # a session costs 130 ms


class Cloud:
    """An empty simulated cloud, and the roles that were brought up in it."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.client = cache(lambda service, region: SESSION.client(service, region_name=region))
        self.up: dict[str, Stack] = {}

    def provision(self, role: str, **arguments: Any) -> Stack:
        outputs = {name: stack.outputs for name, stack in self.up.items()}
        given = {"config_dir": CONFIG, "clock": self.clock, **arguments}
        self.up[role] = provision(role, client=self.client, account=ACCOUNT, outputs=outputs, **given)
        return self.up[role]

    def replicate(self) -> dict[str, str]:
        """What prepare-standby would record, made by hand: the replica, and a group of our own."""
        connect = self.client("connect", "us-east-1")
        instance = self.up["primary"].outputs["inventory"]["connect"]["instance_id"]
        connect.replicate_instance(InstanceId=instance, ReplicaRegion="us-west-2", ReplicaAlias="replica-example")
        self.clock.advance(600)
        listed = connect.list_traffic_distribution_groups(InstanceId=instance)
        (default,) = listed["TrafficDistributionGroupSummaryList"]
        made = connect.create_traffic_distribution_group(Name="all", InstanceId=instance)
        return {
            "instance_id": instance,
            "traffic_group_arn": made["Arn"],
            "default_traffic_group_arn": default["Arn"],
        }

    def all_up(self, **overrides: Any) -> Cloud:
        self.provision("global")
        self.provision("primary", overrides=overrides)
        self.provision("standby", overrides=self.replicate())
        return self


@pytest.fixture
def fresh_cloud() -> Iterator[Callable[[], Cloud]]:
    mocks = []

    def make() -> Cloud:
        for mock in mocks:
            mock.stop()
        mocks[:] = [mock_aws()]
        mocks[0].start()
        install()
        return Cloud(clock)

    clock = VirtualClock(datetime(2026, 11, 22, tzinfo=UTC))
    with clock.travelling(), founded(ACCOUNT):
        yield make
        for mock in mocks:
            mock.stop()


@pytest.fixture
def cloud(fresh_cloud: Callable[[], Cloud]) -> Cloud:
    return fresh_cloud()
