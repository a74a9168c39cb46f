"""The simulated Chime SDK Voice in a simulated cloud, reached through boto3 as any client would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from drills.simulator.aws.connect.buckets import without_throttling
from drills.simulator.aws.install import install
from drills.simulator.cloud import SimulatedCloud

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EAST, WEST, LONDON = "us-east-1", "us-west-2", "eu-west-2"
SESSION = boto3.Session()  # one for all tests: reading the service's model takes longer than most of them
KEYS = {"aws_access_key_id": "simulated", "aws_secret_access_key": "simulated"}


class Trunks:
    """Clients of three Regions, the clock, and two connectors in one group that was made in the west."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self.cloud = cloud
        self.east, self.west, self.london = (self._client(region) for region in (EAST, WEST, LONDON))

    @staticmethod
    def _client(region: str) -> Any:
        once = Config(retries={"total_max_attempts": 1})
        return SESSION.client("chime-sdk-voice", region_name=region, config=once, **KEYS)

    def connector(self, region: str, name: str = "trunk") -> str:
        """The id of a new connector, made from the west."""
        with without_throttling():
            made = self.west.create_voice_connector(Name=name, AwsRegion=region, RequireEncryption=True)
        return str(made["VoiceConnector"]["VoiceConnectorId"])

    def group(self, *connectors: str, client: Any = None) -> str:
        """The id of a new group with these connectors, priority 1 first."""
        with without_throttling():
            made = (client or self.west).create_voice_connector_group(
                Name="main", VoiceConnectorItems=items(*connectors)
            )
        return str(made["VoiceConnectorGroup"]["VoiceConnectorGroupId"])

    def order(self, group: str, client: Any = None) -> dict[str, int]:
        """The group's connectors and priorities, as an endpoint tells them."""
        with without_throttling():
            found = (client or self.west).get_voice_connector_group(VoiceConnectorGroupId=group)
        listed = found["VoiceConnectorGroup"]["VoiceConnectorItems"]
        return {each["VoiceConnectorId"]: each["Priority"] for each in listed}

    def reorder(self, group: str, *connectors: str, client: Any = None) -> Any:
        return (client or self.west).update_voice_connector_group(
            VoiceConnectorGroupId=group, Name="main", VoiceConnectorItems=items(*connectors)
        )

    def wait(self, seconds: float) -> None:
        self.cloud.clock.advance(seconds)

    def lose(self, region: str) -> None:
        self.cloud.lose(region, self.cloud.clock.now())

    @staticmethod
    def refused(code: str, call: Callable[..., Any], *given: Any, **parameters: Any) -> int:
        """The HTTP status; the test fails unless the call is refused with this code."""
        with pytest.raises(ClientError) as caught:
            call(*given, **parameters)
        assert caught.value.response["Error"]["Code"] == code
        return int(caught.value.response["ResponseMetadata"]["HTTPStatusCode"])


def items(*connectors: str) -> list[dict[str, Any]]:
    """Members of a group, in order of priority."""
    return [{"VoiceConnectorId": each, "Priority": place} for place, each in enumerate(connectors, 1)]


@pytest.fixture
def trunks(tmp_path: Path) -> Iterator[Trunks]:
    with SimulatedCloud(3, settings_dir=tmp_path) as cloud:
        yield Trunks(cloud)


@pytest.fixture
def unfounded() -> Iterator[Any]:
    """A client in an account that no simulated cloud founded: the extension is installed, and no more."""
    install()
    with mock_aws():
        yield Trunks._client(WEST)
