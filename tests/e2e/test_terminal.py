"""On a terminal: nothing is wider than it, and NO_COLOR is respected."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from typing import Any

import pytest

ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]")
COLOUR = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;]*m")
WHOLE = re.compile(r"^  failover |  [A-Z]{2}\d\d  ")
COMMANDS = (
    ("--help",),
    ("now",),
    ("now", "--simulate"),
    ("lint",),
    ("plan", "region-evacuation", "--simulate", "--lost", "us-east-1"),
    ("plan", "--help"),
    ("status",),
    ("list",),
    ("report", "--format", "md"),
    ("journal", "verify"),
    ("runbooks",),
    ("actions",),
    ("actions", "connect.shift_traffic"),
    ("drill", "list"),
    ("nonsense",),
)


def on_terminal(centre: Any, columns: int, *arguments: str, **environment: str) -> bytes:
    """Everything that the command writes to a terminal of this width."""
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    running = subprocess.Popen(  # noqa: S603 - our own command
        centre.command(*arguments), cwd=centre.folder, env=centre.environment(**environment),
        stdin=far, stdout=far, stderr=far,
    )  # fmt: skip
    os.close(far)
    written = bytearray()
    while True:
        try:
            piece = os.read(near, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not piece:
            break
        written += piece
    os.close(near)
    running.wait()
    return bytes(written)


def too_wide(written: bytes, columns: int) -> list[str]:
    """Lines that do not fit, but for commands to be pasted and faults (`place  CODE  what  remedy`), which are one."""
    lines = re.split(r"[\r\n]+", ESCAPES.sub(b"", written).decode())
    return [line for line in lines if len(line) > columns and not WHOLE.search(line)]


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Any:
    """A centre with one drill on record, and what its live view wrote."""
    centre = request.getfixturevalue("new_centre")(tmp_path_factory.mktemp("terminal"))
    shown = on_terminal(centre, 80, "drill", "run", "./short-outage.yaml")
    return centre, shown


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_line_is_longer_than_the_terminal(drilled: Any, arguments: tuple[str, ...]) -> None:
    written = on_terminal(drilled[0], 80, *arguments)
    assert written.strip()
    assert b"a fault of ours" not in written
    assert too_wide(written, 80) == []


def test_the_live_view_fits_and_is_coloured(drilled: Any) -> None:
    _, shown = drilled
    assert b"recovered" in shown.lower()
    assert too_wide(shown, 80) == []
    assert COLOUR.search(shown)


@pytest.mark.parametrize("arguments", [("drill", "run", "./short-outage.yaml"), ("status",)], ids=" ".join)
def test_no_color_is_respected(drilled: Any, arguments: tuple[str, ...]) -> None:
    written = on_terminal(drilled[0], 80, *arguments, NO_COLOR="1")
    assert b"recovered" in written.lower()
    assert not COLOUR.search(written)
