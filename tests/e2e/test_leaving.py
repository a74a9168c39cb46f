"""How a run is left: by a signal, with its terminal, without a word, or standing still; and who takes it up."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import termios
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from orchestrator.model import events as ev
from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from terminals import Terminals

ENDINGS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def own_terminal() -> None:
    """In the child: its standard input is the terminal that it hangs on."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def deaf() -> None:
    """In the child: as `nohup` starts it."""
    own_terminal()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def sized(columns: int, rows: int) -> tuple[int, int]:
    """A terminal: our end, and the program's."""
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    return near, far


def read_until(near: int, what: bytes) -> bytes:
    """What a program writes to its terminal, up to and with this."""
    written = b""
    while what not in written:
        written += os.read(near, 65536)
    return written


# --- signals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda each: each.name)
def test_a_signal_pauses_the_run_and_says_how_to_go_on(terminals: Terminals, ending: signal.Signals) -> None:
    running = terminals.execute()
    running.send_signal(ending)
    code, out, err = terminals.ends(running)
    assert code == ExitCode.STOPPED
    assert err == (
        f"failover: {ending.name}: calls in flight settle, then the run pauses; once more, and it is left at once\n"
    )
    assert f"go on: failover resume {terminals.execution}\n" in out
    record = terminals.record()
    assert (record.state, record.reason.startswith(f"left on {ending.name} by ")) == ("paused", True)
    assert terminals.holder() is None
    taken = terminals.start("resume", terminals.execution)
    terminals.until(terminals.holder, taken)
    terminals.goes_through()
    assert terminals.ends(taken)[0] == ExitCode.DONE
    assert len(terminals.told(ev.GateOpened)) == 2, "the question stayed open meanwhile"


def test_a_call_in_flight_settles_before_the_run_is_left(terminals: Terminals) -> None:
    pipe = terminals.pipe("first")
    running = terminals.execute()
    terminals.approved("say-so", "duty", "deputy")
    terminals.until(lambda: terminals.runs("first"), running)
    running.terminate()
    terminals.until(lambda: terminals.record().state == "paused", running)
    assert running.poll() is None
    pipe.write_text("{}")  # waits until it is read
    assert terminals.ends(running)[0] == ExitCode.STOPPED
    assert terminals.record().steps["first"].state == "running"


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_a_second_signal_leaves_at_once_and_keeps_nobody_out(terminals: Terminals, second: signal.Signals) -> None:
    terminals.pipe("first")
    running = terminals.execute()
    terminals.approved("say-so", "duty", "deputy")
    terminals.until(lambda: terminals.runs("first"), running)
    running.send_signal(signal.SIGHUP)
    terminals.until(lambda: terminals.record().state == "paused", running)
    running.send_signal(signal.SIGHUP)  # terminals that close may say so twice
    running.send_signal(second)
    assert terminals.ends(running)[0] == ExitCode.STOPPED
    assert terminals.holder() is None
    assert terminals.failover("journal", "verify", terminals.execution).code == ExitCode.DONE
    terminals.config("first").unlink()
    assert terminals.says("abort", "--reason", "enough").code == ExitCode.DONE


# --- terminals -------------------------------------------------------------------------------------------------------


def leaves_its_terminal(terminals: Terminals, child: Callable[[], None]) -> subprocess.Popen[str]:
    """A run that asks on a terminal of its own, which closes then; `child` is what the run does before it begins."""
    near, far = sized(80, 24)
    running = terminals.execute(stdin=far, stdout=far, stderr=far, start_new_session=True, preexec_fn=child)
    os.close(far)
    read_until(near, b"WAITS FOR")
    os.close(near)
    return running


def test_a_terminal_that_closes_pauses_the_run_and_loses_nothing(terminals: Terminals) -> None:
    running = leaves_its_terminal(terminals, own_terminal)
    assert terminals.ends(running)[0] == ExitCode.STOPPED
    assert terminals.record().reason.startswith("left on SIGHUP by ")
    assert terminals.failover("journal", "verify", terminals.execution).code == ExitCode.DONE


def test_who_was_started_to_outlive_the_terminal_goes_on_without_it(terminals: Terminals) -> None:
    running = leaves_its_terminal(terminals, deaf)
    terminals.goes_through()
    assert terminals.ends(running)[0] == ExitCode.DONE
    assert terminals.record().state == "recovered"


def test_a_reader_who_leaves_does_not_stop_the_run(terminals: Terminals) -> None:
    running = terminals.execute()
    assert running.stdout is not None
    running.stdout.close()
    running.stdout = None
    terminals.goes_through()
    assert terminals.ends(running) == (ExitCode.DONE, "", "")
    assert terminals.record().state == "recovered"


