"""Showing a run as it happens: a live screen on a terminal, a plain line per noteworthy event when piped.

On a simulated clock the screen redraws by event, not by time; a gate that nobody in that world answers is put to the
person at the terminal while the virtual clock stands still.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from orchestrator.cli.output import asks_person, console, on_terminal, unbreakable
from orchestrator.model.events import Event, GateOpened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from orchestrator.model.clock import Clock

REDRAW_EVERY_S = 0.1
ROWS_BELOW = 8


class Watch:
    """Prints a line for what is noteworthy."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def start(
        self,
        clock: Clock,  # noqa: ARG002 - plain lines carry their own times
        *,
        ticks: bool | None = None,  # noqa: ARG002 - as above
        past: Iterable[Event] = (),  # noqa: ARG002 - told already
    ) -> Callable[[Event], None]:
        """Returns who is to be told of events.

        Args:
            clock: the execution's.
            ticks: whether time passes between events too, as on a real clock.
            past: what happened before; it is no news.
        """
        return self.see

    def see(self, event: Event) -> None:
        """One event, already durable."""
        if self._quiet:
            return
        from orchestrator.report.live import run_lines  # noqa: PLC0415 - start-up

        line = run_lines(event)
        if line:
            print(line, flush=True)

    def ask_through(self, request: Callable[[Any], object], answered: Callable[[GateOpened], bool]) -> None:
        """Nobody can be asked here."""

    def said(self, text: str) -> None:
        """One line for the person, from the program itself."""
        print(f"failover: {text}", file=sys.stderr, flush=True)

    def parting(self) -> None:
        """The process ends now."""

    def close(self) -> None:
        """Nothing is left open."""


class LiveWatch(Watch):
    """The screen. `options` are those that commands to type need, as `Home.options`."""

    def __init__(self, options: str = "") -> None:
        super().__init__(quiet=False)
        self._options = options
        self._console, self._drawn_s = console(), 0.0
        self._size: Any = None
        self._seeing, self._ticks = threading.Lock(), False
        self._live: Any = None
        self._rows_below = 0
        self._request: Callable[[Any], object] | None = None
        self._answered: Callable[[GateOpened], bool] = lambda gate: True  # noqa: ARG005 - until told otherwise

    def start(self, clock: Clock, *, ticks: bool | None = None, past: Iterable[Event] = ()) -> Callable[[Event], None]:
        """Open the screen. Where time ticks, a thread of its own draws: a terminal that hangs holds nobody up."""
        from rich.live import Live  # noqa: PLC0415 - start-up

        from orchestrator.report.live import LiveView  # noqa: PLC0415 - start-up

        self._clock, self._view = clock, LiveView(self._options)
        for event in past:
            self._view.apply(event)
        self._ticks = clock.kind == "real" if ticks is None else ticks
        self._live = Live(
            get_renderable=self._render, console=self._console, auto_refresh=self._ticks,
            refresh_per_second=4, vertical_overflow="crop",
        )  # fmt: skip
        self._live.start()
        return self.see

    def see(self, event: Event) -> None:
        """Take it in, and redraw if it is time."""
        with self._seeing:
            self._view.apply(event)
        if not self._ticks and time.monotonic() - self._drawn_s >= REDRAW_EVERY_S:
            self._drawn_s = time.monotonic()
            self._live.refresh()
        if isinstance(event.payload, GateOpened) and not self._answered(event.payload) and asks_person():
            self._put(event, event.payload)

    def ask_through(self, request: Callable[[Any], object], answered: Callable[[GateOpened], bool]) -> None:
        """Gates that nobody answers are put to the person here."""
        self._request, self._answered = request, answered

    def said(self, text: str) -> None:
        """Above the picture."""
        self._console.print(text, markup=False, highlight=False, style="bold yellow")

    def parting(self) -> None:
        """Show the cursor again; rich may hold its locks just now, so it is not asked."""
        with suppress(OSError):
            os.write(1, b"\x1b[?25h\r\n")

    def close(self) -> None:
        """Leave the last picture on the screen, with room for the words that follow it."""
        if self._live is not None:
            self._rows_below = ROWS_BELOW if self._console.height > 2 * ROWS_BELOW else 0
            self._live.refresh()
            self._live.stop()
            self._live = None

    def _render(self) -> Any:
        size = self._console.size
        if size != self._size:
            self._after_resize(first=self._size is None)
            self._size = size
        with self._seeing:
            return self._view.render(self._clock.now(), size.width, size.height - self._rows_below)

    def _after_resize(self, *, first: bool) -> None:
        """Lines that the terminal has folded anew cannot be taken back one by one: begin with an empty screen."""
        from rich.control import Control  # noqa: PLC0415 - start-up

        if not first:
            self._console.control(Control.home(), Control.clear())

    def _put(self, event: Event, gate: GateOpened) -> None:
        from orchestrator.journal.requests import Request, Verb  # noqa: PLC0415 - start-up

        if self._request is None:
            return
        self._live.stop()
        said = _answer(f"{gate.question} [y/n, Enter: nobody answers]: ")
        if said:
            wish, verb = f"{event.execution}/{gate.step}", Verb.APPROVE if said == "y" else Verb.REJECT
            told = "typed at the terminal of the simulation"
            self._request(Request(wish, event.execution, event.at, gate.approvers[0], verb, gate.step, told))
        self._live.start()


def _answer(question: str) -> str:
    """`y` or `n`; empty: nobody answers. What is neither is asked again, for silence may move everybody.

    Raises:
        KeyboardInterrupt: the terminal says no more.
    """
    while True:
        try:
            said = input(question).strip().lower()
        except EOFError:
            raise KeyboardInterrupt from None
        if said in ("", "y", "yes", "n", "no"):
            return said[:1]
        print(f"{said!r} is neither yes nor no")


@contextmanager
def watching(*, quiet: bool, goes_on: bool = True, options: str = "") -> Iterator[Watch]:
    """The fitting watch, closed at the end whatever happens. With `goes_on` also where nobody sees it any more."""
    with unbreakable() if goes_on else nullcontext():
        watch = LiveWatch(options) if on_terminal() and not quiet else Watch(quiet=quiet)
        try:
            yield watch
        finally:
            watch.close()
