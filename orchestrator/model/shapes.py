"""What is known of a value before it exists: the static types that a runbook's expressions are checked against.

`UNKNOWN` stands only where nothing can be known (a step's output); everything else has keys, members or a kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from orchestrator.model.values import Json


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything at all."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, a number, true or false, or a duration (text such as `2m`, or seconds).

    `choices` are the only texts possible, empty if any is.
    """

    kind: Literal["text", "number", "boolean", "duration"]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose members all have one shape."""

    member: Shape


@dataclass(frozen=True, slots=True)
class Members:
    """A mapping whose keys are names chosen by the stacks (`queues`), with values of one shape."""

    member: Shape


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping whose keys are known. `name` is what messages call it: `connect`, `environment`."""

    name: str
    fields: Mapping[str, Shape]


Shape = Unknown | Scalar | ListOf | Members | Record

UNKNOWN = Unknown()
TEXT = Scalar("text")
NUMBER = Scalar("number")
BOOLEAN = Scalar("boolean")
DURATION = Scalar("duration")


def shape_of(value: Json) -> Shape:
    """The shape of a JSON value; null is unknown, for it has no use of its own."""
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int | float):
        return NUMBER
    if isinstance(value, str):
        return Scalar("text", (value,))
    if isinstance(value, list | tuple):
        return ListOf(either(map(shape_of, value)))
    if isinstance(value, dict):
        return Record("mapping", {key: shape_of(each) for key, each in value.items()})
    return UNKNOWN


def either(shapes: Iterable[Shape]) -> Shape:
    """The one shape that all have, else unknown."""
    found = list(shapes)
    return reduce(_both, found) if found else UNKNOWN


def _both(one: Shape, other: Shape) -> Shape:
    if one == other:
        return one
    if isinstance(one, Scalar) and isinstance(other, Scalar) and one.kind == other.kind:
        both = one.choices and other.choices
        return Scalar(one.kind, tuple(dict.fromkeys(one.choices + other.choices)) if both else ())
    if isinstance(one, ListOf) and isinstance(other, ListOf):
        return ListOf(_both(one.member, other.member))
    return UNKNOWN


def words(shape: Shape) -> str:
    """A shape in words: `a list of text`, `a mapping (connect)`."""
    match shape:
        case Scalar(kind=kind):
            return {"boolean": "true or false", "text": "text"}.get(kind, f"a {kind}")
        case ListOf(member=member):
            inner = words(member).removeprefix("a ").removeprefix("an ")
            return "a list" if isinstance(member, Unknown) else f"a list of {inner}"
        case Members(member=member):
            return f"a mapping of names to {words(member)}"
        case Record(name=name):
            return "a mapping" if name == "mapping" else f"a mapping ({name})"
        case Unknown():
            return "anything"
