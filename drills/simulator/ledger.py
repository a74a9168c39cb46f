"""The one table of AWS operations that the simulated cloud answers, and by whose rules.

An operation that is absent has rules of nobody: a drill whose run called it is inconclusive. Reports show the marks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """Whose rules answer."""

    MOTO = "moto"
    EXTENDED = "extended"
    LIVE_ONLY = "live only"


@dataclass(frozen=True, slots=True)
class Entry:
    """An operation's mark, and in one line the rules beyond moto's, why it is live only, or what is merely stored."""

    mark: Mark
    rule: str = ""


def _moto(service: str, *operations: str) -> dict[tuple[str, str], Entry]:
    return {(service, operation): Entry(Mark.MOTO) for operation in operations}


def _stored(service: str, rules: dict[str, str]) -> dict[tuple[str, str], Entry]:
    """moto's, and what it keeps does nothing: the rule says what stays undone."""
    return {(service, operation): Entry(Mark.MOTO, rule) for operation, rule in rules.items()}


def _extended(service: str, rules: dict[str, str]) -> dict[tuple[str, str], Entry]:
    return {(service, operation): Entry(Mark.EXTENDED, rule) for operation, rule in rules.items()}


def _live_only(service: str, rules: dict[str, str]) -> dict[tuple[str, str], Entry]:
    return {(service, operation): Entry(Mark.LIVE_ONLY, rule) for operation, rule in rules.items()}


