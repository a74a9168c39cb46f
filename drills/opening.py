"""What `--cloud simulated[:SCENARIO]` means: the stacks provisioned into a simulated cloud that lives."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from drills.beginning import begun
from drills.build import build
from drills.lint import refuse_unfit, world_of
from drills.rehearsal import Rehearsal
from drills.scenario import Scenario, read_scenario
from drills.simulator.cloud import SimulatedCloud
from orchestrator.actions.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drills.world import Simulated
    from orchestrator.model.inventory import Inventory

AGENTS_A_CALL_A_MINUTE = 2.4
"""About half of their time is then spent talking: what the built-in scenarios have for the default configuration."""
CALLS_A_MINUTE_LEAST = 20
"""However few agents there are: whoever looks on sees calls soon, and some of them lost."""


def good_day(inventory: Inventory) -> Scenario:
    """Nothing breaks, and customers call, the more the more agents there are.

    Nobody answers gates in it: the person at the terminal does.
    """
    agents = sum(len(group.user_ids) for group in inventory.primary.connect.agent_groups.values())
    calls_per_minute = max(round(agents / AGENTS_A_CALL_A_MINUTE), CALLS_A_MINUTE_LEAST)
    return Scenario.model_validate(
        {
            "version": 1, "id": "good-day", "title": "Customers call, and nothing breaks",
            "runbook": "region-evacuation", "mode": "planned", "customers": {"calls_per_minute": calls_per_minute},
            "live_before": "3m", "steady_state": {}, "detected_after": "0s", "live_after": "0s",
        }
    )  # fmt: skip


@contextmanager
def open_simulated(
    scenario: str,
    *,
    seed: int,
    home: Path,  # noqa: ARG001 - writes nothing there
    config: Path | None = None,
) -> Iterator[Simulated]:
    """A contact centre of its own, from the stacks. It breaks as the scenario says; without one nothing does.

    `config`: the folder of the stacks' configuration; without one `drills.build.config_dir` finds it.

    Raises:
        InvalidInput: no such scenario, or its faults, before anything is provisioned; or the stacks cannot be built.
    """
    script = world_of(read_scenario(scenario, config), Catalogue()) if scenario else None
    with TemporaryDirectory(prefix="failover-") as folder:
        settings_dir = Path(folder) / "config"
        with SimulatedCloud(seed, settings_dir=settings_dir) as cloud:
            inventory = build(cloud, settings_dir, config=config)
            if script is not None:
                refuse_unfit(script, inventory, Catalogue())
            world = Rehearsal(cloud, inventory, script.scenario if script is not None else good_day(inventory))
            world.begun_with = begun(cloud, inventory, world.scenario, Path(folder))
            yield world
