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
from orchestrator.model.errors import Fault, InvalidInput
from orchestrator.model.inference import suggestion
from orchestrator.model.inventory import types
from orchestrator.model.parameters import Region, describe
from orchestrator.model.runbook import Draft
from orchestrator.model.states import Mode
from orchestrator.runbook.binding import fits
from orchestrator.runbook.codes import Code
from orchestrator.runbook.lint import lint as lint_runbook
from orchestrator.runbook.load import Loaded
from orchestrator.runbook.tree import Lines
from orchestrator.runbook.uses import strings
from orchestrator.wiring.orders import REGION, Checked, Order, check, read_runbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drills.scenario import ScenarioCheck, Script
    from orchestrator.actions.catalogue import Catalogue
    from orchestrator.model.runbook import Runbook

UNKNOWN_APPROVER = "SC02"
"""Somebody in `people` whom no gate asks. All other faults have the runbooks' codes."""
PARTS = ("steady_state", "afterwards")
_EXPRESSIONS = {Code.EXPRESSION_SYNTAX, Code.EXPRESSION_NAME, Code.EXPRESSION_TYPE, Code.NO_ITEM, Code.TOO_EARLY}
_OF_PROBLEM = {"syntax": Code.EXPRESSION_SYNTAX, "name": Code.EXPRESSION_NAME, "type": Code.EXPRESSION_TYPE}
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
    conditions = Draft(recovered_when=dict(checks))
    loaded = Loaded(conditions, Lines(lines), script.sha256, script.text, str(script.path), MappingProxyType(switches))
    found = lint_runbook(loaded, catalogue=catalogue, inventory_types=types())
    # Those rules let a condition read the run, of which a drill's check knows nothing: expressions are judged here.
    yield from (fault for fault in found if fault.code not in _EXPRESSIONS)
    for name, each in checks.items():
        for place, text in strings(each.with_, (part, name, "with")):
            yield from _text(script, place, text)
        params: Any = catalogue[each.action].Params if each.action in catalogue else None
        for field in describe(params) if params else ():
            if field.type is Region:
                yield from _region(script, (part, name, "with", field.name), each.with_.get(field.name))


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
        wrong = not REGION.fullmatch(value)
    if wrong:
        what = f"{'.'.join(map(str, place))}: no Region is called {value}"
        yield script.fault(place, Code.WRONG_VALUE, what, "write ${primary.region}, or a name such as us-east-1")


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
