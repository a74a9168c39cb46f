"""All Regions of one account together: where callers and agents go, and what they meet there.

The callers and agents of a drill read this; the API's operations write what it reads. It answers for the present
moment, and about dead Regions too: which of them answer is for the network to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .backend import backends
from .identity import region_of

if TYPE_CHECKING:
    from .state import Site
    from .telephony import PhoneNumber, TrafficGroup


def sites(account: str) -> list[Site]:
    """Every side of every instance, by Region and instance id."""
    found = (site for backend in backends(account) for site in backend.sites.values())
    return sorted(found, key=lambda site: (site.region, site.instance_id))


def site(account: str, instance_id: str, region: str) -> Site | None:
    """One side of one instance, or None where there is none."""
    return next((s for s in sites(account) if s.instance_id == instance_id and s.region == region), None)


def numbers(account: str) -> list[PhoneNumber]:
    """Every claimed number, by number."""
    found = (number for backend in backends(account) for number in backend.numbers.values())
    return sorted(found, key=lambda number: number.e164)


def groups(account: str) -> list[TrafficGroup]:
    """Every traffic distribution group, by name."""
    found = (group for backend in backends(account) for group in backend.groups.values())
    return sorted(found, key=lambda group: (group.name, group.arn))


def telephony_shares(account: str, number_arn: str) -> dict[str, int]:
    """Region → percent of the number's callers: its group's shares, or all to its instance's Region.

    Empty where nobody answers: an unknown number, or one whose first claim is under way.
    """
    number = next((n for n in numbers(account) if n.arn == number_arn), None)
    if number is None or not number.rings_at:
        return {}
    group = next((g for g in groups(account) if g.arn == number.rings_at), None)
    return dict(group.telephony) if group else {region_of(number.rings_at): 100}


def agent_shares(account: str, instance_id: str) -> dict[str, int]:
    """Region → percent of the instance's agents.

    A group of its own with agents in it speaks before the default group; an instance without a replica keeps all.
    """
    own = [g for g in groups(account) if g.instance_id == instance_id and g.status == "ACTIVE"]
    for group in sorted(own, key=lambda g: g.is_default):
        if group.is_default or group.users:
            return dict(group.agents)
    return {s.region: 100 for s in sites(account) if s.instance_id == instance_id and s.is_source}


def sign_in_regions(account: str, instance_id: str) -> frozenset[str]:
    """The Regions that agents may sign in to: from the default group, else where the instance is."""
    default = next((g for g in groups(account) if g.instance_id == instance_id and g.is_default), None)
    if default is None:
        return frozenset(s.region for s in sites(account) if s.instance_id == instance_id)
    return frozenset(region for region, enabled in default.sign_in.items() if enabled)
