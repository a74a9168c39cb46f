"""An effect being carried out: at most once. What may have been sent is confirmed, or left *unproven*; never resent.

The intent with its token is durable before anything is sent, so that the next runner knows what may have happened.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from orchestrator.engine.attempt import Attempt
from orchestrator.engine.ending import in_flight
from orchestrator.model import events as ev
from orchestrator.model.chance import token
from orchestrator.model.errors import CloudError
from orchestrator.model.states import StepState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.model.values import Json


class EffectAttempt(Attempt):
    """Send, unless it may have been sent."""

    sent = False
    """Whether this attempt surely has sent it."""

    async def run(self) -> ev.StepSettled:
        """As `Attempt.run`; retried where the error says that surely nothing was sent."""
        return await self.retried(self._once)

    def overdue(self, why: str) -> ev.StepSettled:
        """As `Attempt.overdue`; but what may have been sent has not failed."""
        if self.sent:
            return ev.StepSettled(self.step.key, StepState.DONE, reason=f"sent; {why}")
        return in_flight(self.record, why) or super().overdue(why)

    async def _once(self) -> ev.StepSettled:
        action, params, key = self.action, self.params, self.step.key
        once, self.unsent = token(self.desk.execution, key), False
        if self.record.parts_written:
            return ev.StepSettled(key, StepState.DONE, reason="sent before the restart")
        if self.record.intended:
            confirmed = await self.call(lambda: action.confirm(params, once))
            if confirmed is None:
                return ev.StepSettled(key, StepState.UNPROVEN, reason="may have been sent; nobody can tell")
            if confirmed:
                return ev.StepSettled(key, StepState.DONE, reason="found sent")
        self.desk.emit(ev.StepIntended(key, action.name, token=once))
        await self.desk.durable()
        try:
            receipt = await self._performed(once)
        except CloudError as why:
            if why.sent:
                return await self._unsure(once, why)
            self.unsent = True  # so journalled, the next attempt and the next runner may send
            raise
        self.desk.emit(ev.StepWritten(key, receipt=dict(receipt)))
        return ev.StepSettled(key, StepState.DONE, output=dict(receipt))

    async def _performed(self, once: str) -> Mapping[str, Json]:
        """The receipt. A call that has begun is never abandoned: what it came to is recorded also when cancelled."""
        receipts: list[Mapping[str, Json]] = []
        try:
            await self.call(lambda: receipts.append(self.action.perform(self.params, once)))
        except asyncio.CancelledError:
            if receipts:
                self.sent = True
                self.desk.emit(ev.StepWritten(self.step.key, receipt=dict(receipts[0])))
            raise
        return receipts[0]

    async def _unsure(self, once: str, why: CloudError) -> ev.StepSettled:
        confirmed = await self.call(lambda: self.action.confirm(self.params, once))
        if confirmed is None:
            return ev.StepSettled(self.step.key, StepState.UNPROVEN, reason=f"may have been sent: {why}")
        if confirmed:
            return ev.StepSettled(self.step.key, StepState.DONE, reason="found sent")
        raise why
