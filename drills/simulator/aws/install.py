"""Puts our extensions of moto in place, before anything of the service is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drills.simulator.aws import cloudwatch, keys, route53, tables
from drills.simulator.aws.connect import install as connect
from drills.simulator.aws.voice import install as voice
from drills.simulator.aws.workspaces import install as workspaces

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


def install(
    region_is_down: Callable[[str, datetime], bool] | None = None,
    without_rules: Callable[[str], None] | None = None,
) -> None:
    """Extend moto: Connect, Chime SDK Voice, Route 53, CloudWatch, DynamoDB, KMS, WorkSpaces. Idempotent.

    Earlier state stays with moto's own backends.

    Rules that are stricter than moto's hold in founded accounts only (`drills.simulator.aws.accounts`).

    Args:
        region_is_down: tells whether a Region was dead at a moment (UTC); None where all live.
        without_rules: hears of what is asked for in a form that has no rules here, and may refuse it by an exception;
            None where moto answers as it can.
    """
    cloudwatch.install(region_is_down, without_rules)
    route53.install()
    tables.install()
    keys.install()
    connect.install()
    voice.install()
    workspaces.install()


def reset() -> None:
    """Forget the network; moto forgets its state itself when its mock ends."""
    cloudwatch.install(None)
