"""What the scheduler knows: the shared fold of the journal, and the ready frontier, kept as events arrive.

Pure: no clock, no cloud, no event loop. A decision costs what changed, not what exists.
"""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from orchestrator.journal.replay import Replay
from orchestrator.journal.requests import Verb
from orchestrator.model.events import (
    ExecutionCreated,
    ExecutionMode,
    ExecutionMoved,
    RequestAccepted,
    StepSettled,
    StepSkipped,
    StepStarted,
)
from orchestrator.model.states import SATISFYING, SETTLED, ExecutionState, StepState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator.journal.record import StepRecord
    from orchestrator.model.events import Event

_OF_STEPS = (StepStarted, StepSettled, StepSkipped)


class View:
    """The fold and what follows from it. Feed it every event of one execution, in order."""

    def __init__(self) -> None:
        self.record = Replay()
        self.switched = False
        self.failures: dict[str, StepRecord] = {}
        """Failed critical steps: what their `on_failure` says holds until they are taken up again, or skipped."""
        self.broken_off: dict[str, StepRecord] = {}
        """Failed items of a series that is not critical: the rest of the series is not done."""
        self.running: dict[str, None] = {}
        """Keys of running items; a dict, for its order is the same in every process."""
        self.running_of: defaultdict[str, int] = defaultdict(int)
        self.leaving: dict[str, RequestAccepted] = {}
        """Running items whose skip was granted: they are skipped once their call in flight has settled."""
        self.paused_by = ""
        """Who asked for the pause; empty if nobody did."""
        self._at_rest: set[str] = set()
        self._released: set[str] = set()
        """Items whose dependents count them as met already: once is enough."""
        self._unmet: dict[str, int] = {}
        self._dependents: dict[str, list[str]] = {}
        self._order: dict[str, int] = {}
        self._keys: list[str] = []
        self._ready: list[int] = []
        self._held: dict[str, list[int]] = {}

    @classmethod
    def of(cls, events: Iterator[Event]) -> View:
        """The view that these events amount to."""
        view = cls()
        for event in events:
            view.apply(event)
        return view

    def apply(self, event: Event) -> None:
        """Take one event in."""
        payload = event.payload
        passed_over = self._passed_over() if isinstance(payload, ExecutionMode) else []
        self.record.apply(event)
        if isinstance(payload, _OF_STEPS):
            if payload.step in self._order:
                self._track(payload.step)
        elif isinstance(payload, ExecutionCreated):
            self._lay_out()
        elif isinstance(payload, ExecutionMode):
            self.switched = True
            for key in passed_over:
                self._take_back(key)
        elif isinstance(payload, ExecutionMoved):
            self.paused_by = self.paused_by if payload.state == ExecutionState.PAUSED else ""
        elif isinstance(payload, RequestAccepted) and payload.verb == Verb.PAUSE:
            self.paused_by = payload.by
        elif isinstance(payload, RequestAccepted) and payload.verb == Verb.SKIP:
            self.leaving[payload.step] = payload

    def ready(self) -> Iterator[StepRecord]:
        """Items whose needs are met, in plan order; each is handed out once, unless `put_back`."""
        while self._ready:
            record = self.record.steps[self._keys[heappop(self._ready)]]
            if record.state is StepState.WAITING and not self._unmet[record.planned.key]:
                yield record

    def put_back(self, key: str) -> None:
        """An item that could not start yet returns to the frontier."""
        heappush(self._ready, self._order[key])

    def hold_back(self, key: str) -> None:
        """An item of a step that runs as many at once as it may: ready again when another of them settles."""
        heappush(self._held.setdefault(self.record.steps[key].planned.step, []), self._order[key])

    def dependents(self, key: str) -> list[str]:
        """Items that need this one directly."""
        return self._dependents.get(key, [])

    def precedes(self, key: str, item: str) -> bool:
        """Whether this is an earlier item of the item's own series, and has not come to rest."""
        earlier = self.record.steps.get(key)
        same = earlier is not None and earlier.planned.step == self.record.steps[item].planned.step
        return same and key not in self._at_rest

    @property
    def settled(self) -> bool:
        """Whether every step has come to rest."""
        return len(self._at_rest) == len(self._keys)

    @property
    def stopping(self) -> StepRecord | None:
        """The failure that ends the run: nothing new starts, and what runs settles first."""
        return next((step for step in self.failures.values() if step.planned.on_failure == "stop"), None)

    def asks(self, key: str) -> bool:
        """Whether this item is a question that people have not answered."""
        step = self.record.steps[key]
        return step.planned.kind == "gate" and step.state is StepState.RUNNING

    def _lay_out(self) -> None:
        self._keys = list(self.record.steps)
        self._order = {key: place for place, key in enumerate(self._keys)}
        for key, step in self.record.steps.items():
            self._unmet[key] = len(step.planned.needs)
            for need in step.planned.needs:
                self._dependents.setdefault(need, []).append(key)
            if not step.planned.needs:
                self.put_back(key)

    def _track(self, key: str) -> None:
        step = self.record.steps[key]
        was_running = key in self.running
        if step.state not in SETTLED:
            if not was_running:
                self.running[key] = None
                self.running_of[step.planned.step] += 1
            self._at_rest.discard(key)
            self.failures.pop(key, None)  # taken up again by hand
            self.broken_off.pop(key, None)
            return
        self.leaving.pop(key, None)
        if was_running:
            del self.running[key]
            self.running_of[step.planned.step] -= 1
        self._settle(key, step)
        self._let_one_on(step.planned.step)

    def _let_one_on(self, step: str) -> None:
        held = self._held.get(step)
        while held:
            place = heappop(held)
            heappush(self._ready, place)
            if self.record.steps[self._keys[place]].state is StepState.WAITING:
                return  # others have settled while they were held, by hand

    def _settle(self, key: str, step: StepRecord) -> None:
        self._at_rest.add(key)
        self.failures.pop(key, None)
        self.broken_off.pop(key, None)
        if step.state is StepState.FAILED and step.planned.critical:
            self.failures[key] = step
        elif step.state is StepState.FAILED and not step.planned.last:
            self.broken_off[key] = step
        elif step.state in SATISFYING or self._may_be_missed(step):
            self._release(key)

    def _may_be_missed(self, step: StepRecord) -> bool:
        """Whether a step that is not critical has ended badly: that satisfies what needs it."""
        ended = step.state is StepState.FAILED or (step.state is StepState.CANCELLED and step.planned.series)
        return ended and step.planned.last and not step.planned.critical

    def _passed_over(self) -> list[str]:
        return [key for key, step in self.record.steps.items() if step.passed_over]

    def _take_back(self, key: str) -> None:
        """What the new mode does not leave out any more is to be done, and what has not begun waits for it again."""
        if self.record.steps[key].state is not StepState.WAITING:
            return
        self._at_rest.discard(key)
        self._released.discard(key)
        for dependent in self.dependents(key):
            self._unmet[dependent] += 1
        self.put_back(key)

    def _release(self, key: str) -> None:
        if key in self._released:
            return
        self._released.add(key)
        for dependent in self.dependents(key):
            self._unmet[dependent] -= 1
            if self._unmet[dependent] == 0:
                self.put_back(dependent)
