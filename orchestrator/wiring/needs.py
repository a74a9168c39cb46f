"""Every call that a runbook may come to make: in both modes and directions, with guards, conditions, returns and proof.

Laws: what a `when:`, an `only:` or another parameter may let in counts, for a role cannot be widened in an emergency;
what is known at run time only is foreseen as any value of its type, or refused.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from orchestrator.actions.service import Answers
from orchestrator.cloud.policy import Need
from orchestrator.engine.claims import reads_results
from orchestrator.engine.faults import Faults
from orchestrator.engine.items import Items
from orchestrator.engine.scope import base_scope
from orchestrator.model import expressions, inference
from orchestrator.model.actions import Setting
from orchestrator.model.errors import InvalidInput
from orchestrator.model.parameters import BadParameters, Region, bind, describe
from orchestrator.model.states import Mode
from orchestrator.runbook.uses import written
from orchestrator.wiring.placeholders import SIDES, inventory, read_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.model.actions import Action, Call
    from orchestrator.model.plan import PlannedStep
    from orchestrator.model.runbook import Parameter, Runbook
    from orchestrator.model.values import Json
    from orchestrator.runbook.load import Loaded

_LATE: Final = "a result of an earlier step"
_EXAMPLES: Final[Mapping[str, Json]] = {
    "duration": "1m", "percent": 10, "integer": 1, "text": "text", "boolean": True,
}  # fmt: skip
"""Values for parameters without a default: which calls are made depends on none of them."""


def needs_of(loaded: Loaded, catalogue: Mapping[str, type[Action[Json]]]) -> Iterator[Need]:
    """The runbook's needs, each as often as it is found.

    Raises:
        InvalidInput: what a step is given cannot be foreseen, with a fault for each place where that shows.
    """
    for scope in _scopes(loaded.runbook):
        faults = Faults(loaded.file or loaded.runbook.id, loaded.lines.of)
        items = Items(loaded.runbook, scope, catalogue, faults)
        for item in (*items.of_steps(), *items.of_conditions()):
            yield from _of_item(item, loaded.runbook, scope, catalogue)
        if faults.found:
            raise InvalidInput(f"{loaded.runbook.id} cannot be foreseen", faults=sorted(set(faults.found)))


def _scopes(runbook: Runbook) -> Iterator[dict[str, Json]]:
    """One for each mode and each choice of environments; from a side to itself is no move."""
    exists = inventory(_read(runbook))
    free = {name: _example(each) for name, each in runbook.parameters.items() if each.default is None}
    places = [name for name, each in runbook.parameters.items() if each.type == "environment"]
    for mode, chosen in product(Mode, product(SIDES.values(), repeat=len(places))):
        arguments = {**free, **dict(zip(places, chosen, strict=True))}
        if "from" not in arguments or arguments["from"] != arguments.get("to"):
            about = {"id": "policy", "mode": mode.value, "incident": "", "reason": "", "lost": ""}
            yield base_scope(runbook, exists, arguments, execution=about)


def _example(parameter: Parameter) -> Json:
    """A value of the type; environments are chosen."""
    return [_EXAMPLES[parameter.items or "text"]] if parameter.type == "list" else _EXAMPLES.get(parameter.type)


def _read(runbook: Runbook) -> set[tuple[str, ...]]:
    """The inventory's paths that the runbook reads, each for every side that its first name may stand for."""
    places = {name for name, each in runbook.parameters.items() if each.type == "environment"}
    found = set()
    for one in written(runbook):
        for expression in expressions.parse(one.text).expressions:
            for root, *rest in inference.paths(expression.compiled.parsed):
                found |= {(side, *rest) for side in (SIDES.values() if root in places else [root])}
    return found


def _of_item(
    item: PlannedStep, runbook: Runbook, scope: Mapping[str, Json], catalogue: Mapping[str, type[Action[Json]]]
) -> Iterator[Need]:
    used = [(item.action, item.params)] + ([(item.guard.action, item.guard.params)] if item.guard else [])
    for name, given in used:
        action = catalogue[name]
        whose = f'step "{item.step}" of {runbook.id} ({name})'
        for params in _bound(action, given, {**scope, "item": item.item, "steps": {}}, whose):
            reads = frozenset(read_in(params))
            yield from (Need(whose, call, reads) for call in (*action.calls(params), *_returning(action, params)))


def _returning(action: type[Action[Json]], params: Json) -> Iterator[Call]:
    """What giving the setting back may call, and the proof that law 3 asks for where callers would move by it."""
    if not issubclass(action, Setting):
        return
    for region in SIDES:
        yield from action.return_calls(params, region)
        if action.gains is not Setting.gains:
            yield from Answers.calls(bind(Answers.Params, {"region": region}))


def _bound(
    action: type[Action[Json]], given: Mapping[str, Json], scope: Mapping[str, Json], whose: str
) -> Iterator[Any]:
    """The parameters; where a Region is known at run time only, once for either side's."""
    late = [
        each.name for each in describe(action.Params) if each.type is Region and reads_results(given.get(each.name))
    ]
    try:
        values = expressions.resolve(_without_results(given), scope)
        for regions in product(SIDES, repeat=len(late)):
            yield bind(action.Params, {**values, **dict(zip(late, regions, strict=True))})
    except (expressions.ExpressionError, BadParameters) as why:
        raise InvalidInput(
            f"what {whose} is given cannot be foreseen: {why}",
            remedy="take its parameters from the inventory",
        ) from why


def _without_results(value: Json) -> Json:
    """As written, with a text in place of every text that reads what earlier steps found."""
    if isinstance(value, dict):
        return {key: _without_results(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_results(each) for each in value]
    return _LATE if reads_results(value) else value
