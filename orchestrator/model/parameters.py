"""Binds a step's `with:` to an action's parameter class: a frozen dataclass whose fields carry one of the types below.

Fields are written `region: Annotated[str, Doc("the Region that takes the traffic")]`; the annotation's type decides
what a runbook may give.
"""

from __future__ import annotations

import types
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from orchestrator.model.durations import parse_duration
from orchestrator.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping


Region = NewType("Region", str)
Percent = NewType("Percent", int)
Seconds = NewType("Seconds", float)
"""Written as a duration (`2m`), or as a number of seconds once resolved."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Doc:
    """One line of help for a parameter."""

    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of an action as people and linters see it."""

    name: str
    type: Any
    required: bool
    default: Json
    help: str

    @property
    def type_name(self) -> str:
        """The type in words: `region`, `percent`, `duration`, `list of text`."""
        return type_words(self.type)


class BadParameters(ValueError):
    """`problems` maps a parameter's name to what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in problems.items()))
        self.problems = dict(problems)


@cache
def describe(params: Hashable) -> tuple[Field, ...]:
    """The parameters of a class, in order of definition."""
    hints = get_type_hints(params, include_extras=True)
    found = []
    for item in fields(params):  # type: ignore[arg-type] # Hashable, for the cache; a dataclass all the same
        hint, text = hints[item.name], ""
        if get_origin(hint) is Annotated:
            hint, *notes = get_args(hint)
            text = next((note.text for note in notes if isinstance(note, Doc)), "")
        required = item.default is MISSING and item.default_factory is MISSING
        found.append(Field(item.name, hint, required, None if required else item.default, text))
    return tuple(found)


def bind(params: type[T], given: Mapping[str, Json]) -> T:
    """An instance from resolved values.

    Raises:
        BadParameters: with every problem, not the first.
    """
    known = {field.name: field for field in describe(params)}  # type: ignore[arg-type] # a class is hashable
    problems = {name: f"unknown; known are {', '.join(known)}" for name in given if name not in known}
    values: dict[str, Any] = {}
    for name, field in known.items():
        if name not in given:
            if field.required:
                problems[name] = "missing"
            continue
        try:
            values[name] = convert(given[name], field.type)
        except ValueError as why:
            problems[name] = str(why)
    if problems:
        raise BadParameters(problems)
    return params(**values)


def convert(value: Json, wanted: Any) -> Any:  # noqa: PLR0911 - one line per type
    """`value` as the wanted type.

    Raises:
        ValueError: it is not one.
    """
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(wanted) if option is not type(None)]
        return None if value is None else convert(value, options[0])
    if origin is Literal:
        return _checked(value, value in get_args(wanted), f"one of {', '.join(map(str, get_args(wanted)))}")
    if origin is tuple:
        _checked(value, isinstance(value, list | tuple), "a list")
        return tuple(convert(each, get_args(wanted)[0]) for each in value)
    if origin is not None or wanted in (dict, Any):
        return _checked(value, isinstance(value, dict) or wanted is Any, "a mapping")
    if wanted is Percent:
        return _checked(value, _is_int(value) and 0 <= value <= 100, "a whole number from 0 to 100")
    if wanted is Seconds:
        return float(value) if _is_number(value) else float(parse_duration(str(value)))
    if wanted is int:
        return _checked(value, _is_int(value), "a whole number")
    if wanted is float:
        return float(_checked(value, _is_number(value), "a number"))
    if wanted is bool:
        return _checked(value, isinstance(value, bool), "true or false")
    return _checked(value, isinstance(value, str) and bool(value), "text")


def type_words(wanted: Any) -> str:
    """A type in words."""
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        return type_words(next(option for option in get_args(wanted) if option is not type(None)))
    if origin is Literal:
        return " | ".join(map(str, get_args(wanted)))
    if origin is tuple:
        return f"list of {type_words(get_args(wanted)[0])}"
    if origin is not None or wanted in (dict, Any):
        return "mapping"
    names = {
        Region: "region",
        Percent: "percent",
        Seconds: "duration",
        int: "integer",
        float: "number",
        bool: "boolean",
    }
    return names.get(wanted, "text")


def _is_int(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _checked(value: Json, holds: bool, wanted: str) -> Any:  # noqa: FBT001 - an assertion
    if not holds:
        raise ValueError(f"is {value!r}, must be {wanted}")
    return value
