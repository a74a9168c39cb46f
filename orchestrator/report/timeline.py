"""A run as its reports tell it: the history, and every figure derived from it. All formats read this.

Laws: a figure that nothing was measured for is None (unknown); a simulated run's durations are simulated
orchestration time and its callers modelled, and are labelled so wherever they are shown.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from orchestrator.model.clock import moment, stamp
from orchestrator.model.events import ExecutionCreated
from orchestrator.model.samples import Count, Sampled
from orchestrator.model.states import StepState
from orchestrator.report.calls import Calls, calls, total, under_way
from orchestrator.report.forecast import expected_s, forecast_s
from orchestrator.report.history import History, Item, Question, exceptions, not_executed
from orchestrator.report.move import Move, move
from orchestrator.report.objectives import Objective, objectives
from orchestrator.report.path import Leg, critical_path
from orchestrator.report.words import seconds_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orchestrator.model.events import Event
    from orchestrator.model.values import Json

_PROVEN = frozenset({StepState.DONE, StepState.ALREADY_SO})
_ANSWERS = frozenset({"approve", "break-glass", "reject", "note"})
"""Requests that are told as answers, or change nothing."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """One run. Times are RFC 3339, empty where it did not come to that; `_s` are seconds, None where unknown."""

    history: History
    created: ExecutionCreated
    outage_at: str
    move: Move
    recovered_at: str
    orchestration_s: float | None
    recovery_s: float | None
    forecast_s: float | None
    path: tuple[Leg, ...]
    calls: Calls
    objectives: tuple[Objective, ...]

    @property
    def simulated(self) -> bool:
        """Whether the cloud was simulated."""
        return bool(self.created.simulated)

    @property
    def has_outage(self) -> bool:
        """Whether `outage_at` is the moment of an outage, rather than the start of the run."""
        return bool(self.history.faults or _broken_at(self.history))

    @property
    def time_basis(self) -> str:
        """What kind of time the durations are."""
        return "simulated orchestration time" if self.simulated else "measured"

    @property
    def calls_basis(self) -> str:
        """What kind of figures the calls are."""
        return "modelled" if self.simulated or self.calls.modelled else "measured"

    @property
    def marks(self) -> dict[str, str]:
        """How each operation that the run called is simulated, by operation; each runner has told of its own calls."""
        marks: dict[str, Json] = {}
        for values in self.history.sampled(Sampled.CALL_MARKS):
            marks |= values.get("marks") or {}
        return {str(operation): str(marks[operation]) for operation in sorted(marks)}

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Hosts that the run reached, sorted; each runner has told of its own."""
        told = self.history.sampled(Sampled.ENDPOINTS)
        return tuple(sorted({str(host) for values in told for host in values.get("hosts") or ()}))

    @property
    def under_way(self) -> tuple[float, float] | None:
        """Calls neither answered nor lost yet: when the counted minutes begin, and at the end of the record.

        With the totals: under way before + offered = answered + lost + under way at the end. None where no calls were
        sampled, or where sampling began so late that the record does not say.
        """
        if self.created.seed is None:  # its world had lived before: customers were calling when the record begins
            return None
        counted = self.calls.since(self.outage_at)
        end = under_way(self.calls.minutes)
        if end is None:
            return None
        before = under_way(self.calls.minutes[: len(self.calls.minutes) - len(counted)]) or 0.0
        return None if min(before, end) < 0 else (before, end)

    @property
    def calls_until(self) -> str:
        """Where the record of calls has no whole minute after the recovery: when it ends. Else empty."""
        last = self.calls.minutes[-1:]
        if not self.recovered_at or not last or moment(last[0].at) >= moment(self.recovered_at):
            return ""
        return stamp(moment(last[0].at) + timedelta(minutes=1))

    def calls_total(self, outcome: str) -> float | None:
        """The sum of one outcome from the outage to the end of the record; None where no calls were sampled."""
        return total(self.calls.since(self.outage_at), outcome)


def timeline(events: Iterable[Event]) -> Timeline:
    """The run that these events tell.

    Raises:
        ValueError: the events do not begin with `execution.created`.
    """
    told = list(events)
    created = told[0].payload if told else None
    if not isinstance(created, ExecutionCreated):
        raise ValueError("a report needs the whole journal: it begins with execution.created")  # noqa: TRY004 - the journal's content, not its type
    history = History.of(told)
    replay = history.replay
    outage_at = _outage_at(history)
    recovered_at = _recovered_at(history)
    series = calls(history.samples.get(Sampled.CALLS, ()))
    recovery_s = seconds_between(outage_at, recovered_at)
    derived = {"rto_s": recovery_s, "lost_calls": total(series.since(outage_at), "lost")}
    return Timeline(
        history=history,
        created=created,
        outage_at=outage_at,
        move=move(history),
        recovered_at=recovered_at,
        orchestration_s=seconds_between(replay.started_at, replay.ended_at or replay.last_at),
        recovery_s=recovery_s,
        forecast_s=forecast_s(replay),
        path=critical_path(history.items, replay.started_at),
        calls=series,
        objectives=objectives(
            created.objectives, derived, history.sampled(Sampled.OBJECTIVE), simulated=bool(created.simulated)
        ),
    )


