"""The one that appends: decides by `decide`, acts by `attempt`, and commits what happened in groups.

Events emitted in one turn of the event loop, and the starts that they release, go to disk in one commit; only then do
the released steps begin. So an event is durable before anything depends on it, and a chain pays one commit a link.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from orchestrator.engine.attempt import NOT_OURS_TO_HANDLE, Answer, carry_out
from orchestrator.engine.decide import BY_HAND, Become, Cancel, Skip, Start, decide
from orchestrator.engine.view import View
from orchestrator.journal.chain import Chain
from orchestrator.journal.requests import Request, Verb
from orchestrator.model import events as ev
from orchestrator.model.clock import stamp
from orchestrator.model.states import ExecutionState, Mode, StepState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from orchestrator.cloud.calls import Calls
    from orchestrator.engine.decide import Move
    from orchestrator.journal.replay import Replay
    from orchestrator.journal.store import Journal
    from orchestrator.model.actions import Action, Call, Check, Cloud
    from orchestrator.model.chance import Chance
    from orchestrator.model.clock import Clock
    from orchestrator.model.values import Json

SLOTS = 64
REST = (ExecutionState.PAUSED,)
"""States in which the runner has nothing to do until somebody asks it to."""


class Runner:
    """Runs one execution to its end, or until it pauses. Implements `attempt.Desk`."""

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
        self._journal, self._actor, self._slots = journal, actor, slots
        self._listeners: list[Callable[[ev.Event], None]] = []
        self._view, self._chain = View(), Chain(execution)
        self._pending: list[ev.Payload] = []
        self._committed: asyncio.Future[None] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._answers: dict[str, asyncio.Queue[Answer]] = {}
        self._hurry = asyncio.Event()
        self._rest: asyncio.Future[None] | None = None
        self._flush_due = False
        self._first: list[Request] = []

    # --- what attempts see (Desk) --------------------------------------------------------------------------------

    @property
    def record(self) -> Replay:
        """The fold so far."""
        return self._view.record

    def emit(self, payload: ev.Payload) -> None:
        """Queue an event for the commit at the end of this turn of the loop. After the end nothing is taken."""
        if self._rest is None or self._rest.done():
            return
        self._pending.append(payload)
        self._due()

    def durable(self) -> Awaitable[None]:
        """Until everything emitted so far is committed."""
        loop = asyncio.get_running_loop()
        if self._committed is None:
            self._committed = loop.create_future()
            self._due()
        return asyncio.shield(self._committed)

    def answers(self, key: str) -> asyncio.Queue[Answer]:
        """Answers to the gate `key`, as they come in."""
        return self._answers.setdefault(key, asyncio.Queue())

    def hurry(self) -> asyncio.Event:
        """Set once the run has switched to unplanned."""
        return self._hurry

    # --- life ----------------------------------------------------------------------------------------------------

    def load(self) -> Replay:
        """Take in what the journal holds; a runner continues exactly there."""
        for event in self._journal.read(self.execution):
            self._view.apply(event)
            self._chain.seq, self._chain.prev = event.seq + 1, event.hash
        return self.record

    def first(self, wish: Request) -> None:
        """Carry this out as soon as the run goes on."""
        self._first.append(wish)

    def open(self, *payloads: ev.Payload) -> None:
        """Append, durably, what comes before the run: its creation, the lease."""
        self._append(list(payloads))

    async def run(self, *opening: ev.Payload) -> Replay:
        """Append `opening`, then run until the execution ends or pauses.

        Raises:
            HeldElsewhere: somebody else has appended to this execution.
            NotSimulated, UndeclaredOperation: a step did what nothing can be concluded from.
        """
        self._rest = asyncio.get_running_loop().create_future()
        for payload in opening:
            self.emit(payload)
        self._wake()
        for wish in self._first:
            self.request(wish)
        self._due()
        try:
            await self._rest
        except NOT_OURS_TO_HANDLE as why:
            self._append([*self._pending, ev.ExecutionMoved(ExecutionState.FAILED, str(why))])
            raise
        finally:
            await self._settle_down()
        return self.record

    def listen(self, listener: Callable[[ev.Event], None]) -> None:
        """Tell `listener` of every event once it is durable."""
        self._listeners.append(listener)

    def tell(self, payload: ev.Payload) -> None:
        """Record something that happened around the run: with the next commit while it runs, else at once."""
        if self._rest is not None and not self._rest.done():
            self.emit(payload)
        else:
            self._append([payload])

    def _wake(self) -> None:
        """Begin, or continue where a dead or paused runner left off."""
        state = self.record.state
        if state in (ExecutionState.PENDING, ExecutionState.PAUSED):
            self.emit(ev.ExecutionMoved(ExecutionState.RUNNING))
        for key in [*self._view.running, *(k for k, s in self.record.verification.items() if s.state in _BUSY)]:
            attempt = self.record.record_of(key).attempts + 1
            self.emit(ev.StepStarted(key, attempt))
            self._launch(key)

    async def _settle_down(self) -> None:
        """Cancel what still runs; calls in flight finish first (`Calls.run` sees to it)."""
        running = list(self._tasks.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def abandon(self) -> None:
        """As if the process died here: nothing more is recorded (for crash tests)."""
        if self._rest is not None and not self._rest.done():
            self._rest.cancel()
        for task in self._tasks.values():
            task.cancel()

    # --- requests ------------------------------------------------------------------------------------------------

    def request(self, wish: Request) -> str:
        """Carry out somebody's wish, or refuse it by naming the rule, which is returned; journalled either way."""
        rule = self._refusal(wish)
        if rule:
            self.emit(ev.RequestRefused(wish.id, wish.actor, wish.verb, rule, wish.step, wish.reason))
        else:
            self._grant(wish)
        return rule

    def _grant(self, wish: Request) -> None:
        self.emit(ev.RequestAccepted(wish.id, wish.actor, wish.verb, wish.step, wish.reason))
        match wish.verb:
            case Verb.APPROVE | Verb.REJECT:
                answer = Answer(wish.verb == Verb.APPROVE, wish.actor, wish.reason)
                self.answers(wish.step).put_nowait(answer)
            case Verb.RETRY:
                self.emit(ev.StepStarted(wish.step, self.record.steps[wish.step].attempts + 1))
                self._resume()
                self._launch(wish.step)
            case Verb.SKIP:
                self._cancel_task(wish.step)
                self.emit(ev.StepSkipped(wish.step, f"{BY_HAND}{wish.actor}: {wish.reason}"))
                self._resume()
            case Verb.ABORT:
                self._abort(f"aborted by {wish.actor}: {wish.reason}")
            case Verb.PAUSE:
                self.emit(ev.ExecutionMoved(ExecutionState.PAUSED, f"paused by {wish.actor}: {wish.reason}"))
            case Verb.RESUME:
                self._resume()
            case Verb.SWITCH_MODE:
                self.emit(ev.ExecutionMode(Mode.UNPLANNED, wish.reason))
                self._hurry.set()
            case Verb.NOTE:
                pass

    def _refusal(self, wish: Request) -> str:  # noqa: PLR0911 - one line per rule
        record = self.record
        if record.ended:
            return f"the execution has ended ({record.state})"
        step = record.steps.get(wish.step)
        if wish.verb in (Verb.APPROVE, Verb.REJECT):
            gate = record.open_gates.get(wish.step)
            if gate is None:
                return f"no gate is open at {wish.step or 'that step'}"
            if wish.actor not in gate.approvers:
                return f"only {', '.join(gate.approvers)} may answer"
        if wish.verb in (Verb.RETRY, Verb.SKIP) and step is None:
            return f"no step {wish.step}"
        if wish.verb == Verb.RETRY and step and step.state is not StepState.FAILED:
            return f"{wish.step} is {step.state}, not failed"
        if (
            wish.verb == Verb.SKIP
            and step
            and step.state not in (StepState.WAITING, StepState.FAILED, StepState.RUNNING)
        ):
            return f"{wish.step} is {step.state} already"
        if wish.verb == Verb.SKIP and not wish.reason:
            return "a skip needs a reason"
        if wish.verb == Verb.SWITCH_MODE and record.mode == Mode.UNPLANNED:
            return "the run is unplanned already, and never goes back"
        return ""

    def _resume(self) -> None:
        if self.record.state is ExecutionState.PAUSED:
            self.emit(ev.ExecutionMoved(ExecutionState.RUNNING))

    def _abort(self, reason: str) -> None:
        for key, step in self.record.steps.items():
            if step.state in (StepState.WAITING, *_BUSY):
                self._cancel_task(key)
                self.emit(ev.StepSettled(key, StepState.CANCELLED, reason=reason))
        self.emit(ev.ExecutionMoved(ExecutionState.ABORTED, reason))

    def _cancel_task(self, key: str) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            task.cancel()

    # --- commits -------------------------------------------------------------------------------------------------

    def _due(self) -> None:
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """One commit: what was emitted, and all that `decide` makes of it."""
        self._flush_due = False
        if self._rest is None or self._rest.done():
            return
        waiting, self._committed = self._committed, None
        try:
            starts = self._advance()
        except BaseException as why:  # noqa: BLE001 - whatever broke the journal ends the run, and is told to its caller
            self._rest.set_exception(why)
            return
        if waiting is not None:
            waiting.set_result(None)
        for key in starts:
            self._launch(key)
        if self.record.ended or (self.record.state in REST and not self._tasks):
            self._rest.set_result(None)

    def _advance(self) -> list[str]:
        """Seal and apply what is pending, decide, repeat; then one durable append of the whole batch."""
        batch: list[ev.Event] = []
        starts: list[str] = []
        while True:
            pending, self._pending = self._pending, []
            batch += self._sealed(pending)
            moves = decide(self._view, self._slots)
            if not moves and not self._pending:
                break
            starts += [move.key for move in moves if isinstance(move, Start)]
            self._pending += [_told(move, self.record) for move in moves]
        if batch:
            self._journal.append(batch)
            self._tell(batch)
        return starts

    def _sealed(self, payloads: list[ev.Payload]) -> list[ev.Event]:
        if not payloads:
            return []
        at = stamp(self.clock.now())
        events = [self._chain.next(payload, at=at, actor=self._actor) for payload in payloads]
        for event in events:
            self._view.apply(event)
        return events

    def _append(self, payloads: list[ev.Payload]) -> None:
        events = self._sealed(payloads)
        self._journal.append(events)
        self._tell(events)

    def _tell(self, events: list[ev.Event]) -> None:
        for listener in self._listeners:
            for event in events:
                listener(event)

    def _launch(self, key: str) -> None:
        planned = self.record.record_of(key).planned
        task = asyncio.get_running_loop().create_task(carry_out(self, planned), name=key)
        self._tasks[key] = task
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        key = task.get_name()
        if self._tasks.get(key) is task:
            del self._tasks[key]
        if not task.cancelled() and task.exception() is not None and self._rest and not self._rest.done():
            self._rest.set_exception(task.exception())  # type: ignore[arg-type] # not None, as just tested
        elif self._rest is not None and not self._rest.done():
            self._due()


_BUSY = (StepState.RUNNING, StepState.HOLDING)


def _told(move: Move, record: Replay) -> ev.Payload:
    match move:
        case Start(key):
            return ev.StepStarted(key, record.record_of(key).attempts + 1)
        case Skip(key, reason):
            return ev.StepSkipped(key, reason)
        case Cancel(key, reason):
            return ev.StepSettled(key, StepState.CANCELLED, reason=reason)
        case Become(state, reason):
            return ev.ExecutionMoved(state, reason)
