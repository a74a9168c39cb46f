"""The life of one execution: what was emitted and what `decide` makes of it, committed in groups, and then done.

Events emitted in one turn of the event loop, and the starts that they release, go to disk in one commit; only then does
what they say begin or end. So an event is durable before anything depends on it, and a chain pays one commit a link.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from orchestrator.engine.carry import carry_out
from orchestrator.engine.decide import decide
from orchestrator.engine.desk import NOT_OURS_TO_HANDLE
from orchestrator.engine.ending import failed, skipped
from orchestrator.engine.scribe import Scribe
from orchestrator.engine.tasks import Tasks
from orchestrator.engine.undoing import Undoing
from orchestrator.engine.wishes import TAKES_UP, judged, refusal
from orchestrator.journal.requests import Request, Verb
from orchestrator.model import events as ev
from orchestrator.model.clock import stamp
from orchestrator.model.states import EXECUTION_MAY_BECOME, ExecutionState, StepState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from orchestrator.cloud.calls import Calls
    from orchestrator.journal.record import StepRecord
    from orchestrator.journal.replay import Replay
    from orchestrator.journal.store import Journal
    from orchestrator.model.actions import Action, Call, Check, Cloud
    from orchestrator.model.chance import Chance
    from orchestrator.model.clock import Clock
    from orchestrator.model.values import Json

SLOTS = 64
_BUSY = (StepState.RUNNING, StepState.HOLDING)
_NOBODY = "no runner is at work on it: ask again, or resume it"


class Runner:
    """Runs one execution to its end, or until it pauses. Implements `desk.Desk`."""

    def __init__(  # noqa: PLR0913 - wiring passes everything by name
        self,
        execution: str,
        *,
        journal: Journal,
        clock: Clock,
        chance: Chance,
        calls: Calls,
        catalogue: Mapping[str, type[Action[Any]]],
        hands: Callable[[Collection[Call]], Cloud],
        scope: Mapping[str, Json],
        proof: type[Check[Any]] | None = None,
        actor: str = "runner",
        slots: int = SLOTS,
    ) -> None:
        self.execution, self.clock, self.chance, self.calls = execution, clock, chance, calls
        self.catalogue, self.hands, self.scope, self.proof = catalogue, hands, scope, proof
        self._scribe, self._tasks, self._slots = Scribe(execution, journal, clock, actor), Tasks(self._landed), slots
        self._view = self._scribe.view
        self._answers: dict[str, asyncio.Event] = {}
        self._hurry = asyncio.Event()
        self._rest: asyncio.Future[None] | None = None
        self._flush_due = self._flushing = False
        self._first: Request | None = None
        self._undoing: Undoing | None = None

    # --- what attempts see (Desk) --------------------------------------------------------------------------------

    @property
    def record(self) -> Replay:
        """The fold so far."""
        return self._view.record

    def emit(self, payload: ev.Payload) -> None:
        """Queue an event for the commit at the end of this turn of the loop. After the end nothing is taken."""
        if self._at_work():
            self._scribe.noted.append(payload)
            self._due()

    def durable(self) -> Awaitable[None]:
        """Until everything emitted so far is committed."""
        self._due()
        return self._scribe.durable()

    def answers(self, key: str) -> asyncio.Event:
        """Set once another answer to the gate `key` is journalled; the record holds it."""
        return self._answers.setdefault(key, asyncio.Event())

    def hurry(self) -> asyncio.Event:
        """Set once the run has switched to unplanned."""
        return self._hurry

    # --- life ----------------------------------------------------------------------------------------------------

    def load(self) -> Replay:
        """Take in what the journal holds; a runner continues exactly there."""
        self._scribe.load()
        if self._view.switched:
            self._hurry.set()
        return self.record

    def first(self, wish: Request) -> None:
        """Judge this before anything else. A run that was paused or left alone stays so unless the wish takes it up."""
        self._first = wish

    def open(self, *payloads: ev.Payload) -> None:
        """Append, durably, what comes before the run: its creation, the lease."""
        self._scribe.append(payloads)

    def listen(self, listener: Callable[[ev.Event], None]) -> None:
        """Tell `listener` of every event once it is durable."""
        self._scribe.listen(listener)

    def tell(self, payload: ev.Payload) -> None:
        """Record something that happened around the run: with the next commit while it runs, else at once."""
        if self._at_work():
            self.emit(payload)
        else:
            self._scribe.append([payload])

    async def run(self) -> Replay:
        """Run until the execution ends or pauses. A second runner of the same execution looks before it acts.

        Raises:
            HeldElsewhere: somebody else has appended to this execution.
            NotSimulated, UndeclaredOperation: a step did what nothing can be concluded from.
        """
        wish = self._first
        left_undoing = self.record.state is ExecutionState.UNDOING and (wish is None or wish.verb is not Verb.ABORT)
        if left_undoing or (wish is not None and wish.verb is Verb.UNDO):
            return await self._undo(wish)
        left_running = list(self._view.running)
        asked = judged(self._view, self._first, live=False) if self._first else []
        self._scribe.append(asked)
        if self._first and not self._goes_on(asked):
            return self.record
        self._rest = asyncio.get_running_loop().create_future()
        self._take_up(left_running)
        for payload in asked:
            self._follow(payload)
        self._due()
        try:
            await self._rest
        except NOT_OURS_TO_HANDLE as why:
            await self._tasks.settle()
            self._scribe.append(self._scribe.take())
            self._scribe.append(failed(self.record, str(why)))
            raise
        finally:
            await self._tasks.settle()
        if failed_so := next((step for step in self._view.failures.values() if self._asks_for_undo(step)), None):
            return await self._undo(self._undo_because(failed_so))
        return self.record

    def leave(self, why: str) -> None:
        """Pause here and give up control, once calls in flight have settled; the next runner goes on with the rest."""
        if self._undoing is not None:
            self._undoing.leave(why)
        if self._at_work():
            self._flush()
        if self._at_work():
            if ExecutionState.PAUSED in EXECUTION_MAY_BECOME[self.record.state]:
                self.emit(ev.ExecutionMoved(ExecutionState.PAUSED, why))
                self._flush()
            self._tasks.cancel_all()

    def abandon(self) -> None:
        """As if the process died here: nothing more is recorded (for crash tests)."""
        if rest := self._at_work():
            rest.cancel()
        self._tasks.cancel_all()

    def _at_work(self) -> asyncio.Future[None] | None:
        """What `run` waits for, while it does."""
        return None if self._rest is None or self._rest.done() else self._rest

    def _goes_on(self, asked: list[ev.Payload]) -> bool:
        """Whether what was asked first takes the run up: granted, of a verb that does, and neither ended nor paused."""
        wanted = any(isinstance(each, ev.RequestAccepted) and each.verb in TAKES_UP for each in asked)
        return wanted and not self.record.ended and self.record.state is not ExecutionState.PAUSED

    def _take_up(self, left_running: list[str]) -> None:
        """Begin, or continue where a dead or paused runner left off. Whether it has recovered is asked anew."""
        if self.record.state in (ExecutionState.PENDING, ExecutionState.PAUSED, ExecutionState.VERIFYING):
            self.emit(ev.ExecutionMoved(ExecutionState.RUNNING))
        for key in left_running:
            step = self.record.record_of(key)
            if key in self._view.leaving:  # its call ended with the runner that had granted the skip
                self.emit(skipped(self.record, self._view.leaving[key]))
            elif step.state in _BUSY:
                self.emit(ev.StepStarted(key, step.attempts + 1))

    # --- undo ----------------------------------------------------------------------------------------------------

    async def _undo(self, wish: Request | None) -> Replay:
        self._undoing = Undoing(self, self._view, self._scribe.append)
        await self._undoing.answer(wish)
        return self.record

    def _asks_for_undo(self, step: StepRecord) -> bool:
        paused = self.record.state is ExecutionState.PAUSED and not self._view.paused_by
        return paused and step.planned.on_failure == "undo"

    def _undo_because(self, step: StepRecord) -> Request:
        key = step.planned.key
        name, at = self.chance.identity(f"undo/{self.execution}/{key}/{step.attempts}"), stamp(self.clock.now())
        return Request(name, self.execution, at, "runbook", Verb.UNDO, key, f"{key} failed, and says on_failure: undo")

    # --- requests ------------------------------------------------------------------------------------------------

    def request(self, wish: Request) -> str:
        """Carry out somebody's wish, or refuse it by naming the rule, which is returned; journalled either way.

        Once the runner has come to rest nothing is journalled any more, and every wish is refused. The answer is
        durable unless `check` says otherwise.
        """
        if self._undoing is not None:
            return self._undoing.asked(wish)
        if not self._at_work():
            return _NOBODY
        if self._flushing:  # a listener asks, told of what is in the view already; the commit under way takes it along
            return self._judge(wish)
        self._flush()  # a wish is judged by what is so, also by what came about in this very moment
        if not self._at_work():
            return refusal(self._view, wish) or _NOBODY
        rule = self._judge(wish)
        self._flush()  # and nothing comes about between what is granted and what follows from it
        return rule

    def check(self) -> None:
        """As `Scribe.check`."""
        self._scribe.check()

    def _judge(self, wish: Request) -> str:
        told = judged(self._view, wish)
        for payload in told:
            self.emit(payload)
        return told[0].rule if isinstance(told[0], ev.RequestRefused) else ""

    # --- commits -------------------------------------------------------------------------------------------------

    def _due(self) -> None:
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """One commit: what was emitted, and all that `decide` makes of it; then what follows from it is done."""
        self._flush_due = False
        while (rest := self._at_work()) is not None:
            try:
                self._flushing = True
                events = self._scribe.commit(lambda: decide(self._view, self._slots))
            except Exception as why:  # noqa: BLE001 - whatever broke the journal ends the run, and is told to its caller
                rest.set_exception(why)
                return
            finally:
                self._flushing = False
            for event in events:
                self._follow(event.payload)
            if self.record.ended or (
                self.record.state is ExecutionState.PAUSED and not self._tasks and not self._view.leaving
            ):
                rest.set_result(None)
            if not self._scribe.noted:
                return  # nothing was asked by those who were told

    def _follow(self, payload: ev.Payload) -> None:
        """What an event means for what runs, now that it is durable."""
        match payload:
            case ev.StepStarted(step=key):
                if key not in self.record.verification:
                    self._tasks.cancel_those(self.record.verification)  # they are asked anew once it has settled
                self._tasks.launch(key, carry_out(self, self.record.record_of(key).planned))
            case ev.StepSettled(step=key, state=StepState.CANCELLED | StepState.UNPROVEN):
                self._tasks.cancel(key)
            case ev.RequestAccepted(step=key) if self._view.leaving.get(key) is payload:
                self._tasks.cancel(key)
            case ev.GateAnswered(step=key):
                self.answers(key).set()
            case ev.ExecutionMode():
                self._hurry.set()

    def _landed(self, key: str, why: BaseException | None) -> None:
        rest = self._at_work()
        if rest is None:
            return
        if why is not None:
            rest.set_exception(why)
            return
        if key in self._view.leaving and key not in self._tasks:
            self._flush()  # what its last call came to may have been noted
            self.emit(skipped(self.record, self._view.leaving[key]))
        self._due()
