"""What is SQLite's own: durability, what the file is, and damage to stored rows."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from orchestrator.journal.chain import Chain, seal
from orchestrator.journal.requests import Request, Verb
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.journal.sqlite_file import SqliteFile
from orchestrator.journal.store import JournalBusy, JournalUnavailable
from orchestrator.journal.verify import verify_stored
from orchestrator.model.errors import ChainBroken, InvalidInput
from orchestrator.model.events import Event, ExecutionCreated, ExecutionMoved, StepSettled, StepStarted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = "2026-11-22T02:35:48.123Z"

APPENDS_AND_DIES = """
import os, signal, sys
from orchestrator.journal.chain import Chain
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.events import StepStarted

journal, chain = SqliteJournal(sys.argv[1]), Chain("first")
for batch in range(5):
    steps = [StepStarted(f"step[{batch * 10 + n}]") for n in range(10)]
    journal.append([chain.next(step, at="2026-11-22T02:35:48.123Z", actor="runner") for step in steps])
os.kill(os.getpid(), signal.SIGKILL)
"""

CREATES = """
import sys
from orchestrator.journal.chain import Chain
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.events import StepStarted

sys.stdin.readline()
journal = SqliteJournal(sys.argv[1])
journal.append([Chain(sys.argv[2]).next(StepStarted("a"), at="2026-11-22T02:35:48.123Z", actor="runner")])
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    own = SqliteJournal(path)
    yield own
    own.close_connection()


def events(execution: str = "first") -> list[Event]:
    chain = Chain(execution)
    payloads = (
        ExecutionMoved("running"),
        StepStarted("shift[0]"),
        StepSettled("shift[0]", "done", after={"us-west-2": 100}),
        ExecutionMoved("recovered"),
    )
    return [chain.next(payload, at=AT, actor="runner") for payload in payloads]


def simulated() -> list[Event]:
    created = ExecutionCreated(
        runbook="region-evacuation",
        title="Move callers",
        mode="planned",
        clock="simulated",
        simulated="every AWS call",
        seed=7,
        runbook_sha256="a" * 64,
        inventory_sha256="b" * 64,
        plan_sha256="c" * 64,
        source="version: 1",
        environments={},
        parameters={},
        objectives={},
        plan=(),
        verification=(),
    )
    return [Chain("first").next(created, at=AT, actor="runner")]


