"""What happened, in order, for reports: the shared fold (`journal.replay`) plus what only a reader afterwards needs.

Failures of single attempts, questions with their answers, requests, faults felt, samples. Nothing here is derived:
times and figures are computed from it in `path`, `calls` and `timeline`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import TYPE_CHECKING

from orchestrator.journal.record import StepRecord
from orchestrator.journal.replay import Replay
from orchestrator.model import events as ev
from orchestrator.model.states import SETTLED, StepState
from orchestrator.report.alone import REVIEW, GivenBack, Glass
from orchestrator.report.words import clock_time, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orchestrator.model.values import Json

_REACHED = frozenset({StepState.HOLDING, StepState.DONE, StepState.ALREADY_SO})


@dataclass(frozen=True, slots=True)
class Failure:
    """One attempt that ended in an error."""

    at: str
    attempt: int
    error: str
    code: str
    retry_in_s: float | None
    part: str


@dataclass(slots=True)
class Item:
    """A step, or a condition of `recovered_when`, with what the shared fold does not keep."""

    record: StepRecord
    verifies: bool = False
    actor: str = ""
    rested_at: str = ""
    """When its latest run settled, before any hold."""
    reached_at: str = ""
    """When its latest run had brought about what it should, before any hold."""
    failures: list[Failure] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The item's key in the plan."""
        return self.record.planned.key

    @property
    def ended_at(self) -> str:
        """When it came to rest for good; empty while it runs (also again, after a failure)."""
        return self.record.ended_at if self.record.state in SETTLED else ""

    @property
    def executed(self) -> bool:
        """Whether it was ever taken up."""
        return bool(self.record.started_at)


