"""A small simulated cloud: keys with values, writes that lag, letters that cannot be unsent, calls that fail on order.

Every call takes virtual time, so that code which calls it on the event loop itself is refused by the clock.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from drills.simulator.clock import VirtualClock
from orchestrator.model.actions import (
    Call,
    Check,
    Effect,
    Expected,
    Finding,
    Gate,
    Provenance,
    Question,
    Reading,
    Setting,
)
from orchestrator.model.errors import CloudError, NotFound
from orchestrator.model.parameters import Region
from orchestrator.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


HERE = Region("us-west-2")


def error(kind: type[CloudError], what: str = "no") -> CloudError:
    """An error of this kind, as the door would raise it."""
    return kind(what, service="dynamodb", operation="PutItem", region="us-west-2", code=kind.__name__)


@dataclass
class Order:
    """What becomes of one call: an error (or none), and whether the call took effect all the same."""

    error: Exception | None
    landed: bool = False


@dataclass
class Store:
    """The cloud. `lands_first` says whether a call takes effect before its time has passed, or after."""

    clock: VirtualClock
    latency_s: float = 0.5
    settles_s: float = 0.0
    """Seconds from an accepted write until it is observed."""
    lands_first: bool = False
    values: dict[str, Json] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    writes: Counter[tuple[str, str]] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    """Mail, by token."""
    asked: list[str] = field(default_factory=list)
    """Every call that began: `read a`, `write a`, `send bob`, `confirm bob`, `probe a`."""
    at: list[tuple[float, str]] = field(default_factory=list)
    orders: dict[str, deque[Order]] = field(default_factory=dict)
    readings: dict[str, deque[str]] = field(default_factory=dict)
    on_call: Any = None
    """Told of each call the moment it begins."""
    _coming: dict[str, tuple[float, Json]] = field(default_factory=dict)

    def fail(self, call: str, *errors: Exception | None, landed: bool = False) -> None:
        """The next calls of this name end so, one after the other; None lets one through."""
        self.orders.setdefault(call, deque()).extend(Order(each, landed) for each in errors)

    def read(self, key: str) -> Json:
        return self._call(f"read {key}", lambda: None) or self.now_at(key)

    def now_at(self, key: str) -> Json:
        due = self._coming.get(key)
        if due is not None and due[0] <= self.clock.elapsed_s:
            self.values[key] = self._coming.pop(key)[1]
        return self.values.get(key)

    def under_way(self, key: str) -> Json:
        """What `key` is about to become, or None."""
        self.now_at(key)
        return self._coming.get(key, (0.0, None))[1]

    def write(self, key: str, value: Json) -> None:
        def effect() -> None:
            if key in self.gone:
                raise error(NotFound, f"{key} is gone")
            self.writes[key, repr(value)] += 1
            if self.settles_s:
                self._coming[key] = (self.clock.elapsed_s + self.settles_s, value)
            else:
                self.values[key] = value

        self._call(f"write {key}", effect)

    def send(self, to: str, token: str) -> None:
        def effect() -> None:
            self.sent[token] += 1

        self._call(f"send {to}", effect)

    def was_sent(self, to: str, token: str) -> bool:
        self._call(f"confirm {to}", lambda: None)
        return self.sent[token] > 0

    def reading(self, key: str) -> str:
        """The next reading ordered for `key`; the last one stays."""
        self._call(f"probe {key}", lambda: None)
        script = self.readings.get(key)
        if not script:
            return ""
        return script.popleft() if len(script) > 1 else script[0]

    def _call(self, name: str, effect: Any) -> None:
        self.asked.append(name)
        self.at.append((self.clock.elapsed_s, name))
        if self.on_call is not None:
            self.on_call(name)
        order = self.orders[name].popleft() if self.orders.get(name) else Order(None)
        takes_effect = order.error is None or order.landed
        if takes_effect and self.lands_first:
            effect()
        self.clock.pause(self.latency_s)
        if takes_effect and not self.lands_first:
            effect()
        if order.error is not None:
            raise order.error


@dataclass(frozen=True)
class SetParams:
    key: str
    value: Any
    region: Region = HERE


class Set(Setting[SetParams]):
    """One key."""

    name = "kv.set"
    summary = "set a key"
    Params = SetParams
    deadline_s: ClassVar[float | None] = 60.0
    interval_s: ClassVar[float] = 5.0
    expected = Expected(10.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: SetParams) -> tuple[Call, ...]:
        return (Call("dynamodb", "PutItem", params.region, write=True),)

    def subject(self, params: SetParams) -> str:
        return f"{params.key}/value"

    def observe(self, params: SetParams) -> Json:
        return self.cloud.read(params.key)

    def target(self, params: SetParams, before: Json) -> Json:  # noqa: ARG002
        return params.value

    def parts(self, params: SetParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        return () if self.cloud.under_way(params.key) == target else (target,)

    def write(self, params: SetParams, part: Json) -> None:
        self.cloud.write(params.key, part)

    def gains(self, params: SetParams, now: Json, value: Json) -> tuple[str, ...]:  # noqa: ARG002
        return ("us-east-1",)


class Level(Set):
    """A key that falls back by itself, and is written again every ten seconds while it is awaited."""

    name = "kv.level"
    rewrite_s: ClassVar[float | None] = 10.0

    def parts(self, params: SetParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        return (target,)


class Slow(Set):
    """A key whose changes cannot be seen while they settle."""

    name = "kv.slow"

    def parts(self, params: SetParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        return (target,)


@dataclass(frozen=True)
class RaiseParams:
    key: str
    by: int


class Raise(Setting[RaiseParams]):
    """A floor: never lowers what it finds."""

    name = "kv.raise"
    summary = "raise a number"
    Params = RaiseParams
    deadline_s: ClassVar[float | None] = 60.0
    expected = Expected(10.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: RaiseParams) -> tuple[Call, ...]:  # noqa: ARG003
        return ()

    def subject(self, params: RaiseParams) -> str:
        return f"{params.key}/value"

    def observe(self, params: RaiseParams) -> Json:
        return self.cloud.read(params.key)

    def target(self, params: RaiseParams, before: Json) -> Json:
        return before + params.by

    def write(self, params: RaiseParams, part: Json) -> None:
        self.cloud.write(params.key, part)


@dataclass(frozen=True)
class FillParams:
    keys: tuple[str, ...]
    value: str


class Fill(Setting[FillParams]):
    """Many keys; one that is gone reads as empty and is not waited for."""

    name = "kv.fill"
    summary = "set many keys"
    Params = FillParams
    deadline_s: ClassVar[float | None] = 60.0
    expected = Expected(10.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: FillParams) -> tuple[Call, ...]:  # noqa: ARG003
        return ()

    def subject(self, params: FillParams) -> str:
        return f"{','.join(params.keys)}/values"

    def observe(self, params: FillParams) -> Json:
        return {key: self.cloud.read(key) or "" for key in params.keys}

    def target(self, params: FillParams, before: Json) -> Json:
        return dict.fromkeys(before, params.value)

    def parts(self, params: FillParams, before: Json, target: Json) -> Sequence[Json]:
        return [key for key in params.keys if target[key] not in (before[key], self.cloud.under_way(key))]

    def write(self, params: FillParams, part: Json) -> None:
        self.cloud.write(part, params.value)

    def settled(self, params: FillParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        return all(value in ("", target[key]) for key, value in now.items()) and any(now.values())


class Each(Fill):
    """Many keys, each with a value of its own to go back to."""

    name = "kv.each"

    def parts(self, params: FillParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        return [[key, target[key]] for key in target if target[key] not in (before[key], self.cloud.under_way(key))]

    def write(self, params: FillParams, part: Json) -> None:  # noqa: ARG002
        self.cloud.write(*part)

    def settled(self, params: FillParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        return bool(now == target)


@dataclass(frozen=True)
class ProbeParams:
    key: str
    equals: Any = None
    region: Region = HERE


class Probe(Check[ProbeParams]):
    """Says what `Store.readings` orders; without an order, whether the key has the value."""

    name = "kv.probe"
    summary = "ask for a key"
    Params = ProbeParams
    deadline_s: ClassVar[float | None] = 60.0
    interval_s: ClassVar[float] = 5.0
    expected = Expected(3.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: ProbeParams) -> tuple[Call, ...]:
        return (Call("dynamodb", "GetItem", params.region),)

    def probe(self, params: ProbeParams) -> Finding:
        reading = self.cloud.reading(params.key)
        if not reading:
            now = self.cloud.now_at(params.key)
            reading = Reading.HOLDS if now == params.equals else Reading.PENDING
            return Finding(Reading(reading), f"{params.key} is {now!r}", {"value": now})
        return Finding(Reading(reading), f"{params.key} {reading}")


class Steady(Probe):
    """Must hold three times in a row."""

    name = "kv.steady"
    in_a_row: ClassVar[int] = 3


@dataclass(frozen=True)
class LastingParams:
    key: str
    looks: int


class Lasting(Check[LastingParams]):
    """Must hold as many times in a row as its parameters say."""

    name = "kv.lasting"
    summary = "ask for a key, often"
    Params = LastingParams
    deadline_s: ClassVar[float | None] = 60.0
    interval_s: ClassVar[float] = 5.0
    expected = Expected(3.0, Provenance.ASSUMED)

    @classmethod
    def needed_in_a_row(cls, params: LastingParams) -> int:
        return params.looks

    @classmethod
    def calls(cls, params: LastingParams) -> tuple[Call, ...]:
        return Probe.calls(ProbeParams(params.key))

    def probe(self, params: LastingParams) -> Finding:
        return Probe(self.cloud).probe(ProbeParams(params.key))


@dataclass(frozen=True)
class ServesParams:
    region: Region


class Serves(Check[ServesParams]):
    """The proof of service."""

    name = "kv.serves"
    summary = "whether a Region serves"
    Params = ServesParams
    deadline_s: ClassVar[float | None] = 60.0
    expected = Expected(1.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: ServesParams) -> tuple[Call, ...]:
        return (Call("dynamodb", "GetItem", params.region),)

    def probe(self, params: ServesParams) -> Finding:
        reading = self.cloud.reading(params.region) or Reading.UNKNOWN
        return Finding(Reading(reading), f"{params.region}: {reading}")


@dataclass(frozen=True)
class SendParams:
    to: str
    remembered: bool = True


class Send(Effect[SendParams]):
    """A letter; whether the post office remembers it is a parameter."""

    name = "kv.send"
    summary = "send a letter"
    Params = SendParams
    deadline_s: ClassVar[float | None] = 120.0
    expected = Expected(1.0, Provenance.ASSUMED)
    one_way = "a letter cannot be unsent"

    @classmethod
    def calls(cls, params: SendParams) -> tuple[Call, ...]:  # noqa: ARG003
        return (Call("sns", "Publish", "us-west-2", write=True),)

    def perform(self, params: SendParams, token: str) -> Mapping[str, Json]:
        self.cloud.send(params.to, token)
        return {"to": params.to}

    def confirm(self, params: SendParams, token: str) -> bool | None:
        return self.cloud.was_sent(params.to, token) if params.remembered else None


@dataclass(frozen=True)
class AskParams:
    question: str = "Go on?"
    approvers: tuple[str, ...] = ("ada", "bea")
    yeses: int = 1


class Ask(Gate[AskParams]):
    """A question."""

    name = "kv.ask"
    summary = "ask somebody"
    Params = AskParams
    expected = Expected(60.0, Provenance.ASSUMED)

    def question(self, params: AskParams) -> Question:
        return Question(params.question, params.approvers, params.yeses)


CATALOGUE = {
    kind.name: kind for kind in (Set, Level, Slow, Raise, Fill, Each, Probe, Steady, Lasting, Serves, Send, Ask)
}
