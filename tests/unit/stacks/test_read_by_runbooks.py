"""Every path of the inventory that a shipped runbook reads is exported by the roles, with something in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drills.build import build
from drills.simulator.cloud import SimulatedCloud
from orchestrator.model import inference
from orchestrator.model.expressions import parse
from orchestrator.runbook.load import load
from orchestrator.runbook.uses import written

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNBOOKS = sorted((Path(__file__).parents[3] / "runbooks").glob("*.yaml"))
SIDES = ("primary", "standby")
FEW = {"vip": {"agents": 1, "queues": ["vip"]}}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The inventory that the shipped configuration comes to, with fewer agents."""
    folder = tmp_path_factory.mktemp("config")
    with SimulatedCloud(3, settings_dir=folder) as cloud:
        return build(cloud, folder, {"primary": {"agent_groups": FEW}}).model_dump(by_alias=True)


def read_paths(runbook: Path) -> Iterator[tuple[str, ...]]:
    """What a runbook's expressions read of the inventory; an environment may be either side."""
    parsed = load(runbook.read_text(), str(runbook)).runbook
    sides = {name for name, one in parsed.parameters.items() if one.type == "environment"}
    for place in written(parsed):
        for expression in parse(place.text).expressions:
            for root, *keys in inference.paths(expression.compiled.parsed):
                if root in sides:
                    yield from ((side, *keys) for side in SIDES)
                elif root in ("global", *SIDES):
                    yield (root, *keys)


def lacking(inventory: Any, paths: set[tuple[str, ...]]) -> list[str]:
    """The paths that lead to nothing, or to something empty."""
    return sorted(".".join(path) for path in paths if _at(inventory, path) in (None, "", [], {}))


def _at(inventory: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        inventory = inventory.get(key) if isinstance(inventory, dict) else None
    return inventory


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda path: path.stem)
def test_what_a_shipped_runbook_reads_is_exported(exported: Any, runbook: Path) -> None:
    paths = set(read_paths(runbook))
    assert paths
    assert lacking(exported, paths) == []


def test_a_renamed_export_and_an_empty_one_would_be_named(exported: Any) -> None:
    paths = {path for runbook in RUNBOOKS for path in read_paths(runbook)}
    assert ("standby", "connect", "traffic_group_arn") in paths
    standby = {**exported["standby"], "connect": {**exported["standby"]["connect"], "traffic_group_arn": ""}}
    del standby["front_door_target"]
    assert lacking({**exported, "standby": standby}, paths) == [
        "standby.connect.traffic_group_arn", "standby.front_door_target",
    ]  # fmt: skip
