"""Recordings of calls: a bucket on each side, and what the primary's takes in is copied to the standby's.

Laws:
- Both are declared by `global`, for a copy needs both, and the standby's must be there while the primary has no other.
- The role that copies may read the one, write to the other, and use each one's key; nothing else, and never delete.
- Nothing is copied back: what the standby recorded stays there, and a deletion in the primary is not repeated.

Source: S3 User Guide, "Setting up permissions for live replication" and "Replicating encrypted objects".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from stacks import names
from stacks.buckets import KeptBucket

if TYPE_CHECKING:
    from stacks.regions import RegionPair, Side

_S3_ASSUMES = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "s3.amazonaws.com"}}],
}


class Recordings(pulumi.ComponentResource):
    """Both buckets, by side, and the replication from the primary's to the standby's."""

    def __init__(
        self,
        application: str,
        *,
        regions: RegionPair,
        account: pulumi.Output[str],
        key_arns: dict[Side, pulumi.Output[str]],
        providers: dict[Side, aws.Provider],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Recordings", "recordings", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        self._regions, self._by_side, self._key_arns = regions, providers, key_arns
        sides: tuple[Side, Side] = ("primary", "standby")
        kept = {side: self._bucket(application, side, account) for side in sides}
        self.buckets = {side: each.bucket for side, each in kept.items()}
        self._replicated(kept, self._role(application))
        self.register_outputs({})

    def _at(self, side: Side) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._within, pulumi.ResourceOptions(provider=self._by_side[side]))

    def _bucket(self, application: str, side: Side, account: pulumi.Output[str]) -> KeptBucket:
        region = self._regions.of(side)
        return KeptBucket(
            f"recordings-{side}",
            bucket=account.apply(lambda number: names.bucket(application, "recordings", number, region)),
            key_arn=self._key_arns[side],
            opts=self._at(side),
        )

    def _role(self, application: str) -> aws.iam.Role:
        role = aws.iam.Role(
            "replicates-recordings",
            name=f"{application}-recordings",
            description="S3 copies recordings to the standby Region",
            assume_role_policy=json.dumps(_S3_ASSUMES),
            opts=self._within,
        )
        known = pulumi.Output.all(
            source=self.buckets["primary"].arn,
            copy=self.buckets["standby"].arn,
            source_key=self._key_arns["primary"],
            copy_key=self._key_arns["standby"],
        )
        aws.iam.RolePolicy(
            "replicates-recordings",
            name="replicate",
            role=role.name,
            policy=known.apply(lambda arns: _may_copy(arns, self._regions)),
            opts=self._within,
        )
        return role

    def _replicated(self, kept: dict[Side, KeptBucket], role: aws.iam.Role) -> None:
        aws.s3.BucketReplicationConfig(
            "recordings",
            bucket=self.buckets["primary"].id,
            role=role.arn,
            rules=[
                {
                    "id": "to-standby",
                    "status": "Enabled",
                    "priority": 1,
                    "filter": {},
                    "delete_marker_replication": {"status": "Disabled"},
                    "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
                    "destination": {
                        "bucket": self.buckets["standby"].arn,
                        "encryption_configuration": {"replica_kms_key_id": self._key_arns["standby"]},
                    },
                }
            ],
            # S3 takes a replication of versioned buckets only, and refuses two changes of a bucket at once.
            opts=pulumi.ResourceOptions.merge(
                self._at("primary"),
                pulumi.ResourceOptions(
                    depends_on=[one for each in kept.values() for one in (each.versioning, each.policy)]
                ),
            ),
        )


def _may_copy(arns: dict[str, str], regions: RegionPair) -> str:
    source, copy = arns["source"], arns["copy"]
    statements = [
        _allowing(["s3:GetReplicationConfiguration", "s3:ListBucket"], source),
        _allowing(
            ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
            f"{source}/*",
        ),
        _allowing(["s3:ReplicateObject", "s3:ReplicateTags"], f"{copy}/*"),
        _through_s3(["kms:Decrypt"], arns["source_key"], regions.primary, source),
        # S3 asks for a data key where the copy's bucket has a bucket key of its own (`buckets`).
        _through_s3(["kms:Encrypt", "kms:GenerateDataKey"], arns["copy_key"], regions.standby, copy),
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _allowing(actions: list[str], resource: str, **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": [resource]}
    return {**statement, "Condition": condition} if condition else statement


def _through_s3(actions: list[str], key: str, region: str, bucket: str) -> dict[str, Any]:
    """With a bucket key the encryption context is the bucket's ARN, without one each object's."""
    return _allowing(
        actions, key,
        StringEquals={"kms:ViaService": f"s3.{region}.amazonaws.com"},
        StringLike={"kms:EncryptionContext:aws:s3:arn": [bucket, f"{bucket}/*"]},
    )  # fmt: skip
