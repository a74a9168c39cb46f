"""A `with:` as written against what its action takes: by types, and by the values that can be foreseen."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, is_typeddict

from orchestrator.model import expressions
from orchestrator.model.inference import suggestion
from orchestrator.model.parameters import (
    Percent,
    Region,
    Seconds,
    broken_rules,
    convert,
    describe,
    is_region,
    keys_of,
    type_words,
)
from orchestrator.model.shapes import ListOf, Members, Record, Scalar, Shape, Unknown, words
from orchestrator.runbook.codes import Code
from orchestrator.runbook.uses import strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.model.actions import Action
    from orchestrator.model.errors import Fault
    from orchestrator.runbook.foresight import Foresight
    from orchestrator.runbook.load import Loaded
    from orchestrator.runbook.tree import Path
    from orchestrator.runbook.uses import Use


def faults(
    use: Use, action: type[Action[Any]], scope: Mapping[str, Shape], loaded: Loaded, foresight: Foresight
) -> Iterator[Fault]:
    """What a use of an action gives too much, too little, or such as the action does not take."""
    known = {field.name: field for field in describe(action.Params)}
    told: set[str] = set()
    for name, value in use.given.items():
        path = (*use.path, "with", name)
        if name not in known:
            what = f'{use.action} takes no "{name}"'
            yield loaded.fault(path, Code.UNKNOWN_ARGUMENT, what, suggestion(name, known))
            continue
        if any(expressions.check(text, scope).problems for _, text in strings(value, ())):
            told.add(name)  # where its expressions are judged
        for fault in _value(value, known[name].type, path, scope, loaded):
            told.add(name)
            yield fault
    for name, field in known.items():
        if field.required and name not in use.given:
            what = f'{use.label} gives {use.action} no "{name}"'
            remedy = f"add {name}: under with: ({field.type_name})"
            yield loaded.fault((*use.path, "with"), Code.MISSING_ARGUMENT, what, remedy)
    for name, why in _foreseen(use, action, loaded, foresight, told):
        sources = foresight.sources(use, use.given.get(name))
        remedy = f"correct the default of {', '.join(sources)}" if sources else f"correct {name}:"
        yield loaded.fault((*use.path, "with", name), Code.WRONG_ARGUMENT, f"{name} {why}", remedy)


def _foreseen(
    use: Use, action: type[Action[Any]], loaded: Loaded, foresight: Foresight, told: set[str]
) -> Iterator[tuple[str, str]]:
    """What is wrong in the values that the runbook's defaults lead to; each parameter once, those told left out."""
    fields = {field.name: field for field in describe(action.Params)}
    defaults = {name: field.default for name, field in fields.items() if not field.required and name not in use.given}
    told = {*told, *map(str, loaded.doubts.inside(*use.path, "with"))}
    for case in foresight.cases(use):
        values, problems = dict(defaults), {}
        for name in case.keys() & fields.keys() - told:
            value = case[name]
            if isinstance(value, expressions.ExpressionError):
                problems[name] = f"has no value: {value}"
                continue
            try:
                values[name] = convert(value, fields[name].type)
            except ValueError as why:
                problems[name] = str(why)
        problems |= broken_rules(action.Params, values)
        yield from ((name, why) for name, why in problems.items() if name not in told)
        told |= problems.keys()


def fits(shape: Shape, wanted: Any) -> bool:  # noqa: PLR0911 - one line per type
    """Whether a value of this shape may be of the type that a parameter class names."""
    origin = get_origin(wanted)
    if isinstance(shape, Unknown) or wanted is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(shape, each) for each in get_args(wanted) if each is not type(None))
    if origin in (tuple, list):
        return isinstance(shape, ListOf) and fits(shape.member, get_args(wanted)[0])
    if origin is Literal:
        choices = set(shape.choices) if isinstance(shape, Scalar) else set()
        return isinstance(shape, Scalar) and (not choices or bool(choices & set(get_args(wanted))))
    if origin is dict or wanted is dict or is_typeddict(wanted):
        return _fits_mapping(shape, wanted)
    if not isinstance(shape, Scalar):
        return False
    if wanted is Seconds:
        return shape.kind != "boolean"  # whether text is a duration shows when it is resolved
    if wanted in (int, float, Percent):
        return shape.kind == "number"
    return shape.kind == "boolean" if wanted is bool else shape.kind in ("text", "duration")


