"""Runs one drill from its scenario to its verdict. The run is the orchestrator's own; only the cloud is another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from drills.beginning import begun
from drills.build import build
from drills.lint import order_of, refuse_unfit
from drills.rehearsal import Rehearsal
from drills.scenario import read_scenario
from drills.simulator.cloud import SimulatedCloud
from drills.verdict import Facts, Objective, judge
from orchestrator.actions.catalogue import Catalogue
from orchestrator.journal.replay import Replay
from orchestrator.model import events as ev
from orchestrator.model.actions import Kind
from orchestrator.model.clock import moment, stamp
from orchestrator.model.errors import NotSimulated, UndeclaredOperation
from orchestrator.model.samples import Sampled
from orchestrator.model.states import ExecutionState, StepState, Verdict
from orchestrator.wiring.driving import Driver, begin
from orchestrator.wiring.orders import Checked, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drills.kept import Kept
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
    config: Path | None = None,
    kept: Kept | None = None,
) -> Outcome:
    """Play a scenario.

    Args:
        name: scenario id or path.
        seed: of everything drawn.
        journal: where the run is recorded; an earlier run of the same seed is set aside there.
        on_start: given the clock, returns who is told of each event.
        overrides: configuration of the stacks by role, over the files'.
        config: the folder of those files; without one `drills.build.config_dir` finds it.
        kept: clouds built before in this process: an equal one is restored, and the drill is the same.

    Raises:
        InvalidInput: faults of the scenario or its runbook, before anything is provisioned, or, where they show in
            the world only, before anything is recorded; or of the stacks.
        Refused: the runbook needs the Region that the scenario takes away.
    """
    script, catalogue = read_scenario(name, config), Catalogue()
    checked = order_of(script, catalogue)
    with TemporaryDirectory(prefix="failover-") as folder:
        settings_dir = Path(folder) / "config"
        with SimulatedCloud(seed, settings_dir=settings_dir) as cloud:
            inventory = build(cloud, settings_dir, overrides, config, kept)
            refuse_unfit(script, inventory, catalogue)
            world = Rehearsal(cloud, inventory, script.scenario)
            world.begun_with = begun(cloud, inventory, script.scenario, Path(folder))
            return _play(world, checked, catalogue, journal, on_start)


def _play(
    world: Rehearsal,
    checked: Checked,
    catalogue: Catalogue,
    journal: SqliteJournal,
    on_start: Callable[[Clock], Callable[[ev.Event], None]],
) -> Outcome:
    execution = world.chance.identity(f"execution/{checked.loaded.runbook.id}/{checked.order.scenario}")
    prepared = prepare(checked, world, catalogue=catalogue, execution=execution)
    begin(journal, prepared.execution, world)
    driver = Driver(world, journal, catalogue, on_start(world.clock))
    runner = driver.runner(prepared.execution, prepared.plan.scope)
    trouble = ""
    try:
        driver.drive(runner, prepared.created)
    except (NotSimulated, UndeclaredOperation) as why:
        trouble = str(why)
    return conclude(world, runner, trouble)


def conclude(world: Rehearsal, runner: Runner, trouble: str = "") -> Outcome:
    """Judge a run that is over, and let its journal have the last word. `trouble` is what ended the simulation."""
    record, network = runner.record, world.cloud.network
    proven = _proven(record)
    objectives = _objectives(world, record)
    facts = Facts(
        state=record.state, reason=record.reason, steady_state=world.steady_state, proven=tuple(proven),
        afterwards=world.afterwards, broken=_broken(record),
        hits={fault.name: sum(fault.hits.values()) for fault in network.faults},
        without_rules=[*map(":".join, sorted(network.unlisted)), *world.cloud.refused],
        objectives=objectives, unmeasured=_unmeasured(record, objectives), trouble=trouble,
        people_said_no=_people_said_no(record),
    )  # fmt: skip
    verdict, reasons = judge(facts)
    for objective in objectives:
        runner.tell(ev.Sample(Sampled.OBJECTIVE, objective.values()))
    runner.tell(ev.Sample(Sampled.VERDICT, {"verdict": verdict.value, "reasons": list(reasons)}))
    return Outcome(record.execution, record, verdict, reasons, world.lost_calls(_began(world, record)))


def _proven(record: Replay) -> dict[str, str]:
    """The conditions of `recovered_when` that were shown to hold, and when."""
    shown = (StepState.DONE, StepState.ALREADY_SO)
    return {key: step.ended_at for key, step in record.verification.items() if step.state in shown}


def _broken(record: Replay) -> list[str]:
    return [
        f"{key} {step.state}" + (f": {step.reason}" if step.reason else "")
        for key, step in record.steps.items()
        if step.planned.critical and step.state in (StepState.FAILED, StepState.CANCELLED)
    ]


def _people_said_no(record: Replay) -> bool:
    failed = [
        step.planned for step in record.steps.values() if step.state is StepState.FAILED and step.planned.critical
    ]
    return record.state is ExecutionState.PAUSED and all(step.kind == Kind.GATE for step in failed)


def _began(world: Rehearsal, record: Replay) -> str:
    """What times and lost calls count from: the outage, without one the start of the run."""
    return stamp(world.outages[0].from_) if world.outages else record.started_at


def _unmeasured(record: Replay, judged: tuple[Objective, ...]) -> list[str]:
    """What was declared, and is not measured by any drill."""
    declared = record.created.objectives if record.created else {}
    return [name for name in declared if name not in {one.name for one in judged}]


def _objectives(world: Rehearsal, record: Replay) -> tuple[Objective, ...]:
    """What was declared with the execution (the scenario's before the runbook's), against what the run took."""
    declared, found = record.created.objectives if record.created else {}, list[Objective]()
    began, proven = _began(world, record), _proven(record)
    if "rto_s" in declared:
        applying = [one for one in record.verification.values() if one.state is not StepState.SKIPPED]
        shown = began and proven and len(proven) == len(applying)
        took = (moment(max(proven.values())) - moment(began)).total_seconds() if shown else None
        note = "seconds from the outage (else the start) to the proof; simulated orchestration, modelled service time"
        found.append(Objective("rto_s", declared["rto_s"], took, note))
    if "lost_calls" in declared:
        found.append(Objective("lost_calls", declared["lost_calls"], world.lost_calls(began), "modelled callers"))
    return tuple(found)
