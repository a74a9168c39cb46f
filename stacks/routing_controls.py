"""ARC routing controls, an option beside the levers: a second way to leave a side, paid for by the hour.

Laws:
- They take nothing away. The front door leaves a side if its lever says so *or* its control is Off, so `dns.evacuate`
  works as without them.
- One side stays On: a safety rule refuses to turn off the last one.
- AWS makes controls Off. Both are turned On by hand after the first `up`, before callers are let in.

Sources: ARC Developer Guide, "Routing control components" and "Safety rules in ARC" (ATLEAST, asserted controls);
Route 53 Developer Guide, "Monitoring other health checks (calculated health checks)".
Not simulated, and no action here turns one: a drill of a configuration with them is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from stacks.settings import SettingsRefused

if TYPE_CHECKING:
    from stacks.regions import Side
    from stacks.settings import Source

WAIT_MS: Final = 5_000
"""How long a rule looks back before it decides; ARC's own default."""
SIDES: Final[tuple[Side, Side]] = ("primary", "standby")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDoorOptions:
    """What may be had beside levers: record changes again an hour after us-east-1 went, and routing controls."""

    accelerated_recovery: bool = False
    routing_controls: bool = False


def front_door_options(source: Source) -> FrontDoorOptions:
    """From `accelerated_recovery` and `routing_controls`: true or false, and false if not set.

    Raises:
        SettingsRefused: with every fault.
    """
    found = {key: source.get_object(key) for key in ("accelerated_recovery", "routing_controls")}
    faults = [
        f"{key}: {value!r} is neither true nor false"
        for key, value in found.items()
        if value is not None and not isinstance(value, bool)
    ]
    if faults:
        raise SettingsRefused(faults)
    return FrontDoorOptions(**{key: bool(value) for key, value in found.items()})


class RoutingControls(pulumi.ComponentResource):
    """Cluster, panel, a control and its health check for each side, and the rule that keeps one On."""

    def __init__(self, application: str, *, opts: pulumi.ResourceOptions) -> None:
        super().__init__("contact-centre:stacks:RoutingControls", "routing-controls", None, opts)
        within = pulumi.ResourceOptions(parent=self)
        cluster = aws.route53recoverycontrol.Cluster("front-door", name=application, opts=within)
        panel = aws.route53recoverycontrol.ControlPanel(
            "front-door", name=application, cluster_arn=cluster.arn, opts=within
        )
        self.controls = {
            side: aws.route53recoverycontrol.RoutingControl(
                side,
                name=f"{application}-{side}",
                cluster_arn=cluster.arn,
                control_panel_arn=panel.arn,
                opts=within,
            )
            for side in SIDES
        }
        aws.route53recoverycontrol.SafetyRule(
            "one-side-on",
            name=f"{application}-one-side-on",
            control_panel_arn=panel.arn,
            asserted_controls=[control.arn for control in self.controls.values()],
            rule_config={"type": "ATLEAST", "threshold": 1, "inverted": False},
            wait_period_ms=WAIT_MS,
            opts=within,
        )
        self.checks = {
            side: aws.route53.HealthCheck(
                f"control-{side}", type="RECOVERY_CONTROL", routing_control_arn=control.arn, opts=within
            )
            for side, control in self.controls.items()
        }
        self.register_outputs({})
