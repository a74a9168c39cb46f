"""Rules of who owns what: runbooks what they flip, AWS what it mirrors, and nobody the right to delete it all.

The table of flipped values is ADR 0006 in code. It names the action that flips each; together with `BEYOND_STACKS` it
names every action that sets something, and a test holds both against the catalogue.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.policies.graph import Graph, Resource

FLIPPED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "aws:chime/voiceConnectorGroup:VoiceConnectorGroup": {"connectors": ("telephony.group_priority",)},
        "aws:connect/phoneNumber:PhoneNumber": {"targetArn": ("connect.number_target",)},
        "aws:connect/queue:Queue": {"hoursOfOperationId": ("connect.queue_hours",)},
        "aws:connect/user:User": {
            "routingProfileId": ("agents.incident_routing", "agents.normal_routing"),
            "phoneConfig": ("agents.phone_config",),
        },
        "aws:dynamodb/tableItem:TableItem": {"item": ("ivr.flag",)},
        "aws:workspaces/workspace:Workspace": {"workspaceProperties": ("desktops.running_mode",)},
    }
)
"""Type → property → the actions that write it after the stack has made it."""

_NO_RESOURCE = "Pulumi's AWS provider has no resource for it"

BEYOND_STACKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "change.stack_config": "it writes the configuration that the stack standby reads: an up is meant to follow it",
        "connect.number_flow": "runbooks attach the flow that the stack primary declares; an up puts any other back",
        "connect.replicate_instance": _NO_RESOURCE,
        "connect.shift_signin": _NO_RESOURCE,
        "connect.shift_traffic": _NO_RESOURCE,
        "connect.traffic_group": _NO_RESOURCE,
        "connect.traffic_group_agents": _NO_RESOURCE,
        "desktops.start": "whether a desktop runs is a state; its running mode is the input",
        "dns.change_records": "it refuses names with a routing policy, and the stacks declare no others",
        "dns.evacuate": "a metric's data is no resource, and the records stay as they are",
        "dns.return": "as dns.evacuate",
    }
)
"""The actions that set what is no input of any stack, or what an up may put back, and why."""

UNMIRRORED: Final = frozenset(
    {
        "aws:connect/botAssociation:BotAssociation",
        "aws:connect/instanceStorageConfig:InstanceStorageConfig",
        "aws:connect/lambdaFunctionAssociation:LambdaFunctionAssociation",
    }
)
"""What an instance has of its own in each Region; all else of Connect, AWS copies to the replica."""

IRREPLACEABLE: Final = frozenset(
    {
        "aws:chime/voiceConnector:VoiceConnector",
        "aws:chime/voiceConnectorGroup:VoiceConnectorGroup",
        "aws:connect/instance:Instance",
        "aws:connect/phoneNumber:PhoneNumber",
        "aws:kms/key:Key",
        "aws:kms/replicaKey:ReplicaKey",
        "aws:route53/zone:Zone",
        "aws:s3/bucket:Bucket",
    }
)

_CONNECT = "aws:connect/"
_TABLE = "aws:dynamodb/table:Table"


def ignores_what_is_flipped(resource: Resource, _graph: Graph) -> Iterator[str]:
    """Of each type, exactly the listed properties are ignored."""
    flipped = FLIPPED.get(resource.type, {})
    for key in sorted(flipped.keys() - resource.ignore_changes):
        yield f"{resource.name}: an up would put {key} back, which {' and '.join(flipped[key])} had changed"
    for key in sorted(resource.ignore_changes - flipped.keys()):
        yield f"{resource.name}: {key} is ignored, and no runbook flips it: its drift would not be seen"


def declares_nothing_mirrored(resource: Resource, graph: Graph) -> Iterator[str]:
    """In `standby`, of Connect's resources only the unmirrored ones; with independent instances, whatever it likes."""
    setting = graph.setting
    if setting.role != "standby" or setting.continuity != "global-resiliency":
        return
    if resource.type.startswith(_CONNECT) and resource.type not in UNMIRRORED:
        yield f"{resource.name}: AWS mirrors it from primary"


def is_protected(resource: Resource, graph: Graph) -> Iterator[str]:
    """What is irreplaceable, and each table that is neither side's, has `protect`, and stays if its stack goes."""
    shared_table = resource.type == _TABLE and graph.setting.role == "global"
    if resource.type not in IRREPLACEABLE and not shared_table:
        return
    if not resource.protect:
        yield f"{resource.name}: once deleted, it cannot be had back"
    if resource.retain is False:
        yield f"{resource.name}: it goes with its stack, and cannot be had back"
