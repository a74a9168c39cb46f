"""A runner dies once at every event boundary of a region evacuation, and another takes over from the journal alone.

The cloud, its customers and its outage live on meanwhile. Events become durable in commits, so a boundary is a commit:
the process dies just before it (nothing of it was written) or just after (nothing has followed from it).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drills.build import build
from drills.kept import Kept
from drills.rehearsal import Rehearsal
from drills.run import Outcome, conclude
from drills.scenario import read_scenario
from drills.simulator.cloud import SimulatedCloud
from drills.simulator.network import CallRecord
from orchestrator.actions.catalogue import Catalogue
from orchestrator.journal.chain import decode
from orchestrator.journal.replay import Replay
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.journal.verify import Verified, verify_stored
from orchestrator.model import events as ev
from orchestrator.model.states import ExecutionState, Mode, StepState, Verdict
from orchestrator.wiring.driving import Driver
from orchestrator.wiring.lease import LEASE_S
from orchestrator.wiring.orders import Order, Prepared, check, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orchestrator.engine.runner import Runner
    from orchestrator.journal.vault import SqliteVault

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SEED = 7
FEW = {"general": {"agents": 3, "queues": ["general"]}, "vip": {"agents": 3, "queues": ["vip"]}}
MANY: dict[str, Any] = {}
"""As the stacks have it."""
PARTS = 6
GOOD = (StepState.DONE, StepState.ALREADY_SO, StepState.SKIPPED)
LEVEL = "PutMetricData"
"""Publishing a level again is no second write: the alarm knows the level only."""


class Died(Exception):
    """The runner's process is gone."""


@dataclass
class Mortal:
    """The journal of a process that dies at commit number `at` (from 0), before it is durable or just after."""

    stored: SqliteJournal
    at: int = -1
    after: bool = False
    on_death: Callable[[], object] = lambda: None
    sizes: list[int] = field(default_factory=list)
    dead: bool = False

    def append(self, events: Sequence[ev.Event]) -> None:
        if self.dead:
            raise Died
        dies = len(self.sizes) == self.at
        if not dies or self.after:
            self.stored.append(events)
            self.sizes.append(len(events))
        if dies:
            self.dead = True
            self.on_death()
            raise Died

    def read(self, execution: str) -> Iterator[ev.Event]:
        return self.stored.read(execution)

    def vault(self, execution: str, new_key: Callable[[], bytes]) -> SqliteVault:
        return self.stored.vault(execution, new_key)


class Undying(Rehearsal):
    """Goes on when a runner dies: what it has to tell the dead one is lost, and people are asked by the next again."""

    def follow(self, runner: Runner) -> None:
        super().follow(runner)
        for gate in runner.record.open_gates.values():
            self._hear(ev.Event(runner.record.events, runner.execution, runner.record.last_at, "runner", gate))

    def _tell(self, payload: ev.Payload) -> None:
        with suppress(Died):
            super()._tell(payload)


@dataclass(frozen=True)
class Played:
    """A run, crashed or not, and everything that it left behind."""

    lines: tuple[bytes, ...]
    record: Replay
    outcome: Outcome
    verified: Verified
    calls: tuple[CallRecord, ...]
    journal: Mortal

    def writes(self) -> Counter[tuple[str, str]]:
        """How often each write took effect."""
        landed = [call for call in self.calls if call.write and call.landed]
        return Counter((call.operation, call.digest) for call in landed if call.operation != LEVEL)

    def levels(self) -> set[str]:
        return {call.digest for call in self.calls if call.operation == LEVEL and call.landed}


class Stage:
    """One world, in which the first runner may die and a second takes over when the lease has lapsed."""

    def __init__(self, cloud: SimulatedCloud, world: Undying, prepared: Prepared, journal: Mortal) -> None:
        self.cloud, self.world, self.prepared, self.journal = cloud, world, prepared, journal
        self.seen = len(cloud.network.log)

    def runner(self, journal: Any) -> Runner:
        driver = Driver(self.world, journal, Catalogue(), lambda event: None)  # noqa: ARG005 - nobody watches
        return driver.runner(self.prepared.execution, self.prepared.plan.scope)

    def play(self) -> Played:
        runner = self.world.run(self._story)
        try:
            outcome = conclude(self.world, runner)
        except Died:
            runner = self.runner(self.journal.stored)
            runner.load()
            outcome = conclude(self.world, runner)
        stored, execution = self.journal.stored, self.prepared.execution
        return Played(
            lines=tuple(stored.lines(execution)), record=Replay.of(stored.read(execution)), outcome=outcome,
            verified=verify_stored(stored, execution), calls=tuple(self.cloud.network.log[self.seen:]),
            journal=self.journal,
        )  # fmt: skip

    async def _story(self) -> Runner:
        first = self.runner(self.journal)
        with suppress(Died):
            first.open(self.prepared.created, self._lease("the first"))
        # Where the world's own news meets a dead journal, the runner hears of its death by this.
        loop = asyncio.get_running_loop()
        self.journal.on_death = lambda: loop.call_soon(first.abandon) and None
        async with self.world.joined(first):
            if not self.journal.dead:
                with suppress(Died, asyncio.CancelledError):
                    await first.run()
            survivor = first if not self.journal.dead else await self._take_over()
        self.journal.on_death = lambda: None
        if self.journal.dead and survivor is first:  # died of what the world told after the end
            survivor = self.runner(self.journal.stored)
            survivor.load()
        return survivor

    async def _take_over(self) -> Runner:
        await asyncio.sleep(LEASE_S + 1)
        second = self.runner(self.journal.stored)
        found = second.load()
        beginning = [] if found.created else [self.prepared.created]
        second.open(*beginning, self._lease("the second"))
        self.world.follow(second)
        await second.run()
        return second

    def _lease(self, holder: str) -> ev.LeaseTaken:
        """On the world's time, so that waiting is enough for the dead one's to lapse."""
        journal, now = self.journal.stored, self.world.clock.now()
        epoch = journal.take_lease(self.prepared.execution, holder, now=now, ttl_s=LEASE_S)
        return ev.LeaseTaken("simulation", epoch)


