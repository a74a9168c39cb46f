"""The main flow, in the Amazon Connect Flow language: greet, ask for flags, find the line of business, queue the call.

Pure. Laws:
- Nothing in it names a Region: the function by `$.AwsRegion`, queues by id, for the mirrored copy runs elsewhere.
- No failure hangs up on a caller who could be queued: an unreachable function means no emergency greeting.
- A line of business whose queue does not exist ends in a message and a disconnect; a flow that named the missing
  queue would be refused by AWS.

Source: Amazon Connect API Reference, "Flow language actions".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeAlias

from stacks.flags import TIMEOUT_S
from stacks.names import FLAG

Action: TypeAlias = dict[str, Any]

EMERGENCY = "Parts of our service are disturbed at the moment. Your call is still being taken; it may take longer."
CLOSED = "This line of business cannot take your call at the moment. Please try again later."
FULL = "All our agents are busy, and so are the places in the queue. Please call again later."


@dataclass(frozen=True, slots=True)
class Line:
    """A line of business as built: the numbers dialled (E.164), and its queue's id, None where it does not exist."""

    name: str
    dialled: tuple[str, ...]
    queue_id: str | None


def content(lines: list[Line], *, account: str, function_name: str) -> str:
    """The flow as JSON. A number that no line owns goes to the first line."""
    arn = f"arn:aws:lambda:$.AwsRegion:{account}:function:{function_name}"
    actions = [*_greeting(arn, then="line"), _by_number(lines), *(a for line in lines for a in _line(line))]
    actions += [_say("full", FULL, then="hang-up"), _action("hang-up", "DisconnectParticipant", {}, None)]
    return json.dumps({"Version": "2019-10-30", "StartAction": "ask-flags", "Actions": actions}, sort_keys=True)


def _greeting(function_arn: str, *, then: str) -> list[Action]:
    asked = {
        "LambdaFunctionARN": function_arn,
        "InvocationTimeLimitSeconds": str(TIMEOUT_S),
        "ResponseValidation": {"ResponseType": "STRING_MAP"},
    }
    return [
        _action("ask-flags", "InvokeLambdaFunction", asked, "emergency", {"NoMatchingError": then}),
        _compare("emergency", f"$.External.{FLAG}", {"on": "emergency-greeting"}, otherwise=then),
        _say("emergency-greeting", EMERGENCY, then=then),
    ]


def _by_number(lines: list[Line]) -> Action:
    branches = {number: f"line-{line.name}" for line in lines for number in line.dialled}
    return _compare("line", "$.SystemEndpoint.Address", branches, otherwise=f"line-{lines[0].name}")


def _line(line: Line) -> list[Action]:
    start = f"line-{line.name}"
    if line.queue_id is None:
        return [_say(start, CLOSED, then="hang-up")]
    transfer = f"queue-{line.name}"
    failures = {"QueueAtCapacity": "full", "NoMatchingError": "hang-up"}
    return [
        _action(
            start, "UpdateContactTargetQueue", {"QueueId": line.queue_id}, transfer, {"NoMatchingError": "hang-up"}
        ),
        _action(transfer, "TransferContactToQueue", {}, "hang-up", failures),
    ]


def _say(identifier: str, text: str, *, then: str) -> Action:
    return _action(identifier, "MessageParticipant", {"Text": text}, then, {"NoMatchingError": then})


def _compare(identifier: str, value: str, branches: dict[str, str], *, otherwise: str) -> Action:
    compare = _action(identifier, "Compare", {"ComparisonValue": value}, otherwise, {"NoMatchingCondition": otherwise})
    compare["Transitions"]["Conditions"] = [
        {"NextAction": then, "Condition": {"Operator": "Equals", "Operands": [operand]}}
        for operand, then in branches.items()
    ]
    return compare


def _action(
    identifier: str, kind: str, parameters: Action, then: str | None, failures: dict[str, str] | None = None
) -> Action:
    transitions: Action = {}
    if then:
        errors = [{"NextAction": target, "ErrorType": error} for error, target in (failures or {}).items()]
        transitions = {"NextAction": then, "Errors": errors, "Conditions": []}
    return {"Identifier": identifier, "Type": kind, "Parameters": parameters, "Transitions": transitions}
