"""What a served cloud tells as it happens: its callers' minutes and its outages, read from `GET /feed?after=N`.

Laws: nobody ever waits for the reader, neither when a run begins nor when it ends; a server that goes away, or speaks
another language, is heard no more, and that is all.

Reading blocks, so it has a thread of its own; what it reads is handed to the loop.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orchestrator.model.clock import moment
from orchestrator.model.values import Json

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

HIT = "hit"
"""The name of news of who felt an outage first; others are named as samples are."""
WAITS_S = 5.0
"""So long the server waits for news, in the machine's seconds."""
READ_WITHIN_S = 4 * WAITS_S
AGAIN_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened. `at` is when, in the server's time; of a minute of calls, when that began."""

    name: str
    at: datetime
    values: Json
    modelled: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said at one moment."""

    now: datetime
    last: int
    """The number of the latest news."""
    outage: Json
    """The values of a sample `Sampled.OUTAGE` of what is lost now; None while nothing is."""
    news: tuple[News, ...]
    felt: Mapping[tuple[str, str], int]
    """How often each outage was felt by whom, by (fault, victim)."""

    @classmethod
    def of(cls, body: bytes) -> Reply:
        """From JSON.

        Raises:
            KeyError, TypeError, ValueError: it is none.
        """
        told: Any = json.loads(body)
        news = (News(each["name"], moment(each["at"]), each["values"], each["modelled"]) for each in told["items"])
        felt = {(each["fault"], each["victim"]): int(each["count"]) for each in told["felt"]}
        return cls(moment(told["now"]), int(told["last"]), told["outage"], tuple(news), felt)


class Reader:
    """Reads a feed and hands what comes to the loop.

    Args:
        url: the control port's address.
        loop: where `take` is called.
        take: given each reply; perhaps one more after `stop`.
    """

    def __init__(self, url: str, loop: asyncio.AbstractEventLoop, take: Callable[[Reply], None]) -> None:
        self._place, self._loop, self._take = urlsplit(url).netloc, loop, take
        self._stopped = threading.Event()
        self._socket: socket.socket | None = None
        # A daemon: a process may end in the middle of its waiting.
        self._thread = threading.Thread(target=self._read, name="feed", daemon=True)

    def start(self) -> None:
        """Read from now on, if that has not begun, nor ended, already."""
        if self._thread.ident is None and not self._stopped.is_set():
            self._thread.start()

    def stop(self) -> None:
        """Hear nothing more; returns at once. The thread ends by itself, mostly at once too."""
        self._stopped.set()
        # Looked at only now: a thread that is just connecting shows its socket first, and then looks whether to ask.
        if (connected := self._socket) is not None:
            with suppress(OSError):  # it has gone already
                connected.shutdown(socket.SHUT_RDWR)

    def _read(self) -> None:
        seen = 0
        while not self._stopped.is_set():
            try:
                reply = Reply.of(self._ask(seen))
            except (OSError, HTTPException):
                self._stopped.wait(AGAIN_AFTER_S)  # it is busy, or gone, or we were stopped
                continue
            except (KeyError, TypeError, ValueError):
                return  # no feed of ours, nor will it become one
            seen = reply.last
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._take, reply)

    def _ask(self, seen: int) -> bytes:
        connection = HTTPConnection(self._place, timeout=READ_WITHIN_S)
        try:
            connection.connect()
            # The socket itself: the connection forgets it while an answer is still being read.
            self._socket = connection.sock
            if self._stopped.is_set():
                raise ConnectionAbortedError
            connection.request("GET", f"/feed?after={seen}")
            return connection.getresponse().read()
        finally:
            connection.close()
