"""For each rule, programs that break it and nothing else: what is shipped, with one thing made wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from drills.simulator.provisioners.hosting import PROVIDER
from drills.simulator.provisioners.hosting import UNKNOWN as UNTOLD
from stacks.policies.graph import UNKNOWN, Graph, Resource, Setting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drills.simulator.provisioners.request import Declared

CONFIG = Path(__file__).parents[4] / "config"
SIZES = (CONFIG, *sorted((CONFIG / "examples").iterdir()))
ROLES = ("global", "primary", "standby")
PROJECT = "contact-centre"
EAST, WEST = "us-east-1", "us-west-2"
BUCKET_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
TLS_ONLY = json.dumps(
    {"Statement": [{"Effect": "Deny", "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
)


def config(role: str, folder: Path = CONFIG) -> dict[str, Any]:
    """The role's configuration as shipped."""
    found: dict[str, Any] = yaml.safe_load((folder / f"Pulumi.{role}.yaml").read_text())["config"]
    return found


def captured(role: str, declared: Iterable[Declared], folder: Path = CONFIG) -> Graph:
    """What the simulator captured of a role, as rules see it."""
    declared, keys = tuple(declared), config(role, folder)
    regions = {each.urn: each.inputs["region"] for each in declared if each.type == PROVIDER}
    setting = Setting(
        role=keys[f"{PROJECT}:role"],
        primary=keys[f"{PROJECT}:primary_region"],
        standby=keys[f"{PROJECT}:standby_region"],
        continuity=keys.get(f"{PROJECT}:continuity", "global-resiliency"),
    )
    return Graph(setting, tuple(_resource(each, regions) for each in declared))


def _resource(declared: Declared, regions: dict[str, str]) -> Resource:
    return Resource(
        urn=declared.urn,
        type=declared.type,
        name=declared.name,
        props={key: _told(value) for key, value in declared.inputs.items()},
        region=regions.get(declared.provider.rpartition("::")[0], ""),
        parent=declared.parent,
        dependencies=declared.dependencies,
        ignore_changes=frozenset(declared.ignore_changes),
        protect=declared.protect,
        retain=declared.retain,
    )


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _told(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_told(inner) for inner in value]
    return UNKNOWN if value == UNTOLD else value


def made(kind: str, name: str, region: str, *after: Resource, **props: Any) -> Resource:
    """A resource that the shipped program does not declare."""
    urn = f"urn:pulumi:test::{PROJECT}::{kind}::{name}"
    dependencies = tuple(each.urn for each in after)
    return Resource(urn=urn, type=kind, name=name, region=region, props=props, dependencies=dependencies)


def adding(*more: Resource) -> Callable[[Graph], Graph]:
    """The graph with further resources."""
    return lambda graph: replace(graph, resources=(*graph.resources, *more))


def changing(kind: str, change: Callable[[Resource], Resource], *, name: str = "") -> Callable[[Graph], Graph]:
    """The graph with the first resource of that kind (and name) changed; there has to be one."""

    def apply(graph: Graph) -> Graph:
        chosen = next(r for r in graph.resources if r.type.endswith(f":{kind}") and name in ("", r.name))
        return replace(graph, resources=tuple(change(r) if r is chosen else r for r in graph.resources))

    return apply


def removing(kind: str) -> Callable[[Graph], Graph]:
    """The graph without any resource of that kind; there has to be one."""

    def apply(graph: Graph) -> Graph:
        left = tuple(each for each in graph.resources if not each.type.endswith(f":{kind}"))
        if left == graph.resources:
            raise LookupError(kind)
        return replace(graph, resources=left)

    return apply


def given(**props: Any) -> Callable[[Resource], Resource]:
    """The resource with other properties; None takes one away."""

    def apply(resource: Resource) -> Resource:
        merged = {**resource.props, **props}
        return replace(resource, props={key: value for key, value in merged.items() if value is not None})

    return apply


