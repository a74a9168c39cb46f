"""What is wrong in a scenario, found before anything is provisioned or recorded: every fault, with its line and remedy.

Its checks are judged by the runbooks' own rules, as the conditions that they are; its runbook and parameters as those
of any other order.
"""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from orchestrator.model import expressions
from orchestrator.model.actions import Kind
from orchestrator.model.errors import Fault, InvalidInput, Refused
from orchestrator.model.inference import suggestion
from orchestrator.model.inventory import types
from orchestrator.model.parameters import BadParameters, bind, is_region
from orchestrator.model.runbook import Condition, Draft
from orchestrator.model.states import Mode
from orchestrator.runbook.binding import fits
from orchestrator.runbook.codes import Code
from orchestrator.runbook.doubts import Doubts
from orchestrator.runbook.lint import lint as lint_runbook
from orchestrator.runbook.load import Loaded
from orchestrator.runbook.tree import Lines
from orchestrator.runbook.uses import strings
from orchestrator.wiring.orders import Checked, Order, check, read_runbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from drills.scenario import ScenarioCheck, Script
    from orchestrator.actions.catalogue import Catalogue
    from orchestrator.model.inventory import Inventory
    from orchestrator.model.runbook import Runbook
    from orchestrator.model.values import Json

UNKNOWN_APPROVER = "SC02"
"""Somebody in `people` whom no gate asks. All other faults have the runbooks' codes."""
PARTS = ("steady_state", "afterwards")
_EXPRESSIONS = {Code.EXPRESSION_SYNTAX, Code.EXPRESSION_NAME, Code.EXPRESSION_TYPE, Code.NO_ITEM, Code.TOO_EARLY}
_OF_PROBLEM = {"syntax": Code.EXPRESSION_SYNTAX, "name": Code.EXPRESSION_NAME, "type": Code.EXPRESSION_TYPE}
_A_REGION = "write ${primary.region}, or a name such as us-east-1"
_GIVEN = "--param "
"""How a fault of a parameter names its place, where a person gave it on the command line."""


def order_of(script: Script, catalogue: Catalogue) -> Checked:
    """The order that a drill gives.

    Raises:
        InvalidInput: with every fault of the scenario, of its runbook, and of the parameters for that.
    """
    faults = list(world_faults(script, catalogue))
    checked = None
    if script.scenario.runbook:
        try:
            faults += _people(script, read_runbook(script.runbook, catalogue).runbook, catalogue)
            checked = check(_order(script), catalogue)
        except InvalidInput as why:
            faults += _of_order(script, why)
    if faults or checked is None:
        raise invalid(script, faults)
    return checked


def world_of(script: Script, catalogue: Catalogue) -> Script:
    """The same script, fit to give a world to some other runbook's run.

    Raises:
        InvalidInput: with every fault of the scenario itself.
    """
    if faults := list(world_faults(script, catalogue)):
        raise invalid(script, faults)
    return script


