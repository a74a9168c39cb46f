"""Names that more than one role must agree on. Pure: a name here follows from the application's name alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stacks.regions import Side

FLAG: Final = "emergency-greeting"
"""The flag that the main flow asks for; `on` plays the emergency greeting."""

MAIN_FLOW: Final = "main"
TRANSFER_FLOW: Final = "transfer"
GREETING_MODULE: Final = "emergency-greeting"
INCIDENT_TOPIC: Final = "incident"
FLAGS_FUNCTION: Final = "flags"

METRIC_NAMESPACE: Final = "ContactCentre/Failover"
METRIC_NAME: Final = "EvacuateOtherSide"
"""In each Region: 1 makes the other side's front-door record unhealthy."""


def function_name(application: str) -> str:
    """The flags function: the same in both Regions, for the mirrored flow names it by `$.AwsRegion`."""
    return f"{application}-flags"


def flags_table(application: str) -> str:
    """The flags table of a side: each Region has its own, so that a dead one cannot hold the other's."""
    return f"{application}-flags"


def run_table(application: str) -> str:
    """The table that holds the journals of executions, replicated between the two Regions."""
    return f"{application}-runs"


def lever(application: str, evacuated: Side) -> str:
    """The alarm behind the health check of `evacuated`'s record; it lives in the other side's Region."""
    return f"{application}-evacuate-{evacuated}"


def topic(application: str) -> str:
    """The topic that tells people of an incident."""
    return f"{application}-{INCIDENT_TOPIC}"


def agent(group: str, number: int) -> str:
    """The user name of a group's agent, `number` from 1: in Connect, and in the directory of the desktops."""
    return f"{group}.{number:03}"


def key_alias(application: str) -> str:
    """What the key of everything that is kept is called in both Regions."""
    return f"alias/{application}"


def bucket(application: str, purpose: str, account: str, region: str) -> str:
    """A bucket of one side; names of buckets are unique over all of AWS."""
    return f"{application}-{purpose}-{account}-{region}"


def people_role(application: str, duty: str) -> str:
    """A role that people take: `recovery`, `stand-in`, `break-glass`."""
    return f"{application}-{duty}"


def entry(side: Side, zone_name: str) -> str:
    """The name that the front door's record for this side points at."""
    return f"{side}-entry.{zone_name}"


def voice_connector(application: str, side: Side) -> str:
    """The Voice Connector in a side's Region."""
    return f"{application}-{side}"


def voice_connector_group(application: str) -> str:
    """The group of both sides' Voice Connectors; the SIP rule bears its name."""
    return f"{application}-inbound"
