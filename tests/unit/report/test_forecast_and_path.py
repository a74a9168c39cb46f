from __future__ import annotations

from sample_run import region_evacuation, staged_move, until

from orchestrator.journal.replay import Replay
from orchestrator.report.forecast import forecast_s
from orchestrator.report.timeline import timeline


def test_the_forecast_is_the_longest_way_through_the_plan_plus_verification() -> None:
    # declare 120, names 180, verification 180: agents and shift are shorter, drain-queues is for planned runs only.
    assert forecast_s(Replay.of(region_evacuation())) == 480


def test_steps_of_the_mode_that_runs_count_and_others_do_not() -> None:
    # In planned mode drain-queues (300) is the longest branch after declare.
    assert forecast_s(Replay.of(region_evacuation(mode="planned"))) == 120 + 300 + 180


def test_holds_count_except_after_the_last_stage() -> None:
    assert forecast_s(Replay.of(staged_move())) == 3 * 10 + 2 * 120 + 180


def test_nothing_is_forecast_before_the_plan_is_known() -> None:
    assert forecast_s(Replay()) is None


def test_the_realised_critical_path_goes_back_through_the_need_that_settled_last() -> None:
    path = timeline(region_evacuation()).path
    assert [leg.key for leg in path] == ["declare", "names", "recovered_when.answered"]
    assert [leg.took_s for leg in path] == [105, 150, 164]
    assert [leg.waited_s for leg in path] == [0, 1, 0]


def test_the_legs_of_the_path_make_up_the_whole_orchestration_time() -> None:
    run = timeline(region_evacuation())
    assert sum(leg.took_s + leg.waited_s for leg in run.path) == run.orchestration_s == 420


def test_a_failed_stage_is_on_the_path_with_its_hold() -> None:
    path = timeline(staged_move()).path
    assert [(leg.key, leg.took_s) for leg in path] == [("shift[0]", 138), ("shift[1]", 148)]


def test_before_anything_has_settled_there_is_no_path() -> None:
    assert timeline(until(480 + 5)).path == ()
