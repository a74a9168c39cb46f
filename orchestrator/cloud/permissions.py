"""What AWS's own permission system asks for: the IAM action of each operation, and the resources that it is held to.

Laws: no row, no policy — an operation that is not here is refused, not guessed; no action is a wildcard. Facts are
those of the Service Authorization Reference (`REFERENCE` + page, read in its edition of June 2026), where an action's
required resource types and its dependent actions stand. What deviates from "service:Operation on its own resource"
says so in `PREFIXES`, `DEPENDENT` and `UNLISTED`.

In patterns `${partition}` and every `${path.of.the.inventory}` are filled in by the stacks (docs/adr/0017); `${side.…}`
is the side of the Region that is called, `{name}` the path under which the runbook names the resource.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REFERENCE: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/"

_CONNECT = "arn:${partition}:connect:${side.region}:${side.account}:"
_INSTANCE = _CONNECT + "instance/${side.connect.instance_id}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource. `sid` begins the statement's Sid, and tells why where the resource can only be `*`."""

    sid: str
    arn: str = "*"
    named_by: str = ""
    """The field of the inventory that names the resource: its path must be among the action's parameters."""
    unnamed: str = ""
    """The pattern where the name is a result of an earlier step; without one, a resource without a name is refused."""
    condition: str = ""
    """A condition key that must equal `{name}`, where no ARN can say it."""
    here_only: bool = False
    """Whether calls are held to the Region called (`aws:RequestedRegion`), where no ARN can say it."""


ANY: Final = Kind("AwsOffersNoResource", here_only=True)
ANYWHERE: Final = Kind("CalledByConnectAndAwsOffersNoResource")
"""Of dependent actions: Connect calls them with the caller's permissions, from a Region that AWS does not document."""
INSTANCE: Final = Kind("Instance", _INSTANCE)
# Members of an instance come and go, and a policy has 10,240 characters: each of them would be a line.
USER: Final = Kind("AnyUserOfTheInstance", _INSTANCE + "/agent/*")
ROUTING_PROFILE: Final = Kind("AnyRoutingProfileOfTheInstance", _INSTANCE + "/routing-profile/*")
QUEUE: Final = Kind("AnyQueueOfTheInstance", _INSTANCE + "/queue/*")
HOURS: Final = Kind("AnyHoursOfTheInstance", _INSTANCE + "/operating-hours/*")
FLOW: Final = Kind("AnyFlowOfTheInstance", _INSTANCE + "/contact-flow/*")
CONTACT: Final = Kind("AnyContactOfTheInstance", _INSTANCE + "/contact/*")
NUMBER: Final = Kind("AnyNumber", _CONNECT + "phone-number/*")
# A group keeps the ARN of its home Region, also when it is named in the paired one: hence from the inventory, whole.
GROUP: Final = Kind("TrafficGroup", "{name}", "traffic_group_arn", _CONNECT + "traffic-distribution-group/*")
NEW_GROUP: Final = Kind("AnyTrafficGroup", _CONNECT + "traffic-distribution-group/*")
DESKTOP: Final = Kind("AnyDesktop", "arn:${partition}:workspaces:${side.region}:${side.account}:workspace/*")
TABLE: Final = Kind(
    "FlagsTable", "arn:${partition}:dynamodb:${side.region}:${side.account}:table/{name}", "flags_table"
)
TOPIC: Final = Kind("Topic", "{name}", "topics")
NAMESPACE: Final = Kind("NamespaceOnly", named_by="evacuation_metric.namespace", condition="cloudwatch:namespace",
                        here_only=True)  # fmt: skip
ZONE: Final = Kind("HostedZone", "arn:${partition}:route53:::hostedzone/{name}", "zone_id")
CONNECTOR: Final = Kind("VoiceConnector", "arn:${partition}:chime:${side.region}:${side.account}:vc/{name}",
                        "voice_connector_id")  # fmt: skip
DIRECTORY: Final = Kind("AnyDirectoryForConnect", "arn:${partition}:ds:*:${side.account}:directory/*")
LINKED_ROLE: Final = Kind(
    # Administrator Guide, "Use service-linked roles": both of Connect's have names that begin so.
    "ServiceLinkedRoleOfConnect",
    "arn:${partition}:iam::${side.account}:role/aws-service-role/*connect.amazonaws.com/AWSServiceRoleForAmazonConnect*",
)

