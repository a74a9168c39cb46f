"""Writes down what each role declares, by folder of configuration. After a change that is meant, run this file.

The centre is brought up in the simulated cloud, so that every value is known and the stacks' wiring can be told.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from outline import names, outline

from drills import build
from drills.simulator.cloud import SimulatedCloud

if TYPE_CHECKING:
    from drills.simulator.provision import Stack

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
FOLDERS = {"default": CONFIG, **{folder.name: folder for folder in sorted((CONFIG / "examples").iterdir())}}
WRITTEN = Path(__file__).parent / "graphs"
REWRITE = ".venv/bin/python tests/golden/graphs.py"


def drawn(config: Path) -> dict[str, str]:
    """Role → outline, of a folder of configuration."""
    stacks: dict[str, Stack] = {}
    provision = build.provision

    def noted(role: str, **arguments: Any) -> Stack:
        stacks[role] = provision(role, **arguments)
        return stacks[role]

    with (
        TemporaryDirectory() as folder,
        patch.object(build, "provision", noted),
        SimulatedCloud(1, settings_dir=Path(folder)) as cloud,
    ):
        build.build(cloud, Path(folder), config=config)
    return {role: outline(stack.graph, names(stacks, role)) for role, stack in stacks.items()}


def main() -> None:
    """Write them all anew."""
    for name, folder in FOLDERS.items():
        for role, text in drawn(folder).items():
            place = WRITTEN / name / f"{role}.txt"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
            print(f"{place.relative_to(ROOT)}: {len(text.splitlines())} lines")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    sys.exit(main())
