"""The runbook document, version 1, as frozen data. Parsed once (`runbook/load`), never changed.

Strings may hold expressions (`${...}`); `model.expressions` reads them. Durations are kept as written where an
expression may stand, and parsed where it may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from orchestrator.model.durations import parse_duration

STEP_LIMIT = 2_000
ID_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"


def _seconds(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError("write a duration such as 90s, 5m, 1h30m")  # noqa: TRY004 - pydantic wants ValueError
    return parse_duration(value)


DurationSeconds = Annotated[int, BeforeValidator(_seconds)]
"""Written `5m`, held as seconds."""

Deadline = Annotated[DurationSeconds, Field(gt=0)]
"""Some time: nothing can be done in none."""

Expression = Annotated[str, Field(pattern=r"(?s)^\$\{.*\}$")]
"""Text that begins and ends as an expression does; that it is one and no more, `lint` tells."""
ParameterType = Literal["environment", "list", "duration", "percent", "integer", "text", "boolean"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$", max_length=64)]
Identifier = Annotated[str, Field(pattern=ID_PATTERN, max_length=64)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Review(_Part):
    """How often the runbook is to be reviewed, and when it last was."""

    every: DurationSeconds
    last: date


class Objectives(_Part):
    """Declared before the run: recovery time and point in seconds, calls that may be lost."""

    rto: DurationSeconds | None = None
    rpo: DurationSeconds | None = None
    lost_calls: int | None = Field(default=None, ge=0)


class Parameter(_Part):
    """A runbook's own input. `items` gives a list's member type."""

    type: ParameterType
    items: Literal["duration", "percent", "integer", "text"] | None = None
    default: Any = None
    help: str = ""


class RetryPolicy(_Part):
    """Attempts over all; exponential waits from `wait` to `max_wait`."""

    attempts: int = Field(default=5, ge=1, le=50)
    wait: DurationSeconds = 2
    max_wait: DurationSeconds = 30


class Guard(_Part):
    """A check after an item's hold, before the next item."""

    action: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    deadline: Deadline


class Probe(_Part):
    """A check that is asked until it holds, or its deadline passes."""

    action: str
    title: str = ""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    deadline: Deadline


class Condition(Probe):
    """One entry of `recovered_when`. Where `when` is false it does not apply, and shows nothing."""

    when: Expression | None = None


class Step(_Part):
    """One step as written. `hold` may be an expression; `for_each` is one."""

    action: str
    title: str = ""
    needs: tuple[str, ...] = ()
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    only: Literal["planned", "unplanned"] | None = None
    when: Expression | None = None
    for_each: Expression | list[Any] | None = None
    in_order: bool = False
    at_once: int = Field(default=20, ge=1, le=200)
    hold: str | None = None
    guard: Guard | None = None
    deadline: Deadline | None = None
    retry: RetryPolicy = RetryPolicy()
    on_failure: Literal["pause", "continue", "undo", "stop"] = "pause"
    critical: bool = True
    on_silence: Literal["stop", "proceed", "proceed-unplanned"] = "stop"


class Runbook(_Part):
    """The whole document."""

    version: Literal[1]
    id: Identifier
    title: str = Field(min_length=1, max_length=120)
    description: str = ""
    covers: tuple[Annotated[str, Field(pattern=r"^[A-EK]\d{1,2}$")], ...] = ()
    owner: str = Field(min_length=1)
    review: Review
    run_by: tuple[str, ...] = ()
    only: Literal["planned", "unplanned"] | None = None
    """The one mode that it may be ordered in; a run may still be switched to unplanned."""
    objectives: Objectives = Objectives()
    parameters: dict[Name, Parameter] = {}
    steps: dict[Identifier, Step] = Field(min_length=1, max_length=STEP_LIMIT)
    recovered_when: dict[Name, Condition] = {}
    failback: Identifier | None = None
    escalation: tuple[str, ...] = ()
    communication: tuple[str, ...] = ()


class Draft(Runbook):
    """What lint reads of a document that does not fit: the parts that it judges, whatever stands in the others."""

    version: Any = 1
    id: Any = ""
    title: Any = ""
    description: Any = ""
    covers: Any = ()
    owner: Any = ""
    review: Any = None
    run_by: Any = ()
    only: Any = None
    objectives: Any = None
    parameters: dict[str, Parameter] = {}
    steps: dict[str, Step] = {}
    recovered_when: dict[str, Condition] = {}
    escalation: Any = ()
    communication: Any = ()


@dataclass(frozen=True, slots=True)
class Misfit:
    """One place where a document does not fit the model. `kind` and `limits` are pydantic's error type and context."""

    path: tuple[str | int, ...]
    kind: str
    given: Any
    limits: Mapping[str, Any]
    known: tuple[str, ...] = ()
    """The keys that the mapping may have, where an unknown one was found."""


class Unfit(ValueError):
    """A document that does not fit the model, with every misfit."""

    def __init__(self, misfits: tuple[Misfit, ...]) -> None:
        super().__init__(f"{len(misfits)} misfits")
        self.misfits = misfits


def parse(document: Mapping[str, Any], form: type[Runbook] = Runbook) -> Runbook:
    """The document as a runbook, or as a `Draft`.

    Raises:
        Unfit: with every misfit; nothing of pydantic leaves this module.
    """
    try:
        return form.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False)
    raise Unfit(
        tuple(
            Misfit(tuple(each["loc"]), each["type"], each["input"], each.get("ctx", {}), _known(tuple(each["loc"])))
            for each in found
        )
    )


def _known(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys of the part that holds the last key of `path`."""
    parts: dict[tuple[str | int, ...], type[BaseModel]] = {
        (): Runbook,
        ("review",): Review,
        ("objectives",): Objectives,
        ("parameters", "*"): Parameter,
        ("steps", "*"): Step,
        ("steps", "*", "guard"): Guard,
        ("steps", "*", "retry"): RetryPolicy,
        ("recovered_when", "*"): Condition,
    }
    holder = tuple("*" if at == 1 else key for at, key in enumerate(path[:-1]))
    part = parts.get(holder)
    return tuple(field.alias or name for name, field in part.model_fields.items()) if part else ()
