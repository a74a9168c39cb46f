"""A small catalogue for the runbook tests (the signatures of real actions, without bodies), and lint in short."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeAlias, TypedDict

import pytest

from orchestrator.model import inventory
from orchestrator.model.actions import Action, Check, Gate, Setting
from orchestrator.model.errors import Fault
from orchestrator.model.parameters import Doc, Percent, Region, Rule, Seconds
from orchestrator.runbook.lint import lint
from orchestrator.runbook.load import read

sys.path.insert(0, str(Path(__file__).parent))

Lint: TypeAlias = Callable[[str], tuple[Fault, ...]]


@dataclass(frozen=True)
class Answers:
    region: Annotated[Region, Doc("the Region that is asked")]


def _enough(yeses: int, approvers: tuple[str, ...]) -> str:
    most = len(set(approvers))
    return "" if 1 <= yeses <= most else f"is {yeses}, must be from 1 to {most}"


@dataclass(frozen=True)
class Approve:
    question: str
    approvers: tuple[str, ...]
    yeses: int = 1
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_enough, "yeses", "approvers"),)


@dataclass(frozen=True)
class Flag:
    region: Region
    table: str
    flag: str
    value: str


class Group(TypedDict):
    user_ids: list[str]
    normal_profile: str
    incident_profile: str


@dataclass(frozen=True)
class Routing:
    region: Region
    instance: str
    group: Group
    labels: dict[str, str] | None = None


def _in_tens(percent: Percent) -> str:
    return f"is {percent}, must be in steps of 10" if percent % 10 else ""


@dataclass(frozen=True)
class Shift:
    group: str
    region: Region
    percent: Percent
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_in_tens, "percent"),)


@dataclass(frozen=True)
class Answered:
    region: Region
    percent_at_least: Percent
    window: Seconds
    calls_at_least: int = 1


def _action(name: str, kind: type[Action[Any]], params: type, **more: object) -> type[Action[Any]]:
    return type(name, (kind,), {"name": name, "Params": params, **more})


CATALOGUE: Mapping[str, type[Action[Any]]] = {
    action.name: action
    for action in (
        _action("service.answers", Check, Answers, deadline_s=60.0),
        _action("service.calls_answered", Check, Answered),
        _action("people.approve", Gate, Approve),
        _action("ivr.flag", Setting, Flag),
        _action("agents.incident_routing", Setting, Routing),
        _action("connect.shift_traffic", Setting, Shift, subject_params=("group",)),
    )
}


@pytest.fixture(scope="session")
def documents() -> Path:
    return Path(__file__).parent / "documents"


@pytest.fixture(scope="session")
def sample(documents: Path) -> str:
    """The runbook that the design prints."""
    return (documents / "region-evacuation.yaml").read_text()


@pytest.fixture(scope="session")
def catalogue() -> Mapping[str, type[Action[Any]]]:
    return CATALOGUE


@pytest.fixture(scope="session")
def faults_of() -> Lint:
    def run(text: str) -> tuple[Fault, ...]:
        loaded = read(text, "test.yaml")
        known = ["region-evacuation", "return-home"]
        return lint(loaded, catalogue=CATALOGUE, inventory_types=inventory.types(), known_runbooks=known)

    return run


@pytest.fixture(scope="session")
def expected_of() -> Callable[[str], list[tuple[int, str]]]:
    """What a document says of itself: `# RB10 RB11` at a line's end names the faults of that line."""

    def read(text: str) -> list[tuple[int, str]]:
        return [
            (number, code)
            for number, line in enumerate(text.splitlines(), start=1)
            for code in sorted(re.findall(r"RB\d\d", line.partition(" # ")[2]))
        ]

    return read
