"""The vault beside the chain: what an execution sealed, in tables of the journal's own file, and in no export.

Laws:
- A seal is HMAC-SHA256 of the value under a key of the execution's own, so that it says nothing elsewhere, and nothing
  at all once the key is purged.
- A value is on disk before its seal is handed out: what is journalled can be given back.
- Purging takes values and key out of the file, not merely out of the tables.

Any thread may use it: each use has a connection of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from orchestrator.journal.store import JournalBusy, JournalUnavailable
from orchestrator.model.sealing import SEALED, Unsealable, seal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from orchestrator.model.values import Json

_BUSY_S = 10.0
# Made when first needed: a journal that has no vault is as it was, and the schema's version stays.
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS vault_keys (
        execution TEXT PRIMARY KEY,
        key BLOB NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS vault (
        execution TEXT NOT NULL,
        seal TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (execution, seal)
    ) WITHOUT ROWID""",
)


class SqliteVault:
    """The vault of one execution, in a journal that exists.

    Args:
        path: the journal's file.
        execution: whose values these are.
        new_key: draws 32 secret bytes, if the execution has no key yet; from the seed in a simulation.
    """

    def __init__(self, path: Path, execution: str, new_key: Callable[[], bytes]) -> None:
        self._path, self._execution, self._new_key = path, execution, new_key
        self._key = b""
        self._kept: set[str] = set()

    def seal(self, value: str) -> Json:
        """See `Vault.seal`.

        Raises:
            JournalUnavailable: the file cannot be written.
        """
        if not value:
            return ""
        key = self._key or self._keyed()
        seal = hmac.new(key, value.encode(), hashlib.sha256).hexdigest()
        if seal not in self._kept:
            with self._writing() as connection:
                connection.execute("INSERT OR IGNORE INTO vault VALUES (?, ?, ?)", (self._execution, seal, value))
            self._kept.add(seal)
        return {SEALED: seal}

    def unseal(self, sealed: Json) -> str:
        """See `Vault.unseal`.

        Raises:
            Unsealable: nobody keeps it.
            JournalUnavailable: the file cannot be read.
        """
        seal = seal_of(sealed)
        if not seal:
            return ""
        query = "SELECT value FROM vault WHERE execution = ? AND seal = ?"
        with self._writing() as connection:
            row = connection.execute(query, (self._execution, seal)).fetchone()
        if row is None:
            raise Unsealable(seal)
        return str(row[0])

    def purge(self) -> int:
        """Forget the execution's values and its key; how many values there were. A later seal begins anew.

        Raises:
            JournalUnavailable: the file cannot be written.
        """
        self._key, self._kept = b"", set()
        if not self._path.exists():
            return 0
        with self._in_words(), closing(self._connected()) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'vault'").fetchone():
                    return 0
                gone = connection.execute("DELETE FROM vault WHERE execution = ?", (self._execution,)).rowcount
                connection.execute("DELETE FROM vault_keys WHERE execution = ?", (self._execution,))
            # Else the write-ahead log would keep what the file has lost.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def _keyed(self) -> bytes:
        with self._writing() as connection:
            insert = "INSERT OR IGNORE INTO vault_keys VALUES (?, ?)"
            connection.execute(insert, (self._execution, self._new_key()))
            query = "SELECT key FROM vault_keys WHERE execution = ?"
            (self._key,) = connection.execute(query, (self._execution,)).fetchone()
        return self._key

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction in which the tables are there; durable on leaving."""
        with self._in_words(), closing(self._connected()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA:
                connection.execute(statement)
            yield connection

    def _connected(self) -> sqlite3.Connection:
        place = f"{self._path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(place, uri=True, timeout=_BUSY_S, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the primary one
            kind = JournalBusy if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else JournalUnavailable
            raise kind(str(self._path), str(error)) from error
