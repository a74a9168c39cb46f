"""What one side has beside its contact centre, against its part of the inventory. AWS mirrors none of it.

Source: API references of DynamoDB (DescribeTable), SNS (GetTopicAttributes), Lambda (GetFunctionConfiguration),
WorkSpaces (DescribeWorkspaces), S3 (HeadBucket), KMS (DescribeKey), IAM (GetRole), Lex V2 (DescribeBotAlias), Amazon
Chime SDK Voice (GetVoiceConnectorGroup, GetVoiceConnector, GetSipRule).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestrator.model.actions import Call
from orchestrator.survey.look import AGAIN, Facts, Look, if_there, listed, tail, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orchestrator.model.actions import Cloud
    from orchestrator.model.inventory import Bot, Desktops, Environment
    from orchestrator.model.values import Json

UNUSABLE = frozenset({"ERROR", "UNHEALTHY", "SUSPENDED", "TERMINATING", "TERMINATED"})
"""States of a WorkSpace that no start brings back (botocore, workspaces: WorkspaceState)."""
REBUILD = "rebuild or replace these desktops; `failover inventory pull` if they were replaced already"
IAM_HOME = "us-east-1"


def looks(side: Environment) -> Iterator[Look]:
    """Every question about one side's platform that its inventory gives cause for."""
    region, role = side.region, side.role
    yield _table(f"{role}.flags_table", side.flags_table, region)
    for name, arn in side.topics.items():
        yield _topic(f"{role}.topics.{name}", arn, region)
    for name, arn in side.lambdas.items():
        yield _function(f"{role}.lambdas.{name}", arn, region)
    if side.desktops.ids:
        yield _desktops(f"{role}.desktops", side.desktops, region)
    for name, bot in side.bots.items():
        yield _bot(f"{role}.bots.{name}", bot, region)
    yield from _kept(side)
    yield from _telephony(side)


def _table(at: str, name: str, region: str) -> Look:
    call = Call("dynamodb", "DescribeTable", region)

    def read(cloud: Cloud) -> Facts:
        found = if_there(lambda: cloud.client("dynamodb", region).describe_table(TableName=name))
        table = told(found, "Table", call) if found else None
        return {at: table and {"name": name, "status": table.get("TableStatus"), "replicas_amiss": amiss(table)}}

    return Look(at, (call,), read, {at: {"name": name, "status": "ACTIVE", "replicas_amiss": []}})


def amiss(table: Any) -> list[str]:
    """The Regions of a table's replicas that are not ACTIVE."""
    replicas = table.get("Replicas") or ()
    return sorted(one["RegionName"] for one in replicas if one.get("ReplicaStatus", "ACTIVE") != "ACTIVE")


def _single(at: str, call: Call, ask: Callable[[Any], Any], wanted: Json, facts: Callable[[Any], Json]) -> Look:
    """A look that asks for one thing by name: absent where the service knows none."""

    def read(cloud: Cloud) -> Facts:
        found = if_there(lambda: ask(cloud.client(call.service, call.region)))
        return {at: None if found is None else facts(found)}

    return Look(at, (call,), read, {at: wanted}, AGAIN)


def _topic(at: str, arn: str, region: str) -> Look:
    call = Call("sns", "GetTopicAttributes", region)
    return _single(
        at, call, lambda sns: sns.get_topic_attributes(TopicArn=arn), arn,
        lambda found: told(found, "Attributes", call).get("TopicArn"),
    )  # fmt: skip


def _function(at: str, arn: str, region: str) -> Look:
    call = Call("lambda", "GetFunctionConfiguration", region)
    # By its name: a function of another Region than this side's would be found by ARN there, and not by a flow here.
    return _single(
        at, call, lambda functions: functions.get_function_configuration(FunctionName=tail(arn)),
        {"arn": arn, "state": "Active"},
        lambda found: {"arn": found.get("FunctionArn"), "state": found.get("State")},
    )  # fmt: skip


def _desktops(at: str, desktops: Desktops, region: str) -> Look:
    def read(cloud: Cloud) -> Facts:
        found = listed(
            cloud.client("workspaces", region), "describe_workspaces", "Workspaces", DirectoryId=desktops.directory_id
        )
        states = {one["WorkspaceId"]: one.get("State") for one in found}
        return {
            at: {
                "missing": sorted(set(desktops.ids) - set(states)),
                "unexpected": sorted(set(states) - set(desktops.ids)),
                "unusable": sorted(one for one in desktops.ids if states.get(one) in UNUSABLE),
            }
        }

    expected: Facts = {at: {"missing": [], "unexpected": [], "unusable": []}}
    return Look(at, (Call("workspaces", "DescribeWorkspaces", region),), read, expected, REBUILD)


def _bot(at: str, bot: Bot, region: str) -> Look:
    return _single(
        at, Call("lexv2-models", "DescribeBotAlias", region),
        lambda lex: lex.describe_bot_alias(botId=bot.bot_id, botAliasId=bot.alias_id), "Available",
        lambda found: found.get("botAliasStatus"),
    )  # fmt: skip


def _kept(side: Environment) -> Iterator[Look]:
    """Evidence, key and role, where they are exported."""
    region, role = side.region, side.role
    if bucket := side.evidence_bucket:
        call = Call("s3", "HeadBucket", region)
        yield _single(
            f"{role}.evidence_bucket", call, lambda s3: s3.head_bucket(Bucket=bucket), bucket, lambda _: bucket
        )
    if key := side.key_arn:
        call = Call("kms", "DescribeKey", region)
        yield _single(
            f"{role}.key_arn", call, lambda kms: kms.describe_key(KeyId=key), {"arn": key, "state": "Enabled"},
            lambda found: {"arn": found["KeyMetadata"].get("Arn"), "state": found["KeyMetadata"].get("KeyState")},
        )  # fmt: skip
    if arn := side.recovery_role_arn:
        call = Call("iam", "GetRole", IAM_HOME)
        yield _single(
            f"{role}.recovery_role_arn", call, lambda iam: iam.get_role(RoleName=tail(arn)), arn,
            lambda found: found["Role"].get("Arn"),
        )  # fmt: skip


def _telephony(side: Environment) -> Iterator[Look]:
    ways = {
        # Field of the inventory → operation, method of boto3, parameter, the answer's member, its id in it.
        "voice_connector_id": ("GetVoiceConnector", "get_voice_connector", "VoiceConnectorId", "VoiceConnector"),
        "group_id": ("GetVoiceConnectorGroup", "get_voice_connector_group", "VoiceConnectorGroupId",
                     "VoiceConnectorGroup"),
        "sip_rule_id": ("GetSipRule", "get_sip_rule", "SipRuleId", "SipRule"),
    }  # fmt: skip
    for field, way in ways.items():
        if wanted := getattr(side.telephony, field):
            yield _telephone(f"{side.role}.telephony.{field}", side.region, wanted, way)


def _telephone(at: str, region: str, wanted: str, way: tuple[str, str, str, str]) -> Look:
    operation, method, parameter, member = way
    call = Call("chime-sdk-voice", operation, region)
    return _single(
        at, call, lambda chime: getattr(chime, method)(**{parameter: wanted}), wanted,
        lambda found: told(found, member, call).get(parameter),
    )  # fmt: skip
