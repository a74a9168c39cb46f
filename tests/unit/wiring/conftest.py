"""Puts the small contact centre within reach of the tests beside it, and hands one out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wiring_world import Centre


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    """On a journal of its own, in a working directory of its own."""
    from wiring_world import Centre  # noqa: PLC0415 - the line above makes it importable

    monkeypatch.chdir(tmp_path)
    own = Centre(tmp_path)
    yield own
    own.close()
