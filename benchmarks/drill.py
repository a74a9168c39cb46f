"""A drill's own time against that of the API calls that it makes: prints JSON for `run.py`, in a process of its own.

Building the simulated account (the stacks' program under Pulumi's mocks) is told apart from playing the scenario. Time
within a call is its client's, moto's and our rules'; calls wait for each other on virtual time, as greenlets, so that a
clock per greenlet counts it: what runs elsewhere while a call waits is not the call's.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

import greenlet
from botocore.client import BaseClient
from figures import RUNS, of

import drills.run
from drills.build import build
from orchestrator.journal.sqlite import SqliteJournal

SCENARIO = "region-outage"


class Watch:
    """Adds up the time that greenlets spend within calls."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Count from here."""
        self.calls, self.within_s = 0, 0.0
        self._depth = Counter[greenlet.greenlet]()
        self._since = time.perf_counter()

    def settle(self, running: greenlet.greenlet) -> None:
        """Up to now this greenlet was running."""
        now = time.perf_counter()
        if self._depth[running]:
            self.within_s += now - self._since
        self._since = now

    def switched(self, _: str, greenlets: tuple[greenlet.greenlet, greenlet.greenlet]) -> None:
        """From one greenlet to another; for `greenlet.settrace`."""
        self.settle(greenlets[0])

    def timed(self, call: Any) -> Any:
        """`call`, counted and timed."""

        def within(*args: Any, **kwargs: Any) -> Any:
            here = greenlet.getcurrent()
            self.settle(here)
            self._depth[here] += 1
            self.calls += 1
            try:
                return call(*args, **kwargs)
            finally:
                self.settle(here)
                self._depth[here] -= 1

        return within


def once(folder: Path) -> dict[str, float]:
    """Seconds to build and to play, and how many of the latter within how many calls."""
    watch, start, built = Watch(), time.perf_counter(), 0.0

    def built_first(*args: Any) -> Any:
        nonlocal built
        inventory = build(*args)
        watch.begin()
        built = time.perf_counter()
        return inventory

    with (
        tempfile.TemporaryDirectory(dir=folder) as place,
        patch.object(drills.run, "build", built_first),
        patch.object(BaseClient, "_make_api_call", watch.timed(BaseClient._make_api_call)),  # noqa: SLF001 - botocore's one way to call
    ):
        greenlet.settrace(watch.switched)
        journal = SqliteJournal(Path(place) / "journal.db")
        outcome = drills.run.run_drill(SCENARIO, seed=1, journal=journal, on_start=lambda _: lambda _: None)
        greenlet.settrace(None)
        journal.close_connection()
    assert outcome.verdict == "passed", outcome.reasons
    return {
        "build_s": built - start, "play_s": time.perf_counter() - built,
        "calls_s": watch.within_s, "calls": watch.calls,
    }  # fmt: skip


def main() -> None:
    """Medians and extremes of several drills, after one that is left out; journals go to the folder `argv[1]`."""
    found = [once(Path(sys.argv[1])) for _ in range(RUNS + 1)][1:]
    print(json.dumps({name: of([each[name] for each in found]) for name in found[0]}))


if __name__ == "__main__":
    main()
