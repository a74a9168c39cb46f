"""What is wrong in a runbook that reads well: every fault in one pass, in order of lines.

Each rule is a function from the linted document to faults, and `RULES` is the whole list. The codes are in `codes`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestrator.model import expressions
from orchestrator.model.actions import Action, Kind
from orchestrator.model.inference import suggestion
from orchestrator.model.parameters import Seconds, convert
from orchestrator.model.shapes import Shape, words
from orchestrator.runbook import arguments, binding
from orchestrator.runbook.codes import Code
from orchestrator.runbook.foresight import Foresight
from orchestrator.runbook.load import Loaded
from orchestrator.runbook.order import Order
from orchestrator.runbook.scopes import RESERVED, Scopes
from orchestrator.runbook.subjects import shared
from orchestrator.runbook.uses import Use, Written, strings, uses, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator.model.errors import Fault
    from orchestrator.model.runbook import Runbook, Step
    from orchestrator.runbook.tree import Path

_OF_PROBLEM = {
    "syntax": Code.EXPRESSION_SYNTAX,
    "name": Code.EXPRESSION_NAME,
    "type": Code.EXPRESSION_TYPE,
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What the rules read: the document, and the world that it speaks of."""

    loaded: Loaded
    catalogue: Mapping[str, type[Action[Any]]]
    known_runbooks: Collection[str] | None
    scopes: Scopes
    order: Order
    foresight: Foresight

    @property
    def runbook(self) -> Runbook:
        """The document."""
        return self.loaded.runbook


def lint(
    loaded: Loaded,
    *,
    catalogue: Mapping[str, type[Action[Any]]],
    inventory_types: Mapping[str, Shape],
    known_runbooks: Collection[str] | None = None,
) -> tuple[Fault, ...]:
    """Every fault of a runbook, those found in reading included, in order of lines.

    `inventory_types` is `model.inventory.types()`; `known_runbooks` are ids, or None where nobody knows them.
    """
    runbook = loaded.runbook
    doubts = loaded.doubts
    unsure = {name for name in runbook.steps if doubts.cover("steps", name) or "needs" in doubts.inside("steps", name)}
    order = Order({name: step.needs for name, step in runbook.steps.items()}, unsure)
    desk = Desk(loaded, catalogue, known_runbooks, Scopes(loaded, inventory_types), order, Foresight(loaded))
    return tuple(sorted({*loaded.faults, *(fault for rule in RULES for fault in rule(desk))}))


def actions(desk: Desk) -> Iterator[Fault]:
    """Actions that exist, given what they take."""
    for use in uses(desk.runbook):
        if desk.loaded.doubts.cover(*use.path, "action"):
            continue
        action = desk.catalogue.get(use.action)
        if action is None:
            what, remedy = f"there is no action {use.action}", suggestion(use.action, desk.catalogue)
            yield desk.loaded.fault((*use.path, "action"), Code.UNKNOWN_ACTION, what, remedy)
            continue
        if not desk.loaded.doubts.cover(*use.path, "with"):
            scope = desk.scopes.of(use.step, has_item=use.has_item)
            yield from binding.faults(use, action, scope, desk.loaded, desk.foresight)
        yield from _role(desk, use, action)


def _role(desk: Desk, use: Use, action: type[Action[Any]]) -> Iterator[Fault]:
    if use.role == "step":
        step = desk.runbook.steps[use.step]
        if step.deadline is None and action.deadline_s is None:
            what = f"{use.label} may wait for ever"
            yield desk.loaded.fault(use.path, Code.ENDLESS, what, "set deadline:")
        if "on_silence" in step.model_fields_set and action.kind is not Kind.GATE:
            what = f"{use.label} asks nobody ({use.action} is a {action.kind})"
            yield desk.loaded.fault((*use.path, "on_silence"), Code.NO_GATE, what, "remove on_silence:")
        if not step.critical and action.kind is Kind.GATE:
            what = f"a no to {use.label} would be ignored, for it is not critical"
            remedy = "remove critical:; on_failure: says what a no leads to"
            yield desk.loaded.fault((*use.path, "critical"), Code.IGNORED_NO, what, remedy)
    elif action.kind is not Kind.CHECK:
        what = f"{use.label} is a {action.kind} ({use.action}), must be a check"
        checks = [name for name, each in desk.catalogue.items() if each.kind is Kind.CHECK]
        yield desk.loaded.fault((*use.path, "action"), Code.NO_CHECK, what, suggestion(use.action, checks))


