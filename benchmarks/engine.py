"""Our engine on three loads, each start and result on disk before anything depends on it.

W1: 20 layers of 50 steps that do nothing, each needing 3 of the layer before. W2: 10 layers of 20 steps that block for
50 ms, so that half a second is the least it can take. W3: a chain of 300 steps that do nothing. Steps are checks, run
by the real runner on the real journal; what blocking calls go through is named, for it matters: `Inline` runs them
where they stand, as code that never blocks may; `ThreadCalls` is the live seam, a thread for each.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from orchestrator.engine.runner import Runner
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.actions import Call, Check, Expected, Finding, Provenance, Reading
from orchestrator.model.chance import SystemChance
from orchestrator.model.clock import SystemClock
from orchestrator.model.events import ExecutionCreated
from orchestrator.model.parameters import Doc
from orchestrator.model.plan import PlannedStep

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from orchestrator.cloud.calls import Calls

LAYERS, WIDTH, NEEDS, CHAIN = 20, 50, 3, 300
BLOCKED_LAYERS, BLOCKED_WIDTH, BLOCKED_S = 10, 20, 0.05


@dataclass(frozen=True)
class NoParams:
    """Nothing."""


class Nothing(Check[NoParams]):
    """A step that holds at once."""

    name = "bench.nothing"
    summary = "holds at once"
    Params = NoParams
    expected = Expected(0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: NoParams) -> tuple[Call, ...]:  # noqa: ARG003 - it calls nothing
        """None."""
        return ()

    def probe(self, params: NoParams) -> Finding:  # noqa: ARG002 - it asks nothing
        """At once."""
        return Finding(Reading.HOLDS, "")


@dataclass(frozen=True)
class SleepParams:
    """How long."""

    seconds: Annotated[float, Doc("seconds")]


class Sleep(Check[SleepParams]):
    """A step that takes its time, blocking as an AWS call would."""

    name = "bench.sleep"
    summary = "blocks for a while"
    Params = SleepParams
    expected = Expected(0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: SleepParams) -> tuple[Call, ...]:  # noqa: ARG003 - it calls nothing
        """None."""
        return ()

    def probe(self, params: SleepParams) -> Finding:
        """Block."""
        SystemClock().pause(params.seconds)
        return Finding(Reading.HOLDS, "")


class Inline:
    """Runs work where it stands: for steps that never block."""

    async def run(self, work: Callable[[], Any]) -> Any:
        """At once."""
        return work()


def layered(
    layers: int = LAYERS, width: int = WIDTH, action: str = Nothing.name, params: dict[str, Any] | None = None
) -> list[PlannedStep]:
    """Each step needs three of the layer before."""
    return [
        PlannedStep(
            f"s{layer}-{n}", f"s{layer}-{n}", "", action, "check", params or {},
            needs=tuple(f"s{layer - 1}-{(n + k) % width}" for k in range(min(NEEDS, width))) if layer else (),
        )
        for layer in range(layers)
        for n in range(width)
    ]  # fmt: skip


def chain(length: int = CHAIN) -> list[PlannedStep]:
    """Each step needs the one before."""
    return layered(length, 1)


def blocking() -> list[PlannedStep]:
    """W2."""
    return layered(BLOCKED_LAYERS, BLOCKED_WIDTH, Sleep.name, {"seconds": BLOCKED_S})


def rate(steps: Sequence[PlannedStep], calls: Calls, folder: Path) -> float:
    """Steps a second."""
    return len(steps) / asyncio.run(run_once(steps, calls, folder))


def stretch(calls: Calls, folder: Path) -> float:
    """W2's time over the least that it can take."""
    return asyncio.run(run_once(blocking(), calls, folder)) / (BLOCKED_LAYERS * BLOCKED_S)


async def run_once(
    steps: Sequence[PlannedStep], calls: Calls, folder: Path, at_end: Callable[[], None] = lambda: None
) -> float:
    """Seconds from the first event to the end, on a new journal in `folder`, whose disk is what is measured.

    `at_end` is called while all that the run keeps in memory is still there.
    """
    with tempfile.TemporaryDirectory(dir=folder) as place:
        journal = SqliteJournal(Path(place) / "journal.db")
        # Whoever runs has taken the lease before: the file is there, as the floor's is.
        journal.take_lease("bench", "bench", now=SystemClock().now(), ttl_s=600)
        runner = Runner(
            "bench", journal=journal, clock=SystemClock(), chance=SystemChance(), calls=calls,
            catalogue={each.name: each for each in (Nothing, Sleep)}, hands=no_cloud, scope={"execution": {}},
        )  # fmt: skip
        opening = [created(steps)]
        start = time.perf_counter()
        runner.open(opening.pop())  # nobody else keeps it: memory is measured, too
        record = await runner.run()
        took = time.perf_counter() - start
        at_end()
        assert record.state == "recovered", record.reason
        assert sum(step.state == "done" for step in record.steps.values()) == len(steps)
        journal.close_connection()
        return took


def created(steps: Sequence[PlannedStep]) -> ExecutionCreated:
    """The beginning of a run of these steps."""
    return ExecutionCreated(
        "bench", "bench", "planned", "real", "", None, "", "", "", "", {}, {}, {},
        plan=tuple(step.record() for step in steps), verification=(),
    )  # fmt: skip


def no_cloud(declared: Collection[Call]) -> Any:
    """Benchmarks call nothing."""
    assert not declared
