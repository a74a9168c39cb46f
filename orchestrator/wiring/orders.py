"""From what a person ordered to a plan that may run: find, load, lint, resolve, compile, and refuse what is unsafe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.actions.service import Answers
from orchestrator.cloud import regions
from orchestrator.engine.plan import Plan, compile_plan
from orchestrator.engine.scope import base_scope
from orchestrator.model.actions import Kind
from orchestrator.model.errors import InvalidInput, Refused
from orchestrator.model.events import ExecutionCreated
from orchestrator.model.inventory import types
from orchestrator.model.parameters import is_region
from orchestrator.model.states import Mode
from orchestrator.model.values import Json
from orchestrator.runbook.arguments import SIDES, bind_given
from orchestrator.runbook.find import all_runbooks, find
from orchestrator.runbook.lint import lint
from orchestrator.runbook.load import Loaded, read_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.actions.catalogue import Catalogue
    from orchestrator.model.actions import Expected
    from orchestrator.model.inventory import Inventory
    from orchestrator.model.runbook import Condition, Parameter, Runbook, Step
    from orchestrator.wiring.clouds import World


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
    break_glass: str = ""
    """Who orders that one person's yes, anybody's, is enough at every gate; empty if nobody does."""
    objectives: Mapping[str, Json] = field(default_factory=dict)
    """What a drill is judged by besides the runbook's own objectives; declared with the execution, before it runs."""


@dataclass(frozen=True)
class Checked:
    """An order without a fault that shows before a cloud is opened: its runbook, and the value of every argument."""

    order: Order
    loaded: Loaded
    arguments: Mapping[str, Json]


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
    loaded = read_file(path)
    known = {each.stem for each in all_runbooks(Path.cwd())}
    faults = lint(loaded, catalogue=catalogue, inventory_types=types(), known_runbooks=known)
    if faults:
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        raise InvalidInput(f"{path}: {count}", remedy="mend the runbook", faults=faults)
    return loaded


def check(order: Order, catalogue: Catalogue) -> Checked:
    """What can be told of an order before any cloud is opened.

    Raises:
        InvalidInput: faults of the document or of the parameters.
        Refused: the runbook is not for this mode.
    """
    loaded = read_runbook(order.runbook, catalogue)
    if loaded.runbook.only not in (None, order.mode.value):
        raise Refused(
            f"{loaded.runbook.id} is for {loaded.runbook.only} moves only: it cannot be ordered {order.mode}",
            rule=f"only {loaded.runbook.only}",
            remedy=f"say --mode {loaded.runbook.only}, or name another runbook",
        )
    if order.lost and not is_region(order.lost):
        raise InvalidInput(f"--lost {order.lost}: no Region is called that", remedy="write it as us-east-1")
    arguments = bind_given(loaded.runbook, _given(order, loaded.runbook.parameters))
    if "from" in arguments and arguments["from"] == arguments.get("to"):
        what = f"from {arguments['from']} to {arguments['to']} is no move"
        raise InvalidInput(what, remedy="change --from or --to")
    return Checked(order, loaded, arguments)


def prepare(
    checked: Checked,
    world: World,
    *,
    catalogue: Catalogue,
    execution: str = "",
    measured: Callable[[str], Expected | None] = lambda step: None,  # noqa: ARG005 - nothing measured
) -> Prepared:
    """Compile the order against what exists.

    Raises:
        InvalidInput: the runbook does not fit what exists; or `--lost` is a Region that nothing here has to do with.
        Refused: the runbook needs a Region that is lost (law 4).
    """
    order, loaded, arguments = checked.order, checked.loaded, checked.arguments
    runbook = loaded.runbook
    # A drill brings its own: a run by hand in the same scenario is another execution, and must not take its place.
    execution = execution or world.chance.identity(f"by-hand/{runbook.id}/{order.scenario}")
    about = {"id": execution, "mode": order.mode.value, "incident": order.incident, "reason": order.reason}
    scope = base_scope(runbook, world.inventory, arguments, execution=about)
    # Unplanned means that the Region left is gone: naming another one as lost does not bring it back.
    left = _region(scope, "from") if order.mode is Mode.UNPLANNED else ""
    lost = order.lost or left
    scope["execution"]["lost"] = lost
    _refuse_other_continuity(runbook, world.inventory.continuity, catalogue)
    plan = compile_plan(
        runbook, scope=scope, mode=order.mode, catalogue=catalogue, file=loaded.file,
        line_of=loaded.lines.of, measured=measured, proof=Answers,
    )  # fmt: skip
    if order.lost:
        _refuse_foreign(order.lost, plan, world.inventory)
    for region in dict.fromkeys(filter(None, (lost, left))):
        refuse_needing(plan, region)
    return Prepared(order, loaded, plan, lost, execution, _created(loaded, plan, world, order, lost, arguments))


