"""Whether the process that holds a lease still lives: it locks a small file, and the kernel lets go when it ends.

Laws: this only shortens the wait for a lease to lapse, and only where the lock shows that nobody is there; a process
that merely stands still keeps its lock. All processes of one journal run on one machine (SQLite's write-ahead log wants
that), so the lock is seen by all of them.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from orchestrator.journal.sqlite import SqliteJournal

_DIGITS = 18
"""Of an epoch, at most."""


def at_work(journal: SqliteJournal, execution: str, *, now: datetime) -> str | None:
    """Who runs it: the holder of its lease, unless that process has died. Writes nothing."""
    holder = journal.holder(execution, now=now)
    if holder is None:
        return None
    with _locked(journal, execution, create=False) as file:
        dead = file is not None and _epoch_in(file) == journal.epoch(execution)
    return None if dead else holder


def bury(journal: SqliteJournal, execution: str) -> None:
    """Give back the lease of a runner that has died. Nothing happens while it lives, or where that cannot be told."""
    with _locked(journal, execution, create=False) as file:
        if file is not None:
            _release_of(journal, execution, file)


@contextmanager
def living(journal: SqliteJournal, execution: str) -> Iterator[Living]:
    """While this process is the runner. The lease of a dead one is given back first."""
    with _locked(journal, execution, create=True) as file:
        if file is not None:
            _release_of(journal, execution, file)
        yield Living(file)


class Living:
    """This process, as the runner that it is about to be."""

    def __init__(self, file: int | None) -> None:
        self._file = file

    def holds(self, epoch: int) -> None:
        """Write down which lease ends with this process."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, str(epoch).encode(), 0)


@contextmanager
def _locked(journal: SqliteJournal, execution: str, *, create: bool) -> Iterator[int | None]:
    """The file, locked; None where somebody else has it, or it cannot be had."""
    file: int | None = None
    with suppress(OSError):
        folder = Path(f"{journal.path}.runners")
        if create:
            folder.mkdir(parents=True, exist_ok=True)
        file = os.open(folder / execution, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
    try:
        yield file if file is not None and _lock(file) else None
    finally:
        if file is not None:
            os.close(file)  # which unlocks it, too


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _release_of(journal: SqliteJournal, execution: str, file: int) -> None:
    """Of a lease that was taken since by somebody else, the epoch is another: theirs is left alone."""
    epoch = _epoch_in(file)
    if epoch is not None and journal.exists:
        journal.release_lease(execution, epoch)


def _epoch_in(file: int) -> int | None:
    epoch = os.pread(file, _DIGITS, 0).decode("ascii", "replace")
    return int(epoch) if epoch.isdecimal() else None
