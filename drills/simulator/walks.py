"""What a caller's way through a flow is told in: what a flow can do, what was heard, where it ended. No rules here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.model.values import JsonObject


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

    def module(self, module_id: str) -> JsonObject | None:
        """The content of a flow module, or None where this Region does not know it."""

    def is_open(self, *, hours_id: str, queue_id: str) -> bool | None:
        """Whether these hours of operation are open, or where empty those of the queue; None where unknown."""

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
