"""The chain: each event's canonical form (RFC 8785) and its SHA-256, which the next event names as `prev`.

Laws: an event is canonicalised once, and those very bytes are hashed, stored and exported; the first event's `prev` is
empty; what JSON cannot carry is refused before it is sealed; nothing here does I/O.
"""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orchestrator.journal.canonical import SAFE, canonical
from orchestrator.model.errors import ChainBroken, FailoverError
from orchestrator.model.events import PAYLOADS, Event, Payload, payload_of

if TYPE_CHECKING:
    from orchestrator.model.values import Json

_KEYS = frozenset({"actor", "at", "data", "execution", "prev", "seq", "type"})
_TEXT_KEYS = ("actor", "at", "execution", "prev", "type")
_TUPLES = {
    name: tuple(field for field, kind in cls.__annotations__.items() if kind.startswith("tuple["))
    for name, cls in PAYLOADS.items()
}
"""JSON knows lists only: which fields of which payload come back as tuples."""


class Unrecordable(FailoverError):
    """A value that JSON cannot carry was about to be journalled. `place` says where it sits in the event's data."""

    def __init__(self, event_type: str, place: str, why: str) -> None:
        super().__init__(
            f"{event_type} cannot be journalled: {place}: {why}",
            remedy="give text, true, false, null, finite numbers (whole ones below 2^53), lists and mappings of these",
        )
        self.event_type, self.place, self.why = event_type, place, why


class Sealed(Event):
    """An event with the bytes that its hash covers: what a store keeps, so that nothing is canonicalised twice."""

    body: bytes = b""


class Chain:
    """The end of one execution's chain: `seq` and `prev` are those of the next event. One writer holds it."""

    __slots__ = ("execution", "prev", "seq")

    def __init__(self, execution: str, seq: int = 0, prev: str = "") -> None:
        self.execution, self.seq, self.prev = execution, seq, prev

    @classmethod
    def after(cls, execution: str, head: tuple[int, str] | None) -> Chain:
        """The chain that continues a journal's `head(execution)`; None begins one."""
        return cls(execution) if head is None else cls(execution, head[0] + 1, head[1])

    def next(self, payload: Payload, *, at: str, actor: str) -> Event:
        """Seal the next event and move on. `at` is RFC 3339 UTC.

        Raises:
            Unrecordable: JSON cannot carry a value; the chain has not moved.
        """
        body = b'{"actor":%b,"at":%b,"data":%b,"execution":%b,"prev":"%b","seq":%d,"type":%b}' % (
            _text(actor),
            _text(at),
            _canonical(payload.type, vars(payload), "data"),
            _text(self.execution),
            self.prev.encode(),
            self.seq,
            _text(payload.type),
        )
        digest = sha256(body).hexdigest()
        event = Sealed(self.seq, self.execution, at, actor, payload, self.prev, digest, body)
        self.seq, self.prev = self.seq + 1, digest
        return event


def body_of(event: Event) -> dict[str, Json]:
    """What the hash covers: everything in the event but the hash."""
    return {
        "seq": event.seq,
        "execution": event.execution,
        "at": event.at,
        "type": event.type,
        "actor": event.actor,
        "data": vars(event.payload),
        "prev": event.prev,
    }


def seal(event: Event) -> Sealed:
    """The event with its hash; one that was there is not looked at.

    Raises:
        Unrecordable: JSON cannot carry a value.
    """
    body = _canonical(event.type, body_of(event), "event")
    digest = sha256(body).hexdigest()
    return Sealed(event.seq, event.execution, event.at, event.actor, event.payload, event.prev, digest, body)


def sealed(event: Event) -> Sealed:
    """The event with its bytes, computed only where it does not carry them.

    Raises:
        ChainBroken: its hash is not that of its content.
    """
    if isinstance(event, Sealed):
        return event
    again = seal(event)
    if again.hash != event.hash:
        raise ChainBroken(f"event {event.seq} does not match its hash", seq=event.seq)
    return again


