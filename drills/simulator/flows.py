"""Walks a flow written in the Amazon Connect Flow language (version 2019-10-30) for one caller.

Laws:
- An action type, or a parameter of one, that has no rules here raises `NotSimulated`: nothing may be concluded then.
- A walk ends after `STEPS_MAX` actions at the latest, those of the modules that it invokes among them.
- Recording is accepted, and the flow goes on: nothing is recorded in simulation.
- A module ends where it says so, and the flow goes on behind the action that invoked it. That what functions answered
  belongs to the flow or module that asked is modelled. A module that invokes another is not simulated.

Source of the rules: Amazon Connect API Reference, "Amazon Connect Flow language" and the page of each action.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drills.simulator.walks import Admission, Ending, FunctionFailed, Heard, Walk
from orchestrator.model.errors import NotSimulated
from orchestrator.model.values import Json, JsonObject

if TYPE_CHECKING:
    from drills.simulator.walks import Instance

VERSION = "2019-10-30"
STEPS_MAX = 200
_PATH = re.compile(r"\$\.[A-Za-z]\w*(?:\.[\w-]+)*")
_ROOTS = frozenset(
    {"AwsRegion", "Channel", "ContactId", "CustomerEndpoint", "External", "InstanceARN", "SystemEndpoint"}
)


@dataclass(frozen=True, slots=True)
class _Next:
    """Where to go: a result (condition), an error, or just on. `error` names the ErrorType.

    `module` is the content of a module to go through first; `returns` ends the module.
    """

    error: str = ""
    result: str | None = None
    module: JsonObject | None = None
    returns: bool = False


class _Text:
    """A flow or a module: its actions, and what functions answered it."""

    def __init__(self, content: JsonObject) -> None:
        if content.get("Version") != VERSION:
            raise NotSimulated("connect", f"flow language version {content.get('Version')!r}")
        self.actions = {action["Identifier"]: action for action in content["Actions"]}
        self.start = str(content["StartAction"])
        self.external: JsonObject = {}


async def walk(content: JsonObject, instance: Instance, data: JsonObject) -> Walk:
    """Walk `content` until the call is in a queue, disconnected, or stuck.

    Args:
        content: the parsed flow.
        instance: what the flow may do.
        data: what JSONPath identifiers read: `AwsRegion`, `ContactId`, `SystemEndpoint`, …

    Raises:
        NotSimulated: the flow uses something that has no rules here.
    """
    walker = _Walker(_Text(content), instance, data)
    identifier = walker.text.start
    for _ in range(STEPS_MAX):
        action = walker.text.actions.get(identifier)
        if action is None:
            walker.walk.reason = walker.walk.reason or f"no action is called {identifier!r}"
            return walker.walk
        following = await walker.step(action)
        if following is None:
            return walker.walk
        identifier = walker.go_on(action, following)
    walker.walk.reason = f"more than {STEPS_MAX} actions"
    return walker.walk


class _Walker:
    def __init__(self, text: _Text, instance: Instance, data: JsonObject) -> None:
        self.walk = Walk()
        self.text = text
        self._invoker: tuple[_Text, JsonObject] | None = None
        self._instance = instance
        self._data = data
        self._led_by: tuple[str, str] | None = None
        self._steps: dict[str, Callable[[JsonObject], Awaitable[_Next | None]]] = {
            "CheckHoursOfOperation": self._hours,
            "Compare": self._compare,
            "DisconnectParticipant": self._disconnect,
            "EndFlowModuleExecution": self._end_module,
            "InvokeFlowModule": self._module,
            "InvokeLambdaFunction": self._invoke,
            "MessageParticipant": self._message,
            "TransferContactToQueue": self._transfer,
            "UpdateContactRecordingBehavior": self._record,
            "UpdateContactTargetQueue": self._target_queue,
            "Wait": self._wait,
        }

    async def step(self, action: JsonObject) -> _Next | None:
        """Carry out one action; None ends the walk."""
        carry_out = self._steps.get(action["Type"])
        if carry_out is None:
            raise NotSimulated("connect", f"flow action {action['Type']}")
        following = await carry_out(action.get("Parameters", {}))
        self._led_by = None  # holds for the action right after a match only
        return following

    def go_on(self, action: JsonObject, following: _Next) -> str:
        """The identifier of the next action, in the flow or in a module."""
        if following.module is not None:
            self._invoker, self.text = (self.text, action), _Text(following.module)
            return self.text.start
        if following.returns and self._invoker is not None:
            (self.text, action), self._invoker = self._invoker, None
        return self._follow(action, following)

    def _follow(self, action: JsonObject, following: _Next) -> str:
        """The identifier of the next action; empty where the flow names none, which ends the walk as broken."""
        ways = action.get("Transitions", {})
        if following.result is not None:
            for way in ways.get("Conditions", ()):
                if _matches(way["Condition"], following.result):
                    self._led_by = (str(action["Parameters"].get("ComparisonValue", "")), following.result)
                    return str(way["NextAction"])
        error = following.error or ("NoMatchingCondition" if action["Type"] == "Compare" else "")
        if error:
            named = {way["ErrorType"]: way["NextAction"] for way in ways.get("Errors", ())}
            chosen = named.get(error, named.get("NoMatchingError"))
            if chosen is not None:
                return str(chosen)
            if following.error:
                self.walk.reason = f"{action['Type']} {action['Identifier']!r}: {error}, and no branch for it"
                return ""
        return str(ways.get("NextAction", ""))

    def _read(self, value: Json) -> str:
        """A parameter with its JSONPath identifiers replaced; what is not there reads as empty."""
        return _PATH.sub(lambda match: self._lookup(match.group()), str(value))

    def _lookup(self, path: str) -> str:
        root, *rest = path[2:].split(".")
        if root not in _ROOTS:
            raise NotSimulated("connect", f"flow attribute $.{root}")
        found: Json = self.text.external if root == "External" else self._data.get(root, "")
        for name in rest:
            found = found.get(name, "") if isinstance(found, Mapping) else ""
        return str(found)

    async def _compare(self, parameters: JsonObject) -> _Next:
        return _Next(result=self._read(parameters["ComparisonValue"]))

    async def _disconnect(self, _parameters: JsonObject) -> None:
        self.walk.ending = Ending.DISCONNECTED

    async def _hours(self, parameters: JsonObject) -> _Next:
        hours_id = self._read(parameters.get("HoursOfOperationId", "")).rsplit("/", 1)[-1]
        found = self._instance.is_open(hours_id=hours_id, queue_id=self.walk.queue_id or "")
        if found is None:
            self.walk.reason = f"no hours of operation {hours_id!r} of queue {self.walk.queue_id!r}"
            return _Next(error="NoMatchingError")
        return _Next(result=str(found))

    async def _module(self, parameters: JsonObject) -> _Next:
        if self._invoker is not None:
            raise NotSimulated("connect", "a flow module that invokes another")
        module_id = self._read(parameters["FlowModuleId"]).rsplit("/", 1)[-1]  # "The flow module ID or flow module ARN"
        content = self._instance.module(module_id)
        if content is None:
            self.walk.reason = f"no flow module {module_id!r}"
            return _Next(error="NoMatchingError")
        return _Next(module=content)

    async def _end_module(self, _parameters: JsonObject) -> _Next:
        if self._invoker is None:
            raise NotSimulated("connect", "EndFlowModuleExecution outside of a flow module")
        return _Next(returns=True)

    async def _invoke(self, parameters: JsonObject) -> _Next:
        if parameters.get("InvocationType", "SYNCHRONOUS") != "SYNCHRONOUS":
            raise NotSimulated("connect", "asynchronous InvokeLambdaFunction")
        given = parameters.get("LambdaInvocationAttributes", {})
        try:
            # "The response's attributes are available dynamically under the $.External path."
            self.text.external = await self._instance.invoke(
                self._read(parameters["LambdaFunctionARN"]),
                {self._read(name): self._read(value) for name, value in given.items()},
                limit_s=int(parameters.get("InvocationTimeLimitSeconds", 3)),
                flat=parameters.get("ResponseValidation", {}).get("ResponseType", "STRING_MAP") == "STRING_MAP",
            )
        except FunctionFailed as failure:
            self.text.external = {}
            self.walk.reason = failure.reason
            return _Next(error="NoMatchingError")
        return _Next()

    async def _message(self, parameters: JsonObject) -> _Next:
        text = parameters.get("Text") or parameters.get("SSML")
        if not text:
            raise NotSimulated("connect", "MessageParticipant without Text or SSML")
        spoken = self._read(text)
        self.walk.heard.append(Heard(spoken, self._led_by))
        await self._instance.play(spoken)
        return _Next()

    async def _record(self, parameters: JsonObject) -> _Next:
        if set(parameters) != {"RecordingBehavior"} or set(parameters["RecordingBehavior"]) != {"RecordedParticipants"}:
            raise NotSimulated("connect", "UpdateContactRecordingBehavior of more than agent and customer")
        return _Next()

    async def _target_queue(self, parameters: JsonObject) -> _Next:
        if "QueueId" not in parameters:
            raise NotSimulated("connect", "UpdateContactTargetQueue without QueueId")
        queue_id = self._read(parameters["QueueId"]).rsplit("/", 1)[-1]  # "A queue ID or queue ARN."
        if not self._instance.has_queue(queue_id):
            self.walk.reason = f"no queue {queue_id!r}"
            return _Next(error="NoMatchingError")
        self.walk.queue_id = queue_id
        return _Next()

    async def _transfer(self, _parameters: JsonObject) -> _Next | None:
        if self.walk.queue_id is None:
            self.walk.reason = "no target queue was set"
            return _Next(error="NoMatchingError")
        admission = self._instance.enqueue(self.walk.queue_id)
        if admission is Admission.QUEUED:
            self.walk.ending = Ending.QUEUED
            return None
        self.walk.reason = f"queue {self.walk.queue_id!r}: {admission}"
        if admission is Admission.AT_CAPACITY:
            self.walk.at_capacity = True
            return _Next(error="QueueAtCapacity")
        return _Next(error="NoMatchingError")

    async def _wait(self, parameters: JsonObject) -> _Next:
        # The reference says TimeoutSeconds; the console exports TimeLimitSeconds.
        limit = parameters.get("TimeoutSeconds", parameters.get("TimeLimitSeconds"))
        if limit is None or parameters.get("Events"):
            raise NotSimulated("connect", "Wait without a time limit, or for events")
        await self._instance.pause(float(self._read(limit)))
        return _Next(result="WaitCompleted")


def _matches(condition: JsonObject, value: str) -> bool:
    if condition["Operator"] != "Equals":
        raise NotSimulated("connect", f"flow condition {condition['Operator']}")
    return value in [str(operand) for operand in condition["Operands"]]
