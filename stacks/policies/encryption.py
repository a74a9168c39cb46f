"""Rules of what is stored: encrypted with a KMS key, and the declaration says so.

AWS encrypts most of it anyway, with keys of its own that nobody can deny or audit; a declaration that leaves it at that
is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.policies.graph import Graph, Resource

_BUCKET = "aws:s3/bucket:Bucket"
_BUCKET_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_KMS = frozenset({"aws:kms", "aws:kms:dsse"})


def data_is_encrypted(resource: Resource, _graph: Graph) -> Iterator[str]:
    """Tables, topics, queues, streams, storage of Connect: each by its own property.

    Raises:
        NotYetKnown: whether it is encrypted follows from another resource. A topic's key may be unknown.
    """
    if (lacks := _STORES.get(resource.type)) is not None:
        yield from (f"{resource.name}: {each}" for each in lacks(resource))


def bucket_is_encrypted(resource: Resource, graph: Graph) -> Iterator[str]:
    """A bucket has a configuration of encryption declared after it, each rule of which is KMS's."""
    if resource.type != _BUCKET:
        return
    algorithms = [each for found in graph.dependents(resource, _BUCKET_ENCRYPTION) for each in _algorithms(found)]
    if not algorithms:
        yield f"{resource.name}: no encryption is stated"
    for algorithm in algorithms:
        if algorithm not in _KMS:
            yield f"{resource.name}: {algorithm or 'no algorithm'} uses no KMS key"


def _algorithms(configuration: Resource) -> list[Any]:
    rules = configuration.outlined("rules") or ()
    defaults = [rule.get("applyServerSideEncryptionByDefault") or {} for rule in rules]
    return [configuration.settled("rules", default.get("sseAlgorithm")) for default in defaults]


def _table(resource: Resource) -> Iterator[str]:
    encryption = resource.outlined("serverSideEncryption") or {}
    if resource.settled("serverSideEncryption", encryption.get("enabled")) is not True:
        yield "serverSideEncryption is not enabled"
    # DynamoDB Developer Guide, "Encryption at rest": a customer's key is named for each replica, in its own Region.
    for replica in resource.outlined("replicas") or ():
        if encryption.get("kmsKeyArn") and not replica.get("kmsKeyArn"):
            yield f"the replica in {replica.get('regionName')} names no key of its Region"


def _topic_or_queue(resource: Resource) -> Iterator[str]:
    if not resource.states("kmsMasterKeyId"):
        yield "kmsMasterKeyId is not set"


def _stream(resource: Resource) -> Iterator[str]:
    if resource.known("encryptionType") != "KMS" or not resource.states("kmsKeyId"):
        yield "encryptionType is not KMS, or names no key"


def _connect_storage(resource: Resource) -> Iterator[str]:
    storage = resource.known("storageConfig") or {}
    # Data streams hold their own encryption: the stream is declared apart, or is somebody else's.
    for kind in ("s3Config", "kinesisVideoStreamConfig"):
        config = storage.get(kind)
        if isinstance(config, Mapping) and not (config.get("encryptionConfig") or {}).get("keyId"):
            yield f"{kind} names no key"


_STORES: Final[Mapping[str, Callable[[Resource], Iterator[str]]]] = {
    "aws:connect/instanceStorageConfig:InstanceStorageConfig": _connect_storage,
    "aws:dynamodb/table:Table": _table,
    "aws:kinesis/stream:Stream": _stream,
    "aws:sns/topic:Topic": _topic_or_queue,
    "aws:sqs/queue:Queue": _topic_or_queue,
}
