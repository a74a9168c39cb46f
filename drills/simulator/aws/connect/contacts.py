"""Contacts, as SearchContacts finds them.

Rules and their sources: botocore, SearchContacts (time range types, pages of at most 100, GlobalResiliencyMetadata).
A Region finds the contacts that it took; a contact lacks what has not happened to it. That a contact can be found at
once, and that the newest comes first where no Sort is given, is modelled.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .errors import InvalidParameterException
from .pages import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from .backend import Answer, Asked, Backend
    from .state import Contact, Site

TIMES: dict[str, Callable[[Contact], datetime | None]] = {
    "INITIATION_TIMESTAMP": lambda contact: contact.initiated_at,
    "ENQUEUE_TIMESTAMP": lambda contact: contact.enqueued_at,
    "CONNECTED_TO_AGENT_TIMESTAMP": lambda contact: contact.connected_at,
    "DISCONNECT_TIMESTAMP": lambda contact: contact.disconnected_at,
}
CRITERIA: dict[str, Callable[[Contact], str | None]] = {
    "QueueIds": lambda contact: contact.queue_id,
    "AgentIds": lambda contact: contact.agent_id,
    "Channels": lambda contact: contact.channel,
    "InitiationMethods": lambda _contact: "INBOUND",
    "ActiveRegions": lambda contact: contact.region,
}


def search(backend: Backend, asked: Asked) -> Answer:
    """SearchContacts in this Region's side of the instance."""
    site, span = backend.site(asked["InstanceId"]), asked["TimeRange"]
    criteria = asked.get("SearchCriteria") or {}
    unknown = set(criteria) - set(CRITERIA)
    if unknown or span["Type"] not in TIMES:
        raise NotImplementedError(f"SearchContacts by {', '.join(sorted(unknown)) or span['Type']} is not simulated")
    start, end = _aware(span["StartTime"]), _aware(span["EndTime"])
    if start >= end:
        raise InvalidParameterException("StartTime must be before EndTime")
    time_of = TIMES[span["Type"]]
    found = [
        contact
        for contact in site.contacts
        if (at := time_of(contact)) is not None and start <= at <= end and _matches(contact, criteria)
    ]
    _sort(found, asked.get("Sort") or {"FieldName": "INITIATION_TIMESTAMP", "Order": "DESCENDING"})
    chosen, more = page(found, asked, 100, lambda contact: contact.id)
    return {"Contacts": [_summary(site, contact) for contact in chosen], "TotalCount": len(found), **more}


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _matches(contact: Contact, criteria: Asked) -> bool:
    return all(not wanted or CRITERIA[name](contact) in wanted for name, wanted in criteria.items())


def _sort(found: list[Contact], order: Asked) -> None:
    if order["FieldName"] not in TIMES:
        raise NotImplementedError(f"SearchContacts sorted by {order['FieldName']} is not simulated")
    time_of, never = TIMES[order["FieldName"]], datetime.max.replace(tzinfo=UTC)
    found.sort(key=lambda contact: (time_of(contact) or never, contact.id), reverse=order["Order"] == "DESCENDING")


def _summary(site: Site, contact: Contact) -> Answer:
    summary: Answer = {
        "Arn": f"{site.instance_arn}/contact/{contact.id}",
        "Id": contact.id,
        "InitiationMethod": "INBOUND",
        "Channel": contact.channel,
        "InitiationTimestamp": contact.initiated_at,
    }
    if contact.queue_id and contact.enqueued_at:
        summary["QueueInfo"] = {"Id": contact.queue_id, "EnqueueTimestamp": contact.enqueued_at}
    if contact.agent_id and contact.connected_at:
        summary["AgentInfo"] = {"Id": contact.agent_id, "ConnectedToAgentTimestamp": contact.connected_at}
    if contact.disconnected_at:
        summary["DisconnectTimestamp"] = contact.disconnected_at
    if site.peer is not None:
        metadata = {"ActiveRegion": site.region, "OriginRegion": site.region}
        grouped = {"TrafficDistributionGroupId": contact.group_id} if contact.group_id else {}
        summary["GlobalResiliencyMetadata"] = metadata | grouped
    return summary
