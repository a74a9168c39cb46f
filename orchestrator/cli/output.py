"""How commands speak: JSON for machines, plain lines when piped, colour and width only where a terminal has them."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.model.values import Json

PIPED_WIDTH = 120


def print_json(value: Json) -> None:
    """One line, keys as they come; escaped where the output lacks the characters."""
    whole = (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(value, ensure_ascii=not whole, default=str))


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
    """Lines no wider than `room`."""
    import textwrap  # noqa: PLC0415 - start-up

    return textwrap.wrap(text, room) or [""]
