"""Whether callers were moved, when, and whether they were moved back: read from what the steps that move them did.

A series has moved callers when its last item is done; before that they were moved in part, whatever an item says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.model.actions import Kind
from orchestrator.model.states import StepState
from orchestrator.report.words import date_time, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orchestrator.report.history import History, Item

_MOVERS = ("connect.shift_traffic", "telephony.", "dns.")
"""Actions that move callers, most telling first: the first of these that the plan holds decides."""
_THERE = frozenset({StepState.DONE, StepState.ALREADY_SO, StepState.UNDONE})


@dataclass(frozen=True, slots=True)
class Move:
    """`at` is when the last of it had settled, `returned_at` when an undo had returned it: RFC 3339, or empty.

    `told` says it in words, also what became of a move that was begun only; empty where none was.
    """

    at: str = ""
    returned_at: str = ""
    told: str = ""


def move(history: History) -> Move:
    """What became of the move of callers."""
    movers = [
        item for item in history.items.values() if item.record.planned.kind == Kind.SETTING and not _left_out(item)
    ]
    for family in _MOVERS:
        found = [item for item in movers if item.record.planned.action.startswith(family)]
        if found:
            return _move(found, {each.subject: each.at for each in history.given_back})
    return Move()


def _left_out(item: Item) -> bool:
    """By the plan or the mode; what a person skips was to be done."""
    return item.record.state is StepState.SKIPPED and not item.record.skipped_by


def _move(items: Sequence[Item], given_back: Mapping[str, str]) -> Move:
    there = [item for item in items if item.record.state in _THERE and item.reached_at]
    last = [item for item in items if item.record.planned.last]
    at = max(item.reached_at for item in last) if last and all(item in there for item in last) else ""
    wrote = [item.record for item in items if item.record.intended]
    undone = [
        given_back[record.subject]
        for record in wrote
        if record.state is StepState.UNDONE and record.subject in given_back
    ]
    returned_at = max(undone) if undone and len(undone) == len(wrote) else ""
    told = [date_time(at)] if at else [_in_part(items, there)] if wrote else []
    if returned_at:
        told.append(f"returned {date_time(returned_at)}")
    elif undone:
        told.append("returned in part")
    return Move(at, returned_at, "; ".join(told))


def _in_part(items: Sequence[Item], there: Sequence[Item]) -> str:
    """What the move came to, and what it stopped at: a guard's reason says whether it was written back."""
    record = next((item for item in items if item not in there), items[-1]).record
    why = record.error or record.reason
    return one_line(f"not to the end: {record.planned.key} {record.state}" + (f": {why}" if why else ""))
