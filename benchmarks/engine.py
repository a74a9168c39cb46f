"""Our engine on W1, W2 and W3: the loads of every peer in benchmarks/RESULTS.md, each start and result on disk."""

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

LAYERS, WIDTH, NEEDS = 20, 50, 3


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
    def calls(cls, params: NoParams) -> tuple[Call, ...]:  # noqa: ARG003
        """None."""
        return ()

    def probe(self, params: NoParams) -> Finding:  # noqa: ARG002
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
    def calls(cls, params: SleepParams) -> tuple[Call, ...]:  # noqa: ARG003
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


def layered(layers: int, width: int, action: str, params: dict[str, Any]) -> list[PlannedStep]:
    """Each step needs three of the layer before."""
    return [
        PlannedStep(
            f"s{layer}-{n}", f"s{layer}-{n}", "", action, "check", params,
            needs=tuple(f"s{layer - 1}-{(n + k) % width}" for k in range(min(NEEDS, width))) if layer else (),
        )
        for layer in range(layers)
        for n in range(width)
    ]  # fmt: skip


def chain(length: int) -> list[PlannedStep]:
    """Each step needs the one before."""
    return layered(length, 1, "bench.nothing", {})


async def run_once(steps: Sequence[PlannedStep], calls: Any) -> float:
    """Seconds from the first event to the end, on a new journal."""
    with tempfile.TemporaryDirectory() as folder:
        journal = SqliteJournal(Path(folder) / "journal.db")
        runner = Runner(
            "bench", journal=journal, clock=SystemClock(), chance=SystemChance(), calls=calls,
            catalogue={"bench.nothing": Nothing, "bench.sleep": Sleep}, hands=no_cloud, scope={"execution": {}},
        )  # fmt: skip
        created = ExecutionCreated(
            "bench", "bench", "planned", "real", "", None, "", "", "", "", {}, {}, {},
            tuple(step.record() for step in steps), (),
        )  # fmt: skip
        start = time.perf_counter()
        record = await runner.run(created)
        took = time.perf_counter() - start
        assert record.state == "recovered", record.state
        journal.close_connection()
        return took


def no_cloud(declared: Collection[Call]) -> Any:
    """Benchmarks call nothing."""
    assert not declared
    return None


if __name__ == "__main__":
    from orchestrator.cloud.calls import ThreadCalls

    for _ in range(4):
        w1 = asyncio.run(run_once(layered(LAYERS, WIDTH, "bench.nothing", {}), Inline()))
        w3 = asyncio.run(run_once(chain(300), Inline()))
        w2 = asyncio.run(run_once(layered(10, 20, "bench.sleep", {"seconds": 0.05}), ThreadCalls()))
        print(f"W1 {1000 / w1:.0f}/s  W3 {300 / w3:.0f}/s  W2 {w2 / 0.5:.3f}")
