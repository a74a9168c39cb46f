"""A check being carried out: asked until it holds often enough in a row. A read that fails is unknown, and asked again.

What is asked is a step, a condition of `recovered_when`, or the guard between two items of a series.
"""

from __future__ import annotations

import asyncio

from orchestrator.engine.attempt import Attempt
from orchestrator.engine.desk import StepFailed, asked, sample_of
from orchestrator.model import events as ev
from orchestrator.model.actions import Reading
from orchestrator.model.states import StepState


class CheckAttempt(Attempt):
    """Ask, and ask again."""

    sample = "probe"
    """What its answers are journalled as."""

    async def run(self) -> ev.StepSettled:
        """As `Attempt.run`; only changes of the answer are journalled."""
        in_a_row, told, needed = 0, None, self.action.needed_in_a_row(self.params)
        while True:
            finding = await asked(self.desk.calls, self.action, self.params)
            seen = (finding.reading, finding.what)
            if seen != told:
                self.desk.emit(sample_of(self.sample, self.step.key, finding))
                told = seen
            in_a_row = in_a_row + 1 if finding.reading is Reading.HOLDS else 0
            if in_a_row >= needed:
                reason = finding.what if needed == 1 else f"{finding.what}, at {needed} looks in a row"
                return ev.StepSettled(
                    self.step.key, StepState.DONE, reason=reason, output=dict(finding.evidence) or None
                )
            if finding.reading is Reading.FAILS:
                raise StepFailed(finding.what)
            self.last_seen = f"{finding.reading}: {finding.what}"
            await asyncio.sleep(self.action.interval_s)


class GuardAttempt(CheckAttempt):
    """The check between two items of a series."""

    sample = "guard"
