"""What makes a flow's content valid: the Amazon Connect Flow language, as far as the simulated callers speak it.

Rules and their sources: API Reference, "Amazon Connect Flow language" (Version, StartAction, Actions with Identifier,
Type, Parameters, Transitions) and the page of each action; botocore, CreateContactFlow (at most 256,000 characters,
InvalidContactFlowException with problems).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .identity import region_of, tail

if TYPE_CHECKING:
    from .state import Site

LENGTH_MOST = 256_000
VERSION = "2019-10-30"
AWS_REGION = "$.AwsRegion"
MODULE = "MODULE"
"""Stands for a flow module where the type of a flow would stand."""
WAIT_S_MOST = 604_800
PARTICIPANTS = ("Agent", "Customer")
IDENTIFIER = re.compile(r"[^%:(\\/)=$,;\[\]{}]{1,50}")

Action = Mapping[str, Any]


def _invoke(action: Action, _site: Site) -> Iterator[str]:
    parameters = action["Parameters"]
    if not str(parameters.get("LambdaFunctionARN") or "").startswith(("arn:", "$.")):
        yield "LambdaFunctionARN is neither an ARN nor a JSONPath"
    limit = str(parameters.get("InvocationTimeLimitSeconds") or "")
    if not limit.isdigit() or not 1 <= int(limit) <= 8:
        yield "InvocationTimeLimitSeconds must be between 1 and 8"


def _compare(action: Action, _site: Site) -> Iterator[str]:
    if not str(action["Parameters"].get("ComparisonValue") or "").startswith("$."):
        yield "ComparisonValue is not one JSONPath"
    for entry in action["Transitions"].get("Conditions") or ():
        condition = entry.get("Condition") or {}
        if not condition.get("Operator") or not condition.get("Operands"):
            yield "a condition needs an Operator and Operands"


def _message(action: Action, _site: Site) -> Iterator[str]:
    if not {"Text", "SSML", "PromptId", "Media"} & set(action["Parameters"]):
        yield "one of Text, SSML, PromptId or Media is needed"


def _target_queue(action: Action, site: Site) -> Iterator[str]:
    queue_id = str(action["Parameters"].get("QueueId") or "")
    if not queue_id:
        yield "QueueId is missing"
    elif not queue_id.startswith("$.") and not _known(queue_id, site):
        yield f"queue {queue_id} does not exist in {site.region}"


def _known(queue_id: str, site: Site) -> bool:
    return region_of(queue_id) in ("", AWS_REGION, site.region) and site.queue(tail(queue_id)) is not None


def _wait(action: Action, _site: Site) -> Iterator[str]:
    # The reference says TimeoutSeconds; flows that the console exports say TimeLimitSeconds.
    parameters = action["Parameters"]
    limit = str(parameters.get("TimeoutSeconds") or parameters.get("TimeLimitSeconds") or "")
    if not limit.startswith("$.") and not (limit.isdigit() and 1 <= int(limit) <= WAIT_S_MOST):
        yield f"TimeoutSeconds must be between 1 and {WAIT_S_MOST}"
    conditions = [entry.get("Condition") or {} for entry in action["Transitions"].get("Conditions") or ()]
    heard = {operand for condition in conditions for operand in condition.get("Operands") or ()}
    for event in ["WaitCompleted", *(parameters.get("Events") or ())]:
        if event not in heard:
            yield f"a condition for {event} is needed"


def _hours(action: Action, site: Site) -> Iterator[str]:
    hours_id = str(action["Parameters"].get("HoursOfOperationId") or "")
    if hours_id and not hours_id.startswith("$.") and site.is_open(tail(hours_id)) is None:
        yield f"hours of operation {hours_id} do not exist in {site.region}"
    conditions = [entry.get("Condition") or {} for entry in action["Transitions"].get("Conditions") or ()]
    if sorted(str(operand) for each in conditions for operand in each.get("Operands") or ()) != ["False", "True"]:
        yield "a condition for True and one for False are needed, and no other"


def _module(action: Action, site: Site) -> Iterator[str]:
    module_id = str(action["Parameters"].get("FlowModuleId") or "")
    if not module_id:
        yield "FlowModuleId is missing"
    elif not module_id.startswith("$.") and site.module_content(tail(module_id)) is None:
        yield f"flow module {module_id} does not exist in {site.region}"


def _recording(action: Action, _site: Site) -> Iterator[str]:
    behaviour = action["Parameters"].get("RecordingBehavior")
    recorded = behaviour.get("RecordedParticipants") if isinstance(behaviour, Mapping) else None
    if not isinstance(recorded, list) or any(each not in PARTICIPANTS for each in recorded):
        yield "RecordedParticipants must be a list, of Agent and Customer alone"
    if action["Transitions"].get("Errors"):
        yield "it has no errors, hence no branch for them"


def _nothing(_action: Action, _site: Site) -> Iterator[str]:
    yield from ()


ACTIONS: dict[str, Callable[[Action, Site], Iterator[str]]] = {
    "InvokeLambdaFunction": _invoke,
    "CheckHoursOfOperation": _hours,
    "Compare": _compare,
    "EndFlowModuleExecution": _nothing,
    "InvokeFlowModule": _module,
    "MessageParticipant": _message,
    "UpdateContactTargetQueue": _target_queue,
    "TransferContactToQueue": _nothing,
    "UpdateContactRecordingBehavior": _recording,
    "DisconnectParticipant": _nothing,
    "Wait": _wait,
}
"""The simulated action types and the check of each one's parameters."""

