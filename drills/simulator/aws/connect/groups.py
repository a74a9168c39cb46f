"""Traffic distribution groups and their agents.

Rules and their sources: Administrator Guide, "Create traffic distribution groups" (source Region only, ACTIVE before
use, one default group per replica) and "Associate agents to instances across AWS Regions"; botocore,
CreateTrafficDistributionGroup and AssociateTrafficDistributionGroupUser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .delays import GROUP_ACTIVE
from .errors import (
    InvalidRequestException,
    ResourceConflictException,
    ResourceNotFoundException,
    ResourceNotReadyException,
)
from .identity import identity, tail
from .mirror import now
from .pages import page
from .resources import Agent
from .telephony import TrafficGroup

if TYPE_CHECKING:
    from datetime import datetime

    from .backend import Answer, Asked, Backend
    from .state import Site

SEGMENT = "traffic-distribution-group"
DEFAULT_NAME = "Default traffic distribution group"


def create_default(backend: Backend, source: Site, active_at: datetime) -> TrafficGroup:
    """The group that replication makes: the only one whose sign-in distribution can be changed."""
    return _keep(backend, source, DEFAULT_NAME, active_at, is_default=True)


def create(backend: Backend, asked: Asked) -> Answer:
    """CreateTrafficDistributionGroup, in the source Region of a replicated instance."""
    repeats = backend.repeats
    operation = "CreateTrafficDistributionGroup"
    return repeats.once(operation, asked, lambda: _create(backend, asked), ResourceConflictException)


def _create(backend: Backend, asked: Asked) -> Answer:
    source = backend.site(tail(asked["InstanceId"]))
    if source.peer is None:
        raise InvalidRequestException("The instance has not been replicated")
    if not source.is_source:
        raise InvalidRequestException("Create the group in the source Region of the instance")
    if not source.peer.has_first_copy():
        raise ResourceNotReadyException("The instance is still being replicated")
    if any(g.name == asked["Name"] and g.instance_id == source.instance_id for g in backend.groups.values()):
        raise ResourceConflictException(f"A traffic distribution group named {asked['Name']} exists")
    group = _keep(backend, source, asked["Name"], now() + GROUP_ACTIVE, is_default=False)
    group.description, group.tags = asked.get("Description") or "", dict(asked.get("Tags") or {})
    return {"Id": group.id, "Arn": group.arn}


def _keep(backend: Backend, source: Site, name: str, active_at: datetime, *, is_default: bool) -> TrafficGroup:
    if source.peer is None:
        raise AssertionError("a group joins two sites")
    here, there = source.region, source.peer.region
    group_id = identity(backend.account_id, here, source.instance_id, SEGMENT, name)
    group = TrafficGroup(
        id=group_id,
        arn=backend.arn(SEGMENT, group_id),
        name=name,
        instance_id=source.instance_id,
        region=here,
        regions=(here, there),
        active_at=active_at,
        is_default=is_default,
        telephony={here: 100, there: 0},
        agents={here: 100, there: 0},
        sign_in={here: True, there: True},
    )
    backend.groups[group_id] = group
    return group


def _instance_arn(backend: Backend, group: TrafficGroup) -> str:
    return backend.site(group.instance_id).instance_arn


def describe(backend: Backend, asked: Asked) -> Answer:
    """DescribeTrafficDistributionGroup, from either Region."""
    group = backend.group(asked["TrafficDistributionGroupId"])
    described = _summary(backend, group) | {"Description": group.description or None, "Tags": group.tags or None}
    return {"TrafficDistributionGroup": {key: value for key, value in described.items() if value is not None}}


def _summary(backend: Backend, group: TrafficGroup) -> Answer:
    return {
        "Id": group.id,
        "Arn": group.arn,
        "Name": group.name,
        "InstanceArn": _instance_arn(backend, group),
        "Status": group.status,
        "IsDefault": group.is_default,
    }


def list_all(backend: Backend, asked: Asked) -> Answer:
    """ListTrafficDistributionGroups, from either Region: pages of at most 10, by name."""
    wanted = tail(asked.get("InstanceId") or "")
    found = (group for other in backend.everywhere() for group in other.groups.values())
    here = [g for g in found if backend.region_name in g.regions and wanted in ("", g.instance_id)]
    here.sort(key=lambda group: (group.name, group.arn))
    chosen, more = page(here, asked, 10, lambda group: group.arn, InvalidRequestException)
    return {"TrafficDistributionGroupSummaryList": [_summary(backend, group) for group in chosen], **more}


def associate_user(backend: Backend, asked: Asked) -> Answer:
    """AssociateTrafficDistributionGroupUser: source Region only; the agent must be in both Regions by then."""
    group = backend.group(asked["TrafficDistributionGroupId"])
    if group.region != backend.region_name:
        raise InvalidRequestException(f"Call {group.region}, where the group was created")
    if group.status != "ACTIVE":
        raise ResourceNotFoundException(f"The group is {group.status}, not ACTIVE")
    if asked["InstanceId"] != group.instance_id:
        raise ResourceNotFoundException("The group belongs to another instance")
    site, user_id = backend.site(group.instance_id), tail(asked["UserId"])
    for side in (site, site.peer):
        if side is None or side.find(Agent, user_id) is None:
            raise ResourceNotFoundException(f"User {user_id} is not (yet) in both Regions")
    group.users.add(user_id)
    return {}


def list_users(backend: Backend, asked: Asked) -> Answer:
    """ListTrafficDistributionGroupUsers, from either Region.

    `MaxResults` may be 1,000, yet botocore's list shape holds 10 items: a page has 10 here, and readers must page.
    """
    group = backend.group(asked["TrafficDistributionGroupId"])
    if (asked.get("MaxResults") or 10) > 1000:
        raise InvalidRequestException("MaxResults must be between 1 and 1000")
    narrowed = {**asked, "MaxResults": min(asked.get("MaxResults") or 10, 10)}
    chosen, more = page(sorted(group.users), narrowed, 10, str, InvalidRequestException)
    return {"TrafficDistributionGroupUserSummaryList": [{"UserId": user} for user in chosen], **more}
