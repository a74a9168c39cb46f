"""The rules, one table, and how a graph is judged by them. Pure: no Pulumi engine, no cloud, no clock.

`stacks/policies/__main__.py` offers them to `pulumi preview --policy-pack stacks/policies`; tests call `judge` on what
the real program declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from stacks.policies import buckets, encryption, owners, permissions, recovery, routing
from stacks.policies.graph import Graph, NotYetKnown, Resource

Check = Callable[[Resource, Graph], Iterator[str]]
"""What is wrong with one resource, in sentences; the graph is there to find what belongs to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule. `alone`: it looks at nothing beside the resource, so a violation stops that resource from being made."""

    name: str
    description: str
    reason: str
    remedy: str
    check: Check
    alone: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of a resource. Not `decided`: it could not tell, for a value is known after the update only."""

    rule: str
    urn: str
    says: str
    decided: bool = True


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="recovery-outlives-the-primary",
        description="Nothing that recovery needs is only in the primary Region",
        reason="Design, law 4: nothing needs the dead Region. What lives there alone is gone when it is needed.",
        remedy="give it a replica or a counterpart in the standby Region, or declare its component in both sides",
        check=recovery.outlives_the_primary,
        alone=False,
    ),
    Rule(
        name="replicas-are-present",
        description="What is neither side's has a replica in the other Region",
        reason="DynamoDB Developer Guide, Global tables; KMS Developer Guide, Multi-Region keys: a copy serves while "
        "the other Region does not.",
        remedy="name the other Region in replicas, declare a ReplicaKey of the multi-Region key",
        check=recovery.replicas_are_present,
        alone=False,
    ),
    Rule(
        name="flipped-names-live-a-minute",
        description="A record that is flipped has a TTL of 60 s at most",
        reason="Route 53 Developer Guide, Values specific for failover records: 60 s or less with a health check, so "
        "that clients respond quickly. Resolvers keep the old answer for one TTL.",
        remedy="set ttl to 60 or less",
        check=routing.lives_a_minute,
        alone=True,
    ),
    Rule(
        name="failover-records-are-checked",
        description="Each failover record has a health check of its own",
        reason="Route 53 Developer Guide, How Amazon Route 53 chooses records when health checking is configured: one "
        "without a health check always counts as healthy, so nobody can make Route 53 leave it.",
        remedy="set health_check_id to a check that a lever moves",
        check=routing.is_checked,
        alone=True,
    ),
    Rule(
        name="stored-data-is-encrypted",
        description="Tables, topics, queues, streams and what Connect stores are encrypted with a KMS key",
        reason="AWS Config rules dynamodb-table-encrypted-kms, sns-encrypted-kms, kinesis-stream-encrypted; Connect "
        "Administrator Guide, Encryption at rest. Only the use of a KMS key can be denied and is in CloudTrail.",
        remedy="name a KMS key: one of your own where alarms publish or other accounts read, else the service's",
        check=encryption.data_is_encrypted,
        alone=True,
    ),
    Rule(
        name="buckets-are-encrypted",
        description="Each bucket states an encryption with a KMS key",
        reason="AWS Config rule s3-default-encryption-kms. Recordings and evidence hold what callers said.",
        remedy="declare a BucketServerSideEncryptionConfiguration with sse_algorithm aws:kms",
        check=encryption.bucket_is_encrypted,
        alone=False,
    ),
    Rule(
        name="buckets-are-closed",
        description="Each bucket is closed to the public and to what does not come by TLS",
        reason="S3 User Guide, Security best practices; AWS Config rules s3-bucket-level-public-access-prohibited and "
        "s3-bucket-ssl-requests-only.",
        remedy="declare it by stacks/buckets.py, which sets both",
        check=buckets.is_closed,
        alone=False,
    ),
    Rule(
        name="buckets-keep-versions",
        description="Each bucket keeps versions, and one with Object Lock locks by default",
        reason="S3 User Guide, Using versioning, and Locking objects with Object Lock: replication needs versions; "
        "without a default retention an object is locked only if its writer says so.",
        remedy="declare it by stacks/buckets.py; set a default_retention where it is locked",
        check=buckets.keeps_what_it_had,
        alone=False,
    ),
    Rule(
        name="second-factor-for-people",
        description="Stand-in and break-glass are taken with a second factor, break-glass for an hour at most",
        reason="IAM User Guide, Configuring MFA-protected API access: these two are for users, who may be anywhere.",
        remedy="set aws:MultiFactorAuthPresent in the trust, max_session_duration to 3600",
        check=permissions.asks_for_a_second_factor,
        alone=True,
    ),
    Rule(
        name="no-wildcard-actions",
        description="No role may do what a wildcard stands for",
        reason="IAM User Guide, Grant least privilege; design, law 4: a runbook's actions name every operation that "
        "they call, so the roles of recovery, stand-in and break-glass can name them too.",
        remedy="name each action; `failover policy` lists those of a runbook",
        check=permissions.names_every_action,
        alone=True,
    ),
    Rule(
        name="flipped-values-are-ignored",
        description="The stacks ignore exactly what runbooks flip",
        reason="ADR 0006: a later up must not take a failover back, and everything else drifts loudly.",
        remedy="set ignore_changes to what stacks/policies/owners.py lists for the type, no less and no more",
        check=owners.ignores_what_is_flipped,
        alone=True,
    ),
    Rule(
        name="nothing-mirrored-in-standby",
        description="Under Global Resiliency the standby declares nothing that AWS mirrors",
        reason="Connect Administrator Guide, Create a replica of your existing Amazon Connect instance: AWS keeps the "
        "replica's configuration the same as the source's; a second declaration would conflict with it.",
        remedy="declare it in primary only",
        check=owners.declares_nothing_mirrored,
        alone=True,
    ),
    Rule(
        name="irreplaceable-is-protected",
        description="What cannot be had back is protected from deletion",
        reason="Connect Administrator Guide, Release a phone number: it rests for up to 180 days, and is not kept for "
        "you. An instance's alias, a zone's name servers, the journals of executions are as unique; and a carrier's "
        "trunk leads to one Voice Connector's name.",
        remedy="set protect=True and retain_on_delete=True",
        check=owners.is_protected,
        alone=True,
    ),
)


def judge(graph: Graph, rules: tuple[Rule, ...] = RULES) -> tuple[Finding, ...]:
    """What the rules say of a graph; nothing where it may be deployed.

    A finding that is not decided is no violation yet: an update knows more than its preview. After an update there is
    none, or it is one.
    """
    return tuple(found for rule in rules for resource in graph.resources for found in _findings(rule, resource, graph))


def _findings(rule: Rule, resource: Resource, graph: Graph) -> Iterator[Finding]:
    try:
        for says in rule.check(resource, graph):
            yield Finding(rule.name, resource.urn, says)
    except NotYetKnown as unknown:
        yield Finding(rule.name, resource.urn, str(unknown), decided=False)
