"""Cold starts: whole processes of the command as installed, beside the interpreter that starts and does nothing.

`PYTHONDONTWRITEBYTECODE` is taken out of their environment, and a first round is left out: where it is set, every start
compiles again, which costs twice as much and says nothing about what is installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from figures import rounds

if TYPE_CHECKING:
    from collections.abc import Callable

    from figures import Figures

FAILOVER = str(Path(sys.executable).with_name("failover"))
NOTHING = "python -c pass"
PLAN = "failover plan region-evacuation --simulate"
COMMANDS = {
    NOTHING: [sys.executable, "-c", "pass"],
    "failover --version": [FAILOVER, "--version"],
    "failover --help": [FAILOVER, "--help"],
    "failover status": [FAILOVER, "status"],
    PLAN: [FAILOVER, "plan", "region-evacuation", "--simulate"],
}


def starts(home: Path) -> dict[str, Figures]:
    """Milliseconds from start to end of each command; `status` tells of a drill recorded in `home`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FAILOVER_")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["FAILOVER_HOME"] = str(home)
    run([FAILOVER, "drill", "run", "region-outage", "--json"], environment)
    measures: dict[str, Callable[[], float]] = {
        name: partial(run, command, environment) for name, command in COMMANDS.items()
    }
    return rounds(measures)


def run(command: list[str], environment: dict[str, str]) -> float:
    """Milliseconds of one process that must end well."""
    started = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - our own commands
    return (time.perf_counter() - started) * 1_000
