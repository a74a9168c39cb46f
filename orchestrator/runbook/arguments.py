"""A runbook's own inputs: their declarations checked, and values from the command line (`--param k=v`) typed by them.

Durations stay as written (`2m`), which both a person and `hold:` read; an environment stays the side that it is. `from`
and `to` have options of their own (`--from`, `--to`), which say the same as `--param from=` and `--param to=`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from orchestrator.model.errors import Fault, InvalidInput
from orchestrator.model.inference import suggestion
from orchestrator.model.parameters import Percent, Seconds, convert, type_words
from orchestrator.runbook.codes import Code
from orchestrator.runbook.scalars import read_scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.model.runbook import Parameter, Runbook
    from orchestrator.model.values import Json

SIDES = ("primary", "standby")

_TYPES: Mapping[str, Any] = MappingProxyType(
    {"duration": Seconds, "percent": Percent, "integer": int, "text": str, "boolean": bool}
)


def bind_given(runbook: Runbook, given: Mapping[str, str]) -> dict[str, Json]:
    """The value of every parameter: as given, else its default.

    Raises:
        InvalidInput: with a fault for each that is unknown, of another type, or missing.
    """
    faults, values = [], {}
    for name in given:
        if name not in runbook.parameters:
            remedy = suggestion(name, runbook.parameters)
            faults.append(_fault(name, Code.UNKNOWN_PARAMETER, f"{runbook.id} has no such parameter", remedy))
    for name, parameter in runbook.parameters.items():
        if name not in given and parameter.default is None:
            what = f"{runbook.id} needs a value ({words(parameter)})"
            example = "|".join(SIDES) if parameter.type == "environment" else "..."
            faults.append(_fault(name, Code.MISSING_PARAMETER, what, f"write --param {name}={example}"))
            continue
        try:
            values[name] = _typed(parameter, given[name]) if name in given else parameter.default
        except ValueError as why:
            remedy = f"write --param {name}={_EXAMPLES[parameter.type]}"
            faults.append(_fault(name, Code.WRONG_PARAMETER, f"{name} {why}", remedy))
    if faults:
        raise InvalidInput(f"the parameters given do not fit {runbook.id}", faults=sorted(faults))
    return values


def accept(parameter: Parameter, value: Json) -> None:
    """Whether a value is of a parameter's type.

    Raises:
        ValueError: it is not, in words.
    """
    if parameter.type == "environment":
        if value not in SIDES:
            raise ValueError(f"is {value!r}, must be {' or '.join(SIDES)}")
    elif parameter.type == "list":
        if not isinstance(value, list):
            raise ValueError(f"is {value!r}, must be a list")
        if not value:
            raise ValueError("is empty, must have an entry: a series over nothing would do nothing")
        for each in value:
            _accept_scalar(parameter.items, each)
    else:
        _accept_scalar(parameter.type, value)


def words(parameter: Parameter) -> str:
    """A parameter's type in words: `list of percent`."""
    if parameter.type in ("environment", "list"):
        return f"list of {parameter.items or 'anything'}" if parameter.type == "list" else "environment"
    return type_words(_TYPES[parameter.type])


_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "list": "10,50,100",
        "duration": "2m",
        "percent": "50",
        "integer": "20",
        "text": "words",
        "boolean": "true",
        "environment": "standby",
    }
)


def _accept_scalar(kind: str | None, value: Json) -> None:
    if kind is None:
        return
    if kind == "duration" and not isinstance(value, str):
        raise ValueError(f"is {value!r}, must be a duration such as 90s, 5m, 1h30m")
    convert(value, _TYPES[kind])


def _typed(parameter: Parameter, text: str) -> Json:
    """A value from the command line. A list is written `10,50,100`, in brackets or not."""
    value: Json
    if parameter.type == "list":
        inner = text.strip().removeprefix("[").removesuffix("]")
        value = [_scalar(parameter.items, each.strip()) for each in inner.split(",") if each.strip()]
    else:
        value = _scalar(parameter.type, text)
    accept(parameter, value)
    return value


def _scalar(kind: str | None, text: str) -> Json:
    """Numbers and booleans as YAML reads them, so that `--param` and `default:` agree; all else is text."""
    if kind in ("text", "duration", "environment"):
        return text
    value = read_scalar(text, plain=True)
    return value if isinstance(value, bool | int | float) else text


def _fault(name: str, code: Code, what: str, remedy: str) -> Fault:
    return Fault(f"--param {name}", 0, code, what, remedy)
