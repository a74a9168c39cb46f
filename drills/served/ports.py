"""One port: HTTP on the loopback, a listener that an outage closes and its end opens again.

Laws: a closed port refuses at once, as a host that is gone, and stays ours, so that nobody else moves in; connections
that were open die with it, whatever they were in the middle of.

The listener belongs to the event loop, so that when `close` returns nobody gets in any more. Each connection has a
thread that speaks HTTP and nothing else: every answer is made on the loop, one thing at a time.
"""

from __future__ import annotations

import asyncio
import io
import socket
import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast

from orchestrator.model.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

LOOPBACK = "127.0.0.1"
BODY_BYTES_MAX = 64 * 1024 * 1024
_BACKLOG = 128
_OURS = {"connection", "content-length", "date", "server", "transfer-encoding"}
"""Headers that belong to the connection, not to the answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `target` is path and query as they came; names of headers are in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Port:
    """A loopback port whose requests are answered by `answer`, on the loop; None drops the connection.

    Args:
        number: the port; 0 takes a free one.
        loop: where answers are made. Everything but the connections' threads happens on it.
        answer: makes an answer.

    Raises:
        InvalidInput: the port is taken.
    """

    def __init__(
        self,
        number: int,
        loop: asyncio.AbstractEventLoop,
        answer: Callable[[Asked], Coroutine[Any, Any, Answer | None]],
    ) -> None:
        self._loop, self._answer = loop, answer
        self._held = _held(number)
        """Bound and never listening: while the listener is closed, it keeps the number, and refuses."""
        self.number: int = self._held.getsockname()[1]
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether anybody gets in."""
        return self._listener is not None

    def open(self) -> None:
        """Let clients in. Does nothing where it is open already."""
        if self._listener is None:
            # Reusing the address, too: connections of an earlier listener may still linger.
            self._listener = _bound(self.number, socket.SO_REUSEADDR, socket.SO_REUSEPORT)
            self._listener.listen(_BACKLOG)
            self._listener.setblocking(False)
            self._loop.add_reader(self._listener, self._accept)

    def close(self) -> None:
        """Refuse from now on, and cut off who is connected."""
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):  # it has gone already
                    connection.shutdown(socket.SHUT_RDWR)

    def give_up(self) -> None:
        """Close for good, and let the number go."""
        self.close()
        self._held.close()

    def answered(self, asked: Asked) -> Answer | None:
        """For the connections' threads: the answer, once the loop has made it; None where there is none."""
        making = self._answer(asked)
        try:
            made = asyncio.run_coroutine_threadsafe(making, self._loop)
        except RuntimeError:  # the loop has ended
            making.close()
            return None
        try:
            return made.result()
        except CancelledError:  # it ends
            return None

    def _accept(self) -> None:
        if self._listener is None:
            return
        with suppress(BlockingIOError, ConnectionError):  # who knocked has gone
            connection, _address = self._listener.accept()
            connection.setblocking(True)
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=self._speak, args=(connection,), name=f"port {self.number}", daemon=True).start()

    def _speak(self, connection: socket.socket) -> None:
        try:
            with suppress(OSError):  # the client has gone, or an outage cut it off
                _Speaker(connection, self)
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()


class _Lines(io.BufferedReader):
    """A reader that remembers its last line."""

    last = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line, as ever."""
        self.last = super().readline(size)
        return self.last


class _Speaker(BaseHTTPRequestHandler):
    """HTTP/1.1 on one connection; the standard library's own, without its server."""

    protocol_version = "HTTP/1.1"
    server_version = "simulated-cloud"
    sys_version = ""
    rbufsize, wbufsize = 0, -1
    disable_nagle_algorithm = True

    def __init__(self, connection: socket.socket, port: Port) -> None:
        self._port = port
        super().__init__(connection, (LOOPBACK, 0), port)  # type: ignore[arg-type] # it asks nothing of its server

    def setup(self) -> None:
        """Read lines so that it is known how the last one ended."""
        super().setup()
        self.rfile = self._lines = _Lines(cast("io.RawIOBase", self.rfile))

    def parse_request(self) -> bool:
        """Take no request of which a client that died sent only some headers: it asked for nothing."""
        return super().parse_request() and self._lines.last in (b"\r\n", b"\n")

    def handle_expect_100(self) -> bool:
        """Say at once that the body may come: what is written waits in a buffer otherwise."""
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
        """The call log tells who asked what."""

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self._port.answered(Asked(self.command, self.path, headers, body))
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in _OURS:
                self.send_header(name, value)
        self.send_header("Content-Length", self._length(answer))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _length(self, answer: Answer) -> str:
        """What is sent; to HEAD, which is sent nothing, what GET would have been."""
        told = {name.lower(): value for name, value in answer.headers.items()}.get("content-length", "")
        return told if self.command == "HEAD" and told else str(len(answer.body))

    def _body(self) -> bytes | None:
        """The request's body; None where it cannot be read: the client was told, or died in mid-sentence."""
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding"):
            self.send_error(411, "give the length of the body")
        elif not length.isdecimal():
            self.send_error(400, "no such length")
        elif int(length) > BODY_BYTES_MAX:
            self.send_error(413, f"no more than {BODY_BYTES_MAX} bytes")
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                return body
        self.close_connection = True
        return None

    do_DELETE = do_GET = do_HEAD = do_PATCH = do_POST = do_PUT = _serve  # noqa: N815 - names of the standard library


def refuse_taken(first: int, count: int) -> None:
    """Look, before anything takes long, whether these ports can be had; 0 is any.

    Raises:
        InvalidInput: one is taken.
    """
    for number in range(first, first + count) if first else ():
        _bound(number, socket.SO_REUSEADDR).close()


def _held(number: int) -> socket.socket:
    """A socket that keeps a number without listening. It shares with our own listener; a stranger's is found first."""
    if number:
        _bound(number, socket.SO_REUSEADDR).close()
    return _bound(number, socket.SO_REUSEPORT)


def _bound(number: int, *sharing: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        for option in sharing:
            bound.setsockopt(socket.SOL_SOCKET, option, 1)
        bound.bind((LOOPBACK, number))
    except OSError as why:
        bound.close()
        raise InvalidInput(f"port {number}: {why.strerror}", remedy="choose another with --port, or 0 for any") from why
    return bound
