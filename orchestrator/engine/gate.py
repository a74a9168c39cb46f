"""A gate being carried out: ask, and wait until enough people said yes, one said no, or the time is up.

The question and its deadline are journalled, and outlive the runner that asked. What counts is in the journal alone.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from orchestrator.engine.attempt import Attempt
from orchestrator.engine.desk import StepFailed
from orchestrator.model import events as ev
from orchestrator.model.clock import moment, stamp
from orchestrator.model.durations import show_duration
from orchestrator.model.states import Mode, StepState

if TYPE_CHECKING:
    from orchestrator.model.actions import Question


class GateAttempt(Attempt):
    """Ask, and wait for people. Its deadline is its own, for silence may be an answer."""

    async def run(self) -> ev.StepSettled:
        """As `Attempt.run`."""
        key, question = self.step.key, self.action.question(self.params)
        opened = self.desk.record.open_gates.get(key) or await self._open(question)
        left_s = (moment(opened.deadline) - self.desk.clock.now()).total_seconds()
        try:
            async with asyncio.timeout(max(left_s, 0.0)):
                while (done := self._answered(question.yeses)) is None:
                    await self.desk.answers(key).wait()
                    self.desk.answers(key).clear()
        except TimeoutError:
            return self._answered(question.yeses) or self._silence(question.yeses)
        return done

    async def _open(self, question: Question) -> ev.GateOpened:
        step = self.step
        until = self.desk.clock.now() + timedelta(seconds=step.deadline_s)
        opened = ev.GateOpened(step.key, question.text, question.approvers, stamp(until), step.on_silence)
        self.desk.emit(opened)
        await self.desk.durable()
        return opened

    def _answered(self, yeses: int) -> ev.StepSettled | None:
        """What the journalled answers to the open question amount to; None: more are waited for."""
        answers = self.desk.record.answers.get(self.step.key, ())
        for each in answers:
            if each.answer == "rejected":
                raise StepFailed(f"rejected by {each.by}: {each.reason or 'no reason given'}")
        for each in answers:
            if each.break_glass:
                said = f"approved by {each.by} alone (break-glass): {each.reason}"
                return ev.StepSettled(self.step.key, StepState.DONE, reason=said)
        yes = {each.by for each in answers if each.answer == "approved"}
        if len(yes) < yeses:
            return None
        return ev.StepSettled(self.step.key, StepState.DONE, reason=f"approved by {', '.join(sorted(yes))}")

    def _silence(self, yeses: int) -> ev.StepSettled:
        step = self.step
        said_yes = sorted({each.by for each in self.desk.record.answers.get(step.key, ())})
        self.desk.emit(ev.GateAnswered(step.key, "silence", by="nobody"))
        who = f"only {', '.join(said_yes)} of {yeses} said yes" if said_yes else "nobody answered"
        nobody = f"{who} within {show_duration(step.deadline_s)}; on_silence: {step.on_silence}"
        unplanned = self.desk.record.mode == Mode.UNPLANNED
        if step.on_silence == "proceed" or (step.on_silence == "proceed-unplanned" and unplanned):
            return ev.StepSettled(step.key, StepState.DONE, reason=nobody)
        raise StepFailed(f"{nobody}, and the run is planned" if step.on_silence == "proceed-unplanned" else nobody)
