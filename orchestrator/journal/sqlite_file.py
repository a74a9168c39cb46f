"""The SQLite file under the embedded journal: finding and recognising it, its schema, transactions, errors in words.

Laws: WAL, and every commit synced to disk (`synchronous=FULL`) before it returns; whoever only reads creates no file; a
file of another kind or of a newer version is left as it is. Schema version 1, kept in `user_version`.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from orchestrator.journal.store import JournalBusy, JournalUnavailable
from orchestrator.model.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_APPLICATION = 0x46_4F_4A_31  # marks the file as a journal, whatever its name
_VERSION = 1
BUSY_S = 10.0
_TRIES = 20
_ELSEWHERE = "give another --journal, or execute something first"

_SCHEMA = f"""
CREATE TABLE executions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    execution TEXT NOT NULL UNIQUE
);
CREATE TABLE events (
    number INTEGER NOT NULL, -- of the execution
    seq INTEGER NOT NULL,
    body BLOB NOT NULL, -- canonical, as hashed
    hash BLOB NOT NULL,
    PRIMARY KEY (number, seq)
) WITHOUT ROWID;
CREATE TABLE leases (
    execution TEXT PRIMARY KEY,
    holder TEXT NOT NULL, -- empty once released
    epoch INTEGER NOT NULL,
    until_s REAL NOT NULL -- since 1970, UTC
) WITHOUT ROWID;
CREATE TABLE requests (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    execution TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    verb TEXT NOT NULL,
    step TEXT NOT NULL,
    reason TEXT NOT NULL,
    answer TEXT,
    account TEXT NOT NULL DEFAULT ''
);
CREATE INDEX requests_pending ON requests (execution) WHERE answer IS NULL;
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
"""


class SqliteFile:
    """One connection to the file, opened when first needed. Belongs to one thread."""

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        self.path, self._busy_s = path, busy_s
        self._connection: sqlite3.Connection | None = None

    @property
    def exists(self) -> bool:
        """Whether there is a file.

        Raises:
            JournalUnavailable: nobody can tell.
        """
        with self._in_words():
            return self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for reads.

        Raises:
            InvalidInput: there is no journal here.
            JournalUnavailable: SQLite or the medium failed.
        """
        with self._in_words():
            yield self._present()

    @contextmanager
    def writing(self, *, create: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it becomes durable on leaving, or none. `create` makes a missing file and its folder.

        Raises:
            InvalidInput: there is no journal here, and `create` was not given, or the file is something else.
            JournalUnavailable: SQLite or the medium failed.
        """
        with self._in_words():
            if create and self._connection is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = self._opened("rwc")
            with self._present() as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _present(self) -> sqlite3.Connection:
        if self._connection is None:
            if not self.path.exists():
                raise InvalidInput(f"there is no journal at {self.path}", remedy=_ELSEWHERE)
            self._connection = self._opened("rw")
        return self._connection

    def _opened(self, access: str) -> sqlite3.Connection:
        place = f"{self.path.absolute().as_uri()}?mode={access}"
        connection = sqlite3.connect(place, uri=True, timeout=self._busy_s, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            with connection:
                connection.execute("BEGIN")  # one look: another process may be laying the file out
                found = self._is_journal(connection)
            if not found:
                self._lay_out(connection, access)
            _add_account(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _lay_out(self, connection: sqlite3.Connection, access: str) -> None:
        if access == "rw":
            raise InvalidInput(f"the journal at {self.path} is empty", remedy=_ELSEWHERE)
        _switch_to_wal(connection)
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if not self._is_journal(connection):  # else another process was first
                for statement in _SCHEMA.split(";\n"):
                    connection.execute(statement)

    def _is_journal(self, connection: sqlite3.Connection) -> bool:
        """True if so, False if the file holds nothing yet."""
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application == _APPLICATION:
            if version > _VERSION:
                raise InvalidInput(
                    f"the journal at {self.path} has version {version}, this program reads version {_VERSION}",
                    remedy="use the release of failover that wrote it, or a newer one",
                )
            return True
        if application or version or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise InvalidInput(f"{self.path} is a database, but no journal", remedy=_ELSEWHERE)
        return False

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the primary one
            if code == sqlite3.SQLITE_NOTADB:
                raise InvalidInput(f"{self.path} is no journal: {error}", remedy=_ELSEWHERE) from None
            kind = JournalBusy if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else JournalUnavailable
            raise kind(str(self.path), str(error)) from error
        except OSError as error:
            raise JournalUnavailable(str(self.path), str(error)) from error


def _add_account(connection: sqlite3.Connection) -> None:
    """An older file gets the column that came later; older releases do not mind. Who may only read needs none."""

    def lacking() -> bool:
        return all(name != "account" for _, name, *_ in connection.execute("PRAGMA table_info(requests)"))

    if lacking():
        try:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                if lacking():  # else another process was first
                    connection.execute("ALTER TABLE requests ADD COLUMN account TEXT NOT NULL DEFAULT ''")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                raise


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait its turn when two processes switch a new file at once; an empty transaction does."""
    for _ in range(_TRIES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        else:
            return
    raise sqlite3.OperationalError("others keep the new file busy")
