"""The key of what recovery keeps: one multi-Region key, at home in the standby Region, with a replica in the primary.

Laws:
- What one Region encrypted, the other can read: both have the key's material under the same id.
- Who may use it directly is IAM's to say. Through SNS and DynamoDB, whoever those admit may use it, as with the keys of
  AWS's own that it stands in for; so a role that may publish needs no row for the key.
- Alarms and event rules may encrypt what they publish, which they cannot with `alias/aws/sns`.

Sources: KMS Developer Guide, "Multi-Region keys" (policies, aliases and rotation: the first two are each Region's own)
and "kms:ViaService"; SNS Developer Guide, "Enable compatibility between event sources from AWS services and encrypted
topics"; DynamoDB Developer Guide, "Authorizing use of your customer managed key".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from stacks import names

if TYPE_CHECKING:
    from stacks.regions import RegionPair, Side

DELETED_AFTER_DAYS: Final = 30
"""The longest that KMS waits before a key is gone, and all that it encrypted with it."""

_USE: Final = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
_SERVICES: Final = ("dynamodb", "sns")
_PUBLISHERS: Final = ["cloudwatch.amazonaws.com", "events.amazonaws.com"]


class Keys(pulumi.ComponentResource):
    """Key, replica, and the same alias in both Regions. `arns` is by side."""

    def __init__(
        self,
        application: str,
        *,
        regions: RegionPair,
        account: pulumi.Input[str],
        providers: dict[Side, aws.Provider],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Keys", "keys", None, opts)
        self._within = pulumi.ResourceOptions(parent=self, protect=True)
        at = {
            side: pulumi.ResourceOptions.merge(self._within, pulumi.ResourceOptions(provider=provider))
            for side, provider in providers.items()
        }
        policy = pulumi.Output.from_input(account).apply(lambda known: _policy(known, regions))
        says = "What recovery keeps: run table, topics, evidence, recordings"
        self.key = aws.kms.Key(
            "kept",
            description=says,
            multi_region=True,
            enable_key_rotation=True,
            deletion_window_in_days=DELETED_AFTER_DAYS,
            policy=policy,
            opts=_kept(at["standby"]),
        )
        self.replica = aws.kms.ReplicaKey(
            "kept",
            description=says,
            primary_key_arn=self.key.arn,
            deletion_window_in_days=DELETED_AFTER_DAYS,
            policy=policy,
            opts=_kept(at["primary"]),
        )
        key_ids: dict[Side, pulumi.Output[str]] = {"primary": self.replica.key_id, "standby": self.key.key_id}
        for side, key_id in key_ids.items():
            aws.kms.Alias(f"kept-{side}", name=names.key_alias(application), target_key_id=key_id, opts=at[side])
        self.arns: dict[Side, pulumi.Output[str]] = {"primary": self.replica.arn, "standby": self.key.arn}
        self.register_outputs({})


def _kept(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """An alias can be made again; what the key encrypted can be read by nothing else."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True))


def _policy(account: str, regions: RegionPair) -> str:
    through = [f"{service}.{region}.amazonaws.com" for service in _SERVICES for region in sorted(regions)]
    statements = [
        _allowing("TheAccountsPoliciesDecide", {"AWS": f"arn:aws:iam::{account}:root"}, ["kms:*"]),
        _allowing(
            "WhoeverTheServiceAdmits", {"AWS": "*"}, [*_USE, "kms:CreateGrant"],
            StringEquals={"kms:CallerAccount": account, "kms:ViaService": through},
        ),
        # Without a condition, as EventBridge's documentation has it: the topic's policy says whose rules may publish.
        _allowing("AlarmsAndRulesPublish", {"Service": _PUBLISHERS}, ["kms:Decrypt", "kms:GenerateDataKey*"]),
    ]  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _allowing(sid: str, principal: dict[str, Any], actions: list[str], **condition: Any) -> dict[str, Any]:
    # In a key's policy `*` is the key itself.
    statement = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"}
    return {**statement, "Condition": condition} if condition else statement
