"""One fold of the journal for everybody: status, the live view, reports, and the engine's own view stand on it.

Feeding the same events in the same order gives the same record, in any process (law 1).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from orchestrator.journal.record import StepRecord
from orchestrator.model import events as ev
from orchestrator.model.clock import moment
from orchestrator.model.plan import PlannedStep
from orchestrator.model.states import ENDED, SATISFYING, SETTLED, ExecutionState, StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from orchestrator.model.values import Json


class Replay:
    """The record of one execution."""

    execution: str = ""
    created: ev.ExecutionCreated | None = None
    """Without the plan, which `steps` and `verification` hold."""
    created_at: str = ""
    mode: str = ""
    state: ExecutionState = ExecutionState.PENDING
    reason: str = ""
    started_at: str = ""
    ended_at: str = ""
    last_at: str = ""
    verdict: Json = None
    events: int = 0
    head: str = ""
    undo_begun: bool = False
    """Whether the run was being undone at some time: there is no way forward from there."""
    _proving: bool = False
    """Whether a condition of `recovered_when` has been asked since a step was started last."""

    def __init__(self) -> None:
        self.steps: dict[str, StepRecord] = {}
        self.verification: dict[str, StepRecord] = {}
        self.open_gates: dict[str, ev.GateOpened] = {}
        self.answers: dict[str, list[ev.GateAnswered]] = {}
        self.alone: list[ev.GateAnswered] = []
        """Answers by which one person went on alone (break-glass), also those to questions asked anew since."""
        self.before_of: dict[str, Json] = {}
        """The first journalled before-value of each subject."""
        self.left_of: dict[str, tuple[Json, ...]] = {}
        """What each subject may have been left at by this run: its target once that was seen, until then also what was
        there before; an interrupted bulk setting may be a blend of these."""
        self.given_back: dict[str, Json] = {}
        """What an undo has written and not given up waiting for, by subject."""
        self.returned: dict[str, Json] = {}
        """What was seen at their earliest values again, by subject."""
        self.sampled: dict[str, Json] = {}
        """The values of the latest sample of each name, of those that belong to no step."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Replay) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment] # it changes, so it is no key of anything

    @classmethod
    def of(cls, events: Iterable[ev.Event]) -> Replay:
        """The record that these events amount to."""
        record = cls()
        for event in events:
            record.apply(event)
        return record

    @property
    def ended(self) -> bool:
        """Whether a runner has nothing left to do."""
        return self.state in ENDED

    def record_of(self, key: str) -> StepRecord:
        """The record of a step or of a condition of `recovered_when` (keys there begin with `recovered_when.`).

        Raises:
            KeyError: the plan has no such item.
        """
        return self.steps[key] if key in self.steps else self.verification[key]

    def apply(self, event: ev.Event) -> None:
        """Take one event in."""
        self.execution, self.last_at = event.execution, event.at
        self.events, self.head = event.seq + 1, event.hash
        take = self._TAKES.get(type(event.payload))
        if take is not None:
            take(self, event.payload, event.at)

    def _execution_created(self, payload: ev.ExecutionCreated, at: str) -> None:
        # The plan is kept once: as the records that follow, which is a third of a large run's memory.
        self.created = payload.but(plan=(), verification=())
        self.created_at, self.mode = at, payload.mode
        self.steps = {step.key: StepRecord(step) for step in map(PlannedStep.from_record, payload.plan)}
        self.verification = {step.key: StepRecord(step) for step in map(PlannedStep.from_record, payload.verification)}

    def _execution_mode(self, payload: ev.ExecutionMode, at: str) -> None:  # noqa: ARG002
        self.mode = payload.mode
        for step in self.steps.values():
            if step.passed_over and not step.planned.left_out(payload.mode):
                step.state, step.reason, step.ended_at = StepState.WAITING, "", ""

    def _execution_moved(self, payload: ev.ExecutionMoved, at: str) -> None:
        self.state, self.reason = ExecutionState(payload.state), payload.reason
        self.undo_begun = self.undo_begun or self.state is ExecutionState.UNDOING
        if self.state is ExecutionState.RUNNING:
            self.started_at = self.started_at or at
            self._show_anew()
        self.ended_at = at if self.ended else ""

    def _step_started(self, payload: ev.StepStarted, at: str) -> None:
        if payload.step in self.verification:
            self._proving = True
        else:
            self._show_anew()
        step = self.record_of(payload.step)
        if step.state is StepState.FAILED:
            step.settled_at = ""
            step.parts_written = 0  # what was written has not come about: it may be written anew
        step.attempts = payload.attempt
        step.started_at = step.started_at or at
        if step.state is not StepState.HOLDING:
            step.state, step.reason, step.ended_at = StepState.RUNNING, "", ""
        step.error = ""

    def _show_anew(self) -> None:
        """What was shown before a step, or the run, was taken up again shows nothing of how it is now."""
        if self._proving:
            self._proving = False
            self.verification = {key: StepRecord(one.planned) for key, one in self.verification.items()}

    def _step_before(self, payload: ev.StepBefore, at: str) -> None:  # noqa: ARG002
        step = self.record_of(payload.step)
        step.subject, step.seen = payload.subject, payload.value
        if not step.has_before:
            step.before, step.has_before = payload.value, True
        self.before_of.setdefault(payload.subject, payload.value)

    def _step_intended(self, payload: ev.StepIntended, at: str) -> None:  # noqa: ARG002
        step = self.record_of(payload.step)
        step.intended, step.target = True, payload.target
        step.parts_written = step.parts = 0
        if not payload.token:
            self._may_leave(payload.subject, step.seen, payload.target)

    def _step_written(self, payload: ev.StepWritten, at: str) -> None:  # noqa: ARG002
        step = self.record_of(payload.step)
        step.parts_written, step.parts = step.parts_written + 1, payload.parts

    def _step_attempt_failed(self, payload: ev.StepAttemptFailed, at: str) -> None:  # noqa: ARG002
        step = self.record_of(payload.step)
        step.attempts, step.error = payload.attempt, payload.error
        if payload.unsent:
            step.intended = False

    def _step_settled(self, payload: ev.StepSettled, at: str) -> None:
        step = self.record_of(payload.step)
        step.state, step.reason = StepState(payload.state), payload.reason
        step.settled_at = step.settled_at or at
        if payload.after is not None:
            step.after = payload.after
        if payload.output is not None:
            step.output = payload.output
        if step.state in SATISFYING:
            step.error = ""
            if step.intended and step.subject:  # it was seen
                self.left_of[step.subject] = (step.target,)
        if step.state in SETTLED:
            step.ended_at = at
            self.open_gates.pop(payload.step, None)

    def _step_skipped(self, payload: ev.StepSkipped, at: str) -> None:
        step = self.record_of(payload.step)
        step.state, step.reason, step.ended_at = StepState.SKIPPED, payload.reason, at
        step.skipped_by = payload.by
        self.open_gates.pop(payload.step, None)

    def _gate_opened(self, payload: ev.GateOpened, at: str) -> None:  # noqa: ARG002
        self.open_gates[payload.step] = payload
        self.record_of(payload.step).refused = False
        self.answers.pop(payload.step, None)  # asked anew, earlier answers count no more

    def _gate_answered(self, payload: ev.GateAnswered, at: str) -> None:  # noqa: ARG002
        self.record_of(payload.step).refused = payload.answer in ("rejected", "silence")
        self.answers.setdefault(payload.step, []).append(payload)
        if payload.break_glass:
            self.alone.append(payload)

    def _undo_intended(self, payload: ev.UndoIntended, at: str) -> None:  # noqa: ARG002
        self._may_leave(payload.subject, payload.target)

    def _may_leave(self, subject: str, *values: Json) -> None:
        known = [*self.left_of.get(subject, ())]
        known += [each for each in values if each not in known]
        self.left_of[subject] = tuple(known)

    def _undo_written(self, payload: ev.UndoWritten, at: str) -> None:  # noqa: ARG002
        self.given_back[payload.subject] = self.before_of[payload.subject]

    def _undo_settled(self, payload: ev.UndoSettled, at: str) -> None:  # noqa: ARG002
        if payload.state != StepState.UNDONE:
            self.given_back.pop(payload.subject, None)
            return
        self.returned[payload.subject] = payload.after
        for step in self.steps.values():
            if step.subject == payload.subject and step.intended:
                step.state = StepState.UNDONE

    def _sample(self, payload: ev.Sample, at: str) -> None:  # noqa: ARG002
        if payload.step:
            self.record_of(payload.step).last_sample = payload.values
        else:
            self.sampled[payload.name] = payload.values
        if payload.name == "verdict":
            self.verdict = payload.values

    _TAKES: ClassVar[Mapping[type[ev.Payload], Callable[[Replay, Any, str], None]]] = MappingProxyType(
        {
            ev.ExecutionCreated: _execution_created,
            ev.ExecutionMode: _execution_mode,
            ev.ExecutionMoved: _execution_moved,
            ev.StepStarted: _step_started,
            ev.StepBefore: _step_before,
            ev.StepIntended: _step_intended,
            ev.StepWritten: _step_written,
            ev.StepAttemptFailed: _step_attempt_failed,
            ev.StepSettled: _step_settled,
            ev.StepSkipped: _step_skipped,
            ev.GateOpened: _gate_opened,
            ev.GateAnswered: _gate_answered,
            ev.UndoIntended: _undo_intended,
            ev.UndoWritten: _undo_written,
            ev.UndoSettled: _undo_settled,
            ev.Sample: _sample,
        }
    )
    """Who takes which event in. The others (requests, faults, leases, escalations) change nothing here."""

    def status(self) -> Json:
        """The object that `status --json` prints and `execute --json` ends with."""
        created = self.created
        ended = self.ended_at or None
        return {
            "execution": self.execution,
            "runbook": created.runbook if created else None,
            "mode": self.mode,
            "state": self.state.value,
            "verdict": self.verdict["verdict"] if self.verdict else None,
            "clock": created.clock if created else None,
            "started_at": self.started_at or None,
            "ended_at": ended,
            "duration_s": _seconds_between(self.started_at, self.ended_at or self.last_at),
            "steps": {key: step.json() for key, step in self.steps.items()},
            "recovered_when": {key: step.json() for key, step in self.verification.items()},
            "journal": {"events": self.events, "head": self.head},
        }


def _seconds_between(start: str, end: str) -> float | None:
    if not start or not end:
        return None
    return round((moment(end) - moment(start)).total_seconds(), 3)
