"""A simulated cloud, built from the stacks once per module, through which actions act by the real door."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

if TYPE_CHECKING:
    from collections.abc import Iterator

    from action_world import ActionWorld


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActionWorld]:
    """Both Regions up and prepared, for all tests of a module."""
    from action_world import opened  # noqa: PLC0415 - the line above makes it importable

    with opened(tmp_path_factory.mktemp("config")) as world:
        yield world


@pytest.fixture
def world(built: ActionWorld) -> Iterator[ActionWorld]:
    """The module's cloud on a good day: every caller, agent and sign-in as the stacks and prepare-standby left them."""
    built.good_day()
    yield built
    built.cloud.network.faults.clear()