def as_json(events: Iterable[Event]) -> Json:
    """The report for machines: what `status --json` says, and everything that the other formats show."""
    run = timeline(events)
    history = run.history
    return {
        **history.replay.status(),
        "title": run.created.title,
        "simulated": run.created.simulated or None,
        "environments": dict(run.created.environments),
        "outage_at": run.outage_at or None,
        "shifted_at": run.move.at or None,
        "returned_at": run.move.returned_at or None,
        "callers_moved": run.move.told or None,
        "recovered_at": run.recovered_at or None,
        "time_basis": run.time_basis,
        "orchestration_s": run.orchestration_s,
        "recovery_s": run.recovery_s,
        "forecast_s": run.forecast_s,
        "items": {key: _item_json(item) for key, item in history.items.items()},
        "critical_path": [asdict(leg) for leg in run.path],
        "not_executed": {item.key: item.record.reason or item.record.state.value for item in not_executed(history)},
        "exceptions": [item.key for item in exceptions(history)],
        "gates": [_question_json(question) for question in history.questions],
        "requests": [asdict(wish) | {"accepted": not wish.rule} for wish in history.wishes],
        "break_glass": [asdict(each) | {"reviewed": bool(each.reviews)} for each in history.glass],
        "given_back": [asdict(each) for each in history.given_back],
        "turns": [asdict(turn) for turn in history.turns],
        "faults": [asdict(felt) for felt in history.faults.values()],
        "steady_state": [dict(values) for values in history.sampled(Sampled.STEADY_STATE)],
        "afterwards": [dict(values) for values in history.sampled(Sampled.AFTERWARDS)],
        "calls": _calls_json(run),
        "objectives": [asdict(each) | {"verdict": each.verdict} for each in run.objectives],
        "marks": run.marks,
        "endpoints": list(run.endpoints),
        "reasons": list((history.replay.verdict or {}).get("reasons") or ()),
    }


def who(history: History, item: Item) -> str:
    """Who stands behind an item: those who answered it, those who asked for it, else whoever ran it."""
    questions = (question for question in history.questions if question.step == item.key)
    answered = [answer.by for question in questions for _, answer in question.answers]
    wishes = (wish for wish in history.wishes if wish.step == item.key and not wish.rule)
    asked = [f"{wish.by} ({wish.verb})" for wish in wishes if wish.verb not in _ANSWERS]
    return ", ".join(dict.fromkeys((*answered, *asked))) or item.actor


def _outage_at(history: History) -> str:
    """When something broke, as the drill says, else when it was first felt; without an outage when the run started."""
    felt = (felt.first_at for felt in history.faults.values())
    return _broken_at(history) or min(felt, default=history.replay.started_at)


def _broken_at(history: History) -> str:
    """When something broke first. Empty while the record knows of nothing; what is told with no faults is an end."""
    told = (values for values in history.sampled(Sampled.OUTAGE) if values.get("faults") != [])
    return next((str(values["at"]) for values in told if values.get("at")), "")


def _recovered_at(history: History) -> str:
    """When the last condition of `recovered_when` was met; empty unless every one that applies was."""
    skipped = StepState.SKIPPED
    conditions = [item for item in history.items.values() if item.verifies and item.record.state is not skipped]
    if not conditions or any(item.record.state not in _PROVEN for item in conditions):
        return ""
    return max(item.ended_at for item in conditions)


def _item_json(item: Item) -> Json:
    record, planned = item.record, item.record.planned
    return {
        **record.json(),
        "title": planned.title,
        "action": planned.action,
        "kind": planned.kind,
        "subject": record.subject or planned.subject or None,
        "verifies": item.verifies,
        "settled_at": item.rested_at or None,
        "duration_s": seconds_between(record.started_at, item.ended_at),
        "expected_s": expected_s(planned),
        "provenance": str(planned.provenance),
        "needs": list(planned.needs),
        "failures": [asdict(failure) for failure in item.failures],
        "actor": item.actor or None,
    }


def _question_json(question: Question) -> Json:
    asked = question.asked
    return {
        "step": question.step,
        "opened_at": question.opened_at,
        "question": asked.question,
        "approvers": list(asked.approvers),
        "deadline": asked.deadline,
        "on_silence": asked.on_silence,
        "escalated": [{"at": at, "to": to} for at, to in question.escalated],
        "answers": [
            {"at": at, "answer": answer.answer, "by": answer.by, "reason": answer.reason}
            for at, answer in question.answers
        ],
    }


def _calls_json(run: Timeline) -> Json:
    since: Sequence[Mapping[str, Json]] = [asdict(minute) | {"lost": minute.lost} for minute in run.calls.minutes]
    totals = {outcome: run.calls_total(outcome) for outcome in (*Count, "lost")}
    before, end = run.under_way or (None, None)
    counted = {**totals, "under_way_before": before, "under_way": end}
    return {"basis": run.calls_basis, "minutes": list(since), "since_outage": counted}