def encode(event: Event) -> bytes:
    """The event's line in an export: canonical JSON with its hash, ending in a newline."""
    own = sealed(event)
    return line_of(own.body, own.hash)


def line_of(body: bytes, digest: str) -> bytes:
    """The export line of a stored body. A damaged body gives a damaged line, which `decode` refuses."""
    # In canonical order `hash` stands just before `prev`. The last match is the envelope's: `data` comes earlier, and
    # quotes within strings are escaped.
    cut = body.rfind(b',"prev":"')
    return b'%b,"hash":"%b"%b\n' % (body[:cut], digest.encode(), body[cut:])


def decode(line: bytes) -> Sealed:
    """The inverse of `encode`; the line must be exactly what `encode` gives.

    Raises:
        ValueError: it is not canonical, its hash does not fit, or the vocabulary does not know it.
    """
    parts = _parsed(line)
    digest = parts.pop("hash", None)
    if not isinstance(digest, str):
        raise ValueError("has no hash")  # noqa: TRY004 - callers sort by ValueError
    try:
        body = canonical(parts)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if line_of(body, digest) != line.removesuffix(b"\n") + b"\n":
        raise ValueError("is not in canonical form")
    return _reopened(parts, body, digest)


def reopen(body: bytes, digest: str) -> Sealed:
    """The event whose stored bytes and hash these are. The hash vouches for the form, so it is not computed again.

    Raises:
        ValueError: the hash does not fit, or the vocabulary does not know the event.
    """
    return _reopened(_parsed(body), body, digest)


def _reopened(parts: dict[str, Any], body: bytes, digest: str) -> Sealed:
    if sha256(body).hexdigest() != digest:
        raise ValueError("does not match its hash")
    if parts.keys() != _KEYS:
        raise ValueError(f"must have exactly the keys {', '.join(sorted(_KEYS))}")
    if type(parts["seq"]) is not int or not all(isinstance(parts[key], str) for key in _TEXT_KEYS):
        raise ValueError("has an envelope of wrong types")
    payload = _payload(parts["type"], parts["data"])
    return Sealed(parts["seq"], parts["execution"], parts["at"], parts["actor"], payload, parts["prev"], digest, body)


def _payload(name: str, data: dict[str, Json]) -> Payload:
    if name not in PAYLOADS:
        raise ValueError(f"is of the unknown type {name!r}")
    try:
        for key in _TUPLES[name]:
            if isinstance(data.get(key), list):
                data[key] = tuple(data[key])
        return payload_of(name, data)
    except (TypeError, AttributeError) as why:
        raise ValueError(f"has data that does not fit {name}: {why}") from None


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        parts = _DECODER.decode(str(text, "utf-8"))
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except ValueError as why:
        raise ValueError(f"is not JSON: {why}") from None
    if not isinstance(parts, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004 - callers sort by ValueError
    return parts


def _whole(digits: str) -> float:
    # RFC 8785 prints floats up to 10^21 without exponent; beyond 2^53 no int was ever sealed, so these are floats.
    value = int(digits)
    return value if -SAFE < value < SAFE else float(digits)


_DECODER = json.JSONDecoder(parse_int=_whole)


@lru_cache(maxsize=256)
def _text(text: str) -> bytes:
    """Actor, execution, type and time repeat from event to event."""
    return _canonical("the event", text, "envelope")


def _canonical(event_type: str, value: Json, place: str) -> bytes:
    try:
        return canonical(value)
    except RecursionError:
        raise Unrecordable(event_type, place, "is nested too deeply") from None
    except ValueError as why:
        raise Unrecordable(event_type, _unfit(value, place), str(why)) from None


def _unfit(value: Json, place: str) -> str:
    """Where the innermost value sits that the canonical form refuses."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, member in members:
        try:
            canonical(member)
        except ValueError:
            return _unfit(member, f"{place}.{key}")
    return place
