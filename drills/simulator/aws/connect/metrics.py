"""Real-time metrics: how many contacts wait in queues.

Rules and their sources: botocore, GetCurrentMetricData (a queue filter of at most 100, ids or ARNs; without a grouping
one sum; a number may be 0; the moment of the snapshot). Each Region counts the contacts that it took. That the figures
are of this very moment is modelled. Other metrics, filters and groupings are refused aloud: nothing of ours asks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import InvalidParameterException
from .identity import tail
from .mirror import now
from .pages import page
from .resources import Queue

if TYPE_CHECKING:
    from collections.abc import Collection

    from .backend import Answer, Asked, Backend
    from .state import Site

METRIC = {"Name": "CONTACTS_IN_QUEUE", "Unit": "COUNT"}
QUEUES_MAX = 100


def current(backend: Backend, asked: Asked) -> Answer:
    """GetCurrentMetricData of this Region's side of the instance."""
    site, filters = backend.site(tail(asked["InstanceId"])), asked["Filters"]
    _refuse_unknown(asked)
    given = list(dict.fromkeys(map(tail, filters.get("Queues") or ())))
    if not 1 <= len(given) <= QUEUES_MAX:
        raise InvalidParameterException(f"Filters must name 1 to {QUEUES_MAX} queues, not {len(given)}")
    queues = [backend.resource(site, Queue, queue) for queue in given]
    channels = frozenset(filters.get("Channels") or ())
    if not asked.get("Groupings"):
        result: Answer = {"Collections": [_figure(_waiting(site, {each.id for each in queues}, channels))]}
        return {"MetricResults": [result], "DataSnapshotTime": now(), "ApproximateTotalCount": 1}
    chosen, more = page(queues, asked, QUEUES_MAX, lambda queue: queue.id)
    results = [
        {
            "Dimensions": {"Queue": {"Id": queue.id, "Arn": site.arn(Queue, queue.id)}},
            "Collections": [_figure(_waiting(site, {queue.id}, channels))],
        }
        for queue in chosen
    ]
    return {"MetricResults": results, "DataSnapshotTime": now(), "ApproximateTotalCount": len(queues), **more}


def _refuse_unknown(asked: Asked) -> None:
    wanted = [dict(metric) for metric in asked["CurrentMetrics"]]
    if wanted != [METRIC]:
        raise NotImplementedError(f"GetCurrentMetricData of {wanted} is not simulated")
    if unknown := set(asked["Filters"]) - {"Queues", "Channels"}:
        raise NotImplementedError(f"GetCurrentMetricData filtered by {', '.join(sorted(unknown))} is not simulated")
    if list(asked.get("Groupings") or ()) not in ([], ["QUEUE"]):
        raise NotImplementedError(f"GetCurrentMetricData grouped by {asked['Groupings']} is not simulated")


def _waiting(site: Site, queues: Collection[str], channels: Collection[str]) -> int:
    """Contacts that were put into one of the queues, and have neither reached an agent nor ended."""
    return sum(
        contact.queue_id in queues
        and contact.enqueued_at is not None
        and contact.connected_at is None
        and contact.disconnected_at is None
        and (not channels or contact.channel in channels)
        for contact in site.contacts
    )


def _figure(count: int) -> Answer:
    return {"Metric": dict(METRIC), "Value": float(count)}
