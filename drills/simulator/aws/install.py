"""Puts our extensions of moto in place, before anything of the service is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drills.simulator.aws import cloudwatch, route53
from drills.simulator.aws.connect import install as connect

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


def install(region_is_down: Callable[[str, datetime], bool] | None = None) -> None:
    """Extend moto: Connect, Route 53, CloudWatch. Idempotent; state held before stays with moto's own backends.

    Args:
        region_is_down: tells whether a Region was dead at a moment (UTC); None where all live.
    """
    cloudwatch.install(region_is_down)
    route53.install()
    connect.install()


def reset() -> None:
    """Forget the network; moto forgets its state itself when its mock ends."""
    cloudwatch.install(None)
