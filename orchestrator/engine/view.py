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
    RequestAccepted,
    StepSettled,
    StepSkipped,
    StepStarted,
)
from orchestrator.model.states import SATISFYING, SETTLED, StepState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator.journal.replay import StepRecord
    from orchestrator.model.events import Event

_OF_STEPS = (StepStarted, StepSettled, StepSkipped)


class View:
    """The fold plus counters. Feed it every event of one execution, in order."""

    def __init__(self) -> None:
        self.record = Replay()
        self.switched = False
        self.failures: dict[str, StepRecord] = {}
        """Failed steps whose `on_failure` has not been dealt with: pause and stop wait here."""
        self.running: dict[str, None] = {}
        """Keys of running items; a dict, for its order is the same in every process."""
        self.running_of: defaultdict[str, int] = defaultdict(int)
        self.leaving: dict[str, RequestAccepted] = {}
        """Running items whose skip was granted: they are skipped once their call in flight has settled."""
        self.unsettled = 0
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
        self.record.apply(event)
        payload = event.payload
        if isinstance(payload, ExecutionCreated):
            self._lay_out()
        elif isinstance(payload, ExecutionMode):
            self.switched = True
        elif isinstance(payload, RequestAccepted) and payload.verb == Verb.SKIP:
            self.leaving[payload.step] = payload
        elif isinstance(payload, _OF_STEPS) and payload.step in self._order:
            self._track(payload.step)

    def ready(self) -> Iterator[StepRecord]:
        """Items whose needs are met, in plan order; each is handed out once, unless `put_back`."""
        while self._ready:
            record = self.record.steps[self._keys[heappop(self._ready)]]
            if record.state is StepState.WAITING:
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

    @property
    def settled(self) -> bool:
        """Whether every step has come to rest."""
        return self.unsettled == 0

    def _lay_out(self) -> None:
        self._keys = list(self.record.steps)
        self._order = {key: place for place, key in enumerate(self._keys)}
        self.unsettled = len(self._keys)
        for key, step in self.record.steps.items():
            self._unmet[key] = len(step.planned.needs)
            for need in step.planned.needs:
                self._dependents.setdefault(need, []).append(key)
            if not step.planned.needs:
                self.put_back(key)

    def _track(self, key: str) -> None:
        step = self.record.steps[key]
        was_running = key in self.running
        if step.state in (StepState.RUNNING, StepState.HOLDING):
            if not was_running:
                self.running[key] = None
                self.running_of[step.planned.step] += 1
            if key in self.failures:  # taken up again by hand
                del self.failures[key]
                self.unsettled += 1
            return
        self.leaving.pop(key, None)
        if was_running:
            del self.running[key]
            self.running_of[step.planned.step] -= 1
        if step.state in SETTLED:
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
        if self._unmet.get(key, 0) < 0:
            return
        skipped_failure = self.failures.pop(key, None) is not None
        if not skipped_failure:
            self.unsettled -= 1
        if step.state is StepState.FAILED and step.planned.critical:
            self.failures[key] = step
            return
        if step.state in SATISFYING or step.state is StepState.FAILED:
            self._unmet[key] = -1  # has released its dependents
            for dependent in self._dependents.get(key, ()):
                self._unmet[dependent] -= 1
                if self._unmet[dependent] == 0:
                    self.put_back(dependent)
