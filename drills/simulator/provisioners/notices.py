"""Builders of what tells people: topics, who may publish, who hears; rules that pick events, and schedules.

moto's rules: a subscription is kept, and nobody outside gets anything; no event arrives at a rule by itself, and no
schedule comes due.
"""

from __future__ import annotations

from typing import Any

from drills.simulator.provisioners.request import Built, Request, given


def topic(request: Request) -> Built:
    """CreateTopic."""
    made = request.client("sns").create_topic(
        Name=request.take("name"),
        Attributes=given(
            DisplayName=request.take("displayName", None), KmsMasterKeyId=request.take("kmsMasterKeyId", None)
        ),
    )
    return Built(made["TopicArn"], {"arn": made["TopicArn"]})


def topic_policy(request: Request) -> Built:
    """SetTopicAttributes."""
    arn = request.take("arn")
    request.client("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=request.take("policy")
    )
    return Built(arn)


def topic_subscription(request: Request) -> Built:
    """Subscribe."""
    made = request.client("sns").subscribe(
        TopicArn=request.take("topic"),
        Protocol=request.take("protocol"),
        Endpoint=request.take("endpoint"),
        ReturnSubscriptionArn=True,
    )
    return Built(made["SubscriptionArn"], {"arn": made["SubscriptionArn"]})


def event_rule(request: Request) -> Built:
    """PutRule, on the default bus."""
    name = request.take("name")
    made = request.client("events").put_rule(
        Name=name,
        EventPattern=request.take("eventPattern"),
        **given(Description=request.take("description", None), State=request.take("state", None)),
    )
    return Built(name, {"arn": made["RuleArn"]})


def event_target(request: Request) -> Built:
    """PutTargets with one."""
    rule, target = request.take("rule"), request.take("targetId")
    request.client("events").put_targets(Rule=rule, Targets=[{"Id": target, "Arn": request.take("arn")}])
    return Built(f"{rule}-{target}")


def schedule(request: Request) -> Built:
    """CreateSchedule, in the default group."""
    name, target = request.take("name"), request.take("target")
    made = request.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=request.take("scheduleExpression"),
        FlexibleTimeWindow=_window(request.take("flexibleTimeWindow")),
        Target={"Arn": target["arn"], "RoleArn": target["roleArn"], **given(Input=target.get("input"))},
        **given(
            Description=request.take("description", None),
            ScheduleExpressionTimezone=request.take("scheduleExpressionTimezone", None),
            KmsKeyArn=request.take("kmsKeyArn", None),
        ),
    )
    return Built(f"default/{name}", {"arn": made["ScheduleArn"]})


def _window(window: dict[str, Any]) -> dict[str, Any]:
    return {"Mode": window["mode"], **given(MaximumWindowInMinutes=window.get("maximumWindowInMinutes"))}
