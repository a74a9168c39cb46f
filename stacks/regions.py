"""Which two Regions: the pair that Amazon Connect Global Resiliency offers, and which of the two a role lives in.

Source: Administrator Guide, "Create a replica of your existing Amazon Connect instance" and "Set up Amazon Connect
Global Resiliency": N. Virginia and Oregon, London and Frankfurt, either way; Tokyo to Osaka only.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Side = Literal["primary", "standby"]


class RegionPair(NamedTuple):
    """The Region of the source instance and that of its replica."""

    primary: str
    standby: str

    def of(self, side: Side) -> str:
        """The Region of one side."""
        return self.primary if side == "primary" else self.standby


OFFERED = frozenset(
    {
        RegionPair("us-east-1", "us-west-2"),
        RegionPair("us-west-2", "us-east-1"),
        RegionPair("eu-west-2", "eu-central-1"),
        RegionPair("eu-central-1", "eu-west-2"),
        RegionPair("ap-northeast-1", "ap-northeast-3"),
    }
)


def other(side: Side) -> Side:
    """The opposite side."""
    return "standby" if side == "primary" else "primary"
