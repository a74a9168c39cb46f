"""Founded accounts: where AWS's stricter rules hold, and where moto answers as moto. ADR 0016."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.connect.models import connect_backends
from moto.route53.models import route53_backends

from drills.simulator.aws.accounts import founded, is_founded
from drills.simulator.aws.install import install
from drills.simulator.cloud import ACCOUNT, SimulatedCloud

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LIBRARY = "123456789012"
SESSION = boto3.Session()
KEYS = {"aws_access_key_id": "simulated", "aws_secret_access_key": "simulated"}
TYPED_ONLY = {"Name": "www.example.org", "Type": "A"}
INSTANCE = {"IdentityManagementType": "SAML", "InboundCallsEnabled": True, "OutboundCallsEnabled": True}


@pytest.fixture
def client() -> Iterator[Callable[[str], Any]]:
    """The extension installed, and no simulated cloud."""
    install()
    with mock_aws():
        yield lambda service: SESSION.client(service, region_name="us-east-1", **KEYS)


def _change(route53: Any, record_set: dict[str, Any]) -> int:
    zone = route53.create_hosted_zone(Name="example.org", CallerReference="zone")["HostedZone"]["Id"]
    change = {"Action": "CREATE", "ResourceRecordSet": dict(record_set)}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    shown = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return sum(each["Type"] == record_set["Type"] for each in shown)


def _status(connect: Any) -> str:
    made = connect.create_instance(InstanceAlias="fresh", **INSTANCE)
    return str(connect.describe_instance(InstanceId=made["Id"])["Instance"]["InstanceStatus"])


def test_an_account_is_founded_while_its_cloud_is_open_and_no_longer(tmp_path: Path) -> None:
    with SimulatedCloud(7, settings_dir=tmp_path):
        assert is_founded(ACCOUNT)
        assert not is_founded(LIBRARY)
    assert not is_founded(ACCOUNT)


def test_a_cloud_that_breaks_leaves_nothing_founded(tmp_path: Path) -> None:
    with pytest.raises(KeyError), SimulatedCloud(7, settings_dir=tmp_path):
        raise KeyError
    assert not is_founded(ACCOUNT)


def test_a_record_set_that_aws_refuses_is_taken_as_moto_takes_it_but_in_a_founded_account(client: Any) -> None:
    route53 = client("route53")
    assert _change(route53, TYPED_ONLY) == 1
    with founded(LIBRARY), pytest.raises(ClientError, match="InvalidInput"):
        _change(route53, TYPED_ONLY)


def test_an_instance_is_active_at_once_but_in_a_founded_account(client: Any) -> None:
    connect = client("connect")
    assert _status(connect) == "ACTIVE"
    with founded(LIBRARY):
        made = connect.create_instance(InstanceAlias="later", **INSTANCE)
        shown = connect.describe_instance(InstanceId=made["Id"])["Instance"]
    assert shown["InstanceStatus"] == "CREATION_IN_PROGRESS"


def test_what_moto_lacks_is_ours_in_every_account(client: Any) -> None:
    config = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Region": "us-west-2", "Name": "evacuate"}}
    check = client("route53").create_health_check(CallerReference="check", HealthCheckConfig=config)["HealthCheck"]
    assert check["HealthCheckConfig"]["AlarmIdentifier"] == config["AlarmIdentifier"]
    made = client("connect").create_instance(InstanceAlias="fresh", **INSTANCE)
    asked = {"InstanceId": made["Id"], "ReplicaRegion": "us-west-2", "ReplicaAlias": "fresh-west"}
    assert client("connect").replicate_instance(**asked)["Id"] == made["Id"]
    for backends in (route53_backends, connect_backends):
        assert backends.backend.__module__.startswith("drills.")
