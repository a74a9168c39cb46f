"""What a large run keeps in memory: prints JSON for `run.py`, which gives each size a process of its own. Linux only.

`kept` is what a run has added by its end, plan and all, to what was there when its steps were handed over; `peak` is
the process's highest, steps and all, which comes when the plan is written down: one event holds it whole.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from engine import WIDTH, Inline, layered, run_once


def main() -> None:
    """Run `argv[1]` steps that do nothing on a journal in the folder `argv[2]`."""
    steps = layered(int(sys.argv[1]) // WIDTH)
    held = [held_kib("VmRSS")]
    took_s = asyncio.run(run_once(steps, Inline(), Path(sys.argv[2]), lambda: held.append(held_kib("VmRSS"))))
    before, after = held
    told = {"steps_s": len(steps) / took_s, "kept_kib": after - before, "peak_kib": held_kib("VmHWM")}
    print(json.dumps(told))


def held_kib(what: str) -> int:
    """One of the process's sizes, as the kernel counts them."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:"))


if __name__ == "__main__":
    main()
