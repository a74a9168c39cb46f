"""What an expression will yield, from its syntax tree and the shapes in scope: a misspelt key is a fault, not null.

Follows JMESPath's own rules node by node. Where a shape is unknown nothing is said: a false alarm would teach people
to ignore the true ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from jmespath.functions import Functions

from orchestrator.model.shapes import (
    BOOLEAN,
    NUMBER,
    TEXT,
    UNKNOWN,
    ListOf,
    Members,
    Record,
    Scalar,
    Shape,
    Unknown,
    either,
    shape_of,
    words,
)

# A node of jmespath.ast: {"type", "children", "value"}; the library gives it no public type.
Node: TypeAlias = Mapping[str, Any]

_KNOWN_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an expression: how it is spelt, a name that leads nowhere, or a type that does not fit."""

    kind: Literal["syntax", "name", "type"]
    what: str
    remedy: str = ""


def infer(node: Node, root: Record) -> tuple[Shape, tuple[Problem, ...]]:
    """The shape of an expression's value in a scope, and every problem on the way."""
    walk = _Walk(root)
    shape = walk.shape(node, root)
    if any(path == ("steps",) for path in paths(node)):
        walk.fault("type", "steps stands alone", "name the step whose result is read: steps.<id>.output")
    return shape, tuple(dict.fromkeys(walk.problems))


def depth(node: Node) -> int:
    """Levels of a syntax tree, literals included, counted without recursion."""
    levels, row = 0, [node]
    while row:
        levels += 1
        row = [inner for each in row for inner in _inside(each)]
    return levels


def _inside(node: Any) -> Iterable[Any]:
    if isinstance(node, list):
        return node
    if not isinstance(node, dict):
        return ()
    return [*node["children"], node.get("value")] if "children" in node else node.values()


def suggestion(name: str, known: Iterable[str]) -> str:
    """`did you mean "x"? known: ...`, the nearest of the known names first."""
    options = sorted(known)
    near = get_close_matches(name, options, n=1)
    shown = ", ".join(options[:_KNOWN_SHOWN]) + (", ..." if len(options) > _KNOWN_SHOWN else "")
    return (f'did you mean "{near[0]}"? ' if near else "") + f"known: {shown or 'none'}"


def paths(node: Node) -> Iterator[tuple[str, ...]]:
    """Every path of plain keys that an expression reads from the root: `("to", "connect", "queues")`."""
    path = _path(node)
    if path:
        yield path
        return
    kind, children = node["type"], node["children"]
    if kind in ("expref", "slice"):
        return  # evaluated against members, not against the root
    first_only = ("subexpression", "index_expression", "pipe", "projection", "value_projection", "filter_projection")
    for child in children[:1] if kind in first_only else children:
        yield from paths(child)


def _path(node: Node) -> tuple[str, ...]:
    """The keys that a node leads along from where it stands, as far as they are plain."""
    if node["type"] == "field":
        return (str(node["value"]),)
    if node["type"] != "subexpression":
        return ()
    keys: tuple[str, ...] = _path(node["children"][0])
    for child in node["children"][1:] if keys else ():
        if child["type"] == "index_expression":
            return keys + _path(child["children"][0])
        if child["type"] != "field":
            break
        keys += (str(child["value"]),)
    return keys


