"""Runs one drill from its scenario to its verdict. The run is the orchestrator's own; only the cloud is another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from drills.build import build
from drills.rehearsal import Rehearsal
from drills.scenario import read_scenario
from drills.simulator.cloud import SimulatedCloud
from drills.verdict import Facts, Objective, judge
from orchestrator.actions.catalogue import Catalogue
from orchestrator.journal.replay import Replay
from orchestrator.model import events as ev
from orchestrator.model.actions import Kind
from orchestrator.model.clock import moment
from orchestrator.model.errors import NotSimulated, UndeclaredOperation
from orchestrator.model.states import ExecutionState, Mode, StepState, Verdict
from orchestrator.wiring.driving import Driver, begin
from orchestrator.wiring.orders import Order, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drills.scenario import Scenario
    from orchestrator.engine.runner import Runner
    from orchestrator.journal.sqlite import SqliteJournal
    from orchestrator.model.clock import Clock


@dataclass(frozen=True)
class Outcome:
    """What came of a drill."""

    execution: str
    record: Replay
    verdict: Verdict
    reasons: tuple[str, ...]
    lost_calls: int


def run_drill(
    name: str,
    *,
    seed: int,
    journal: SqliteJournal,
    on_start: Callable[[Clock], Callable[[ev.Event], None]],
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
) -> Outcome:
    """Play a scenario.

    Args:
        name: scenario id or path.
        seed: of everything drawn.
        journal: where the run is recorded; an earlier run of the same seed is set aside there.
        on_start: given the clock, returns who is told of each event.
        overrides: configuration of the stacks by role, over the files'.

    Raises:
        InvalidInput: faults of the scenario, the runbook or the stacks.
        Refused: the runbook needs the Region that the scenario takes away.
    """
    scenario, path = read_scenario(name)
    with TemporaryDirectory(prefix="failover-") as folder:
        settings_dir = Path(folder) / "config"
        with SimulatedCloud(seed, settings_dir=settings_dir) as cloud:
            world = Rehearsal(cloud, build(cloud, settings_dir, overrides), scenario)
            return _play(world, scenario, path, journal, on_start)


def _play(
    world: Rehearsal,
    scenario: Scenario,
    path: Path,
    journal: SqliteJournal,
    on_start: Callable[[Clock], Callable[[ev.Event], None]],
) -> Outcome:
    catalogue = Catalogue()
    order = Order(
        _runbook_of(scenario, path), Mode(scenario.mode), params=scenario.parameters, scenario=scenario.id,
        scenario_sha256=hashlib.sha256(path.read_bytes()).hexdigest(), objectives=_declared(scenario),
        reason=f"drill: {scenario.title}",
    )  # fmt: skip
    prepared = prepare(order, world, catalogue=catalogue)
    begin(journal, prepared.execution, world)
    driver = Driver(world, journal, catalogue, on_start(world.clock))
    runner = driver.runner(prepared.execution, prepared.plan.scope)
    trouble = ""
    try:
        driver.drive(runner, prepared.created)
    except (NotSimulated, UndeclaredOperation) as why:
        trouble = str(why)
    return conclude(world, runner, trouble)


def _runbook_of(scenario: Scenario, path: Path) -> str:
    """By id, or by a path relative to the scenario."""
    beside = path.parent / scenario.runbook
    return str(beside) if scenario.runbook.endswith((".yaml", ".yml")) and beside.is_file() else scenario.runbook


def conclude(world: Rehearsal, runner: Runner, trouble: str = "") -> Outcome:
    """Judge a run that is over, and let its journal have the last word. `trouble` is what ended the simulation."""
    record, network = runner.record, world.cloud.network
    objectives = _objectives(world, record)
    facts = Facts(
        state=record.state, reason=record.reason, steady_state=world.steady_state, afterwards=world.afterwards,
        hits={fault.name: sum(fault.hits.values()) for fault in network.faults},
        without_rules=[*map(":".join, sorted(network.unlisted)), *world.cloud.refused],
        objectives=objectives, trouble=trouble, people_said_no=_people_said_no(record),
    )  # fmt: skip
    verdict, reasons = judge(facts)
    for objective in objectives:
        runner.tell(ev.Sample("objective", objective.values()))
    made = {(call.service, call.operation) for call in world.made}
    marks = {f"{service}:{operation}": world.mark_of(service, operation) for service, operation in sorted(made)}
    runner.tell(ev.Sample("call-marks", {"marks": marks}))
    runner.tell(ev.Sample("endpoints", {"hosts": sorted({call.host for call in world.made})}))
    runner.tell(ev.Sample("verdict", {"verdict": verdict.value, "reasons": list(reasons)}))
    return Outcome(record.execution, record, verdict, reasons, world.lost_calls)


def _declared(scenario: Scenario) -> dict[str, int]:
    """The scenario's objectives under the names that the runbook's have in the journal."""
    declared = {"rto_s": scenario.objectives.rto, "lost_calls": scenario.objectives.lost_calls}
    return {name: value for name, value in declared.items() if value is not None}


def _people_said_no(record: Replay) -> bool:
    failed = [
        step.planned for step in record.steps.values() if step.state is StepState.FAILED and step.planned.critical
    ]
    return record.state is ExecutionState.PAUSED and all(step.kind == Kind.GATE for step in failed)


def _objectives(world: Rehearsal, record: Replay) -> tuple[Objective, ...]:
    """What the scenario declared, against what the run took. Virtual seconds; modelled calls."""
    declared, found = world.scenario.objectives, list[Objective]()
    if declared.rto is not None:
        began = world.outages[0].from_ if world.outages else record.started_at and moment(record.started_at)
        proven = moment(record.ended_at) if record.ended_at and record.state.value.startswith("recovered") else None
        took = (proven - began).total_seconds() if began and proven else None
        note = "seconds from the outage (else the start) to the proof; simulated orchestration, modelled service time"
        found.append(Objective("rto_s", declared.rto, took, note))
    if declared.lost_calls is not None:
        found.append(Objective("lost_calls", declared.lost_calls, world.lost_calls, "modelled callers"))
    return tuple(found)
