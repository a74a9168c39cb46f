"""Items that wait because their step runs as many as it may: none is forgotten, and waiting costs nothing."""

from __future__ import annotations

import pytest
from engine_world import created_of

from orchestrator.engine import view as view_module
from orchestrator.engine.decide import decide
from orchestrator.engine.moves import Start
from orchestrator.engine.view import View
from orchestrator.model import events as ev
from orchestrator.model.plan import PlannedStep
from orchestrator.model.states import StepState


class Run:
    """A view that is fed what it decides; every item's probe is the test."""

    def __init__(self, items: int, at_once: int) -> None:
        self.view, self.order = View(), list[str]()
        plan = [
            PlannedStep(f"s[{n}]", "s", "", "kv.probe", "check", {}, index=n, at_once=at_once) for n in range(items)
        ]
        self.put(created_of(plan), ev.ExecutionMoved("running"))

    def put(self, *payloads: ev.Payload) -> None:
        for payload in payloads:
            seq = self.view.record.events
            self.view.apply(ev.Event(seq, "run", "2026-11-22T03:00:00.000Z", "runner", payload))

    def start(self) -> None:
        """Whatever may start now."""
        for move in decide(self.view, 64):
            if isinstance(move, Start):
                self.order.append(move.key)
                self.put(ev.StepStarted(move.key))

    def finish(self) -> None:
        """Item by item, the first started first."""
        self.start()
        while self.view.running:
            self.put(ev.StepSettled(next(iter(self.view.running)), StepState.DONE))
            self.start()


@pytest.mark.parametrize("at_once", [1, 2, 7])
def test_held_items_start_in_order_as_others_settle(at_once: int) -> None:
    run = Run(20, at_once)
    run.finish()
    assert run.order == [f"s[{n}]" for n in range(20)]
    assert run.view.settled


@pytest.mark.parametrize("skipped", [{1}, {2}, {3}, {1, 2}, {2, 3}, {1, 3}, {1, 2, 3}])
def test_items_skipped_by_hand_while_held_keep_no_other_waiting(skipped: set[int]) -> None:
    run = Run(5, at_once=1)
    run.start()
    for n in skipped:
        run.put(ev.StepSkipped(f"s[{n}]", "skipped by somebody: not wanted"))
        run.start()
    run.finish()
    assert run.order == [f"s[{n}]" for n in range(5) if n not in skipped]
    assert run.view.settled


def test_a_decision_looks_at_what_changed_not_at_all_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    pop = view_module.heappop

    def counted(heap: list[int]) -> int:
        nonlocal looks
        looks += 1
        return pop(heap)

    monkeypatch.setattr(view_module, "heappop", counted)
    run = Run(1_000, at_once=2)
    run.finish()
    assert run.view.settled
    assert looks <= 4 * 1_000
