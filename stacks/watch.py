"""What a side tells its topic by itself: its lever is up, its run table lags behind, somebody broke the glass.

Laws:
- Each side watches its own Region, and tells its own topic: neither needs the other one to be heard.
- Where nothing is measured nothing is wrong: a lever that was never moved, a table that nobody writes to.

Sources: DynamoDB Developer Guide, "ReplicationLatency" (in milliseconds, by the Region that writes, to the one that
receives); EventBridge User Guide, "Receiving read-only management events" (AssumeRole is one; a trail must log them).
AWS STS tells of a role's use in the Region whose endpoint was called: these two, and no further one, are watched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from stacks import names

LATENCY_MS_MOST: Final = 60_000
"""The RPO of the runbooks' objectives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alarm:
    """An alarm on one period of a metric, at `threshold` or above. `silence`: what missing data mean to it."""

    says: str
    namespace: str
    metric: str
    statistic: str
    threshold: int
    period_s: int
    silence: str
    dimensions: dict[str, str] | None = None


class Watch(pulumi.ComponentResource):
    """Two alarms and a rule, on one side."""

    def __init__(
        self,
        application: str,
        *,
        other_region: str,
        account: pulumi.Output[str],
        topic_arn: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Watch", "watch", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        self._application, self._topic_arn = application, topic_arn
        for name, alarm in _alarms(application, other_region).items():
            self._alarm(name, alarm)
        self._glass(account)
        self.register_outputs({})

    def _alarm(self, name: str, alarm: _Alarm) -> None:
        aws.cloudwatch.MetricAlarm(
            name,
            name=f"{self._application}-{name}",
            alarm_description=alarm.says,
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=alarm.dimensions,
            statistic=alarm.statistic,
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=alarm.threshold,
            period=alarm.period_s,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            treat_missing_data=alarm.silence,
            alarm_actions=[self._topic_arn],
            opts=self._within,
        )

    def _glass(self, account: pulumi.Output[str]) -> None:
        """Also where no such role is declared: somebody may make one of that name."""
        name = names.people_role(self._application, "break-glass")
        rule = aws.cloudwatch.EventRule(
            "break-glass-taken",
            name=f"{name}-taken",
            description="Somebody took the break-glass role",
            event_pattern=account.apply(lambda number: _taking(f"arn:aws:iam::{number}:role/{name}")),
            state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            opts=self._within,
        )
        aws.cloudwatch.EventTarget(
            "break-glass-taken",
            rule=rule.name,
            target_id=names.INCIDENT_TOPIC,
            arn=self._topic_arn,
            opts=self._within,
        )


def _alarms(application: str, other_region: str) -> dict[str, _Alarm]:
    return {
        "lever-raised": _Alarm(
            says="The front door leaves the other side: the lever here is up",
            namespace=names.METRIC_NAMESPACE,
            metric=names.METRIC_NAME,
            statistic="Maximum",
            threshold=1,
            period_s=60,
            # It falls by being lowered, not by silence.
            silence="ignore",
        ),
        "run-table-lags": _Alarm(
            says="What is journalled here reaches the other Region late",
            namespace="AWS/DynamoDB",
            metric="ReplicationLatency",
            dimensions={"TableName": names.run_table(application), "ReceivingRegion": other_region},
            statistic="Average",
            threshold=LATENCY_MS_MOST,
            period_s=300,
            silence="notBreaching",
        ),
    }


def _taking(role_arn: str) -> str:
    call = {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": [role_arn]}}
    return json.dumps({"source": ["aws.sts"], "detail-type": ["AWS API Call via CloudTrail"], "detail": call})
