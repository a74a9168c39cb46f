"""What can still be judged of a document that does not fit the model, so that one misfit hides no other fault.

A misspelt key is read as the one that it surely means. A value that does not fit is replaced by one that says nothing,
and its place is a *doubt*: no rule concludes anything from it, so that one mistake is told once.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from orchestrator.model import runbook as document
from orchestrator.model.runbook import Draft, Runbook, Step
from orchestrator.runbook import misfits
from orchestrator.runbook.tree import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orchestrator.model.errors import Fault
    from orchestrator.model.runbook import Misfit
    from orchestrator.runbook.tree import Path, Tree

_SURELY = 0.75
"""How alike (0 to 1, as `difflib` counts) an unknown key must be to a known one to be read as it."""

_ANY_DEADLINE = "1m"
_ANY_ITEMS = [None]
"""A series of which nothing is known."""


def draft(tree: Tree, lines: Lines) -> tuple[Runbook, Lines, list[Fault]]:
    """What the tree's mapping says, as a `Draft` where it does not fit; `tree` is changed, its doubts added to.

    Returns:
        The runbook; the lines, by the keys as they are read; and each misfit as a fault.
    """
    faults: list[Fault] = []
    while True:
        try:
            return document.parse(tree.value), lines, faults
        except document.Unfit as unfit:
            found = unfit.misfits
        unknown = [misfit for misfit in found if misfit.kind == "extra_forbidden"]
        if not unknown:
            break
        faults += misfits.explain(unknown, tree, lines)
        lines = Lines(lines.of_path, {**lines.written, **_respelt(unknown, tree)})
    faults += misfits.explain(found, tree, lines)
    for misfit in found:
        _quieten(tree, misfit)
    return document.parse(tree.value, Draft), lines, faults


def _respelt(unknown: Iterable[Misfit], tree: Tree) -> dict[Path, Path]:
    """Takes unknown keys away, or reads them as the key that they surely mean: read path to written path."""
    found: dict[Path, Path] = {}
    for misfit in unknown:
        *way, name = misfit.path
        holder = _at(tree.value, way)
        value = holder.pop(name)
        near = get_close_matches(str(name), [key for key in misfit.known if key not in holder], n=1, cutoff=_SURELY)
        if near:
            holder[near[0]] = value
            found[*way, near[0]] = misfit.path
    return found


def _at(value: Any, way: Iterable[str | int]) -> Any:
    for key in way:
        value = value[key]
    return value


def _quieten(tree: Tree, misfit: Misfit) -> None:
    """Puts what says nothing where a misfit is. A key that is no name stays: a draft takes any."""
    place = misfits.place_of(misfit, tree.value)
    of_key = misfit.path[-1:] == ("[key]",) and place != misfit.path
    if of_key or not place:
        return
    tree.doubts.add(place)
    match place:
        case ("steps" | "parameters" | "recovered_when" as part,):
            tree.value[part] = {}
        case ("failback",):
            tree.value["failback"] = None
        case ("parameters", name, *keys):
            _quieten_parameter(tree, str(name), keys)
        case ("steps", name, *keys):
            _quieten_step(tree, str(name), keys)
        case ("recovered_when", name, *keys):
            _quieten_condition(tree.value["recovered_when"], str(name), keys)


def _quieten_parameter(tree: Tree, name: str, keys: list[str | int]) -> None:
    parameters = tree.value["parameters"]
    if not keys:
        parameters[name] = {"type": "text"}
    elif keys[0] == "type":
        parameters[name]["type"] = "text"
    else:
        del parameters[name][keys[0]]


def _quieten_step(tree: Tree, name: str, keys: list[str | int]) -> None:
    step = tree.value["steps"][name]
    match keys:
        case []:
            tree.value["steps"][name] = {"action": "", "deadline": _ANY_DEADLINE}
        case ["action"]:
            step["action"] = ""
        case ["deadline"]:
            step["deadline"] = _ANY_DEADLINE
        case ["for_each", *_]:
            step["for_each"] = _ANY_ITEMS
        case ["in_order"]:
            step["in_order"] = "for_each" in step
        case ["needs"]:
            lonely = isinstance(step["needs"], str)
            step["needs"] = [step["needs"]] if lonely else []
            tree.doubts -= {("steps", name, "needs")} if lonely else set()
        case ["needs", int(index), *_]:
            step["needs"][index] = ""
        case ["guard", *inner] if inner:
            _quieten_condition(step, "guard", inner)
        case [key, *_]:
            step[key] = next(
                field.get_default(call_default_factory=True)
                for known, field in Step.model_fields.items()
                if key in (known, field.alias)
            )


def _quieten_condition(holder: dict[str, Any], name: str, keys: list[str | int]) -> None:
    """Also a guard, which has the same keys but for two."""
    if not keys:
        del holder[name]
        return
    neutral: dict[str, Any] = {"action": "", "deadline": _ANY_DEADLINE, "with": {}, "title": "", "when": None}
    holder[name][keys[0]] = neutral[str(keys[0])]
