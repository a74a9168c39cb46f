"""The floor under every engine: what ordering steps costs with nothing kept, and with bare rows in SQLite.

Workloads: W1 is 20 layers of 50 steps that do nothing, each needing 3 of the layer before; W3 is a chain of 300. One
asyncio task a step, released by graphlib the moment its needs are met. "Kept" means that the start of a step is on disk
before it runs, and its result before anything that needs it: rows of fixed size in SQLite (WAL, `synchronous=FULL`, as
the journal), one commit for all that a turn of the loop brought. "Fused" puts results and the starts that they release
in one commit, which halves the commits of a chain.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from graphlib import TopologicalSorter
from pathlib import Path

Graph = Mapping[str, Iterable[str]]
Keep = Callable[[list[tuple[str, str]]], None]
"""Takes (step, what happened) pairs; returns when they are durable."""

_BODY = b"x" * 120


def layered(layers: int = 20, width: int = 50, needs: int = 3) -> dict[str, tuple[str, ...]]:
    """W1: step `layer-position` needs `needs` neighbours of the layer before."""
    return {
        f"{layer}-{at}": tuple(f"{layer - 1}-{(at + shift) % width}" for shift in range(needs)) if layer else ()
        for layer in range(layers)
        for at in range(width)
    }


def chain(length: int = 300) -> dict[str, tuple[str, ...]]:
    """W3: each step needs the one before."""
    return {f"{at}": (f"{at - 1}",) if at else () for at in range(length)}


def nothing_kept(graph: Graph) -> float:
    """Steps a second of asyncio and graphlib alone."""
    return _rate(graph, lambda rows: None, fused=True)  # noqa: ARG005 - this one keeps nothing


def sqlite_kept(graph: Graph, folder: Path, *, fused: bool = False) -> float:
    """Steps a second with starts and results in a new SQLite file in `folder`, whose disk is what is measured."""
    with tempfile.TemporaryDirectory(dir=folder) as place, closing(_store(Path(place) / "floor.db")) as store:
        seq = 0

        def keep(rows: list[tuple[str, str]]) -> None:
            nonlocal seq
            store.execute("BEGIN IMMEDIATE")
            store.executemany(
                "INSERT INTO events VALUES (1, ?, ?, ?, ?)",
                [(seq + place, step, what, _BODY) for place, (step, what) in enumerate(rows)],
            )
            store.execute("COMMIT")
            seq += len(rows)

        rate = _rate(graph, keep, fused=fused)
        kept = store.execute("SELECT count(*) FROM events").fetchone()
        assert kept == (2 * len(graph),), f"{kept} rows of {len(graph)} steps"
        return rate


def sync_ms(folder: Path, times: int = 200) -> float:
    """What this disk asks for one small append and fsync; well under 0.1 ms, it keeps the promise in a cache only."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:

        def append() -> float:
            started = time.perf_counter()
            os.write(file.fileno(), _BODY)
            os.fsync(file.fileno())
            return time.perf_counter() - started

        return statistics.median(append() for _ in range(times)) * 1_000


def _store(path: Path) -> sqlite3.Connection:
    store = sqlite3.connect(path, isolation_level=None)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = FULL")
    store.execute(
        "CREATE TABLE events (execution INTEGER, seq INTEGER, step TEXT, what TEXT, body BLOB,"
        " PRIMARY KEY (execution, seq)) WITHOUT ROWID"
    )
    return store


def _rate(graph: Graph, keep: Keep, *, fused: bool) -> float:
    async def timed() -> tuple[list[str], float]:
        # Within the loop: the loop's own start and end are not the work's.
        started = time.perf_counter()
        order = await _schedule(graph, keep, fused=fused)
        return order, time.perf_counter() - started

    order, took_s = asyncio.run(timed())
    assert len(order) == len(set(order)) == len(graph), f"{len(order)} steps ran of {len(graph)}"
    return len(graph) / took_s


async def _schedule(graph: Graph, keep: Keep, *, fused: bool) -> list[str]:
    """Run every step once, needs first; returns the order in which they ran."""
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    order: list[str] = []
    arrived = asyncio.Event()
    running: dict[str, asyncio.Task[None]] = {}

    async def step(name: str) -> None:
        order.append(name)
        arrived.set()

    results: list[str] = []
    while sorter.is_active():
        rows = [(name, "done") for name in results]
        if rows and not fused:
            keep(rows)
            rows = []
        sorter.done(*results)
        released = sorter.get_ready()
        rows += [(name, "started") for name in released]
        if rows:
            keep(rows)
        running |= {name: asyncio.create_task(step(name)) for name in released}
        if running:
            await arrived.wait()
            arrived.clear()
        results = [name for name, task in running.items() if task.done()]
        for name in results:
            running.pop(name).result()
    return order
