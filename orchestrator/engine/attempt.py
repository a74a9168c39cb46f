"""How one item is carried out: four kinds, one coroutine each, over the same few primitives.

Setting: look, record the value before, record the intent, write, look until it is so. A resume runs the same code; a
finished setting is found `already so`. Effect: at most once where anybody can tell, else *unproven*. Nothing here
decides what runs next; nothing here touches the journal but through `Desk.emit` and `Desk.durable`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import tenacity

from orchestrator.engine.scope import with_steps
from orchestrator.model import events as ev
from orchestrator.model.actions import Check, Finding, Kind, Reading, Setting
from orchestrator.model.chance import token
from orchestrator.model.clock import moment, stamp
from orchestrator.model.durations import show_duration
from orchestrator.model.errors import (
    CloudError,
    FailoverError,
    NotFound,
    NotSimulated,
    UndeclaredOperation,
)
from orchestrator.model.expressions import ExpressionError, holds, resolve
from orchestrator.model.parameters import BadParameters, bind
from orchestrator.model.states import Mode, StepState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from orchestrator.cloud.calls import Calls
    from orchestrator.journal.replay import Replay, StepRecord
    from orchestrator.model.actions import Action, Call, Cloud
    from orchestrator.model.chance import Chance
    from orchestrator.model.clock import Clock
    from orchestrator.model.plan import PlannedStep
    from orchestrator.model.values import Json

T = TypeVar("T")
NOT_OURS_TO_HANDLE = (NotSimulated, UndeclaredOperation)
"""Errors that end the run instead of the step: nothing could be concluded from going on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said to an open gate."""

    yes: bool
    by: str
    reason: str = ""


class Desk(Protocol):
    """What an attempt needs of the runner."""

    execution: str
    clock: Clock
    chance: Chance
    calls: Calls
    catalogue: Mapping[str, type[Action[Any]]]
    scope: Mapping[str, Json]
    hands: Callable[[Collection[Call]], Cloud]
    proof: type[Check[Any]] | None
    """The check that a Region serves (law 3); its parameters take `region`."""

    @property
    def record(self) -> Replay:
        """The fold so far."""

    def emit(self, payload: ev.Payload) -> None:
        """Queue an event for the next commit."""

    def durable(self) -> Awaitable[None]:
        """Until everything emitted so far is committed."""

    def answers(self, key: str) -> asyncio.Queue[Answer]:
        """Answers to the gate `key`, as they come in."""

    def hurry(self) -> asyncio.Event:
        """Set once the run has switched to unplanned: holds end at once."""


class StepFailed(Exception):
    """The item ends `failed`, for this reason."""


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
            desk.emit(replace(done, state=StepState.HOLDING, reason=done.state))
        await _hold(desk, step, record)
    except NOT_OURS_TO_HANDLE:
        raise
    except (StepFailed, FailoverError, ExpressionError, BadParameters) as why:
        desk.emit(ev.StepSettled(step.key, StepState.FAILED, reason=str(why)))


async def _within(desk: Desk, step: PlannedStep, record: StepRecord) -> ev.StepSettled | None:
    """The item under its deadline. None: skipped by its own `when`."""
    scope = scope_of(desk, step)
    if step.when and not holds(step.when, scope):
        desk.emit(ev.StepSkipped(step.key, f"when {step.when} is false"))
        return None
    attempt = Attempt(desk, step, record, _action(desk, step.action, step.params, scope))
    if step.kind == Kind.GATE:
        return await attempt.gate()
    try:
        async with asyncio.timeout(step.deadline_s):
            return await attempt.run()
    except TimeoutError:
        waited = f"deadline of {show_duration(step.deadline_s)} passed"
        raise StepFailed(f"{waited}: {attempt.last_seen}" if attempt.last_seen else waited) from None


def scope_of(desk: Desk, step: PlannedStep) -> Mapping[str, Json]:
    """What the item's expressions see. Results of other steps are gathered only where they are read."""
    if _reads_steps(step.params) or "steps" in step.when or (step.guard and _reads_steps(step.guard.params)):
        return with_steps(desk.scope, desk.record, step.item)
    execution = {**desk.scope["execution"], "mode": desk.record.mode}
    return {**desk.scope, "execution": execution, "item": step.item}


