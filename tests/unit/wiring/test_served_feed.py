"""The reader of a served cloud's feed, against a loopback server that says what a test wants."""

from __future__ import annotations

import asyncio
import json
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.wiring import feed
from orchestrator.wiring.feed import Reader, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = "2026-11-22T03:00:00.000Z"


def reply(last: int) -> bytes:
    return json.dumps({"now": NOW, "last": last, "outage": None, "items": [], "felt": []}).encode()


class Site:
    """Answers each path with what is in `says`, in order; None says nothing until the test is over."""

    def __init__(self) -> None:
        self.says: list[bytes | None] = []
        self.unsaid = 0
        """So many bytes of each answer are promised, and never come."""
        self.asked: list[str] = []
        self.hears, self.over = threading.Event(), threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                said = site.says.pop(0) if site.says else None
                if said is None:
                    site.hears.set()
                    site.over.wait()
                elif said:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(said) + site.unsaid))
                    self.end_headers()
                    self.wfile.write(said)
                    if site.unsaid:
                        site.hears.set()
                        site.over.wait()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Nothing here waits for time: who is not woken waits for ever."""
    monkeypatch.setattr(feed, "AGAIN_AFTER_S", 0.0)
    monkeypatch.setattr(feed, "READ_WITHIN_S", None)
    here = Site()
    yield here
    here.close()


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "feed"]


def heard_from(site: Site, enough: Callable[[list[Reply]], bool]) -> list[Reply]:
    """What reaches the loop until it is enough; then the reader is stopped, and its thread ends."""

    async def listen() -> list[Reply]:
        heard: list[Reply] = []
        done = asyncio.Event()

        def take(one: Reply) -> None:
            heard.append(one)
            if enough(heard):
                done.set()

        reader = Reader(site.url, asyncio.get_running_loop(), take)
        reader.start()
        reader.start()
        await done.wait()
        reader.stop()
        return heard

    heard = asyncio.run(listen())
    for thread in readers():
        thread.join()
    return heard


def test_each_question_says_what_is_known_already(site: Site) -> None:
    site.says = [reply(3), reply(7)]
    assert [each.last for each in heard_from(site, lambda heard: len(heard) == 2)] == [3, 7]
    assert site.asked[:2] == ["/feed?after=0", "/feed?after=3"]


def test_a_server_that_fails_is_asked_again_and_nothing_is_skipped(site: Site) -> None:
    site.says = [reply(3), b"", b"", reply(4)]  # nothing said: the connection is cut
    heard_from(site, lambda heard: len(heard) == 2)
    assert site.asked[:4] == ["/feed?after=0", *["/feed?after=3"] * 3]


def test_stopping_ends_a_reader_in_the_middle_of_its_waiting(site: Site) -> None:
    """The server says nothing before the test is over: were the thread not woken, joining it would last for ever."""
    site.says = [reply(1), None]

    def waits(heard: list[Reply]) -> bool:
        return bool(heard) and site.hears.wait()

    heard_from(site, waits)
    assert not site.over.is_set()
    assert readers() == []


def test_stopping_ends_a_reader_in_the_middle_of_an_answer(site: Site) -> None:
    site.says, site.unsaid = [reply(1)], 1

    async def listen() -> None:
        reader = Reader(site.url, asyncio.get_running_loop(), lambda _: pytest.fail("it is not whole"))
        reader.start()
        assert await asyncio.to_thread(site.hears.wait)
        reader.stop()

    asyncio.run(listen())
    for thread in readers():
        thread.join()
    assert not site.over.is_set()


def test_who_is_stopped_while_connecting_asks_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look whether to go on and the connection there is a moment in which nothing can be woken."""

    class Slow(HTTPConnection):
        def connect(self) -> None:
            reader.stop()
            super().connect()

    async def listen() -> None:
        reader.start()

    loop = asyncio.new_event_loop()
    reader = Reader(site.url, loop, lambda _: pytest.fail("it was stopped"))
    monkeypatch.setattr(feed, "HTTPConnection", Slow)
    loop.run_until_complete(listen())
    for thread in readers():
        thread.join()
    loop.close()
    assert site.asked == []


@pytest.mark.parametrize("said", [b"no JSON", b"[]", b'{"last": 1}', b'{"error": "nothing here answers"}'])
def test_what_is_no_feed_is_asked_once_and_heard_no_more(site: Site, said: bytes) -> None:
    site.says = [said]

    async def listen() -> None:
        reader = Reader(site.url, asyncio.get_running_loop(), lambda _: pytest.fail("it is none"))
        reader.start()

    asyncio.run(listen())
    for thread in readers():
        thread.join()
    assert site.asked == ["/feed?after=0"]


def test_who_was_stopped_does_not_begin(site: Site) -> None:
    async def listen() -> None:
        reader = Reader(site.url, asyncio.get_running_loop(), lambda _: None)
        reader.stop()
        reader.start()

    asyncio.run(listen())
    assert readers() == []
    assert site.asked == []
