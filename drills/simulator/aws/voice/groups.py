"""Voice Connector groups: which connectors inbound calls go to, the whole list at a time.

Rules and their sources: botocore's model (priority 1 to 99, 1 the highest; connectors of equal priority share the
calls; a change is accepted with 202, and answered with ConflictException where another is under way); API Reference,
VoiceConnectorItem (3 items at most); Administration Guide, "Managing Voice Connector groups" (3 groups in an account).
The guide says that calls reroute by themselves when a Region has a connectivity issue, and gives no time for it. Here
they do not: a drill must not be recovered by what nobody has measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drills.simulator.aws.connect.buckets import is_provisioning
from drills.simulator.aws.connect.mirror import now

from .backend import everywhere, refuse_unless_alive
from .connectors import named
from .errors import BadRequestException, ConflictException, ResourceLimitExceededException
from .state import ConnectorGroup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .backend import Answer, Asked, Backend

GROUPS_MOST = 3
ITEMS_MOST = 3
PRIORITIES = range(1, 100)
BY_PRIORITY = "PriorityWeightedDistribution"


def create(backend: Backend, asked: Asked) -> Answer:
    """CreateVoiceConnectorGroup: at home where it is made."""
    _refuse_other_distributions(asked)
    if sum(len(each.groups) for each in everywhere(backend)) >= GROUPS_MOST:
        raise ResourceLimitExceededException(f"An account has {GROUPS_MOST} Voice Connector groups at most")
    name, items = named(asked), _items(backend, asked.get("VoiceConnectorItems") or ())
    group = ConnectorGroup(
        id=backend.new_id("vcg", name, backend.groups),
        name=name,
        home=backend.region_name,
        made_at=now(),
        changed_at=now(),
        former={},
        wanted=items,
        distribution=asked.get("CallDistributionType") or "",
    )
    backend.groups[group.id] = group
    return {"VoiceConnectorGroup": _described(group, group.wanted)}


def get(backend: Backend, asked: Asked) -> Answer:
    """GetVoiceConnectorGroup: what calls go by now."""
    group = backend.group(asked["VoiceConnectorGroupId"])
    return {"VoiceConnectorGroup": _described(group, group.priorities)}


def update(backend: Backend, asked: Asked) -> Answer:
    """UpdateVoiceConnectorGroup: the list given is the whole list."""
    _refuse_other_distributions(asked)
    group = backend.group(asked["VoiceConnectorGroupId"])
    refuse_unless_alive(group.home, f"Voice Connector group {group.id}")
    name, items = named(asked), _items(backend, asked["VoiceConnectorItems"])
    if group.changing:
        raise ConflictException(f"Voice Connector group {group.id} is being changed")
    group.name = name
    group.distribution = asked.get("CallDistributionType") or group.distribution
    group.change(items, at_once=is_provisioning())
    return {"VoiceConnectorGroup": _described(group, group.wanted)}


def _refuse_other_distributions(asked: Asked) -> None:
    given = asked.get("CallDistributionType")
    if given not in (None, BY_PRIORITY):
        raise NotImplementedError(f"CallDistributionType {given} is not simulated")


def _items(backend: Backend, given: Sequence[Asked]) -> Mapping[str, int]:
    if len(given) > ITEMS_MOST:
        raise BadRequestException(f"A group has {ITEMS_MOST} Voice Connectors at most, not {len(given)}")
    found: dict[str, int] = {}
    for item in given:
        if "Priority" not in item:
            raise NotImplementedError("a member of a group whose priority AWS chooses")
        if item["Priority"] not in PRIORITIES:
            raise BadRequestException(f"Priority must be between 1 and 99, not {item['Priority']}")
        found[backend.connector(item["VoiceConnectorId"]).id] = item["Priority"]
    if len(found) < len(given):
        raise BadRequestException("A Voice Connector is in a group once")
    return found


def _described(group: ConnectorGroup, priorities: Mapping[str, int]) -> Answer:
    described = {
        "VoiceConnectorGroupId": group.id,
        "Name": group.name,
        "VoiceConnectorItems": [
            {"VoiceConnectorId": connector, "Priority": priority} for connector, priority in priorities.items()
        ],
        "CreatedTimestamp": group.made_at,
        "UpdatedTimestamp": group.changed_at,
    }
    return {**described, "CallDistributionType": group.distribution} if group.distribution else described
