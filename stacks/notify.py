"""The topic that tells people of an incident, one on each side; who hears of it is configuration.

Laws:
- Addresses are people's: they are secrets in Pulumi's state, and no logical name holds one. By default there are none.
- Runbooks, alarms and event rules may publish, and nobody without TLS. It is encrypted with our key, because alarms
  cannot use SNS's own.

Sources: SNS Developer Guide, "Security best practices" and "Enable compatibility between event sources"; CloudWatch
User Guide, "Notifying users on alarm changes"; EventBridge User Guide, "SNS permissions" (without a condition there).
A subscription by e-mail or HTTPS stays pending until whoever gets it confirms.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from stacks import names
from stacks.settings import SettingsRefused

if TYPE_CHECKING:
    from stacks.settings import Source

_KINDS: Final = {
    "email": ("notify_emails", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "an e-mail address"),
    "https": ("notify_https", re.compile(r"https://\S+"), "an address that begins with https://"),
}
"""SNS's protocol → the key that lists its endpoints, what one looks like, and in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Whom the topic tells, and how."""

    protocol: str
    endpoint: str


def notify_settings(source: Source) -> tuple[Subscription, ...]:
    """From `notify_emails` and `notify_https`: lists, which may be encrypted in the configuration.

    Raises:
        SettingsRefused: with every fault, by its number in the list; no address is repeated in it.
    """
    faults: list[str] = []
    found = []
    for protocol, (key, pattern, words) in _KINDS.items():
        listed = source.get_object(key) or []
        if not isinstance(listed, list):
            faults.append(f"{key}: not a list")
            continue
        for number, each in enumerate(listed, 1):
            if not isinstance(each, str) or not pattern.fullmatch(each):
                faults.append(f"{key}: number {number} is not {words}")
            found.append(Subscription(protocol=protocol, endpoint=str(each)))
    if faults:
        raise SettingsRefused(faults)
    return tuple(dict.fromkeys(found))


class Notify(pulumi.ComponentResource):
    """Topic, its policy, its subscriptions."""

    def __init__(
        self,
        application: str,
        *,
        subscriptions: tuple[Subscription, ...],
        account: pulumi.Output[str],
        key_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Notify", "notify", None, opts)
        within = pulumi.ResourceOptions(parent=self)
        self.topic = aws.sns.Topic(
            names.INCIDENT_TOPIC,
            name=names.topic(application),
            display_name="Contact centre",
            kms_master_key_id=key_arn,
            opts=within,
        )
        known = pulumi.Output.all(arn=self.topic.arn, account=account)
        policy = aws.sns.TopicPolicy(
            names.INCIDENT_TOPIC,
            arn=self.topic.arn,
            policy=known.apply(lambda found: _policy(found["arn"], found["account"])),
            opts=within,
        )
        after = pulumi.ResourceOptions.merge(within, pulumi.ResourceOptions(depends_on=[policy]))
        for number, each in enumerate(subscriptions, 1):
            aws.sns.TopicSubscription(
                f"{each.protocol}-{number}",
                topic=self.topic.arn,
                protocol=each.protocol,
                endpoint=pulumi.Output.secret(each.endpoint),
                opts=after,
            )
        self.register_outputs({})


def _policy(arn: str, account: str) -> str:
    """The account's own roles and users need no statement here: their own policies decide."""
    statements = [
        _statement("AlarmsPublish", "Allow", {"Service": "cloudwatch.amazonaws.com"}, arn,
                   StringEquals={"aws:SourceAccount": account}),
        _statement("RulesPublish", "Allow", {"Service": "events.amazonaws.com"}, arn),
        _statement("NothingInTheClear", "Deny", "*", arn, Bool={"aws:SecureTransport": "false"}),
    ]  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _statement(sid: str, effect: str, principal: Any, arn: str, **condition: Any) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": effect, "Principal": principal, "Action": "sns:Publish", "Resource": arn}
    return {**statement, "Condition": condition} if condition else statement
