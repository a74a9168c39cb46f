"""Flows, the functions they may invoke, and the numbers they answer.

Rules and their sources: botocore, CreateContactFlow (PUBLISHED is validated, SAVED is not), AssociateLambdaFunction,
AssociatePhoneNumberContactFlow (from the other Region by full ARN), ListFlowAssociations.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from .errors import (
    InvalidContactFlowException,
    InvalidParameterException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from .flow_language import problems
from .identity import tail
from .mirror import now
from .pages import page
from .resources import Flow

if TYPE_CHECKING:
    from .backend import Answer, Asked, Backend

VOICE = "VOICE_PHONE_NUMBER"


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def create(backend: Backend, asked: Asked) -> Answer:
    """CreateContactFlow; content is validated unless the flow is only saved."""
    site, status = backend.site(asked["InstanceId"]), asked.get("Status") or "PUBLISHED"
    found = problems(asked["Content"], site, kind=asked["Type"]) if status == "PUBLISHED" else []
    if found:
        raise InvalidContactFlowException(found)
    flow = site.put(
        Flow(
            id=backend.new_id(site, Flow, asked["Name"]),
            name=asked["Name"],
            description=asked.get("Description") or "",
            tags=dict(asked.get("Tags") or {}),
            type=asked["Type"],
            content=asked["Content"],
            status=status,
            modified_at=now(),
            modified_in=site.region,
        )
    )
    answer = {"ContactFlowId": flow.id, "ContactFlowArn": site.arn(Flow, flow.id)}
    return answer | ({"FlowContentSha256": _sha256(flow.content)} if status == "PUBLISHED" else {})


def describe(backend: Backend, asked: Asked) -> Answer:
    """DescribeContactFlow. Versions and the `$SAVED` alias are not simulated."""
    if ":" in asked["ContactFlowId"]:
        raise NotImplementedError("DescribeContactFlow by ARN, version or alias is not simulated")
    site = backend.site(asked["InstanceId"])
    flow = backend.resource(site, Flow, asked["ContactFlowId"])
    described = {
        "Id": flow.id,
        "Arn": site.arn(Flow, flow.id),
        "Name": flow.name,
        "Type": flow.type,
        "State": flow.state,
        "Status": flow.status,
        "Description": flow.description,
        "Content": flow.content,
        "Tags": flow.tags,
        "FlowContentSha256": _sha256(flow.content),
        "LastModifiedTime": flow.modified_at,
        "LastModifiedRegion": flow.modified_in,
    }
    return {"ContactFlow": described}


def associate_function(backend: Backend, asked: Asked) -> Answer:
    """AssociateLambdaFunction: for this Region's side only, it is not mirrored."""
    operation = "AssociateLambdaFunction"
    return backend.repeats.once(operation, asked, lambda: _associate(backend, asked), ResourceConflictException)


def _associate(backend: Backend, asked: Asked) -> Answer:
    site, arn = backend.site(asked["InstanceId"]), asked["FunctionArn"]
    if not arn.startswith("arn:aws:lambda:") or len(arn) > 140:
        raise InvalidParameterException(f"{arn} is not the ARN of a Lambda function")
    if arn in site.functions:
        raise ResourceConflictException(f"{arn} is associated already")
    site.functions.add(arn)
    return {}


def list_functions(backend: Backend, asked: Asked) -> Answer:
    """ListLambdaFunctions: pages of at most 25."""
    site = backend.site(asked["InstanceId"])
    chosen, more = page(sorted(site.functions), asked, 25, str)
    return {"LambdaFunctions": list(chosen), **more}


def associate_number(backend: Backend, asked: Asked) -> Answer:
    """AssociatePhoneNumberContactFlow: which flow answers the number in this Region."""
    site, number = backend.site(asked["InstanceId"]), backend.number(asked["PhoneNumberId"])
    group = backend.beside(number.region).groups.get(tail(number.target_arn))
    if site.instance_id != (group.instance_id if group else tail(number.target_arn)):
        raise ResourceNotFoundException(f"The number is not claimed to instance {site.instance_id}")
    flow = backend.resource(site, Flow, tail(asked["ContactFlowId"]))
    site.number_flows[number.arn, number.target_arn] = flow.id
    return {}


def list_associations(backend: Backend, asked: Asked) -> Answer:
    """ListFlowAssociations of voice numbers in this Region: pages of at most 1,000."""
    if (asked.get("ResourceType") or VOICE) != VOICE:
        raise NotImplementedError(f"ListFlowAssociations of {asked['ResourceType']} is not simulated")
    site = backend.site(asked["InstanceId"])
    linked = [
        {"ResourceId": arn, "FlowId": site.arn(Flow, flow_id), "ResourceType": VOICE}
        for (arn, target_arn), flow_id in sorted(site.number_flows.items())
        if (number := backend.number_with(arn)) and number.target_arn == target_arn
    ]
    chosen, more = page(linked, asked, 1000, lambda link: link["ResourceId"])
    return {"FlowAssociationSummaryList": list(chosen), **more}
