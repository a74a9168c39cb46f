"""What running the program again would change: each declared input against what is there now.

Laws:
- What is there is read from the cloud where `READERS` knows the type, and is else what the last up declared, as Pulumi
  without a refresh takes it.
- What the program says to ignore, an up leaves alone: `ignoreChanges`, as Pulumi heeds it.
- What runbooks flip and nobody here reads is refused: it would pass as unchanged.

Simulated: Pulumi's own diff is not run; an up that replaces a resource, and one that only changes it, look the same.
Reads are not throttled, for a provider waits as long as it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from drills.simulator.aws.connect.buckets import without_throttling
from drills.simulator.provisioners.hosting import PROVIDER
from drills.simulator.provisioners.reading import READERS, Standing
from orchestrator.model.errors import NotSimulated
from stacks.policies.owners import FLIPPED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from drills.simulator.provision import Stack
    from drills.simulator.provisioners.request import ClientOf, Declared

WHOLE: Final = "(all of it)"
"""Stands for the key where a resource would be made, or deleted."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an up would do to one property: from `there` to `declared`. None: the one has it not."""

    urn: str
    key: str
    declared: Any
    there: Any

    def __str__(self) -> str:
        """The resource by its own name, as the lines of a preview have it."""
        return f"{self.urn.rpartition('::')[2]}.{self.key}: {self.there!r} → {self.declared!r}"


def replan(stack: Stack, again: Iterable[Declared], client: ClientOf) -> tuple[Change, ...]:
    """What an up of `again` would change of a stack that is up.

    Args:
        stack: what was brought up.
        again: what the program declares now; `preview(…, state=stack.state)`.
        client: reads what is there, in any Region.

    Raises:
        NotSimulated: a declared property is flipped by runbooks and cannot be read here.
    """
    last, now = ({each.urn: each for each in declared} for declared in (stack.graph, again))
    regions = {each.urn: each.inputs["region"] for each in now.values() if each.type == PROVIDER}
    with without_throttling():
        return tuple(_changes(stack, last, now, regions, client))


def _changes(
    stack: Stack,
    last: Mapping[str, Declared],
    now: Mapping[str, Declared],
    regions: Mapping[str, str],
    client: ClientOf,
) -> Iterator[Change]:
    for urn in sorted(last.keys() ^ now.keys()):
        yield Change(urn, WHOLE, *(dict(of[urn].inputs) if urn in of else None for of in (now, last)))
    for urn, declared in now.items():
        if urn in last:
            there = dict(last[urn].inputs)
            if declared.custom and declared.type != PROVIDER:
                region = regions[declared.provider.rpartition("::")[0]]
                there |= _read(Standing(declared, stack.state[urn].id, region, client))
            yield from _differing(declared, there)


def _read(standing: Standing) -> Mapping[str, Any]:
    kind = standing.declared.type
    found = READERS[kind](standing) if kind in READERS else {}
    for key in sorted(FLIPPED.get(kind, {}).keys() - found.keys()):
        raise NotSimulated("pulumi", f"reading {key} of {kind}")
    return found


def _differing(declared: Declared, there: Mapping[str, Any]) -> Iterator[Change]:
    for key in sorted((declared.inputs.keys() | there.keys()) - set(declared.ignore_changes)):
        wanted, found = _stated(declared.inputs.get(key)), _stated(there.get(key))
        if wanted != found:
            yield Change(declared.urn, key, wanted, found)


def _stated(value: Any) -> Any:
    """The value without what a program states to be absent; tables in a list in no order, for the provider has sets."""
    if isinstance(value, dict):
        return {key: _stated(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        return sorted(map(_stated, value), key=str)
    return value