@dataclass(slots=True)
class Question:
    """A gate: what was asked of whom, and every answer as (at, answer, by, reason)."""

    step: str
    opened_at: str
    asked: ev.GateOpened
    escalated: list[tuple[str, str]] = field(default_factory=list)
    answers: list[tuple[str, ev.GateAnswered]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that somebody left, and what became of it. `rule` is why it was refused, empty if it was not."""

    at: str
    verb: str
    step: str
    by: str
    reason: str
    rule: str
    account: str = ""


@dataclass(slots=True)
class Felt:
    """A fault that was injected and felt. `count` is the last cumulative count."""

    fault: str
    victim: str
    first_at: str
    last_at: str
    count: int


@dataclass(frozen=True, slots=True)
class Turn:
    """The run as a whole changed: its state, its mode, its runner, or a healed journal."""

    at: str
    what: str
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A question, an answer, a request or a turn, in words. `step` is empty where it is about the run."""

    at: str
    what: str
    step: str
    who: str


@dataclass(slots=True)
class History:
    """Everything journalled of one execution."""

    replay: Replay = field(default_factory=Replay)
    items: dict[str, Item] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    faults: dict[tuple[str, str], Felt] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    glass: list[Glass] = field(default_factory=list)
    given_back: list[GivenBack] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    """In the order of the journal."""
    samples: dict[str, list[tuple[str, ev.Sample]]] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[ev.Event]) -> History:
        """The history that these events tell."""
        history = cls()
        for event in events:
            history.replay.apply(event)
            history._take(event.payload, event)
        return history

    def sampled(self, name: str) -> Iterator[Json]:
        """The values of every sample of this name, in order."""
        return (sample.values for _, sample in self.samples.get(name, ()))

    @singledispatchmethod
    def _take(self, payload: ev.Payload, event: ev.Event) -> None:
        """Writes and intents are in the shared fold already."""

    @_take.register
    def _(self, payload: ev.ExecutionCreated, event: ev.Event) -> None:
        if payload.break_glass:
            self.glass.append(Glass(event.at, "", payload.break_glass, payload.reason))
        self.items = {key: Item(record) for key, record in self.replay.steps.items()}
        self.items |= {key: Item(record, verifies=True) for key, record in self.replay.verification.items()}

    @_take.register
    def _(self, payload: ev.ExecutionMoved, event: ev.Event) -> None:
        self._turn(event, payload.state, payload.reason)

    @_take.register
    def _(self, payload: ev.ExecutionMode, event: ev.Event) -> None:
        self._turn(event, f"switched to {payload.mode}", payload.reason)

    @_take.register
    def _(self, payload: ev.LeaseTaken, event: ev.Event) -> None:
        if payload.epoch > 1:
            self._turn(event, f"taken over by {payload.holder}", "")

    @_take.register
    def _(self, payload: ev.Healed, event: ev.Event) -> None:
        self._turn(event, f"journal healed, lost: {payload.lost}", payload.reason)

    @_take.register
    def _(self, payload: ev.StepStarted, event: ev.Event) -> None:
        item = self.items[payload.step]
        item.actor, item.rested_at, item.reached_at = event.actor, "", ""

    @_take.register
    def _(self, payload: ev.StepAttemptFailed, event: ev.Event) -> None:
        failure = Failure(event.at, payload.attempt, payload.error, payload.code, payload.retry_in_s, payload.part)
        self.items[payload.step].failures.append(failure)

    @_take.register
    def _(self, payload: ev.StepSettled, event: ev.Event) -> None:
        item = self.items[payload.step]
        item.rested_at = item.rested_at or event.at
        if payload.state in _REACHED:
            item.reached_at = item.reached_at or event.at

    @_take.register
    def _(self, payload: ev.GateOpened, event: ev.Event) -> None:
        self.questions.append(Question(payload.step, event.at, payload))
        whom = f"of {', '.join(payload.approvers)}, until {clock_time(payload.deadline)}"
        self._decided(event, f"asked: {payload.question}", payload.step, f"{whom}; on silence: {payload.on_silence}")

    @_take.register
    def _(self, payload: ev.GateEscalated, event: ev.Event) -> None:
        self._question(payload.step).escalated.append((event.at, payload.to))
        if payload.reason and self.glass:
            self.glass[-1].passed_over.append(payload.to)
        self._decided(
            event, "escalated", payload.step, f"to {payload.to}{': ' if payload.reason else ''}{payload.reason}"
        )

    @_take.register
    def _(self, payload: ev.GateAnswered, event: ev.Event) -> None:
        self._question(payload.step).answers.append((event.at, payload))
        what = f"{payload.answer} alone (break-glass)" if payload.break_glass else payload.answer
        same = (wish.account for wish in reversed(self.wishes) if (wish.step, wish.by) == (payload.step, payload.by))
        account = next(same, "")  # of the request that was just accepted
        who = named(payload.by, account)
        if payload.break_glass:
            self.glass.append(Glass(event.at, payload.step, who, payload.reason))
        self._decided(event, what, payload.step, _by(who, payload.reason))

    @_take.register
    def _(self, payload: ev.RequestAccepted, event: ev.Event) -> None:
        self.wishes.append(Wish(event.at, payload.verb, payload.step, payload.by, payload.reason, "", payload.account))
        who = named(payload.by, payload.account)
        if payload.verb == "note" and payload.reason.casefold().startswith(REVIEW):
            for each in self.glass:
                each.reviews.append((event.at, who, payload.reason[len(REVIEW) :].strip()))
        self._decided(event, f"request to {payload.verb} accepted", payload.step, _by(who, payload.reason))

    @_take.register
    def _(self, payload: ev.RequestRefused, event: ev.Event) -> None:
        account = payload.account
        self.wishes.append(
            Wish(event.at, payload.verb, payload.step, payload.by, payload.reason, payload.rule, account)
        )
        refused = f"request to {payload.verb} refused, {payload.rule}"
        self._decided(event, refused, payload.step, _by(named(payload.by, account), payload.reason))

    @_take.register
    def _(self, payload: ev.UndoSettled, event: ev.Event) -> None:
        asked = (wish.by for wish in reversed(self.wishes) if wish.verb == "undo" and not wish.rule)
        by = next(asked, event.actor)
        if payload.state != StepState.UNDONE:
            self._decided(event, f"written, and never seen back: {payload.subject}", payload.step, f"by {by}")
            return
        self.given_back.append(GivenBack(event.at, payload.step, payload.subject, payload.after, by))
        self._decided(event, f"given back: {payload.subject}", payload.step, f"by {by}")

    @_take.register
    def _(self, payload: ev.Sample, event: ev.Event) -> None:
        self.samples.setdefault(payload.name, []).append((event.at, payload))

    @_take.register
    def _(self, payload: ev.FaultHit, event: ev.Event) -> None:
        felt = self.faults.setdefault(
            (payload.fault, payload.victim), Felt(payload.fault, payload.victim, event.at, event.at, 0)
        )
        felt.last_at, felt.count = event.at, payload.count

    def _turn(self, event: ev.Event, what: str, reason: str) -> None:
        self.turns.append(Turn(event.at, what, reason, event.actor))
        self._decided(event, f"run: {what}", "", reason)

    def _decided(self, event: ev.Event, what: str, step: str, who: str) -> None:
        self.decisions.append(Decision(event.at, what, step, who))

    def _question(self, step: str) -> Question:
        return next(question for question in reversed(self.questions) if question.step == step)


def _by(who: str, reason: str) -> str:
    return f"by {who}: {reason}" if reason else f"by {who}"


def not_executed(history: History) -> list[Item]:
    """Items that were not carried out, in plan order: skipped, cancelled, or never reached."""
    left_out = {StepState.SKIPPED, StepState.CANCELLED, StepState.WAITING}
    return [item for item in history.items.values() if item.record.state in left_out]


def exceptions(history: History) -> list[Item]:
    """Items that a reader must know of although the run may have recovered."""
    return [item for item in history.items.values() if item.record.exceptional]