def allowing(**statement: Any) -> str:
    """A policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*", **statement}})


def _in_east(resource: Resource) -> Resource:
    return replace(resource, region=EAST)


def _unprotected(resource: Resource) -> Resource:
    return replace(resource, protect=False)


def _ignoring(*keys: str) -> Callable[[Resource], Resource]:
    return lambda resource: replace(resource, ignore_changes=frozenset(keys))


def bucket(name: str, region: str) -> Resource:
    """A protected bucket, without what is set on it."""
    return replace(made("aws:s3/bucket:Bucket", name, region), protect=True)


def settings_of(found: Resource, algorithm: str | None = "aws:kms") -> tuple[Resource, ...]:
    """Whatever rules ask of a bucket."""
    rules = [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}]
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    wanted: dict[str, dict[str, Any]] = {
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": dict.fromkeys(blocks, True),
        "aws:s3/bucketPolicy:BucketPolicy": {"policy": TLS_ONLY},
        "aws:s3/bucketVersioning:BucketVersioning": {"versioningConfiguration": {"status": "Enabled"}},
        **({BUCKET_ENCRYPTION: {"rules": rules}} if algorithm else {}),
    }
    return tuple(made(kind, found.name, found.region, found, **props) for kind, props in wanted.items())


def _bucket(region: str, algorithm: str | None) -> tuple[Resource, ...]:
    found = bucket("more", region)
    return (found, *settings_of(found, algorithm))


def _storage(**config: Any) -> Resource:
    kind = "aws:connect/instanceStorageConfig:InstanceStorageConfig"
    return made(kind, "recordings", WEST, storageConfig=config)


@dataclass(frozen=True)
class Example:
    """A role's graph made wrong, and the one rule that it breaks."""

    says: str
    rule: str
    role: str
    wrong: Callable[[Graph], Graph]


TABLE_KEY = {"enabled": True, "kmsKeyArn": "arn:aws:kms:us-west-2:123456789012:key/mrk-1"}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
QUEUE = replace(
    made("aws:connect/queue:Queue", "general", WEST, maxContacts=80), ignore_changes=frozenset({"hoursOfOperationId"})
)
MULTI_REGION_KEY = replace(made("aws:kms/key:Key", "runs", WEST, multiRegion=True), protect=True)
TRUST = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "user"}, "Action": "sts:AssumeRole"}]})
MFA_TRUST = json.dumps(
    {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "user"},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ]
    }
)

_OUTLIVES, _REPLICAS = "recovery-outlives-the-primary", "replicas-are-present"
_TTL, _CHECKED = "flipped-names-live-a-minute", "failover-records-are-checked"
_STORED, _BUCKETS = "stored-data-is-encrypted", "buckets-are-encrypted"
_WILD, _FLIPPED = "no-wildcard-actions", "flipped-values-are-ignored"
_CLOSED, _VERSIONS, _FACTOR = "buckets-are-closed", "buckets-keep-versions", "second-factor-for-people"
_MIRRORED, _PROTECTED = "nothing-mirrored-in-standby", "irreplaceable-is-protected"

