"""The realised critical path: which chain of items the run's duration was made of.

Walks back from the item that settled last, through the need that settled last, to an item that needed nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.report.words import seconds_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orchestrator.report.history import Item


@dataclass(frozen=True, slots=True)
class Leg:
    """One item on the path: how long it waited after what held it up, and how long it took (hold included)."""

    key: str
    started_at: str
    ended_at: str
    waited_s: float
    took_s: float


def critical_path(items: Mapping[str, Item], started_at: str) -> tuple[Leg, ...]:
    """The path in order of time; empty before anything has settled. `started_at` is when the run started."""
    found: list[Leg] = []
    item = _latest(items.values())
    while item is not None:
        before = _held_up_by(item, items)
        free_at = before.ended_at if before else started_at
        begun = item.record.started_at or item.ended_at
        waited = seconds_between(free_at, begun) or 0.0
        took = seconds_between(begun, item.ended_at) or 0.0
        found.append(Leg(item.key, begun, item.ended_at, max(waited, 0.0), took))
        item = before
    return tuple(reversed(found))


def _held_up_by(item: Item, items: Mapping[str, Item]) -> Item | None:
    """The need that settled last; a condition of `recovered_when` starts when every step is settled."""
    if item.verifies:
        return _latest(each for each in items.values() if not each.verifies)
    return _latest(items[need] for need in item.record.planned.needs if need in items)


def _latest(items: Iterable[Item]) -> Item | None:
    """Whoever settled last; of several at once, one that was carried out, then the first in plan order."""
    settled = [item for item in items if item.ended_at]
    return max(settled, key=lambda item: (item.ended_at, item.executed), default=None)
