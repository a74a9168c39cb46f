"""Runs of the engine in a fake world (`engine_actions.py`) on a virtual clock, with the real journal.

After every run the laws that hold for all runs are asserted: legal moves only, one fold, a chain that verifies.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from engine_actions import CATALOGUE, Serves, Store

from drills.simulator.clock import GreenletCalls, PowerCut, VirtualClock, run_virtual
from orchestrator.engine.plan import Plan, compile_plan
from orchestrator.engine.runner import Runner
from orchestrator.journal.replay import Replay
from orchestrator.journal.requests import Request, Verb
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.journal.verify import verify_stored
from orchestrator.model import events as ev
from orchestrator.model.chance import SeededChance
from orchestrator.model.clock import stamp
from orchestrator.model.runbook import Runbook, parse
from orchestrator.model.states import (
    EXECUTION_MAY_BECOME,
    SETTLED,
    STEP_MAY_BECOME,
    ExecutionState,
    Mode,
    StepState,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orchestrator.journal.store import Journal
    from orchestrator.model.actions import Call, Cloud
    from orchestrator.model.plan import PlannedStep
    from orchestrator.model.values import Json

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
EXECUTION = "run"
Steps = dict[str, dict[str, Any]]


def runbook(steps: Steps, recovered_when: Steps | None = None) -> Runbook:
    """A runbook with these steps, written as in YAML."""
    return parse(
        {
            "version": 1,
            "id": "test-run",
            "title": "A test",
            "owner": "nobody",
            "review": {"every": "180d", "last": "2026-11-01"},
            "steps": steps,
            "recovered_when": recovered_when or {},
        }
    )


def scope(mode: Mode = Mode.PLANNED, **more: Json) -> dict[str, Json]:
    """What expressions see."""
    return {"execution": {"id": EXECUTION, "mode": mode.value}, **more}


def plan_of(steps: Steps, recovered_when: Steps | None = None, mode: Mode = Mode.PLANNED, **more: Json) -> Plan:
    """Compiled with the fake catalogue."""
    return compile_plan(runbook(steps, recovered_when), scope=scope(mode, **more), mode=mode, catalogue=CATALOGUE)


def created(plan: Plan) -> ev.ExecutionCreated:
    """How an execution of this plan begins."""
    return created_of(plan.steps, plan.verification, plan.mode)


def created_of(
    steps: Iterable[PlannedStep], verification: Iterable[PlannedStep] = (), mode: str = "planned"
) -> ev.ExecutionCreated:
    """The same from items."""
    return ev.ExecutionCreated(
        runbook="test-run",
        title="A test",
        mode=mode,
        clock="simulated",
        simulated="everything",
        seed=7,
        runbook_sha256="",
        inventory_sha256="",
        plan_sha256="",
        source="",
        environments={},
        parameters={},
        objectives={},
        plan=tuple(step.record() for step in steps),
        verification=tuple(step.record() for step in verification),
    )


class Watched:
    """A journal that remembers its commits; `refuse`, told the events so far and the batch, may raise instead."""

    def __init__(self, stored: Journal, refuse: Any = lambda _so_far, _batch: None) -> None:
        self._stored, self._refuse = stored, refuse
        self.batches: list[list[ev.Event]] = []

    def append(self, events: Sequence[ev.Event]) -> None:
        self._refuse(sum(map(len, self.batches)), events)
        self._stored.append(events)
        self.batches.append(list(events))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stored, name)


@dataclass(frozen=True)
class Wish:
    """What somebody asks of the runner, so many virtual seconds after the run began (or went on)."""

    after_s: float
    verb: Verb
    step: str = ""
    actor: str = "ada"
    reason: str = "because"


@dataclass
class World:
    """One store, one clock, one journal; runners come and go."""

    path: Path
    seed: int = 7
    wrap: Any = None
    """Puts a journal of the test's own around the real one."""
    rules: list[str] = field(default_factory=list)
    """What the runner answered to each wish; empty is accepted."""
    later: list[tuple[float, Callable[[], Coroutine[Any, Any, None]]]] = field(default_factory=list)
    """What else happens in the next run, so many seconds after it began."""
    returned_s: float = 0.0
    """When the last runner gave up control, in seconds since the start."""

    def __post_init__(self) -> None:
        self.clock = VirtualClock(START)
        self.cloud = Store(self.clock)
        self.stored = SqliteJournal(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stored.close_connection()

    @property
    def journal(self) -> Journal:
        """The real one, or the test's own around it."""
        return self.wrap(self.stored) if self.wrap else self.stored

    def runner(self, plan: Plan, *, proof: Any = Serves, slots: int = 64) -> Runner:
        """A runner that has taken in nothing yet."""
        return Runner(
            EXECUTION,
            journal=self.journal,
            clock=self.clock,
            chance=SeededChance(self.seed),
            calls=GreenletCalls(),
            catalogue=CATALOGUE,
            hands=self._hands,
            scope=plan.scope,
            proof=proof,
            slots=slots,
        )

    def _hands(self, calls: Iterable[Call]) -> Cloud:  # noqa: ARG002 - what the door refuses is the door's test
        return self.cloud  # type: ignore[return-value] # of a Cloud, the actions here use nothing but keys

    def execute(self, plan: Plan, *wishes: Wish, **options: Any) -> Replay:
        """A run from its beginning to its end, or until it pauses."""
        return self.go_on(self.runner(plan, **options), *wishes, opening=created(plan))

    def resume(self, plan: Plan, *wishes: Wish, first: Wish | None = None, **options: Any) -> Replay:
        """A new runner takes up what the journal holds."""
        runner = self.runner(plan, **options)
        runner.load()
        if first is not None:
            runner.first(self._request(first, "first"))
        return self.go_on(runner, *wishes)

    def cut(self, plan: Plan, after_s: float, *wishes: Wish, resumed: bool = False, **options: Any) -> None:
        """A run whose process dies after so many virtual seconds, as by SIGKILL."""
        runner = self.runner(plan, **options)
        if resumed:
            runner.load()
        try:
            self.go_on(runner, *wishes, opening=None if resumed else created(plan), dies_after_s=after_s)
        except PowerCut:
            return
        raise AssertionError(f"the run ended before the power was cut: {Replay.of(self.events()).state}")

    def go_on(
        self, runner: Runner, *wishes: Wish, opening: ev.Payload | None = None, dies_after_s: float | None = None
    ) -> Replay:
        """Run, with people who ask for things; then hold the run to the laws."""

        async def die(after_s: float) -> None:
            await asyncio.sleep(after_s)
            raise PowerCut

        async def ask(number: int, wish: Wish) -> None:
            await asyncio.sleep(wish.after_s)
            self.rules.append(runner.request(self._request(wish, f"{number}")))

        async def happen(after_s: float, what: Callable[[], Coroutine[Any, Any, None]]) -> None:
            await asyncio.sleep(after_s)
            await what()

        async def main() -> Replay:
            asking = [asyncio.create_task(ask(number, wish)) for number, wish in enumerate(wishes)]
            asking += [asyncio.create_task(happen(after_s, what)) for after_s, what in self.later]
            self.later.clear()
            if dies_after_s is not None:
                asking.append(asyncio.create_task(die(dies_after_s)))
            try:
                if opening is not None:
                    runner.open(opening)
                return await runner.run()
            finally:
                self.returned_s = self.clock.elapsed_s
                for task in asking:
                    task.cancel()
                await asyncio.gather(*asking, return_exceptions=True)

        record = run_virtual(main, self.clock)
        self.hold_to_the_laws(record)
        return record

    def _request(self, wish: Wish, number: str) -> Request:
        name = f"{wish.verb}-{number}-{self.clock.elapsed_s}"
        return Request(name, EXECUTION, stamp(self.clock.now()), wish.actor, wish.verb, wish.step, wish.reason)

    def events(self) -> list[ev.Event]:
        """The journal."""
        return list(self.stored.read(EXECUTION))

    def told(self, kind: type[Any]) -> list[Any]:
        """The payloads of one type, in order."""
        return [event.payload for event in self.events() if isinstance(event.payload, kind)]

    def at_s(self, kind: type[Any], **facts: Json) -> list[float]:
        """When events of one type (with these facts) were recorded, in seconds since the start."""
        return [
            (datetime.fromisoformat(event.at) - START).total_seconds()
            for event in self.events()
            if isinstance(event.payload, kind) and all(getattr(event.payload, k) == v for k, v in facts.items())
        ]

    def hold_to_the_laws(self, live: Replay) -> None:
        """What must be so after every run whatsoever."""
        events = self.events()
        assert illegal_moves(events) == []
        assert as_json(Replay.of(events)) == as_json(live)
        assert verify_stored(self.stored, EXECUTION).events == len(events)
        if live.ended:
            unsettled = {k: s.state for k, s in (live.steps | live.verification).items() if s.state not in SETTLED}
            never_begun = {k for k in live.verification if live.verification[k].state is StepState.WAITING}
            assert set(unsettled) <= never_begun


def as_json(record: Replay) -> Json:
    """A record as it compares: what was read back has lists where the live one still has tuples."""
    return json.loads(json.dumps(record, default=vars))


def illegal_moves(events: Iterable[ev.Event]) -> list[str]:
    """Every move in a stream that the tables of `model.states` do not allow."""
    found: list[str] = []
    state, steps, only = ExecutionState.PENDING, dict[str, StepState](), dict[str, str]()
    for event in events:
        payload = event.payload
        if isinstance(payload, ev.ExecutionMoved):
            to = ExecutionState(payload.state)
            if to not in EXECUTION_MAY_BECOME[state]:
                found.append(f"{event.seq}: execution {state} → {to}")
            state = to
        if _shown_anew(payload):
            steps = {key: each for key, each in steps.items() if not key.startswith("recovered_when.")}
        if isinstance(payload, ev.ExecutionCreated):
            only = {each["key"]: each.get("only") for each in payload.plan}
        if isinstance(payload, ev.StepSkipped) and payload.by:
            only.pop(payload.step, None)
        if isinstance(payload, ev.ExecutionMode):
            back = {key for key, each in steps.items() if each is StepState.SKIPPED and only.get(key) == payload.mode}
            steps |= dict.fromkeys(back, StepState.WAITING)
        moved = _moved(payload, steps)
        if moved is not None:
            key, step = moved
            before = steps.get(key, StepState.WAITING)
            if step not in STEP_MAY_BECOME[before]:
                found.append(f"{event.seq}: {key} {before} → {step}")
            steps[key] = step
    return found


def _shown_anew(payload: ev.Payload) -> bool:
    """Whether what was shown before counts no more."""
    begun = isinstance(payload, ev.StepStarted) and not payload.step.startswith("recovered_when.")
    return begun or (isinstance(payload, ev.ExecutionMoved) and payload.state == ExecutionState.RUNNING)


def _moved(payload: ev.Payload, steps: Mapping[str, StepState]) -> tuple[str, StepState] | None:
    match payload:
        case ev.StepStarted(step=key):
            holding = steps.get(key) is StepState.HOLDING
            return key, StepState.HOLDING if holding else StepState.RUNNING
        case ev.StepSettled(step=key, state=state):
            return key, StepState(state)
        case ev.StepSkipped(step=key):
            return key, StepState.SKIPPED
        case _:
            return None
