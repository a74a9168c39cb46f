"""Builders of KMS keys, their replicas and aliases.

moto's rules: a replica shares the key's material, rotation changes nothing, and policies are kept, not enforced.
"""

from __future__ import annotations

from drills.simulator.provisioners.request import Built, Request, given


def key(request: Request) -> Built:
    """CreateKey, EnableKeyRotation. How long a deletion waits matters to nobody before one."""
    request.take("deletionWindowInDays", None)
    kms = request.client("kms")
    made = kms.create_key(
        MultiRegion=request.take("multiRegion", otherwise=False),
        **given(Description=request.take("description", None), Policy=request.take("policy", None)),
    )["KeyMetadata"]
    if request.take("enableKeyRotation", otherwise=False):
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return Built(made["KeyId"], {"keyId": made["KeyId"], "arn": made["Arn"]})


def replica_key(request: Request) -> Built:
    """ReplicateKey, asked of the key's own Region."""
    request.take("deletionWindowInDays", None)
    source = request.take("primaryKeyArn")
    home = source.split(":")[3]
    made = request.client("kms", home).replicate_key(
        KeyId=source.rpartition("/")[2],
        ReplicaRegion=request.region,
        **given(Description=request.take("description", None), Policy=request.take("policy", None)),
    )["ReplicaKeyMetadata"]
    return Built(made["KeyId"], {"keyId": made["KeyId"], "arn": made["Arn"]})


def alias(request: Request) -> Built:
    """CreateAlias."""
    name, key_id = request.take("name"), request.take("targetKeyId")
    request.client("kms").create_alias(AliasName=name, TargetKeyId=key_id)
    arn = f"arn:aws:kms:{request.region}:{request.account}:{name}"
    return Built(name, {"arn": arn, "targetKeyArn": f"arn:aws:kms:{request.region}:{request.account}:key/{key_id}"})
