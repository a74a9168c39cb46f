"""Showing a run as it happens: a live screen on a terminal, a plain line per noteworthy event when piped.

On a simulated clock the screen redraws by event, not by time; a gate that nobody in that world answers is put to the
person at the terminal while the virtual clock stands still.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from orchestrator.cli.output import asks_person, console, on_terminal
from orchestrator.model.events import Event, GateOpened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orchestrator.model.clock import Clock

REDRAW_EVERY_S = 0.1
ROWS_BELOW = 8


class Watch:
    """Prints a line for what is noteworthy."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def start(self, clock: Clock) -> Callable[[Event], None]:  # noqa: ARG002 - plain lines carry their own times
        """Returns who is to be told of events."""
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

    def close(self) -> None:
        """Nothing is left open."""


class LiveWatch(Watch):
    """The screen."""

    def __init__(self) -> None:
        super().__init__(quiet=False)
        self._console, self._drawn_s = console(), 0.0
        self._live: Any = None
        self._rows_below = 0
        self._request: Callable[[Any], object] | None = None
        self._answered: Callable[[GateOpened], bool] = lambda gate: True  # noqa: ARG005 - until told otherwise

    def start(self, clock: Clock) -> Callable[[Event], None]:
        """Open the screen."""
        from rich.live import Live  # noqa: PLC0415 - start-up

        from orchestrator.report.live import LiveView  # noqa: PLC0415 - start-up

        self._clock, self._view = clock, LiveView()
        self._live = Live(
            get_renderable=self._render, console=self._console, auto_refresh=clock.kind == "real",
            refresh_per_second=4, vertical_overflow="crop",
        )  # fmt: skip
        self._live.start()
        return self.see

    def see(self, event: Event) -> None:
        """Take it in, and redraw if it is time."""
        self._view.apply(event)
        if time.monotonic() - self._drawn_s >= REDRAW_EVERY_S:
            self._drawn_s = time.monotonic()
            self._live.refresh()
        if isinstance(event.payload, GateOpened) and not self._answered(event.payload) and asks_person():
            self._put(event, event.payload)

    def ask_through(self, request: Callable[[Any], object], answered: Callable[[GateOpened], bool]) -> None:
        """Gates that nobody answers are put to the person here."""
        self._request, self._answered = request, answered

    def close(self) -> None:
        """Leave the last picture on the screen, with room for the words that follow it."""
        if self._live is not None:
            self._rows_below = ROWS_BELOW
            self._live.refresh()
            self._live.stop()

    def _render(self) -> Any:
        size = self._console.size
        return self._view.render(self._clock.now(), size.width, size.height - self._rows_below)

    def _put(self, event: Event, gate: GateOpened) -> None:
        from orchestrator.journal.requests import Request, Verb  # noqa: PLC0415 - start-up

        if self._request is None:
            return
        self._live.stop()
        said = input(f"{gate.question} [y/n, Enter: nobody answers]: ").strip().lower()
        if said in ("y", "n"):
            verb = Verb.APPROVE if said == "y" else Verb.REJECT
            wish = f"{event.execution}/{gate.step}"
            self._request(Request(wish, event.execution, event.at, gate.approvers[0], verb, gate.step))
        self._live.start()


@contextmanager
def watching(*, quiet: bool) -> Iterator[Watch]:
    """The fitting watch, closed at the end whatever happens."""
    watch = LiveWatch() if on_terminal() and not quiet else Watch(quiet=quiet)
    try:
        yield watch
    finally:
        watch.close()
