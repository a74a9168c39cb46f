"""Queues: which hours of operation a queue keeps.

A queue is switched to a calendar that was made beforehand ("incident"): at once, and as easily back. In Pulumi a
queue's hours have two owners, which is why runbooks own them (docs/adr/0006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from orchestrator.actions.answers import known
from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.parameters import Doc, Region

if TYPE_CHECKING:
    from orchestrator.model.values import Json


@dataclass(frozen=True)
class QueueHoursParams:
    """Parameters of `connect.queue_hours`."""

    region: Annotated[Region, Doc("the Region that is asked; under Global Resiliency AWS mirrors the change")]
    instance: Annotated[str, Doc("instance id")]
    queue: Annotated[str, Doc("queue id")]
    hours: Annotated[str, Doc("id of the hours of operation that the queue shall keep")]


class QueueHours(Setting[QueueHoursParams]):
    """The hours of operation of a queue. Flows that check the queue's hours heed them with the next call.

    Source: Connect API reference, DescribeQueue and UpdateQueueHoursOfOperation.
    """

    name = "connect.queue_hours"
    summary = "let a queue keep other hours of operation, such as an incident calendar"
    Params = QueueHoursParams
    deadline_s: ClassVar[float | None] = 300.0
    expected = Expected(2.0, Provenance.ASSUMED)
    subject_params: ClassVar[tuple[str, ...]] = ("queue",)

    @classmethod
    def calls(cls, params: QueueHoursParams) -> tuple[Call, ...]:
        """Read and write in that Region."""
        return (
            Call("connect", "DescribeQueue", params.region),
            Call("connect", "UpdateQueueHoursOfOperation", params.region, write=True),
        )

    def subject(self, params: QueueHoursParams) -> str:
        """The queue's hours."""
        return f"connect:queue-hours:{params.queue}"

    def observe(self, params: QueueHoursParams) -> Json:
        """The id of the hours that the queue keeps.

        Raises:
            ServiceTrouble: the answer lacks the queue or its hours.
        """
        looked, of = self.calls(params)[0], f"queue {params.queue}"
        found = self.cloud.client("connect", params.region).describe_queue(
            InstanceId=params.instance, QueueId=params.queue
        )
        return known(known(found, "Queue", of, looked), "HoursOfOperationId", of, looked)

    def target(self, params: QueueHoursParams, before: Json) -> Json:  # noqa: ARG002
        """The hours asked for."""
        return params.hours

    def write(self, params: QueueHoursParams, part: Json) -> None:
        """Switch."""
        self.cloud.client("connect", params.region).update_queue_hours_of_operation(
            InstanceId=params.instance, QueueId=params.queue, HoursOfOperationId=part
        )
