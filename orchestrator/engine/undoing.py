"""An undo being carried out: look at every subject, ask for proof, and only then write, one subject after the other.

Laws: one value that somebody else has set, one look that fails, or one gaining Region without proof that it serves, and
nothing is written at all; each is looked at, and proven, once more in the moment before it is written. A runner that
takes an undo up again looks anew, and awaits what was written already; what never came is written again if asked for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from orchestrator.engine.desk import Bound, StepFailed
from orchestrator.engine.ending import undone
from orchestrator.engine.restoring import may_be_ours, not_serving, seen_back, write_back
from orchestrator.engine.scope import scope_of
from orchestrator.engine.setting import SettingAttempt
from orchestrator.engine.undo import Return, returns
from orchestrator.engine.wishes import answered, by, refusal
from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.durations import show_duration
from orchestrator.model.errors import FailoverError, NotSimulated, UndeclaredOperation
from orchestrator.model.expressions import ExpressionError
from orchestrator.model.parameters import BadParameters
from orchestrator.model.states import ExecutionState, StepState
from orchestrator.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from orchestrator.engine.desk import Desk
    from orchestrator.engine.view import View
    from orchestrator.journal.requests import Request

_UNREADABLE = (FailoverError, ExpressionError, BadParameters)


class Held(Exception):
    """Nothing may be written; says why."""


@dataclass(frozen=True)
class _Looked:
    """A subject that is to be returned, as it is now."""

    one: Return
    bound: Bound
    now: Json


class Undoing:
    """One undo. `append` makes what it is told durable before it returns."""

    def __init__(self, desk: Desk, view: View, append: Callable[[list[ev.Payload]], None]) -> None:
        self.desk, self._view, self._append = desk, view, append
        self._stop = ""
        """Why to stop before anything more is written, once somebody wants that."""
        self._awaits: asyncio.Timeout | None = None

    def leave(self, why: str) -> None:
        """Stop once the write in flight has settled. What was written is awaited by whoever goes on."""
        self._stop = why
        if self._awaits is not None:
            self._awaits.reschedule(asyncio.get_running_loop().time())

    def asked(self, wish: Request) -> str:
        """Take a note down, and refuse everything else; the rule, journalled either way."""
        note = wish.verb is Verb.NOTE
        rule = refusal(self._view, wish) if note else "the execution is being undone"
        self._append(answered(wish, rule))
        return rule

    async def answer(self, wish: Request | None) -> None:
        """Undo, or say why not. Without a wish, or with one to resume, go on with an undo that was left."""
        rule = refusal(self._view, wish, live=False) if wish else ""
        wanted = wish is None or wish.verb in (Verb.UNDO, Verb.RESUME)
        found: list[_Looked] = []
        if wanted and not rule:
            try:
                found = await self.looked()
            except Held as why:
                rule = str(why)
            rule = rule or self._stop
        if wish is not None:
            self._append(answered(wish, rule))
        if wanted and not rule:
            await self.carry_out(found, by("undone", wish.actor, wish.reason) if wish else "undone")
        elif wanted and self.desk.record.state is ExecutionState.UNDOING:  # a person has to decide
            self.tell(ev.ExecutionMoved(ExecutionState.PAUSED, f"not undone: {rule}"))

    def tell(self, payload: ev.Payload) -> None:
        """Make one event durable."""
        self._append([payload])

    async def looked(self) -> list[_Looked]:
        """What is to be returned, in order.

        Raises:
            Held: a look fails, a value is somebody else's, or a Region that gains callers is not proven to serve.
        """
        found = [await self._look(one) for one in returns(self.desk.record)]
        gaining = {region for each in found for region in each.bound.action.gains(*_change(each))}
        await self._proven(gaining)
        return found

    async def carry_out(self, found: list[_Looked], why: str) -> None:
        """Return each of them; the run ends `undone`, or pauses where one cannot be returned."""
        if self.desk.record.state is not ExecutionState.UNDOING:
            self.tell(ev.ExecutionMoved(ExecutionState.UNDOING, why))
        for each in found:
            one = each.one
            try:
                after = await self._return(one, each.bound)
            except TimeoutError:
                late = f"{one.subject} was not seen back within {show_duration(one.step.deadline_s)}"
                self._pause(one, self._stop or late)
                return
            except (*_UNREADABLE, StepFailed, Held) as failed:
                self._pause(one, f"{one.subject} was not returned: {failed}")
                return
            self.tell(ev.UndoSettled(one.step.key, one.subject, StepState.UNDONE, after))
            if self._stop and each is not found[-1]:
                self.tell(ev.ExecutionMoved(ExecutionState.PAUSED, self._stop))
                return
        self._append(undone(self.desk.record, why))

    def _pause(self, one: Return, why: str) -> None:
        """A person decides. What was written and never came may be written again, unless somebody only left."""
        if not self._stop and one.subject in self.desk.record.given_back:
            self.tell(ev.UndoSettled(one.step.key, one.subject, StepState.FAILED))
        self.tell(ev.ExecutionMoved(ExecutionState.PAUSED, why))

    async def _look(self, one: Return) -> _Looked:
        try:
            bound = Bound.of(self.desk, one.step.action, one.step.params, self._scope(one))
            subject = bound.action.subject(bound.params)
            if subject != one.subject:
                raise Held(
                    f"{one.step.key} is about {subject} now, and wrote {one.subject}: nothing is returned blindly"
                )
            now = await self.desk.calls.run(lambda: bound.action.observe(bound.params))
        except (NotSimulated, UndeclaredOperation):
            raise
        except _UNREADABLE as why:
            raise Held(f"{one.subject} cannot be read: {why}") from why
        self._hold_if_foreign(one, bound, now)
        return _Looked(one, bound, now)

    async def _proven(self, gaining: Iterable[str]) -> None:
        if why := await not_serving(self.desk, sorted(gaining)):
            raise Held(f"{why}: nothing is sent to a place that does not serve")

    async def _return(self, one: Return, bound: Bound) -> Json:
        """Write it, unless that was done already, and wait until it is seen: each in the step's own time.

        Raises:
            TimeoutError: it took longer, or somebody has left.
        """
        step = one.step
        if one.subject not in self.desk.record.given_back:
            attempt = SettingAttempt(self.desk, step, self.desk.record.record_of(step.key), bound)
            async with asyncio.timeout(step.deadline_s):
                written = await attempt.retried(partial(self._write, one, bound))
            if not written:
                return await self.desk.calls.run(lambda: bound.action.observe(bound.params))
            self.tell(ev.UndoWritten(step.key, one.subject))
        try:
            async with asyncio.timeout(0.0 if self._stop else step.deadline_s) as self._awaits:
                return await seen_back(self.desk, step, bound, one.value)
        finally:
            self._awaits = None

    async def _write(self, one: Return, bound: Bound) -> bool:
        """Look once more, and write unless it is there already; whether anything was written."""
        now = await self.desk.calls.run(lambda: bound.action.observe(bound.params))
        if bound.action.settled(bound.params, one.value, now):
            return False
        self._hold_if_foreign(one, bound, now)
        await self._proven(bound.action.gains(bound.params, now, one.value))
        if self._stop:
            raise Held(self._stop)
        self.tell(ev.UndoIntended(one.step.key, one.subject, one.value))
        await write_back(self.desk, bound, now, one.value)
        return True

    def _hold_if_foreign(self, one: Return, bound: Bound, now: Json) -> None:
        """Raises Held: `now` is neither what this run may have left there, nor what is to be there."""
        left = self.desk.record.left_of[one.subject]
        if not (bound.action.settled(bound.params, one.value, now) or may_be_ours(bound, left, now)):
            theirs, ours = _differing(now, left)
            seen = f"{_shown(theirs)}, not {_shown(ours)} as this run left it"
            raise Held(f"{one.step.key}: {one.subject} is {seen}: somebody set it")

    def _scope(self, one: Return) -> Any:
        return scope_of(self.desk.scope, self.desk.record, one.step)


def _change(each: _Looked) -> tuple[Any, Json, Json]:
    return each.bound.params, each.now, each.one.value


def _differing(now: Json, left: Sequence[Json]) -> tuple[Json, Json]:
    """Of a mapping, only the members that are not ours: theirs, and ours."""
    latest = left[-1]
    if not (isinstance(now, Mapping) and isinstance(latest, Mapping)):
        return now, latest
    theirs = [key for key in now if now[key] not in [each.get(key) for each in left if isinstance(each, Mapping)]]
    return {key: now[key] for key in theirs} or now, {key: latest.get(key) for key in theirs} or latest


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
