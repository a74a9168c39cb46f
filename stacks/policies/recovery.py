"""Rules of what recovery stands on: none of it dies with the primary Region.

Laws:
- Whatever is declared in the primary Region has to say why it may die with it: it has a replica, or a counterpart in
  the standby Region, or its component is declared by both sides. Nothing is excused for not being known here.
- One role's graph holds no counterpart of another role's; so which components both sides declare is a table here, and
  a test holds it against what the program really declares.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.policies.graph import Graph, Resource

BOTH_SIDES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "contact-centre:stacks:Bots": "each side associates the bots of its own Region",
        "contact-centre:stacks:ContactCentre": "AWS mirrors it, or with independent instances standby declares it",
        "contact-centre:stacks:DesktopSignIn": "each side has an alias of the one name",
        "contact-centre:stacks:Desktops": "each side has desktops of its own",
        "contact-centre:stacks:Flags": "each side's flow asks the flags of its own Region",
        "contact-centre:stacks:Notify": "each side tells people of an incident by its own topic",
        "contact-centre:stacks:Storage": "each side keeps recordings in a bucket of its own Region",
        "contact-centre:stacks:Watch": "each side watches its own Region",
    }
)
"""Outermost component, or type outside any → why the primary's may die: the standby has its own."""

# Their Region is that of a control plane: what they say is served everywhere.
_WORLDWIDE = ("aws:iam/", "aws:route53/", "aws:route53recoverycontrol/", "pulumi:")
# A copy of what lives elsewhere.
_COPY = "aws:kms/replicaKey:ReplicaKey"
_KEY = "aws:kms/key:Key"
_BUCKET = "aws:s3/bucket:Bucket"
_BUCKET_REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
_TABLE = "aws:dynamodb/table:Table"

_HOLDS = frozenset({_BUCKET, _KEY, _TABLE})

# Settings of a bucket, each a resource of its own: they live as long as the bucket, which is judged.
_OF_A_BUCKET = "aws:s3/bucket"


def outlives_the_primary(resource: Resource, graph: Graph) -> Iterator[str]:
    """What is in the primary Region has a replica or a counterpart in the standby's, or both sides declare it."""
    if resource.region != graph.setting.primary or _is_nowhere(resource):
        return
    component = graph.component(resource)
    if graph.setting.role == "primary" and component in BOTH_SIDES:
        return
    if not _has_a_replica(resource, graph) and not _has_a_counterpart(resource, component, graph):
        yield f"{resource.name}: it is in {resource.region} only, and dies with it"


def replicas_are_present(resource: Resource, graph: Graph) -> Iterator[str]:
    """A table of `global`, and a multi-Region key of any role, has a copy in the pair's other Region.

    Raises:
        NotYetKnown: a preview cannot tell where the replicas are.
    """
    setting = graph.setting
    other = setting.primary if resource.region == setting.standby else setting.standby
    if resource.type == _TABLE and setting.role == "global" and other not in _table_replicas(resource):
        yield f"{resource.name}: no replica in {other}"
    if resource.type == _KEY and resource.known("multiRegion") and other not in _key_replicas(resource, graph):
        yield f"{resource.name}: it may have replicas, and none is declared in {other}"


def _is_nowhere(resource: Resource) -> bool:
    return resource.type.startswith(_WORLDWIDE) or (resource.type.startswith(_OF_A_BUCKET) and resource.type != _BUCKET)


def _has_a_replica(resource: Resource, graph: Graph) -> bool:
    standby = graph.setting.standby
    match resource.type:
        case str(kind) if kind == _TABLE:
            return standby in _table_replicas(resource)
        case str(kind) if kind == _KEY:
            return standby in _key_replicas(resource, graph)
        case str(kind) if kind == _BUCKET:
            return any(graph.dependents(resource, _BUCKET_REPLICATION))
        case kind:
            return kind == _COPY


def _has_a_counterpart(resource: Resource, component: str, graph: Graph) -> bool:
    """Of what holds nothing: another bucket, table or key has none of what was in this one."""
    return resource.type not in _HOLDS and any(
        each.type == resource.type and each.region == graph.setting.standby and graph.component(each) == component
        for each in graph.resources
    )


def _table_replicas(table: Resource) -> set[str]:
    return {table.settled("replicas", each.get("regionName")) for each in table.outlined("replicas") or ()}


def _key_replicas(key: Resource, graph: Graph) -> set[str]:
    return {replica.region for replica in graph.dependents(key, _COPY)}
