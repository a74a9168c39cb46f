"""Flags that a flow asks for: a table, a function that reads it, and the function's role. One set in each Region."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws

from stacks import names

_FUNCTION = Path(__file__).parent / "functions" / "flags.py"

# Connect waits 8 seconds for a function at most; the flow waits 3 and goes on without it.
TIMEOUT_S = 3

_LAMBDA_ASSUMES = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}


class Flags(pulumi.ComponentResource):
    """Table, function and permission for one side."""

    def __init__(
        self,
        application: str,
        *,
        region: str,
        account: pulumi.Input[str],
        instance_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Flags", "flags", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        self.table = self._table(application)
        self.function = aws.lambda_.Function(
            "flags",
            name=names.function_name(application),
            description="Tells a flow which flags are on",
            runtime="python3.13",
            handler="flags.handler",
            timeout=TIMEOUT_S,
            code=pulumi.AssetArchive({"flags.py": pulumi.FileAsset(str(_FUNCTION))}),
            role=self._role(application, region).arn,
            environment={"variables": {"FLAGS_TABLE": self.table.name}},
            opts=self._within,
        )
        self._admit_connect(region, account, instance_id)
        self.register_outputs({})

    def _table(self, application: str) -> aws.dynamodb.Table:
        table = aws.dynamodb.Table(
            "flags",
            name=names.flags_table(application),
            billing_mode="PAY_PER_REQUEST",
            hash_key="flag",
            attributes=[{"name": "flag", "type": "S"}],
            point_in_time_recovery={"enabled": True},
            server_side_encryption={"enabled": True},
            opts=self._within,
        )
        off = {"flag": {"S": names.FLAG}, "value": {"S": "off"}, "epoch": {"N": "0"}}
        aws.dynamodb.TableItem(
            f"flag-{names.FLAG}",
            table_name=table.name,
            hash_key="flag",
            item=json.dumps(off, sort_keys=True),
            # `ivr.flag` writes the item in an incident; an `up` in the middle of one must not put it back.
            opts=pulumi.ResourceOptions.merge(self._within, pulumi.ResourceOptions(ignore_changes=["item"])),
        )
        return table

    def _role(self, application: str, region: str) -> aws.iam.Role:
        role = aws.iam.Role(
            "flags",
            # IAM is global: two Regions with one function name still need two role names.
            name=f"{names.function_name(application)}-{region}",
            assume_role_policy=json.dumps(_LAMBDA_ASSUMES),
            opts=self._within,
        )
        aws.iam.RolePolicy(
            "flags",
            name="read-flags",
            role=role.name,
            policy=self.table.arn.apply(_may_read),
            opts=self._within,
        )
        return role

    def _admit_connect(self, region: str, account: pulumi.Input[str], instance_id: pulumi.Input[str]) -> None:
        """Let this Region's side of the instance invoke the function: permission, then association.

        Neither is mirrored (Administrator Guide: ensure redundancy for integrations such as Lambda across Regions).
        """
        permission = aws.lambda_.Permission(
            "connect-invokes-flags",
            statement_id="connect",
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal="connect.amazonaws.com",
            source_account=account,
            source_arn=pulumi.Output.format("arn:aws:connect:{0}:{1}:instance/{2}", region, account, instance_id),
            opts=self._within,
        )
        aws.connect.LambdaFunctionAssociation(
            "flags",
            function_arn=self.function.arn,
            instance_id=instance_id,
            opts=pulumi.ResourceOptions.merge(self._within, pulumi.ResourceOptions(depends_on=[permission])),
        )


def _may_read(table_arn: str) -> str:
    logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    statements = [
        {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": [table_arn]},
        {"Effect": "Allow", "Action": logs, "Resource": ["arn:aws:logs:*:*:*"]},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
