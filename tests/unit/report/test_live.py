from __future__ import annotations

import io
from datetime import timedelta

import pytest
from rich.console import Console
from sample_run import BEGIN, EXECUTION, at, created, planned, region_evacuation, served, staged_move, until

from orchestrator.model import events as ev
from orchestrator.report.live import LiveView, run_lines
from orchestrator.report.words import cells


def view_of(events: list[ev.Event], options: str = "") -> LiveView:
    view = LiveView(options)
    for event in events:
        view.apply(event)
    return view


def shown(second: float, width: int = 80, height: int = 24) -> str:
    return view_of(until(second)).text(BEGIN + timedelta(seconds=second), width, height)


@pytest.mark.parametrize(
    ("width", "height"),
    [(40, 1), (80, 2), (40, 6), (80, 10), (60, 15), (40, 12), (40, 24), (80, 24), (120, 40), (200, 50), (300, 100)],
)
def test_the_view_fits_its_terminal_at_every_moment(width: int, height: int) -> None:
    for events in (region_evacuation(), staged_move()):
        view = LiveView()
        for event in events:
            view.apply(event)
            lines = view.text(BEGIN + timedelta(seconds=700), width, height).splitlines()
            assert len(lines) <= height
            assert max(map(cells, lines)) <= width


def test_a_terminal_that_is_absurdly_small_does_no_harm() -> None:
    assert "SIMULATED" in shown(540, width=1, height=1)


def test_the_heading_tells_state_simulation_runbook_mode_and_time_against_forecast() -> None:
    first, second, third = shown(600).splitlines()[:3]
    assert first.split() == ["RUNNING", "SIMULATED", "region-evacuation", "unplanned"]
    assert "2m of ~8m  09:10:00Z" in second
    assert third == "scenario: two minutes to notice"


def test_a_run_on_a_real_cloud_is_not_called_simulated() -> None:
    assert "SIMULATED" not in view_of(staged_move()).text(BEGIN, 80, 24)


def test_a_run_beyond_its_forecast_says_by_how_much() -> None:
    view = view_of(until(600))
    assert "10m of ~8m, 2m over" in view.text(BEGIN + timedelta(seconds=480 + 600), 80, 24)


def test_an_open_question_tells_who_until_when_and_the_whole_command() -> None:
    assert "failover approve" not in shown(540), "in its own process nobody else can answer"
    text = view_of(served(540)).text(BEGIN + timedelta(seconds=540), 80, 24)
    assert "declare WAITS FOR duty-manager until 09:13:00Z (in 4m)" in text
    assert f"failover approve {EXECUTION} declare --as duty-manager" in " ".join(text.split())
    elsewhere = view_of(served(540), " --home there").text(BEGIN + timedelta(seconds=540), 120, 24)
    assert f"failover approve {EXECUTION} declare --as duty-manager --home there" in " ".join(elsewhere.split())
    narrow = [line.strip() for line in view_of(served(540)).text(BEGIN + timedelta(seconds=540), 40, 24).splitlines()]
    assert EXECUTION in narrow
    assert "overdue" in view_of(until(540)).text(BEGIN + timedelta(seconds=800), 80, 24)


def test_running_steps_tell_progress_attempt_and_last_error() -> None:
    text = shown(600)
    assert "11/24 written" in text
    assert "attempt 2 failed: UpdateTrafficDistribution in us-west-2 refused" in text
    assert "14s / ~40s" in text


def test_calls_are_bars_per_region_and_the_lost_are_beside_them() -> None:
    lines = shown(960).splitlines()
    head = next(place for place, line in enumerate(lines) if line.startswith("Calls answered per minute (modelled)"))
    east, west, lost = (line.split() for line in lines[head + 1 : head + 4])
    assert (east[0], east[1][6:], east[2]) == ("us-east-1", "··········", "0")
    assert west[1].startswith("··········▄▆")
    assert (lost[0], lost[1][:6], lost[1][6:10], lost[1][11:]) == ("lost", "▁▁▁▁▁▁", "██▇▇", "▂▁▁▁▁")
    assert {len(bars[1]) for bars in (east, west, lost)} == {16}


def test_a_minute_that_was_not_sampled_is_blank_not_zero() -> None:
    events = [
        event
        for event in region_evacuation()
        if not (isinstance(event.payload, ev.Sample) and event.payload.values.get("minute") == at(180))
    ]
    line = next(line for line in view_of(events).text(BEGIN, 80, 24).splitlines() if "us-east-1 " in line)
    assert line.split("us-east-1", 1)[1].strip()[:6] == "▇██ ▇█"