def _fits_mapping(shape: Shape, wanted: Any) -> bool:
    """Names that the stacks choose may be any; a record has the keys that it has."""
    keys, member = keys_of(wanted), (get_args(wanted) or (str, Any))[1]
    if isinstance(shape, Members):
        needed = [key.type for key in keys.values() if key.required] if keys else [member]
        return all(fits(shape.member, each) for each in needed)
    if not isinstance(shape, Record):
        return False
    if not keys:
        return all(fits(each, member) for each in shape.fields.values())
    return all(
        fits(shape.fields[name], key.type) if name in shape.fields else not key.required for name, key in keys.items()
    )


def _value(value: Any, wanted: Any, path: Path, scope: Mapping[str, Shape], loaded: Loaded) -> Iterator[Fault]:
    if loaded.doubts.cover(*path):
        return
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
    if get_origin(wanted) in (tuple, list) and isinstance(value, list):
        for index, each in enumerate(value):
            yield from _value(each, options[0], (*path, index), scope, loaded)
        return
    if isinstance(value, dict) and (get_origin(wanted) is dict or is_typeddict(wanted)):
        yield from _mapping(value, wanted, path, scope, loaded)
        return
    try:
        convert(value, wanted)
    except ValueError as why:
        yield _misgiven(value, wanted, path, str(why), loaded)


def _mapping(
    value: Mapping[str, Any], wanted: Any, path: Path, scope: Mapping[str, Shape], loaded: Loaded
) -> Iterator[Fault]:
    """Key by key. What a person writes here is meant, so a key that is not declared is a slip."""
    keys = keys_of(wanted)
    for name, each in value.items():
        if keys and name not in keys:
            what = f'{path[-1]} takes no "{name}"'
            yield loaded.fault((*path, name), Code.UNKNOWN_ARGUMENT, what, suggestion(name, keys))
        else:
            member = keys[name].type if keys else get_args(wanted)[1]
            yield from _value(each, member, (*path, name), scope, loaded)
    for name, key in keys.items():
        if key.required and name not in value:
            remedy = f"add {name}: under {path[-1]}: ({type_words(key.type)})"
            yield loaded.fault(path, Code.MISSING_ARGUMENT, f'{path[-1]} lacks "{name}"', remedy)


def _misgiven(value: Any, wanted: Any, path: Path, why: str, loaded: Loaded) -> Fault:
    """A switch where text is meant is YAML's doing, and is told as that."""
    name = next(str(key) for key in reversed(path) if isinstance(key, str))
    switch = loaded.switches.get(path)
    if switch is not None and wanted is not bool:
        what = f"{name}: {switch} is read by YAML as {str(value).lower()}"
        return loaded.fault(path, Code.YAML_TRAP, what, f'write "{switch}" in quotes')
    if wanted is Region:
        return loaded.fault(path, Code.WRONG_ARGUMENT, f"{name} {why}", _as_region(value))
    if isinstance(value, int | float) and fits(Scalar("text"), wanted):
        return loaded.fault(path, Code.WRONG_ARGUMENT, f"{name} {why}", f'write "{value}" in quotes, if it is a text')
    return loaded.fault(path, Code.WRONG_ARGUMENT, f"{name} {why}", f"give {type_words(wanted)}")


def _as_region(value: Any) -> str:
    """A remedy. What botocore and DNS take for a Region is most likely meant as that one."""
    meant = str(value).strip().lower().removeprefix("fips-").removesuffix("-fips").replace("_", "-")
    return f"write {meant}" if is_region(meant) else "take it from the inventory, or write a name such as us-east-1"
