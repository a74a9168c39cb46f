"""Builders of S3 buckets and of what is set on them. A setting's id is its bucket's name, as the provider has it.

moto's rules: settings are kept, locks hold, and nothing is copied by a replication.
"""

from __future__ import annotations

import json
from typing import Any

from drills.simulator.provisioners.request import Built, Request, given

# Alone among the Regions it is not named in CreateBucket (S3 API reference, CreateBucketConfiguration).
_UNNAMED = "us-east-1"


def bucket(request: Request) -> Built:
    """CreateBucket."""
    name = request.take("bucket")
    home = None if request.region == _UNNAMED else {"LocationConstraint": request.region}
    request.client("s3").create_bucket(
        Bucket=name,
        ObjectLockEnabledForBucket=request.take("objectLockEnabled", otherwise=False),
        **given(CreateBucketConfiguration=home),
    )
    return Built(name, {"arn": f"arn:aws:s3:::{name}"})


def versioning(request: Request) -> Built:
    """PutBucketVersioning."""
    name, wanted = request.take("bucket"), request.take("versioningConfiguration")
    request.client("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": wanted["status"]})
    return Built(name)


def encryption(request: Request) -> Built:
    """PutBucketEncryption."""
    name = request.take("bucket")
    rules = [_encryption_rule(each) for each in request.take("rules")]
    request.client("s3").put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    return Built(name)


def _encryption_rule(rule: dict[str, Any]) -> dict[str, Any]:
    default = rule["applyServerSideEncryptionByDefault"]
    algorithm = {"SSEAlgorithm": default["sseAlgorithm"], **given(KMSMasterKeyID=default.get("kmsMasterKeyId"))}
    return {
        "ApplyServerSideEncryptionByDefault": algorithm,
        **given(BucketKeyEnabled=rule.get("bucketKeyEnabled")),
    }


def public_access_block(request: Request) -> Built:
    """PutPublicAccessBlock."""
    name = request.take("bucket")
    request.client("s3").put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": request.take("blockPublicAcls", otherwise=False),
            "BlockPublicPolicy": request.take("blockPublicPolicy", otherwise=False),
            "IgnorePublicAcls": request.take("ignorePublicAcls", otherwise=False),
            "RestrictPublicBuckets": request.take("restrictPublicBuckets", otherwise=False),
        },
    )
    return Built(name)


def policy(request: Request) -> Built:
    """PutBucketPolicy, of the statements that concern anybody here.

    Simulated: every request counts as one by TLS. A denial of others is left out, because moto reads no conditions, and
    would refuse everybody.
    """
    name, document = request.take("bucket"), json.loads(request.take("policy"))
    left = [each for each in document["Statement"] if not _denies_the_clear(each)]
    if left:
        request.client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps({**document, "Statement": left}))
    return Built(name)


def _denies_the_clear(statement: dict[str, Any]) -> bool:
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    return statement["Effect"] == "Deny" and statement.get("Condition") == condition


def object_lock(request: Request) -> Built:
    """PutObjectLockConfiguration."""
    name, retention = request.take("bucket"), request.take("rule")["defaultRetention"]
    default = {"Mode": retention["mode"], **given(Days=retention.get("days"), Years=retention.get("years"))}
    request.client("s3").put_object_lock_configuration(
        Bucket=name,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": default}},
    )
    return Built(name)


def replication(request: Request) -> Built:
    """PutBucketReplication."""
    name, role = request.take("bucket"), request.take("role")
    rules = [_replication_rule(each) for each in request.take("rules")]
    request.client("s3").put_bucket_replication(Bucket=name, ReplicationConfiguration={"Role": role, "Rules": rules})
    return Built(name)


def _replication_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Of everything in the bucket, encrypted objects included: the only form that has a meaning here."""
    destination = rule["destination"]
    encrypted = rule["sourceSelectionCriteria"]["sseKmsEncryptedObjects"]["status"]
    return {
        "ID": rule["id"],
        "Status": rule["status"],
        "Priority": rule["priority"],
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": rule["deleteMarkerReplication"]["status"]},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": encrypted}},
        "Destination": {
            "Bucket": destination["bucket"],
            "EncryptionConfiguration": {"ReplicaKmsKeyID": destination["encryptionConfiguration"]["replicaKmsKeyId"]},
        },
    }
