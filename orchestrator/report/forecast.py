"""How long a plan should take: the longest way through it by expected durations. Derived from the journalled plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.journal.replay import Replay
    from orchestrator.model.plan import PlannedStep


def expected_s(step: PlannedStep) -> float:
    """Seconds that an item should take: its action's expected duration, with the hold and guard that follow it."""
    return step.takes_s


def forecast_s(replay: Replay) -> float | None:
    """Seconds from the first step to recovery verified; None before the plan is known.

    Steps left out when planned and steps of the other mode count nothing; `recovered_when` follows the last step.
    """
    if replay.created is None:
        return None
    steps = [record.planned for record in replay.steps.values()]
    checks = [record.planned for record in replay.verification.values()]
    return _longest(steps, replay.mode) + _longest(checks, replay.mode)


def _longest(steps: Sequence[PlannedStep], mode: str) -> float:
    """The plan is in topological order, so one pass finds each item's latest need."""
    finish: dict[str, float] = {}
    for step in steps:
        own = 0.0 if step.left_out(mode) else expected_s(step)
        finish[step.key] = max((finish.get(need, 0.0) for need in step.needs), default=0.0) + own
    return max(finish.values(), default=0.0)