ENDS = frozenset({"DisconnectParticipant", "EndFlowModuleExecution"})
ONLY_IN = {"EndFlowModuleExecution": MODULE, "InvokeFlowModule": "CONTACT_FLOW"}
"""Actions that one kind of flow alone may have."""
NOT_IN = {
    "UpdateContactRecordingBehavior": frozenset({"AGENT_HOLD", "AGENT_WHISPER", "CUSTOMER_HOLD", "CUSTOMER_WHISPER"})
}
"""Actions that kinds of flows may not have."""


def problems(content: str, site: Site, *, kind: str) -> list[str]:
    """Everything that is wrong with the content of a flow of `site`, empty where nothing is.

    Args:
        content: JSON in the flow language.
        site: whose queues, hours and modules it may name.
        kind: the flow's type, or `MODULE`.

    Raises:
        NotImplementedError: an action of a type that is not simulated; a drill that meets it proves nothing.
    """
    if not 1 <= len(content) <= LENGTH_MOST:
        return [f"the content must have 1 to {LENGTH_MOST} characters"]
    try:
        flow = json.loads(content)
    except ValueError as error:
        return [f"the content is not JSON: {error}"]
    if not isinstance(flow, dict) or not isinstance(flow.get("Actions"), list) or not flow["Actions"]:
        return ["the content needs a list of Actions"]
    return [*_flow_problems(flow, site), *_misplaced(flow, kind)]


def _misplaced(flow: Mapping[str, Any], kind: str) -> Iterator[str]:
    for action in flow["Actions"]:
        name = action.get("Type")
        if ONLY_IN.get(name, kind) != kind or kind in NOT_IN.get(name, ()):
            yield f"action {action.get('Identifier')}: {name} has no place in a flow of the type {kind}"


def _flow_problems(flow: Mapping[str, Any], site: Site) -> Iterator[str]:
    if flow.get("Version") != VERSION:
        yield f"Version must be {VERSION}"
    names = [action.get("Identifier") for action in flow["Actions"]]
    if len(set(names)) != len(names) or None in names:
        yield "each action needs an Identifier of its own"
    if flow.get("StartAction") not in names:
        yield f"StartAction {flow.get('StartAction')} is no action of this flow"
    for name in names:
        if not IDENTIFIER.fullmatch(str(name)):
            yield f"Identifier {name} is too long or has one of the characters % : ( \\ / ) = $ , ; [ ] {{ }}"
    for action in flow["Actions"]:
        for problem in _action_problems(action, site, set(names)):
            yield f"action {action.get('Identifier')}: {problem}"


def _action_problems(action: Action, site: Site, names: set[str]) -> Iterator[str]:
    kind = action.get("Type")
    if kind not in ACTIONS:
        raise NotImplementedError(f"flow action {kind} is not simulated")
    if not isinstance(action.get("Parameters"), dict) or not isinstance(action.get("Transitions"), dict):
        yield "Parameters and Transitions are needed"
        return
    targets = list(_targets(action["Transitions"]))
    if not targets and kind not in ENDS:
        yield "no action comes next"
    for target in targets:
        if target not in names:
            yield f"the next action {target} is no action of this flow"
    yield from ACTIONS[kind](action, site)


def _targets(transitions: Mapping[str, Any]) -> Iterator[str]:
    branches = [transitions, *(transitions.get("Errors") or ()), *(transitions.get("Conditions") or ())]
    for branch in branches:
        if branch.get("NextAction"):
            yield branch["NextAction"]
