"""The 500-seat centre from its stacks into the simulated cloud: built first in a process, restored, and built again.

Built are global, primary, prepare-standby (executed by the engine) and standby; opening and closing the cloud counts.
Each round is a process of its own, so that "first" is cold; importing is told apart. What is restored is for another
seed. The goal is a second time five times as fast as the first without its imports.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from figures import RUNS, of

if TYPE_CHECKING:
    from drills.kept import Kept
    from orchestrator.model.inventory import Inventory

CONFIG = Path(__file__).parents[1] / "config" / "examples" / "500-seats"
SEATS = 500
RATIO = "first / restored"


def once() -> dict[str, float]:
    """Seconds to import, to build (and keep), to restore, and to build again with nothing kept."""
    moments = [time.perf_counter()]
    from drills import build  # noqa: F401, PLC0415 - what is measured is the import
    from drills.kept import Kept  # noqa: PLC0415 - as above
    from drills.simulator import cloud  # noqa: F401, PLC0415 - as above

    moments.append(time.perf_counter())
    kept = Kept()
    inventories: list[Inventory] = []
    for seed, store in ((1, kept), (2, kept), (3, None)):
        inventories.append(_brought_up(seed, store))
        moments.append(time.perf_counter())
    first, *others = inventories
    assert kept.restored == 1, "the second time was no restoring"
    assert all(other == first for other in others), "what came up differs"
    assert sum(len(group.user_ids) for group in first.primary.connect.agent_groups.values()) == SEATS
    took = [end - begin for begin, end in pairwise(moments)]
    return dict(zip(("import", "first", "restored", "built again"), took, strict=True))


def _brought_up(seed: int, kept: Kept | None) -> Inventory:
    from drills.build import build  # noqa: PLC0415 - see `once`
    from drills.simulator.cloud import SimulatedCloud  # noqa: PLC0415 - start-up

    with tempfile.TemporaryDirectory() as folder, SimulatedCloud(seed, settings_dir=Path(folder)) as cloud:
        return build(cloud, Path(folder), config=CONFIG, kept=kept)


def main() -> None:
    """Medians and extremes of several processes, after one left out; `--json` for `run.py`, `--once` for one round."""
    if "--once" in sys.argv[1:]:
        print(json.dumps(once()))
        return
    command = [sys.executable, __file__, "--once"]
    found = [
        json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603 - this script
        for _ in range(RUNS + 1)
    ][1:]
    told = {name: of([each[name] for each in found]) for name in found[0]}
    told[RATIO] = of([each["first"] / each["restored"] for each in found])
    if "--json" in sys.argv[1:]:
        print(json.dumps(told))
        return
    for name, figures in told.items():
        print(f"{name:<18}{figures.shown('.3f')}{'' if name == RATIO else ' s'}")


if __name__ == "__main__":
    main()
