"""What holds around every build, however it ends."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from drills import build
from drills.simulator.cloud import SimulatedCloud

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Broken(Exception):
    """Ends a build at its first stack."""


@pytest.fixture
def collector() -> Iterator[None]:
    """Leaves Python's collector as it was."""
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize("is_on", [True, False])
def test_the_collector_rests_during_a_build_and_is_afterwards_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_on: bool
) -> None:
    seen: list[bool] = []

    def provision(*_: object, **__: object) -> None:
        seen.append(gc.isenabled())
        raise Broken

    monkeypatch.setattr(build, "provision", provision)
    (gc.enable if is_on else gc.disable)()
    with SimulatedCloud(7, settings_dir=tmp_path) as cloud, pytest.raises(Broken):
        build.build(cloud, tmp_path)
    assert (seen, gc.isenabled()) == ([False], is_on)
    assert cloud.chance.seed == 7
