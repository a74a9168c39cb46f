"""The 500-seat centre from its stacks into the simulated cloud: the first time in a process, and the second.

Built are global, primary, prepare-standby (executed by the engine) and standby. Each round is a process of its own, so
that "first" is cold: importing is told apart. The goal is a second time five times as fast as the first with imports.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from figures import RUNS, of

if TYPE_CHECKING:
    from orchestrator.model.inventory import Inventory

CONFIG = Path(__file__).parents[1] / "config" / "examples" / "500-seats"
SEATS = 500


def once() -> dict[str, float]:
    """Seconds to import, to build, and to build again."""
    began = time.perf_counter()
    from drills import build  # noqa: F401, PLC0415 - importing is what is measured
    from drills.simulator import cloud  # noqa: F401, PLC0415 - what is measured is the import

    imported = time.perf_counter()
    first = _built()
    at_first = time.perf_counter()
    second = _built()
    at_second = time.perf_counter()
    assert first.digest == second.digest, "the second time built something else"
    assert sum(len(group.user_ids) for group in first.primary.connect.agent_groups.values()) == SEATS
    return {"import": imported - began, "first": at_first - imported, "second": at_second - at_first}


def _built() -> Inventory:
    from drills.build import build  # noqa: PLC0415 - see `once`
    from drills.simulator.cloud import SimulatedCloud  # noqa: PLC0415 - start-up

    with tempfile.TemporaryDirectory() as folder, SimulatedCloud(1, settings_dir=Path(folder)) as cloud:
        return build(cloud, Path(folder), config=CONFIG)


def main() -> None:
    """Medians and extremes of several processes, after one that is left out; `--once` prints one as JSON."""
    if "--once" in sys.argv[1:]:
        print(json.dumps(once()))
        return
    command = [sys.executable, __file__, "--once"]
    found = [
        json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603 - this script
        for _ in range(RUNS + 1)
    ][1:]
    for name in found[0]:
        print(f"{name:<8}{of([each[name] for each in found]).shown('.2f')} s")
    for name, parts in {"first / second": ("first",), "cold / second": ("import", "first")}.items():
        print(f"{name:<16}{of([sum(each[part] for part in parts) / each['second'] for each in found]).shown('.2f')}")


if __name__ == "__main__":
    main()
