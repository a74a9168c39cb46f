"""Draws what a role declares as text that a reviewer reads: a tree of resources, and of each what matters.

Laws:
- What AWS chose (ids, ARNs) is written as the resource that it belongs to: the text tells the wiring, and stays equal.
- Siblings that differ in nothing but their number are one line, with how many they are.
- Long texts are a digest, and telephone numbers are none of a reviewer's business.
"""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from drills.simulator.provisioners.hosting import PROVIDER
from drills.simulator.provisioners.request import Archive, Built, Declared

if TYPE_CHECKING:
    from drills.simulator.provision import Stack

WIDTH: Final = 110
LONG: Final = 600
OMITTED: Final = frozenset(
    {
        "alarmDescription", "comment", "description", "displayName", "identityInfo", "region",
        "skipCredentialsValidation", "skipRegionValidation", "tags", "tagsAll",
    }
)  # fmt: skip
"""Words for people, people's fictional names, the provider's own defaults, what the resource's line says already."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TELEPHONE = re.compile(r"\+\d{7,15}")
_NUMBERED = re.compile(r"[a-zA-Z]\w*[.-]\d+$")


@dataclass(frozen=True)
class Names:
    """What AWS chose → `<resource>.<output>`, of all roles' resources."""

    of: Mapping[str, str]

    @cached_property
    def _within(self) -> re.Pattern[str]:
        longest_first = sorted(self.of, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def told(self, text: str) -> str:
        """The text with names for what AWS chose; an id of nobody's is `<id>`."""
        if text in self.of:
            return self.of[text]
        if _UUID.search(text) or text.startswith(("arn:", "{")):
            text = self._within.sub(lambda found: self.of[found[0]], text)
        return _TELEPHONE.sub("+…", _UUID.sub("<id>", text))


def names(stacks: Mapping[str, Stack], role: str) -> Names:
    """Names, in `role`, of what was chosen when these were brought up; what the program itself wrote stays as it is."""
    found: dict[str, str] = {}
    for other, stack in stacks.items():
        types = Counter(each.name for each in stack.graph if each.custom)
        for each in stack.graph:
            whose = f"{other}/" if other != role else ""
            name = f"{kind(each)} {each.name}" if types[each.name] > 1 else each.name
            for key, value in _chosen(each, stack.state.get(each.urn)):
                found.setdefault(value, f"{whose}{name}.{key}")
    return Names(found)


def _chosen(each: Declared, built: Built | None) -> Iterator[tuple[str, str]]:
    if built is None:
        return
    for key, value in {"id": built.id, **built.outputs}.items():
        if isinstance(value, str) and value and value not in each.inputs.values():
            yield key, value


def outline(graph: Iterable[Declared], known: Names) -> str:
    """The tree of a role's resources, sorted by type and name."""
    graph = tuple(graph)
    urns = {each.urn for each in graph}
    children: dict[str, list[Declared]] = {}
    for each in graph:
        children.setdefault(each.parent if each.parent in urns else "", []).append(each)
    regions = {each.urn: str(each.inputs["region"]) for each in graph if each.type == PROVIDER}
    lines = _Tree(children, regions, known).under("", 0)
    return "\n".join((f"{len(graph)} resources", *lines)) + "\n"


@dataclass(frozen=True)
class _Tree:
    children: Mapping[str, list[Declared]]
    regions: Mapping[str, str]
    known: Names

    def under(self, parent: str, depth: int) -> Iterator[str]:
        drawn: dict[str, list[Declared]] = {}
        for each in sorted(self.children.get(parent, ()), key=lambda one: (kind(one), one.name)):
            drawn.setdefault(_unnumbered("\n".join(self._drawn(each, depth)), each.name), []).append(each)
        for alike in drawn.values():
            yield from self._group(alike, depth)

    def _group(self, alike: list[Declared], depth: int) -> Iterator[str]:
        first, last = alike[0], alike[-1]
        several = f" to {last.name} ({len(alike)})" if len(alike) > 1 else ""
        yield from self._drawn(first, depth, several)
        for each in alike:
            yield from self.under(each.urn, depth + 1)

    def _drawn(self, each: Declared, depth: int, several: str = "") -> list[str]:
        indent = "  " * depth
        region = self.regions.get(each.provider.rpartition("::")[0], "")
        marks = [region, "protected" * each.protect, "retained" * each.retain]
        marks += [f"ignores {', '.join(sorted(each.ignore_changes))}"] if each.ignore_changes else []
        lines = [indent + ", ".join(filter(None, (f"{kind(each)} {each.name}{several}", *marks)))]
        for key, value in sorted(each.inputs.items()):
            if key not in OMITTED and value is not None and value != each.name:
                text = f"{key}: {told(value, self.known)}"
                inner = {"initial_indent": indent + "    ", "subsequent_indent": indent + "      "}
                lines += textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False, **inner)
        return lines


def kind(declared: Declared) -> str:
    """`connect.Queue` for a resource of the provider, `Flags` for a component, `provider` for a provider."""
    if declared.type == PROVIDER:
        return "provider"
    module, _, name = declared.type.rpartition(":")
    return f"{module.removeprefix('aws:').partition('/')[0]}.{name}" if module.startswith("aws:") else name


def told(value: Any, known: Names) -> str:
    """A value in as few words as tell it apart."""
    match value:
        case str():
            return _text(value, known)
        case Archive():
            return repr(value)
        case Mapping():
            return " ".join(f"{key}={_inner(each, known)}" for key, each in sorted(value.items()) if each is not None)
        case list() | tuple():
            return _listed(list(value), known)
        case _:
            return json.dumps(value)


def _inner(value: Any, known: Names) -> str:
    text = told(value, known)
    return f"({text})" if isinstance(value, Mapping | list | tuple) and " " in text else text


def _text(text: str, known: Names) -> str:
    """A text; one that holds JSON (a policy, an item) as what it holds."""
    shown = told(json.loads(text), known) if text.startswith("{") else known.told(text)
    if len(shown) <= LONG:
        return shown
    return f"({len(shown)} characters, sha256 {hashlib.sha256(shown.encode()).hexdigest()[:12]})"


def _listed(items: list[Any], known: Names) -> str:
    """Items, with what all of them have in common said once."""
    if len(items) < 2 or not all(isinstance(each, Mapping) for each in items):
        return ", ".join(told(each, known) for each in items) or "none"
    common = {key: value for key, value in items[0].items() if all(each.get(key) == value for each in items)}
    own = [{key: value for key, value in each.items() if key not in common} for each in items]
    shared = f"each {told(common, known)}: " if common else ""
    return shared + "; ".join(told(each, known) for each in own)


def _unnumbered(text: str, name: str) -> str:
    """The text without the number by which siblings are told apart, wherever their name stands with it."""
    numbered = _NUMBERED.search(name)
    return text.replace(numbered[0], numbered[0].rstrip("0123456789") + "#") if numbered else text
