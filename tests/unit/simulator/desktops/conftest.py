"""Simulated WorkSpaces under moto, reached through boto3 as any client would, on a clock that tests move by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import time_machine
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from drills.simulator.aws.accounts import founded
from drills.simulator.aws.connect.buckets import without_throttling
from drills.simulator.aws.workspaces.backend import enrol
from drills.simulator.aws.workspaces.install import install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCOUNT = "123456789012"
EAST, WEST = "us-east-1", "us-west-2"
DIRECTORY, BUNDLE = "d-90670a1b2c", "wsb-12345678"
START = datetime(2026, 11, 1, 9, tzinfo=UTC)
SESSION = boto3.Session()  # one for all tests: reading the service's model takes longer than most of them
KEYS = {"aws_access_key_id": "simulated", "aws_secret_access_key": "simulated"}


class Desks:
    """Clients, the clock, and desktops in the east."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self._clock, self.now = clock, START
        self.east, self.west = (self._client(region) for region in (EAST, WEST))
        enrol(ACCOUNT, EAST, DIRECTORY)

    @staticmethod
    def _client(region: str, service: str = "workspaces") -> Any:
        once = Config(retries={"total_max_attempts": 1})
        return SESSION.client(service, region_name=region, config=once, **KEYS)

    def register(self) -> None:
        """Have a directory of moto's Directory Service registered; its id is `registered`."""
        ec2, service = self._client(EAST, "ec2"), self._client(EAST, "ds")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{EAST}{zone}")["Subnet"]
            for n, zone in enumerate("ab")
        ]
        settings = {"VpcId": vpc, "SubnetIds": [subnet["SubnetId"] for subnet in subnets]}
        named = {"Name": "corp.example", "Password": "Simulated1", "Size": "Small"}
        made = service.create_directory(**named, VpcSettings=settings)
        self.registered = made["DirectoryId"]
        self.east.register_workspace_directory(DirectoryId=self.registered)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self._clock.move_to(self.now, tick=False)

    def made(self, *users: str, mode: str = "AUTO_STOP", **more: Any) -> list[str]:
        """Desktops that were made long ago; their ids."""
        asked = [
            {"DirectoryId": DIRECTORY, "BundleId": BUNDLE, "UserName": user,
             "WorkspaceProperties": {"RunningMode": mode, **more}}
            for user in users
        ]  # fmt: skip
        with without_throttling():
            pending = [self.east.create_workspaces(Workspaces=[one])["PendingRequests"][0] for one in asked]
        return [each["WorkspaceId"] for each in pending]

    def state(self, desktop: str) -> str:
        with without_throttling():
            return str(self.east.describe_workspaces(WorkspaceIds=[desktop])["Workspaces"][0]["State"])

    def mode(self, desktop: str) -> dict[str, Any]:
        with without_throttling():
            found = self.east.describe_workspaces(WorkspaceIds=[desktop])["Workspaces"][0]
        return dict(found["WorkspaceProperties"])

    def start(self, *desktops: str) -> list[dict[str, Any]]:
        """What failed."""
        asked = [{"WorkspaceId": desktop} for desktop in desktops]
        return list(self.east.start_workspaces(StartWorkspaceRequests=asked)["FailedRequests"])

    def stop(self, *desktops: str) -> list[dict[str, Any]]:
        """What failed."""
        asked = [{"WorkspaceId": desktop} for desktop in desktops]
        return list(self.east.stop_workspaces(StopWorkspaceRequests=asked)["FailedRequests"])

    @staticmethod
    def refused(code: str, call: Callable[..., Any], **parameters: Any) -> dict[str, Any]:
        """The error's whole answer; the test fails unless the call is refused with this code."""
        with pytest.raises(ClientError) as caught:
            call(**parameters)
        assert caught.value.response["Error"]["Code"] == code
        return dict(caught.value.response)


@pytest.fixture
def library() -> Iterator[Desks]:
    """The extension installed, and no simulated cloud."""
    install()
    with time_machine.travel(START, tick=False) as clock, mock_aws():
        yield Desks(clock)


@pytest.fixture
def desks(library: Desks) -> Iterator[Desks]:
    """In an account that a simulated cloud founded."""
    with founded(ACCOUNT):
        yield library