EXAMPLES = (
    Example("both levers in primary", _OUTLIVES, "global", changing("MetricAlarm", _in_east, name="evacuate-primary")),
    Example("evidence in primary only", _OUTLIVES, "primary", adding(*_bucket(EAST, "aws:kms"))),
    Example("run table without a replica", _REPLICAS, "global", changing("Table", given(replicas=None))),
    Example("run table with a replica at home", _REPLICAS, "global", changing(
        "Table", given(replicas=[{"regionName": WEST, "kmsKeyArn": "arn:aws:kms:us-west-2:123456789012:key/mrk-1"}]))),
    Example("multi-Region key without a replica", _REPLICAS, "global", adding(MULTI_REGION_KEY)),
    Example("a TTL of 61 s", _TTL, "global", changing("Record", given(ttl=61))),
    Example("a TTL that is not given", _TTL, "global", changing("Record", given(ttl=None))),
    Example("PRIMARY without a health check", _CHECKED, "global", changing(
        "Record", given(healthCheckId=None), name="front-door-primary")),
    Example("SECONDARY without a health check", _CHECKED, "global", changing(
        "Record", given(healthCheckId=None), name="front-door-standby")),
    Example("a table left to AWS", _STORED, "standby", changing("Table", given(serverSideEncryption=None))),
    Example("a table with encryption off", _STORED, "primary", changing(
        "Table", given(serverSideEncryption={"enabled": False}))),
    Example("a replica without a key of its Region", _STORED, "global", changing(
        "Table", given(serverSideEncryption=TABLE_KEY, replicas=[{"regionName": EAST}]))),
    Example("a topic in the clear", _STORED, "primary", changing("Topic", given(kmsMasterKeyId=None))),
    Example("a queue of messages in the clear", _STORED, "standby", adding(made("aws:sqs/queue:Queue", "pages", WEST))),
    Example("a stream in the clear", _STORED, "standby", adding(
        made("aws:kinesis/stream:Stream", "events", WEST, encryptionType="NONE"))),
    Example("recordings in the clear", _STORED, "standby", adding(_storage(s3Config={"bucketName": "recordings"}))),
    Example("a bucket left to AWS", _BUCKETS, "standby", adding(*_bucket(WEST, None))),
    Example("a bucket with S3's own keys", _BUCKETS, "standby", adding(*_bucket(WEST, "AES256"))),
    Example("a bucket that policies may open", _CLOSED, "global", changing(
        "BucketPublicAccessBlock", given(blockPublicPolicy=False))),
    Example("a bucket in the clear", _CLOSED, "global", changing(
        "BucketPolicy", given(policy=allowing(Action="s3:GetObject")))),
    Example("recordings without versions", _VERSIONS, "global", changing(
        "BucketVersioning", given(versioningConfiguration={"status": "Suspended"}), name="recordings-standby")),
    Example("evidence that is not locked by default", _VERSIONS, "global", changing(
        "BucketObjectLockConfiguration", given(rule=None))),
    Example("recordings of the primary copied nowhere", _OUTLIVES, "global", removing("BucketReplicationConfig")),
    Example("a key without its replica", _REPLICAS, "global", removing("ReplicaKey")),
    Example("a key that can be deleted", _PROTECTED, "global", changing("Key", _unprotected)),
    Example("evidence that can be deleted", _PROTECTED, "global", changing("Bucket", _unprotected, name="evidence")),
    Example("a schedule of drills in primary", _OUTLIVES, "standby", adding(
        made("aws:scheduler/schedule:Schedule", "drills", EAST))),
    Example("a stand-in without a second factor", _FACTOR, "standby", adding(
        made("aws:iam/role:Role", "stand-in", WEST, assumeRolePolicy=TRUST))),
    Example("glass broken for a day", _FACTOR, "standby", adding(
        made("aws:iam/role:Role", "break-glass", WEST, assumeRolePolicy=MFA_TRUST, maxSessionDuration=43_200))),
    Example("a wildcard in break-glass", _WILD, "standby", adding(
        made("aws:iam/rolePolicy:RolePolicy", "break-glass", WEST, policy=allowing(Action="*")))),
    Example("a wildcard in stand-in", _WILD, "standby", adding(
        made("aws:iam/rolePolicy:RolePolicy", "stand-in", WEST, policy=allowing(Action="connect:Describe*")))),
    Example("all of a service", _WILD, "primary", changing("RolePolicy", given(policy=allowing(Action="connect:*")))),
    Example("all that begins so", _WILD, "standby", changing(
        "RolePolicy", given(policy=allowing(Action=["sns:Publish", "connect:Update?*"])))),
    Example("all but what is listed", _WILD, "primary", changing(
        "RolePolicy", given(policy=allowing(NotAction="iam:PassRole")))),
    Example("a wildcard in the role itself", _WILD, "primary", changing(
        "Role", given(inlinePolicies=[{"name": "more", "policy": allowing(Action="*")}]))),
    Example("a role with a policy of AWS's", _WILD, "primary", changing(
        "Role", given(managedPolicyArns=[ADMINISTRATOR]))),
    Example("a policy of AWS's attached", _WILD, "global", adding(made(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "stand-in", WEST, policyArn=ADMINISTRATOR))),
    Example("a number's target taken back", _FLIPPED, "primary", changing("PhoneNumber", _ignoring())),
    Example("an agent's profile taken back", _FLIPPED, "primary", changing("User", _ignoring("phoneConfig"))),
    Example("a flag taken back", _FLIPPED, "standby", changing("TableItem", _ignoring())),
    Example("desktops stopped by an up", _FLIPPED, "standby", changing("Workspace", _ignoring())),
    Example("a queue's hours taken back", _FLIPPED, "primary", changing("Queue", _ignoring())),
    Example("a limit that may drift unseen", _FLIPPED, "primary", changing(
        "Queue", _ignoring("hoursOfOperationId", "maxContacts"))),
    Example("a queue in standby", _MIRRORED, "standby", adding(QUEUE)),
    Example("an instance that can be deleted", _PROTECTED, "primary", changing("Instance", _unprotected)),
    Example("a run table that can be deleted", _PROTECTED, "global", changing("Table", _unprotected)),
    Example("a Voice Connector that can be deleted", _PROTECTED, "global", adding(
        made("aws:chime/voiceConnector:VoiceConnector", "standby", WEST))),
    Example("a group of connectors that can be deleted", _PROTECTED, "global", adding(replace(
        made("aws:chime/voiceConnectorGroup:VoiceConnectorGroup", "inbound", WEST),
        ignore_changes=frozenset({"connectors"})))),
)  # fmt: skip
