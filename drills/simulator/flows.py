"""Walks a flow written in the Amazon Connect Flow language (version 2019-10-30) for one caller.

Laws:
- An action type, or a parameter of one, that has no rules here raises `NotSimulated`: nothing may be concluded then.
- A walk ends after `STEPS_MAX` actions at the latest.

Source of the rules: Amazon Connect API Reference, "Amazon Connect Flow language" and the page of each action.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from orchestrator.model.errors import NotSimulated

if TYPE_CHECKING:
    from orchestrator.model.values import Json, JsonObject

VERSION = "2019-10-30"
STEPS_MAX = 200
_PATH = re.compile(r"\$\.[A-Za-z]\w*(?:\.[\w-]+)*")
_ROOTS = frozenset(
    {"AwsRegion", "Channel", "ContactId", "CustomerEndpoint", "External", "InstanceARN", "SystemEndpoint"}
)


class FunctionFailed(Exception):
    """A Lambda function gave no usable answer; the flow takes its error branch. `reason` is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Admission(StrEnum):
    """What a queue says to a call."""

    QUEUED = "queued"
    AT_CAPACITY = "at capacity"
    REFUSED = "refused"


class Ending(StrEnum):
    """How a walk ended."""

    QUEUED = "queued"
    DISCONNECTED = "disconnected by the flow"
    BROKEN = "led nowhere"


class Instance(Protocol):
    """What a flow can do in the Region that took the call."""

    async def invoke(self, arn: str, parameters: Mapping[str, str], *, limit_s: int, flat: bool) -> JsonObject:
        """Call a Lambda function; raises `FunctionFailed`."""

    async def play(self, text: str) -> None:
        """Speak to the caller."""

    async def pause(self, seconds: float) -> None:
        """Let the caller wait."""

    def has_queue(self, queue_id: str) -> bool:
        """Whether this Region knows the queue."""

    def enqueue(self, queue_id: str) -> Admission:
        """Put the call into the queue."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A prompt that was played. `led_by` is the comparison whose match led straight to it, else None."""

    text: str
    led_by: tuple[str, str] | None = None


@dataclass(slots=True)
class Walk:
    """One caller's way through a flow: what was heard, where it ended and why."""

    ending: Ending = Ending.BROKEN
    reason: str = ""
    queue_id: str | None = None
    at_capacity: bool = False
    """Whether a full queue turned the call away on the way (it may still have ended in another queue)."""
    heard: list[Heard] = field(default_factory=list)

    def heard_because(self, path: str, operand: str) -> bool:
        """Whether a prompt was played because `path` equalled `operand`."""
        return any(prompt.led_by == (path, operand) for prompt in self.heard)


@dataclass(frozen=True, slots=True)
class _Next:
    """Where to go: a result (condition), an error, or just on. `error` names the ErrorType."""

    error: str = ""
    result: str | None = None


async def walk(content: JsonObject, instance: Instance, data: JsonObject) -> Walk:
    """Walk `content` until the call is in a queue, disconnected, or stuck.

    Args:
        content: the parsed flow.
        instance: what the flow may do.
        data: what JSONPath identifiers read: `AwsRegion`, `ContactId`, `SystemEndpoint`, …

    Raises:
        NotSimulated: the flow uses something that has no rules here.
    """
    if content.get("Version") != VERSION:
        raise NotSimulated("connect", f"flow language version {content.get('Version')!r}")
    walker = _Walker(instance, data)
    actions = {action["Identifier"]: action for action in content["Actions"]}
    identifier = content["StartAction"]
    for _ in range(STEPS_MAX):
        action = actions.get(identifier)
        if action is None:
            walker.walk.reason = walker.walk.reason or f"no action is called {identifier!r}"
            return walker.walk
        following = await walker.step(action)
        if following is None:
            return walker.walk
        identifier = walker.follow(action, following)
    walker.walk.reason = f"more than {STEPS_MAX} actions"
    return walker.walk


class _Walker:
    def __init__(self, instance: Instance, data: JsonObject) -> None:
        self.walk = Walk()
        self._instance = instance
        self._data: dict[str, Json] = {**data, "External": {}}
        self._led_by: tuple[str, str] | None = None
        self._steps: dict[str, Callable[[JsonObject], Awaitable[_Next | None]]] = {
            "Compare": self._compare,
            "DisconnectParticipant": self._disconnect,
            "InvokeLambdaFunction": self._invoke,
            "MessageParticipant": self._message,
            "TransferContactToQueue": self._transfer,
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

    def follow(self, action: JsonObject, following: _Next) -> str:
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
        found: Json = self._data.get(root, "")
        for name in rest:
            found = found.get(name, "") if isinstance(found, Mapping) else ""
        return str(found)

    async def _compare(self, parameters: JsonObject) -> _Next:
        return _Next(result=self._read(parameters["ComparisonValue"]))

    async def _disconnect(self, _parameters: JsonObject) -> None:
        self.walk.ending = Ending.DISCONNECTED

    async def _invoke(self, parameters: JsonObject) -> _Next:
        if parameters.get("InvocationType", "SYNCHRONOUS") != "SYNCHRONOUS":
            raise NotSimulated("connect", "asynchronous InvokeLambdaFunction")
        given = parameters.get("LambdaInvocationAttributes", {})
        try:
            # "The response's attributes are available dynamically under the $.External path."
            self._data["External"] = await self._instance.invoke(
                self._read(parameters["LambdaFunctionARN"]),
                {self._read(name): self._read(value) for name, value in given.items()},
                limit_s=int(parameters.get("InvocationTimeLimitSeconds", 3)),
                flat=parameters.get("ResponseValidation", {}).get("ResponseType", "STRING_MAP") == "STRING_MAP",
            )
        except FunctionFailed as failure:
            self._data["External"] = {}
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