LEDGER: dict[tuple[str, str], Entry] = {
    # moto has no Chime SDK Voice. All of it keeps to two requests a second (assumed); changes need a resource's home.
    **_extended(
        "chime-sdk-voice",
        {
            "CreateVoiceConnector": "in one of ten Regions, us-east-1 if none is named; known at every endpoint",
            "CreateVoiceConnectorGroup": "3 groups an account, 3 connectors a group, priorities 1 to 99",
            "GetVoiceConnector": "from every endpoint",
            "GetVoiceConnectorGroup": "from every endpoint; a change shows once it has taken effect",
            "GetVoiceConnectorOrigination": "from every endpoint; none before it was put",
            "PutVoiceConnectorOrigination": "20 routes, priorities and weights 1 to 100; disabled takes no calls",
            "UpdateVoiceConnectorGroup": "the whole list; accepted, in effect after 5 s; conflicts until then",
        },
    ),
    **_extended(
        "cloudwatch",
        {
            "PutMetricAlarm": "new alarms have insufficient data; a change keeps the state; 1 of 1, 60 s or more",
            "PutMetricData": "a datum counts from its arrival on, in its own Region only",
            "DescribeAlarms": "states by the minute from the metric's data; a dead Region's alarms keep theirs",
        },
    ),
    **_moto("cloudwatch", "DeleteAlarms", "GetMetricData", "GetMetricStatistics", "ListMetrics"),
    **_moto("cloudwatch", "ListTagsForResource", "TagResource"),
    # All of Connect's operations also keep to their buckets: two requests a second and five at once, if not said else.
    **_extended(
        "connect",
        {
            "AssociateBot": "of Lex V2; stored only: no flow talks to a bot; this Region's side only: not mirrored",
            "AssociateInstanceStorageConfig": "stored only: nothing is recorded; this Region's side only: not mirrored",
            "AssociateLambdaFunction": "this Region's side only: not mirrored",
            "AssociatePhoneNumberContactFlow": "this Region only; from the other Region by full ARN",
            "AssociateQueueQuickConnects": "50 a request; they must exist; stored only: no agent transfers; mirrored",
            "AssociateTrafficDistributionGroupUser": "source Region only; active group; the agent is in both Regions",
            "ClaimPhoneNumber": "in progress before claimed; same Region as its target; a limit per instance",
            "CreateContactFlow": "published content is validated; nothing is recorded; mirrored with lag",
            "CreateContactFlowModule": "validated; invoked by inbound flows, and returns to them; mirrored with lag",
            "CreateHoursOfOperation": "mirrored with lag; flows that check a queue's hours heed them",
            "CreateInstance": "active after a while",
            "CreateQueue": "its hours and quick connects must exist; mirrored with lag",
            "CreateQuickConnect": "to queues and numbers; stored only: no agent transfers; mirrored with lag",
            "CreateRoutingProfile": "10 queues a request, concurrency limits; mirrored with lag",
            "CreateSecurityProfile": "mirrored with lag",
            "CreateTrafficDistributionGroup": "source Region of a replicated instance; in progress before active",
            "CreateUser": "1 to 10 security profiles, names and passwords by identity management; mirrored with lag",
            "DeleteInstance": "half of a replicated instance cannot be deleted",
            "DescribeContactFlow": "as mirrored so far",
            "DescribeContactFlowModule": "as mirrored so far; no versions",
            "DescribeInstance": "tells the replication's state",
            "DescribePhoneNumber": "tells target and status, never the flow",
            "DescribeQueue": "as mirrored so far",
            "DescribeRoutingProfile": "as mirrored so far",
            "DescribeTrafficDistributionGroup": "from either Region; bare ids in the source Region only",
            "DescribeUser": "as mirrored so far",
            "GetCurrentMetricData": "contacts waiting in queues of this Region; five requests a second",
            "GetTrafficDistribution": "from either Region; bare ids in the source Region only",
            "ListBots": "this Region only, of Lex V2",
            "ListFlowAssociations": "of voice numbers, this Region only",
            "ListInstanceStorageConfigs": "this Region only",
            "ListInstances": "this Region only, replicas included",
            "ListLambdaFunctions": "this Region only",
            "ListQueueQuickConnects": "as mirrored so far",
            "ListReplicationFindings": "edits that have not arrived, by Region; names in conflict are findings",
            "ListRoutingProfileQueues": "as mirrored so far",
            "ListTrafficDistributionGroupUsers": "from either Region",
            "ListTrafficDistributionGroups": "from either Region, the default group included",
            "ReplicateInstance": "paired Regions; the replica keeps the id; makes the default group",
            "SearchAvailablePhoneNumbers": "fictional numbers only",
            "SearchContacts": "what this Region took; half a request a second",
            "SearchHoursOfOperations": "as mirrored so far; without criteria",
            "SearchQueues": "as mirrored so far; without criteria",
            "SearchQuickConnects": "as mirrored so far; without criteria",
            "SearchRoutingProfiles": "as mirrored so far; without criteria",
            "SearchSecurityProfiles": "as mirrored so far; without criteria",
            "SearchUsers": "as mirrored so far",
            "UpdateQueueHoursOfOperation": "the hours must exist; flows heed them at once; mirrored with lag",
            "UpdatePhoneNumber": "same Region; in progress before claimed; its flow stays behind",
            "UpdateTrafficDistribution": "steps of 10 that sum to 100; active group; sign-in on the default group only",
            "UpdateUserConfig": "of a user's phone; a desk phone has a number; voice only; mirrored with lag",
            "UpdateUserRoutingProfile": "the profile must exist; mirrored with lag",
        },
    ),
    **_moto("dynamodb", "CreateTable", "DescribeTimeToLive", "ListTables"),
    **_extended(
        "dynamodb",
        {
            "DescribeTable": "names the replicas in other Regions",
            "UpdateTable": "replicas are made, and share their items without lag, but no deletion protection",
        },
    ),
    **_moto("dynamodb", "DescribeContinuousBackups", "ListTagsOfResource", "TagResource", "UpdateContinuousBackups"),
    **_moto("dynamodb", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem", "TransactWriteItems"),
    **_moto("iam", "AttachRolePolicy", "CreatePolicy", "CreateRole", "GetPolicy", "GetRole", "PutRolePolicy"),
    **_stored(
        "events",
        {
            "PutRule": "stored: no call here reaches a rule, for nothing writes CloudTrail's events",
            "PutTargets": "stored: see PutRule",
        },
    ),
    **_extended("kms", {"ReplicateKey": "the same material; aliases and grants of its own; enabled at once"}),
    **_moto("kms", "CreateAlias", "CreateKey", "DescribeKey"),
    **_stored("kms", {"EnableKeyRotation": "stored: no key is rotated; policies of keys are not enforced either"}),
    **_moto("lambda", "AddPermission", "CreateFunction", "GetFunction", "GetPolicy", "ListFunctions"),
    **_moto("lambda", "GetFunctionConcurrency", "GetFunctionConfiguration"),
    **_live_only("lexv2-models", {"DescribeBotAlias": "bots are not simulated, their association is stored"}),
    **_live_only("lambda", {"GetAccountSettings": "concurrency is not simulated: nothing here uses it up"}),
    **_extended(
        "route53",
        {
            "ChangeResourceRecordSets": "one PRIMARY and one SECONDARY a name; policies do not mix; atomic",
            "CreateHealthCheck": "alarm checks keep their alarm; a caller reference makes one check only",
            "GetHealthCheck": "alarm, insufficient-data status and version as set",
            "UpdateHealthCheck": "the version, where given, must be the present one; each update raises it",
        },
    ),
    **_moto("route53", "ChangeTagsForResource", "CreateHostedZone", "GetChange", "GetHostedZone"),
    **_moto("route53", "ListHealthChecks", "ListHostedZones", "ListHostedZonesByName"),
    **_moto("route53", "ListResourceRecordSets", "ListTagsForResource"),
    **_live_only(
        "route53",
        {
            "GetHealthCheckStatus": "what health checkers around the world saw is not simulated",
            "TestDNSAnswer": "control plane: answers are observed by asking for them",
            "UpdateHostedZoneFeatures": "no control plane comes back by itself: accelerated recovery is not simulated",
        },
    ),
    **_live_only("service-quotas", {"ListServiceQuotas": "quotas of a simulated account would be made up"}),
    **_moto("s3", "CreateBucket", "GetObject", "HeadBucket", "ListObjectsV2", "PutBucketVersioning", "PutObject"),
    **_moto("s3", "PutBucketEncryption", "PutObjectLockConfiguration"),
    **_stored(
        "s3",
        {
            "PutBucketPolicy": "stored: but for statements about everybody (`*`); conditions are not read",
            "PutBucketReplication": "stored: replication copies nothing",
            "PutPublicAccessBlock": "stored: nobody comes from outside",
        },
    ),
    **_stored("scheduler", {"CreateSchedule": "stored: no schedule comes due"}),
    **_moto("sns", "CreateTopic", "GetTopicAttributes", "ListSubscriptionsByTopic", "Publish", "Subscribe"),
    **_stored("sns", {"SetTopicAttributes": "stored: who may publish is not enforced"}),
    **_moto("sts", "AssumeRole", "GetCallerIdentity"),
    **_live_only("workspaces", {"CreateConnectionAlias": "sign-in by a connection string is not simulated"}),
    # All of WorkSpaces' operations also keep to two requests a second (assumed).
    **_extended(
        "workspaces",
        {
            "CreateWorkspaces": "25 a request; registered directories; one desktop a user; failures inside the 200",
            "DescribeWorkspaces": "one filter, pages of 25; states as time has made them",
            "ModifyWorkspaceProperties": "the running mode alone; AutoStop in whole hours; not while it changes state",
            "StartWorkspaces": "25 a request; stopped AutoStop ones only, else a failure inside the 200; 45 to 90 s",
            "StopWorkspaces": "25 a request; running AutoStop ones only, else a failure inside the 200; 60 s",
        },
    ),
}


def mark_of(service: str, operation: str) -> Mark | None:
    """The mark of an operation (`service` as boto3 spells it), or None where the simulator has no rules for it."""
    entry = LEDGER.get((service, operation))
    return entry.mark if entry is not None else None
