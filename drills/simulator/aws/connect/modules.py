"""Flow modules: parts that flows share.

Rules and their sources: botocore, CreateContactFlowModule (content of at most 256,000 characters,
InvalidContactFlowModuleException with Problems, a client token), DescribeContactFlowModule. That a module is validated
when it is made, as a published flow is, and that it is published at once, is modelled. Versions, aliases and settings
are not simulated.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from .errors import IdempotencyException, InvalidContactFlowModuleException
from .flow_language import MODULE, problems
from .mirror import now
from .resources import Module

if TYPE_CHECKING:
    from .backend import Answer, Asked, Backend


def create(backend: Backend, asked: Asked) -> Answer:
    """CreateContactFlowModule."""
    return backend.repeats.once("CreateContactFlowModule", asked, lambda: _create(backend, asked), IdempotencyException)


def _create(backend: Backend, asked: Asked) -> Answer:
    site = backend.site(asked["InstanceId"])
    if found := problems(asked["Content"], site, kind=MODULE):
        raise InvalidContactFlowModuleException(found)
    module = site.put(
        Module(
            id=backend.new_id(site, Module, asked["Name"]),
            name=asked["Name"],
            description=asked.get("Description") or "",
            tags=dict(asked.get("Tags") or {}),
            content=asked["Content"],
            modified_at=now(),
            modified_in=site.region,
        )
    )
    return {"Id": module.id, "Arn": site.arn(Module, module.id)}


def describe(backend: Backend, asked: Asked) -> Answer:
    """DescribeContactFlowModule. Versions, aliases and the `$SAVED` content are not simulated."""
    if ":" in asked["ContactFlowModuleId"]:
        raise NotImplementedError("DescribeContactFlowModule by ARN, version or alias is not simulated")
    site = backend.site(asked["InstanceId"])
    module = backend.resource(site, Module, asked["ContactFlowModuleId"])
    described = {
        "Id": module.id,
        "Arn": site.arn(Module, module.id),
        "Name": module.name,
        "Content": module.content,
        "Description": module.description,
        "State": module.state,
        "Status": module.status,
        "Tags": module.tags,
        "FlowModuleContentSha256": hashlib.sha256(module.content.encode()).hexdigest(),
    }
    return {"ContactFlowModule": described}
