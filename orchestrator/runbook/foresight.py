"""The values that a runbook's own defaults lead to, as far as they need no inventory and no result.

An expression is *foreseen* where it reads nothing but parameters with a default, the mode, and `item` of a series that
is foreseen itself. It is then computed as the engine would, so that what is said of it is no guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestrator.model import expressions, inference
from orchestrator.model.states import Mode
from orchestrator.runbook import arguments
from orchestrator.runbook.scopes import RESERVED
from orchestrator.runbook.uses import strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.model.runbook import Step
    from orchestrator.model.values import Json
    from orchestrator.runbook.load import Loaded
    from orchestrator.runbook.uses import Use

_MODE = ("execution", "mode")


class Foresight:
    """Over one document."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.defaults = dict(_defaults(loaded))

    def cases(self, use: Use) -> Iterator[dict[str, Json | expressions.ExpressionError]]:
        """For each mode, and each item that is foreseen, what a use of an action is given; the rest is left out.

        Left out too is what a step is given under a condition that is false, or that nobody foresees and that reads
        the same: the condition may be there to keep that value out.
        """
        step = self.loaded.runbook.steps.get(use.step)
        for mode in Mode:
            if step is not None and step.only not in (None, mode):
                continue
            scope = {**self.defaults, "execution": {"mode": mode.value}}
            for each in self._items(step, use.step, scope):
                doubtful = self._conditioned(use, each)
                if doubtful is not None:
                    yield {
                        name: value
                        for name, written in use.given.items()
                        for value in _value(written, each)
                        if doubtful.isdisjoint(_roots(written))
                    }

    def sources(self, use: Use, written: Any) -> list[str]:
        """The parameters that a foreseen value comes from."""
        step = self.loaded.runbook.steps.get(use.step)
        read = set(_roots(written))
        if "item" in read and step is not None:
            read |= set(_roots(step.for_each))
        return sorted(read & self.defaults.keys())

    def _conditioned(self, use: Use, scope: Mapping[str, Json]) -> frozenset[str] | None:
        """None if the use's condition is surely false; else the names that it may keep from being what they are."""
        if not use.when or "when" in self.loaded.doubts.inside(*use.path[:2]):
            return frozenset()
        try:
            if all(_foreseen(path, scope) for path in _paths(use.when)):
                return frozenset() if expressions.holds(use.when, scope) else None
            return expressions.names(use.when)
        except expressions.ExpressionError:
            return frozenset()  # told where it stands, or by the plan

    def _items(self, step: Step | None, name: str, scope: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
        """The scope for each item; without `item` where there is none, or none is foreseen."""
        doubtful = "for_each" in self.loaded.doubts.inside("steps", name)
        series = None if step is None or doubtful else step.for_each
        found = [items for items in _value(series, scope) if isinstance(items, list)]
        if found:
            yield from ({**scope, "item": item} for item in found[0])
        else:
            yield scope


def _defaults(loaded: Loaded) -> Iterator[tuple[str, Json]]:
    """Those of a fitting type; what does not fit is told where it stands."""
    for name, parameter in loaded.runbook.parameters.items():
        path = ("parameters", name)
        if parameter.type == "environment" or parameter.default is None or name in (*RESERVED, "from", "to"):
            continue
        if loaded.doubts.cover(*path, "type") or "default" in loaded.doubts.inside(*path):
            continue
        try:
            arguments.accept(parameter, parameter.default)
        except ValueError:
            continue
        yield name, parameter.default


def _value(written: Any, scope: Mapping[str, Json]) -> Iterator[Json | expressions.ExpressionError]:
    """The value, if it is foreseen: one or none; or the error, if it is foreseen that there is none."""
    try:
        if not all(_foreseen(path, scope) for path in _paths(written)):
            return
    except expressions.ExpressionError:
        return  # told where it stands
    try:
        yield expressions.resolve(written, scope)
    except expressions.ExpressionError as why:
        yield why


def _foreseen(path: tuple[str, ...], scope: Mapping[str, Json]) -> bool:
    return path[0] in scope and (path[0] != "execution" or path[:2] == _MODE)


def _roots(written: Any) -> Iterator[str]:
    return (path[0] for path in _paths(written))


def _paths(written: Any) -> Iterator[tuple[str, ...]]:
    for _, text in strings(written, ()):
        for expression in expressions.parse(text).expressions:
            yield from inference.paths(expression.compiled.parsed)
