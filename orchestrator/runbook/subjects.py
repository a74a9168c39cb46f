"""Two steps without an order that surely write one setting: law 2, as far as it shows without an inventory.

Subjects are compared as written: the same expressions give the same subject. What differs in writing and is the same
thing, the plan finds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orchestrator.model import expressions
from orchestrator.model.actions import Action, Setting
from orchestrator.model.parameters import describe
from orchestrator.runbook.codes import Code
from orchestrator.runbook.uses import strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.model.errors import Fault
    from orchestrator.model.inference import Node
    from orchestrator.model.runbook import Step
    from orchestrator.runbook.load import Loaded
    from orchestrator.runbook.order import Order

_DECIDING = ("needs", "for_each", "in_order", "only", "when", "with")
"""Keys that decide what a step writes, and whether two run at once: where one is in doubt, nothing is said."""


def shared(loaded: Loaded, catalogue: Mapping[str, type[Action[Any]]], order: Order) -> Iterator[Fault]:
    """Each step that writes what another writes at the same time, or its own items do."""
    seen: dict[str, list[str]] = {}
    for name, step in loaded.runbook.steps.items():
        action = catalogue.get(step.action)
        if action is None or not issubclass(action, Setting) or _doubtful(loaded, name):
            continue
        written = _subject(step, action)
        reads_item = _reads_item(written)
        if step.for_each is not None and not step.in_order and not reads_item and not _single(step):
            what = f'all items of step "{name}" write the same setting at once'
            remedy = "use ${item} in what is written, or set in_order:"
            yield loaded.fault(("steps", name), Code.SAME_SUBJECT, what, remedy)
        key = json.dumps([step.action, written, step.for_each if reads_item else None], sort_keys=True)
        for other in seen.setdefault(key, []):
            if not order.ordered(name, other) and not _exclude(step, loaded.runbook.steps[other]):
                what = f'step "{name}" writes the same setting as step "{other}", in no order'
                remedy = f"let one need the other: add {other} to its needs:"
                yield loaded.fault(("steps", name), Code.SAME_SUBJECT, what, remedy)
                break
        seen[key].append(name)


def _subject(step: Step, action: type[Setting[Any]]) -> dict[str, Any]:
    """The parameters that make a step's subject, as written or by default."""
    defaults = {field.name: field.default for field in describe(action.Params)}
    given = {**defaults, **step.with_}
    return {name: given.get(name) for name in action.subject_params or given}


def _doubtful(loaded: Loaded, name: str) -> bool:
    inside = loaded.doubts.inside("steps", name)
    return loaded.doubts.cover("steps", name) or any(key in inside for key in _DECIDING)


def _single(step: Step) -> bool:
    """Whether the series surely has one item at most."""
    if isinstance(step.for_each, str):
        try:
            whole = expressions.parse(step.for_each).whole
        except expressions.ExpressionError:
            return True  # told where it stands
        return whole is not None and _one_at_most(whole.compiled.parsed)
    return isinstance(step.for_each, list) and len(step.for_each) < 2


def _reads_item(written: Any) -> bool:
    try:
        return any("item" in expressions.names(text) for _, text in strings(written, ()))
    except expressions.ExpressionError:
        return True  # told where it stands; nothing more can be said of it


def _exclude(one: Step, other: Step) -> bool:
    """Whether two steps may be meant never to run both, by conditions on what stays as it is.

    `only:` and the mode exclude nothing: a run may switch from planned to unplanned between the two.
    """
    return bool(one.when and other.when and one.when != other.when and _stays(one.when) and _stays(other.when))


def _stays(condition: str) -> bool:
    """Whether nothing that a condition reads can change during the run: what the plan too goes by."""
    try:
        return not expressions.names(condition) & {"steps", "execution"}
    except expressions.ExpressionError:
        return True  # told where it stands; nothing more can be said of it


def _one_at_most(node: Node) -> bool:
    """Whether a list that an expression yields surely has no more than one member: `[to.region]`, `x[:1]`."""
    kind, children = node["type"], node["children"]
    match kind:
        case "literal":
            return not isinstance(node["value"], list) or len(node["value"]) <= 1
        case "multi_select_list":
            return len(children) <= 1
        case "or_expression":
            return all(map(_one_at_most, children))
        case "and_expression" | "pipe" | "subexpression":
            # What is false of an `&&` is no list with members.
            return _one_at_most(children[-1])
        case "projection":
            return _one_wide(children[0])
        case _:
            return kind in ("comparator", "not_expression")


def _one_wide(node: Node) -> bool:
    """Whether this is a slice that takes one member at most."""
    if node["type"] != "index_expression" or node["children"][-1]["type"] != "slice":
        return False
    start, stop, step = node["children"][-1]["children"]
    first = start or 0
    forward = first >= 0 and stop is not None and 0 <= stop <= first + 1
    return step in (None, 1) and (forward or (start, stop) == (-1, None))
