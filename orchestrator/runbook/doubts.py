"""Places of a document whose value says nothing, because something was told of it already."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from orchestrator.runbook.tree import Path

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True)
class Doubts:
    """Where no rule may conclude anything, so that one mistake is told once."""

    places: frozenset[Path] = frozenset()

    def cover(self, *path: str | int) -> bool:
        """Whether the value at a path is in doubt, or lies in one that is."""
        return bool(self.places) and any(path[:length] in self.places for length in range(1, len(path) + 1))

    def inside(self, *path: str | int) -> Collection[str | int]:
        """The keys right below a path that are in doubt, or have doubts below them."""
        return self._inside.get(path, ())

    @cached_property
    def _inside(self) -> dict[Path, set[str | int]]:
        found: dict[Path, set[str | int]] = defaultdict(set)
        for place in self.places:
            for length, key in enumerate(place):
                found[place[:length]].add(key)
        return dict(found)
