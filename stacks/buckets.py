"""A bucket for what must not be lost or read by others: versioned, encrypted with our key, closed to the public.

Sources: S3 User Guide, "Security best practices" (block public access, TLS only), "Reducing the cost of SSE-KMS with
S3 Bucket Keys". Since April 2023 ACLs are off in every new bucket, so nothing is declared of them.
"""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws


class KeptBucket(pulumi.ComponentResource):
    """The bucket with its settings. Whatever depends on its versions waits for `versioning`."""

    def __init__(
        self,
        name: str,
        *,
        bucket: pulumi.Input[str],
        key_arn: pulumi.Input[str],
        locked: bool = False,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare it.

        Args:
            name: the logical name of all of it.
            bucket: its name on AWS, unique in all accounts.
            key_arn: a KMS key of its Region.
            locked: whether objects may be locked, which only a bucket made so can do.
            opts: the provider, and the parent.
        """
        super().__init__("contact-centre:stacks:KeptBucket", name, None, opts)
        within = pulumi.ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(
            name,
            bucket=bucket,
            object_lock_enabled=locked or None,
            # No `force_destroy`: a bucket that holds something refuses to go.
            opts=pulumi.ResourceOptions.merge(within, pulumi.ResourceOptions(protect=True, retain_on_delete=True)),
        )
        self.versioning = aws.s3.BucketVersioning(
            name,
            bucket=self.bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=within,
        )
        self._encrypted(name, key_arn, within)
        self.policy = self._closed(name, within)
        self.register_outputs({})

    def _encrypted(self, name: str, key_arn: pulumi.Input[str], within: pulumi.ResourceOptions) -> None:
        aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=self.bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": key_arn,
                    },
                    "bucket_key_enabled": True,
                }
            ],
            opts=within,
        )

    def _closed(self, name: str, within: pulumi.ResourceOptions) -> aws.s3.BucketPolicy:
        closed = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=within,
        )
        return aws.s3.BucketPolicy(
            name,
            bucket=self.bucket.id,
            policy=self.bucket.arn.apply(_tls_only),
            # S3 refuses two changes of a bucket's access at once (OperationAborted).
            opts=pulumi.ResourceOptions.merge(within, pulumi.ResourceOptions(depends_on=[closed])),
        )


def _tls_only(arn: str) -> str:
    statement = {
        "Sid": "NothingInTheClear",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
