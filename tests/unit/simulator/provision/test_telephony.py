"""Voice Connectors that the stacks declare, built in the simulated cloud; a rule as it is sent, for that is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from drills.simulator.aws.connect.buckets import without_throttling
from drills.simulator.provisioners import telephony
from drills.simulator.provisioners.request import Declared, Request
from orchestrator.model.errors import NotSimulated

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG = Path(__file__).parents[4] / "config" / "examples" / "five-person-desk-independent"
SERVICE = "chime-sdk-voice"
EAST, WEST = "us-east-1", "us-west-2"
SESSION = boto3.Session()
CONNECTOR = "abcdef1ghij2klmno3pqr4"


def request_of(client: Any, **inputs: Any) -> Request:
    declared = Declared(
        urn="urn:pulumi:global::contact-centre::aws:chime/thing:Thing::inbound", type="aws:chime/thing:Thing",
        name="inbound", custom=True, inputs=inputs, parent="", provider="", dependencies=(), protect=False,
        ignore_changes=(),
    )  # fmt: skip
    return Request(declared, WEST, "123456789012", lambda _service, _region: client)


def expecting(operation: str, answer: Mapping[str, Any], **asked: Any) -> Any:
    """A client that takes this one call, held to botocore's model in both directions."""
    client = SESSION.client(SERVICE, region_name=WEST)
    stubber = Stubber(client)
    stubber.add_response(operation, dict(answer), asked)
    stubber.activate()
    return client


@pytest.fixture
def up(cloud: Any) -> Any:
    for role in ("global", "primary", "standby"):
        cloud.provision(role, config_dir=CONFIG)
    return cloud


def told(cloud: Any, side: str) -> dict[str, Any]:
    """A side's telephony, as its stack exports it."""
    found: dict[str, Any] = cloud.up[side].outputs["inventory"]["telephony"]
    return found


def test_each_side_names_its_own_connector_and_the_one_group(up: Any) -> None:
    ours, theirs = told(up, "primary"), told(up, "standby")
    assert ours["voice_connector_id"] != theirs["voice_connector_id"]
    assert ours["group_id"] == theirs["group_id"] != ""
    with without_throttling():
        voice = up.client(SERVICE, WEST)
        found = voice.get_voice_connector_group(VoiceConnectorGroupId=ours["group_id"])["VoiceConnectorGroup"]
        homes = [
            voice.get_voice_connector(VoiceConnectorId=each["voice_connector_id"])["VoiceConnector"]["AwsRegion"]
            for each in (ours, theirs)
        ]
    assert homes == [EAST, WEST]
    assert {each["VoiceConnectorId"]: each["Priority"] for each in found["VoiceConnectorItems"]} == {
        ours["voice_connector_id"]: 1,
        theirs["voice_connector_id"]: 2,
    }


def test_each_connector_leads_to_its_sides_border_controllers(up: Any) -> None:
    for side in ("primary", "standby"):
        with without_throttling():
            found = up.client(SERVICE, WEST).get_voice_connector_origination(
                VoiceConnectorId=told(up, side)["voice_connector_id"]
            )
        (route,) = found["Origination"]["Routes"]
        assert (route["Host"], route["Port"], route["Protocol"]) == (f"sbc.{side}-entry.five.example", 5061, "TCP")


def test_a_standby_of_its_own_declares_an_instance_and_queues(up: Any) -> None:
    ours, theirs = (up.up[side].outputs["inventory"]["connect"] for side in ("primary", "standby"))
    assert ours["instance_id"] != theirs["instance_id"]
    assert f":{WEST}:" in theirs["instance_arn"]
    assert set(ours["queues"]) == set(theirs["queues"])
    with without_throttling():
        found = up.client("connect", WEST).describe_queue(
            InstanceId=theirs["instance_id"], QueueId=theirs["queues"]["everything"]["id"]
        )
    assert found["Queue"]["MaxContacts"] == 15


def test_a_rule_is_sent_with_all_its_targets() -> None:
    targets = [{"sipMediaApplicationId": "sma", "awsRegion": EAST, "priority": 1}]
    sent = [{"SipMediaApplicationId": "sma", "AwsRegion": EAST, "Priority": 1}]
    client = expecting(
        "create_sip_rule", {"SipRule": {"SipRuleId": "rule"}}, Name="inbound", TriggerType="ToPhoneNumber",
        TriggerValue="+12065550142", TargetApplications=sent,
    )  # fmt: skip
    request = request_of(
        client, name="inbound", triggerType="ToPhoneNumber", triggerValue="+12065550142", targetApplications=targets
    )
    assert telephony.sip_rule(request).id == "rule"
    request.refuse_left_over()


def test_a_rule_is_not_simulated_and_says_so(cloud: Any) -> None:
    rule = {
        "sip_rule_trigger": "+12065550142",
        "sip_rule_targets": {"primary": {"application": "sma-east"}, "standby": {"application": "sma-west"}},
    }
    with pytest.raises(NotSimulated, match="SdkvoiceSipRule"):
        cloud.provision("global", config_dir=CONFIG, overrides=rule)


def test_an_origination_that_is_switched_off_stays_so() -> None:
    route = {"host": "sbc.example", "port": 5061, "protocol": "TCP", "priority": 1, "weight": 1}
    sent = {
        "Routes": [{"Host": "sbc.example", "Port": 5061, "Protocol": "TCP", "Priority": 1, "Weight": 1}],
        "Disabled": True,
    }
    client = expecting("put_voice_connector_origination", {}, VoiceConnectorId=CONNECTOR, Origination=sent)
    request = request_of(client, voiceConnectorId=CONNECTOR, routes=[route], disabled=True)
    assert telephony.voice_connector_origination(request).id == CONNECTOR
    request.refuse_left_over()
