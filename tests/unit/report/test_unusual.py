"""What most runs do not have: a broken glass with its review, and what an undo has given back."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as ET  # our own text

from sample_run import BEGIN, EXECUTION, at, created, region_evacuation, served

from orchestrator.journal.replay import Replay
from orchestrator.model import events as ev
from orchestrator.report.html import html
from orchestrator.report.junit import junit
from orchestrator.report.live import LiveView, run_lines
from orchestrator.report.markdown import markdown
from orchestrator.report.status import status_text
from orchestrator.report.timeline import as_json

ALONE = ev.GateAnswered("declare", "approved", "eve", "nobody | is awake", break_glass=True)
OPENED = ev.GateOpened("declare", "Move?", ("duty-manager", "deputy"), at(700), "stop")


def note(text: str, by: str = "boss") -> ev.RequestAccepted:
    return ev.RequestAccepted(f"n-{text}", by, "note", "", text)


def told(*payloads: ev.Payload, **changes: object) -> list[ev.Event]:
    """A run of which these happened, a second each."""
    story = (created(**changes), ev.ExecutionMoved("running"), *payloads)
    return [ev.Event(seq, EXECUTION, at(seq), "runner", payload) for seq, payload in enumerate(story)]


def broken(*more: ev.Payload) -> list[ev.Event]:
    over = (ev.GateEscalated("declare", name, "break-glass by eve: nobody | is awake") for name in OPENED.approvers)
    return told(OPENED, ALONE, *over, *more)


def section(text: str, title: str) -> str:
    return text.partition(f"## {title}")[2].partition("\n## ")[0]


def test_a_report_demands_a_review_of_each_broken_glass_naming_who_when_why_and_who_was_passed_over() -> None:
    shown = section(markdown(broken()), "Break-glass: review required")
    assert "| 09:00:03Z | declare | eve | nobody \\| is awake | duty-manager, deputy |" in shown
    assert f"failover note {EXECUTION} --reason" in shown
    assert "Break-glass: review required" in html(broken())


def test_a_note_that_is_a_review_closes_it_and_other_notes_or_earlier_ones_do_not() -> None:
    for early in (told(note("review: in advance"), OPENED, ALONE), broken(note("reviewed it")), broken(note("see"))):
        assert "## Break-glass: review required" in markdown(early)
    shown = section(markdown(broken(note("Review: it was right"))), "Break-glass: reviewed")
    assert "09:00:06Z by boss: it was right" in shown


def test_a_glass_broken_after_the_review_demands_another() -> None:
    again = markdown(broken(note("review: fine"), OPENED, ALONE))
    assert "## Break-glass: review required" in again
    assert "by boss: fine" in section(again, "Break-glass: review required")


def test_a_run_that_began_so_demands_one_too() -> None:
    shown = section(markdown(told(break_glass="ada", reason="all dead")), "Break-glass: review required")
    assert "| 09:00:00Z | every gate of the run | ada | all dead | nobody |" in shown


def test_machines_are_told_as_well() -> None:
    [glass] = as_json(broken(note("review: fine")))["break_glass"]
    assert (glass["step"], glass["by"], glass["reviewed"], glass["passed_over"]) == (
        "declare", "eve", True, ["duty-manager", "deputy"],
    )  # fmt: skip
    for events, kind in ((broken(), ["error"]), (broken(note("review: fine")), [])):
        cases = ET.fromstring(junit(events)).iter("testcase")  # noqa: S314 - our own text
        [case] = [each for each in cases if each.get("classname", "").endswith(".break-glass")]
        assert [each.tag for each in case] == kind


def test_a_run_without_any_of_it_says_nothing_of_it() -> None:
    text = markdown(region_evacuation())
    assert "Break-glass" not in text
    assert "Given back" not in text


def test_everybody_who_watches_sees_it() -> None:
    view = LiveView()
    for event in broken(note("see")):
        view.apply(event)
    lines = view.text(BEGIN + timedelta(seconds=9), 80, 24).splitlines()
    assert " BREAK-GLASS declare approved by eve alone: nobody | is awake" in lines
    assert "GLASS      broken: declare approved by eve alone" in status_text(Replay.of(broken()))
    assert run_lines(broken()[3]) == (
        "09:00:03Z  declare approved by eve alone, BREAK-GLASS, to be reviewed: nobody | is awake"
    )


def test_the_latest_request_stays_in_sight_for_a_minute_whatever_follows_it() -> None:
    steps = [ev.StepSettled("destination-serves", "done", f"number {place}") for place in range(5)]
    view = LiveView()
    for event in told(ev.RequestRefused("r", "eve", "undo", "not now"), *steps):
        view.apply(event)
    asked = "09:00:02Z  eve asked to undo the run: refused, not now"
    assert asked in view.text(BEGIN + timedelta(seconds=50), 80, 24).splitlines()
    assert asked not in view.text(BEGIN + timedelta(seconds=70), 80, 24).splitlines()


def test_on_a_low_terminal_the_head_the_answer_to_give_and_what_moves_remain() -> None:
    view = LiveView()
    for event in served(540):
        view.apply(event)
    lines = view.text(BEGIN + timedelta(seconds=540), 80, 10).splitlines()
    assert len(lines) <= 10
    assert lines[0].split()[:2] == ["WAITING", "SIMULATED"] or "SIMULATED" in lines[0]
    assert any("WAITS FOR duty-manager" in line for line in lines)
    assert any("failover approve" in line for line in lines)
    assert any("declare" in line and "running" in line for line in lines)


def test_what_an_undo_has_given_back_is_told_with_who_asked_for_it() -> None:
    undone = told(
        ev.ExecutionMoved("recovered"),
        ev.RequestRefused("u-0", "eve", "undo", "no proof"),
        ev.RequestAccepted("u-1", "ada", "undo", "", "all is well"),
        ev.ExecutionMoved("undoing", "undone by ada: all is well"),
        ev.UndoSettled("shift", "traffic group", "undone", {"us-east-1": 100}),
        ev.ExecutionMoved("undone", "undone by ada: all is well"),
    )
    shown = section(markdown(undone), "Given back")
    assert "| 09:00:06Z | traffic group | shift |" in shown
    assert shown.rstrip().endswith("| ada |")
    decisions = section(markdown(undone), "Decisions")
    assert "| 09:00:06Z | given back: traffic group | shift | by ada |" in decisions
    assert "request to undo refused, no proof" in decisions
    assert "run: undone" in decisions
