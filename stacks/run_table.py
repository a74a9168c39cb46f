"""The table that executions are journalled to when a team shares them: in both Regions, so that one may die.

Each Region's copy is encrypted with that Region's copy of our key (`keys`), and refuses to be deleted, which DynamoDB
does not carry from one replica to another (Developer Guide, "Best practices for global tables").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from stacks import names

if TYPE_CHECKING:
    from stacks.regions import Side


class RunTable(pulumi.ComponentResource):
    """A table with one replica."""

    def __init__(
        self,
        application: str,
        *,
        replica_region: str,
        key_arns: dict[Side, pulumi.Output[str]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:RunTable", "run-table", None, opts)
        self.table = aws.dynamodb.Table(
            "runs",
            name=names.run_table(application),
            billing_mode="PAY_PER_REQUEST",
            hash_key="execution",
            range_key="seq",
            attributes=[{"name": "execution", "type": "S"}, {"name": "seq", "type": "N"}],
            # Replication travels by the stream.
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            point_in_time_recovery={"enabled": True},
            deletion_protection_enabled=True,
            server_side_encryption={"enabled": True, "kms_key_arn": key_arns["standby"]},
            replicas=[
                {
                    "region_name": replica_region,
                    "point_in_time_recovery": True,
                    "deletion_protection_enabled": True,
                    "kms_key_arn": key_arns["primary"],
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, protect=True, retain_on_delete=True),
        )
        self.register_outputs({})
