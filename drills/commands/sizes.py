"""The option `--config DIR`: which contact centre is simulated, the configured one or an example of another size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser


def add_config(parser: ArgumentParser) -> None:
    """Without the option the folder is `./config`, else the one that is installed (`drills.build.config_dir`)."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="DIR",
        help="the stacks' configuration, and scenarios of its own (config; see config/examples)",
    )
