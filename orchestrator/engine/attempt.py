"""One item being carried out by one runner: what the four kinds share, retrying above all.

A kind is one class in a file of its own: `setting.py`, `check.py`, `effect.py`, `gate.py`. Nothing here decides what
runs next. A resume runs the same code from its beginning, and looks before it acts.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeVar

import tenacity

from orchestrator.engine.desk import NOT_OURS_TO_HANDLE, StepFailed
from orchestrator.model import events as ev
from orchestrator.model.errors import FailoverError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from orchestrator.engine.desk import Bound, Desk
    from orchestrator.journal.record import StepRecord
    from orchestrator.model.plan import PlannedStep

T = TypeVar("T")


class Attempt(ABC):
    """`last_seen` is what a passed deadline is explained with."""

    def __init__(self, desk: Desk, step: PlannedStep, record: StepRecord, bound: Bound) -> None:
        self.desk, self.step, self.record = desk, step, record
        self.action, self.params = bound.action, bound.params
        self.last_seen = ""
        self.unsent = False
        """Whether what failed last was an effect that surely was not sent."""
        self.attempts = max(record.attempts, 1)

    @abstractmethod
    async def run(self) -> ev.StepSettled:
        """Carry it out; how it ended well.

        Raises:
            StepFailed: how it ended badly.
            FailoverError: of a call, where the kind is not retried.
        """

    def overdue(self, why: str) -> ev.StepSettled:
        """How it ends when its deadline has passed.

        Raises:
            StepFailed: as it does for nearly all.
        """
        raise StepFailed(f"{why}: {self.last_seen}" if self.last_seen else why)

    async def call(self, work: Callable[[], T]) -> T:
        """What a blocking call returns or raises."""
        return await self.desk.calls.run(work)

    async def retried(self, work: Callable[[], Awaitable[T]]) -> T:
        """Again while the error says that a retry can help. Waits are tenacity's; the jitter is the run's own."""
        policy, chance = self.step.retry, None

        def wait_s(state: tenacity.RetryCallState) -> float:
            nonlocal chance
            chance = chance or self.desk.chance.stream(f"{self.desk.execution}/{self.step.key}/retry")
            base = tenacity.wait_exponential(multiplier=policy.wait_s, max=policy.wait_s_max)(state)
            return base * (0.5 + chance.random() / 2)

        def told(state: tenacity.RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            self.failed(error, state.next_action.sleep if state.next_action else None)
            self.attempts += 1

        again = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(policy.attempts), wait=wait_s, before_sleep=told, reraise=True,
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, FailoverError) and error.retryable),
            sleep=asyncio.sleep,
        )  # fmt: skip
        try:
            return await again(work)
        except NOT_OURS_TO_HANDLE:
            raise
        except FailoverError as why:
            self.failed(why, None)
            raise StepFailed(str(why)) from why

    def failed(self, why: BaseException | None, retry_in_s: float | None, part: str = "") -> None:
        """Record one attempt that ended in an error, or one part of it."""
        code = getattr(why, "code", "") or type(why).__name__
        self.last_seen = str(why)
        wait = None if retry_in_s is None else round(retry_in_s, 3)
        self.desk.emit(ev.StepAttemptFailed(self.step.key, self.attempts, str(why), code, wait, part, self.unsent))
