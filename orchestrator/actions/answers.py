"""Reading what services answer: pages, members, and the service's own words.

Law: absence has a meaning or is an error. botocore's models call nearly every member optional: an absent list is empty,
and an absent member that an action must know ends in an error which names it and the place, never in a made-up value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestrator.cloud.faults import quoted
from orchestrator.model.errors import Rejected, ServiceTrouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.model.actions import Call


def listed(client: Any, operation: str, key: str, **asked: Any) -> Iterator[dict[str, Any]]:
    """The members of list `key`, over all pages; each page is a call of its own through the door."""
    for page in client.get_paginator(operation).paginate(**asked):
        yield from page.get(key) or ()


def known(found: Mapping[str, Any], member: str, of: str, call: Call) -> Any:
    """The member of something answered by `call`; `of` says what it belongs to.

    Raises:
        ServiceTrouble: it is absent; asked again, the service may tell.
    """
    value = found.get(member)
    if value is None:
        raise ServiceTrouble(
            f"{call.service}:{call.operation} in {call.region} answered without {member} of {of}",
            service=call.service, operation=call.operation, region=call.region, code="IncompleteAnswer",
        )  # fmt: skip
    return value


def refused(what: str, call: Call, code: str, remedy: str) -> Rejected:
    """What `call` found makes the step impossible, and trying again changes nothing."""
    return Rejected(what, service=call.service, operation=call.operation, region=call.region, code=code, remedy=remedy)


def gave_up(thing: str, status: str, reason: str, call: Call, remedy: str) -> Rejected:
    """The service has given up a change of `thing`: its status, and the service's own words if it has any."""
    words = quoted(reason) or "no reason is given"
    return refused(f"{thing} in {call.region} is {status}: {words}", call, status, remedy)
