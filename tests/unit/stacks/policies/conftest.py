"""What the three roles declare, built in the simulated cloud so that every value is known; each size once."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from policy_examples import CONFIG, ROLES, SIZES, captured

from drills import build
from drills.simulator.cloud import SimulatedCloud

if TYPE_CHECKING:
    from collections.abc import Callable

    from drills.simulator.provision import Stack
    from stacks.policies.graph import Graph


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], dict[str, Graph]]:
    """Role → graph, of a folder of configuration, with prepare-standby carried out between primary and standby."""
    provision = build.provision

    @cache
    def up(config: Path) -> dict[str, Graph]:
        stacks: dict[str, Stack] = {}

        def noted(role: str, **arguments: Any) -> Stack:
            stacks[role] = provision(role, **arguments)
            return stacks[role]

        folder = tmp_path_factory.mktemp("config")
        with pytest.MonkeyPatch.context() as patched, SimulatedCloud(1, settings_dir=folder) as cloud:
            patched.setattr(build, "provision", noted)
            build.build(cloud, folder, config=config)
        return {role: captured(role, stacks[role].graph, config) for role in ROLES}

    return up


@pytest.fixture(scope="session")
def shipped(built: Callable[[Path], dict[str, Graph]]) -> dict[str, Graph]:
    """As `config/` has it."""
    return built(CONFIG)


@pytest.fixture(scope="session", params=SIZES, ids=lambda folder: folder.name)
def sized(request: pytest.FixtureRequest, built: Callable[[Path], dict[str, Graph]]) -> dict[str, Graph]:
    """As each size has it."""
    return built(request.param)


@pytest.fixture(scope="session")
def independent(built: Callable[[Path], dict[str, Graph]]) -> dict[str, Graph]:
    """With an instance on each side, as the smallest of these sizes has it."""
    return built(CONFIG / "examples" / "five-person-desk-independent")
