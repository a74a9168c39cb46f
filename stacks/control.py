"""What runs recovery's exercises: a schedule in the standby Region that starts a drill, where a target is configured.

Laws:
- It lives in the standby Region alone: the primary's end must not end the drills.
- What it may start is one target, by a role that can do nothing else.

Source: EventBridge Scheduler User Guide, "Using templated targets" (Lambda, CodeBuild and Step Functions need no more
than an ARN; an ECS task needs a network and a definition, so it is not offered here) and "Execution role".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from stacks.settings import SettingsRefused

if TYPE_CHECKING:
    from stacks.settings import Source

FIRST_TUESDAY: Final = "cron(0 10 ? * TUE#1 *)"
"""At ten in the morning: people are there, and a week is left."""

STARTS: Final = {
    "codebuild": "codebuild:StartBuild",
    "lambda": "lambda:InvokeFunction",
    "states": "states:StartExecution",
}
"""Service of a target's ARN → the one action that starts it."""

_ARN = re.compile(r"arn:aws:(?P<service>[a-z]+):(?P<region>[a-z0-9-]+):\d{12}:\S+")
_EXPRESSION = re.compile(r"(cron|rate)\([^()]+\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillSettings:
    """What is started, and when. `timezone` is a name of the IANA database."""

    target_arn: str
    expression: str
    timezone: str

    @property
    def starts(self) -> str:
        """The action that starts the target."""
        return STARTS[self.target_arn.split(":")[2]]

    @property
    def region(self) -> str:
        """Where the target is."""
        return self.target_arn.split(":")[3]


def drill_settings(source: Source) -> DrillSettings | None:
    """From `drill_target`, `drill_schedule` and `drill_timezone`; without the first there is no schedule.

    Raises:
        SettingsRefused: with every fault.
    """
    target, timezone = source.get("drill_target"), source.get("drill_timezone") or "UTC"
    expression = source.get("drill_schedule") or FIRST_TUESDAY
    if not target:
        return None
    faults = []
    arn = _ARN.fullmatch(target)
    if arn is None or arn["service"] not in STARTS:
        faults.append(f"drill_target: {target!r} is no ARN of {', '.join(STARTS)}")
    elif arn["region"] != (standby := source.get("standby_region")):
        faults.append(f"drill_target: it is in {arn['region']}; a drill is started in {standby}, which must outlive")
    if not _EXPRESSION.fullmatch(expression):
        faults.append(f"drill_schedule: {expression!r} is neither cron(…) nor rate(…)")
    if faults:
        raise SettingsRefused(faults)
    return DrillSettings(target_arn=target, expression=expression, timezone=timezone)


class Control(pulumi.ComponentResource):
    """The schedule and its role."""

    def __init__(
        self,
        application: str,
        *,
        settings: DrillSettings,
        account: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Control", "control", None, opts)
        within = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            "starts-drills",
            name=f"{application}-starts-drills",
            description="The schedule starts drills",
            assume_role_policy=account.apply(_schedules_of),
            opts=within,
        )
        policy = aws.iam.RolePolicy(
            "starts-drills",
            name="start",
            role=role.name,
            policy=json.dumps(_may_start(settings)),
            opts=within,
        )
        self.schedule = aws.scheduler.Schedule(
            "drills",
            name=f"{application}-drills",
            description="Starts a drill on the simulated cloud",
            schedule_expression=settings.expression,
            schedule_expression_timezone=settings.timezone,
            flexible_time_window={"mode": "OFF"},
            target={"arn": settings.target_arn, "role_arn": role.arn},
            opts=pulumi.ResourceOptions.merge(within, pulumi.ResourceOptions(depends_on=[policy])),
        )
        self.register_outputs({})


def _schedules_of(account: str) -> str:
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _may_start(settings: DrillSettings) -> dict[str, object]:
    statement = {"Effect": "Allow", "Action": [settings.starts], "Resource": [settings.target_arn]}
    return {"Version": "2012-10-17", "Statement": [statement]}
