"""Leaving a run on SIGINT, SIGTERM or SIGHUP: the first settles what is in flight and pauses, a second leaves at once.

Laws: what was committed is safe whatever happens here, for every commit is on disk before it counts; who leaves at once
leaves nothing behind that keeps the next runner out for longer than the lease.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import pwd
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn, Protocol

from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Hearer(Protocol):
    """Who is at the terminal, if anybody."""

    def said(self, text: str) -> None:
        """One line for the person."""

    def parting(self) -> None:
        """Leave the terminal as it was: the process ends now. May not wait for anybody."""


class Nobody:
    """Hears nothing."""

    def said(self, text: str) -> None:
        """Lost."""

    def parting(self) -> None:
        """Nothing to leave."""


@contextmanager
def leaving(leave: Callable[[str], None], hearer: Hearer, let_go: Callable[[], None]) -> Iterator[None]:
    """While a run goes on, on the running event loop.

    Args:
        leave: told once, on the loop, why to settle and pause.
        hearer: told what was understood.
        let_go: gives the lease back before the process ends at once; it may not wait.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    loop, heard = asyncio.get_running_loop(), list[int]()

    def first(number: int) -> None:
        name = signal.Signals(number).name
        hearer.said(f"{name}: calls in flight settle, then the run pauses; once more, and it is left at once")
        leave(f"left on {name} by {user()}")

    def on_signal(number: int, _: FrameType | None) -> None:
        if not heard:
            heard.append(number)
            loop.call_soon_threadsafe(first, number)
        elif number != signal.SIGHUP:  # a terminal that closes may say so twice
            _leave_at_once(hearer, let_go)

    # Who was started with `nohup` is not told of a closed terminal.
    taken = [each for each in SIGNALS if each != signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, on_signal) for each in taken}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def user() -> str:
    """The account that this process runs under."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have no entry for it, and Python 3.13 says so by OSError
        return f"user {os.getuid()}"


def account() -> str:
    """The same, whatever the environment says."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def _leave_at_once(hearer: Hearer, let_go: Callable[[], None]) -> NoReturn:
    """As a crash would, which every resume can take; no thread is waited for."""
    with suppress(Exception):
        let_go()
    hearer.parting()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, RuntimeError):  # gone, closed, or just being written to
            stream.flush()
    os._exit(ExitCode.STOPPED)