@dataclass(slots=True)
class _Walk:
    root: Record
    problems: list[Problem] = field(default_factory=list)

    def fault(self, kind: Literal["name", "type"], what: str, remedy: str = "") -> Shape:
        self.problems.append(Problem(kind, what, remedy or "see jmespath.org for what may stand here"))
        return UNKNOWN

    def shape(self, node: Node, here: Shape) -> Shape:  # noqa: C901, PLR0911, PLR0912 - one case per kind of node
        children = node["children"]
        match node["type"]:
            case "field":
                return self.key(str(node["value"]), here)
            case "subexpression" | "index_expression" | "pipe":
                for child in children:
                    here = self.shape(child, here)
                return here
            case "current" | "identity":
                if here is self.root:
                    return self.fault("type", "it starts from everything at once", "name what is to be read")
                return here
            case "literal":
                return shape_of(node["value"])
            case "index":
                return self.member(here, "an index")
            case "slice":
                return ListOf(self.member(here, "a slice"))
            case "flatten":
                member = self.member(self.shape(children[0], here), "[]")
                return member if isinstance(member, ListOf) else ListOf(member)
            case "projection":
                member = self.member(self.shape(children[0], here), "[*]")
                return ListOf(self.shape(children[1], member))
            case "value_projection":
                return ListOf(self.shape(children[1], self.values(self.shape(children[0], here))))
            case "filter_projection":
                member = self.member(self.shape(children[0], here), "[?...]")
                self.shape(children[2], member)
                return ListOf(self.shape(children[1], member))
            case "comparator":
                return self.compared(node, self.shape(children[0], here), self.shape(children[1], here))
            case "and_expression":
                return either([self.shape(child, here) for child in children])
            case "or_expression":
                return either([self.truthy(child, here) for child in children])
            case "not_expression":
                self.shape(children[0], here)
                return BOOLEAN
            case "multi_select_list":
                return ListOf(either([self.shape(child, here) for child in children]))
            case "multi_select_dict":
                return Record("mapping", {child["value"]: self.shape(child["children"][0], here) for child in children})
            case "function_expression":
                return self.called(str(node["value"]), children, here)
            case other:
                return self.fault("type", f"{other} cannot stand here")

    def key(self, name: str, here: Shape) -> Shape:
        match here:
            case Record(name=owner, fields=fields):
                if name in fields:
                    return fields[name]
                what = f'"{name}" is no key of {owner}' if owner else f'nothing here is called "{name}"'
                remedy = suggestion(name, fields)
                if name in ("true", "false", "null"):
                    remedy = f"JMESPath writes it in backticks: `{name}`"
                if not owner and name in ("from", "to"):
                    remedy = f"declare it under parameters: {name}: {{type: environment, default: ...}}"
                return self.fault("name", what, remedy)
            case Members(member=member):
                return member
            case ListOf():
                return self.fault("type", f'"{name}" is asked of {words(here)}', f"write [0].{name} or [*].{name}")
            case Scalar():
                return self.fault(
                    "type", f'"{name}" is asked of {words(here)}, which has no keys', "end the path there"
                )
            case _:
                return UNKNOWN

    def member(self, here: Shape, by: str) -> Shape:
        if isinstance(here, ListOf | Unknown):
            return here.member if isinstance(here, ListOf) else UNKNOWN
        remedy = "write values(...) to take a mapping's members" if isinstance(here, Members | Record) else ""
        return self.fault("type", f"{by} is asked of {words(here)}, which is no list", remedy)

    def values(self, here: Shape) -> Shape:
        match here:
            case Members(member=member):
                return member
            case Record(fields=fields):
                return either(fields.values())
            case Unknown():
                return UNKNOWN
            case _:
                return self.fault("type", f"the values of {words(here)} are asked for, which is no mapping")

    def truthy(self, node: Node, here: Shape) -> Shape:
        """`a && b || c` is b or c, never a: what is false falls through."""
        if node["type"] != "and_expression":
            return self.shape(node, here)
        self.shape(node["children"][0], here)
        return self.truthy(node["children"][1], here)

    def compared(self, node: Node, left: Shape, right: Shape) -> Shape:
        equality = node["value"] in ("eq", "ne")
        for side in () if equality else (left, right):
            if not isinstance(side, Unknown) and not (isinstance(side, Scalar) and side.kind != "boolean"):
                return self.fault("type", f"{words(side)} has no order", "compare numbers with numbers")
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return BOOLEAN
        if not (isinstance(left, Scalar) and isinstance(right, Scalar)):
            return BOOLEAN
        if left.kind != right.kind and "duration" not in (left.kind, right.kind):
            return self.fault("type", f"{words(left)} is compared with {words(right)}", "compare like with like")
        if equality and left.choices and right.choices and not set(left.choices) & set(right.choices):
            one, many = sorted((left.choices, right.choices), key=len)
            return self.fault("name", f'this is never "{one[0]}"', suggestion(one[0], many))
        return BOOLEAN

    def called(self, name: str, children: list[Node], here: Shape) -> Shape:
        if name not in Functions.FUNCTION_TABLE:
            return self.fault("name", f"there is no function {name}()", suggestion(name, Functions.FUNCTION_TABLE))
        signature = Functions.FUNCTION_TABLE[name]["signature"]
        variadic = bool(signature[-1].get("variadic"))
        if len(children) < len(signature) or (len(children) > len(signature) and not variadic):
            wanted = f"{'at least ' if variadic else ''}{len(signature)}"
            return self.fault("type", f"{name}() takes {wanted} arguments, not {len(children)}")
        given = [UNKNOWN if child["type"] == "expref" else self.shape(child, here) for child in children]
        for at, child in enumerate(children):
            takes = signature[min(at, len(signature) - 1)]["types"]
            if (child["type"] == "expref") != (takes == ["expref"]):
                return self.fault("type", f"{name}() takes {' or '.join(takes) or 'a value'} as argument {at + 1}")
            if child["type"] == "expref":
                # `&expression` is evaluated against the members of the list beside it.
                given[at] = self.shape(child["children"][0], _member_of(given))
            elif takes and not any(_admits(each, given[at]) for each in takes):
                return self.fault("type", f"{name}() takes {' or '.join(takes)}, not {words(given[at])}")
        return _RESULT[name](given)


