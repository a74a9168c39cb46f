"""Tables of what most runs do not have, and no reader may overlook: a broken glass, and what was given back."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from orchestrator.report.change import show
from orchestrator.report.tables import Table, cells_of
from orchestrator.report.words import clock_time, one_line

if TYPE_CHECKING:
    from orchestrator.report.timeline import Timeline


def glass(run: Timeline) -> Table:
    """Who went on alone, and the review that it demands."""
    broken = run.history.glass
    open_ = not all(each.reviews for each in broken)
    note = f"failover note {shlex.quote(run.history.replay.execution)} --reason 'review: …'"
    rows = tuple(
        (
            (clock_time(each.at),),
            (one_line(each.step) or "every gate of the run",),
            (one_line(each.by),),
            (one_line(each.reason),),
            (one_line(", ".join(each.passed_over)) or "nobody",),
            tuple(one_line(f"{clock_time(at)} by {by}: {text}") for at, by, text in each.reviews) or (note,),
        )
        for each in broken
    )
    return Table(
        "break-glass",
        "Break-glass: review required" if open_ else "Break-glass: reviewed",
        "Gates that one person passed alone, without those who would have had to say yes. Each demands a review.",
        ("Time", "Gate", "Who", "Why", "Passed over", "Review" if not open_ else "Review, to be recorded by"),
        rows,
        "Nobody went on alone.",
    )


def given_back(run: Timeline) -> Table:
    """What an undo has returned."""
    return Table(
        "given-back",
        "Given back",
        "Settings that were seen as the run had found them, once it was undone.",
        ("Time", "Subject", "Step", "Value", "Asked for by"),
        tuple(
            cells_of(clock_time(each.at), each.subject, each.step, show(each.value), each.by)
            for each in run.history.given_back
        ),
        "Nothing was undone.",
    )
