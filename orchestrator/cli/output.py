"""How commands speak: JSON for machines, plain lines when piped, colour and width only where a terminal has them."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from orchestrator.model.values import Json

PIPED_WIDTH = 120


def print_json(value: Json) -> None:
    """One line, keys as they come; escaped where the output lacks the characters."""
    whole = (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(value, ensure_ascii=not whole, default=str))


class Unbreakable:
    """An output stream that falls silent, for good, once nobody is there: a closed terminal, a reader who left."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        """Everything else is the stream's own."""
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """As the stream's; what nobody can read is lost."""
        try:
            self._stream.write(text)
        except BlockingIOError:
            pass  # a reader who is slow, and a stream that somebody made impatient
        except OSError:
            self._fall_silent()
        return len(text)

    def flush(self) -> None:
        """As the stream's."""
        try:
            self._stream.flush()
        except BlockingIOError:
            pass
        except OSError:
            self._fall_silent()

    def _fall_silent(self) -> None:
        # What is still buffered has to go somewhere, or Python complains about it when it ends.
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def unbreakable() -> Iterator[None]:
    """While a run goes on, nobody has to be there to see it."""
    before = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    for name, stream in before.items():
        setattr(sys, name, Unbreakable(stream))
    try:
        yield
    finally:
        for name, stream in before.items():
            with suppress(ValueError):  # closed
                getattr(sys, name).flush()
            setattr(sys, name, stream)


def on_terminal() -> bool:
    """Whether a person sees standard output."""
    return sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"


def asks_person() -> bool:
    """Whether somebody can be asked."""
    return on_terminal() and sys.stdin.isatty()


def width() -> int:
    """Columns."""
    if not on_terminal():
        return PIPED_WIDTH
    import shutil  # noqa: PLC0415 - start-up

    return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns


def console() -> Console:
    """A rich console; it respects NO_COLOR and the terminal's width by itself."""
    from rich.console import Console  # noqa: PLC0415 - 50 ms that piped output does not need

    return Console(highlight=False, soft_wrap=False)


def table(headings: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Aligned columns that fit: the last one wraps."""
    cells = [tuple(str(cell) for cell in row) for row in rows]
    widths = [max([len(head), *(len(row[place]) for row in cells)]) for place, head in enumerate(headings)]
    indent = sum(widths[:-1]) + 2 * (len(widths) - 1)
    room = max(width() - indent, 20)
    for row in (headings, *cells):
        lead = "".join(cell.ljust(size) + "  " for cell, size in zip(row[:-1], widths[:-1], strict=True))
        first, *more = wrapped(row[-1], room)
        print((lead + first).rstrip())
        for line in more:
            print(" " * indent + line)


def paragraph(text: str) -> None:
    """Text that fits; what does not go on its first line is indented."""
    first, *more = wrapped(text, width() - 2)
    print(first, flush=True)
    for line in more:
        print("  " + line, flush=True)


def wrapped(text: str, room: int) -> list[str]:
    """Lines no wider than `room`; names of hosts and Regions stay whole, though they have hyphens."""
    import textwrap  # noqa: PLC0415 - start-up

    return textwrap.wrap(text, room, break_on_hyphens=False) or [""]
