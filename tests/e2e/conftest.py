"""Puts the terminals, and the contact centre on paper, within reach of the tests beside it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "unit" / "wiring")]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from terminals import Terminals


@pytest.fixture
def terminals(centre: Any, failover: Callable[..., Any]) -> Iterator[Terminals]:
    """A run on the machine's own clock that needs no cloud, and people around it."""
    from terminals import Terminals  # noqa: PLC0415 - the line above makes it importable

    own = Terminals(centre, failover)
    yield own
    own.close()
