"""`serve`: brings a contact centre up on virtual time, then lets it live and answers until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from drills.beginning import begun
from drills.build import build
from drills.lint import refuse_unfit
from drills.opening import good_day
from drills.served.control import Control
from drills.served.living import LivingLoop
from drills.served.ports import Port, refuse_taken
from drills.served.served import Served
from drills.simulator.cloud import SimulatedCloud
from drills.world import Simulated
from orchestrator.actions.catalogue import Catalogue
from orchestrator.model.clock import SystemClock, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drills.scenario import Script

BEFORE = timedelta(hours=3)
"""So long before the present the building begins; it takes less (virtual) time than that."""
_PORTS = 4
"""The control port, those of the two Regions, and that of the global control planes."""
_ENDINGS = (signal.SIGINT, signal.SIGTERM)


def serve(
    script: Script | None,
    *,
    seed: int,
    speed: float,
    number: int,
    ready: Callable[[dict[str, Any]], None],
    config: Path | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        script: who calls, and what breaks; without one a good day.
        seed: of everything drawn.
        speed: simulated seconds for each of the machine's; more than 0.
        number: of the control port; the others follow it. 0 takes free ones.
        ready: told the identity once everything answers.
        config: the folder of the stacks' configuration; without one `drills.build.config_dir` finds it.

    Raises:
        InvalidInput: a port is taken, or the stacks cannot be built, or the scenario does not fit what they build.
    """
    refuse_taken(number, _PORTS)
    with _ending_cleanly(), TemporaryDirectory(prefix="failover-") as folder:
        settings_dir = Path(folder) / "config"
        with SimulatedCloud(seed, SystemClock().now() - BEFORE, settings_dir=settings_dir) as cloud:
            inventory = build(cloud, settings_dir, config=config)
            if script is not None:
                refuse_unfit(script, inventory, Catalogue())
            scenario = script.scenario if script is not None else good_day(inventory)
            begun(cloud, inventory, scenario, Path(folder))
            # What is served begins now: a client that says "the last two minutes" means the same ones.
            late_s = (Simulated(cloud, inventory).real_now() - cloud.clock.now()).total_seconds()
            cloud.clock.advance(max(late_s, 0.0))
            inventory = inventory.model_copy(update={"taken_at": stamp(cloud.clock.now())})
            loop = LivingLoop(cloud.clock, speed)
            with _running(loop, cloud):
                served = Served(cloud, inventory, scenario, speed=speed, loop=loop, number=number)
                loop.run_until_complete(_serve(served, loop, number, ready))


async def _serve(
    served: Served, loop: asyncio.AbstractEventLoop, number: int, ready: Callable[[dict[str, Any]], None]
) -> None:
    stop = asyncio.Event()
    for ending in _ENDINGS:
        loop.add_signal_handler(ending, stop.set)
    control = Port(number, loop, Control(served).answer)
    served.control = control.url
    try:
        await served.open()
        control.open()
        ready(served.identity())
        await stop.wait()
    finally:
        control.give_up()
        await served.close()


@contextmanager
def _ending_cleanly() -> Iterator[None]:
    """While nothing is served yet, SIGTERM ends like Ctrl-C: what is temporary goes with it."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _running(loop: LivingLoop, cloud: SimulatedCloud) -> Iterator[None]:
    """The cloud's clock follows this loop, and what is left at the end is cancelled and settles."""
    with cloud.clock.driven_by(loop):
        try:
            yield
        finally:
            loop.run_until_complete(_settled())
            loop.close()


async def _settled() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
