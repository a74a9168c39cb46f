"""The front door: one name, two failover records, and a lever for each in the opposite Region.

The data-plane lever. The PRIMARY record's health check watches an alarm in the standby Region, the SECONDARY's one in
the primary Region: whoever wants to evacuate a side publishes 1 to a metric in the side that lives. It needs neither
Route 53's control plane nor the dead Region.

Laws:
- Silence changes nothing: missing data keeps the alarm's state, insufficient data keeps the health check's.
- Levers belong to `global`: Route 53 follows the data stream of an alarm that it read when the health check was made
  (Developer Guide, "Updating health checks when you change CloudWatch alarm settings"), so the alarms come first.
- No alias records: they would need EvaluateTargetHealth, and the target's health would then move callers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from stacks import names
from stacks.regions import RegionPair, Side, other
from stacks.routing_controls import RoutingControls

if TYPE_CHECKING:
    from stacks.routing_controls import FrontDoorOptions
    from stacks.settings import GlobalSettings

TTL_S = 60
_FAILOVER = {"primary": "PRIMARY", "standby": "SECONDARY"}


class FrontDoor(pulumi.ComponentResource):
    """Zone, levers, health checks, records."""

    def __init__(
        self,
        application: str,
        *,
        settings: GlobalSettings,
        options: FrontDoorOptions,
        providers: dict[Side, aws.Provider],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:FrontDoor", "front-door", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        self._application = application
        self._by_side = providers
        self.name = f"{settings.front_door}.{settings.zone_name}"
        self.zone = aws.route53.Zone(
            "zone",
            name=settings.zone_name,
            comment="Names that callers and agents use",
            enable_accelerated_recovery=options.accelerated_recovery or None,
            opts=pulumi.ResourceOptions.merge(
                self._within, pulumi.ResourceOptions(protect=True, retain_on_delete=True)
            ),
        )
        sides: tuple[Side, Side] = ("primary", "standby")
        self.checks = {side: self._check(side, settings.regions) for side in sides}
        if options.routing_controls:
            self.checks = self._beside(RoutingControls(application, opts=self._within))
        self.records = {side: self._record(side, settings.zone_name) for side in sides}
        self.register_outputs({})

    def _lever(self, evacuated: Side, held_by: Side) -> aws.cloudwatch.MetricAlarm:
        """The alarm that says `evacuated` shall be left, in `held_by`'s Region: 60 s, 1 of 1, silence is no news."""
        name = names.lever(self._application, evacuated)
        return aws.cloudwatch.MetricAlarm(
            f"evacuate-{evacuated}",
            name=name,
            alarm_description=f"On: the front door leaves {evacuated}",
            namespace=names.METRIC_NAMESPACE,
            metric_name=names.METRIC_NAME,
            statistic="Maximum",
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=1,
            period=60,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            treat_missing_data="missing",
            opts=pulumi.ResourceOptions.merge(self._within, pulumi.ResourceOptions(provider=self._by_side[held_by])),
        )

    def _check(self, side: Side, regions: RegionPair) -> aws.route53.HealthCheck:
        held_by = other(side)
        lever = self._lever(side, held_by)
        return aws.route53.HealthCheck(
            side,
            type="CLOUDWATCH_METRIC",
            cloudwatch_alarm_name=lever.name,
            cloudwatch_alarm_region=regions.of(held_by),
            insufficient_data_health_status="LastKnownStatus",
            opts=pulumi.ResourceOptions.merge(self._within, pulumi.ResourceOptions(depends_on=[lever])),
        )

    def _beside(self, controls: RoutingControls) -> dict[Side, aws.route53.HealthCheck]:
        """Healthy while neither the lever nor the routing control says otherwise."""
        return {
            side: aws.route53.HealthCheck(
                f"{side}-by-both",
                type="CALCULATED",
                child_healthchecks=[check.id, controls.checks[side].id],
                child_health_threshold=2,
                opts=self._within,
            )
            for side, check in self.checks.items()
        }

    def _record(self, side: Side, zone_name: str) -> aws.route53.Record:
        return aws.route53.Record(
            f"front-door-{side}",
            zone_id=self.zone.zone_id,
            name=self.name,
            type="CNAME",
            ttl=TTL_S,
            records=[names.entry(side, zone_name)],
            set_identifier=side,
            failover_routing_policies=[{"type": _FAILOVER[side]}],
            health_check_id=self.checks[side].id,
            opts=self._within,
        )
