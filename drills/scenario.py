"""The drill document: steady state, what breaks, the runbook, the people, and objectives declared before the run.

Checks are the runbooks' own actions, written as conditions are there. Expressions see the inventory: `primary`,
`standby`, `global`. What is wrong in a document that fits this model, `drills/lint.py` finds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestrator.model.errors import Fault, InvalidInput
from orchestrator.model.inference import suggestion
from orchestrator.model.runbook import DurationSeconds, Identifier, Misfit, Name, Probe
from orchestrator.runbook import misfits, tree
from orchestrator.runbook.find import all_runbooks
from orchestrator.runbook.load import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScenarioCheck(Probe):
    """A check that must hold before anything is broken, or after the run. Asked until it holds or `deadline` is up."""

    deadline: DurationSeconds = 120


class Outage(_Part):
    """A fault. `region` may be an expression; without `lasts` it never ends."""

    kind: Literal["region-outage"]
    region: str
    lasts: DurationSeconds | None = None


class Person(_Part):
    """What one approver does when asked: answers after a while, or never."""

    answers: Literal["approve", "reject", "silent"]
    after: DurationSeconds = 30
    reason: str = ""


class Customers(_Part):
    """Callers of all numbers together; modelled."""

    calls_per_minute: Annotated[float, Field(gt=0, le=600)]


class DrillObjectives(_Part):
    """What the run is judged by, before the runbook's own. Its `rpo` is not here: nothing in a drill measures it."""

    rto: DurationSeconds | None = None
    """From the outage (without one, from the start of the run) to the proof of recovery, on virtual time."""
    lost_calls: int | None = Field(default=None, ge=0)
    """What that means: `model.samples.lost`."""


class BeginWith(_Part):
    """A runbook that is run in the same world beforehand, where everybody asked says yes: preparation, not judged."""

    runbook: Identifier
    mode: Literal["planned", "unplanned"]
    parameters: dict[str, str] = {}


class Scenario(_Part):
    """The whole document."""

    version: Literal[1]
    id: Identifier
    title: str = Field(min_length=1, max_length=120)
    description: str = ""
    covers: tuple[Annotated[str, Field(pattern=r"^[A-EK]\d{1,2}$")], ...] = ()
    runbook: str
    mode: Literal["planned", "unplanned"]
    parameters: dict[str, str] = {}
    customers: Customers
    begin_with: BeginWith | None = None
    """How the world came to be what the drill begins in, where that is not a good day."""
    live_before: DurationSeconds = 180
    """How long the world lives before the outage, so that there is a normal to compare with."""
    steady_state: dict[Name, ScenarioCheck]
    outages: tuple[Outage, ...] = ()
    detected_after: DurationSeconds = 60
    """From the outage until the commander starts the runbook."""
    people: dict[str, Person] = {}
    objectives: DrillObjectives = DrillObjectives()
    live_after: DurationSeconds = 180
    """How long recovery has to last."""
    afterwards: dict[Name, ScenarioCheck] = {}


@dataclass(frozen=True, slots=True)
class Script:
    """A scenario with what it was read from."""

    scenario: Scenario
    path: Path
    text: str
    lines: tree.Lines
    switches: Mapping[tree.Path, str]
    faults: tuple[Fault, ...] = ()
    """What was found while reading. With any, the scenario is for `lint` alone: what does not fit is left out of it."""
    doubts: frozenset[tree.Path] = frozenset()
    """Places whose value says nothing, because something was told of it already."""

    @property
    def sha256(self) -> str:
        """Of the text's UTF-8 bytes."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def runbook(self) -> str:
        """The runbook's id, or its path where it lies beside the scenario."""
        beside = self.path.parent / self.scenario.runbook
        is_path = self.scenario.runbook.endswith((".yaml", ".yml"))
        return str(beside) if is_path and beside.is_file() else self.scenario.runbook

    def fault(self, place: tree.Path, code: str, what: str, remedy: str) -> Fault:
        """A fault at the line of a place."""
        return Fault(str(self.path), self.lines.of(place), code, what, remedy)


