"""The names and shapes that an expression may read, place by place."""

from __future__ import annotations

from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from orchestrator.model import expressions
from orchestrator.model.shapes import (
    BOOLEAN,
    DURATION,
    NUMBER,
    TEXT,
    UNKNOWN,
    ListOf,
    Members,
    Record,
    Scalar,
    Shape,
    either,
    shape_of,
)
from orchestrator.model.states import Mode, StepState
from orchestrator.runbook.uses import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.model.runbook import Parameter, Runbook, Step
    from orchestrator.runbook.load import Loaded

RESERVED = frozenset({"steps", "item", "execution", "global", "primary", "standby"})
"""Names that no parameter may have; `from` and `to` are left to environment parameters."""

EXECUTION = Record(
    "execution",
    {
        "id": TEXT,
        "runbook": TEXT,
        "mode": Scalar("text", tuple(mode.value for mode in Mode)),
        "lost": TEXT,
        "incident": TEXT,
        "reason": TEXT,
    },
)
"""What `execution` holds; the engine builds the same keys."""

_STATE = Scalar("text", tuple(state.value for state in StepState))
STEP = Record("step", {"state": _STATE, "output": Members(UNKNOWN), "before": UNKNOWN, "after": UNKNOWN})
"""What `steps.<id>` holds. Outputs and observed values are the actions' own, and unknown before they run."""
SERIES = Record(
    "step",
    {"state": _STATE, "output": ListOf(Members(UNKNOWN)), "before": ListOf(UNKNOWN), "after": ListOf(UNKNOWN)},
)
"""The same of a step with `for_each`: an entry an item, in their order; the state is the last item's."""
_EITHER = Record("step", {"state": _STATE, "output": UNKNOWN, "before": UNKNOWN, "after": UNKNOWN})

_SCALARS: Mapping[str, Shape] = MappingProxyType(
    {"duration": DURATION, "percent": NUMBER, "integer": NUMBER, "text": TEXT, "boolean": BOOLEAN}
)


class Scopes:
    """The scopes of one runbook over an inventory's shapes (`model.inventory.types()`)."""

    def __init__(self, loaded: Loaded, inventory: Mapping[str, Shape]) -> None:
        runbook = loaded.runbook
        parameters: dict[str, Shape] = {}
        if loaded.doubts.cover("parameters"):
            parameters |= {name: _unread(name, inventory) for name in _names(runbook)}
        for name, each in runbook.parameters.items():
            typed = not loaded.doubts.cover("parameters", name, "type")
            parameters[name] = _parameter(name, each, inventory) if typed else _unread(name, inventory)
        results = {name: _results(name, step, loaded) for name, step in runbook.steps.items()}
        steps = UNKNOWN if loaded.doubts.cover("steps") else Record("steps", results)
        # Last, so that a parameter with a reserved name (a fault of its own) hides nothing.
        self.common: Mapping[str, Shape] = {**parameters, **inventory, "steps": steps, "execution": EXECUTION}
        self._items = {name: self._item(step) for name, step in runbook.steps.items()}

    def of(self, step: str, *, has_item: bool) -> Mapping[str, Shape]:
        """The scope of a step's own strings; `item` is in it for a member of a `for_each`."""
        return {**self.common, "item": self._items.get(step, UNKNOWN)} if has_item else self.common

    def _item(self, step: Step) -> Shape:
        shape = self.shape(step.for_each, self.common)
        return shape.member if isinstance(shape, ListOf) else UNKNOWN

    def shape(self, value: Any, scope: Mapping[str, Shape]) -> Shape:
        """The shape of a value as written, its expressions included."""
        if isinstance(value, str) and "${" in value:
            return expressions.check(value, scope).shape
        if isinstance(value, list):
            return ListOf(either([self.shape(each, scope) for each in value]))
        if isinstance(value, dict):
            return Record("mapping", {key: self.shape(each, scope) for key, each in value.items()})
        return shape_of(value)


def _results(name: str, step: Step, loaded: Loaded) -> Record:
    if loaded.doubts.cover("steps", name) or "for_each" in loaded.doubts.inside("steps", name):
        return _EITHER
    return STEP if step.for_each is None else SERIES


def _names(runbook: Runbook) -> Iterator[str]:
    """Every name that is read anywhere."""
    for place in written(runbook):
        with suppress(expressions.ExpressionError):  # told where it stands
            yield from expressions.names(place.text)


def _unread(name: str, inventory: Mapping[str, Shape]) -> Shape:
    return inventory.get("primary", UNKNOWN) if name in ("from", "to") else UNKNOWN


def _parameter(name: str, parameter: Parameter, inventory: Mapping[str, Shape]) -> Shape:
    # `from` and `to` declared as something else are one fault, not one for each path through them.
    if parameter.type == "environment" or name in ("from", "to"):
        return inventory.get("primary", UNKNOWN)
    if parameter.type == "list":
        return ListOf(_SCALARS.get(parameter.items or "", UNKNOWN))
    return _SCALARS[parameter.type]
