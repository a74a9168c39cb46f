"""A contact centre that exists on paper, runs that only ask people, and a real cloud's wiring on virtual time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from drills.simulator.clock import GreenletCalls, VirtualClock, run_virtual
from orchestrator.actions.catalogue import Catalogue
from orchestrator.journal.requests import Request, Verb
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.chance import SeededChance
from orchestrator.model.clock import stamp
from orchestrator.model.inventory import Inventory
from orchestrator.model.states import Mode
from orchestrator.wiring.driving import Driver
from orchestrator.wiring.orders import Order, check, prepare

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from orchestrator.engine.runner import Runner
    from orchestrator.journal.replay import Replay
    from orchestrator.model.events import Event
    from orchestrator.wiring.orders import Prepared

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
EXECUTION = "run"
ASKS = """
version: 1
id: asks
title: Somebody is asked, twice
covers: [K2]
owner: nobody
review: {every: 180d, last: 2026-11-01}
run_by: [commander]
parameters:
  from: {type: environment, default: primary}
  to: {type: environment, default: standby}
steps:
  first:
    action: people.approve
    with: {question: "Move from ${from.region}?", approvers: [duty]}
    deadline: 1m
    on_failure: pause
  second:
    action: people.approve
    needs: [first]
    with: {question: Sure?, approvers: [duty]}
    deadline: 1m
recovered_when:
  serves:
    action: service.answers
    with: {region: "${to.region}"}
    deadline: 1m
"""


def environment(role: str, region: str) -> dict[str, Any]:
    arn = f"arn:aws:connect:{region}:123456789012"
    return {
        "role": role, "region": region, "account": "123456789012", "front_door_target": f"{role}.contact.example",
        "flags_table": "flags", "evacuation_metric": {"namespace": "n", "name": "m"},
        "connect": {"instance_id": "i", "instance_arn": f"{arn}:instance/i",
                    "traffic_group_arn": f"{arn}:traffic-distribution-group/g"},
    }  # fmt: skip


def inventory_of(primary: str = "us-east-1", standby: str = "us-west-2") -> Inventory:
    """Sealed, of two Regions."""
    everywhere = {
        "zone_id": "Z1", "front_door_name": "desk.contact.example",
        "records": {"desk.contact.example": {"type": "CNAME", "set_ids": ["primary", "standby"], "ttl": 60}},
        "health_checks": {"primary": "h1", "standby": "h2"}, "run_table": "runs",
        "run_table_regions": [standby, primary],
    }  # fmt: skip
    return Inventory.model_validate(
        {
            "taken_at": stamp(START), "continuity": "global-resiliency", "global": everywhere,
            "primary": environment("primary", primary), "standby": environment("standby", standby),
        }
    ).sealed()  # fmt: skip


class RealOnPaper:
    """What `RealCloud` is to a run, on virtual time and without a cloud. `happens` goes on beside the run."""

    simulated = served_by = ""

    def __init__(self, clock: VirtualClock, inventory: Inventory) -> None:
        self.clock, self.inventory = clock, inventory
        self.chance, self.calls = SeededChance(1), GreenletCalls()
        self.chance.seed = None  # as on a real cloud, where nothing is repeatable
        self.happens: Callable[[], Awaitable[None]] | None = None

    def hands(self, declared: Any) -> Any:
        assert not declared, f"nothing here may call {declared}"

    def real_now(self) -> datetime:
        return self.clock.now()

    def run(self, main: Any) -> Any:
        return run_virtual(main, self.clock)

    @asynccontextmanager
    async def joined(self, runner: Runner) -> AsyncIterator[None]:  # noqa: ARG002 - as every world's
        beside = asyncio.ensure_future(self.happens()) if self.happens else None
        yield
        if beside is not None:
            await beside


class Centre:
    """The inventory, the runbook `asks`, a clock, and the journal in a file; drivers come and go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "runbooks").mkdir()
        self.write("asks", ASKS)
        self.clock = VirtualClock(START)
        self.world: Any = RealOnPaper(self.clock, inventory_of())
        self.journal = SqliteJournal(folder / ".failover" / "journal.db")
        self.elsewhere = SqliteJournal(folder / ".failover" / "journal.db")
        """Another process's look at the same file."""

    def close(self) -> None:
        self.journal.close_connection()
        self.elsewhere.close_connection()

    def write(self, name: str, text: str) -> None:
        (self.folder / "runbooks" / f"{name}.yaml").write_text(text)

    def prepared(self, mode: Mode = Mode.PLANNED, runbook: str = "asks", **order: Any) -> Prepared:
        catalogue = Catalogue()
        checked = check(Order(runbook, mode, **order), catalogue)
        return prepare(checked, self.world, catalogue=catalogue, execution=EXECUTION)

    def driver(self, journal: Any = None) -> Driver:
        return Driver(self.world, journal or self.journal, Catalogue(), lambda event: None)  # noqa: ARG005 - unheard

    def begin(self, journal: Any = None, happens: Callable[[], Awaitable[None]] | None = None) -> Replay:
        """Drive a new execution."""
        prepared, driver = self.prepared(), self.driver(journal)
        self.world.happens = happens
        return driver.drive(driver.runner(EXECUTION, prepared.plan.scope), prepared.created)

    def go_on(self, first: Request, happens: Callable[[], Awaitable[None]] | None = None) -> Replay:
        """Drive it again, as a command does that became the runner."""
        driver = self.driver()
        runner = driver.runner(EXECUTION, self.prepared().plan.scope)
        runner.load()
        runner.first(first)
        self.world.happens = happens
        return driver.drive(runner)

    def wish(self, name: str, verb: Verb, step: str = "", reason: str = "because") -> Request:
        return Request(name, EXECUTION, stamp(self.clock.now()), "duty", verb, step, reason)

    def asks(self, after_s: float, *wishes: tuple[str, Verb, str]) -> Callable[[], Awaitable[None]]:
        """Requests that come in from another process, each so many seconds after the one before."""

        async def happens() -> None:
            for name, verb, step in wishes:
                await asyncio.sleep(after_s)
                self.elsewhere.leave(self.wish(name, verb, step))

        return happens

    def events(self) -> list[Event]:
        return list(self.elsewhere.read(EXECUTION))
