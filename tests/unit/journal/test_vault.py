"""What is sealed is kept beside the chain, comes out by its seal alone, is in no export, and goes when it is purged."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from orchestrator.journal.chain import Chain
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.journal.store import JournalUnavailable
from orchestrator.journal.verify import verify_stored
from orchestrator.model.events import StepBefore
from orchestrator.model.sealing import Passing, Unsealable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orchestrator.journal.vault import SqliteVault

AT = "2026-11-22T02:35:48.123Z"
NUMBER, OTHER = "+12065550101", "+12065550102"


def key_of(byte: int) -> bytes:
    return bytes([byte]) * 32


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    """With an execution in it."""
    found = SqliteJournal(tmp_path / "journal.db")
    found.append([Chain("run").next(StepBefore("phones", "subject", None), at=AT, actor="runner")])
    yield found
    found.close_connection()


def vault(journal: SqliteJournal, execution: str = "run", byte: int = 1) -> SqliteVault:
    return journal.vault(execution, lambda: key_of(byte))


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_what_was_sealed_comes_out_by_its_seal_also_in_another_process(journal: SqliteJournal) -> None:
    sealed = vault(journal).seal(NUMBER)
    # Whoever comes later draws another key, and uses the one that is there.
    later = vault(journal, byte=2)
    assert later.unseal(sealed) == NUMBER
    assert later.seal(NUMBER) == sealed


def test_equal_values_have_equal_seals_and_others_have_others(journal: SqliteJournal) -> None:
    ours = vault(journal)
    assert ours.seal(NUMBER) == ours.seal(NUMBER) != ours.seal(OTHER)
    assert NUMBER not in str(ours.seal(NUMBER))


def test_the_seal_of_a_value_is_another_one_in_another_execution(journal: SqliteJournal) -> None:
    ours, theirs = vault(journal), vault(journal, "other", 2)
    assert ours.seal(NUMBER) != theirs.seal(NUMBER)
    with pytest.raises(Unsealable):
        theirs.unseal(ours.seal(NUMBER))


def test_no_value_needs_no_seal(journal: SqliteJournal) -> None:
    assert vault(journal).seal("") == ""
    assert vault(journal).unseal("") == ""


def test_the_export_holds_seals_and_no_values_and_the_chain_stays_whole(journal: SqliteJournal) -> None:
    ours = vault(journal)
    chain = Chain("second")
    journal.append([chain.next(StepBefore("phones", "subject", {"ada": ours.seal(NUMBER)}), at=AT, actor="runner")])
    exported = b"".join(journal.lines("second"))
    assert str(ours.seal(NUMBER)["sealed"]).encode() in exported
    assert NUMBER.encode() not in exported
    assert verify_stored(journal, "second")


def test_what_is_purged_is_in_no_file_any_more_and_no_seal_opens(journal: SqliteJournal, tmp_path: Path) -> None:
    ours, theirs = vault(journal), vault(journal, "other", 2)
    sealed, kept = ours.seal(NUMBER), theirs.seal(OTHER)
    ours.seal(OTHER)
    assert NUMBER.encode() in on_disk(tmp_path)
    assert ours.purge() == 2
    assert NUMBER.encode() not in on_disk(tmp_path)
    assert key_of(1) not in on_disk(tmp_path)
    with pytest.raises(Unsealable):
        ours.unseal(sealed)
    assert theirs.unseal(kept) == OTHER


def test_a_purge_where_nothing_was_sealed_makes_nothing(journal: SqliteJournal, tmp_path: Path) -> None:
    assert vault(journal).purge() == 0
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert "vault" not in tables
    nowhere = SqliteJournal(tmp_path / "none.db")
    assert vault(nowhere).purge() == 0
    assert not nowhere.exists


def test_a_vault_without_a_journal_says_so_and_makes_no_file(tmp_path: Path) -> None:
    nowhere = SqliteJournal(tmp_path / "none.db")
    with pytest.raises(JournalUnavailable):
        vault(nowhere).seal(NUMBER)
    assert not nowhere.exists


def test_actions_seal_from_threads_of_their_own_while_the_runner_appends(journal: SqliteJournal) -> None:
    ours, chain, seals = vault(journal), Chain("busy"), []
    threads = [threading.Thread(target=lambda n=n: seals.append(ours.seal(f"+120655501{n:02}"))) for n in range(20)]
    for number, thread in enumerate(threads):
        thread.start()
        journal.append([chain.next(StepBefore("phones", "subject", number), at=AT, actor="runner")])
    for thread in threads:
        thread.join()
    assert {ours.unseal(each) for each in seals} == {f"+120655501{n:02}" for n in range(20)}


def test_a_look_that_is_kept_nowhere_tells_alike_from_unlike_by_ordinals() -> None:
    passing = Passing()
    first, second = passing.seal(NUMBER), passing.seal(OTHER)
    assert (first, second, passing.seal(NUMBER)) == ({"sealed": "#1"}, {"sealed": "#2"}, first)
    assert (passing.unseal(second), passing.unseal("")) == (OTHER, "")
    with pytest.raises(Unsealable):
        passing.unseal({"sealed": "#3"})
