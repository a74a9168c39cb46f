"""Beside a real run: requests are answered once and durably, the lease is kept, and nothing fails unheard."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.actions.catalogue import Catalogue
from orchestrator.journal.requests import Verb
from orchestrator.journal.store import JournalBusy, JournalUnavailable
from orchestrator.model.errors import ExitCode, HeldElsewhere
from orchestrator.model.events import GateAnswered
from orchestrator.model.states import ExecutionState
from orchestrator.wiring.driving import Driver
from orchestrator.wiring.keeping import ACCEPTED, BUSY_LOOKS, NOBODY, answers_in
from orchestrator.wiring.lease import LEASE_S, leased

if TYPE_CHECKING:
    from collections.abc import Callable

    from wiring_world import Centre

    from orchestrator.journal.sqlite import SqliteJournal

DECISION_S = 60
"""How long each gate of the runbook waits."""


class Troubled:
    """A journal of which one method does something else when it is called for the nth time."""

    def __init__(self, stored: SqliteJournal, method: str, trouble: Callable[[int], None]) -> None:
        self._stored, self._method, self._trouble = stored, method, trouble
        self.called = 0

    def __getattr__(self, name: str) -> Any:
        own = getattr(self._stored, name)
        return self._troubled(own) if name == self._method else own

    def _troubled(self, own: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            self.called += 1
            self._trouble(self.called)
            return own(*given, **named)

        return call


def locked(until: int) -> Callable[[int], None]:
    """The store is locked by others for the 3rd look (the 1st comes before the run) and on to the one given."""

    def trouble(called: int) -> None:
        if 3 <= called <= until:
            raise JournalBusy("journal.db", "database is locked")

    return trouble


def test_a_request_left_elsewhere_is_answered_within_a_second_and_closed(centre: Centre) -> None:
    answered: list[str | None] = []

    async def happens() -> None:
        await centre.asks(5, ("yes", Verb.APPROVE, "first"))()
        await asyncio.sleep(1)
        answered.append(centre.elsewhere.answer("yes"))
        await centre.asks(5, ("no", Verb.REJECT, "second"))()

    record = centre.begin(happens=happens)
    assert answered == [ACCEPTED]
    assert centre.elsewhere.pending("run") == []
    assert (record.state, record.steps["second"].reason) == (ExecutionState.ABORTED, "rejected by duty: because")


def test_a_refused_request_is_closed_with_the_rule(centre: Centre) -> None:
    centre.begin(happens=centre.asks(5, ("early", Verb.APPROVE, "second")))
    assert centre.elsewhere.answer("early") == "no gate is open at second"


def test_a_request_is_closed_only_after_its_answer_is_durable(centre: Centre) -> None:
    durable: list[bool] = []

    def trouble(_: int) -> None:
        durable.append("yes" in answers_in(centre.events()))

    centre.begin(Troubled(centre.journal, "close", trouble), centre.asks(5, ("yes", Verb.APPROVE, "first")))
    assert durable == [True]


def test_a_request_whose_answer_could_not_be_written_down_is_not_accepted(centre: Centre) -> None:
    def full(_: int) -> None:
        if centre.elsewhere.exists and centre.clock.elapsed_s >= 5:
            raise JournalUnavailable("journal.db", "disk is full")

    with pytest.raises(JournalUnavailable, match="disk is full"):
        centre.begin(Troubled(centre.journal, "append", full), centre.asks(5, ("yes", Verb.APPROVE, "first")))
    assert "yes" not in answers_in(centre.events())
    assert centre.elsewhere.answer("yes") == NOBODY


def test_an_approval_that_a_crash_left_unclosed_counts_once(centre: Centre) -> None:
    def dies(_: int) -> None:
        raise JournalUnavailable("journal.db", "the machine is going down")

    with pytest.raises(JournalUnavailable, match="going down"):
        centre.begin(Troubled(centre.journal, "close", dies), centre.asks(5, ("yes", Verb.APPROVE, "first")))
    assert [wish.id for wish in centre.elsewhere.pending("run")] == ["yes"]
    centre.go_on(centre.wish("stop", Verb.ABORT))
    assert centre.elsewhere.answer("yes") == ACCEPTED
    answers = [event.payload for event in centre.events() if isinstance(event.payload, GateAnswered)]
    assert [(answer.step, answer.by) for answer in answers] == [("first", "duty")]
    told = [event.payload for event in centre.events() if getattr(event.payload, "request", "") == "yes"]
    assert len(told) == 1


@pytest.mark.parametrize("method", ["pending", "close"])
def test_a_store_that_others_lock_for_a_while_ends_nothing_and_answers_once(centre: Centre, method: str) -> None:
    trouble = locked(until=2 + BUSY_LOOKS - 1) if method == "pending" else _busy_once
    journal = Troubled(centre.journal, method, trouble)
    record = centre.begin(journal, centre.asks(5, ("yes", Verb.APPROVE, "first"), ("no", Verb.REJECT, "second")))
    assert journal.called > BUSY_LOOKS - 1
    assert record.state is ExecutionState.ABORTED
    assert [centre.elsewhere.answer(name) for name in ("yes", "no")] == [ACCEPTED, ACCEPTED]
    told = [event.payload for event in centre.events() if getattr(event.payload, "request", "")]
    assert len(told) == 2


def _busy_once(called: int) -> None:
    if called == 1:
        raise JournalBusy("journal.db", "database is locked")


def test_a_store_that_is_locked_again_and_again_ends_nothing(centre: Centre) -> None:
    def trouble(called: int) -> None:
        if called >= 3 and called % BUSY_LOOKS:
            raise JournalBusy("journal.db", "database is locked")

    journal = Troubled(centre.journal, "pending", trouble)
    assert centre.begin(journal).state is ExecutionState.PAUSED
    assert journal.called > 10 * BUSY_LOOKS


def test_a_store_that_stays_locked_ends_the_run_and_says_so(centre: Centre) -> None:
    journal = Troubled(centre.journal, "pending", locked(until=1_000))
    with pytest.raises(JournalUnavailable, match="database is locked") as heard:
        centre.begin(journal)
    assert heard.value.exit_code is ExitCode.OUR_FAULT
    assert centre.clock.elapsed_s < 5


def test_a_store_that_fails_ends_the_run_at_once_and_says_so(centre: Centre) -> None:
    def trouble(called: int) -> None:
        if called >= 3:
            raise JournalUnavailable("journal.db", "disk I/O error")

    with pytest.raises(JournalUnavailable, match="disk I/O error"):
        centre.begin(Troubled(centre.journal, "pending", trouble))
    assert centre.clock.elapsed_s < 2


def test_a_lease_that_somebody_else_has_taken_ends_the_run_at_once(centre: Centre) -> None:
    async def happens() -> None:
        await asyncio.sleep(10)
        with sqlite3.connect(centre.folder / ".failover" / "journal.db") as database:
            database.execute("UPDATE leases SET holder = 'somebody else', epoch = epoch + 1")
        database.close()

    with pytest.raises(HeldElsewhere, match="somebody else") as heard:
        centre.begin(happens=happens)
    assert heard.value.exit_code is ExitCode.HELD
    assert centre.clock.elapsed_s < 11
    assert centre.elsewhere.holder("run", now=centre.clock.now()) == "somebody else", "theirs is not given back"


def test_the_lease_is_kept_while_nothing_happens(centre: Centre) -> None:
    held: list[str | None] = []

    async def happens() -> None:
        await asyncio.sleep(LEASE_S + 15)
        held.append(centre.elsewhere.holder("run", now=centre.clock.now()))

    assert LEASE_S + 15 < DECISION_S
    centre.begin(happens=happens)
    assert str(held[0]).startswith("process ")
    assert centre.elsewhere.holder("run", now=centre.clock.now()) is None


def test_a_lease_is_renewed_a_third_of_the_way_through_and_not_at_every_look(centre: Centre) -> None:
    def until_s() -> float:
        with sqlite3.connect(centre.folder / ".failover" / "journal.db") as database:
            (found,) = database.execute("SELECT until_s FROM leases").fetchone()
        database.close()
        return float(found)

    with leased(centre.journal, "run", "we", centre.clock.now) as lease:
        begun_s = until_s()
        centre.clock.advance(10)
        lease.renewed_s = time.monotonic()
        lease.check()
        assert until_s() == begun_s
        lease.renewed_s = time.monotonic() - LEASE_S / 3 - 1
        lease.check()
        assert until_s() == begun_s + 10


def test_a_request_left_for_a_runner_that_had_come_to_rest_is_not_applied_to_the_next(centre: Centre) -> None:
    assert centre.begin().state is ExecutionState.PAUSED
    centre.elsewhere.leave(centre.wish("gave-up", Verb.ABORT))
    record = centre.go_on(
        centre.wish("again", Verb.RETRY, "first"),
        centre.asks(5, ("yes", Verb.APPROVE, "first"), ("no", Verb.REJECT, "second")),
    )
    assert centre.elsewhere.answer("gave-up") == NOBODY
    assert record.steps["first"].reason == "approved by duty"
    assert "gave-up" not in answers_in(centre.events())


def test_a_request_that_comes_when_all_is_over_is_answered_by_the_one_who_leaves(centre: Centre) -> None:
    async def happens() -> None:
        await asyncio.sleep(DECISION_S + 5)
        centre.elsewhere.leave(centre.wish("late", Verb.APPROVE, "first"))

    assert centre.begin(happens=happens).state is ExecutionState.PAUSED
    assert centre.elsewhere.answer("late") == NOBODY


def test_who_may_not_run_it_closes_no_request_of_the_one_who_does(centre: Centre) -> None:
    async def happens() -> None:
        await asyncio.sleep(DECISION_S + 5)  # past the runner's last look, before it lets go
        centre.elsewhere.leave(centre.wish("late", Verb.APPROVE, "first"))
        with sqlite3.connect(centre.folder / ".failover" / "journal.db") as database:
            database.execute("UPDATE leases SET holder = 'another process'")
        database.close()
        rival = Driver(centre.world, centre.elsewhere, Catalogue(), lambda event: None)  # noqa: ARG005 - unheard
        with pytest.raises(HeldElsewhere, match="another process"):
            rival.drive(rival.runner("run", {}))
        assert [wish.id for wish in centre.elsewhere.pending("run")] == ["late"]

    centre.begin(happens=happens)
    assert centre.elsewhere.answer("late") == NOBODY
