"""`make bench`: the engine beside its floor, cold starts, memory, a drill and provisioning, measured in one run.

Prints the tables; `--write` also puts them into RESULTS.md. Compare ratios, not machines: what else runs on this one
falls on all alike, because everything compared takes its turn in every round.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cold
import engine
import floor
import provision
from figures import RUNS, Figures, rounds

from orchestrator.cloud.calls import ThreadCalls
from orchestrator.model.clock import SystemClock, stamp

if TYPE_CHECKING:
    from orchestrator.model.plan import PlannedStep

Row = Sequence[str]

HERE = Path(__file__).parent
SIZES = (1_000, 10_000, 100_000)
INLINE = "engine, steps run where they stand, for they never block (`Inline`)"
THREADS = "engine, each step in a thread, as live (`ThreadCalls`)"
BARE = "floor: SQLite, a commit for results, then one for starts"
FUSED = "floor: SQLite, one commit for results and the starts they release"
NOTHING_KEPT = "floor: asyncio and graphlib, nothing kept"

BEGINNING = """# Benchmarks

Written by `python benchmarks/run.py --write`; `make bench` measures the same and only prints it. Medians of {runs} runs
by turns, a warm-up left out, with the least and the most in brackets. Other engines are not measured here: there is no
extra `bench` that would install them.

{day}, {system}, {cores} cores (load average {load} at the start), Python {python}, SQLite {sqlite}; one append and
fsync takes {sync:.3f} ms."""

STEPS = """
## Durable steps

Each start and result is on disk before anything depends on it. W1: 20 layers of 50 steps that do nothing, each needing
3 of the layer before. W3: a chain of 300. The engine seals three events a step into its hash chain, and its plan before
the first, which counts; the floors keep two bare rows a step. "Times the floor" is time against the first SQLite floor.
A link of the chain costs that floor two commits, and the engine one beside its own work: its ratio is best where the
disk is slow.
"""

BLOCKED = """
W2, 10 layers of 20 steps that block for 50 ms, in threads that the warm-up has started, takes {stretch}
times the least that it can (goal: 1.05)."""

COLD = """
## Cold starts

Whole processes, byte code compiled: `PYTHONDONTWRITEBYTECODE` is taken out of their environment and a first round is
left out. `status` tells of a recorded drill; `plan` builds the simulated cloud that it reads.
"""

MEMORY = """
## Memory

Layers as in W1, each size in a process of its own, once; resident. "Kept" is what the run has added by its end. The
peak includes the steps handed over, and comes when the plan is written down, which one event holds whole.
"""

GROWTH = """
From {small:,} to {large:,} steps each adds {kept:.2f} KiB kept (goal: 2), {peak:.2f} KiB to the peak."""

DRILL = """
## A drill

`region-outage`, within one process. The time of an API call is its client's, moto's and that of our rules beside them.
"""

PROVISION = """
## Provisioning

The 500-seat centre of `config/examples/500-seats`, all roles and prepare-standby, opening and closing the cloud
included. "First" is cold and without imports; restored is the next equal one in the process (ADR 0021).
"""


def main() -> None:
    """Measure, print, and keep if asked to."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as place:
        folder = Path(place)
        parts = (
            about(folder),
            *durable_steps(folder),
            *cold_starts(folder),
            *memory(folder),
            *drills(folder),
            *provisioning(),
        )
    told = "\n".join(parts)
    print(told)
    if "--write" in sys.argv[1:]:
        (HERE / "RESULTS.md").write_text(told + "\n", encoding="utf-8")


def about(folder: Path) -> str:
    """When and on what."""
    return BEGINNING.format(
        runs=RUNS, day=stamp(SystemClock().now())[:10], system=f"{platform.system()} on {platform.machine()}",
        cores=os.cpu_count(), load=f"{os.getloadavg()[0]:.1f}", python=platform.python_version(),
        sqlite=sqlite3.sqlite_version, sync=floor.sync_ms(folder),
    )  # fmt: skip


