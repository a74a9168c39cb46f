"""Reads what a resource is now, as the inputs that would declare it: what a refresh of Pulumi's provider would find.

Only what runbooks flip, and what stands beside it, is read; each reader says with which call. Values that a stack
leaves to AWS's default are left out, as the stack leaves them out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from drills.simulator.provisioners.request import ClientOf, Declared, given

_GLOBAL_HOME = "us-east-1"
_VOICE = "VOICE_PHONE_NUMBER"


@dataclass(frozen=True, slots=True)
class Standing:
    """A resource that is up: as declared, the id that it got, and its Region."""

    declared: Declared
    id: str
    region: str
    client_of: ClientOf

    def client(self, service: str, region: str = "") -> Any:
        """A client for the resource's Region, or another."""
        return self.client_of(service, region or self.region)

    def within(self) -> dict[str, str]:
        """The instance it belongs to; the second half of its id is its own."""
        return {"InstanceId": self.id.partition(":")[0]}

    @property
    def own_id(self) -> str:
        """Its id within its instance."""
        return self.id.rpartition(":")[2]


Reader: TypeAlias = Callable[[Standing], Mapping[str, Any]]
"""Property (camelCase) → value now."""


def _number(standing: Standing) -> Mapping[str, Any]:
    """DescribePhoneNumber."""
    found = standing.client("connect").describe_phone_number(PhoneNumberId=standing.id)["ClaimedPhoneNumberSummary"]
    return {"targetArn": found["TargetArn"]}


def _number_flow(standing: Standing) -> Mapping[str, Any]:
    """ListFlowAssociations; None where nothing answers the number."""
    number, instance, _ = standing.id.split(",")
    pages = standing.client("connect").get_paginator("list_flow_associations")
    found = {
        one["ResourceId"].rpartition("/")[2]: one["FlowId"].rpartition("/")[2]
        for page in pages.paginate(InstanceId=instance, ResourceType=_VOICE)
        for one in page["FlowAssociationSummaryList"]
    }
    return {"contactFlowId": found.get(number)}


def _queue(standing: Standing) -> Mapping[str, Any]:
    """DescribeQueue."""
    found = standing.client("connect").describe_queue(**standing.within(), QueueId=standing.own_id)["Queue"]
    return given(hoursOfOperationId=found["HoursOfOperationId"], maxContacts=found.get("MaxContacts"))


def _user(standing: Standing) -> Mapping[str, Any]:
    """DescribeUser."""
    found = standing.client("connect").describe_user(**standing.within(), UserId=standing.own_id)["User"]
    phone = found["PhoneConfig"]
    return {
        "routingProfileId": found["RoutingProfileId"],
        "phoneConfig": given(
            phoneType=phone["PhoneType"],
            afterContactWorkTimeLimit=phone.get("AfterContactWorkTimeLimit"),
            deskPhoneNumber=phone.get("DeskPhoneNumber") or None,
            autoAccept=phone.get("AutoAccept") or None,
        ),
    }


def _item(standing: Standing) -> Mapping[str, Any]:
    """GetItem, by the key of the declared item."""
    inputs = standing.declared.inputs
    key, written = inputs["hashKey"], json.loads(inputs["item"])
    found = standing.client("dynamodb").get_item(
        TableName=inputs["tableName"], Key={key: written[key]}, ConsistentRead=True
    )
    return {"item": json.dumps(found.get("Item"), sort_keys=True)}


def _record(standing: Standing) -> Mapping[str, Any]:
    """ListResourceRecordSets; empty where there is none."""
    inputs = standing.declared.inputs
    answer = standing.client("route53", _GLOBAL_HOME).list_resource_record_sets(
        HostedZoneId=inputs["zoneId"], StartRecordName=inputs["name"], StartRecordType=inputs["type"]
    )
    wanted = (inputs["name"].rstrip("."), inputs["type"], inputs.get("setIdentifier"))
    for one in answer["ResourceRecordSets"]:
        if (one["Name"].rstrip("."), one["Type"], one.get("SetIdentifier")) == wanted:
            return {"records": [each["Value"] for each in one["ResourceRecords"]], "ttl": one["TTL"]}
    return {"records": [], "ttl": None}


def _voice_connector_group(standing: Standing) -> Mapping[str, Any]:
    """GetVoiceConnectorGroup: who is called first, and who if that one does not answer."""
    voice = standing.client("chime-sdk-voice")
    found = voice.get_voice_connector_group(VoiceConnectorGroupId=standing.id)["VoiceConnectorGroup"]
    return {
        "connectors": [
            {"voiceConnectorId": each["VoiceConnectorId"], "priority": each["Priority"]}
            for each in found["VoiceConnectorItems"]
        ]
    }


def _workspace(standing: Standing) -> Mapping[str, Any]:
    """DescribeWorkspaces."""
    (found,) = standing.client("workspaces").describe_workspaces(WorkspaceIds=[standing.id])["Workspaces"]
    properties = found["WorkspaceProperties"]
    return {
        "workspaceProperties": given(
            runningMode=properties["RunningMode"],
            runningModeAutoStopTimeoutInMinutes=properties.get("RunningModeAutoStopTimeoutInMinutes"),
        )
    }


READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "aws:chime/voiceConnectorGroup:VoiceConnectorGroup": _voice_connector_group,
        "aws:connect/phoneNumber:PhoneNumber": _number,
        "aws:connect/phoneNumberContactFlowAssociation:PhoneNumberContactFlowAssociation": _number_flow,
        "aws:connect/queue:Queue": _queue,
        "aws:connect/user:User": _user,
        "aws:dynamodb/tableItem:TableItem": _item,
        "aws:route53/record:Record": _record,
        "aws:workspaces/workspace:Workspace": _workspace,
    }
)
"""Pulumi type → what reads it."""
