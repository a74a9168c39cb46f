"""Binds a step's `with:` to an action's parameter class: a frozen dataclass whose fields carry one of the types below.

Fields are written `region: Annotated[str, Doc("the Region that takes the traffic")]`; the annotation's type decides
what a runbook may give. A mapping with known keys is a `TypedDict`; what no type says is a `Rule` in the class's
`rules`. Both are held by `bind` when values are resolved, and by `lint` as far as they are known before.
"""

from __future__ import annotations

import re
import types
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NewType,
    NotRequired,
    Required,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from orchestrator.model.durations import parse_duration
from orchestrator.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping


Region = NewType("Region", str)
"""Held to `REGION_NAME` by lint and by `bind`."""
REGION_NAME = re.compile(r"(?!cn-)[a-z]{2}-(?:north|south|(?:north|south)?(?:east|west)|central)-[1-9][0-9]?")
"""How Regions of the commercial AWS partition are spelt. Exactly so, for law 4 compares names, while DNS knows no case
and botocore takes `fips-us-east-1` for the Region itself. No list: a Region that AWS adds is no fault, and a name that
leads nowhere reaches no lost Region either."""
Percent = NewType("Percent", int)
Seconds = NewType("Seconds", float)
"""Written as a duration (`2m`), or as a number of seconds once resolved."""

REGION_WANTED = "a Region's name such as us-east-1"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Doc:
    """One line of help for a parameter."""

    text: str


class Rule:
    """What parameters must be that no type says; listed in a parameter class's `rules: ClassVar[tuple[Rule, ...]]`.

    `wrong` gets the converted values of `reads` in their order, and returns what is wrong as a clause that follows the
    first one's name ("is 15, must be in steps of 10"), or nothing. It is asked only where all that it reads is known.
    """

    def __init__(self, wrong: Callable[..., str], *reads: str) -> None:
        self.wrong, self.reads = wrong, reads


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping parameter."""

    type: Any
    required: bool


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


def is_region(name: object) -> bool:
    """Whether something is spelt as a Region is; whether AWS has that one, nobody here knows."""
    return isinstance(name, str) and REGION_NAME.fullmatch(name) is not None


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
        default = item.default_factory() if item.default_factory is not MISSING else item.default
        found.append(Field(item.name, hint, required, None if required else default, text))
    return tuple(found)


@cache
def keys_of(wanted: Hashable) -> Mapping[str, Key]:
    """The keys of a mapping type; empty where any will do."""
    if not is_typeddict(wanted):
        return types.MappingProxyType({})
    found = {}
    for name, hint in get_type_hints(wanted, include_extras=True).items():
        required = bool(getattr(wanted, "__total__", True))
        while get_origin(hint) in (Annotated, Required, NotRequired):
            required = {Required: True, NotRequired: False}.get(get_origin(hint), required)
            hint = get_args(hint)[0]  # noqa: PLW2901 - unwrapped
        found[name] = Key(hint, required)
    return types.MappingProxyType(found)


def broken_rules(params: type, values: Mapping[str, Any]) -> dict[str, str]:
    """What the rules of a class say of converted values, by parameter; those that read others are not asked."""
    found: dict[str, str] = {}
    for rule in getattr(params, "rules", ()):
        if all(name in values and name not in found for name in rule.reads):
            why = rule.wrong(*(values[name] for name in rule.reads))
            if why:
                found[rule.reads[0]] = why
    return found


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
            else:
                values[name] = field.default
            continue
        try:
            values[name] = convert(given[name], field.type)
        except ValueError as why:
            problems[name] = str(why)
    problems |= broken_rules(params, values)
    if problems:
        raise BadParameters(problems)
    return params(**values)


def convert(value: Json, wanted: Any) -> Any:  # noqa: C901, PLR0911 - one line per type
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
    if origin is list:
        _checked(value, isinstance(value, list | tuple), "a list")
        return [convert(each, get_args(wanted)[0]) for each in value]
    if wanted is Any:
        return value
    if origin is dict or wanted is dict or is_typeddict(wanted):
        return _mapping(_checked(value, isinstance(value, dict), f"a {type_words(wanted)}"), wanted)
    if wanted is Percent:
        return _checked(value, _is_int(value) and 0 <= value <= 100, "a whole number from 0 to 100")
    if wanted is Region:
        return _checked(value, is_region(value), REGION_WANTED)
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
    if origin in (tuple, list):
        return f"list of {type_words(get_args(wanted)[0])}"
    if origin is dict or wanted in (dict, Any) or is_typeddict(wanted):
        keys = ", ".join(keys_of(wanted))
        return f"mapping of {keys}" if keys else "mapping"
    names = {
        Region: "region",
        Percent: "percent",
        Seconds: "duration",
        int: "integer",
        float: "number",
        bool: "boolean",
    }
    return names.get(wanted, "text")


def _mapping(value: dict[str, Json], wanted: Any) -> dict[str, Any]:
    """The keys that are declared; others are left, for the inventory's records may hold more than an action reads."""
    keys = keys_of(wanted)
    if lacking := [name for name, key in keys.items() if key.required and name not in value]:
        raise ValueError(f"lacks {', '.join(lacking)}")
    member = (get_args(wanted) or (str, Any))[1]
    found: dict[str, Any] = {}
    for name in keys or value:
        if name in value:
            try:
                found[name] = convert(value[name], keys[name].type if keys else member)
            except ValueError as why:
                raise ValueError(f"has a wrong {name}: it {why}") from why
    return found


def _is_int(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _checked(value: Json, holds: bool, wanted: str) -> Any:  # noqa: FBT001 - an assertion
    if not holds:
        raise ValueError(f"is {value!r}, must be {wanted}")
    return value
