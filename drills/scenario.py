"""The drill document: steady state, what breaks, the runbook, the people, and objectives declared before the run.

Checks are the runbooks' own actions. Expressions see the inventory: `primary`, `standby`, `global`.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from orchestrator.model.durations import parse_duration
from orchestrator.model.errors import Fault, InvalidInput
from orchestrator.runbook import tree
from orchestrator.runbook.load import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$", max_length=64)]


def _seconds(value: object) -> int:
    return parse_duration(value) if isinstance(value, str) else -1


Seconds = Annotated[int, BeforeValidator(_seconds), Field(ge=0)]
"""Written `3m`."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScenarioCheck(_Part):
    """A check that must hold before anything is broken, or after the run."""

    action: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    within: Seconds = 120


class Outage(_Part):
    """A fault. `region` may be an expression; without `lasts` it never ends."""

    kind: Literal["region-outage"]
    region: str
    lasts: Seconds | None = None


class Person(_Part):
    """What one approver does when asked: answers after a while, or never."""

    answers: Literal["approve", "reject", "silent"]
    after: Seconds = 30
    reason: str = ""


class Customers(_Part):
    """Callers of all numbers together; modelled."""

    calls_per_minute: Annotated[float, Field(gt=0, le=600)]


class DrillObjectives(_Part):
    """What the run is judged by. `rto` counts from the outage to the proof of recovery, on virtual time."""

    rto: Seconds | None = None
    lost_calls: int | None = Field(default=None, ge=0)


class Scenario(_Part):
    """The whole document."""

    version: Literal[1]
    id: Name
    title: str = Field(min_length=1, max_length=120)
    description: str = ""
    covers: tuple[Annotated[str, Field(pattern=r"^[A-EK]\d{1,2}$")], ...] = ()
    runbook: str
    mode: Literal["planned", "unplanned"]
    parameters: dict[str, str] = {}
    customers: Customers
    live_before: Seconds = 180
    """How long the world lives before the outage, so that there is a normal to compare with."""
    steady_state: dict[Name, ScenarioCheck]
    outages: tuple[Outage, ...] = ()
    detected_after: Seconds = 60
    """From the outage until the commander starts the runbook."""
    people: dict[str, Person] = {}
    objectives: DrillObjectives = DrillObjectives()
    live_after: Seconds = 180
    """How long recovery has to last."""
    afterwards: dict[Name, ScenarioCheck] = {}


def read_scenario(name: str) -> tuple[Scenario, Path]:
    """A scenario by id (in `drills/scenarios`) or by path, and where it was found.

    Raises:
        InvalidInput: unknown, or with every fault of the document.
    """
    path = _find(name)
    read = tree.read(text_of(path), str(path))
    lines = tree.Lines(MappingProxyType(read.lines))
    faults = list(read.faults)
    if isinstance(read.value, dict) and not faults:
        try:
            return Scenario.model_validate(read.value), path
        except ValidationError as misfit:
            faults += _faults(misfit, str(path), lines)
    raise InvalidInput(f"{path} is no scenario", remedy="mend each line named", faults=sorted(set(faults)))


def all_scenarios() -> Iterator[Path]:
    """Every scenario that comes with the drills, in order."""
    folder = Path(str(files("drills") / "scenarios"))
    yield from sorted(folder.glob("*.yaml"))


def _find(name: str) -> Path:
    if name.endswith((".yaml", ".yml")) or "/" in name:
        path = Path(name)
        if not path.is_file():
            raise InvalidInput(f"no scenario at {name}", remedy="give the path of a scenario, or an id")
        return path
    known = {path.stem: path for path in all_scenarios()}
    if name not in known:
        raise InvalidInput(f"no scenario {name!r}", remedy=f"known are {', '.join(known)}")
    return known[name]


def _faults(misfit: ValidationError, file: str, lines: tree.Lines) -> Iterator[Fault]:
    for each in misfit.errors(include_url=False):
        place = tuple(str(part) for part in each["loc"])
        yield Fault(file, lines.of(place), "SC01", f"{'.'.join(place)}: {each['msg'].lower()}", "see docs/drills.md")
