"""Several terminals around one run on the machine's own clock: gates, and settings that are files, need no cloud.

A setting whose file is a pipe is a call in flight for as long as a test wants: reading it waits for a writer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wiring_world import inventory_of

from orchestrator.journal.replay import Replay
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.clock import SystemClock
from orchestrator.model.errors import InvalidInput

if TYPE_CHECKING:
    from orchestrator.model.events import Event

WITHIN_S = 180.0
"""For processes that never do what they are waited for."""
RUNBOOK = """
version: 1
id: move
title: Two settings, and people before each
covers: [B1]
owner: tests
review: {every: 180d, last: 2026-01-01}
run_by: [commander]
parameters:
  wait: {type: duration, default: 90s}
steps:
  say-so:
    action: people.approve
    with: {question: "Shall it begin, in ${wait}?", approvers: [duty, deputy], yeses: 2}
    deadline: 30m
    on_silence: stop
  first:
    action: change.stack_config
    needs: [say-so]
    with: {stack: first, values: {here: "there"}}
    deadline: 30m
  last-word:
    action: people.approve
    needs: [first]
    with: {question: And the rest?, approvers: [duty]}
    deadline: 30m
    on_silence: stop
  second:
    action: change.stack_config
    needs: [last-word]
    with: {stack: second, values: {here: "there"}}
    deadline: 1m
recovered_when: {}
"""
SHORT_LEASE = """
import sys
from orchestrator.wiring import lease
lease.LEASE_S = 3.0
from orchestrator.cli.main import main
main(sys.argv[1:])
"""


@dataclass
class Terminals:
    """The state folder, the processes started in it, and the command line in this process."""

    centre: Any
    failover: Callable[..., Any]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder: Path = self.centre.folder
        self.runbook = self.folder / "move.yaml"
        self.runbook.write_text(RUNBOOK)
        self.snapshot = self.folder / ".failover" / "inventory.json"
        self.snapshot.parent.mkdir()
        self.snapshot.write_text(inventory_of().model_dump_json(by_alias=True))
        self.journal = SqliteJournal(self.folder / ".failover" / "journal.db")

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
        self.journal.close_connection()

    # --- processes -----------------------------------------------------------------------------------------------

    def start(self, *arguments: str, **popen: Any) -> subprocess.Popen[str]:
        """A command in a process of its own, piped unless said otherwise."""
        return self._started(self.centre.command(*arguments), **popen)

    def start_with_short_lease(self, *arguments: str) -> subprocess.Popen[str]:
        """The same, with a lease of three seconds."""
        return self._started([sys.executable, "-c", SHORT_LEASE, *arguments])

    def _started(self, command: list[str], **popen: Any) -> subprocess.Popen[str]:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=self.folder, env=self.centre.environment(), **{**streams, **popen}
        )
        self.started.append(process)
        return process

    def execute(self, *more: str, **popen: Any) -> subprocess.Popen[str]:
        """The run, once it waits for the first answer."""
        process = self.start(*self.order(*more), **popen)
        self.until(lambda: self.waits_at("say-so"), process)
        return process

    def order(self, *more: str) -> tuple[str, ...]:
        return ("execute", "./move.yaml", "--mode", "planned", "--yes", *more)

    def until(self, holds: Callable[[], Any], process: subprocess.Popen[str] | None = None) -> Any:
        """Wait for what another process will do."""
        deadline_s = time.monotonic() + WITHIN_S
        while not (found := holds()):
            assert time.monotonic() < deadline_s, "it never came"
            if process is not None and process.poll() is not None:
                raise AssertionError(f"ended {process.returncode}: {process.communicate()}")
            SystemClock().pause(0.05)
        return found

    def ends(self, process: subprocess.Popen[str]) -> tuple[int, str, str]:
        """How it ended, and what it said that nobody has read yet."""
        out, err = process.communicate(timeout=WITHIN_S)
        return process.returncode, out or "", err or ""

    # --- people --------------------------------------------------------------------------------------------------

    def says(self, verb: str, *more: str, by: str = "duty") -> Any:
        """A command of another terminal."""
        return self.failover(verb, self.execution, *more, "--as", by)

    def approved(self, step: str, *people: str) -> None:
        for name in people:
            assert self.says("approve", step, by=name).code == 0

    def goes_through(self) -> None:
        """Everybody says yes to everything; the run ends."""
        self.approved("say-so", "duty", "deputy")
        self.until(lambda: self.waits_at("last-word"))
        self.approved("last-word", "duty")

    # --- what became of it ---------------------------------------------------------------------------------------

    @property
    def execution(self) -> str:
        """The latest."""
        return self.journal.executions()[0]

    def events(self) -> list[Event]:
        try:
            return list(self.journal.read(self.execution)) if self.journal.exists else []
        except InvalidInput:  # the file is just being made
            return []
        except IndexError:
            return []

    def told(self, kind: type[Any]) -> list[Any]:
        return [event.payload for event in self.events() if isinstance(event.payload, kind)]

    def record(self) -> Replay:
        return Replay.of(self.events())

    def waits_at(self, step: str) -> bool:
        record = self.record()
        return step in record.open_gates and record.steps[step].state == "running"

    def runs(self, step: str) -> bool:
        record = self.record()
        return step in record.steps and record.steps[step].state == "running"

    def holder(self) -> str | None:
        return self.journal.holder(self.execution, now=SystemClock().now())

    def config(self, stack: str) -> Path:
        return self.folder / "config" / f"prepared.{stack}.json"

    def values(self, stack: str) -> Any:
        path = self.config(stack)
        return json.loads(path.read_text()) if path.exists() else None

    def reads(self, process: subprocess.Popen[str], pipe: Path) -> bool:
        """Whether the process has opened it."""
        opened = Path(f"/proc/{process.pid}/fd")
        with suppress(OSError):  # what it closes meanwhile
            return any(each.readlink() == pipe for each in opened.iterdir())
        return False

    def pipe(self, stack: str) -> Path:
        """A setting that cannot be read before somebody writes to it."""
        os.mkfifo(self.config(stack))
        return self.config(stack)
