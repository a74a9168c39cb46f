"""What has not been mirrored yet, by kind of resource.

Rules and their sources: botocore, ListReplicationFindings (replicated instances only; per Region how many resources are
not yet in sync, and when that was counted; findings are what a person has to mend, so the list may be empty while
something drifts). That a drift is counted at this very moment is modelled; a dead Region's count is not computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import instances
from .errors import InvalidRequestException
from .identity import tail
from .mirror import cut_since, now
from .pages import page
from .resources import Agent, Flow, Hours, Module, Queue, QuickConnect, Resource, RoutingProfile, SecurityProfile

if TYPE_CHECKING:
    from .backend import Answer, Asked, Backend
    from .state import Site

KINDS: dict[str, type[Resource]] = {
    "AGENT": Agent,
    "CONTACT_FLOW": Flow,
    "FLOW_MODULE": Module,
    "OPERATING_HOURS": Hours,
    "QUEUE": Queue,
    "ROUTING_PROFILE": RoutingProfile,
    "SECURITY_PROFILE": SecurityProfile,
    "TRANSFER_DESTINATION": QuickConnect,
}


def list_all(backend: Backend, asked: Asked) -> Answer:
    """ListReplicationFindings."""
    instance_id, wanted = tail(asked["InstanceId"]), asked["ResourceType"]
    instance, site = instances.find(backend, instance_id), backend.site(instance_id)
    if instance.replication is None or site.peer is None:
        raise InvalidRequestException(f"Instance {instance_id} is not set up for Global Resiliency")
    if wanted not in KINDS:
        raise NotImplementedError(f"ListReplicationFindings of {wanted} is not simulated")
    kind, sides = KINDS[wanted], sorted((site, site.peer), key=lambda side: side.region)
    found = [finding for side in sides for finding in _conflicts(side, kind, wanted)]
    chosen, more = page(found, asked, 100, lambda finding: str(finding["Arn"]), InvalidRequestException)
    counts = [
        {"Region": side.region, "Count": len(side.drifted(kind)), "Timestamp": now()}
        for side in sides
        if cut_since(side.region) is None
    ]
    return {
        "ReplicationFindingsList": chosen,
        # The list has one entry at least, or is not there (botocore).
        **({"ApproximateDriftedResourceCounts": counts} if counts else {}),
        "ResourceReplicationStatuses": [{"Region": side.region, "Status": "ENABLED"} for side in sides],
        **more,
    }


def _conflicts(side: Site, kind: type[Resource], wanted: str) -> list[Answer]:
    return [
        {
            "Arn": side.arn(kind, record.id),
            "Id": record.id,
            "Region": side.region,
            "ResourceType": wanted,
            "Name": record.name,
            "Message": f"Another {kind.__name__} is named {record.name} in {side.region}",
        }
        for record in side.in_conflict(kind)
    ]
