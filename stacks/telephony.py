"""What calls arrive at before they reach an instance, where no traffic distribution group spreads them.

One Voice Connector in each side's Region, led on to that side's session border controllers; one group of both, which
numbers or the carrier's trunk point at; where configured, a SIP rule. A runbook moves all calls by the group's
priorities: instances are then two, and no number can be re-pointed to another Region.

Laws:
- It is neither side's, and is managed from the standby Region: an `up` of it needs nothing that dies with the primary.
- The group's priorities belong to runbooks once they exist. No runbook moves a rule: AWS tries its next target itself.
- Connectors and group are protected and outlive their stack: every call comes by them, and the carrier has their names.
- Signalling and media are encrypted, so origination goes by TLS.

Sources: Amazon Chime SDK Administrator Guide, "Managing Amazon Chime SDK Voice Connector groups" (connectors of
different Regions in one group; inbound calls only); API reference, OriginationRoute (TCP where encryption is required;
1 is tried first); Developer Guide, "Understanding phone numbers, SIP rules, SIP media applications, and AWS Lambda
functions" (the next target of a rule, where one fails).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from stacks import names
from stacks.regions import SIDES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.regions import RegionPair, Side
    from stacks.settings import OriginationSettings, SipRuleSettings, TelephonySettings

PRIORITY: Final[Mapping[Side, int]] = {"primary": 1, "standby": 2}
"""In the group, and among a rule's targets; 1 is called first."""


class Telephony(pulumi.ComponentResource):
    """Connectors, their origination, the group, the rule."""

    def __init__(
        self, application: str, *, settings: TelephonySettings, regions: RegionPair, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("contact-centre:stacks:Telephony", "telephony", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        self._application, self._regions = application, regions
        self.connectors = {side: self._connector(side) for side in SIDES}
        for each in settings.origination:
            self._origination(each)
        self.group = self._group()
        self.rule = self._rule(settings.rule) if settings.rule else None
        self.register_outputs({})

    def described(self) -> dict[str, dict[str, Any]]:
        """Each side's part of the inventory."""
        return {
            side: {
                "voice_connector_id": connector.id,
                "group_id": self.group.id,
                "sip_rule_id": self.rule.id if self.rule else "",
            }
            for side, connector in self.connectors.items()
        }

    def _connector(self, side: Side) -> aws.chime.VoiceConnector:
        return aws.chime.VoiceConnector(
            side,
            name=names.voice_connector(self._application, side),
            aws_region=self._regions.of(side),
            require_encryption=True,
            opts=self._kept(),
        )

    def _origination(self, settings: OriginationSettings) -> None:
        (connector,) = (each for side, each in self.connectors.items() if side == settings.name)
        aws.chime.VoiceConnectorOrigination(
            settings.name,
            voice_connector_id=connector.id,
            routes=[
                {"host": host, "port": settings.port, "protocol": "TCP", "priority": priority, "weight": 1}
                for priority, host in enumerate(settings.hosts, start=1)
            ],
            opts=self._within,
        )

    def _group(self) -> aws.chime.VoiceConnectorGroup:
        return aws.chime.VoiceConnectorGroup(
            "inbound",
            name=names.voice_connector_group(self._application),
            connectors=[
                {"voice_connector_id": connector.id, "priority": PRIORITY[side]}
                for side, connector in self.connectors.items()
            ],
            # `telephony.group_priority` says who is called first; an `up` must not call callers back.
            opts=self._kept("connectors"),
        )

    def _kept(self, *ignored: str) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(
            self._within,
            pulumi.ResourceOptions(protect=True, retain_on_delete=True, ignore_changes=list(ignored)),
        )

    def _rule(self, settings: SipRuleSettings) -> aws.chime.SdkvoiceSipRule:
        by_side = {target.name: target.application for target in settings.targets}
        return aws.chime.SdkvoiceSipRule(
            "inbound",
            name=names.voice_connector_group(self._application),
            trigger_type="ToPhoneNumber" if settings.trigger.startswith("+") else "RequestUriHostname",
            trigger_value=settings.trigger,
            target_applications=[
                {
                    "sip_media_application_id": by_side[side],
                    "aws_region": self._regions.of(side),
                    "priority": PRIORITY[side],
                }
                for side in SIDES
            ],
            opts=self._within,
        )
