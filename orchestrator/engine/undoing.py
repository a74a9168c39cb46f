"""An undo being carried out: look at every subject, ask for proof, and only then write, one subject after the other.

Laws: one value that somebody else has set, one look that fails, or one gaining Region without proof that it serves, and
nothing is written at all. A runner that takes an undo up again looks anew, and awaits what was written already.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestrator.engine.desk import Bound
from orchestrator.engine.restoring import not_serving, seen_back, write_back
from orchestrator.engine.scope import scope_of
from orchestrator.engine.undo import Return, returns
from orchestrator.engine.wishes import answered, refusal
from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.durations import show_duration
from orchestrator.model.errors import FailoverError, NotSimulated, UndeclaredOperation
from orchestrator.model.expressions import ExpressionError
from orchestrator.model.parameters import BadParameters
from orchestrator.model.states import ExecutionState, StepState
from orchestrator.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.engine.desk import Desk
    from orchestrator.engine.view import View
    from orchestrator.journal.requests import Request

_UNREADABLE = (FailoverError, ExpressionError, BadParameters)


class Held(Exception):
    """Nothing was written; says why."""


@dataclass(frozen=True)
class _Looked:
    """A subject that is to be returned, as it is now."""

    one: Return
    bound: Bound
    now: Json


class Undoing:
    """One undo. `append` makes what it is told durable before it returns."""

    stop = ""
    """Why to stop before the next subject, once somebody wants that."""

    def __init__(self, desk: Desk, view: View, append: Callable[[list[ev.Payload]], None]) -> None:
        self.desk, self._view, self._append = desk, view, append

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
        if wish is not None:
            self._append(answered(wish, rule))
        elif rule:
            self.tell(ev.ExecutionMoved(ExecutionState.PAUSED, f"not undone: {rule}"))
        if wanted and not rule:
            await self.carry_out(found, f"undone by {wish.actor}: {wish.reason}" if wish else "undone")

    def tell(self, payload: ev.Payload) -> None:
        """Make one event durable."""
        self._append([payload])

    async def looked(self) -> list[_Looked]:
        """What is to be returned, in order.

        Raises:
            Held: a look fails, a value is somebody else's, or a Region that gains callers is not proven to serve.
        """
        found = [each for one in returns(self.desk.record) if (each := await self._look(one)) is not None]
        gaining = {region for each in found for region in each.bound.action.gains(*_change(each))}
        if why := await not_serving(self.desk, sorted(gaining)):
            raise Held(f"{why}: nothing is sent to a place that does not serve")
        return found

    async def carry_out(self, found: list[_Looked], why: str) -> None:
        """Return each of them; the run ends `undone`, or pauses where one cannot be returned."""
        if self.desk.record.state is not ExecutionState.UNDOING:
            self.tell(ev.ExecutionMoved(ExecutionState.UNDOING, why))
        for each in found:
            one = each.one
            if self.stop:
                self.tell(ev.ExecutionMoved(ExecutionState.PAUSED, self.stop))
                return
            try:
                async with asyncio.timeout(one.step.deadline_s):
                    after = await self._return(each)
            except TimeoutError:
                late = f"{one.subject} was not seen back within {show_duration(one.step.deadline_s)}"
                self.tell(ev.ExecutionMoved(ExecutionState.PAUSED, late))
                return
            except _UNREADABLE as failed:
                self.tell(ev.ExecutionMoved(ExecutionState.PAUSED, f"{one.subject} was not returned: {failed}"))
                return
            self.tell(ev.UndoSettled(one.step.key, one.subject, StepState.UNDONE, after))
        self.tell(ev.ExecutionMoved(ExecutionState.UNDONE, why))

    async def _look(self, one: Return) -> _Looked | None:
        """None: it is there again already, and that is recorded once the undo has begun."""
        try:
            bound = Bound.of(self.desk, one.step.action, one.step.params, self._scope(one))
            now = await self.desk.calls.run(lambda: bound.action.observe(bound.params))
        except (NotSimulated, UndeclaredOperation):
            raise
        except _UNREADABLE as why:
            raise Held(f"{one.subject} cannot be read: {why}") from why
        theirs = one.subject not in self.desk.record.given_back
        action, params = bound.action, bound.params
        if theirs and not (action.still_ours(params, one.ours, now) or action.settled(params, one.value, now)):
            raise Held(f"{one.subject} is {_shown(now)}, not {_shown(one.ours)} as this run left it: somebody set it")
        return _Looked(one, bound, now)

    async def _return(self, each: _Looked) -> Json:
        one, bound = each.one, each.bound
        if bound.action.settled(bound.params, one.value, each.now):
            return each.now
        if one.subject not in self.desk.record.given_back:
            self.tell(ev.UndoIntended(one.step.key, one.subject, one.value))
            await write_back(self.desk, bound, each.now, one.value)
            self.tell(ev.UndoWritten(one.step.key, one.subject))
        return await seen_back(self.desk, one.step, bound, one.value)

    def _scope(self, one: Return) -> Any:
        return scope_of(self.desk.scope, self.desk.record, one.step)


def _change(each: _Looked) -> tuple[Any, Json, Json]:
    return each.bound.params, each.now, each.one.value


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
