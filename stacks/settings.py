"""What a role is configured with, frozen. `stacks.reading` makes it of `config/Pulumi.<role>.yaml`.

Law: which settings a side has tells its continuity model. A side that declares its contact centre has `CentreSettings`:
the primary always, the standby where instances are independent. A standby that is a replica has `ReplicaSettings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import pulumi

from stacks.regions import Continuity, RegionPair, Side

Role = Literal["global", "primary", "standby"]

ALWAYS = "always"
PREPARED_FILE = "prepared.standby.json"
PHONES = ("SOFT_PHONE", "DESK_PHONE")
"""`PhoneType` of the Connect model."""
NUMBER_TYPES = frozenset({"DID", "TOLL_FREE", "UIFN", "SHARED", "THIRD_PARTY_DID", "THIRD_PARTY_TF"})
"""`PhoneNumberType` of the Connect model, without the short codes, which cannot take calls."""


class SettingsRefused(pulumi.RunError):
    """Configuration that cannot be provisioned. `faults` holds every fault, each with its remedy."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("configuration refused:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = tuple(faults)


class Source(Protocol):
    """What is read of `pulumi.Config`."""

    def get(self, key: str) -> str | None:
        """The value of a key, or None."""

    def get_object(self, key: str) -> Any:
        """The value of a key that holds a table, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One named entry of a table in the configuration."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings(Entry):
    """A queue; `max_contacts` None means the instance's own limit. `hours` names its calendar in normal times."""

    max_contacts: int | None = None
    hours: str = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentGroupSettings(Entry):
    """Agents that move together, and the queues they serve in normal times, first priority first."""

    agents: int
    queues: list[str]
    phone: str = "SOFT_PHONE"
    """What their calls ring at in normal times; `DESK_PHONE` gives each a fictional number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSettings(Entry):
    """A line of business: how many numbers, and the queue behind them. Lower `priority` moves first."""

    queue: str
    numbers: int = 1
    priority: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursSettings(Entry):
    """A calendar: windows such as `MONDAY-FRIDAY 08:00-20:00` (`stacks.calendars`)."""

    open: list[str]
    time_zone: str = "Etc/UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSettings(Entry):
    """Somebody outside, to whom agents may hand a caller over: a number in E.164 form."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotSettings(Entry):
    """An Amazon Lex V2 bot of this side's Region, and the alias in use."""

    bot_id: str
    alias_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DesktopSettings(Entry):
    """Desktops of an agent group, one for each of its first `count` agents."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSettings:
    """Desktops of remote agents on one side: in a directory that is registered with WorkSpaces, from one bundle."""

    directory_id: str
    bundle_id: str
    groups: tuple[DesktopSettings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginationSettings(Entry):
    """Where the Voice Connector of the side `name` hands calls to: session border controllers, first tried first."""

    hosts: list[str]
    port: int = 5061
    """The port of SIP over TLS (RFC 3261): the connectors require encryption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings(Entry):
    """The SIP media application of the side `name`, in that side's Region."""

    application: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SipRuleSettings:
    """A SIP rule: what it is triggered by (a number in E.164, else a request's host), and each side's application."""

    trigger: str
    targets: tuple[TargetSettings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephonySettings:
    """What calls arrive at before they reach an instance, for both sides."""

    origination: tuple[OriginationSettings, ...]
    rule: SipRuleSettings | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every role knows."""

    role: Role
    regions: RegionPair
    continuity: Continuity


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalSettings(Settings):
    """What is neither side's."""

    zone_name: str
    front_door: str
    telephony: TelephonySettings | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SideSettings(Settings):
    """What both sides know."""

    role: Side
    remote: RemoteSettings | None
    bots: tuple[BotSettings, ...]

    @property
    def region(self) -> str:
        """Where this side lives."""
        return self.regions.of(self.role)


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreSettings(SideSettings):
    """A side that declares its contact centre. `overflow_queue` is empty where full lines have nowhere else to go."""

    instance_alias: str
    hours: tuple[HoursSettings, ...]
    queues: tuple[QueueSettings, ...]
    overflow_queue: str
    partners: tuple[PartnerSettings, ...]
    agent_groups: tuple[AgentGroupSettings, ...]
    lines: tuple[LineSettings, ...]
    number_country: str
    number_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSettings(SideSettings):
    """The replica's side, with what `prepare-standby` recorded. Group ARNs are of the source Region."""

    instance_id: str
    traffic_group_arn: str
    default_traffic_group_arn: str
