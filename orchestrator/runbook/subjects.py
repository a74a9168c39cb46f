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
                yield loaded.fault(("steps", name), Code.SAME_SUBJECT, what, f"add {other} to its needs:")
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
    return isinstance(step.for_each, list) and len(step.for_each) < 2


def _reads_item(written: Any) -> bool:
    try:
        return any("item" in expressions.names(text) for _, text in strings(written, ()))
    except expressions.ExpressionError:
        return True  # told where it stands; nothing more can be said of it


def _exclude(one: Step, other: Step) -> bool:
    """Whether two steps are plainly meant never to run both."""
    modes = one.only and other.only and one.only != other.only
    return bool(modes or (one.when and other.when and one.when != other.when))
