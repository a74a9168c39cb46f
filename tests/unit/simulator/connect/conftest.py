"""A simulated Connect under moto, reached through boto3 as any client would, on a clock that tests move by hand."""

from __future__ import annotations

import json
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
from drills.simulator.aws.connect.install import install
from drills.simulator.aws.connect.mirror import ask_about_regions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCOUNT = "123456789012"
EAST, WEST = "us-east-1", "us-west-2"
START = datetime(2026, 11, 1, 9, tzinfo=UTC)
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1})
KEYS = {"aws_access_key_id": "simulated", "aws_secret_access_key": "simulated"}
SESSION = boto3.Session()  # one for all tests: reading the service's model takes longer than most of them


class Cloud:
    """Clients and the clock. `down` says since when a Region is dead, as the network does."""

    account = ACCOUNT

    def __init__(self, clock: time_machine.Traveller) -> None:
        self._clock = clock
        self.now = START
        self.down: dict[str, datetime] = {}
        self._clients: dict[tuple[str, str], Any] = {}

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self._clock.move_to(self.now, tick=False)

    def client(self, region: str = EAST, account: str = ACCOUNT) -> Any:
        if (region, account) not in self._clients:
            keys = KEYS if account == ACCOUNT else self._keys(account)
            self._clients[region, account] = SESSION.client("connect", region_name=region, config=ONE_ATTEMPT, **keys)
        return self._clients[region, account]

    def lose(self, region: str) -> None:
        """From now on nothing answers there."""
        self.down[region] = self.now

    @staticmethod
    def _keys(account: str) -> dict[str, str]:
        sts = SESSION.client("sts", region_name=EAST, **KEYS)
        role = f"arn:aws:iam::{account}:role/operator"
        keys = sts.assume_role(RoleArn=role, RoleSessionName="drill")["Credentials"]
        return {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        }

    @staticmethod
    def refused(code: str, call: Callable[..., Any], **parameters: Any) -> dict[str, Any]:
        """The error's whole answer; the test fails unless the call is refused with this code."""
        with pytest.raises(ClientError) as caught:
            call(**parameters)
        assert caught.value.response["Error"]["Code"] == code
        return caught.value.response


class Centre:
    """A contact centre with one queue, one routing profile, one agent and one flow in the east."""

    def __init__(self, cloud: Cloud, region: str = EAST, account: str = ACCOUNT, alias: str = "centre") -> None:
        self.cloud, self.connect = cloud, cloud.client(region, account)
        with without_throttling():
            self._make(alias)

    def _make(self, alias: str) -> None:
        made = self.connect.create_instance(
            IdentityManagementType="SAML", InstanceAlias=alias, InboundCallsEnabled=True, OutboundCallsEnabled=True
        )
        self.id, self.arn = made["Id"], made["Arn"]
        day = {"Day": "MONDAY", "StartTime": {"Hours": 0, "Minutes": 0}, "EndTime": {"Hours": 23, "Minutes": 59}}
        self.hours = self.connect.create_hours_of_operation(
            InstanceId=self.id, Name="always", TimeZone="UTC", Config=[day]
        )["HoursOfOperationId"]
        self.queue = self.new_queue("support", MaxContacts=40)
        self.profile = self.new_profile("normal", [self.queue])
        self.security = self.connect.create_security_profile(InstanceId=self.id, SecurityProfileName="agents")[
            "SecurityProfileId"
        ]
        self.agent = self.new_agent("ada")
        self.flow = self.new_flow("inbound")
        self.cloud.wait(30)

    def new_queue(self, name: str, **more: Any) -> str:
        return self.connect.create_queue(InstanceId=self.id, Name=name, HoursOfOperationId=self.hours, **more)[
            "QueueId"
        ]

    def new_profile(self, name: str, queues: list[str]) -> str:
        configs = [
            {"QueueReference": {"QueueId": queue, "Channel": "VOICE"}, "Priority": order, "Delay": 0}
            for order, queue in enumerate(queues, start=1)
        ]
        return self.connect.create_routing_profile(
            InstanceId=self.id,
            Name=name,
            Description=name,
            DefaultOutboundQueueId=self.queue,
            QueueConfigs=configs,
            MediaConcurrencies=[{"Channel": "VOICE", "Concurrency": 1}],
        )["RoutingProfileId"]

    def new_agent(self, name: str, **more: Any) -> str:
        return self.connect.create_user(
            InstanceId=self.id,
            Username=name,
            IdentityInfo={"FirstName": name, "LastName": "Example"},
            SecurityProfileIds=[self.security],
            RoutingProfileId=self.profile,
            **more,
        )["UserId"]

    def new_flow(self, name: str, **more: Any) -> str:
        content = json.dumps(queue_flow(self.queue))
        return self.connect.create_contact_flow(
            InstanceId=self.id, Name=name, Type="CONTACT_FLOW", Content=content, **more
        )["ContactFlowId"]

    def new_number(self, target_arn: str = "", name: str = "support line") -> dict[str, str]:
        """Claim the first free number and wait until it is claimed."""
        target = {"TargetArn": target_arn or self.arn}
        with without_throttling():
            free = self.connect.search_available_phone_numbers(
                PhoneNumberCountryCode="US", PhoneNumberType="DID", **target
            )["AvailableNumbersList"]
            claimed = self.connect.claim_phone_number(
                PhoneNumber=free[0]["PhoneNumber"], PhoneNumberDescription=name, **target
            )
        self.cloud.wait(15)
        return claimed

    def replicate(self) -> None:
        """Have a complete replica in the west."""
        self.connect.replicate_instance(InstanceId=self.id, ReplicaRegion=WEST, ReplicaAlias="centre-west")
        self.cloud.wait(300)

    def new_group(self, name: str = "customers") -> str:
        """Make a traffic distribution group and wait until it is active; its ARN."""
        made = self.connect.create_traffic_distribution_group(Name=name, InstanceId=self.id)
        self.cloud.wait(60)
        return made["Arn"]


def action(name: str, kind: str, then: str = "", **parameters: Any) -> dict[str, Any]:
    """One action of a flow; without `then` nothing follows it."""
    transitions: dict[str, Any] = {"NextAction": then, "Errors": [], "Conditions": []} if then else {}
    return {"Identifier": name, "Type": kind, "Parameters": parameters, "Transitions": transitions}


def queue_flow(queue: str) -> dict[str, Any]:
    """Greet, set the queue, transfer, and hang up where that fails."""
    actions = [
        action("greet", "MessageParticipant", "choose", Text="Welcome"),
        action("choose", "UpdateContactTargetQueue", "transfer", QueueId=queue),
        action("transfer", "TransferContactToQueue", "end"),
        action("end", "DisconnectParticipant"),
    ]
    return {"Version": "2019-10-30", "StartAction": "greet", "Actions": actions}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    install()
    with time_machine.travel(START, tick=False) as clock, mock_aws(), founded(ACCOUNT):
        cloud = Cloud(clock)
        ask_about_regions(cloud.down.get)
        yield cloud
        ask_about_regions()


@pytest.fixture
def centre(cloud: Cloud) -> Centre:
    return Centre(cloud)


@pytest.fixture
def pair(centre: Centre) -> Centre:
    """The centre with its replica in the west."""
    centre.replicate()
    return centre


@pytest.fixture
def make_centre(cloud: Cloud) -> Callable[..., Centre]:
    return lambda **more: Centre(cloud, **more)


@pytest.fixture
def make_flow() -> Callable[[str], dict[str, Any]]:
    return queue_flow


@pytest.fixture
def make_action() -> Callable[..., dict[str, Any]]:
    return action
