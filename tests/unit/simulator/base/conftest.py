from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drills.simulator.cloud import SimulatedCloud

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[SimulatedCloud]:
    with SimulatedCloud(7, settings_dir=tmp_path) as opened:
        yield opened
