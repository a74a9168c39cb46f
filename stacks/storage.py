"""Where one side of an instance puts recordings and transcripts: a bucket and a key of its own Region.

AWS does not mirror this (Connect Administrator Guide, "Set up Amazon Connect Global Resiliency"): each side declares
its own, the replica's too. What goes to the bucket is encrypted with the given key.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws
from pulumi_aws.connect import InstanceStorageConfigStorageConfigArgs as Config
from pulumi_aws.connect import InstanceStorageConfigStorageConfigS3ConfigArgs as Place
from pulumi_aws.connect import InstanceStorageConfigStorageConfigS3ConfigEncryptionConfigArgs as Encryption

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {"CALL_RECORDINGS": "call-recordings", "CHAT_TRANSCRIPTS": "chat-transcripts"}
)
"""What goes to the bucket (`InstanceStorageResourceType` of the Connect model), and under which prefix."""


class Storage(pulumi.ComponentResource):
    """Recordings and transcripts to one bucket. That calls are recorded is for the flow to say (`flow`).

    Args:
        instance_id: the instance, in the Region of the provider in `opts`.
        bucket_name: a bucket of that Region.
        key_arn: the full ARN of a KMS key of that Region.
    """

    def __init__(
        self,
        instance_id: pulumi.Input[str],
        *,
        bucket_name: pulumi.Input[str],
        key_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Storage", "storage", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        self._instance_id = instance_id
        encryption = Encryption(encryption_type="KMS", key_id=key_arn)
        for kind, prefix in PREFIXES.items():
            place = Place(bucket_name=bucket_name, bucket_prefix=prefix, encryption_config=encryption)
            self._put(kind, Config(storage_type="S3", s3_config=place))
        self.register_outputs({})

    def _put(self, kind: str, storage_config: Config) -> None:
        aws.connect.InstanceStorageConfig(
            kind.lower().replace("_", "-"),
            instance_id=self._instance_id,
            resource_type=kind,
            storage_config=storage_config,
            opts=self._within,
        )
