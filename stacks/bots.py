"""Lex V2 bots that this side's instance may use. AWS mirrors neither bots nor their association: each side has its own.

Pulumi's `aws.connect.BotAssociation` takes Lex V1 bots only. A V2 alias is associated through Cloud Control, by the
type AWS::Connect::IntegrationAssociation (CloudFormation Template Reference: "Lex bot (both v1 and v2)").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from stacks.settings import BotSettings

TYPE_NAME = "AWS::Connect::IntegrationAssociation"


class Bots(pulumi.ComponentResource):
    """An association for each configured bot, with the instance in the Region of the provider in `opts`."""

    def __init__(
        self,
        instance_arn: pulumi.Input[str],
        *,
        bots: tuple[BotSettings, ...],
        region: str,
        account: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Bots", "bots", None, opts)
        self._bots = bots
        for bot in bots:
            alias = f"bot-alias/{bot.bot_id}/{bot.alias_id}"
            wanted = {
                "InstanceId": instance_arn,
                "IntegrationType": "LEX_BOT",
                "IntegrationArn": pulumi.Output.format("arn:aws:lex:{0}:{1}:{2}", region, account, alias),
            }
            aws.cloudcontrol.Resource(
                bot.name,
                type_name=TYPE_NAME,
                desired_state=pulumi.Output.json_dumps(wanted, sort_keys=True),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})

    def described(self) -> dict[str, dict[str, str]]:
        """The inventory's table."""
        return {bot.name: {"bot_id": bot.bot_id, "alias_id": bot.alias_id} for bot in self._bots}
