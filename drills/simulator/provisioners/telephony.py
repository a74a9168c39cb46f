"""Builders of Amazon Chime SDK Voice resources, by the calls that Pulumi's provider makes (terraform-provider-aws)."""

from __future__ import annotations

from typing import Any

from drills.simulator.provisioners.request import Built, Request, given

_SERVICE = "chime-sdk-voice"


def voice_connector(request: Request) -> Built:
    """CreateVoiceConnector, in the Region that its own input names."""
    made = request.client(_SERVICE).create_voice_connector(
        Name=request.take("name"),
        AwsRegion=request.take("awsRegion"),
        RequireEncryption=request.take("requireEncryption"),
    )["VoiceConnector"]
    outputs = {"arn": made["VoiceConnectorArn"], "outboundHostName": made["OutboundHostName"]}
    return Built(made["VoiceConnectorId"], outputs)


def voice_connector_origination(request: Request) -> Built:
    """PutVoiceConnectorOrigination: it has no id of its own, and goes by its connector's."""
    connector = request.take("voiceConnectorId")
    origination = {
        "Routes": [_route(each) for each in request.take("routes")],
        **given(Disabled=request.take("disabled", None)),
    }
    request.client(_SERVICE).put_voice_connector_origination(VoiceConnectorId=connector, Origination=origination)
    return Built(connector)


def _route(declared: dict[str, Any]) -> dict[str, Any]:
    return {
        "Host": declared["host"],
        "Port": declared["port"],
        "Protocol": declared["protocol"],
        "Priority": declared["priority"],
        "Weight": declared["weight"],
    }


def voice_connector_group(request: Request) -> Built:
    """CreateVoiceConnectorGroup."""
    made = request.client(_SERVICE).create_voice_connector_group(
        Name=request.take("name"),
        VoiceConnectorItems=[
            {"VoiceConnectorId": each["voiceConnectorId"], "Priority": each["priority"]}
            for each in request.take("connectors")
        ],
    )["VoiceConnectorGroup"]
    return Built(made["VoiceConnectorGroupId"])


def sip_rule(request: Request) -> Built:
    """CreateSipRule."""
    made = request.client(_SERVICE).create_sip_rule(
        Name=request.take("name"),
        TriggerType=request.take("triggerType"),
        TriggerValue=request.take("triggerValue"),
        TargetApplications=[
            {
                "SipMediaApplicationId": each["sipMediaApplicationId"],
                "Priority": each["priority"],
                "AwsRegion": each["awsRegion"],
            }
            for each in request.take("targetApplications")
        ],
        **given(Disabled=request.take("disabled", None)),
    )["SipRule"]
    return Built(made["SipRuleId"])