KINDS: Final[dict[tuple[str, str], tuple[Kind, ...]]] = {
    ("chime-sdk-voice", "GetSipRule"): (ANY,),
    ("chime-sdk-voice", "GetVoiceConnectorGroup"): (ANY,),
    ("chime-sdk-voice", "GetVoiceConnectorOrigination"): (CONNECTOR,),
    ("chime-sdk-voice", "PutVoiceConnectorOrigination"): (CONNECTOR,),
    # The types of these two are optional, and those of a rule's or a group's members: neither is itself a resource.
    ("chime-sdk-voice", "UpdateSipRule"): (ANY,),
    ("chime-sdk-voice", "UpdateVoiceConnectorGroup"): (ANY,),
    ("cloudwatch", "GetMetricData"): (ANY,),
    ("cloudwatch", "PutMetricData"): (NAMESPACE,),
    ("connect", "AssociatePhoneNumberContactFlow"): (FLOW, NUMBER),
    ("connect", "AssociateTrafficDistributionGroupUser"): (INSTANCE, GROUP, USER),
    ("connect", "CreateTrafficDistributionGroup"): (INSTANCE, NEW_GROUP),
    ("connect", "DescribeInstance"): (INSTANCE,),
    ("connect", "DescribePhoneNumber"): (NUMBER,),
    ("connect", "DescribeQueue"): (QUEUE,),
    ("connect", "DescribeUser"): (USER,),
    ("connect", "GetCurrentMetricData"): (QUEUE, ROUTING_PROFILE),
    ("connect", "GetTrafficDistribution"): (GROUP,),
    ("connect", "ListFlowAssociations"): (INSTANCE,),
    ("connect", "ListInstances"): (ANY,),
    ("connect", "ListReplicationFindings"): (INSTANCE,),
    ("connect", "ListTrafficDistributionGroupUsers"): (GROUP,),
    ("connect", "ListTrafficDistributionGroups"): (NEW_GROUP,),
    ("connect", "ReplicateInstance"): (INSTANCE,),
    ("connect", "SearchContacts"): (INSTANCE,),
    ("connect", "SearchUsers"): (INSTANCE,),
    ("connect", "UpdatePhoneNumber"): (INSTANCE, NUMBER, GROUP),
    ("connect", "UpdateQueueHoursOfOperation"): (HOURS, QUEUE),
    ("connect", "UpdateTrafficDistribution"): (GROUP,),
    ("connect", "UpdateUserConfig"): (USER,),
    ("connect", "UpdateUserRoutingProfile"): (ROUTING_PROFILE, USER),
    ("dynamodb", "GetItem"): (TABLE,),
    ("dynamodb", "UpdateItem"): (TABLE,),
    ("route53", "ChangeResourceRecordSets"): (ZONE,),
    ("route53", "ListResourceRecordSets"): (ZONE,),
    ("sns", "Publish"): (TOPIC,),
    ("workspaces", "DescribeWorkspaces"): (ANY,),
    ("workspaces", "ModifyWorkspaceProperties"): (DESKTOP,),
    ("workspaces", "StartWorkspaces"): (DESKTOP,),
    ("workspaces", "StopWorkspaces"): (DESKTOP,),
}
"""Service as boto3 spells it, operation → the resource types that its action requires (page `list_<service>.html`)."""

PREFIXES: Final = {"chime-sdk-voice": "chime"}
"""boto3's service → prefix of its IAM actions, where they differ (list_amazonchime.html)."""

DEPENDENT: Final[dict[tuple[str, str], dict[str, tuple[Kind, ...]]]] = {
    # list_amazonconnect.html, column "Dependent actions"; their own resource types by the page of their prefix.
    ("connect", "AssociateTrafficDistributionGroupUser"): {
        "connect:DescribeUser": (USER,),
        "connect:SearchUsers": (INSTANCE,),
    },
    ("connect", "DescribeInstance"): {"ds:DescribeDirectories": (ANYWHERE,)},
    ("connect", "ListInstances"): {"ds:DescribeDirectories": (ANYWHERE,)},
    ("connect", "ReplicateInstance"): {
        "ds:AuthorizeApplication": (DIRECTORY,),
        "ds:CheckAlias": (ANYWHERE,),
        "ds:CreateAlias": (DIRECTORY,),
        "ds:CreateDirectory": (ANYWHERE,),
        "ds:CreateIdentityPoolDirectory": (ANYWHERE,),
        "ds:DeleteDirectory": (DIRECTORY,),
        "ds:DescribeDirectories": (ANYWHERE,),
        "ds:UnauthorizeApplication": (DIRECTORY,),
        "iam:AttachRolePolicy": (LINKED_ROLE,),
        "iam:CreateServiceLinkedRole": (LINKED_ROLE,),
        "iam:PutRolePolicy": (LINKED_ROLE,),
    },
    ("connect", "SearchContacts"): {"connect:DescribeContact": (CONTACT,)},
    ("connect", "SearchUsers"): {"connect:DescribeUser": (USER,), "connect:ListUserProficiencies": (INSTANCE, USER)},
}
"""What an operation's caller must be allowed besides the operation's own action."""

UNLISTED: Final = {
    ("connect", "ListReplicationFindings"): "not in the edition read; assumed to be named and held as its siblings",
    ("connect", "UpdateUserConfig"): "not in the edition read; assumed to be named as the operation, and to be held as"
    " UpdateUserPhoneConfig, which it replaces (botocore's Connect model)",
}
"""Operations that the reference, as read (June 2026), did not list, and what their rows rest on instead: assumed, so to
be tried on a real account before a policy is relied on."""


def action_of(service: str, operation: str) -> str:
    """The IAM action of an operation."""
    return f"{PREFIXES.get(service, service)}:{operation}"
