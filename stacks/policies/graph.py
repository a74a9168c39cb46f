"""What a rule looks at: the resources that one role declares, and what that role is configured with.

Laws:
- Plain data. Whoever captured it (Pulumi's engine, the simulator, a test) hands over the same fields.
- What only AWS can tell is `UNKNOWN`. A rule that needs it says so through `NotYetKnown`, instead of passing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stacks.regions import Continuity
from stacks.settings import Role

UNKNOWN: Final = object()
"""Stands in a preview for a value that follows from another resource's outputs."""

_STACK = "pulumi:pulumi:Stack"


class NotYetKnown(Exception):
    """A rule cannot tell, for `key` of `urn` is known after the update only."""

    def __init__(self, urn: str, key: str) -> None:
        super().__init__(f"{key} of {urn} is known after the update only")
        self.urn, self.key = urn, key


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the role is configured with, as far as rules ask: which role, where its two sides live, which model."""

    role: Role
    primary: str
    standby: str
    continuity: Continuity = "global-resiliency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource as declared. Properties are named as the provider names them (camelCase).

    `region` is that of its own property or else of its provider; empty for components. `parent` and `dependencies`
    are URNs. `retain` (on delete) is None where nobody tells it: Pulumi's engine does not hand it to policies.
    """

    urn: str
    type: str
    name: str
    props: Mapping[str, Any]
    region: str = ""
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    ignore_changes: frozenset[str] = frozenset()
    protect: bool = False
    retain: bool | None = None

    def known(self, key: str) -> Any:
        """The property's value, None where it is not given.

        Raises:
            NotYetKnown: a preview cannot tell it, or a part of it.
        """
        value = self.props.get(key)
        if _is_open(value):
            raise NotYetKnown(self.urn, key)
        return value

    def outlined(self, key: str) -> Any:
        """The property's value, of which parts may be `UNKNOWN`; `settled` tells whether one is.

        Raises:
            NotYetKnown: a preview cannot tell anything of it.
        """
        return self.settled(key, self.props.get(key))

    def settled(self, key: str, part: Any) -> Any:
        """A part of the property's value.

        Raises:
            NotYetKnown: a preview cannot tell it.
        """
        if part is UNKNOWN:
            raise NotYetKnown(self.urn, key)
        return part

    def states(self, key: str) -> bool:
        """Whether the property has a value, be it one that is known later only (the id of another resource)."""
        return bool(self.props.get(key))


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything that one role declares."""

    setting: Setting
    resources: tuple[Resource, ...]

    def dependents(self, resource: Resource, kind: str) -> Iterator[Resource]:
        """Resources of a type that were declared with this one's outputs, or after it."""
        return (each for each in self.resources if each.type == kind and resource.urn in each.dependencies)

    def component(self, resource: Resource) -> str:
        """The type of the outermost component that holds it; its own type, where none does."""
        by_urn = {each.urn: each for each in self.resources}
        while (parent := by_urn.get(resource.parent)) is not None and parent.type != _STACK:
            resource = parent
        return resource.type


def _is_open(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_is_open, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_is_open, value))
    return value is UNKNOWN
