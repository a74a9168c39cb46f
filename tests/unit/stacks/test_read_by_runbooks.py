"""Every path of the inventory that a shipped runbook reads is exported by the roles, with something in it.

Steps and conditions that do not apply to what is exported read nothing; what decides that may be empty, but is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drills.build import build
from drills.simulator.cloud import SimulatedCloud
from orchestrator.model import inference
from orchestrator.model.expressions import holds, names, parse
from orchestrator.runbook.load import load
from orchestrator.runbook.uses import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator.model.runbook import Runbook

RUNBOOKS = sorted((Path(__file__).parents[3] / "runbooks").glob("*.yaml"))
SIDES = ("primary", "standby")
FEW = {"vip": {"agents": 1, "queues": ["vip"]}}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The inventory that the shipped configuration comes to, with fewer agents."""
    folder = tmp_path_factory.mktemp("config")
    with SimulatedCloud(3, settings_dir=folder) as cloud:
        return build(cloud, folder, {"primary": {"agent_groups": FEW}}).model_dump(by_alias=True)


def read_paths(runbook: Path, inventory: Any, *, deciding: bool = False) -> Iterator[tuple[str, ...]]:
    """What a runbook's expressions read of the inventory; an environment may be either side.

    `deciding`: what is read by each `when`, else by all that applies.
    """
    parsed = load(runbook.read_text(), str(runbook)).runbook
    sides = {name for name, one in parsed.parameters.items() if one.type == "environment"}
    scope = {**{name: one.default for name, one in parsed.parameters.items()}, **inventory}
    scope |= {name: inventory[side] for name, side in zip(sorted(sides), SIDES, strict=False)}
    for place in written(parsed):
        if (place.path[-1] == "when") is not deciding or not (deciding or _applies(parsed, place.path, scope)):
            continue
        for expression in parse(place.text).expressions:
            for root, *keys in inference.paths(expression.compiled.parsed):
                if root in sides:
                    yield from ((side, *keys) for side in SIDES)
                elif root in ("global", *SIDES):
                    yield (root, *keys)


def _applies(parsed: Runbook, place: tuple[Any, ...], scope: Any) -> bool:
    parts: dict[str, Any] = {"steps": parsed.steps, "recovered_when": parsed.recovered_when}
    when = parts[place[0]][place[1]].when
    return when is None or bool(names(when) & {"steps", "execution"}) or holds(when, scope)


def lacking(inventory: Any, paths: set[tuple[str, ...]]) -> list[str]:
    """The paths that lead to nothing, or to something empty."""
    return sorted(".".join(path) for path in paths if _at(inventory, path) in (None, "", [], {}))


def _at(inventory: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        inventory = inventory.get(key) if isinstance(inventory, dict) else None
    return inventory


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda path: path.stem)
def test_what_a_shipped_runbook_reads_is_exported(exported: Any, runbook: Path) -> None:
    paths = set(read_paths(runbook, exported))
    assert paths
    assert lacking(exported, paths) == []
    assert all(_at(exported, path) is not None for path in read_paths(runbook, exported, deciding=True))


def test_what_does_not_apply_is_read_where_it_does(exported: Any) -> None:
    trunk = {"group_id": "vcg", "voice_connector_id": "vc"}
    calls = {side: {**exported[side], "telephony": {**exported[side]["telephony"], **trunk}} for side in SIDES}
    evacuation = next(path for path in RUNBOOKS if path.stem == "region-evacuation")
    group = ("standby", "telephony", "group_id")
    assert group not in set(read_paths(evacuation, exported))
    assert group in set(read_paths(evacuation, {**exported, **calls}))
    assert group in set(read_paths(evacuation, exported, deciding=True))


def test_a_renamed_export_and_an_empty_one_would_be_named(exported: Any) -> None:
    paths = {path for runbook in RUNBOOKS for path in read_paths(runbook, exported)}
    assert ("standby", "connect", "traffic_group_arn") in paths
    standby = {**exported["standby"], "connect": {**exported["standby"]["connect"], "traffic_group_arn": ""}}
    del standby["front_door_target"]
    assert lacking({**exported, "standby": standby}, paths) == [
        "standby.connect.traffic_group_arn", "standby.front_door_target",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def independent(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The inventory of two instances."""
    folder = tmp_path_factory.mktemp("config")
    config = RUNBOOKS[0].parents[1] / "config" / "examples" / "five-person-desk-independent"
    with SimulatedCloud(3, settings_dir=folder) as cloud:
        return build(cloud, folder, config=config).model_dump(by_alias=True)


@pytest.mark.parametrize("name", ["dns-only-failover", "region-evacuation", "region-return"])
def test_what_moves_independent_instances_reads_what_their_stacks_export(independent: Any, name: str) -> None:
    (runbook,) = (path for path in RUNBOOKS if path.stem == name)
    paths = set(read_paths(runbook, independent))
    assert paths
    assert lacking(independent, paths) == []
    assert not {path for path in paths if path[-1].endswith("traffic_group_arn")}
