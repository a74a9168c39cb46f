from __future__ import annotations

import io
import subprocess
import sys

import pytest
from rich.console import Console
from sample_run import EXECUTION, at, created, planned, region_evacuation, served, staged_move, until

from orchestrator.journal.replay import Replay
from orchestrator.model import events as ev
from orchestrator.model.clock import moment
from orchestrator.report.status import list_text, status_rich, status_text
from orchestrator.report.words import cells

ASKED, SETTLING, DONE = 540, 600, 2000


def status(second: float, width: int = 80) -> str:
    return status_text(Replay.of(until(second)), width=width)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal_at_any_moment(width: int) -> None:
    for events in (region_evacuation(), staged_move()):
        replay = Replay()
        for event in events:
            replay.apply(event)
            text = status_text(replay, width=width)
            assert max(cells(line) for line in text.splitlines()) <= width


def test_states_times_and_expectations_are_words_without_colour() -> None:
    text = status(SETTLING)
    assert "RUNNING  scenario: two minutes to notice" in text
    assert "2m elapsed of 8m forecast, simulated clock, as of 09:10:00Z" in text
    assert "SIMULATED  AWS, its Regions" in text
    row = next(line for line in text.splitlines() if "emergency-answer" in line)
    assert row.split() == ["✓", "done", "emergency-answer", "2s", "~2s", "off", "→", "on"]
    assert "\x1b" not in text


def asked(width: int = 80) -> str:
    return status_text(Replay.of(served(ASKED)), width=width)


def test_a_question_tells_who_is_waited_for_until_when_and_what_to_type() -> None:
    text = asked()
    assert "WAITS FOR duty-manager until 09:13:00Z: declare" in text
    assert f"failover approve {EXECUTION} declare --as duty-manager" in " ".join(text.split())
    assert "failover approve" not in status(ASKED), "in its own process nobody else can answer"
    assert "on silence: proceed-unplanned" in text


def test_an_answered_question_is_asked_no_more() -> None:
    assert "WAITS FOR" not in status(SETTLING)


def test_the_command_to_answer_is_whole_even_where_it_does_not_fit_one_line() -> None:
    lines = [line.strip() for line in asked(width=40).splitlines()]
    start = lines.index("failover approve")
    assert lines[start : start + 3] == ["failover approve", EXECUTION, "declare --as duty-manager"]


def test_a_waiting_step_names_what_it_waits_for_and_no_more() -> None:
    assert "waits for declare, emergency-answer" in status(ASKED, width=120)
    assert "attempt 2 failed: UpdateTrafficDistribution in us-west-2 refused" in status(SETTLING)
    assert "11/24 written" in status(SETTLING)


def test_a_paused_run_tells_what_failed_what_it_blocks_and_what_a_person_may_do() -> None:
    text = status_text(Replay.of(staged_move()), width=80)
    assert "guard: 71 % answered, 90 % wanted" in text
    assert "blocked: shift[1] failed" in text
    assert f"failover retry {EXECUTION} 'shift[1]'" in text


def test_a_holding_stage_tells_until_when_and_what_guards_it() -> None:
    text = status_text(Replay.of(staged_move(ends=False)), width=80)
    assert "holds until 09:04:31Z, then guard service.calls_answered" in text


def test_a_guard_that_is_being_asked_tells_what_it_sees() -> None:
    seen = ev.Sample("guard", {"reading": "pending", "what": "12 of 20 calls yet"}, "shift[1]")
    events = [*staged_move(ends=False), ev.Event(999, EXECUTION, at(280), "runner", seen)]
    assert "guard: 12 of 20 calls yet" in status_text(Replay.of(events), width=80)


def test_the_present_may_be_given_by_the_runs_own_clock() -> None:
    replay = Replay.of(until(ASKED))
    later = replay.last_at.replace("09:09:00", "09:10:00")
    text = status_text(replay, width=80, now=moment(later))
    assert "2m elapsed" in text
    assert "as of" not in text