def tamper(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    with connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


# Durability


def test_every_commit_is_synced_in_a_write_ahead_log(path: Path) -> None:
    file = SqliteFile(path)
    with file.writing(create=True) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    file.close()
    with file.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    file.close()


def test_what_append_returned_from_outlives_a_killed_process(path: Path, journal: SqliteJournal) -> None:
    done = subprocess.run([sys.executable, "-c", APPENDS_AND_DIES, str(path)], check=False)  # noqa: S603 - our own text
    assert done.returncode == -signal.SIGKILL
    assert verify_stored(journal, "first").events == 50


def test_processes_that_create_the_journal_together_all_succeed(path: Path, journal: SqliteJournal) -> None:
    names = [f"run-{number}" for number in range(4)]
    racers = [
        subprocess.Popen([sys.executable, "-c", CREATES, str(path), name], stdin=subprocess.PIPE)  # noqa: S603 - our own text
        for name in names
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write(b"\n")
        racer.stdin.close()
    assert [racer.wait() for racer in racers] == [0] * len(racers)
    assert sorted(journal.executions()) == names


def test_a_transaction_that_fails_leaves_nothing_behind(path: Path, journal: SqliteJournal) -> None:
    journal.append(events())
    file = SqliteFile(path)

    def write() -> None:
        with file.writing() as connection:
            connection.execute("INSERT INTO executions (execution) VALUES ('second')")
            connection.execute("INSERT INTO executions (execution) VALUES ('first')")

    with pytest.raises(JournalUnavailable, match="UNIQUE"):
        write()
    file.close()
    assert journal.executions() == ["first"]


def test_the_first_answer_to_a_request_is_the_one_kept(path: Path, journal: SqliteJournal) -> None:
    journal.append(events())
    journal.leave(Request("wish", "first", AT, "duty", Verb.NOTE))
    assert journal.answer("wish") is None
    journal.close("wish", "accepted")
    journal.close("wish", "refused")
    assert (journal.answer("wish"), journal.answer("another")) == ("accepted", None)
    with SqliteFile(path).reading() as connection:
        assert connection.execute("SELECT answer FROM requests").fetchall() == [("accepted",)]


def test_a_file_that_others_keep_locked_is_busy_and_may_be_tried_again(path: Path, journal: SqliteJournal) -> None:
    journal.append(events())
    other = SqliteJournal(path, busy_s=0.0)
    locking = sqlite3.connect(path, isolation_level=None)
    locking.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalBusy, match="locked") as busy:
        other.append(events("second"))
    assert busy.value.retryable
    locking.execute("ROLLBACK")
    other.append(events("second"))
    other.close_connection()
    locking.close()


def test_a_request_to_a_run_that_was_set_aside_never_reaches_the_next_of_its_seed(journal: SqliteJournal) -> None:
    journal.append(simulated())
    journal.leave(Request("wish", "first", AT, "duty", Verb.ABORT))
    journal.set_aside("first")
    with pytest.raises(InvalidInput, match="no execution first"):
        journal.leave(Request("late", "first", AT, "duty", Verb.ABORT))
    journal.append(simulated())
    assert journal.pending("first") == []
    with pytest.raises(InvalidInput, match="no request wish"):
        journal.close("wish", "accepted")


# The file


def test_reading_creates_neither_file_nor_folder(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "home" / "journal.db")
    with pytest.raises(InvalidInput, match="there is no journal at"):
        journal.executions()
    assert journal.set_aside("first") is None
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_made_by_the_first_append(tmp_path: Path) -> None:
    journal = SqliteJournal(str(tmp_path / "new" / "home" / "journal of #1?.db"))
    journal.append(events())
    journal.close_connection()
    assert (tmp_path / "new" / "home" / "journal of #1?.db").is_file()


def test_a_file_that_is_no_database_is_named_and_left_alone(path: Path, journal: SqliteJournal) -> None:
    path.write_text("minutes of a meeting\n" * 100)
    for use in (journal.executions, lambda: journal.append(events())):
        with pytest.raises(InvalidInput, match="is no journal"):
            use()
    assert path.read_text().startswith("minutes")


def test_somebody_elses_database_is_not_written_to(path: Path, journal: SqliteJournal) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE customers (name TEXT)")
    connection.close()
    for use in (journal.executions, lambda: journal.append(events())):
        with pytest.raises(InvalidInput, match="a database, but no journal"):
            use()


def test_a_newer_journal_is_not_touched_by_an_older_program(path: Path, journal: SqliteJournal) -> None:
    journal.append(events())
    journal.close_connection()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    for use in (journal.executions, lambda: journal.append(events("second"))):
        with pytest.raises(InvalidInput, match="has version 2, this program reads version 1") as refused:
            use()
        assert "newer" in refused.value.remedy


def test_a_journal_from_before_accounts_were_kept_is_read_and_takes_them_from_now_on(
    path: Path, journal: SqliteJournal
) -> None:
    journal.append(events())
    journal.leave(Request("old", "first", AT, "duty", Verb.NOTE))
    journal.close_connection()
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE requests DROP COLUMN account")
    connection.close()
    late = Request("late", "first", AT, "duty", Verb.NOTE, "", "", "ada")
    journal.leave(late)
    assert journal.pending("first") == [Request("old", "first", AT, "duty", Verb.NOTE), late]
    assert list(journal.read("first")) == events()


def test_an_empty_file_reads_as_an_empty_journal_and_can_become_one(path: Path, journal: SqliteJournal) -> None:
    path.touch()
    with pytest.raises(InvalidInput, match="is empty"):
        journal.executions()
    journal.append(events())
    assert journal.executions() == ["first"]


def test_a_folder_in_the_files_place_is_told_in_words(path: Path, journal: SqliteJournal) -> None:
    path.mkdir()
    with pytest.raises(JournalUnavailable, match="unable to open"):
        journal.executions()


def test_a_file_in_the_folders_place_is_told_in_words(path: Path) -> None:
    path.touch()
    with pytest.raises(JournalUnavailable):
        SqliteJournal(path / "journal.db").append(events())


# Damage to what is stored


@pytest.mark.parametrize("seq", range(4))
@pytest.mark.parametrize("column", ["body", "hash"])
def test_one_changed_byte_in_a_stored_event_is_located(
    path: Path, journal: SqliteJournal, column: str, seq: int
) -> None:
    journal.append(events())
    with SqliteFile(path).reading() as connection:
        query = f"SELECT {column} FROM events WHERE seq = ?"  # noqa: S608 - the parameter above
        (before,) = connection.execute(query, (seq,)).fetchone()
    for place in range(len(before)):
        after = bytearray(before)
        after[place] ^= 1
        tamper(path, f"UPDATE events SET {column} = ? WHERE seq = ?", bytes(after), seq)  # noqa: S608 - as above
        for use in (lambda: verify_stored(journal, "first"), lambda: list(journal.read("first"))):
            with pytest.raises(ChainBroken) as broken:
                use()
            assert (broken.value.seq, broken.value.line) == (seq, 0), f"byte {place}"
    tamper(path, f"UPDATE events SET {column} = ? WHERE seq = ?", before, seq)  # noqa: S608 - as above
    assert verify_stored(journal, "first").events == 4


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_deleted_event_is_missed(path: Path, journal: SqliteJournal, gone: int) -> None:
    journal.append(events())
    tamper(path, "DELETE FROM events WHERE seq = ?", gone)
    for use in (lambda: verify_stored(journal, "first"), lambda: list(journal.read("first"))):
        with pytest.raises(ChainBroken) as broken:
            use()
        assert broken.value.seq == gone


def test_a_journal_whose_beginning_was_cut_off_and_the_rest_renumbered_is_found(
    path: Path, journal: SqliteJournal
) -> None:
    journal.append(events())
    tamper(path, "DELETE FROM events WHERE seq = 0")
    for seq in (1, 2, 3):
        tamper(path, "UPDATE events SET seq = seq - 1 WHERE seq = ?", seq)
    for use in (lambda: verify_stored(journal, "first"), lambda: list(journal.read("first"))):
        with pytest.raises(ChainBroken) as broken:
            use()
        assert broken.value.seq == 0


@pytest.mark.parametrize("moved", range(4))
def test_an_event_stored_under_another_number_is_found(path: Path, journal: SqliteJournal, moved: int) -> None:
    journal.append(events())
    tamper(path, "UPDATE events SET seq = 9 WHERE seq = ?", moved)
    for use in (lambda: verify_stored(journal, "first"), lambda: list(journal.read("first"))):
        with pytest.raises(ChainBroken) as broken:
            use()
        assert broken.value.seq == moved


def test_a_stored_event_that_was_changed_and_resealed_breaks_the_next_one(path: Path, journal: SqliteJournal) -> None:
    own = events()
    journal.append(own)
    other = seal(Event(1, "first", AT, "runner", StepStarted("shift[1]"), own[1].prev))
    tamper(path, "UPDATE events SET body = ?, hash = ? WHERE seq = 1", other.body, bytes.fromhex(other.hash))
    for use in (lambda: verify_stored(journal, "first"), lambda: list(journal.read("first"))):
        with pytest.raises(ChainBroken) as broken:
            use()
        assert broken.value.seq == 2


def test_events_stored_under_another_execution_are_found(path: Path, journal: SqliteJournal) -> None:
    journal.append(events())
    tamper(path, "UPDATE executions SET execution = 'second' WHERE execution = ?", "first")
    with pytest.raises(ChainBroken, match="belongs to execution first"):
        verify_stored(journal, "second")


@pytest.mark.parametrize("seq", range(4))
@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("seq", value) for value in (-(2**63), -1, 4, 9, 2**62, 1.5, "x", "")),
        *(("body", value) for value in (b"", "", b"{}", "{}", 0, 1.5)),
        *(("hash", value) for value in (b"", "", b"\0" * 32, "a" * 64, 0)),
        *(("number", value) for value in (-1, 0, 2, "x")),
    ],
)
def test_any_column_of_a_stored_event_set_to_anything_else_is_located(
    path: Path, journal: SqliteJournal, column: str, value: object, seq: int
) -> None:
    journal.append(events())
    tamper(path, f"UPDATE events SET {column} = ? WHERE seq = ?", value, seq)  # noqa: S608 - the parameter above
    if (column, seq) == ("number", 3):
        # It is gone from its execution. The chain holds up to there, and cannot show more than that it has not ended.
        assert not verify_stored(journal, "first").ended
        return
    # A row that sorts before all others displaces the first.
    found_at = 0 if column == "seq" and isinstance(value, int) and value < 0 else seq
    if (column, value) == ("seq", 1.5):
        found_at = min(seq, 2)
    for use in (lambda: verify_stored(journal, "first"), lambda: list(journal.read("first"))):
        with pytest.raises(ChainBroken) as broken:
            use()
        assert broken.value.seq == found_at


