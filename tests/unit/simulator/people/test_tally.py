from __future__ import annotations

from datetime import timedelta
from typing import Any

from drills.simulator.tally import Minute, Tally

EAST, WEST = "us-east-1", "us-west-2"


def test_a_minute_has_one_record_for_each_region_with_agents_or_calls(kit: Any, world: Any) -> None:
    told: list[Minute] = []
    tally = Tally(world.clock, told.extend)
    tally.staff_from(lambda: {EAST: 4})
    tally.offered(WEST)
    tally.offered(WEST)
    tally.answered(WEST, 3.0)
    tally.answered(WEST, 6.0)
    tally.emergency_greeted(WEST)
    tally.close()
    assert told == [
        Minute(kit.START, EAST, agents=4),
        Minute(kit.START, WEST, offered=2, answered=2, emergency_greeted=1, wait_s_mean=4.5),
    ]
    assert told == tally.minutes()


def test_no_answered_call_means_no_mean_wait_rather_than_zero(world: Any) -> None:
    tally = Tally(world.clock)
    tally.abandoned(EAST)
    assert tally.minutes()[0].wait_s_mean is None
    assert tally.total().wait_s_mean is None


def test_the_running_minute_is_listed_but_told_to_nobody_until_it_is_full(kit: Any, world: Any) -> None:
    told: list[Minute] = []
    tally = Tally(world.clock, told.extend)
    tally.close()
    tally.failed(EAST)
    assert told == []
    assert tally.minutes() == [Minute(kit.START + timedelta(minutes=1), EAST, failed=1)]


def test_totals_weigh_waits_by_calls_and_keep_regions_apart(world: Any) -> None:
    tally = Tally(world.clock)
    tally.answered(EAST, 10.0)
    tally.close()
    for wait in (1.0, 2.0, 3.0):
        tally.answered(EAST, wait)
    tally.cut_off(WEST)
    tally.swallowed(WEST)
    east, west, both = tally.total(EAST), tally.total(WEST), tally.total()
    assert (east.answered, east.wait_s_mean, east.lost) == (4, 4.0, 0)
    assert (west.lost, west.cut_off, west.answered) == (1, 1, 0)
    assert (both.region, both.answered, both.lost) == ("*", 4, 1)


def test_the_figures_of_a_sample_leave_out_the_time_that_its_event_has(kit: Any) -> None:
    values = Minute(kit.START, EAST, offered=3).values()
    assert "start" not in values
    assert (values["region"], values["offered"], values["wait_s_mean"]) == (EAST, 3, None)


def test_lost_are_all_who_never_reached_an_agent_and_nobody_else(world: Any) -> None:
    tally = Tally(world.clock)
    for told in (tally.abandoned, tally.swallowed, tally.failed, tally.overflowed):
        told(EAST)
    assert tally.total().lost == 4
    tally.answered(EAST, 1.0)
    tally.cut_off(EAST)
    assert tally.total().lost == 4


def test_the_rest_of_a_minute_is_what_is_missing_to_the_full_one(world: Any) -> None:
    tally = Tally(world.clock)
    assert (tally.rest_s, tally.running) == (60, False)
    world.clock.advance(45)
    tally.offered(EAST)
    assert (tally.rest_s, tally.running) == (15, True)
    tally.close()
    assert (tally.rest_s, tally.running) == (75, False)


def test_the_regions_of_a_minute_are_told_together_and_nothing_of_a_minute_without_any(world: Any) -> None:
    told: list[list[str]] = []
    tally = Tally(world.clock, lambda minutes: told.append([each.region for each in minutes]))
    tally.close()
    tally.offered(WEST)
    tally.offered(EAST)
    tally.close()
    assert told == [[EAST, WEST]]