CLIENTS: list[Any] = []
"""The boto3 clients of the first world serve the others too: making them is half of what a world costs."""


KEPT = Kept()
"""What dies in it differs, the cloud beforehand does not."""


def played(folder: Path, scenario: Path | str, groups: Any, *, at: int = -1, after: bool = False) -> Played:
    """The scenario from an empty cloud to its verdict, with a death at commit `at`."""
    script = read_scenario(str(scenario)).scenario
    settings = folder / f"config-{at}-{after}"
    stored = SqliteJournal(folder / f"journal-{at}-{after}.db")
    with SimulatedCloud(SEED, settings_dir=settings) as cloud:
        cloud.door.clients = CLIENTS[0] if CLIENTS else cloud.door.clients
        CLIENTS[:] = [cloud.door.clients]
        overrides = {"primary": {"agent_groups": groups}} if groups else {}
        world = Undying(cloud, build(cloud, settings, overrides, kept=KEPT), script)
        order = Order(script.runbook, Mode(script.mode), params=script.parameters, scenario=script.id)
        prepared = prepare(check(order, Catalogue()), world, catalogue=Catalogue())
        run = Stage(cloud, world, prepared, Mortal(stored, at, after)).play()
    stored.close_connection()
    return run


def sending_was_under_way(crashed: Played, kept: int) -> bool:
    """Whether the dead runner had promised the message and not yet recorded that it went out."""
    known = Replay.of(decode(line) for line in crashed.lines[:kept])
    return known.created is not None and known.steps["tell"].intended and not known.steps["tell"].parts_written


def holds(crashed: Played, whole: Played) -> None:
    """What every crash must leave as it is in a run without one."""
    kept = sum(crashed.journal.sizes)
    assert crashed.journal.dead, "nobody died"
    assert crashed.lines[:kept] == whole.lines[:kept], "it died elsewhere, or wrote more than it had committed"
    assert len(crashed.lines) > kept or kept == len(whole.lines)
    assert crashed.verified.ended
    assert crashed.verified.events == len(crashed.lines)

    odd = {key: step.state for key, step in crashed.record.steps.items() if step.state not in GOOD}
    if sending_was_under_way(crashed, kept):
        assert odd == {"tell": StepState.UNPROVEN}
        assert crashed.record.state is ExecutionState.RECOVERED_WITH_EXCEPTIONS
    else:
        assert odd == {}, "only a sending that cannot be known may be an exception"
        assert crashed.record.state is ExecutionState.RECOVERED
    assert crashed.outcome.verdict is Verdict.PASSED, crashed.outcome.reasons

    writes, once = crashed.writes(), whole.writes()
    assert [write for write, count in writes.items() if count > 1] == [], "a write was done twice"
    missing = [operation for operation, _ in once.keys() - writes.keys()]
    assert writes.keys() <= once.keys()
    assert missing == [] if not odd else missing in ([], ["Publish"])
    assert crashed.levels() == whole.levels()
    assert crashed.record.before_of == whole.record.before_of, "the first value before a write is what undo needs"


def campaign(folder: Path, scenario: Path | str, groups: Any, part: int, parts: int) -> tuple[int, Counter[str]]:
    """Die at every commit that falls to this part. Returns the deaths, and how often each end came of them."""
    whole = played(folder, scenario, groups)
    assert whole.record.state is ExecutionState.RECOVERED
    assert max(whole.writes().values()) == 1
    points = [(at, after) for at in range(len(whole.journal.sizes)) for after in (False, True)][part::parts]
    ends: Counter[str] = Counter()
    for at, after in points:
        crashed = played(folder, scenario, groups, at=at, after=after)
        holds(crashed, whole)
        ends[crashed.record.state.value] += 1
    return len(points), ends


def told(name: str, ends: Counter[str], record_property: Callable[[str, object], None]) -> None:
    """For the terminal's summary, see `tests/conftest.py`."""
    record_property("campaign", f"crash boundaries, {name}: {ends.total()}")
    for end, count in ends.items():
        record_property("campaign", f"crash boundaries, {name}, that ended {end}: {count}")


@pytest.mark.parametrize("part", range(PARTS))
def test_a_runner_that_dies_at_any_commit_is_succeeded_by_one_that_recovers(
    part: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    deaths, ends = campaign(tmp_path, SCENARIOS / "short-outage.yaml", FEW, part, PARTS)
    told("region outage", ends, record_property)
    assert deaths == ends.total() > 0


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(PARTS))
def test_the_same_in_a_planned_move_with_its_hold_and_guard(
    part: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    deaths, ends = campaign(tmp_path, SCENARIOS / "short-move.yaml", FEW, part, PARTS)
    told("planned move", ends, record_property)
    assert deaths == ends.total() > 0


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(4 * PARTS))
def test_the_same_with_every_agent_of_the_demo(
    part: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    deaths, ends = campaign(tmp_path, "region-outage", MANY, part, 4 * PARTS)
    told("the demo", ends, record_property)
    assert deaths == ends.total() > 0
