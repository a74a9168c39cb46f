"""What the three roles declare, built in the simulated cloud so that every value is known; once for all tests here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from policy_examples import ROLES, captured

from drills import build
from drills.simulator.cloud import SimulatedCloud

if TYPE_CHECKING:
    from drills.simulator.provision import Stack
    from stacks.policies.graph import Graph


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graph]:
    """Role → graph, as `config/` has it, with prepare-standby carried out between primary and standby."""
    up: dict[str, Stack] = {}
    provision = build.provision

    def noted(role: str, **arguments: Any) -> Stack:
        up[role] = provision(role, **arguments)
        return up[role]

    folder = tmp_path_factory.mktemp("config")
    with pytest.MonkeyPatch.context() as patched, SimulatedCloud(1, settings_dir=folder) as cloud:
        patched.setattr(build, "provision", noted)
        build.build(cloud, folder)
    return {role: captured(role, up[role].graph) for role in ROLES}