def read_scenario(name: str, config: Path | None = None) -> Script:
    """Whatever can be read of a scenario named by id or by path, with the faults of its form.

    An id is the name of a file in `drills/scenarios`, or first of one in the folder of configuration that is named: a
    contact centre of another size has callers in proportion.

    Raises:
        InvalidInput: there is none, or it cannot be read as YAML.
    """
    path = _find(name, config)
    text = text_of(path)
    read = tree.read(text, str(path))
    if not isinstance(read.value, dict) or not read.complete:
        raise InvalidInput(f"{path} is no scenario", remedy="mend each line named", faults=sorted(set(read.faults)))
    lines = tree.Lines(MappingProxyType(read.lines))
    faults = list(read.faults)
    value: dict[str, Any] = read.value
    while True:
        try:
            scenario = Scenario.model_validate(value)
        except ValidationError as unfit:
            found = [_misfit(each) for each in unfit.errors(include_url=False)]
            faults += _told(found, read, lines)
            value = {**_SAYS_NOTHING, **_without(value, found)}
            continue
        switches, doubts = MappingProxyType(read.switches), frozenset(read.doubts)
        return Script(scenario, path, text, lines, switches, tuple(faults), doubts)


def all_scenarios() -> Iterator[Path]:
    """Every scenario that comes with the drills, in order."""
    folder = Path(str(files("drills") / "scenarios"))
    yield from sorted(folder.glob("*.yaml"))


def _find(name: str, config: Path | None) -> Path:
    if name.endswith((".yaml", ".yml")) or "/" in name:
        path = Path(name)
        if not path.is_file():
            raise InvalidInput(f"no scenario at {name}", remedy="give the path of a scenario, or an id")
        return path
    if config is not None and (config / f"{name}.yaml").is_file():
        return config / f"{name}.yaml"
    known = {path.stem: path for path in all_scenarios()}
    if name in known:
        return known[name]
    if name in {path.stem for path in all_runbooks(Path.cwd())}:
        what = f"{name} is a runbook; --simulate and drill run take a scenario"
        raise InvalidInput(what, remedy=f"give {' or '.join(known)}")
    raise InvalidInput(f"no scenario {name!r}", remedy=suggestion(name, known))


_SAYS_NOTHING: dict[str, Any] = {
    "version": 1, "id": "draft", "title": "draft", "runbook": "", "mode": "unplanned", "steady_state": {},
    "customers": {"calls_per_minute": 1},
}  # fmt: skip
"""In the place of what is missing or does not fit, so that the rest can be judged in the same pass."""
_ENTRIES = {("steady_state",), ("afterwards",), ("people",), ("parameters",), ("objectives",)}
"""Parts of which each entry stands for itself."""


def _told(found: list[Misfit], read: tree.Tree, lines: tree.Lines) -> Iterator[Fault]:
    for fault in misfits.explain(found, read, lines):
        yield fault._replace(what=fault.what.replace("the runbook", "the scenario", 1))


def _without(value: dict[str, Any], found: list[Misfit]) -> dict[str, Any]:
    """The document without what does not fit: an unknown key, an entry of what has named ones, else the whole part."""
    for misfit in found:
        place = misfits.place_of(misfit, value)
        alone = misfit.kind == "extra_forbidden" and all(isinstance(key, str) for key in place)
        place = place if alone else place[: 2 if place[:1] in _ENTRIES else 1]
        holder: Any = value
        for key in place[:-1]:
            holder = holder.get(key, {})
        if place:
            holder.pop(place[-1], None)
    return value


def _misfit(error: Any) -> Misfit:
    place = tuple(error["loc"])
    return Misfit(place, error["type"], error["input"], error.get("ctx", {}), _known(place))


def _known(place: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys of the part that holds the last key of `place`."""
    parts: dict[tuple[str | int, ...], type[BaseModel]] = {
        (): Scenario,
        ("customers",): Customers,
        ("objectives",): DrillObjectives,
        ("steady_state", "*"): ScenarioCheck,
        ("afterwards", "*"): ScenarioCheck,
        ("outages", "*"): Outage,
        ("people", "*"): Person,
    }
    part = parts.get(tuple("*" if at == 1 else key for at, key in enumerate(place[:-1])))
    return tuple(field.alias or name for name, field in part.model_fields.items()) if part else ()
