"""One account's contact centre over all services and Regions, as callers and agents meet it."""

from __future__ import annotations

from drills.simulator.aws.connect.estate import (
    agent_shares,
    groups,
    numbers,
    sign_in_regions,
    site,
    sites,
    telephony_shares,
)
from drills.simulator.aws.voice.estate import carriers

__all__ = [
    "agent_shares",
    "carriers",
    "groups",
    "numbers",
    "sign_in_regions",
    "site",
    "sites",
    "telephony_shares",
]