def _reads_steps(value: Json) -> bool:
    if isinstance(value, str):
        return "${" in value and "steps" in value
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return any(_reads_steps(each) for each in members)


@dataclass(frozen=True, slots=True)
class Bound:
    """An action with its parameters, ready to be called."""

    action: Any
    params: Any


def _action(desk: Desk, name: str, params: Mapping[str, Json], scope: Mapping[str, Json]) -> Bound:
    kind = desk.catalogue[name]
    bound: Any = bind(kind.Params, resolve(params, scope) if params else {})
    return Bound(kind(desk.hands(kind.calls(bound))), bound)


class Attempt:
    """One item being carried out by one runner. `last_seen` is what a passed deadline is explained with."""

    def __init__(self, desk: Desk, step: PlannedStep, record: StepRecord, bound: Bound) -> None:
        self.desk, self.step, self.record = desk, step, record
        self.action, self.params = bound.action, bound.params
        self.last_seen = ""
        self.attempts = max(record.attempts, 1)

    async def run(self) -> ev.StepSettled:
        """Look, write, look; ask until it holds; or send at most once."""
        if isinstance(self.action, Setting):
            return await self._retried(self.setting)
        if isinstance(self.action, Check):
            return await self.check()
        return await self._retried(self.effect)

    # --- settings -----------------------------------------------------------------------------------------------

    async def setting(self) -> ev.StepSettled:
        """One look, write, look. Raises what the calls raise."""
        action, params, key = self.action, self.params, self.step.key
        subject = action.subject(params)
        before = await self._call(lambda: action.observe(params))
        if not self.record.has_before or before != self.record.before:
            self.desk.emit(ev.StepBefore(key, subject, before))
        target = action.target(params, before)
        if action.settled(params, target, before):
            ours = self.record.intended
            return ev.StepSettled(key, StepState.DONE if ours else StepState.ALREADY_SO, after=before)
        failures = await self._write(subject, before, target)
        after = await self._look_until(target)
        if failures:
            raise StepFailed("; ".join(failures))
        return ev.StepSettled(key, StepState.DONE, after=after)

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
                await self._call(lambda part=part: self.action.write(self.params, part))  # type: ignore[misc]
            except NotFound as why:
                if len(parts) == 1:
                    raise
                # One member of a bulk that is gone must not stop the others.
                failures.append(str(why))
                self._failed(why, None, part=str(part))
            self.desk.emit(ev.StepWritten(self.step.key, part=number, parts=len(parts)))
        return failures

    async def _look_until(self, target: Json) -> Json:
        """Look until the target is observed; a level that must be kept up is written again meanwhile."""
        action, params, waited_s = self.action, self.params, 0.0
        while True:
            now = await self._call(lambda: action.observe(params))
            if action.settled(params, target, now):
                return now
            self.last_seen = f"still {now!r}"
            await asyncio.sleep(action.interval_s)
            waited_s += action.interval_s
            if action.rewrite_s is not None and waited_s >= action.rewrite_s:
                waited_s = 0.0
                for part in action.parts(params, now, target):
                    await self._call(lambda part=part: action.write(params, part))  # type: ignore[misc]

    # --- checks -------------------------------------------------------------------------------------------------

    async def check(self, sample: str = "probe") -> ev.StepSettled:
        """Ask until it holds often enough in a row. A read that fails is unknown, and asked again."""
        in_a_row, told = 0, None
        while True:
            finding = await self.ask()
            seen = (finding.reading, finding.what)
            if seen != told:
                self.desk.emit(sample_of(sample, self.step.key, finding))
                told = seen
            in_a_row = in_a_row + 1 if finding.reading is Reading.HOLDS else 0
            if in_a_row >= self.action.in_a_row:
                return ev.StepSettled(
                    self.step.key, StepState.DONE, reason=finding.what, output=dict(finding.evidence) or None
                )
            if finding.reading is Reading.FAILS:
                raise StepFailed(finding.what)
            self.last_seen = f"{finding.reading}: {finding.what}"
            await asyncio.sleep(self.action.interval_s)

    async def ask(self) -> Finding:
        """Probe once; a failed read is its own answer."""
        return await self.asked(self.desk.calls, self.action, self.params)

    @staticmethod
    async def asked(calls: Calls, check: Check[Any], params: Any) -> Finding:
        """Probe once, outside of any step."""
        try:
            finding = await calls.run(lambda: check.probe(params))
        except NOT_OURS_TO_HANDLE:
            raise
        except FailoverError as why:
            return Finding(Reading.UNKNOWN, str(why))
        return finding

    # --- effects ------------------------------------------------------------------------------------------------

    async def effect(self) -> ev.StepSettled:
        """At most once: what may have been sent is confirmed, or left unproven, never sent again blindly."""
        action, params, key = self.action, self.params, self.step.key
        once = token(self.desk.execution, key)
        if self.record.parts_written:
            return ev.StepSettled(key, StepState.DONE, reason="sent before the restart")
        if self.record.intended:
            confirmed = await self._call(lambda: action.confirm(params, once))
            if confirmed is None:
                return ev.StepSettled(key, StepState.UNPROVEN, reason="may have been sent; nobody can tell")
            if confirmed:
                return ev.StepSettled(key, StepState.DONE, reason="found sent")
        self.desk.emit(ev.StepIntended(key, action.name, token=once))
        await self.desk.durable()
        try:
            receipt = await self._call(lambda: action.perform(params, once))
        except CloudError as why:
            if why.sent:
                return await self._unsure(once, why)
            raise
        self.desk.emit(ev.StepWritten(key, receipt=dict(receipt)))
        return ev.StepSettled(key, StepState.DONE, output=dict(receipt))

    async def _unsure(self, once: str, why: CloudError) -> ev.StepSettled:
        confirmed = await self._call(lambda: self.action.confirm(self.params, once))
        if confirmed is None:
            return ev.StepSettled(self.step.key, StepState.UNPROVEN, reason=f"may have been sent: {why}")
        if confirmed:
            return ev.StepSettled(self.step.key, StepState.DONE, reason="found sent")
        raise why

    # --- gates --------------------------------------------------------------------------------------------------

    async def gate(self) -> ev.StepSettled:
        """Ask, and wait until enough people said yes, one said no, or the time is up (kept over a resume)."""
        step, question = self.step, self.action.question(self.params)
        opened = self.desk.record.open_gates.get(step.key)
        if opened is None:
            until = self.desk.clock.now() + timedelta(seconds=step.deadline_s)
            opened = ev.GateOpened(step.key, question.text, question.approvers, stamp(until), step.on_silence)
            self.desk.emit(opened)
        yes = {each.by for each in self.desk.record.answers.get(step.key, ()) if each.answer == "approved"}
        left_s = (moment(opened.deadline) - self.desk.clock.now()).total_seconds()
        try:
            async with asyncio.timeout(max(left_s, 0.0)):
                while len(yes) < question.yeses:
                    answer = await self.desk.answers(step.key).get()
                    word = "approved" if answer.yes else "rejected"
                    self.desk.emit(ev.GateAnswered(step.key, word, answer.by, answer.reason))
                    if not answer.yes:
                        raise StepFailed(f"rejected by {answer.by}: {answer.reason or 'no reason given'}")
                    yes.add(answer.by)
        except TimeoutError:
            return self._silence()
        return ev.StepSettled(step.key, StepState.DONE, reason=f"approved by {', '.join(sorted(yes))}")

    def _silence(self) -> ev.StepSettled:
        step = self.step
        self.desk.emit(ev.GateAnswered(step.key, "silence", by="nobody"))
        nobody = f"nobody answered within {show_duration(step.deadline_s)}"
        unplanned = self.desk.record.mode == Mode.UNPLANNED
        if step.on_silence == "proceed" or (step.on_silence == "proceed-unplanned" and unplanned):
            return ev.StepSettled(step.key, StepState.DONE, reason=f"{nobody}; on_silence: {step.on_silence}")
        raise StepFailed(f"{nobody}; on_silence: {step.on_silence}")

    # --- primitives ---------------------------------------------------------------------------------------------

    async def _call(self, work: Callable[[], T]) -> T:
        return await self.desk.calls.run(work)

    async def _retried(self, work: Callable[[], Awaitable[ev.StepSettled]]) -> ev.StepSettled:
        """Again while the error says that a retry can help. Waits are tenacity's; the jitter is the run's own."""
        policy, chance = self.step.retry, None

        def wait_s(state: tenacity.RetryCallState) -> float:
            nonlocal chance
            chance = chance or self.desk.chance.stream(f"{self.desk.execution}/{self.step.key}/retry")
            base = tenacity.wait_exponential(multiplier=policy.wait_s, max=policy.wait_s_max)(state)
            return base * (0.5 + chance.random() / 2)

        def told(state: tenacity.RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            self._failed(error, state.next_action.sleep if state.next_action else None)
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
            self._failed(why, None)
            raise StepFailed(str(why)) from why

    def _failed(self, why: BaseException | None, retry_in_s: float | None, part: str = "") -> None:
        code = getattr(why, "code", "") or type(why).__name__
        self.last_seen = str(why)
        wait = None if retry_in_s is None else round(retry_in_s, 3)
        self.desk.emit(ev.StepAttemptFailed(self.step.key, self.attempts, str(why), code, wait, part))


def sample_of(name: str, key: str, finding: Finding) -> ev.Sample:
    """What a probe saw, for the journal."""
    values = {"reading": finding.reading.value, "what": finding.what, "evidence": dict(finding.evidence)}
    return ev.Sample(name, values, step=key)


async def _hold(desk: Desk, step: PlannedStep, record: StepRecord) -> None:
    """What follows an item of a series before the next: the rest of its hold, then its guard, probed afresh."""
    ended = f"held {show_duration(step.hold_s)}" if step.hold_s else ""
    await desk.durable()
    since = moment(record.settled_at)
    left_s = step.hold_s - (desk.clock.now() - since).total_seconds()
    if left_s > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(desk.hurry().wait(), left_s)
    if desk.hurry().is_set():
        desk.emit(ev.StepSettled(step.key, StepState.DONE, reason="switched to unplanned: hold and guard left out"))
        return
    if step.guard is not None:
        ended = await _guarded(desk, step, record)
    desk.emit(ev.StepSettled(step.key, StepState.DONE, reason=ended))


async def _guarded(desk: Desk, step: PlannedStep, record: StepRecord) -> str:
    guard = step.guard
    assert guard is not None  # noqa: S101 - narrowed by the caller
    scope = scope_of(desk, step)
    attempt = Attempt(desk, step, record, _action(desk, guard.action, guard.params, scope))
    try:
        async with asyncio.timeout(guard.deadline_s):
            return f"guard holds: {(await attempt.check('guard')).reason}"
    except TimeoutError:
        why = f"guard {guard.action} did not hold within {show_duration(guard.deadline_s)}: {attempt.last_seen}"
    except StepFailed as failed:
        why = f"guard {guard.action} fails: {failed}"
    if desk.record.mode == Mode.PLANNED:
        why = f"{why}; {await _return(desk, step, scope)}"
    raise StepFailed(why)


async def _return(desk: Desk, step: PlannedStep, scope: Mapping[str, Json]) -> str:
    """Write the series' first value back, if every Region that gains callers by it is proven to serve (law 3)."""
    bound = _action(desk, step.action, step.params, scope)
    action, params = bound.action, bound.params
    if not isinstance(action, Setting):
        return "nothing to return"
    subject = action.subject(params)
    first, ours = desk.record.before_of[subject], desk.record.written_of.get(subject)
    now = await desk.calls.run(lambda: action.observe(params))
    if now == first:
        return "nothing to return"
    if ours is None or not action.settled(params, ours, now):
        return "not returned: somebody else has changed it since"
    for region in action.gains(params, now, first):
        finding = await _serves(desk, step, region)
        if finding.reading is not Reading.HOLDS:
            return f"not returned: {region} is not proven to serve ({finding.what})"
    desk.emit(ev.StepIntended(step.key, subject, target=first))
    await desk.durable()
    for part in action.parts(params, now, first):
        await desk.calls.run(lambda part=part: action.write(params, part))  # type: ignore[misc]
    attempt = Attempt(desk, step, desk.record.record_of(step.key), bound)
    async with asyncio.timeout(step.deadline_s):
        await attempt._look_until(first)  # noqa: SLF001 - same module
    return "returned to the values before the series"


async def _serves(desk: Desk, step: PlannedStep, region: str) -> Finding:
    if desk.proof is None:
        return Finding(Reading.UNKNOWN, "no proof of service is configured")
    bound = _action(desk, desk.proof.name, {"region": region}, {})
    return await Attempt(desk, step, desk.record.record_of(step.key), bound).ask()