def needs(desk: Desk) -> Iterator[Fault]:
    """Steps that exist, in an order that is possible."""
    steps = desk.runbook.steps
    for name, step in steps.items():
        for index, need in enumerate(step.needs):
            if need not in steps and not desk.loaded.doubts.cover("steps", name, "needs", index):
                what, remedy = f'step "{name}" needs "{need}", which is no step', suggestion(need, steps)
                yield desk.loaded.fault(("steps", name, "needs", index), Code.UNKNOWN_STEP, what, remedy)
    for loop in desk.order.loops():
        way = " needs ".join([*loop, loop[0]])
        first = min(loop, key=lambda name: desk.loaded.lines.of(("steps", name)))
        yield desk.loaded.fault(
            ("steps", first, "needs"), Code.CYCLE, f"in a circle: {way}", "remove one of these needs"
        )


def texts(desk: Desk) -> Iterator[Fault]:
    """Expressions that can be read, name what is there, and read only what has happened."""
    for place in written(desk.runbook):
        if "${" not in place.text:
            continue
        try:
            names, steps = expressions.names(place.text), expressions.steps_used(place.text)
        except expressions.ExpressionError as why:
            yield desk.loaded.fault(place.path, Code.EXPRESSION_SYNTAX, str(why), why.remedy)
            continue
        without_item = "item" in names and not place.has_item
        if without_item:
            what = "item is read where there is none"
            yield desk.loaded.fault(place.path, Code.NO_ITEM, what, "give the step a for_each:, or name the value")
        scope = desk.scopes.of(place.step, has_item=place.has_item or without_item)
        for problem in expressions.check(place.text, scope).problems:
            yield desk.loaded.fault(place.path, _OF_PROBLEM[problem.kind], problem.what, problem.remedy)
        yield from _readable(desk, place, steps)


def _readable(desk: Desk, place: Written, steps: Collection[str]) -> Iterator[Fault]:
    if place.early and steps:
        what = f"{place.path[-1]} reads steps.{min(steps)}, but is resolved before any step runs"
        yield desk.loaded.fault(place.path, Code.TOO_EARLY, what, "read it under with: or when:")
    elif place.step and not desk.order.unsure(place.step):
        for used in sorted(set(steps) & set(desk.runbook.steps) - desk.order.before(place.step)):
            itself = used == place.step
            what = f'step "{place.step}" reads {"its own result" if itself else f"steps.{used}"}'
            remedy = "read another step" if itself else f"add {used} to its needs:"
            yield desk.loaded.fault(
                place.path, Code.NOT_NEEDED, what + ("" if itself else ", which may not have run"), remedy
            )


def conditions(desk: Desk) -> Iterator[Fault]:
    """A `when:` is one expression: a text made of several says neither yes nor no."""
    for use in uses(desk.runbook):
        if use.role == "guard":
            continue  # its step's
        try:
            whole = use.when is None or expressions.parse(use.when).whole is not None
        except expressions.ExpressionError:
            continue  # told as what it is
        if not whole:
            what = f"when of {use.label} is a text with expressions in it, must be one ${{...}}"
            remedy = "write all of it inside one ${...}: a && b, a || b"
            yield desk.loaded.fault((*use.path, "when"), Code.WRONG_VALUE, what, remedy)


def series(desk: Desk) -> Iterator[Fault]:
    """Keys that mean something only where there are items."""
    for name, step in desk.runbook.steps.items():
        for key in ("in_order", "guard", "hold", "at_once"):
            if key not in step.model_fields_set or not getattr(step, key):
                continue
            if step.for_each is None:
                what, remedy = f'step "{name}" has {key}: but no items', "give it a for_each:, or remove the key"
            elif key in ("guard", "hold") and not step.in_order:
                what, remedy = f'step "{name}" has {key}: but its items run at once', "set in_order: true"
            else:
                continue
            yield desk.loaded.fault(("steps", name, key), Code.NO_SERIES, what, remedy)
        yield from _series_values(desk, name, step)


def _series_values(desk: Desk, name: str, step: Step) -> Iterator[Fault]:
    scope = desk.scopes.common
    if step.for_each == []:
        what, remedy = f'for_each is empty: step "{name}" would do nothing', "give it an entry, or remove the step"
        yield desk.loaded.fault(("steps", name, "for_each"), Code.WRONG_VALUE, what, remedy)
    if isinstance(step.for_each, str):
        checked = expressions.check(step.for_each, scope)
        if not checked.problems and not binding.fits(checked.shape, tuple[Any, ...]):
            what, remedy = f"for_each is {words(checked.shape)}, must be a list", "write values(...) for a mapping"
            yield desk.loaded.fault(("steps", name, "for_each"), Code.EXPRESSION_TYPE, what, remedy)
    if desk.loaded.doubts.cover("steps", name, "hold"):
        return
    if step.hold and "${" in step.hold:
        checked = expressions.check(step.hold, desk.scopes.of(name, has_item=step.for_each is not None))
        if not checked.problems and not binding.fits(checked.shape, Seconds):
            what = f"hold is {words(checked.shape)}, must be a duration"
            yield desk.loaded.fault(("steps", name, "hold"), Code.EXPRESSION_TYPE, what, "write 90s, 5m, 1h30m")
    elif step.hold:
        try:
            convert(step.hold, Seconds)
        except ValueError as why:
            yield desk.loaded.fault(("steps", name, "hold"), Code.WRONG_VALUE, f"hold: {why}", "write 90s, 5m, 1h30m")


