"""The one table from names to classes, and how third parties join it."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from orchestrator.actions import catalogue as module
from orchestrator.actions.catalogue import ACTIONS, Catalogue
from orchestrator.model.actions import Action, Check, Effect, Expected, Gate, Kind, Setting
from orchestrator.model.parameters import describe

if TYPE_CHECKING:
    from pathlib import Path

FAMILIES = {
    # Bound by the design: what a runbook may name, now or later.
    "connect", "telephony", "dns", "agents", "desktops", "ivr", "data", "capacity", "service", "people", "notify",
    "tickets", "vendor", "access", "change", "backup", "http",
}  # fmt: skip
ours = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)


@ours
def test_a_name_is_a_family_and_a_verb_phrase(action: type[Action[Any]]) -> None:
    family, verb = action.name.split(".")
    assert family in FAMILIES
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", verb)


@ours
def test_an_action_says_what_it_does_in_one_line(action: type[Action[Any]]) -> None:
    assert 10 < len(action.summary) <= 100
    assert "\n" not in action.summary
    assert not action.summary.endswith(".")
    assert action.__doc__


@ours
def test_an_action_is_of_the_kind_that_it_says(action: type[Action[Any]]) -> None:
    kinds = {Kind.SETTING: Setting, Kind.CHECK: Check, Kind.EFFECT: Effect, Kind.GATE: Gate}
    assert [kind for kind, base in kinds.items() if issubclass(action, base)] == [action.kind]


@ours
def test_an_action_says_how_long_it_takes_and_who_says_so(action: type[Action[Any]]) -> None:
    assert isinstance(action.expected, Expected)
    assert action.expected.seconds > 0
    assert action.interval_s > 0
    assert action.deadline_s is None or action.deadline_s > action.expected.seconds
    # A documented duration that names no document is an assumed one.
    assert action.expected.provenance != "documented" or action.expected.source


@ours
def test_parameters_are_frozen_and_each_has_a_line_of_help(action: type[Action[Any]]) -> None:
    assert action.Params.__dataclass_params__.frozen  # type: ignore[attr-defined] # every dataclass has them
    described = describe(action.Params)
    assert [field.name for field in described] == [field.name for field in dataclasses.fields(action.Params)]
    assert all(field.help for field in described)


def test_names_are_unique_and_the_table_is_sorted_by_module_and_class() -> None:
    assert len({action.name for action in ACTIONS}) == len(ACTIONS)
    places = [(action.__module__, action.__name__) for action in ACTIONS]
    assert places == sorted(places)


def test_no_action_of_the_modules_is_left_out_of_the_table() -> None:
    parents = {Setting, Check, Effect, Gate}
    found, open_ = set(), list(parents)
    while open_:
        for child in open_.pop().__subclasses__():
            open_.append(child)
            if child.__module__.startswith("orchestrator.actions."):
                found.add(child)
    assert found == set(ACTIONS)


def test_actions_import_neither_the_engine_nor_the_journal_nor_boto3() -> None:
    asked = "import sys, orchestrator.actions.catalogue; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - our own interpreter, a fixed program
    assert "orchestrator.actions.connect" in loaded
    rooms = {".".join(name.split(".")[:2]) for name in loaded if name.startswith("orchestrator.")}
    assert rooms <= {"orchestrator.actions", "orchestrator.model", "orchestrator.cloud"}
    assert {"boto3", "botocore", "moto", "pydantic", "networkx"}.isdisjoint(loaded)


# Third parties.

SOURCE = '''
from dataclasses import dataclass

from orchestrator.model.actions import Expected, Finding, Provenance, Check, Reading


@dataclass(frozen=True)
class Params:
    ticket: str


class Open(Check):
    """A ticket is open."""

    name = "tickets.is_open"
    summary = "a ticket is open"
    Params = Params
    expected = Expected(1.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params):
        return ()

    def probe(self, params):
        return Finding(Reading.HOLDS, f"{params.ticket} is open")
'''
ENTRY_POINTS = """[failover.actions]
tickets.is_open = ticket_desk_actions:Open
tickets.broken = ticket_desk_actions:NoSuchClass
connect.shift_traffic = ticket_desk_actions:Open

[failover.commands]
tickets.of_another_group = ticket_desk_actions:Open
"""
DISTRIBUTION = "ticket_desk_actions"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A catalogue on whose path a third party's distribution lies."""
    (tmp_path / f"{DISTRIBUTION}.py").write_text(SOURCE)
    info = tmp_path / f"{DISTRIBUTION}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {DISTRIBUTION}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, DISTRIBUTION, raising=False)
    return Catalogue()


def test_a_third_partys_action_joins_by_its_entry_point(installed: Catalogue) -> None:
    action = installed["tickets.is_open"]
    no_cloud: Any = None
    assert issubclass(action, Check)
    assert action(no_cloud).probe(action.Params("INC-7")).what == "INC-7 is open"
    assert installed["tickets.is_open"] is action


def test_it_is_listed_without_being_loaded_and_loaded_when_it_is_named(installed: Catalogue) -> None:
    assert "tickets.is_open" in installed
    assert "tickets.is_open" in list(installed)
    assert len(installed) == len(list(installed)) == len(ACTIONS) + 2
    assert DISTRIBUTION not in sys.modules
    assert installed["tickets.is_open"].name == "tickets.is_open"
    assert DISTRIBUTION in sys.modules


def test_the_core_keeps_its_names(installed: Catalogue) -> None:
    assert installed["connect.shift_traffic"].__module__ == "orchestrator.actions.connect"
    assert DISTRIBUTION not in sys.modules


def test_entry_points_of_other_groups_are_no_actions(installed: Catalogue) -> None:
    assert "tickets.of_another_group" not in installed
    with pytest.raises(KeyError):
        installed["tickets.of_another_group"]


def test_an_entry_point_that_leads_nowhere_fails_only_when_it_is_named(installed: Catalogue) -> None:
    assert installed["tickets.is_open"]
    with pytest.raises(AttributeError, match="NoSuchClass"):
        installed["tickets.broken"]


def test_for_names_of_the_core_nobody_looks_for_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    def looked_for(**_: str) -> NoReturn:
        raise AssertionError("entry points were looked for")

    monkeypatch.setattr(module, "entry_points", looked_for)
    catalogue = Catalogue()
    for action in ACTIONS:
        assert action.name in catalogue
        assert catalogue[action.name] is action
    with pytest.raises(AssertionError, match="looked for"):
        catalogue["tickets.is_open"]


def test_a_name_that_nobody_offers_is_no_action() -> None:
    catalogue = Catalogue()
    assert "connect.fly" not in catalogue
    assert catalogue.get("connect.fly") is None