def world_faults(script: Script, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of the scenario itself, whatever its runbook."""
    yield from script.faults
    for part in PARTS:
        yield from _checks(script, part, catalogue)
    yield from _outages(script)
    yield from _beginning(script, catalogue)


def refuse_unfit(script: Script, inventory: Inventory, catalogue: Catalogue) -> None:
    """What shows only where the world is known: expressions without a value there, and values that do not fit.

    Raises:
        InvalidInput: with every such fault of the scenario's checks and outages, before anything is recorded.
    """
    scope = inventory.model_dump(by_alias=True)
    faults = [fault for part in PARTS for fault in _unbound(script, part, scope, catalogue)]
    if faults := [*faults, *_elsewhere(script, scope)]:
        raise invalid(script, faults)


def invalid(script: Script, faults: list[Fault]) -> InvalidInput:
    """The error that carries a drill's faults, in order of files and lines."""
    found = sorted(set(faults))
    count = f"{len(found)} fault{'' if len(found) == 1 else 's'}"
    return InvalidInput(f"{script.path}: {count}", remedy="mend each line named", faults=found)


def _order(script: Script) -> Order:
    scenario = script.scenario
    declared = {"rto_s": scenario.objectives.rto, "lost_calls": scenario.objectives.lost_calls}
    return Order(
        script.runbook, Mode(scenario.mode), params=scenario.parameters, scenario=scenario.id,
        scenario_sha256=script.sha256, reason=f"drill: {scenario.title}",
        objectives={name: value for name, value in declared.items() if value is not None},
    )  # fmt: skip


def _of_order(script: Script, why: InvalidInput) -> Iterator[Fault]:
    """The faults of an order; what was given here is told with its place here."""
    if not why.faults:
        yield script.fault(("runbook",), Code.UNKNOWN_RUNBOOK, why.what, why.remedy)
    for fault in why.faults:
        if not fault.file.startswith(_GIVEN):
            yield fault
            continue
        name = fault.file.removeprefix(_GIVEN)
        written, _, value = fault.remedy.partition(f"{_GIVEN}{name}=")
        remedy = f'{written}{name}: "{value}"' if value else fault.remedy
        yield script.fault(("parameters", name), fault.code, fault.what, remedy)


def _checks(script: Script, part: str, catalogue: Catalogue) -> Iterator[Fault]:
    """The checks of one part as conditions of a runbook that has nothing else."""
    checks: dict[str, ScenarioCheck] = getattr(script.scenario, part)
    lines = {
        ("recovered_when", *place[1:]): line for place, line in script.lines.of_path.items() if place[:1] == (part,)
    }
    switches = {("recovered_when", *place[1:]): text for place, text in script.switches.items() if place[:1] == (part,)}
    conditions = Draft(recovered_when={name: Condition.model_construct(**dict(each)) for name, each in checks.items()})
    doubts = Doubts(frozenset(("recovered_when", *place[1:]) for place in script.doubts if place[:1] == (part,)))
    loaded = Loaded(
        conditions, Lines(lines), script.sha256, script.text, str(script.path), MappingProxyType(switches),
        doubts=doubts,
    )  # fmt: skip
    found = lint_runbook(loaded, catalogue=catalogue, inventory_types=types())
    # Those rules let a condition read the run, of which a drill's check knows nothing: expressions are judged here.
    yield from (fault for fault in found if fault.code not in _EXPRESSIONS)
    for name, each in checks.items():
        for place, text in strings(each.with_, (part, name, "with")):
            yield from _text(script, place, text)


def _beginning(script: Script, catalogue: Catalogue) -> Iterator[Fault]:
    """The runbook that the world begins with can be ordered; its own faults keep their places."""
    begin = script.scenario.begin_with
    if begin is not None:
        try:
            check(Order(begin.runbook, Mode(begin.mode), params=begin.parameters), catalogue)
        except InvalidInput as why:
            of_runbook = [fault for fault in why.faults if not fault.file.startswith(_GIVEN)]
            yield from of_runbook
            if not of_runbook:
                what = "; ".join([f"begin_with: {why.what}", *(fault.what for fault in why.faults)])
                yield script.fault(("begin_with", "runbook"), Code.UNKNOWN_RUNBOOK, what, why.remedy)
        except Refused as why:
            what = f"begin_with: {why.what}"
            yield script.fault(("begin_with", "mode"), Code.WRONG_VALUE, what, why.remedy)


def _outages(script: Script) -> Iterator[Fault]:
    times = Counter(outage.region for outage in script.scenario.outages)
    for index, outage in enumerate(script.scenario.outages):
        place = ("outages", index, "region")
        yield from _text(script, place, outage.region)
        yield from _region(script, place, outage.region)
        if times[outage.region] > 1:
            what = f"{outage.region} is lost {times[outage.region]} times"
            yield script.fault(place, Code.TWICE, what, "keep one: all outages begin at the same moment")


def _text(script: Script, place: tuple[str | int, ...], text: str) -> Iterator[Fault]:
    for problem in expressions.check(text, types()).problems:
        yield script.fault(place, _OF_PROBLEM[problem.kind], problem.what, problem.remedy)


def _region(script: Script, place: tuple[str | int, ...], value: Any) -> Iterator[Fault]:
    """A Region that is written out has a Region's name; whether anything is there, the run shows."""
    if not isinstance(value, str):
        return
    if "${" in value:
        checked = expressions.check(value, types())
        wrong = not checked.problems and not fits(checked.shape, str)
    else:
        wrong = not is_region(value)
    if wrong:
        what = f"{'.'.join(map(str, place))}: no Region is called {value}"
        yield script.fault(place, Code.WRONG_VALUE, what, _A_REGION)


def _unbound(script: Script, part: str, scope: Mapping[str, Json], catalogue: Catalogue) -> Iterator[Fault]:
    checks: dict[str, ScenarioCheck] = getattr(script.scenario, part)
    for name, each in checks.items():
        place = (part, name, "with")
        values: dict[str, Json] = {}
        for key, written in each.with_.items():
            try:
                values[key] = expressions.resolve(written, scope)
            except expressions.ExpressionError as why:
                yield _without_value(script, (*place, key), why)
        if values.keys() != each.with_.keys():
            continue
        try:
            bind(catalogue[each.action].Params, values)
        except BadParameters as why:
            for key, problem in why.problems.items():
                yield script.fault((*place, key), Code.WRONG_ARGUMENT, f"{key} {problem}", "name another value")


def _elsewhere(script: Script, scope: Mapping[str, Json]) -> Iterator[Fault]:
    lost: set[str] = set()
    for index, outage in enumerate(script.scenario.outages):
        place = ("outages", index, "region")
        try:
            region = expressions.resolve(outage.region, scope)
        except expressions.ExpressionError as why:
            yield _without_value(script, place, why)
            continue
        if not is_region(region):
            what = f"{'.'.join(map(str, place))}: no Region is called {region}"
            yield script.fault(place, Code.WRONG_VALUE, what, _A_REGION)
        elif region in lost:
            what = f"{region} is lost already, by an outage above"
            yield script.fault(place, Code.TWICE, what, "keep one: all outages begin at the same moment")
        lost.add(str(region))


def _without_value(script: Script, place: tuple[str | int, ...], why: expressions.ExpressionError) -> Fault:
    remedy = why.remedy or "name what the simulated inventory has: failover inventory show --simulate"
    return script.fault(place, Code.EXPRESSION_NAME, str(why), remedy)


def _people(script: Script, runbook: Runbook, catalogue: Catalogue) -> Iterator[Fault]:
    """People whom some gate may ask. Nobody can tell where a gate takes its approvers from an expression."""
    asked: set[str] = set()
    for step in runbook.steps.values():
        if catalogue[step.action].kind is Kind.GATE:
            given = step.with_.get("approvers")
            if not isinstance(given, list) or any("${" in str(name) for name in given):
                return
            asked |= set(map(str, given))
    for name in script.scenario.people:
        if name not in asked:
            what, remedy = f"no gate of {runbook.id} asks {name}", suggestion(name, asked)
            yield script.fault(("people", name), UNKNOWN_APPROVER, what, remedy)