@pytest.mark.parametrize("name", ["first~00000000", "first~", "first~x", "second", ""])
def test_an_execution_renamed_to_what_it_is_not_is_found(path: Path, journal: SqliteJournal, name: str) -> None:
    journal.append(events())
    tamper(path, "UPDATE executions SET execution = ?", name)
    with pytest.raises(ChainBroken):
        verify_stored(journal, name)


def test_a_damaged_copy_set_aside_does_not_swallow_the_good_one(path: Path, journal: SqliteJournal) -> None:
    own = simulated()
    journal.append(own)
    damaged = journal.set_aside("first")
    tamper(path, "UPDATE events SET body = ? WHERE seq = ?", b"{}", 0)
    journal.append(own)
    kept = journal.set_aside("first")
    assert (damaged, kept) == (f"first~{own[-1].hash[:8]}", f"first~{own[-1].hash}")
    assert verify_stored(journal, str(kept)).head == own[-1].hash


# Start-up


@pytest.mark.parametrize("module", ["sqlite", "verify"])
def test_opening_a_journal_loads_nothing_heavy(module: str) -> None:
    heavy = {"asyncio", "pydantic", "boto3", "botocore", "networkx", "moto", "pulumi", "rich", "yaml"}
    ask = f"import sys, orchestrator.journal.{module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own text
    assert f"orchestrator.journal.{module}" in loaded.split()
    assert heavy.isdisjoint(loaded.split())