def durable_steps(folder: Path) -> tuple[str, ...]:
    """W1, W3 and W2."""
    threads = ThreadCalls()
    w1 = loads(engine.layered(), floor.layered(), threads, folder)
    w3 = loads(engine.chain(), floor.chain(), threads, folder)
    stretch = rounds({"W2": partial(engine.stretch, threads, folder)})["W2"]
    threads.close()
    rows = [*rates("W1", "10,000 steps/s", w1), *rates("W3", "1.5 times the floor", w3)]
    shown = table(("load", "what runs it", "steps/s", "times the floor", "goal"), rows)
    return (STEPS, shown, BLOCKED.format(stretch=stretch.shown(".3f")))


def loads(steps: Sequence[PlannedStep], graph: floor.Graph, threads: ThreadCalls, folder: Path) -> dict[str, Figures]:
    """One load by everybody who runs it."""
    return rounds({
        INLINE: partial(engine.rate, steps, engine.Inline(), folder),
        THREADS: partial(engine.rate, steps, threads, folder),
        BARE: partial(floor.sqlite_kept, graph, folder),
        FUSED: partial(floor.sqlite_kept, graph, folder, fused=True),
        NOTHING_KEPT: partial(floor.nothing_kept, graph),
    })  # fmt: skip


def rates(load: str, goal: str, found: dict[str, Figures]) -> list[Row]:
    """A row for each who ran the load."""
    bare = found[BARE].median
    goals = {INLINE: goal}
    return [(load, who, rate.shown(), f"{bare / rate.median:.2f}", goals.get(who, "")) for who, rate in found.items()]


def cold_starts(folder: Path) -> tuple[str, ...]:
    """Of the command line."""
    found = cold.starts(folder / "home")
    nothing = found[cold.NOTHING].median
    goals = {"failover status": "6 times", "failover --help": "6 times", cold.PLAN: "600 ms and its reads"}
    rows = [
        (f"`{name}`", each.shown(".1f"), f"{each.median / nothing:.2f}", goals.get(name, ""))
        for name, each in found.items()
    ]
    return (COLD, table(("command", "ms", f"times `{cold.NOTHING}`", "goal"), rows))


def memory(folder: Path) -> tuple[str, ...]:
    """Of large runs."""
    if not Path("/proc/self/status").exists():
        return (MEMORY, "Not measured: this system has no /proc.")
    found = {size: told_by("memory.py", str(size), str(folder)) for size in SIZES}
    rows = [
        (f"{size:,}", f"{each['steps_s']:,.0f}", f"{each['kept_kib'] / 1024:.0f}", f"{each['peak_kib'] / 1024:.0f}")
        for size, each in found.items()
    ]
    _, small, large = SIZES
    kept, peak = ((found[large][what] - found[small][what]) / (large - small) for what in ("kept_kib", "peak_kib"))
    growth = GROWTH.format(small=small, large=large, kept=kept, peak=peak)
    return (MEMORY, table(("steps", "steps/s", "kept MiB", "peak MiB"), rows), growth)


def drills(folder: Path) -> tuple[str, ...]:
    """A drill against the calls that it makes."""
    told = {name: Figures(*each) for name, each in told_by("drill.py", str(folder)).items()}
    play, within = told["play_s"], told["calls_s"]
    rows = [
        ("building the simulated account from `stacks/`", told["build_s"].shown(".2f"), "", ""),
        ("playing the scenario on virtual time", play.shown(".2f"), f"{play.median / within.median:.2f}", "1.3"),
        (f"of which in its {told['calls'].median:.0f} API calls", within.shown(".2f"), "1", ""),
    ]
    return (DRILL, table(("what", "s", "times its calls", "goal"), rows))


def provisioning() -> tuple[str, ...]:
    """A large contact centre: built, restored, built again."""
    told = {name: Figures(*each) for name, each in told_by("provision.py", "--json").items()}
    ratio = told.pop(provision.RATIO)
    rows = [
        (name, each.shown(".2f"), ratio.shown(".0f") if name == "restored" else "", "5" if name == "restored" else "")
        for name, each in told.items()
    ]
    return (PROVISION, table(("what", "s", "times as fast as first", "goal"), rows))


def told_by(script: str, *arguments: str) -> Any:
    """The JSON that a script beside this one prints."""
    command = [sys.executable, str(HERE / script), *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603 - our own script


def table(head: Row, rows: Sequence[Row]) -> str:
    """Markdown whose columns also line up in a terminal."""
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    ruler = ["-" * width for width in widths]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in (head, ruler, *rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in padded)


if __name__ == "__main__":
    main()
