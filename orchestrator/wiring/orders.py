"""From what a person ordered to a plan that may run: find, load, lint, resolve, compile, and refuse what is unsafe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.actions.service import Answers
from orchestrator.cloud import regions
from orchestrator.engine.plan import Plan, compile_plan
from orchestrator.engine.scope import base_scope
from orchestrator.model.errors import InvalidInput, Refused
from orchestrator.model.events import ExecutionCreated
from orchestrator.model.inventory import types
from orchestrator.model.states import Mode
from orchestrator.model.values import Json
from orchestrator.runbook.arguments import bind_given
from orchestrator.runbook.find import all_runbooks, find
from orchestrator.runbook.lint import lint
from orchestrator.runbook.load import Loaded, load_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.actions.catalogue import Catalogue
    from orchestrator.model.actions import Expected
    from orchestrator.wiring.clouds import Surroundings

REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-\d")


@dataclass(frozen=True)
class Order:
    """What a person asked for. `lost` empty means: what the mode implies."""

    runbook: str
    mode: Mode
    params: Mapping[str, str] = field(default_factory=dict)
    from_: str = ""
    to: str = ""
    lost: str = ""
    reason: str = ""
    incident: str = ""
    scenario: str = ""
    scenario_sha256: str = ""
    objectives: Mapping[str, Json] = field(default_factory=dict)
    """What a drill is judged by besides the runbook's own objectives; declared with the execution, before it runs."""


@dataclass(frozen=True)
class Prepared:
    """An order that may run."""

    order: Order
    loaded: Loaded
    plan: Plan
    lost: str
    execution: str
    created: ExecutionCreated


def read_runbook(name: str, catalogue: Catalogue) -> Loaded:
    """Find, load and lint.

    Raises:
        InvalidInput: with every fault of the document.
    """
    path = find(name, cwd=Path.cwd())
    loaded = load_file(path)
    known = {each.stem for each in all_runbooks(Path.cwd())}
    faults = lint(loaded, catalogue=catalogue, inventory_types=types(), known_runbooks=known)
    if faults:
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        raise InvalidInput(f"{path}: {count}", remedy="mend the runbook", faults=faults)
    return loaded


def check(order: Order, catalogue: Catalogue) -> tuple[Loaded, dict[str, Json]]:
    """What can be told of an order before any cloud is opened; returns the runbook and its arguments.

    Raises:
        InvalidInput: faults of the document or of the parameters.
    """
    loaded = read_runbook(order.runbook, catalogue)
    if order.lost and not REGION.fullmatch(order.lost):
        raise InvalidInput(f"--lost {order.lost}: no Region is called that", remedy="write it as us-east-1")
    return loaded, {**bind_given(loaded.runbook, order.params), **_places(order, loaded.runbook.parameters)}


def prepare(
    order: Order,
    world: Surroundings,
    *,
    catalogue: Catalogue,
    execution: str = "",
    measured: Callable[[str], Expected | None] = lambda step: None,  # noqa: ARG005 - nothing measured
) -> Prepared:
    """Compile the order against what exists.

    Raises:
        InvalidInput: faults of the document or of the parameters.
        Refused: the runbook needs the Region that is lost (law 4).
    """
    loaded, arguments = check(order, catalogue)
    runbook = loaded.runbook
    execution = execution or world.chance.identity(f"execution/{runbook.id}/{order.scenario}")
    about = {"id": execution, "mode": order.mode.value, "incident": order.incident, "reason": order.reason}
    scope = base_scope(runbook, world.inventory, arguments, execution={**about, "lost": order.lost})
    plan = compile_plan(
        runbook, scope=scope, mode=order.mode, catalogue=catalogue, file=loaded.file,
        line_of=loaded.lines.of, measured=measured, proof=Answers,
    )  # fmt: skip
    lost = order.lost or (_region(scope, "from") if order.mode is Mode.UNPLANNED else "")
    scope["execution"]["lost"] = lost
    if lost:
        refuse_needing(plan, lost)
    return Prepared(order, loaded, plan, lost, execution, _created(loaded, plan, world, order, lost, arguments))


def refuse_needing(plan: Plan, lost: str) -> None:
    """Law 4.

    Raises:
        Refused: naming each step, operation and Region; or the steps of which that cannot be told beforehand.
    """
    needing = [
        f'step "{step.key}" calls {call.service}:{call.operation} at {regions.endpoint(call).host}, homed in {lost}'
        for step, call in plan.needing(lost)
    ]
    if needing:
        raise Refused(
            "\n  ".join([f"{plan.runbook.id} needs {lost}, which is lost:", *needing]),
            rule="nothing needs the dead Region",
            remedy="use a data-plane step, or say `--lost` for another Region",
        )
    unshown = [step.key for step in plan.unshown()]
    if unshown:
        raise Refused(
            f"the calls of {', '.join(sorted(unshown))} are known at run time only: {lost} may be needed",
            rule="nothing needs the dead Region",
            remedy="take the parameters of the step, and of its guard, from the inventory",
        )


def _places(order: Order, parameters: Mapping[str, Any]) -> dict[str, Json]:
    given = {"from": order.from_, "to": order.to}
    for name, role in given.items():
        if role and name not in parameters:
            raise InvalidInput(f"the runbook has no parameter {name}", remedy=f"leave out --{name}")
        if role and role not in ("primary", "standby"):
            raise InvalidInput(f"--{name} {role}: no such environment", remedy="give primary or standby")
    return {name: role for name, role in given.items() if role}


def _region(scope: Mapping[str, Json], name: str) -> str:
    place = scope.get(name)
    return str(place["region"]) if isinstance(place, dict) else ""


def _created(
    loaded: Loaded, plan: Plan, world: Surroundings, order: Order, lost: str, arguments: Mapping[str, Json]
) -> ExecutionCreated:
    runbook, objectives = loaded.runbook, loaded.runbook.objectives
    declared = {"rto_s": objectives.rto, "rpo_s": objectives.rpo, "lost_calls": objectives.lost_calls}
    places = {
        name: f"{plan.scope[name]['role']} {plan.scope[name]['region']}"
        for name in ("from", "to")
        if _region(plan.scope, name)
    }
    return ExecutionCreated(
        runbook=runbook.id, title=runbook.title, mode=order.mode, clock=world.clock.kind,
        simulated=world.simulated, seed=world.chance.seed, runbook_sha256=loaded.sha256,
        inventory_sha256=world.inventory.digest,
        plan_sha256=plan.sha256, source=loaded.source, environments=places,
        parameters={**{k: p.default for k, p in runbook.parameters.items()}, **arguments},
        objectives={**{key: value for key, value in declared.items() if value is not None}, **order.objectives},
        plan=tuple(step.record() for step in plan.steps),
        verification=tuple(step.record() for step in plan.verification),
        reason=order.reason, incident=order.incident, lost=lost, scenario=order.scenario,
        scenario_sha256=order.scenario_sha256,
    )  # fmt: skip
