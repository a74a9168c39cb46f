"""From an item to its settling: its condition, its kind, its deadline, and what follows it in a series.

Nothing here decides what runs next.
"""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING

from orchestrator.engine.check import CheckAttempt
from orchestrator.engine.desk import NOT_OURS_TO_HANDLE, Bound, StepFailed
from orchestrator.engine.effect import EffectAttempt
from orchestrator.engine.gate import GateAttempt
from orchestrator.engine.scope import scope_of
from orchestrator.engine.series import hold
from orchestrator.engine.setting import SettingAttempt
from orchestrator.model import events as ev
from orchestrator.model.actions import Kind
from orchestrator.model.durations import show_duration
from orchestrator.model.errors import FailoverError
from orchestrator.model.expressions import ExpressionError, holds
from orchestrator.model.parameters import BadParameters
from orchestrator.model.states import StepState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.engine.attempt import Attempt
    from orchestrator.engine.desk import Desk
    from orchestrator.journal.record import StepRecord
    from orchestrator.model.plan import PlannedStep

ATTEMPTS: Mapping[Kind, type[Attempt]] = MappingProxyType(
    {
        Kind.SETTING: SettingAttempt,
        Kind.CHECK: CheckAttempt,
        Kind.EFFECT: EffectAttempt,
        Kind.GATE: GateAttempt,
    }
)
"""How each kind is carried out."""


async def carry_out(desk: Desk, step: PlannedStep) -> None:
    """Carry one item out and emit its settling. Only cancellation and `NOT_OURS_TO_HANDLE` come out of here."""
    record = desk.record.record_of(step.key)
    try:
        if record.state is not StepState.HOLDING:
            done = await _within(desk, step, record)
            if done is None:
                return
            if step.last or not (step.hold_s or step.guard):
                desk.emit(done)
                return
            desk.emit(done.but(state=StepState.HOLDING, reason=done.state))
        await hold(desk, step, record)
    except NOT_OURS_TO_HANDLE:
        raise
    except (StepFailed, FailoverError, ExpressionError, BadParameters) as why:
        desk.emit(ev.StepSettled(step.key, StepState.FAILED, reason=str(why)))
    except Exception as why:  # noqa: BLE001 - actions are anybody's code: a fault in one must not end the whole run
        fault = f"fault in {step.action}: {type(why).__name__}: {why}"
        desk.emit(ev.StepSettled(step.key, StepState.FAILED, reason=fault))


async def _within(desk: Desk, step: PlannedStep, record: StepRecord) -> ev.StepSettled | None:
    """The item under its deadline. None: skipped by its own `when`."""
    scope = scope_of(desk.scope, desk.record, step)
    if step.when and not holds(step.when, scope):
        desk.emit(ev.StepSkipped(step.key, f"when {step.when} is false"))
        return None
    bound = Bound.of(desk, step.action, step.params, scope)
    attempt = ATTEMPTS[bound.action.kind](desk, step, record, bound)
    if isinstance(attempt, GateAttempt):
        return await attempt.run()  # which keeps its own time: a gate's deadline outlives its runner
    try:
        async with asyncio.timeout(step.deadline_s):
            return await attempt.run()
    except TimeoutError:
        return attempt.overdue(f"deadline of {show_duration(step.deadline_s)} passed")
