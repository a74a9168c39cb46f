"""What `--cloud simulated[:SCENARIO]` means: the stacks provisioned into a simulated cloud, and its people, if any."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from drills.build import build
from drills.rehearsal import Rehearsal
from drills.scenario import read_scenario
from drills.simulator.cloud import SimulatedCloud
from drills.surroundings import Simulated

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def open_simulated(scenario: str, *, seed: int, home: Path) -> Iterator[Simulated]:  # noqa: ARG001 - writes nothing there
    """A contact centre of its own, from the stacks; with a scenario, one that lives and breaks.

    Raises:
        InvalidInput: no such scenario, or the stacks cannot be built.
    """
    script = read_scenario(scenario)[0] if scenario else None
    with TemporaryDirectory(prefix="failover-") as folder:
        settings_dir = Path(folder) / "config"
        with SimulatedCloud(seed, settings_dir=settings_dir) as cloud:
            inventory = build(cloud, settings_dir)
            yield Rehearsal(cloud, inventory, script) if script else Simulated(cloud, inventory)