def test_a_view_fits_again_after_its_terminal_has_changed_and_begins_on_an_empty_screen(terminals: Terminals) -> None:
    running = terminals.execute()
    near, far = sized(100, 30)
    terminals.start("watch", stdin=far, stdout=far, stderr=far)
    read_until(near, b"WAITS FOR")
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 60, 0, 0))
    before = read_until(near, b"\x1b[2J").rpartition(b"\x1b[2J")[2]
    shown = before + read_until(near, b"WAITS FOR") + read_until(near, b"\r")
    lines = re.split(rb"[\r\n]+", re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown))
    assert max(len(line.decode(errors="replace")) for line in lines) <= 60
    running.terminate()
    os.close(near)
    os.close(far)


def test_where_the_terminal_can_do_nothing_there_are_lines(terminals: Terminals) -> None:
    running = terminals.execute()
    terminals.goes_through()
    terminals.ends(running)
    near, far = sized(80, 24)
    terminals.centre.environment, whole = lambda **more: {**whole(**more), "TERM": "dumb"}, terminals.centre.environment
    watching = terminals.start("watch", stdin=far, stdout=far, stderr=far)
    os.close(far)
    written = b""
    with suppress(OSError):  # how Linux says that the other end is closed
        while piece := os.read(near, 65536):
            written += piece
    assert watching.wait() == ExitCode.DONE
    assert b"run recovered" in written
    assert b"\x1b" not in written
    os.close(near)


# --- two runners -----------------------------------------------------------------------------------------------------


def test_a_second_runner_ends_6_and_names_the_first(terminals: Terminals) -> None:
    running = terminals.execute()
    before = len(terminals.events())
    said = terminals.says("resume")
    assert said.code == ExitCode.HELD
    assert f"is run by process {running.pid} on " in said.err
    assert len(terminals.events()) == before
    running.terminate()


def test_a_runner_that_was_killed_is_followed_at_once_by_whoever_takes_the_run_up(terminals: Terminals) -> None:
    running = terminals.execute()
    running.kill()
    terminals.ends(running)
    assert terminals.holder() is not None, "its lease has not lapsed"
    taken = terminals.start("resume", terminals.execution)
    terminals.until(lambda: str(terminals.holder()).startswith(f"process {taken.pid} "), taken)
    terminals.goes_through()
    assert terminals.ends(taken)[0] == ExitCode.DONE
    assert terminals.failover("journal", "verify", terminals.execution).code == ExitCode.DONE


def test_a_runner_that_stood_still_past_its_lease_writes_nothing_more(terminals: Terminals) -> None:
    first = terminals.start_with_short_lease(*terminals.order())
    terminals.until(lambda: terminals.waits_at("say-so"), first)
    first.send_signal(signal.SIGSTOP)
    try:
        terminals.until(lambda: terminals.holder() is None)
        second = terminals.start("resume", terminals.execution)
        terminals.until(lambda: str(terminals.holder()).startswith(f"process {second.pid} "), second)
        terminals.goes_through()
        assert terminals.ends(second)[0] == ExitCode.DONE
        events, written = len(terminals.events()), terminals.config("second").stat().st_ino
    finally:
        first.send_signal(signal.SIGCONT)
    code, _, err = terminals.ends(first)
    assert code == ExitCode.HELD, err
    assert f"execution {terminals.execution} is run by " in err
    assert len(terminals.events()) == events
    assert terminals.config("second").stat().st_ino == written


def test_a_call_that_was_in_flight_when_its_runner_stood_still_is_followed_by_no_write(terminals: Terminals) -> None:
    """The look comes back after the takeover: what would be written from it is not."""
    pipe = terminals.pipe("first")
    answer = os.open(pipe, os.O_RDWR)  # which waits for no reader
    first = terminals.start_with_short_lease(*terminals.order())
    terminals.until(lambda: terminals.waits_at("say-so"), first)
    terminals.approved("say-so", "duty", "deputy")
    terminals.until(lambda: terminals.reads(first, pipe), first)
    first.send_signal(signal.SIGSTOP)
    try:
        terminals.until(lambda: terminals.holder() is None)
        pipe.unlink()
        pipe.write_text('{"by": "the second"}')
        second = terminals.start("resume", terminals.execution)
        terminals.until(lambda: terminals.waits_at("last-word"), second)
        written = terminals.config("first").stat().st_ino
        os.write(answer, b"{}")
        os.close(answer)
    finally:
        first.send_signal(signal.SIGCONT)
    assert terminals.ends(first)[0] == ExitCode.HELD
    assert terminals.config("first").stat().st_ino == written
    assert terminals.values("first") == {"by": "the second", "here": "there"}
    terminals.approved("last-word", "duty")
    assert terminals.ends(second)[0] == ExitCode.DONE
