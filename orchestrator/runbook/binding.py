"""A `with:` as written against what its action takes, before any value is known."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from orchestrator.model import expressions
from orchestrator.model.inference import suggestion
from orchestrator.model.parameters import Percent, Seconds, convert, describe, type_words
from orchestrator.model.shapes import ListOf, Members, Record, Scalar, Shape, Unknown, words
from orchestrator.runbook.codes import Code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.model.actions import Action
    from orchestrator.model.errors import Fault
    from orchestrator.runbook.load import Loaded
    from orchestrator.runbook.tree import Path
    from orchestrator.runbook.uses import Use


def faults(use: Use, action: type[Action[Any]], scope: Mapping[str, Shape], loaded: Loaded) -> Iterator[Fault]:
    """What a use of an action gives too much, too little, or of another type."""
    known = {field.name: field for field in describe(action.Params)}
    for name, value in use.given.items():
        path = (*use.path, "with", name)
        if name not in known:
            what = f'{use.action} takes no "{name}"'
            yield loaded.fault(path, Code.UNKNOWN_ARGUMENT, what, suggestion(name, known))
            continue
        yield from _value(value, known[name].type, path, scope, loaded)
    for name, field in known.items():
        if field.required and name not in use.given:
            what = f'{use.label} gives {use.action} no "{name}"'
            remedy = f"add {name}: under with: ({field.type_name})"
            yield loaded.fault((*use.path, "with"), Code.MISSING_ARGUMENT, what, remedy)


def fits(shape: Shape, wanted: Any) -> bool:  # noqa: PLR0911 - one line per type
    """Whether a value of this shape may be of the type that a parameter class names."""
    origin = get_origin(wanted)
    if isinstance(shape, Unknown) or wanted is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(shape, each) for each in get_args(wanted) if each is not type(None))
    if origin is tuple:
        return isinstance(shape, ListOf) and fits(shape.member, get_args(wanted)[0])
    if origin is Literal:
        choices = set(shape.choices) if isinstance(shape, Scalar) else set()
        return isinstance(shape, Scalar) and (not choices or bool(choices & set(get_args(wanted))))
    if origin is not None or wanted is dict:
        return isinstance(shape, Members | Record)
    if not isinstance(shape, Scalar):
        return False
    if wanted is Seconds:
        return shape.kind != "boolean"  # whether text is a duration shows when it is resolved
    if wanted in (int, float, Percent):
        return shape.kind == "number"
    return shape.kind == "boolean" if wanted is bool else shape.kind in ("text", "duration")


def _value(value: Any, wanted: Any, path: Path, scope: Mapping[str, Shape], loaded: Loaded) -> Iterator[Fault]:
    if isinstance(value, str) and "${" in value:
        checked = expressions.check(value, scope)
        if not checked.problems and not fits(checked.shape, wanted):
            what = f"{path[-1]} is {words(checked.shape)}, must be {type_words(wanted)}"
            yield loaded.fault(path, Code.WRONG_ARGUMENT, what, "name another value")
        return
    options = [option for option in get_args(wanted) if option is not type(None)]
    if get_origin(wanted) in (Union, types.UnionType) and value is not None:
        yield from _value(value, options[0], path, scope, loaded)
        return
    if get_origin(wanted) is tuple and isinstance(value, list):
        for index, each in enumerate(value):
            yield from _value(each, options[0], (*path, index), scope, loaded)
        return
    try:
        convert(value, wanted)
    except ValueError as why:
        yield _misgiven(value, wanted, path, str(why), loaded)


def _misgiven(value: Any, wanted: Any, path: Path, why: str, loaded: Loaded) -> Fault:
    """A switch where text is meant is YAML's doing, and is told as that."""
    name = next(str(key) for key in reversed(path) if isinstance(key, str))
    switch = loaded.switches.get(path)
    if switch is not None and wanted is not bool:
        what = f"{name}: {switch} is read by YAML as {str(value).lower()}"
        return loaded.fault(path, Code.YAML_TRAP, what, f'write "{switch}" in quotes')
    if isinstance(value, int | float) and fits(Scalar("text"), wanted):
        return loaded.fault(path, Code.WRONG_ARGUMENT, f"{name} {why}", f'write "{value}" in quotes, if it is a text')
    return loaded.fault(path, Code.WRONG_ARGUMENT, f"{name} {why}", f"give {type_words(wanted)}")
