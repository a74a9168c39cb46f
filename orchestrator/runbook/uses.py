"""Every place of a runbook where an action is used, and every place where an expression may stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from orchestrator.runbook.tree import Path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator.model.runbook import Runbook, Step


@dataclass(frozen=True, slots=True)
class Use:
    """An action with its `with:`. `step` is the step that it belongs to, empty for `recovered_when`."""

    path: Path
    label: str
    role: Literal["step", "guard", "condition"]
    action: str
    given: Mapping[str, Any]
    step: str
    has_item: bool
    when: str | None
    """The condition under which it is used: its own, or that of a guard's step."""


@dataclass(frozen=True, slots=True)
class Written:
    """A string that may hold expressions. `early` is one that is resolved when the plan is made."""

    path: Path
    text: str
    step: str
    has_item: bool
    early: bool


def uses(runbook: Runbook) -> Iterator[Use]:
    """Steps, their guards, and the conditions of `recovered_when`."""
    for name, step in runbook.steps.items():
        path, each = ("steps", name), step.for_each is not None
        yield Use(path, f'step "{name}"', "step", step.action, step.with_, name, each, step.when)
        if step.guard:
            place, label, guard = (*path, "guard"), f'guard of step "{name}"', step.guard
            yield Use(place, label, "guard", guard.action, guard.with_, name, each, step.when)
    for name, condition in runbook.recovered_when.items():
        path, label = ("recovered_when", name), f'condition "{name}"'
        yield Use(path, label, "condition", condition.action, condition.with_, "", has_item=False, when=condition.when)


def written(runbook: Runbook) -> Iterator[Written]:
    """Every string where an expression may stand."""
    for use in uses(runbook):
        for path, text in strings(use.given, (*use.path, "with")):
            yield Written(path, text, use.step, use.has_item, early=False)
    for name, step in runbook.steps.items():
        yield from _of_step(name, step)
    for name, condition in runbook.recovered_when.items():
        yield Written(("recovered_when", name, "title"), condition.title, "", has_item=False, early=True)
        yield Written(("recovered_when", name, "when"), condition.when or "", "", has_item=False, early=False)


def _of_step(name: str, step: Step) -> Iterator[Written]:
    path, each = ("steps", name), step.for_each is not None
    yield Written((*path, "title"), step.title, name, each, early=True)
    yield Written((*path, "when"), step.when or "", name, each, early=False)
    yield Written((*path, "hold"), step.hold or "", name, each, early=True)
    # `for_each` is resolved once, when the plan is made: it makes the items, so it has none.
    for place, text in strings(step.for_each, (*path, "for_each")):
        yield Written(place, text, name, has_item=False, early=True)


def strings(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every string in a value, however deep, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from strings(each, (*path, key))
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from strings(each, (*path, index))