def subjects(desk: Desk) -> Iterator[Fault]:
    """One setting written by two at once."""
    return shared(desk.loaded, desk.catalogue, desk.order)


def parameters(desk: Desk) -> Iterator[Fault]:
    """Inputs with free names and fitting defaults."""
    for name, parameter in desk.runbook.parameters.items():
        path = ("parameters", name)
        typed = not desk.loaded.doubts.cover(*path, "type")
        if name in RESERVED or (name in ("from", "to") and typed and parameter.type != "environment"):
            free = "make it an environment" if name in ("from", "to") else "choose another name"
            yield desk.loaded.fault(path, Code.RESERVED_NAME, f'"{name}" has a meaning of its own', free)
        if typed and parameter.items and parameter.type != "list":
            what = f'"{name}" is no list, so it has no items'
            yield desk.loaded.fault((*path, "items"), Code.WRONG_DEFAULT, what, "write type: list")
        if typed:
            yield from _default(desk, name)


def _default(desk: Desk, name: str) -> Iterator[Fault]:
    """A list is judged entry by entry."""
    parameter, path = desk.runbook.parameters[name], ("parameters", name, "default")
    if "default" not in parameter.model_fields_set:
        return
    if parameter.type == "list" and isinstance(parameter.default, list) and parameter.default:
        for index, each in enumerate(parameter.default):
            yield from _default_value(desk, name, (*path, index), each, parameter.items)
        return
    yield from _default_value(desk, name, path, parameter.default, parameter.type)


def _default_value(desk: Desk, name: str, path: Path, value: Any, kind: str | None) -> Iterator[Fault]:
    if desk.loaded.doubts.cover(*path):
        return
    parameter = desk.runbook.parameters[name]
    entry = parameter.type == "list" and isinstance(parameter.default, list) and bool(parameter.default)
    what = f'{"an entry in " if entry else ""}the default of "{name}"'
    switch = desk.loaded.switches.get(path)
    if switch is not None and kind == "text":
        what = f"default: {switch} is read by YAML as {str(value).lower()}"
        yield desk.loaded.fault(path, Code.YAML_TRAP, what, f'write "{switch}" in quotes')
        return
    if any("${" in text for _, text in strings(value, ())):
        what += " holds an expression, which is not resolved there"
        yield desk.loaded.fault(path, Code.WRONG_DEFAULT, what, "write the value itself")
        return
    try:
        arguments.accept(parameter, [value] if entry else value)
    except ValueError as why:
        number = kind == "text" and isinstance(value, int | float)
        remedy = f'write "{value}" in quotes' if number else f"write a default of type {arguments.words(parameter)}"
        yield desk.loaded.fault(path, Code.WRONG_DEFAULT, f"{what} {why}", remedy)


def no_move(desk: Desk) -> Iterator[Fault]:
    """Two sides that are one."""
    taken: dict[str, Any] = {}
    for name in ("from", "to"):
        parameter, doubts = desk.runbook.parameters.get(name), desk.loaded.doubts.inside("parameters", name)
        if parameter is None or "default" in doubts or not (parameter.type == "environment" or "type" in doubts):
            return
        taken[name] = parameter.default
    if taken["from"] is not None and taken["from"] == taken["to"]:
        what = f"from and to are both {taken['to']} by default, which is no move"
        yield desk.loaded.fault(("parameters", "to", "default"), Code.WRONG_DEFAULT, what, "change one of the two")


def way_back(desk: Desk) -> Iterator[Fault]:
    """A failback that exists."""
    wanted, known = desk.runbook.failback, desk.known_runbooks
    if wanted and known is not None and wanted not in known:
        what = f"failback names {wanted}, which is no runbook"
        yield desk.loaded.fault(("failback",), Code.UNKNOWN_RUNBOOK, what, suggestion(wanted, known))


RULES = (actions, needs, texts, conditions, series, subjects, parameters, no_move, way_back)
