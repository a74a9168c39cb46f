"""What follows an item of a series before the next: the rest of its hold, then its guard, then perhaps the return.

A hold counts from the journalled settling, so that a resume waits the rest; a guard is probed afresh. On a good day a
guard that fails returns the series to its first value, never without proof that those who gain callers serve (law 3).
A switch to unplanned ends all of it at once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from orchestrator.engine.check import GuardAttempt
from orchestrator.engine.desk import NOT_OURS_TO_HANDLE, Bound, StepFailed
from orchestrator.engine.restoring import may_be_ours, not_serving, seen_back, write_back
from orchestrator.engine.scope import scope_of
from orchestrator.model import events as ev
from orchestrator.model.actions import Setting
from orchestrator.model.clock import moment
from orchestrator.model.durations import show_duration
from orchestrator.model.errors import FailoverError
from orchestrator.model.states import Mode, StepState

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from orchestrator.engine.desk import Desk
    from orchestrator.journal.record import StepRecord
    from orchestrator.model.plan import PlannedStep
    from orchestrator.model.values import Json

T = TypeVar("T")
LEFT_OUT = "switched to unplanned: hold and guard left out"


class Hurried(Exception):
    """The run was switched to unplanned meanwhile."""


async def hold(desk: Desk, step: PlannedStep, record: StepRecord) -> None:
    """Hold, guard, and emit how the item settles.

    Raises:
        StepFailed: the guard does not hold; the reason says what became of the return.
    """
    ended = f"held {show_duration(step.hold_s)}" if step.hold_s else ""
    await desk.durable()
    since = moment(record.settled_at)
    passed_s = (desk.clock.now() - since).total_seconds()
    left_s = step.hold_s - max(passed_s, 0.0)  # a clock that was set back makes no hold longer
    if left_s > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(desk.hurry().wait(), left_s)
    if desk.hurry().is_set():
        desk.emit(ev.StepSettled(step.key, StepState.DONE, reason=LEFT_OUT))
        return
    if step.guard is not None:
        ended = await _guarded(desk, step, record)
    desk.emit(ev.StepSettled(step.key, StepState.DONE, reason=ended))


async def _guarded(desk: Desk, step: PlannedStep, record: StepRecord) -> str:
    guard = step.guard
    assert guard is not None  # noqa: S101 - narrowed by the caller
    scope = scope_of(desk.scope, desk.record, step)
    attempt = GuardAttempt(desk, step, record, Bound.of(desk, guard.action, guard.params, scope))
    try:
        async with asyncio.timeout(guard.deadline_s):
            return f"guard holds: {(await _unless_hurried(desk, attempt.run())).reason}"
    except TimeoutError:
        why = f"guard {guard.action} did not hold within {show_duration(guard.deadline_s)}: {attempt.last_seen}"
    except StepFailed as failed:
        why = f"guard {guard.action} fails: {failed}"
    except Hurried:
        return LEFT_OUT
    if desk.record.mode == Mode.PLANNED:
        why = f"{why}; {await _returned(desk, step, scope)}"
    raise StepFailed(why)


async def _unless_hurried(desk: Desk, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, unless the run is switched to unplanned first.

    Raises:
        Hurried: it was; `work` has ended by then.
    """
    working, hurry = asyncio.ensure_future(work), asyncio.ensure_future(desk.hurry().wait())
    try:
        await asyncio.wait((working, hurry), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Hurried
        return working.result()
    finally:
        hurry.cancel()
        working.cancel()
        await asyncio.gather(working, hurry, return_exceptions=True)


async def _returned(desk: Desk, step: PlannedStep, scope: Mapping[str, Json]) -> str:
    """What became of the return, in words; the guard's own reason must not be lost to it."""
    try:
        async with asyncio.timeout(step.deadline_s):
            return await _return(desk, step, scope)
    except NOT_OURS_TO_HANDLE:
        raise
    except TimeoutError:
        return f"the return was not observed within {show_duration(step.deadline_s)}"
    except FailoverError as why:
        return f"the return failed: {why}"


async def _return(desk: Desk, step: PlannedStep, scope: Mapping[str, Json]) -> str:
    """Write back what was there before the series, if every Region that gains callers is proven to serve (law 3)."""
    bound = Bound.of(desk, step.action, step.params, scope)
    action, params = bound.action, bound.params
    if not isinstance(action, Setting):
        return "nothing to return"
    subject = action.subject(params)
    first, left = _before_series(desk, step, subject), desk.record.left_of.get(subject)
    now = await desk.calls.run(lambda: action.observe(params))
    if action.settled(params, first, now):
        return "nothing to return"
    if left is None or not may_be_ours(bound, left, now):
        return "not returned: somebody else has changed it since"
    if why := await not_serving(desk, action.gains(params, now, first)):
        return f"not returned: {why}"
    desk.emit(ev.StepIntended(step.key, subject, target=first))
    await desk.durable()
    await write_back(desk, bound, now, first)
    await seen_back(desk, step, bound, first)
    return "returned to the values before the series"


def _before_series(desk: Desk, step: PlannedStep, subject: str) -> Json:
    """What the series' first item of this subject found: an earlier step may have written the subject too."""
    for record in desk.record.steps.values():
        if record.planned.step == step.step and record.subject == subject:
            return record.before
    raise AssertionError(f"{step.key} wrote {subject} without looking")
