"""Searches without criteria: everything of one kind, as this Region knows it.

Rules and their sources: botocore, SearchQueues and SearchRoutingProfiles (pages of at most 500), and
SearchHoursOfOperations and SearchSecurityProfiles (pages of at most 100). Criteria and filters are refused: they would
be heeded by the service, and are not here. The order, by name, is modelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pages import page
from .resources import Hours, Queue, Resource, RoutingProfile, SecurityProfile
from .routing import described_profile, described_queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from .backend import Answer, Asked, Backend
    from .state import R, Site


def queues(backend: Backend, asked: Asked) -> Answer:
    """SearchQueues."""
    return _searched(backend, asked, Queue, "Queues", 500, described_queue)


def profiles(backend: Backend, asked: Asked) -> Answer:
    """SearchRoutingProfiles."""
    return _searched(backend, asked, RoutingProfile, "RoutingProfiles", 500, described_profile)


def hours(backend: Backend, asked: Asked) -> Answer:
    """SearchHoursOfOperations."""
    return _searched(backend, asked, Hours, "HoursOfOperations", 100, _hours)


def security_profiles(backend: Backend, asked: Asked) -> Answer:
    """SearchSecurityProfiles; permissions are not part of the answer."""
    return _searched(backend, asked, SecurityProfile, "SecurityProfiles", 100, _security_profile)


def _searched(
    backend: Backend, asked: Asked, kind: type[R], key: str, most: int, described: Callable[[Site, R], Answer]
) -> Answer:
    site = backend.site(asked["InstanceId"])
    found = site.all(kind)
    chosen, more = page(found, asked, most, _id)
    return {key: [described(site, record) for record in chosen], "ApproximateTotalCount": len(found), **more}


def _id(record: Resource) -> str:
    return record.id


def _hours(site: Site, hours: Hours) -> Answer:
    return {
        "HoursOfOperationId": hours.id,
        "HoursOfOperationArn": site.arn(Hours, hours.id),
        "Name": hours.name,
        "Description": hours.description,
        "TimeZone": hours.time_zone,
        "Config": list(hours.config),
        "Tags": hours.tags,
        "LastModifiedTime": hours.modified_at,
        "LastModifiedRegion": hours.modified_in,
    }


def _security_profile(site: Site, profile: SecurityProfile) -> Answer:
    return {
        "Id": profile.id,
        "OrganizationResourceId": site.instance_id,
        "Arn": site.arn(SecurityProfile, profile.id),
        "SecurityProfileName": profile.name,
        "Description": profile.description,
        "Tags": profile.tags,
    }
