"""Two owners, one value: the program is run again on what a runbook left behind, and takes nothing of it back.

A drill is played to *recovered* on what a folder of configuration defines; the Region comes back, edits travel, and
then each role's program is run once more, its inputs held against what the cloud answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from drills import build, run
from drills.lint import order_of
from drills.rehearsal import Rehearsal
from drills.scenario import read_scenario
from drills.simulator.cloud import SimulatedCloud
from drills.simulator.provision import preview
from drills.simulator.replan import Change, replan
from orchestrator.actions.catalogue import Catalogue
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.actions import Setting
from orchestrator.model.states import ExecutionState
from stacks.policies.owners import BEYOND_STACKS, FLIPPED

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.simulator.provision import Stack
    from drills.simulator.provisioners.request import Declared

    Graphs = dict[str, tuple[Declared, ...]]
    Played = Callable[[str, Path], "Aftermath"]

CONFIG = Path(__file__).parents[2] / "config"
ROLES = ("global", "primary", "standby")
FOLDERS = (CONFIG, *sorted((CONFIG / "examples").iterdir()))
SMALL = [folder for folder in FOLDERS if not folder.name.startswith("500-seats")]
SIZES = [
    pytest.param(folder, marks=() if folder in SMALL else pytest.mark.nightly, id=folder.name) for folder in FOLDERS
]
RETURNED_S = 900
"""Long enough for edits that waited for the Region (`drills/simulator/aws/connect/mirror.py`: every 5 minutes)."""
USED = {
    step["action"]
    for runbook in (CONFIG.parent / "runbooks").glob("*.yaml")
    for step in yaml.safe_load(runbook.read_text())["steps"].values()
}
FLIPS = sorted((kind, key) for kind, keys in FLIPPED.items() for key, by in keys.items() if USED.intersection(by))
"""What a shipped runbook flips. Of what only others would flip, the policy pack holds that it is ignored."""


@dataclass(frozen=True)
class Aftermath:
    """What an up would change after a run; and what it would, were one of the flipped properties not ignored."""

    changes: tuple[Change, ...]
    without: dict[tuple[str, str], tuple[Change, ...]]


def _without(graphs: Graphs, kind: str, key: str) -> Graphs:
    """The same programs, but that they do not ignore one property of one type."""
    return {
        role: tuple(
            replace(each, ignore_changes=tuple({*each.ignore_changes} - {key})) if each.type == kind else each
            for each in declared
        )
        for role, declared in graphs.items()
    }


def _brought_up(cloud: SimulatedCloud, settings: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Everything up: the inventory, and each role's stack."""
    stacks: dict[str, Stack] = {}
    provision = build.provision

    def noted(role: str, **arguments: Any) -> Stack:
        stacks[role] = provision(role, **arguments)
        return stacks[role]

    monkeypatch.setattr(build, "provision", noted)
    return build.build(cloud, settings, config=config), stacks


def _play(scenario: str, config: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Aftermath:
    script, catalogue, settings = read_scenario(scenario), Catalogue(), folder / "config"
    journal = SqliteJournal(folder / "journal.db")
    with SimulatedCloud(3, settings_dir=settings) as cloud:
        inventory, stacks = _brought_up(cloud, settings, config, monkeypatch)
        world = Rehearsal(cloud, inventory, script.scenario)
        outcome = run._play(world, order_of(script, catalogue), catalogue, journal, lambda _clock: lambda _event: None)
        journal.close_connection()
        assert outcome.record.state is ExecutionState.RECOVERED, outcome.reasons
        cloud.network.faults.clear()
        cloud.clock.advance(RETURNED_S)
        outputs = {role: stack.outputs for role, stack in stacks.items()}
        again = {
            role: preview(role, config_dir=settings, account=cloud.account, outputs=outputs, state=stack.state)
            for role, stack in stacks.items()
        }

        def changes(graphs: Graphs) -> tuple[Change, ...]:
            with cloud.network.building():
                return tuple(
                    change for role in ROLES for change in replan(stacks[role], graphs[role], cloud.door.client)
                )

        return Aftermath(changes(again), {flip: changes(_without(again, *flip)) for flip in FLIPS})


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Scenario and configuration → its aftermath, each played once."""

    @cache
    def once(scenario: str, config: Path) -> Aftermath:
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.chdir(CONFIG.parent)
            return _play(scenario, config, tmp_path_factory.mktemp("second-up"), monkeypatch)

    return once


def outage_of(folder: Path) -> str:
    """The size's own Region outage, with as many callers as it has agents for."""
    own = folder / "region-outage.yaml"
    return str(own) if own.exists() else "region-outage"


RUNS = (*((outage_of(folder), folder) for folder in SMALL), ("remote-agents", CONFIG))


@pytest.mark.parametrize("folder", SIZES)
def test_after_an_evacuation_an_up_changes_nothing(played: Played, folder: Path) -> None:
    assert [str(change) for change in played(outage_of(folder), folder).changes] == []


def test_after_agents_have_moved_to_desktops_an_up_changes_nothing(played: Played) -> None:
    assert [str(change) for change in played("remote-agents", CONFIG).changes] == []


@pytest.mark.parametrize(("kind", "key"), FLIPS, ids=lambda text: text.rpartition(":")[2])
def test_what_is_not_ignored_would_be_taken_back_by_an_up_and_nothing_else(played: Played, kind: str, key: str) -> None:
    found = [change for drill in RUNS for change in played(*drill).without[kind, key]]
    assert found, "no drill flips it"
    assert {(change.urn.split("::")[-2].rpartition("$")[2], change.key) for change in found} == {(kind, key)}


def test_every_action_that_sets_something_is_known_to_be_flipping_or_beyond_the_stacks() -> None:
    flipping = {action for keys in FLIPPED.values() for actions in keys.values() for action in actions}
    settings = {name for name, kind in Catalogue().items() if issubclass(kind, Setting)}
    assert flipping | BEYOND_STACKS.keys() == settings
    assert flipping.isdisjoint(BEYOND_STACKS)
