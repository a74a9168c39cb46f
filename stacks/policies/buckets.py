"""Rules of buckets beyond their encryption: closed to outsiders and to the clear, versions kept, evidence locked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stacks.policies.documents import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.policies.graph import Graph, Resource

_BUCKET: Final = "aws:s3/bucket:Bucket"
_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
_VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"
_BLOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def is_closed(resource: Resource, graph: Graph) -> Iterator[str]:
    """A bucket blocks the public in all four ways, and its policy denies what does not come by TLS.

    Raises:
        NotYetKnown: the policy is made of what AWS will answer.
    """
    if resource.type != _BUCKET:
        return
    blocks = list(graph.dependents(resource, _BLOCK))
    for key in _BLOCKS:
        if not any(each.known(key) is True for each in blocks):
            yield f"{resource.name}: {key} is not set"
    if not any(_denies_the_clear(each.known("policy")) for each in graph.dependents(resource, _POLICY)):
        yield f"{resource.name}: no policy denies requests without TLS"


def keeps_what_it_had(resource: Resource, graph: Graph) -> Iterator[str]:
    """A bucket keeps versions; one whose objects may be locked locks them by default."""
    if resource.type != _BUCKET:
        return
    versioned = (each.known("versioningConfiguration") or {} for each in graph.dependents(resource, _VERSIONING))
    if not any(each.get("status") == "Enabled" for each in versioned):
        yield f"{resource.name}: versions are not kept"
    if resource.known("objectLockEnabled") and not any(map(_locks, graph.dependents(resource, _LOCK))):
        yield f"{resource.name}: objects may be locked, and none is by default"


def _locks(configuration: Resource) -> bool:
    retention = (configuration.known("rule") or {}).get("defaultRetention") or {}
    return bool(retention.get("mode") and (retention.get("days") or retention.get("years")))


def _denies_the_clear(policy: Any) -> bool:
    return any(
        each.get("Effect") == "Deny"
        and str((each.get("Condition") or {}).get("Bool", {}).get("aws:SecureTransport", "")).lower() == "false"
        for each in statements(policy)
    )
