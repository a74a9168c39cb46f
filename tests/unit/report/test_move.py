"""When callers were moved: at the end of a series, not at its first stage; and not at all where it was written back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sample_run import START_S, Tape, at, created, distribution, planned, region_evacuation, staged_move

from orchestrator.model import events as ev
from orchestrator.report import facts
from orchestrator.report.chart import run_marks
from orchestrator.report.html import html
from orchestrator.report.timeline import as_json, timeline
from orchestrator.report.words import date_time

if TYPE_CHECKING:
    from orchestrator.model.plan import PlannedStep
    from orchestrator.model.values import Json

GROUP = "traffic group"
BACK = "guard service.calls_answered fails: 3 of 20; returned to the values before the series"


def rows(events: list[ev.Event]) -> dict[str, str]:
    return dict(facts.particulars(timeline(events)))


def marks(events: list[ev.Event]) -> list[str]:
    return [mark.label for mark in run_marks(timeline(events)) if mark.at and "callers" in mark.label]


def stage(tape: Tape, second: float, place: int, to: int) -> None:
    """One item of the series, up to where it is seen to be so."""
    key, was = f"shift[{place}]", (0, 10, 50)[place]
    tape.add(second, ev.StepStarted(key))
    tape.add(second, ev.StepBefore(key, GROUP, distribution(100 - was, was)))
    tape.add(second, ev.StepIntended(key, GROUP, distribution(100 - to, to)))
    tape.add(second + 1, ev.StepWritten(key))
    tape.add(second + 9, ev.StepSettled(key, "done" if to == 100 else "holding", "", distribution(100 - to, to)))


def whole_move(*more: tuple[float, ev.Payload], steps: tuple[Json, ...] = ()) -> list[ev.Event]:
    """Three stages, the last of them seen at 309 seconds."""
    tape = Tape()
    plan = (*(step.record() for step in series()), *steps)
    tape.add(0, created(mode="planned", clock="real", simulated="", seed=None, plan=plan))
    tape.add(1, ev.ExecutionMoved("running"))
    for place, percent in enumerate((10, 50, 100)):
        stage(tape, 20 + 140 * place, place, percent)
        if percent < 100:
            tape.add(150 + 140 * place, ev.StepSettled(f"shift[{place}]", "done", "guard holds: 96 %"))
    for second, payload in more:
        tape.add(second, payload)
    return tape.sealed()


def series() -> list[PlannedStep]:
    return [
        planned(f"shift[{place}]", "connect.shift_traffic", "setting", series=True, last=percent == 100, hold_s=120.0)
        for place, percent in enumerate((10, 50, 100))
    ]


def test_callers_are_moved_when_the_last_stage_is_there_not_the_first() -> None:
    events = whole_move()
    assert rows(events)["Callers moved"] == date_time(at(309))
    assert as_json(events)["shifted_at"] == at(309)
    assert marks(events) == ["callers moved 09:05"]


def test_a_move_in_one_step_is_there_when_that_has_settled() -> None:
    assert rows(region_evacuation())["Callers moved"] == date_time(at(START_S + 108 + 24))


def test_callers_that_a_failing_guard_returned_were_not_moved_and_the_report_says_so() -> None:
    events = [event for event in staged_move() if event.at < at(290)]
    told = ev.Event(999, "run", at(290), "runner", ev.StepIntended("shift[1]", GROUP, distribution(100, 0)))
    failed = ev.Event(1000, "run", at(295), "runner", ev.StepSettled("shift[1]", "failed", BACK))
    events += [told, failed]
    assert rows(events)["Callers moved"] == f"not to the end: shift[1] failed: {BACK}"
    assert marks(events) == []
    assert as_json(events)["shifted_at"] is None
    assert "returned to the values before the series" in as_json(events)["callers_moved"]
    assert "callers moved" not in html(events)


def test_a_move_that_stopped_half_way_names_the_stage_that_a_person_left_out() -> None:
    events = [event for event in whole_move() if event.at < at(300)]
    events.append(ev.Event(999, "run", at(400), "runner", ev.StepSkipped("shift[2]", "half is enough", "commander")))
    assert rows(events)["Callers moved"] == "not to the end: shift[2] skipped: half is enough"


def test_what_was_undone_has_both_its_moments() -> None:
    events = whole_move((500, ev.UndoSettled("shift[2]", GROUP, "undone", distribution(100, 0))))
    assert rows(events)["Callers moved"] == f"{date_time(at(309))}; returned {date_time(at(500))}"
    assert marks(events) == ["callers moved 09:05", "callers returned 09:08"]
    assert as_json(events)["returned_at"] == at(500)


def test_names_that_moved_move_nobody_while_the_calls_did_not() -> None:
    names = planned("names", "dns.evacuate", "setting").record()
    events = [event for event in whole_move(steps=(names,)) if event.at < at(20)]
    done = ev.StepStarted("names"), ev.StepIntended("names", "answer", "b"), ev.StepSettled("names", "done")
    events += [ev.Event(999, "run", at(30), "runner", payload) for payload in done]
    assert "Callers moved" not in rows(events)


def test_a_move_that_the_mode_leaves_out_decides_nothing() -> None:
    names = planned("names", "dns.evacuate", "setting").record()
    events = [event for event in whole_move(steps=(names,)) if event.at < at(20)]
    payloads = [
        *(ev.StepSkipped(f"shift[{place}]", "only planned") for place in range(3)),
        ev.StepStarted("names"), ev.StepIntended("names", "answer", "b"), ev.StepSettled("names", "done"),
    ]  # fmt: skip
    events += [ev.Event(999, "run", at(30), "runner", payload) for payload in payloads]
    assert rows(events)["Callers moved"] == date_time(at(30))


def test_a_run_that_moves_nobody_says_nothing_of_callers() -> None:
    (begin, *_) = staged_move()
    look = planned("look", "service.answers", "check").record()
    assert "Callers moved" not in rows([begin.but(payload=created(plan=(look,)))])