def _admits(wanted: str, given: Shape) -> bool:
    """Whether a value of this shape can be what JMESPath calls `wanted`."""
    match given:
        case Unknown():
            return True
        case Scalar(kind="duration"):
            return wanted in ("string", "number")
        case Scalar(kind=kind):
            return wanted == {"text": "string"}.get(kind, kind)
        case ListOf(member=member):
            _, _, inner = wanted.partition("-")
            return wanted == "array" or (wanted.startswith("array") and _admits(inner, member))
        case _:
            return wanted == "object"


def _member_of(given: list[Shape]) -> Shape:
    return next((each.member for each in given if isinstance(each, ListOf)), UNKNOWN)


def _values_of(given: list[Shape]) -> Shape:
    one = given[0]
    if isinstance(one, Members):
        return ListOf(one.member)
    return ListOf(either(one.fields.values()) if isinstance(one, Record) else UNKNOWN)


def _merged(given: list[Shape]) -> Shape:
    if all(isinstance(each, Record) for each in given):
        return Record(
            "mapping", {key: shape for each in given if isinstance(each, Record) for key, shape in each.fields.items()}
        )
    return either(given)


def _fixed(shape: Shape) -> Callable[[list[Shape]], Shape]:
    return lambda _: shape


_RESULT: Mapping[str, Callable[[list[Shape]], Shape]] = MappingProxyType(
    {
        **dict.fromkeys(("abs", "avg", "ceil", "floor", "length", "sum", "to_number"), _fixed(NUMBER)),
        **dict.fromkeys(("contains", "ends_with", "starts_with"), _fixed(BOOLEAN)),
        **dict.fromkeys(("join", "to_string"), _fixed(TEXT)),
        "type": _fixed(Scalar("text", ("number", "string", "boolean", "array", "object", "null"))),
        "keys": _fixed(ListOf(TEXT)),
        "values": _values_of,
        "map": lambda given: ListOf(given[0]),
        **dict.fromkeys(("max", "min", "max_by", "min_by"), _member_of),
        **dict.fromkeys(("sort", "sort_by", "reverse"), lambda given: given[0]),
        "merge": _merged,
        "not_null": either,
        "to_array": lambda given: given[0] if isinstance(given[0], ListOf) else ListOf(given[0]),
    }
)
"""What each builtin function yields; a test holds it equal, by names, to the library's own table."""
