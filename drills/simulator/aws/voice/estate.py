"""Where Voice Connector groups send the calls of a carrier: read by the callers and agents of a drill.

It answers for the present moment, and about dead Regions too: which of them answer is for the network to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .backend import of_account


@dataclass(frozen=True, slots=True)
class Carrier:
    """A group with its connectors' Regions. `shares` are percent of new calls by Region."""

    id: str
    regions: frozenset[str]
    shares: Mapping[str, int]
    closed: frozenset[str]
    """Regions whose connector has nowhere to send calls."""


def carriers(account: str) -> list[Carrier]:
    """Every Voice Connector group of the account, by name and id."""
    backends = list(of_account(account))
    connectors = {each.id: each for backend in backends for each in backend.connectors.values()}
    groups = sorted((each.name, each.id, each) for backend in backends for each in backend.groups.values())
    return [
        Carrier(
            id=group.id,
            regions=frozenset(connectors[each].home for each in group.priorities),
            shares=_shared([connectors[each].home for each in group.leading]),
            closed=frozenset(connectors[each].home for each in group.priorities if not connectors[each].takes_calls),
        )
        for _, _, group in groups
    ]


def _shared(regions: list[str]) -> dict[str, int]:
    """Percent, evenly; what is left over goes to the first."""
    shares: dict[str, int] = {}
    for place, region in enumerate(regions):
        each = 100 // len(regions) + (100 % len(regions) if place == 0 else 0)
        shares[region] = shares.get(region, 0) + each
    return shares