def _refuse_other_continuity(runbook: Runbook, continuity: str, catalogue: Catalogue) -> None:
    """What applies under a condition of its own (`when`) has said so itself.

    Raises:
        InvalidInput: naming each step whose action needs the other continuity model.
    """
    asked: list[tuple[str, Step | Condition]] = [*runbook.steps.items(), *runbook.recovered_when.items()]
    unfit = [
        f'"{name}" ({each.action}) is of {needed}'
        for name, each in asked
        if each.when is None and (needed := catalogue[each.action].continuity) not in ("", continuity)
    ]
    if unfit:
        what = "; ".join([f"{runbook.id} is not for this contact centre, which has {continuity}", *unfit])
        raise InvalidInput(
            what, remedy="take a runbook whose steps apply; see docs/platform-engineers.md on the models"
        )


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
            remedy="use steps whose endpoints and control planes live elsewhere",
        )
    # A question to people calls nothing, whatever it will say; its guard may.
    unshown = [step.key for step in plan.unshown() if step.kind != Kind.GATE or step.guard]
    if unshown:
        raise Refused(
            f"the calls of {', '.join(sorted(unshown))} are known at run time only: {lost} may be needed",
            rule="nothing needs the dead Region",
            remedy="take the parameters of the step, and of its guard, from the inventory",
        )


def _refuse_foreign(lost: str, plan: Plan, inventory: Inventory) -> None:
    """A Region that nothing here has to do with is lost by a slip of the pen, and would switch law 4 off."""
    homes = {regions.client_region(service, "") for service in regions.services()}  # of the single control planes
    ends = [regions.endpoint(call) for calls in plan.calls.values() for call in calls]
    needed = {region for place in ends for region in (place.home, place.also)}
    known = {inventory.primary.region, inventory.standby.region, *homes, *needed} - {""}
    if lost not in known:
        raise InvalidInput(
            f"--lost {lost}: neither the inventory nor {plan.runbook.id} has anything there",
            remedy=f"Regions in use are {', '.join(sorted(known))}",
        )


def _given(order: Order, parameters: Mapping[str, Parameter]) -> dict[str, str]:
    """Every value that was given, `--from` and `--to` among them."""
    given = dict(order.params)
    sides = {name for name, parameter in parameters.items() if parameter.type == "environment"}
    for name, role in (("from", order.from_), ("to", order.to)):
        if role and name not in sides:
            raise InvalidInput(f"the runbook has no environment {name}", remedy=f"leave out --{name}")
        if role and role not in SIDES:
            raise InvalidInput(f"--{name} {role}: no such environment", remedy=f"give {' or '.join(SIDES)}")
        if role and given.setdefault(name, role) != role:
            what = f"--{name} {role} and --param {name}={given[name]} say different things"
            raise InvalidInput(what, remedy="leave one of them out")
        if name in sides and name not in given and parameters[name].default is None:
            raise InvalidInput(f"which environment is {name}?", remedy=f"say --{name} {' or '.join(SIDES)}")
    return given


def _region(scope: Mapping[str, Json], name: str) -> str:
    place = scope.get(name)
    return str(place["region"]) if isinstance(place, dict) else ""


def _created(
    loaded: Loaded, plan: Plan, world: World, order: Order, lost: str, arguments: Mapping[str, Json]
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
        scenario_sha256=order.scenario_sha256, break_glass=order.break_glass,
        file=str(Path(loaded.file).absolute()) if loaded.file and world.chance.seed is None else "",
        served_by=world.served_by,
    )  # fmt: skip
