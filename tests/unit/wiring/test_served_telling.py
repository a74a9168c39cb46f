"""What is told of a served cloud's feed, by a runner that begins, and by one that goes on where another was killed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from wiring_world import EXECUTION, START

from orchestrator.journal.chain import Chain
from orchestrator.journal.replay import Replay
from orchestrator.journal.store import JournalUnavailable
from orchestrator.model import events as ev
from orchestrator.model.clock import stamp
from orchestrator.model.errors import HeldElsewhere
from orchestrator.model.samples import Sampled
from orchestrator.wiring.feed import HIT, News, Reply
from orchestrator.wiring.telling import Telling

if TYPE_CHECKING:
    from wiring_world import Centre

EAST = "region-outage us-east-1"


class Run:
    """A runner's face towards those who tell: its record, and a journal, whose latest event is of `minute`."""

    def __init__(self, centre: Centre, *payloads: ev.Payload, minute: float = 0) -> None:
        self.record, self.told, self.fails = Replay(), list[ev.Payload](), list[Exception]()
        self._chain = Chain(EXECUTION)
        for payload in (centre.prepared().created, ev.ExecutionMoved("running"), *payloads):
            self.happens(payload)
        self.happens(ev.LeaseTaken("somebody", 1), minute)

    def happens(self, payload: ev.Payload, minute: float = 0) -> ev.Event:
        event = self._chain.next(payload, at=stamp(at(minute)), actor="runner")
        self.record.apply(event)
        return event

    def tell(self, payload: ev.Payload) -> None:
        if self.fails:
            raise self.fails[0]
        self.happens(payload)
        self.told.append(payload)

    def minutes(self) -> list[int]:
        """Of the minutes told, how long after the run's beginning each began."""
        told = [each.values["minute"] for each in self.told if isinstance(each, ev.Sample) and each.name == "calls"]
        return [round((datetime.fromisoformat(at) - START) / timedelta(minutes=1)) for at in told]

    def outages(self) -> list[Any]:
        return [each.values["faults"] for each in self.told if isinstance(each, ev.Sample) and each.name == "outage"]

    def hits(self) -> list[tuple[str, int]]:
        return [(each.victim, each.count) for each in self.told if isinstance(each, ev.FaultHit)]


def telling(run: Run) -> Telling:
    return Telling(run)  # type: ignore[arg-type] # all that it asks of a runner


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def calls(minute: int) -> News:
    return News(Sampled.CALLS, at(minute), {"minute": stamp(at(minute)), "regions": {}, "offered": 9}, modelled=True)


def outage(minute: float, *faults: str) -> News:
    return News(Sampled.OUTAGE, at(minute), {"at": stamp(at(minute)), "faults": list(faults)}, modelled=False)


def hit(minute: float, victim: str) -> News:
    return News(HIT, at(minute), {"fault": EAST, "victim": victim}, modelled=False)


def reply(now: float, *news: News, lost_at: float | None = None, felt: int = 0) -> Reply:
    lost = None if lost_at is None else {"at": stamp(at(lost_at)), "faults": [EAST]}
    return Reply(at(now), len(news), lost, news, {(EAST, "caller"): felt} if felt else {})


def test_a_run_begins_with_the_last_minutes_before_it_and_each_is_modelled(centre: Centre) -> None:
    run = Run(centre)
    told = telling(run)
    told.take(reply(0, *map(calls, range(-60, -1))))
    told.take(reply(1, calls(-1)))
    told.take(reply(2, calls(0)))
    assert run.minutes() == [-4, -3, -2, -1, 0]
    assert all(each.modelled for each in run.told if isinstance(each, ev.Sample))


def test_lost_calls_count_from_an_outage_before_the_run_so_its_minutes_are_told_from_before_that(
    centre: Centre,
) -> None:
    run = Run(centre)
    telling(run).take(
        reply(0, *map(calls, range(-60, -10)), outage(-10, EAST), *map(calls, range(-10, 0)), lost_at=-10)
    )
    assert run.minutes() == list(range(-14, 0))
    assert run.outages() == [[EAST]]
    assert run.record.sampled[Sampled.OUTAGE]["at"] == stamp(at(-10))


def test_what_was_over_before_the_run_is_none_of_its_outages(centre: Centre) -> None:
    run = Run(centre)
    told = telling(run)
    told.take(reply(0, outage(-9, EAST), hit(-9, "caller"), outage(-8), felt=7))
    told.end()
    assert run.told == []


def test_outages_that_begin_and_end_while_it_goes_on_are_told_with_who_felt_them(centre: Centre) -> None:
    run = Run(centre)
    told = telling(run)
    told.take(reply(0))
    told.take(reply(1, outage(1, EAST), hit(1, "caller"), lost_at=1, felt=1))
    told.take(reply(2, calls(1), lost_at=1, felt=23))
    told.take(reply(3, outage(3), felt=25))
    told.end()
    assert run.outages() == [[EAST], []]
    assert run.hits() == [("caller", 1), ("caller", 25)]


def test_a_runner_that_goes_on_repeats_nothing_and_leaves_nothing_out(centre: Centre) -> None:
    before = Run(centre)
    first = telling(before)
    news = [calls(-1), outage(0.5, EAST), hit(0.5, "caller"), calls(0), calls(1)]
    first.take(reply(0, news[0]))
    first.take(reply(2, *news[1:], lost_at=0.5, felt=3))
    after = Run(centre, *before.told, minute=2)
    second = telling(after)
    second.take(reply(9, *news, *map(calls, range(2, 9)), lost_at=0.5, felt=30))
    second.take(reply(10, calls(9), outage(9.5), felt=31))
    second.end()
    assert after.minutes() == list(range(2, 10))
    assert after.outages() == [[]]
    assert after.hits() == [("caller", 31)]


def test_an_outage_that_ended_while_nobody_was_at_work_is_told_as_ended(centre: Centre) -> None:
    before = Run(centre)
    telling(before).take(reply(0, outage(-1, EAST), lost_at=-1))
    after = Run(centre, *before.told)
    telling(after).take(reply(5, outage(-1, EAST), outage(2), felt=9))
    assert after.outages() == [[]]


@pytest.mark.parametrize("failure", [HeldElsewhere(EXECUTION, "another"), JournalUnavailable("journal.db", "full")])
def test_a_journal_that_takes_nothing_more_is_told_nothing_more(centre: Centre, failure: Exception) -> None:
    """The runner itself is told so by its next append."""
    run = Run(centre)
    told = telling(run)
    run.fails.append(failure)
    told.take(reply(0, calls(-1), felt=9, lost_at=-1))
    run.fails.clear()
    told.take(reply(1, calls(0)))
    told.end()
    assert run.told == []


def test_nothing_is_told_once_it_is_over(centre: Centre) -> None:
    run = Run(centre)
    told = telling(run)
    told.over = True
    told.take(reply(0, calls(-1)))
    assert run.told == []


WISH = ("wish", "somebody", "note")


@pytest.mark.parametrize(
    ("payload", "taken_up"),
    [
        (ev.StepStarted("first"), True),
        (ev.ExecutionMoved("waiting"), True),
        (ev.RequestAccepted(*WISH), False),
        (ev.RequestRefused(*WISH, rule="a rule"), False),
        (ev.ExecutionMoved("paused"), False),
        (ev.ExecutionMoved("aborted"), False),
    ],
)
def test_only_a_run_that_is_at_work_listens(centre: Centre, payload: ev.Payload, *, taken_up: bool) -> None:
    run = Run(centre)
    assert telling(run).at_work(run.happens(payload)) is taken_up
