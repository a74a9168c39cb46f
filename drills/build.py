"""Brings the simulated contact centre up from the stacks, in the order in which it is done for real.

global, primary, then the runbook prepare-standby (carried out by the engine itself), then standby: what is failed over
later is what `stacks/` defines, prepared by what `runbooks/` says. Independent instances need no preparation. It is the
past of a drill, so it owes nothing to the drill's seed, and leaves behind what a cloud is (its state, its settings, the
time that it took) and no more.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, get_args

import stacks
from drills.kept import key_of
from drills.simulator.provision import provision
from drills.world import Simulated
from orchestrator.actions.catalogue import Catalogue
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.clock import stamp
from orchestrator.model.errors import InvalidInput
from orchestrator.model.states import ExecutionState, Mode
from orchestrator.wiring.driving import Driver
from orchestrator.wiring.orders import Order, check, prepare
from stacks.exports import compose, provisional, replicates
from stacks.settings import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from drills.kept import Kept
    from drills.simulator.cloud import SimulatedCloud
    from orchestrator.model.events import Event
    from orchestrator.model.inventory import Inventory
    from orchestrator.wiring.orders import Checked

PREPARE = "prepare-standby"
REST_S = 60.0
"""Between the building and whatever follows: every service's bucket is full again, and every edit mirrored."""


def config_dir(named: Path | None = None) -> Path:
    """The stacks' configuration: the folder named, else `./config`, else the one that lies beside the installed stacks.

    Raises:
        InvalidInput: the folder named does not configure every role.
    """
    if named is None:
        here = Path("config")
        return here if (here / "Pulumi.primary.yaml").exists() else Path(stacks.__file__).parent.parent / "config"
    missing = [f"Pulumi.{role}.yaml" for role in get_args(Role) if not (named / f"Pulumi.{role}.yaml").is_file()]
    if missing:
        remedy = "name a folder such as config/examples/five-person-desk"
        raise InvalidInput(f"{named} has no {', '.join(missing)}", remedy=remedy)
    return named


def build(
    cloud: SimulatedCloud,
    settings_dir: Path,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
    config: Path | None = None,
    kept: Kept | None = None,
) -> Inventory:
    """Everything up, and the inventory of it: the same for every seed, for it was there long before.

    Args:
        cloud: open, and empty.
        settings_dir: becomes a copy of the configuration, and is written to.
        overrides: configuration by role that wins over the files.
        config: where the configuration lies; see `config_dir`.
        kept: clouds built before in this process: an equal one is restored instead.

    Raises:
        InvalidInput: a role is not configured, the stacks cannot be built, or the standby cannot be prepared.
    """
    copytree(config_dir(config), settings_dir, dirs_exist_ok=True)
    preparation = check(Order(PREPARE, Mode.PLANNED), Catalogue())

    def anew() -> Inventory:
        return _built(cloud, settings_dir, overrides or {}, preparation)

    with cloud.beforehand(), _nothing_collected():
        if kept is None:
            return anew()
        key = key_of(cloud, settings_dir, overrides or {}, preparation.loaded.sha256)
        return kept.one(key, cloud, settings_dir, anew)


def _built(
    cloud: SimulatedCloud, settings_dir: Path, overrides: Mapping[str, Mapping[str, Any]], preparation: Checked
) -> Inventory:
    outputs: dict[str, Any] = {}

    def up(role: str) -> None:
        stack = provision(
            role, client=cloud.door.client, config_dir=settings_dir, account=cloud.account, outputs=outputs,
            overrides=overrides.get(role), clock=cloud.clock,
        )  # fmt: skip
        outputs[role] = stack.outputs

    with cloud.network.building():
        up("global")
        up("primary")
    if replicates(outputs["global"]):
        taken_at = stamp(cloud.clock.now())
        _prepare_standby(cloud, provisional(outputs["global"], outputs["primary"], taken_at=taken_at), preparation)
    with cloud.network.building():
        up("standby")
    cloud.clock.pause(REST_S)
    return compose(outputs["global"], outputs["primary"], outputs["standby"], taken_at=stamp(cloud.clock.now()))


def _prepare_standby(cloud: SimulatedCloud, inventory: Inventory, preparation: Checked) -> None:
    world, catalogue = Simulated(cloud, inventory), Catalogue()
    prepared = prepare(preparation, world, catalogue=catalogue)
    with TemporaryDirectory(prefix="failover-") as folder:
        journal = SqliteJournal(Path(folder) / "prepare-standby.db")
        driver = Driver(world, journal, catalogue, _unheard)
        runner = driver.runner(prepared.execution, prepared.plan.scope)
        try:
            record = driver.drive(runner, prepared.created)
        finally:
            journal.close_connection()
    if record.state is not ExecutionState.RECOVERED:
        raise InvalidInput(f"{PREPARE} ended {record.state}: {record.reason}", remedy="mend stacks/ or that runbook")


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Python's collector rests: what a build makes stays, and looking through all of it took a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _unheard(event: Event) -> None:
    """Preparation is told by its outcome."""
