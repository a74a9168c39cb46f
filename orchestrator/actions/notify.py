"""Telling people. What is sent cannot be unsent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from orchestrator.model.actions import Call, Effect, Expected, Provenance
from orchestrator.model.parameters import Doc, Region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.model.values import Json


@dataclass(frozen=True)
class PublishParams:
    """Parameters of `notify.publish`."""

    region: Annotated[Region, Doc("a Region that lives; its own topic")]
    topic: Annotated[str, Doc("topic ARN")]
    message: Annotated[str, Doc("what subscribers read; no customer data")]
    subject: Annotated[str, Doc("subject line for e-mail subscribers")] = ""


class Publish(Effect[PublishParams]):
    """A message to a topic. A standard topic does not remember what was sent: an unanswered send stays unproven.

    Accepted by the topic is all that is shown: whether a subscriber got it, or there is one, SNS does not say here.

    Source: SNS API reference, Publish.
    """

    name = "notify.publish"
    summary = "publish a message to an SNS topic (at most once)"
    Params = PublishParams
    deadline_s: ClassVar[float | None] = 60.0
    expected = Expected(1.0, Provenance.ASSUMED)
    one_way = "a message cannot be unsent"

    @classmethod
    def calls(cls, params: PublishParams) -> tuple[Call, ...]:
        """One send."""
        return (Call("sns", "Publish", params.region, write=True),)

    def perform(self, params: PublishParams, token: str) -> Mapping[str, Json]:
        """Send; the token travels as an attribute so that receivers can drop a repetition.

        Returns:
            `{"message_id"}`, empty where the topic took the message without naming it: it is sent all the same.
        """
        subject = {"Subject": params.subject} if params.subject else {}
        sent = self.cloud.client("sns", params.region).publish(
            TopicArn=params.topic,
            Message=params.message,
            MessageAttributes={"failover-token": {"DataType": "String", "StringValue": token}},
            **subject,
        )
        return {"message_id": sent.get("MessageId", "")}

    def confirm(self, params: PublishParams, token: str) -> bool | None:  # noqa: ARG002
        """Nobody can tell."""
        return None