def crowded(count: int = 60, done: int = 12) -> LiveView:
    steps = [planned(f"s{n:02d}", "http.get", "check", expected_s=10.0) for n in range(count)]
    plan = tuple(step.record() for step in steps)
    events = [ev.Event(0, EXECUTION, at(0), "r", created(plan=plan))]
    events += [ev.Event(1, EXECUTION, at(1), "r", ev.ExecutionMoved("running"))]
    for place in range(done + 3):
        events.append(ev.Event(2, EXECUTION, at(2), "r", ev.StepStarted(f"s{place:02d}")))
    for place in range(done):
        events.append(ev.Event(3, EXECUTION, at(3), "r", ev.StepSettled(f"s{place:02d}", "done")))
    events.append(ev.Event(4, EXECUTION, at(4), "r", ev.StepStarted("s30")))
    events.append(ev.Event(5, EXECUTION, at(5), "r", ev.StepSettled("s30", "failed", "broken")))
    return view_of(events)


def test_with_more_steps_than_rows_done_ones_collapse_and_what_failed_or_runs_stays() -> None:
    text = crowded().text(BEGIN + timedelta(seconds=9), 80, 24)
    assert "✓ 12 done" in text
    assert "✗ failed     s30" in text
    for key in ("s12", "s13", "s14"):
        assert f"running    {key}" in text
    assert "more waiting" in text
    told = sum(line.startswith("○ waiting") for line in text.splitlines())
    rest = int(next(line for line in text.splitlines() if line.endswith("more waiting")).split()[0])
    assert told + rest == 60 + 1 - 12 - 3 - 1


def test_with_more_running_than_rows_the_rest_is_counted_and_failures_come_first() -> None:
    view = crowded(count=60, done=29)
    for place in range(31, 60):
        view.apply(ev.Event(6, EXECUTION, at(6), "r", ev.StepStarted(f"s{place:02d}")))
    lines = view.text(BEGIN + timedelta(seconds=9), 80, 20).splitlines()
    assert next(line for line in lines if "s30" in line).startswith("✗ failed")
    assert any(line.endswith("more running or failed") for line in lines)


def test_rich_shows_the_same_lines_and_takes_nothing_for_markup() -> None:
    view = view_of(until(540, region_evacuation(title="[bold]x[/]")))
    view.replay.reason = "[red]not markup[/red]"
    now = BEGIN + timedelta(seconds=540)
    console = Console(file=io.StringIO(), width=80, color_system=None)
    with console.capture() as printed:
        console.print(view.render(now, 80, 24))
    assert [line.rstrip() for line in printed.get().splitlines()] == view.text(now, 80, 24).splitlines()
    assert "[red]not markup[/red]" in printed.get()


def test_before_the_first_event_the_view_says_so() -> None:
    assert LiveView().text(BEGIN, 80, 24) == "Nothing is journalled yet."


def test_piped_output_is_a_line_per_noteworthy_event_and_nothing_else() -> None:
    lines = [line for event in region_evacuation() if (line := run_lines(event))]
    assert lines[0] == "09:00:00Z  region-evacuation: unplanned, SIMULATED, 9 steps"
    assert (
        "09:08:00Z  declare asks duty-manager until 09:13:00Z: Move all callers from us-east-1 to us-west-2?" in lines
    )
    assert "09:09:20Z  observer asked to skip declare: refused, run_by: commander" in lines
    assert "09:09:45Z  declare approved by duty-manager: Region is dark" in lines
    assert (
        "09:09:49Z  shift attempt 1 failed: UpdateTrafficDistribution in us-west-2 refused for its rate limit, "
        "again in 3s" in lines
    )
    assert lines[-1] == "09:15:00Z  run recovered: every condition of recovered_when holds"
    assert not any("calls" in line and "fault" not in line and "recovered_when" not in line for line in lines)


def test_a_repeated_fault_is_news_once_and_samples_writes_and_leases_are_none() -> None:
    assert sum("fault" in (run_lines(event) or "") for event in region_evacuation()) == 2
    quiet = (ev.Sample, ev.StepWritten, ev.StepBefore, ev.StepIntended, ev.StepStarted, ev.LeaseTaken, ev.LeaseReleased)
    assert all(run_lines(event) is None for event in region_evacuation() if isinstance(event.payload, quiet))


def test_a_line_is_one_line_whatever_comes_from_outside() -> None:
    payload = ev.StepAttemptFailed("s", 1, "a\nb\x1b[2J", "Odd", None)
    line = run_lines(ev.Event(1, EXECUTION, at(0), "r", payload))
    assert line is not None
    assert line.isprintable()
