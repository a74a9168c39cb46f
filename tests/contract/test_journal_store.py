"""What every store of journals must do (`orchestrator/journal/store.py`). A new store joins `make_journal`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from orchestrator.journal.chain import Chain, encode
from orchestrator.journal.requests import Request, Verb
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.journal.store import Journal
from orchestrator.journal.verify import verify, verify_stored
from orchestrator.model.errors import ChainBroken, HeldElsewhere, InvalidInput, Refused
from orchestrator.model.events import (
    Event,
    ExecutionCreated,
    ExecutionMoved,
    LeaseTaken,
    Payload,
    StepSettled,
    StepStarted,
)

if TYPE_CHECKING:
    from pathlib import Path

MakeJournal = Callable[[], Journal]
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SIMULATED = "every AWS call"


@pytest.fixture(params=["sqlite"])
def make_journal(tmp_path: Path) -> Iterator[MakeJournal]:
    """Opens one more journal on the same, at first absent, store."""
    opened: list[Journal] = []

    def make() -> Journal:
        opened.append(SqliteJournal(tmp_path / "home" / "journal.db"))
        return opened[-1]

    yield make
    for journal in opened:
        journal.close_connection()


@pytest.fixture
def journal(make_journal: MakeJournal) -> Journal:
    return make_journal()


def created(simulated: str = SIMULATED) -> ExecutionCreated:
    return ExecutionCreated(
        runbook="region-evacuation",
        title="Move callers",
        mode="planned",
        clock="simulated",
        simulated=simulated,
        seed=7,
        runbook_sha256="a" * 64,
        inventory_sha256="b" * 64,
        plan_sha256="c" * 64,
        source="version: 1\n",
        environments={"from": "primary us-east-1", "to": "standby us-west-2"},
        parameters={"stages": [10, 50, 100]},
        objectives={"rto_s": 1200},
        plan=({"key": "shift[0]", "needs": ["declare"]},),
        verification=(),
    )


def ended(execution: str = "first", *, simulated: str = SIMULATED, steps: int = 2) -> list[Event]:
    """The events of an execution that has recovered."""
    payloads: list[Payload] = [created(simulated), LeaseTaken("a desk", 1), ExecutionMoved("running")]
    for number in range(steps):
        payloads += [StepStarted(f"shift[{number}]"), StepSettled(f"shift[{number}]", "done", after={"us-west-2": 100})]
    chain = Chain(execution)
    payloads.append(ExecutionMoved("recovered"))
    return [chain.next(payload, at="2026-11-22T03:00:00.000Z", actor="runner") for payload in payloads]


def wish(number: int = 1, execution: str = "first", verb: Verb = Verb.APPROVE) -> Request:
    return Request(f"wish-{number}", execution, "2026-11-22T03:00:00.000Z", "duty", verb, "declare", "go", "ada")


# Events


def test_what_was_appended_is_read_by_others_while_the_writer_still_has_it_open(make_journal: MakeJournal) -> None:
    events = ended()
    make_journal().append(events)
    other = make_journal()
    assert list(other.read("first")) == events
    assert other.head("first") == (len(events) - 1, events[-1].hash)


def test_batches_join_to_one_chain_that_a_reader_can_follow(make_journal: MakeJournal) -> None:
    events, writer, reader = ended(), make_journal(), make_journal()
    writer.append(events[:3])
    assert list(reader.read("first")) == events[:3]
    writer.append(events[3:])
    assert list(reader.read("first", after=2)) == events[3:]
    assert list(reader.read("first", after=len(events) - 1)) == []


def test_a_long_execution_is_read_whole_and_in_order(journal: Journal) -> None:
    events = ended(steps=700)
    journal.append(events)
    assert list(journal.read("first")) == events
    assert b"".join(journal.lines("first")) == b"".join(map(encode, events))


def test_an_event_without_its_bytes_is_stored_like_any_other(journal: Journal) -> None:
    events = ended()
    plain = [Event(e.seq, e.execution, e.at, e.actor, e.payload, e.prev, e.hash) for e in events]
    journal.append(plain)
    assert list(journal.read("first")) == events


def test_a_runner_that_was_overtaken_appends_nothing(make_journal: MakeJournal) -> None:
    one, two, events = make_journal(), make_journal(), ended()
    one.append(events[:2])
    newer = Chain.after("first", two.head("first"))
    taken = newer.next(LeaseTaken("another desk", 2), at="2026-11-22T03:01:00.000Z", actor="runner")
    two.append([taken])
    with pytest.raises(HeldElsewhere):
        one.append(events[2:])
    assert list(one.read("first")) == [*events[:2], taken]


@pytest.mark.parametrize("first", [0, 1, 3], ids=["from the start", "its last event again", "beyond the head"])
def test_an_append_must_begin_right_after_the_head(journal: Journal, first: int) -> None:
    events = ended()
    journal.append(events[:2])
    with pytest.raises(HeldElsewhere) as held:
        journal.append(events[first:])
    assert held.value.execution == "first"
    assert journal.head("first") == (1, events[1].hash)


def test_the_refusal_names_who_holds_the_execution(make_journal: MakeJournal) -> None:
    journal, events = make_journal(), ended()
    journal.take_lease("first", "the other desk", now=NOW, ttl_s=30)
    journal.append(events)
    with pytest.raises(HeldElsewhere, match="the other desk"):
        make_journal().append(events)


def test_a_batch_that_does_not_hang_together_is_refused_whole(journal: Journal) -> None:
    events = ended()
    with pytest.raises(ChainBroken) as broken:
        journal.append([events[0], events[1], events[3]])
    assert broken.value.seq == 3
    with pytest.raises(ChainBroken):
        journal.append([events[0], *ended("second")[1:]])
    assert journal.head("first") is None


def test_an_event_whose_hash_is_not_its_own_is_refused(journal: Journal) -> None:
    first = ended()[0]
    with pytest.raises(ChainBroken) as broken:
        journal.append([Event(0, "first", first.at, "somebody", first.payload, "", first.hash)])
    assert broken.value.seq == 0
    assert journal.head("first") is None


def test_the_execution_begun_last_is_listed_first(journal: Journal) -> None:
    for execution in ("first", "second", "third"):
        journal.append(ended(execution)[:2])
    journal.append(ended("first")[2:])
    assert journal.executions() == ["third", "second", "first"]


def test_an_unknown_execution_has_no_head_no_events_and_no_holder(journal: Journal) -> None:
    journal.append(ended())
    assert journal.head("second") is None
    assert list(journal.read("second")) == []
    assert list(journal.lines("second")) == []
    assert journal.pending("second") == []
    assert journal.holder("second", now=NOW) is None
    with pytest.raises(InvalidInput, match="no execution second"):
        verify_stored(journal, "second")


@pytest.mark.parametrize(
    "look",
    [
        lambda journal: journal.head("first"),
        lambda journal: journal.read("first"),
        lambda journal: journal.lines("first"),
        lambda journal: journal.executions(),
        lambda journal: journal.pending("first"),
        lambda journal: journal.holder("first", now=NOW),
        lambda journal: journal.leave(wish()),
        lambda journal: journal.close("wish-1", "accepted"),
        lambda journal: journal.release_lease("first", 1),
    ],
)
def test_a_missing_journal_is_said_to_be_missing_and_stays_so(
    look: Callable[[Journal], object], make_journal: MakeJournal
) -> None:
    for _ in range(2):
        with pytest.raises(InvalidInput, match="there is no journal"):
            look(make_journal())


def test_a_closed_connection_opens_again_when_needed(journal: Journal) -> None:
    events = ended()
    journal.append(events[:1])
    journal.close_connection()
    journal.append(events[1:])
    journal.close_connection()
    journal.close_connection()
    assert list(journal.read("first")) == events


# Export and verification


def test_an_export_is_verified_offline_and_tells_what_the_store_tells(journal: Journal) -> None:
    events = ended()
    journal.append(events)
    found = verify(journal.lines("first"))
    assert (found.execution, found.events, found.head, found.ended) == ("first", len(events), events[-1].hash, True)
    assert verify_stored(journal, "first") == found


def test_an_execution_under_way_verifies_as_not_ended(journal: Journal) -> None:
    journal.append(ended()[:-1])
    assert verify_stored(journal, "first").ended is False


# Leases


def test_each_lease_has_a_greater_epoch_than_the_one_before(journal: Journal) -> None:
    assert journal.take_lease("first", "desk", now=NOW, ttl_s=30) == 1
    assert journal.take_lease("first", "desk", now=NOW, ttl_s=30) == 2
    journal.release_lease("first", 2)
    assert journal.take_lease("first", "other desk", now=NOW, ttl_s=30) == 3
    assert journal.take_lease("second", "desk", now=NOW, ttl_s=30) == 1


def test_a_lease_keeps_others_out_until_it_expires(make_journal: MakeJournal) -> None:
    one, two = make_journal(), make_journal()
    one.take_lease("first", "desk", now=NOW, ttl_s=30)
    almost, over = NOW + timedelta(seconds=29.9), NOW + timedelta(seconds=30)
    with pytest.raises(HeldElsewhere) as held:
        two.take_lease("first", "other desk", now=almost, ttl_s=30)
    assert held.value.holder == "desk"
    assert (two.holder("first", now=almost), two.holder("first", now=over)) == ("desk", None)
    assert two.take_lease("first", "other desk", now=over, ttl_s=30) == 2
    assert one.holder("first", now=over) == "other desk"


def test_a_renewed_lease_lasts_from_the_renewal_on(make_journal: MakeJournal) -> None:
    one, two = make_journal(), make_journal()
    epoch = one.take_lease("first", "desk", now=NOW, ttl_s=30)
    one.renew_lease("first", epoch, now=NOW + timedelta(seconds=20), ttl_s=30)
    with pytest.raises(HeldElsewhere):
        two.take_lease("first", "other desk", now=NOW + timedelta(seconds=49), ttl_s=30)


def test_a_lapsed_lease_that_nobody_took_can_be_renewed(journal: Journal) -> None:
    epoch = journal.take_lease("first", "desk", now=NOW, ttl_s=30)
    later = NOW + timedelta(minutes=5)
    journal.renew_lease("first", epoch, now=later, ttl_s=30)
    assert journal.holder("first", now=later) == "desk"


def test_a_runner_that_was_taken_over_can_neither_renew_nor_release(make_journal: MakeJournal) -> None:
    one, two = make_journal(), make_journal()
    later = NOW + timedelta(seconds=31)
    old = one.take_lease("first", "desk", now=NOW, ttl_s=30)
    two.take_lease("first", "other desk", now=later, ttl_s=30)
    with pytest.raises(HeldElsewhere) as held:
        one.renew_lease("first", old, now=later, ttl_s=30)
    assert held.value.holder == "other desk"
    one.release_lease("first", old)
    assert two.holder("first", now=later) == "other desk"


def test_a_released_lease_is_free_at_once_and_not_renewable(make_journal: MakeJournal) -> None:
    one, two = make_journal(), make_journal()
    epoch = one.take_lease("first", "desk", now=NOW, ttl_s=30)
    one.release_lease("first", epoch)
    assert one.holder("first", now=NOW) is None
    with pytest.raises(HeldElsewhere):
        one.renew_lease("first", epoch, now=NOW, ttl_s=30)
    assert two.take_lease("first", "other desk", now=NOW, ttl_s=30) == 2


# Requests


@pytest.mark.parametrize("verb", Verb)
def test_a_request_reaches_the_runner_as_it_was_left(make_journal: MakeJournal, verb: Verb) -> None:
    runner = make_journal()
    runner.append(ended()[:2])
    make_journal().leave(wish(verb=verb))
    assert runner.pending("first") == [wish(verb=verb)]
    assert runner.pending("second") == []


def test_requests_wait_in_the_order_in_which_they_came_until_each_is_closed(journal: Journal) -> None:
    journal.append(ended()[:2])
    for number in (3, 1, 2):
        journal.leave(wish(number))
    journal.close("wish-1", "accepted")
    assert journal.pending("first") == [wish(3), wish(2)]


def test_leaving_the_same_request_twice_asks_once_also_after_its_answer(journal: Journal) -> None:
    journal.append(ended()[:2])
    journal.leave(wish())
    journal.leave(wish())
    assert journal.pending("first") == [wish()]
    journal.close("wish-1", "accepted")
    journal.leave(wish())
    assert journal.pending("first") == []


def test_one_id_with_two_meanings_is_a_conflict(journal: Journal) -> None:
    journal.append(ended()[:2])
    journal.leave(wish(verb=Verb.APPROVE))
    with pytest.raises(InvalidInput, match="wish-1"):
        journal.leave(wish(verb=Verb.REJECT))
    assert journal.pending("first") == [wish(verb=Verb.APPROVE)]


def test_a_resumed_runner_may_close_what_was_closed(journal: Journal) -> None:
    journal.append(ended()[:2])
    journal.leave(wish())
    journal.close("wish-1", "accepted")
    journal.close("wish-1", "accepted")
    with pytest.raises(InvalidInput, match="wish-2"):
        journal.close("wish-2", "accepted")


def test_a_request_to_an_unknown_execution_is_refused_to_the_asker(journal: Journal) -> None:
    journal.append(ended())
    with pytest.raises(InvalidInput, match="no execution second"):
        journal.leave(wish(execution="second"))


# Setting aside


def test_a_simulated_execution_is_set_aside_unchanged_and_its_id_is_free(journal: Journal) -> None:
    events = ended()
    journal.append(events)
    export = b"".join(journal.lines("first"))
    key = journal.set_aside("first")
    assert key == f"first~{events[-1].hash[:8]}"
    assert journal.head("first") is None
    assert b"".join(journal.lines(key)) == export
    assert verify_stored(journal, key).head == events[-1].hash
    journal.append(events)
    assert journal.executions() == ["first", key]


def test_an_equal_second_run_is_not_kept_twice(journal: Journal) -> None:
    events = ended()
    journal.append(events)
    key = journal.set_aside("first")
    journal.append(events)
    assert journal.set_aside("first") == key
    assert journal.executions() == [key]
    assert list(journal.read(str(key))) == events


def test_a_different_second_run_is_kept_beside_the_first(journal: Journal) -> None:
    journal.append(ended())
    one = journal.set_aside("first")
    journal.append(ended(steps=3))
    two = journal.set_aside("first")
    assert journal.executions() == [two, one]
    assert one != two


def test_a_rerun_starts_with_a_fresh_lease_and_no_old_requests(journal: Journal) -> None:
    for _ in range(2):
        assert journal.take_lease("first", "desk", now=NOW, ttl_s=30) == 1
        journal.append(ended())
        assert journal.pending("first") == []
        journal.leave(wish())
        journal.set_aside("first")


def test_an_execution_on_a_real_cloud_stays_where_it_is(journal: Journal) -> None:
    events = ended(simulated="")
    journal.append(events)
    journal.take_lease("first", "desk", now=NOW, ttl_s=30)
    with pytest.raises(Refused) as refused:
        journal.set_aside("first")
    assert refused.value.rule == "real-executions-stay"
    assert journal.executions() == ["first"]
    assert journal.holder("first", now=NOW) == "desk"


def test_a_journal_that_says_nothing_of_simulation_counts_as_real(journal: Journal) -> None:
    journal.append([Chain("first").next(StepStarted("declare"), at="2026-11-22T03:00:00.000Z", actor="runner")])
    with pytest.raises(Refused):
        journal.set_aside("first")


def test_nothing_is_set_aside_where_nothing_is(make_journal: MakeJournal) -> None:
    assert make_journal().set_aside("first") is None
    with pytest.raises(InvalidInput):
        make_journal().executions()
    journal = make_journal()
    journal.append(ended("second"))
    assert journal.set_aside("first") is None


def test_a_runner_at_work_on_what_was_set_aside_is_stopped(make_journal: MakeJournal) -> None:
    runner, other, events = make_journal(), make_journal(), ended()
    runner.append(events[:4])
    other.set_aside("first")
    with pytest.raises(HeldElsewhere):
        runner.append(events[4:])
    other.append(events[:4])
    assert other.executions() == ["first", f"first~{events[3].hash[:8]}"]
