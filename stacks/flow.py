"""The flows: the main one, where every number arrives, and the one by which agents transfer to a queue. Pure.

The main flow has the call recorded, greets in an emergency (a module), finds the line of business, heeds its queue's
hours, and queues the call; where the queue is full, in the overflow queue.

Laws:
- Nothing in them names a Region: queues and the module by id, for the mirrored copy runs elsewhere.
- No failure hangs up on a caller who could be queued: a module that cannot be invoked means no emergency greeting, and
  hours that cannot be told are open. Recording has no branch to fail by: its action has no errors.
- Every call is recorded, agent and customer: where the instance keeps recordings (`storage`) records nothing by itself.
- A line of business whose queue does not exist ends in a message and a disconnect; a flow that named the missing
  queue would be refused by AWS.

Sources: Amazon Connect API Reference, "Flow language actions" and "UpdateContactRecordingBehavior" (errors: none).
"""

from __future__ import annotations

from dataclasses import dataclass

from stacks.flow_actions import Action, action, check_hours, compare, document, hang_up, record, say, to_queue

CLOSED = "This line of business cannot take your call at the moment. Please try again later."
AFTER_HOURS = "You have called outside of our opening hours. Please call again later."
FULL = "All our agents are busy, and so are the places in the queue. Please call again later."


@dataclass(frozen=True, slots=True)
class Line:
    """A line of business as built: the numbers dialled (E.164), and its queue's id, None where it does not exist."""

    name: str
    dialled: tuple[str, ...]
    queue_id: str | None


def content(lines: list[Line], *, greeting_id: str, overflow_id: str | None) -> str:
    """The main flow as JSON. A number that no line owns goes to the first line.

    Args:
        lines: at least one.
        greeting_id: the id of the module that greets in an emergency.
        overflow_id: the id of the queue for whom a full queue turns away; without it they hear that all is full.
    """
    greeting = action(
        "greeting", "InvokeFlowModule", {"FlowModuleId": greeting_id}, "line", {"NoMatchingError": "line"}
    )
    served = [each for line in lines for each in _line(line, overflow_id)]
    overflow = _overflow(overflow_id) if overflow_id else []
    ends = [say("after-hours", AFTER_HOURS, then="hang-up"), say("full", FULL, then="hang-up"), hang_up("hang-up")]
    return document([record("record", then="greeting"), greeting, _by_number(lines), *served, *overflow, *ends])


def transfer() -> str:
    """The flow of quick connects to queues: the quick connect has set the queue."""
    return document(
        [
            to_queue("queue", full="full", otherwise="full"),
            say("full", FULL, then="hang-up"),
            hang_up("hang-up"),
        ]
    )


def _by_number(lines: list[Line]) -> Action:
    branches = {number: f"line-{line.name}" for line in lines for number in line.dialled}
    return compare("line", "$.SystemEndpoint.Address", branches, otherwise=f"line-{lines[0].name}")


def _line(line: Line, overflow_id: str | None) -> list[Action]:
    start, hours, queue = (f"{what}-{line.name}" for what in ("line", "hours", "queue"))
    if line.queue_id is None:
        return [say(start, CLOSED, then="hang-up")]
    full = "overflow" if overflow_id and overflow_id != line.queue_id else "full"
    return [
        _target(start, line.queue_id, then=hours, otherwise="hang-up"),
        check_hours(hours, opened=queue, closed="after-hours"),
        to_queue(queue, full=full, otherwise="hang-up"),
    ]


def _overflow(queue_id: str) -> list[Action]:
    return [
        _target("overflow", queue_id, then="overflow-queue", otherwise="full"),
        to_queue("overflow-queue", full="full", otherwise="full"),
    ]


def _target(identifier: str, queue_id: str, *, then: str, otherwise: str) -> Action:
    return action(identifier, "UpdateContactTargetQueue", {"QueueId": queue_id}, then, {"NoMatchingError": otherwise})
