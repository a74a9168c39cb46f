"""Turns what the model refuses into sentences with lines: the wording for people of pydantic's error types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestrator.model.errors import Fault
from orchestrator.model.inference import suggestion
from orchestrator.runbook.codes import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orchestrator.model.runbook import Misfit
    from orchestrator.runbook.tree import Lines, Path, Tree

_FORMS = {
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
}
_EXPRESSION = "one ${...} expression"
_DATE = "a date such as 2026-11-01"
_ID = "words of a-z and 0-9 joined by hyphens, 64 characters at most"
_NAME = "words of a-z and 0-9 joined by _ or -, 64 characters at most"
_KEYS = {"steps": _ID, "parameters": _NAME, "recovered_when": _NAME}
_FIELDS = {"id": _ID, "failback": _ID, "when": _EXPRESSION, "for_each": f"a list, or {_EXPRESSION}", "last": _DATE}


def explain(misfits: Iterable[Misfit], tree: Tree, lines: Lines) -> Iterator[Fault]:
    """One fault for each place that does not fit."""
    told: set[tuple[Path, str]] = set()
    for misfit in misfits:
        if misfit.kind in ("missing", "too_short") and not tree.complete:
            continue  # it may stand below the line where reading ended
        # A union reports each of its options, below the place itself: one fault a place will do.
        place = place_of(misfit, tree.value)
        if place in tree.doubts and misfit.kind not in ("missing", "extra_forbidden"):
            continue
        if misfit.kind == "missing" and place[:-1] in tree.doubts:
            continue  # an alias may have been meant to bring it
        code, what, remedy = _sentence(misfit, place, tree)
        if (place, code) not in told:
            told.add((place, code))
            yield Fault(tree.file, lines.of(place), code, what, remedy)


def place_of(misfit: Misfit, document: Any) -> Path:
    """The part of pydantic's location that is in the document; a missing key's own name belongs to it."""
    place: Path = ()
    here = document
    for key in misfit.path:
        inside = isinstance(here, dict) and key in here
        if not inside and not (isinstance(here, list) and isinstance(key, int) and 0 <= key < len(here)):
            break
        place, here = (*place, key), here[key]
    if misfit.kind == "missing":
        return (*place, misfit.path[-1])
    return place


def _sentence(misfit: Misfit, place: Path, tree: Tree) -> tuple[Code, str, str]:
    name = str(place[-1]) if place else "the document"
    owner = _owner(place)
    if misfit.kind == "missing":
        return Code.MISSING_KEY, f'{owner} lacks "{name}"', f"add {name}:"
    if misfit.kind == "extra_forbidden":
        return Code.UNKNOWN_KEY, f'{owner} has no "{name}"', suggestion(name, misfit.known)
    if misfit.path[-1:] == ("[key]",):
        return Code.WRONG_VALUE, f'"{name}" is no name', f"write {_KEYS.get(str(place[0]), _NAME)}"
    switch = tree.switches.get(place)
    if switch is not None:
        what = f"{name}: {switch} is read by YAML as {str(misfit.given).lower()}"
        return Code.YAML_TRAP, what, f'write "{switch}" in quotes'
    what = f"{_label(place)} is {_shown(misfit.given)}, must be {_wanted(misfit, place)}"
    if misfit.kind in ("tuple_type", "list_type") and isinstance(misfit.given, str):
        return Code.WRONG_VALUE, what, f"write [{misfit.given[:40]}]"
    return Code.WRONG_VALUE, what, "correct the value"


def _wanted(misfit: Misfit, place: Path) -> str:
    """What may stand at a place, in words."""
    limits = misfit.limits
    field = next((str(key) for key in reversed(place) if isinstance(key, str)), "")
    if misfit.kind == "literal_error":
        return str(limits["expected"]).replace("'", "")
    if misfit.kind == "greater_than" and field == "deadline":
        return "longer than 0s"
    if misfit.kind == "value_error":
        return "a duration such as 90s, 5m, 1h30m or 180d"
    for bound, words in (("ge", "at least"), ("le", "at most"), ("min_length", "at least"), ("max_length", "at most")):
        if bound in limits:
            unit = {"string_too_short": " characters", "string_too_long": " characters"}.get(misfit.kind, "")
            return f"{words} {limits[bound]}{unit or (' entries' if 'length' in bound else '')}"
    if field == "covers" and misfit.kind.startswith("string_pattern"):
        return "a requirement such as K3 or B1"
    return _FIELDS.get(field) or _FORMS.get(misfit.kind, "of another form")


def _owner(place: Path) -> str:
    return _label(place[:-1]) if len(place) > 1 else "the runbook"


def _label(place: Path) -> str:
    """A place as people say it: `step "shift"`, `guard of step "shift"`."""
    kinds = {"steps": "step", "parameters": "parameter", "recovered_when": "condition"}
    if len(place) < 2 or place[0] not in kinds:
        return ".".join(map(str, place)) or "the document"
    part = f'{kinds[str(place[0])]} "{place[1]}"'
    return part if len(place) == 2 else f"{'.'.join(map(str, place[2:]))} of {part}"


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None:
        return "empty"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f'"{text[:40]}"' if isinstance(value, str) else text[:40]
