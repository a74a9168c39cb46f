"""The embedded journal: executions, events, leases and requests in one SQLite file (`sqlite_file.py` keeps that).

Laws: the canonical bytes are stored as they were hashed; what stands beside them (`seq`, `hash`) is checked against
them by whoever reads; events hang on a number, so that setting an execution aside renames one row and touches no event.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.journal.chain import line_of, reopen, sealed
from orchestrator.journal.requests import Request, Verb
from orchestrator.journal.sqlite_file import BUSY_S, SqliteFile
from orchestrator.journal.vault import SqliteVault
from orchestrator.model.errors import ChainBroken, HeldElsewhere, InvalidInput, Refused
from orchestrator.model.events import ExecutionCreated

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from orchestrator.model.events import Event

_REQUEST = ("id", "execution", "at", "actor", "verb", "step", "reason", "account")
_COLUMNS = ", ".join(_REQUEST)
_FIRST = -(2**63)  # a row that was given a negative number is found too
_PAGE = 256  # events fetched at once: no statement stays open between them, which would hold up checkpoints


class SqliteJournal:
    """A `Journal` in the file `path`, which the first append or lease creates, with its folder.

    Others who keep the file locked are waited for, `busy_s` seconds at most.
    """

    def __init__(self, path: Path | str, *, busy_s: float = BUSY_S) -> None:
        self._file = SqliteFile(Path(path), busy_s)

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self._file.exists

    def append(self, events: Sequence[Event]) -> None:
        """See `Journal.append`."""
        if not events:
            return
        execution = events[0].execution
        with self._file.writing(create=True) as connection:
            number = _number(connection, execution)
            seq, digest = (None if number is None else _head(connection, number)) or (-1, "")
            if (events[0].seq, events[0].prev) != (seq + 1, digest):
                raise HeldElsewhere(execution, _lease(connection, execution)[0] or "another runner")
            if number is None:
                number = connection.execute("INSERT INTO executions (execution) VALUES (?)", (execution,)).lastrowid
            rows = []
            for event in events:
                seq += 1
                if event.seq != seq or event.prev != digest or event.execution != execution:
                    raise ChainBroken(f"event {event.seq} does not follow event {seq - 1}", seq=event.seq)
                digest = event.hash
                rows.append((number, seq, sealed(event).body, bytes.fromhex(digest)))
            connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)

    def read(self, execution: str, after: int = -1) -> Iterator[Event]:
        """See `Journal.read`."""
        with self._file.reading() as connection:
            number = _number(connection, execution)
        return iter(()) if number is None else self._events(number, after)

    def head(self, execution: str) -> tuple[int, str] | None:
        """See `Journal.head`."""
        with self._file.reading() as connection:
            number = _number(connection, execution)
            return None if number is None else _head(connection, number)

    def executions(self) -> list[str]:
        """See `Journal.executions`."""
        with self._file.reading() as connection:
            return [name for (name,) in connection.execute("SELECT execution FROM executions ORDER BY number DESC")]

    def lines(self, execution: str) -> Iterator[bytes]:
        """See `Journal.lines`."""
        with self._file.reading() as connection:
            number = _number(connection, execution)
        return iter(()) if number is None else (line_of(body, digest) for _, body, digest in self._rows(number, _FIRST))

    def take_lease(self, execution: str, holder: str, *, now: datetime, ttl_s: float) -> int:
        """See `Journal.take_lease`."""
        with self._file.writing(create=True) as connection:
            present, epoch, until_s = _lease(connection, execution)
            if present not in ("", holder) and until_s > now.timestamp():
                raise HeldElsewhere(execution, present)
            row = (execution, holder, epoch + 1, now.timestamp() + ttl_s)
            connection.execute("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)", row)
            return epoch + 1

    def renew_lease(self, execution: str, epoch: int, *, now: datetime, ttl_s: float) -> None:
        """See `Journal.renew_lease`."""
        with self._file.writing() as connection:
            present, latest, _ = _lease(connection, execution)
            if latest != epoch or not present:
                raise HeldElsewhere(execution, present or "nobody any more")
            until_s = now.timestamp() + ttl_s
            connection.execute("UPDATE leases SET until_s = ? WHERE execution = ?", (until_s, execution))

    def release_lease(self, execution: str, epoch: int) -> None:
        """See `Journal.release_lease`. The epoch stays, so that the next one is greater."""
        with self._file.writing() as connection:
            connection.execute("UPDATE leases SET holder = '' WHERE execution = ? AND epoch = ?", (execution, epoch))

    def holder(self, execution: str, *, now: datetime) -> str | None:
        """See `Journal.holder`."""
        with self._file.reading() as connection:
            present, _, until_s = _lease(connection, execution)
            return present if present and until_s > now.timestamp() else None

    def epoch(self, execution: str) -> int:
        """Of the latest lease, held or not; 0 before the first."""
        with self._file.reading() as connection:
            _, latest, _ = _lease(connection, execution)
            return latest

    def leave(self, request: Request) -> None:
        """See `Journal.leave`."""
        row = tuple(getattr(request, column) for column in _REQUEST)
        with self._file.writing() as connection:
            if _number(connection, request.execution) is None:
                raise InvalidInput(f"the journal knows no execution {request.execution}", remedy="see `failover list`")
            there = connection.execute(
                f"SELECT {_COLUMNS} FROM requests WHERE id = ?",  # noqa: S608 - our own names
                (request.id,),
            ).fetchone()
            if there is None:
                connection.execute(
                    f"INSERT INTO requests ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own names
                    row,
                )
            elif there != row:
                raise InvalidInput(f"request {request.id} was left with other content", remedy="leave it anew")

    def pending(self, execution: str) -> list[Request]:
        """See `Journal.pending`."""
        query = (
            f"SELECT {_COLUMNS} FROM requests"  # noqa: S608 - our own names
            " WHERE execution = ? AND answer IS NULL ORDER BY number"
        )
        with self._file.reading() as connection:
            return [
                Request(name, of, at, actor, Verb(verb), *rest)
                for name, of, at, actor, verb, *rest in connection.execute(query, (execution,))
            ]

    def close(self, request_id: str, answer: str) -> None:
        """See `Journal.close`."""
        update = "UPDATE requests SET answer = coalesce(answer, ?) WHERE id = ?"
        with self._file.writing() as connection:
            if not connection.execute(update, (answer, request_id)).rowcount:
                raise InvalidInput(f"there is no request {request_id}", remedy="see `failover status`")

    def answer(self, request_id: str) -> str | None:
        """See `Journal.answer`."""
        with self._file.reading() as connection:
            row = connection.execute("SELECT answer FROM requests WHERE id = ?", (request_id,)).fetchone()
        return row[0] if row else None

    def set_aside(self, execution: str) -> str | None:
        """See `Journal.set_aside`."""
        if not self.exists:
            return None
        with self._file.writing(create=True) as connection:
            number = _number(connection, execution)
            head = None if number is None else _head(connection, number)
            if number is None or head is None:
                return None
            payloads = (event.payload for event in self._events(number, -1))
            created = next((payload for payload in payloads if isinstance(payload, ExecutionCreated)), None)
            if created is None or not created.simulated:
                raise Refused(f"execution {execution} was not simulated", rule="real-executions-stay")
            connection.execute("DELETE FROM leases WHERE execution = ?", (execution,))
            connection.execute("DELETE FROM requests WHERE execution = ?", (execution,))
            # The whole hash is for a run that shares eight digits with another, or whose earlier copy was damaged.
            for key in (f"{execution}~{head[1][:8]}", f"{execution}~{head[1]}"):
                if _moved(connection, number, key):
                    return key
            raise ChainBroken(f"earlier copies of execution {execution} share its head, but not its events", seq=0)

    def vault(self, execution: str, new_key: Callable[[], bytes]) -> SqliteVault:
        """What the execution sealed, in this same file; `new_key` draws its key if it has none."""
        return SqliteVault(self._file.path, execution, new_key)

    def again(self, *, busy_s: float) -> SqliteJournal:
        """The same file through a connection of its own."""
        return SqliteJournal(self._file.path, busy_s=busy_s)

    def close_connection(self) -> None:
        """See `Journal.close_connection`."""
        self._file.close()

    def _events(self, number: int, after: int) -> Iterator[Event]:
        last: Event | None = None
        for seq, body, digest in self._rows(number, after + 1 if after >= 0 else _FIRST):
            try:
                event = reopen(body, digest)
            except ValueError as why:
                raise ChainBroken(f"event {seq} {why}", seq=seq) from None
            if seq != after + 1 or event.seq != seq or (last and event.prev != last.hash):
                raise ChainBroken(f"event {after + 1} is missing, or does not follow the one before", seq=after + 1)
            after, last = seq, event
            yield event

    def _rows(self, number: int, first: int) -> Iterator[tuple[int, bytes, str]]:
        query = (
            "SELECT seq, CAST(body AS BLOB), CAST(hash AS BLOB) FROM events"
            " WHERE number = ? AND seq {} ? ORDER BY seq LIMIT ?"
        )
        begin, rows = query.format(">="), [(first, b"", b"")] * _PAGE
        while len(rows) == _PAGE:
            with self._file.reading() as connection:
                rows = connection.execute(begin, (number, rows[-1][0], _PAGE)).fetchall()
            for seq, body, digest in rows:
                yield seq, body, digest.hex()
            begin = query.format(">")


def _number(connection: sqlite3.Connection, execution: str) -> int | None:
    row = connection.execute("SELECT number FROM executions WHERE execution = ?", (execution,)).fetchone()
    return row[0] if row else None


def _head(connection: sqlite3.Connection, number: int) -> tuple[int, str] | None:
    query = "SELECT seq, CAST(hash AS BLOB) FROM events WHERE number = ? ORDER BY seq DESC LIMIT 1"
    row = connection.execute(query, (number,)).fetchone()
    return (row[0], row[1].hex()) if row else None


def _lease(connection: sqlite3.Connection, execution: str) -> tuple[str, int, float]:
    query = "SELECT holder, epoch, until_s FROM leases WHERE execution = ?"
    row: tuple[str, int, float] | None = connection.execute(query, (execution,)).fetchone()
    return row or ("", 0, 0.0)


def _moved(connection: sqlite3.Connection, number: int, key: str) -> bool:
    """Put the execution under `key`, or drop it if every event of it stands there already, byte for byte."""
    there = _number(connection, key)
    if there is None:
        connection.execute("UPDATE executions SET execution = ? WHERE number = ?", (key, number))
        return True
    events = "SELECT seq, body, hash FROM events WHERE number = ?"
    if connection.execute(f"{events} EXCEPT {events} LIMIT 1", (number, there)).fetchone():
        return False
    connection.execute("DELETE FROM events WHERE number = ?", (number,))
    connection.execute("DELETE FROM executions WHERE number = ?", (number,))
    return True
