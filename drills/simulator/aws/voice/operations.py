"""The one table of simulated operations of Chime SDK Voice: what performs each, and which parameters it heeds.

A parameter that is not listed is refused aloud: dropping it in silence would let a drill pass on something that the
simulated service never did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import connectors, groups
from .backend import Answer, Asked, Backend


@dataclass(frozen=True, slots=True)
class Operation:
    """A simulated operation and the parameters that it heeds."""

    perform: Callable[[Backend, Asked], Answer]
    heeds: frozenset[str]


def _operation(perform: Callable[[Backend, Asked], Answer], heeds: str) -> Operation:
    return Operation(perform, frozenset(heeds.split()))


OPERATIONS: dict[str, Operation] = {
    "CreateVoiceConnector": _operation(connectors.create, "Name AwsRegion RequireEncryption"),
    "GetVoiceConnector": _operation(connectors.get, "VoiceConnectorId"),
    "PutVoiceConnectorOrigination": _operation(connectors.put_origination, "VoiceConnectorId Origination"),
    "GetVoiceConnectorOrigination": _operation(connectors.get_origination, "VoiceConnectorId"),
    "CreateVoiceConnectorGroup": _operation(groups.create, "Name VoiceConnectorItems CallDistributionType"),
    "GetVoiceConnectorGroup": _operation(groups.get, "VoiceConnectorGroupId"),
    "UpdateVoiceConnectorGroup": _operation(
        groups.update, "VoiceConnectorGroupId Name VoiceConnectorItems CallDistributionType"
    ),
}
