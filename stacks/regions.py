"""Which two Regions: what each continuity model can have, and which of the two a role lives in.

Sources. Global Resiliency: Administrator Guide, "Create a replica of your existing Amazon Connect instance" and "Set up
Amazon Connect Global Resiliency": N. Virginia and Oregon, London and Frankfurt, either way; Tokyo to Osaka only.
Instances of their own: Administrator Guide, "Availability of Amazon Connect features by Region" (Osaka is not on that
list: it takes replicas only), and Amazon Chime SDK API reference, CreateVoiceConnector: AwsRegion, as botocore has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Side = Literal["primary", "standby"]
Continuity = Literal["global-resiliency", "independent-instances"]
SIDES: Final[tuple[Side, Side]] = ("primary", "standby")


class RegionPair(NamedTuple):
    """The Regions of the two sides; under Global Resiliency, of the source instance and of its replica."""

    primary: str
    standby: str

    def of(self, side: Side) -> str:
        """The Region of one side."""
        return self.primary if side == "primary" else self.standby


OFFERED: Final = frozenset(
    {
        RegionPair("us-east-1", "us-west-2"),
        RegionPair("us-west-2", "us-east-1"),
        RegionPair("eu-west-2", "eu-central-1"),
        RegionPair("eu-central-1", "eu-west-2"),
        RegionPair("ap-northeast-1", "ap-northeast-3"),
    }
)
"""The pairs of Global Resiliency."""

CONNECT: Final = frozenset(
    {
        "af-south-1",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-west-2",
        "us-east-1",
        "us-west-2",
    }
)
"""Where an instance can be created, in the partition `aws`."""

VOICE_CONNECTORS: Final = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "us-east-1",
        "us-west-2",
    }
)
"""Where a Voice Connector can be created."""


BARE: Final = frozenset({"ap-northeast-3"})
"""Where a replica can be, and neither WorkSpaces nor Lex nor a Voice Connector (botocore: endpoints of each)."""


def other(side: Side) -> Side:
    """The opposite side."""
    return "standby" if side == "primary" else "primary"


def not_offered(pair: RegionPair, continuity: Continuity) -> Iterator[str]:
    """What AWS does not offer of what a continuity model needs in these two Regions, in sentences."""
    if continuity == "global-resiliency":
        if pair not in OFFERED:
            offered = ", ".join(f"{a} to {b}" for a, b in sorted(OFFERED))
            yield f"AWS offers no Global Resiliency from {pair.primary} to {pair.standby}; choose one of {offered}"
        return
    if pair.primary == pair.standby:
        yield f"both are {pair.primary}, which would take both instances with it; choose two Regions"
    for service, regions in (("Amazon Connect", CONNECT), ("Voice Connectors", VOICE_CONNECTORS)):
        for region in sorted({*pair} - regions):
            yield f"AWS offers no {service} in {region}; choose one of {', '.join(sorted(CONNECT & VOICE_CONNECTORS))}"
