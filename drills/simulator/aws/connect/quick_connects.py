"""Quick connects: where agents may transfer a contact to, and which queues offer them.

Rules and their sources: botocore, CreateQuickConnect (a configuration for each type, and for that type only;
PhoneNumber in E.164 form), AssociateQueueQuickConnects (1 to 50 a request), ListQueueQuickConnects and
SearchQuickConnects (pages of at most 100). Administrator Guide, "Create quick connects": the flow of a queue's is of
the type "transfer to queue". No agent of a drill transfers anything: quick connects are stored, and mirrored.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from .errors import InvalidParameterException
from .mirror import now
from .pages import page
from .resources import Flow, Queue, QuickConnect

if TYPE_CHECKING:
    from .backend import Answer, Asked, Backend
    from .state import Site

PHONE_NUMBER = re.compile(r"\+[1-9]\d{1,14}")
A_REQUEST = 50
CONFIGURATION = {"PHONE_NUMBER": "PhoneConfig", "QUEUE": "QueueConfig"}
"""Type → the member that configures it. Those of users and of flows are not simulated."""


def create(backend: Backend, asked: Asked) -> Answer:
    """CreateQuickConnect."""
    site, config = backend.site(asked["InstanceId"]), asked["QuickConnectConfig"]
    _refuse_unfit(backend, site, config)
    made = site.put(
        QuickConnect(
            id=backend.new_id(site, QuickConnect, asked["Name"]),
            name=asked["Name"],
            description=asked.get("Description") or "",
            tags=dict(asked.get("Tags") or {}),
            config=dict(config),
            modified_at=now(),
            modified_in=site.region,
        )
    )
    return {"QuickConnectId": made.id, "QuickConnectARN": site.arn(QuickConnect, made.id)}


def _refuse_unfit(backend: Backend, site: Site, config: dict[str, Any]) -> None:
    kind = config["QuickConnectType"]
    if kind not in CONFIGURATION:
        raise NotImplementedError(f"CreateQuickConnect of the type {kind} is not simulated")
    given = {name for name, value in config.items() if name != "QuickConnectType" and value}
    if given != {CONFIGURATION[kind]}:
        raise InvalidParameterException(f"A quick connect of the type {kind} has a {CONFIGURATION[kind]}, and no other")
    if kind == "PHONE_NUMBER":
        if not PHONE_NUMBER.fullmatch(config["PhoneConfig"]["PhoneNumber"]):
            raise InvalidParameterException("PhoneNumber is not in E.164 form")
        return
    backend.resource(site, Queue, config["QueueConfig"]["QueueId"])
    flow = backend.resource(site, Flow, config["QueueConfig"]["ContactFlowId"])
    if flow.type != "QUEUE_TRANSFER":
        raise InvalidParameterException(f"Flow {flow.id} is of the type {flow.type}, not QUEUE_TRANSFER")


def search(backend: Backend, asked: Asked) -> Answer:
    """SearchQuickConnects, without criteria."""
    site = backend.site(asked["InstanceId"])
    found = site.all(QuickConnect)
    chosen, more = page(found, asked, 100, lambda each: each.id)
    return {
        "QuickConnects": [_described(site, each) for each in chosen],
        "ApproximateTotalCount": len(found),
        **more,
    }


def _described(site: Site, each: QuickConnect) -> Answer:
    return {
        "QuickConnectId": each.id,
        "QuickConnectARN": site.arn(QuickConnect, each.id),
        "Name": each.name,
        "Description": each.description,
        "QuickConnectConfig": each.config,
        "Tags": each.tags,
        "LastModifiedTime": each.modified_at,
        "LastModifiedRegion": each.modified_in,
    }


def linked(backend: Backend, site: Site, wanted: list[str]) -> tuple[str, ...]:
    """The quick connects of one request for a queue, once they are known to be there."""
    if len(wanted) > A_REQUEST:
        raise InvalidParameterException(f"At most {A_REQUEST} quick connects in a request, not {len(wanted)}")
    return tuple(backend.resource(site, QuickConnect, each).id for each in dict.fromkeys(wanted))


def associate(backend: Backend, asked: Asked) -> Answer:
    """AssociateQueueQuickConnects: those that the queue has already stay."""
    site = backend.site(asked["InstanceId"])
    queue = backend.resource(site, Queue, asked["QueueId"])
    added = linked(backend, site, asked["QuickConnectIds"])
    every = tuple(dict.fromkeys((*queue.quick_connect_ids, *added)))
    site.put(dataclasses.replace(queue, quick_connect_ids=every))
    return {}


def list_of_queue(backend: Backend, asked: Asked) -> Answer:
    """ListQueueQuickConnects."""
    site = backend.site(asked["InstanceId"])
    queue = backend.resource(site, Queue, asked["QueueId"])
    # A link may arrive before what it links to.
    known = [each for one in queue.quick_connect_ids if (each := site.find(QuickConnect, one))]
    chosen, more = page(known, asked, 100, lambda each: each.id)
    modified = {"LastModifiedTime": queue.modified_at, "LastModifiedRegion": queue.modified_in}
    return {"QuickConnectSummaryList": [_summary(site, each) for each in chosen], **modified, **more}


def _summary(site: Site, each: QuickConnect) -> Answer:
    return {
        "Id": each.id,
        "Arn": site.arn(QuickConnect, each.id),
        "Name": each.name,
        "QuickConnectType": each.config["QuickConnectType"],
        "LastModifiedTime": each.modified_at,
        "LastModifiedRegion": each.modified_in,
    }
