"""A setting being carried out (law 2): look, record the value before, record the intent, write, look until it is so.

A resume runs the same code; a finished setting is found `already so`, or `done` if the intent was this run's own.
What this run is known to have written is not written again while it settles, whatever becomes of a look or a runner.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from orchestrator.engine.attempt import Attempt
from orchestrator.engine.desk import StepFailed
from orchestrator.model import events as ev
from orchestrator.model.errors import FailoverError, NotFound, PartlyRefused
from orchestrator.model.states import StepState

if TYPE_CHECKING:
    from orchestrator.model.values import Json


class SettingAttempt(Attempt):
    """Look, write, look."""

    async def run(self) -> ev.StepSettled:
        """As `Attempt.run`; the whole is retried, for it begins by looking."""
        return await self.retried(self._once)

    async def look_until(self, target: Json) -> Json:
        """Look until the target is observed; a level that must be kept up is written again meanwhile.

        A look that fails in a way that passes is a look not taken; what the service has given up is not awaited.
        """
        action, params, waited_s = self.action, self.params, 0.0
        while True:
            try:
                now = await self.call(lambda: action.observe(params))
            except FailoverError as why:
                if not why.retryable:
                    raise
                self.last_seen = str(why)
            else:
                if action.settled(params, target, now):
                    return now
                if lost := action.given_up(params, now):
                    raise lost
                self.last_seen = f"still {now!r}"
                if action.rewrite_s is not None and waited_s >= action.rewrite_s:
                    waited_s = 0.0
                    await self._write_again(now, target)
            await asyncio.sleep(action.interval_s)
            waited_s += action.interval_s

    async def _write_again(self, now: Json, target: Json) -> None:
        action, params = self.action, self.params
        for part in action.parts(params, now, target):
            try:
                await self.call(lambda part=part: action.write(params, part))  # type: ignore[misc] # mypy infers no lambda with a default
            except PartlyRefused as why:
                self._tell_members(why)

    def _tell_members(self, why: PartlyRefused) -> None:
        """Each member that was refused, by itself: whether it got there all the same is for the looks to say."""
        for member, reason in why.members.items():
            self.last_seen = reason
            self.desk.emit(ev.StepAttemptFailed(self.step.key, self.attempts, reason, why.code, part=member))

    async def _once(self) -> ev.StepSettled:
        action, params, key = self.action, self.params, self.step.key
        subject = action.subject(params)
        before = await self.call(lambda: action.observe(params))
        if misled := self._misled(subject):
            raise StepFailed(misled)
        if not self.record.has_before or before != self.record.seen:
            self.desk.emit(ev.StepBefore(key, subject, before))
        target = action.target(params, before)
        if action.settled(params, target, before):
            ours = self.record.intended
            return ev.StepSettled(key, StepState.DONE if ours else StepState.ALREADY_SO, after=before)
        under_way = self.record.written and self.record.target == target
        failures = [] if under_way else await self._write(subject, before, target)
        after = await self.look_until(target)
        if failures:
            raise StepFailed("; ".join(failures))
        return ev.StepSettled(key, StepState.DONE, after=after)

    def _misled(self, subject: str) -> str:
        """Why this is not what was planned and begun: an inventory that has changed may name something else now."""
        meant = self.record.subject or self.step.subject
        return f"it is about {subject} now, and was about {meant}" if meant not in ("", subject) else ""

    async def _write(self, subject: str, before: Json, target: Json) -> list[str]:
        """Record the intent, then write part by part. Returns what members of a bulk setting were refused."""
        parts = self.action.parts(self.params, before, target)
        if not parts:
            return []
        self.desk.emit(ev.StepIntended(self.step.key, subject, target=target))
        await self.desk.durable()
        failures: list[str] = []
        for number, part in enumerate(parts, 1):
            try:
                await self.call(lambda part=part: self.action.write(self.params, part))  # type: ignore[misc] # mypy infers no lambda with a default
            except NotFound as why:
                if len(parts) == 1:
                    raise
                # One member of a bulk that is gone must not stop the others.
                failures.append(str(why))
                self.failed(why, None, part=str(part))
            except PartlyRefused as why:
                self._tell_members(why)
                self.desk.emit(ev.StepWritten(self.step.key, part=number, parts=len(parts)))
            else:
                self.desk.emit(ev.StepWritten(self.step.key, part=number, parts=len(parts)))
        return failures
