"""Hours of operation, queues and routing profiles.

Rules and their sources: botocore, CreateHoursOfOperation, CreateQueue, CreateRoutingProfile (at most 10 queues a
request, voice concurrency 1, chat and task concurrency at most 10) and their modelled errors.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from . import quick_connects
from .errors import InvalidParameterException
from .mirror import now
from .pages import page
from .resources import Agent, Hours, Queue, RoutingProfile, Served

if TYPE_CHECKING:
    from .backend import Answer, Asked, Backend
    from .state import Site

QUEUES_A_REQUEST = 10
CONCURRENCY_MOST = {"VOICE": 1, "CHAT": 10, "TASK": 10, "EMAIL": 10}


def create_hours(backend: Backend, asked: Asked) -> Answer:
    """CreateHoursOfOperation."""
    site = backend.site(asked["InstanceId"])
    hours = site.put(
        Hours(
            id=backend.new_id(site, Hours, asked["Name"]),
            name=asked["Name"],
            description=asked.get("Description") or "",
            tags=dict(asked.get("Tags") or {}),
            time_zone=asked["TimeZone"],
            config=tuple(asked["Config"]),
            modified_at=now(),
            modified_in=site.region,
        )
    )
    return {"HoursOfOperationId": hours.id, "HoursOfOperationArn": site.arn(Hours, hours.id)}


def create_queue(backend: Backend, asked: Asked) -> Answer:
    """CreateQueue; its hours of operation and quick connects must exist."""
    site = backend.site(asked["InstanceId"])
    hours = backend.resource(site, Hours, asked["HoursOfOperationId"])
    queue = site.put(
        Queue(
            id=backend.new_id(site, Queue, asked["Name"]),
            name=asked["Name"],
            description=asked.get("Description") or "",
            tags=dict(asked.get("Tags") or {}),
            max_contacts=asked.get("MaxContacts"),
            hours_id=hours.id,
            quick_connect_ids=quick_connects.linked(backend, site, asked.get("QuickConnectIds") or []),
            modified_at=now(),
            modified_in=site.region,
        )
    )
    return {"QueueId": queue.id, "QueueArn": site.arn(Queue, queue.id)}


def describe_queue(backend: Backend, asked: Asked) -> Answer:
    """DescribeQueue; `MaxContacts` is absent where the queue has no limit of its own."""
    site = backend.site(asked["InstanceId"])
    return {"Queue": described_queue(site, backend.resource(site, Queue, asked["QueueId"]))}


def update_queue_hours(backend: Backend, asked: Asked) -> Answer:
    """UpdateQueueHoursOfOperation; the hours must exist."""
    site = backend.site(asked["InstanceId"])
    queue = backend.resource(site, Queue, asked["QueueId"])
    hours = backend.resource(site, Hours, asked["HoursOfOperationId"])
    site.put(dataclasses.replace(queue, hours_id=hours.id))
    return {}


def described_queue(site: Site, queue: Queue) -> Answer:
    """A queue as the service tells it."""
    described = {
        "QueueId": queue.id,
        "QueueArn": site.arn(Queue, queue.id),
        "Name": queue.name,
        "Description": queue.description or None,
        "HoursOfOperationId": queue.hours_id,
        "MaxContacts": queue.max_contacts,
        "Status": queue.status,
        "Tags": queue.tags,
        "LastModifiedTime": queue.modified_at,
        "LastModifiedRegion": queue.modified_in,
    }
    return {key: value for key, value in described.items() if value is not None}


def create_profile(backend: Backend, asked: Asked) -> Answer:
    """CreateRoutingProfile, with the queues it serves."""
    site = backend.site(asked["InstanceId"])
    default = backend.resource(site, Queue, asked["DefaultOutboundQueueId"])
    profile = site.put(
        RoutingProfile(
            id=backend.new_id(site, RoutingProfile, asked["Name"]),
            name=asked["Name"],
            description=asked["Description"],
            tags=dict(asked.get("Tags") or {}),
            default_outbound_queue_id=default.id,
            media=_media(asked),
            queues=_served(backend, site, asked),
            modified_at=now(),
            modified_in=site.region,
        )
    )
    return {"RoutingProfileId": profile.id, "RoutingProfileArn": site.arn(RoutingProfile, profile.id)}


def _media(asked: Asked) -> tuple[dict[str, object], ...]:
    for entry in asked["MediaConcurrencies"]:
        most = CONCURRENCY_MOST[entry["Channel"]]
        if not 1 <= (entry.get("Concurrency") or 0) <= most:
            raise InvalidParameterException(f"Concurrency of {entry['Channel']} must be between 1 and {most}")
    return tuple(dict(entry) for entry in asked["MediaConcurrencies"])


def _served(backend: Backend, site: Site, asked: Asked) -> tuple[Served, ...]:
    configs = asked.get("QueueConfigs") or []
    if len(configs) > QUEUES_A_REQUEST:
        raise InvalidParameterException(f"At most {QUEUES_A_REQUEST} queues in a request, not {len(configs)}")
    served = []
    for config in configs:
        queue = backend.resource(site, Queue, config["QueueReference"]["QueueId"])
        served.append(Served(queue.id, config["QueueReference"]["Channel"], config["Priority"], config["Delay"]))
    return tuple(served)


def describe_profile(backend: Backend, asked: Asked) -> Answer:
    """DescribeRoutingProfile; `AssociatedQueueIds` stays empty, as botocore's documentation says it does."""
    site = backend.site(asked["InstanceId"])
    return {
        "RoutingProfile": described_profile(site, backend.resource(site, RoutingProfile, asked["RoutingProfileId"]))
    }


def described_profile(site: Site, profile: RoutingProfile) -> Answer:
    """A routing profile as the service tells it."""
    users = sum(1 for agent in site.all(Agent) if agent.routing_profile_id == profile.id)
    return {
        "InstanceId": site.instance_id,
        "RoutingProfileId": profile.id,
        "RoutingProfileArn": site.arn(RoutingProfile, profile.id),
        "Name": profile.name,
        "Description": profile.description,
        "MediaConcurrencies": list(profile.media),
        "DefaultOutboundQueueId": profile.default_outbound_queue_id,
        "Tags": profile.tags,
        "NumberOfAssociatedQueues": len(profile.queues),
        "NumberOfAssociatedUsers": users,
        "LastModifiedTime": profile.modified_at,
        "LastModifiedRegion": profile.modified_in,
    }


def list_profile_queues(backend: Backend, asked: Asked) -> Answer:
    """ListRoutingProfileQueues: pages of at most 100."""
    site = backend.site(asked["InstanceId"])
    profile = backend.resource(site, RoutingProfile, asked["RoutingProfileId"])
    chosen, more = page(profile.queues, asked, 100, lambda served: f"{served.queue_id}/{served.channel}")
    summaries = [_summary(backend, site, served) for served in chosen]
    modified = {"LastModifiedTime": profile.modified_at, "LastModifiedRegion": profile.modified_in}
    return {"RoutingProfileQueueConfigSummaryList": summaries, **modified, **more}


def _summary(backend: Backend, site: Site, served: Served) -> Answer:
    return {
        "QueueId": served.queue_id,
        "QueueArn": site.arn(Queue, served.queue_id),
        "QueueName": backend.resource(site, Queue, served.queue_id).name,
        "Priority": served.priority,
        "Delay": served.delay_s,
        "Channel": served.channel,
    }
