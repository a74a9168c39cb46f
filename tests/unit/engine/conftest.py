"""Puts the fake world within reach of the tests beside it, and hands one out on a journal of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A store of keys and values, a virtual clock, and the real journal in a file."""
    from engine_world import World  # noqa: PLC0415 - the line above makes it importable

    with World(tmp_path / "journal.db") as opened:
        yield opened