def test_an_ended_drill_tells_its_verdict_with_reasons() -> None:
    text = status(DONE, width=120)
    assert "Verdict    passed: recovered_when held; the outage was felt 169 times" in text
    assert "7m elapsed of 8m forecast" in text


def test_what_nobody_can_tell_is_said_so() -> None:
    events = until(480 + 108 + 24)
    events.append(
        ev.Event(
            999,
            EXECUTION,
            at(800),
            "runner",
            ev.StepSettled("tell-the-centre", "unproven", "may have been sent: no reply"),
        )
    )
    assert "may have been sent: no reply" in status_text(Replay.of(events), width=120)


def test_items_that_stand_alike_share_a_row_when_there_are_many() -> None:
    steps = [planned(f"agents[{n}]", "agents.incident_routing", "setting") for n in range(300)]
    plan = tuple(step.record() for step in steps)
    events = [ev.Event(0, EXECUTION, at(0), "runner", created(plan=plan))]
    events += [ev.Event(1, EXECUTION, at(1), "runner", ev.StepStarted("agents[7]"))]
    text = status_text(Replay.of(events), width=80)
    assert len(text.splitlines()) < 24
    assert "agents[0..6]" in text
    assert "agents[8..299]" in text
    assert "292 items, ready" in text


def test_escape_sequences_from_outside_do_not_reach_the_terminal() -> None:
    events = until(SETTLING, region_evacuation(title="\x1b]0;owned\x07 title", incident="a\u202eb"))
    events.append(
        ev.Event(999, EXECUTION, at(700), "runner", ev.StepAttemptFailed("names", 1, "\x1b[2Jgone\nx", "Odd", None))
    )
    for text in (status_text(Replay.of(events), width=80), list_text([Replay.of(events)], width=80)):
        assert all(char.isprintable() or char == "\n" for char in text)


def test_rich_says_exactly_what_plain_text_says() -> None:
    for width in (80, 120):
        replay = Replay.of(until(ASKED))
        console = Console(file=io.StringIO(), width=width, color_system=None)
        with console.capture() as printed:
            console.print(status_rich(replay))
        lines = [line.rstrip() for line in printed.get().splitlines()]
        assert lines == status_text(replay, width=width).splitlines()


def test_an_empty_journal_is_said_so() -> None:
    assert status_text(Replay(), width=80) == "No execution is recorded under this id."
    assert list_text([], width=80) == "No execution is recorded here."


def test_a_list_is_a_table_where_it_fits_and_two_lines_each_where_not() -> None:
    replays = [Replay.of(region_evacuation()), Replay.of(staged_move())]
    wide = list_text(replays, width=140).splitlines()
    assert wide[0].split() == ["EXECUTION", "STATE", "STARTED", "TOOK", "RUNBOOK"]
    assert len(wide) == 3
    assert "recovered (passed)" in wide[1]
    narrow = list_text(replays, width=80).splitlines()
    assert len(narrow) == 4
    assert narrow[1] == "  2026-11-10 09:08  7m  region-evacuation, unplanned, SIMULATED"
    assert max(map(len, narrow)) <= 80


def test_status_starts_without_any_heavy_library() -> None:
    heavy = {"rich", "pydantic", "boto3", "botocore", "networkx", "asyncio", "yaml", "jmespath", "moto", "html"}
    code = f"import sys, orchestrator.report.status; print(sorted({heavy!r} & set(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert printed.stdout.strip() == "[]"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_run_that_its_process_left_is_neither_running_nor_asks_anybody(width: int) -> None:
    record = Replay.of(until(ASKED))
    text = status_text(record, width=width, gone=True)
    assert "RUNNING when its process ended" in text or "RUNNING\n           when its process ended" in text
    assert "WAITS FOR" not in text
    assert "failover approve" not in text
    assert "can be read, not steered" in " ".join(text.split())
    assert max(cells(line) for line in text.splitlines()) <= width
    listed = list_text([record, Replay.of(staged_move(ends=False))], width=width, gone=set())
    assert "when its process ended" not in listed
    listed = list_text([record], width=width, gone={EXECUTION})
    assert "running when its process ended" in listed
