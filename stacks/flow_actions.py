"""Actions of the Amazon Connect Flow language, as the project's flows and modules use them. Pure.

Source: Amazon Connect API Reference, "Flow language actions".
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

Action: TypeAlias = dict[str, Any]


def document(actions: list[Action]) -> str:
    """A flow or module as JSON; it starts with its first action."""
    body = {"Version": "2019-10-30", "StartAction": actions[0]["Identifier"], "Actions": actions}
    return json.dumps(body, sort_keys=True)


def action(
    identifier: str, kind: str, parameters: Action, then: str | None, failures: dict[str, str] | None = None
) -> Action:
    """One action: what comes next, and what comes after each type of error."""
    transitions: Action = {}
    if then:
        errors = [{"NextAction": target, "ErrorType": error} for error, target in (failures or {}).items()]
        transitions = {"NextAction": then, "Errors": errors, "Conditions": []}
    return {"Identifier": identifier, "Type": kind, "Parameters": parameters, "Transitions": transitions}


def say(identifier: str, text: str, *, then: str) -> Action:
    """A message; the flow goes on also where it cannot be played."""
    return action(identifier, "MessageParticipant", {"Text": text}, then, {"NoMatchingError": then})


def record(identifier: str, *, then: str) -> Action:
    """Record agent and customer, from when the agent answers. It has no errors, hence no branch for them."""
    behaviour = {"RecordedParticipants": ["Agent", "Customer"]}
    return action(identifier, "UpdateContactRecordingBehavior", {"RecordingBehavior": behaviour}, then)


def compare(identifier: str, value: str, branches: dict[str, str], *, otherwise: str) -> Action:
    """A branch for each value that `value` may have."""
    made = action(identifier, "Compare", {"ComparisonValue": value}, otherwise, {"NoMatchingCondition": otherwise})
    return _with_branches(made, branches)


def check_hours(identifier: str, *, opened: str, closed: str) -> Action:
    """Whether the target queue's hours are open. Where that cannot be told they count as open: a call is not let go."""
    made = action(identifier, "CheckHoursOfOperation", {}, opened, {"NoMatchingError": opened})
    return _with_branches(made, {"True": opened, "False": closed})


def to_queue(identifier: str, *, full: str, otherwise: str) -> Action:
    """Put the call into the target queue."""
    failures = {"QueueAtCapacity": full, "NoMatchingError": otherwise}
    return action(identifier, "TransferContactToQueue", {}, otherwise, failures)


def hang_up(identifier: str) -> Action:
    """The end of the call."""
    return action(identifier, "DisconnectParticipant", {}, None)


def _with_branches(made: Action, branches: dict[str, str]) -> Action:
    made["Transitions"]["Conditions"] = [
        {"NextAction": then, "Condition": {"Operator": "Equals", "Operands": [operand]}}
        for operand, then in branches.items()
    ]
    return made
