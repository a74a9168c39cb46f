"""The feed of a served cloud: it answers at once where there is news, waits where there is none, and forgets."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from drills.served.feed import KEPT, Feed, in_force
from drills.simulator.outage import RegionOutage
from drills.simulator.tally import Minute
from orchestrator.model.clock import stamp

EAST, WEST = "us-east-1", "us-west-2"
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FOR_EVER_S = 1e9


def minute(number: int) -> list[Minute]:
    start = START + timedelta(minutes=number)
    return [Minute(start, EAST, offered=4, answered=3), Minute(start, WEST, offered=2, swallowed=1)]


def test_a_minute_holds_both_regions_and_their_sums_and_is_modelled() -> None:
    feed = Feed()
    feed.minute(minute(0))
    (item,) = asyncio.run(feed.after(0, FOR_EVER_S))
    assert (item["n"], item["name"], item["at"], item["modelled"]) == (1, "calls", stamp(START), True)
    values = item["values"]
    assert (values["minute"], values["offered"], values["answered"], values["swallowed"]) == (stamp(START), 6, 3, 1)
    assert values["regions"][WEST]["swallowed"] == 1
    assert "region" not in values["regions"][EAST]


def test_who_knows_everything_waits_and_is_woken_by_the_next() -> None:
    feed = Feed()

    async def wait() -> list[int]:
        feed.minute(minute(0))
        readers = [asyncio.create_task(feed.after(1, FOR_EVER_S)) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(reader.done() for reader in readers)
        feed.minute(minute(1))
        return [item["n"] for reader in readers for item in await reader]

    assert asyncio.run(wait()) == [2, 2, 2]


def test_where_nothing_comes_in_time_the_answer_is_nothing() -> None:
    assert asyncio.run(Feed().after(0, 0.0)) == []


def test_who_is_behind_is_answered_at_once_with_all_that_is_newer() -> None:
    feed = Feed()
    for number in range(5):
        feed.minute(minute(number))
    assert [item["n"] for item in asyncio.run(feed.after(2, FOR_EVER_S))] == [3, 4, 5]


def test_only_so_much_is_kept_and_who_asks_for_what_is_gone_gets_what_there_is() -> None:
    feed = Feed()
    for number in range(KEPT + 50):
        feed.minute(minute(number))
    kept = asyncio.run(feed.after(10, FOR_EVER_S))
    assert [item["n"] for item in kept] == list(range(51, KEPT + 51))
    assert feed.last == KEPT + 50


def test_a_number_that_another_server_gave_gets_all_that_there_is() -> None:
    feed = Feed()
    feed.minute(minute(0))
    assert [item["n"] for item in asyncio.run(feed.after(77, FOR_EVER_S))] == [1]


def test_outages_are_news_where_something_has_changed() -> None:
    feed, east, west = Feed(), RegionOutage(EAST, START), RegionOutage(WEST, START + timedelta(minutes=1))
    for number, raging in enumerate([[], [east], [east], [east, west], [west], []]):
        feed.outages(raging, START + timedelta(minutes=number))
    told = [(item["at"], item["values"]["faults"]) for item in asyncio.run(feed.after(0, FOR_EVER_S))]
    moments = [stamp(START + timedelta(minutes=number)) for number in (1, 3, 4, 5)]
    assert told == list(zip(moments, [[east.name], [east.name, west.name], [west.name], []], strict=True))


def test_what_is_in_force_counts_from_the_first_that_is_not_over() -> None:
    late, early = RegionOutage(WEST, START + timedelta(minutes=1)), RegionOutage(EAST, START)
    assert in_force([late, early]) == {"at": stamp(START), "faults": [late.name, early.name]}
    assert in_force([]) is None
