"""What a role is configured with: `config/Pulumi.<role>.yaml`, parsed once, frozen, all faults told at once.

Laws:
- A Region pair that AWS does not offer for Global Resiliency is refused.
- What is not known is refused: a misspelt key in a table is a fault, not a default.
- A queue that a group or a line names may be absent, and so may all: the stack then provides what it can, and the flow
  says so. That nobody is answered is for a drill to show.
- What `prepare-standby` recorded is read from configuration keys first, then from `prepared.standby.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, get_args

import pulumi

from stacks.regions import OFFERED, RegionPair

if TYPE_CHECKING:
    from pathlib import Path

Role = Literal["global", "primary", "standby"]
T = TypeVar("T", bound="Entry")

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
    """A queue; `max_contacts` None means the instance's own limit."""

    max_contacts: int | None = None


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
class Settings:
    """What every role knows."""

    role: Role
    regions: RegionPair


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalSettings(Settings):
    """What is neither side's."""

    zone_name: str
    front_door: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimarySettings(Settings):
    """The source side."""

    instance_alias: str
    queues: tuple[QueueSettings, ...]
    agent_groups: tuple[AgentGroupSettings, ...]
    lines: tuple[LineSettings, ...]
    number_country: str
    number_type: str
    remote: RemoteSettings | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandbySettings(Settings):
    """The replica's side, with what `prepare-standby` recorded. Group ARNs are of the source Region."""

    instance_id: str
    traffic_group_arn: str
    default_traffic_group_arn: str
    remote: RemoteSettings | None


class _Reader:
    """Reads keys and gathers what is wrong with them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[str] = []

    def text(self, key: str, *, otherwise: str = "") -> str:
        value = self.source.get(key) or otherwise
        if not value:
            self.faults.append(f"{key}: missing; set it in this role's Pulumi.<role>.yaml")
        return value

    def table(self, key: str, entry: type[T], *, or_empty: bool = False) -> tuple[T, ...]:
        raw = self.source.get_object(key)
        if or_empty and not raw and self.source.get(key) is not None:
            return ()
        if not isinstance(raw, Mapping) or not raw:
            self.faults.append(f"{key}: a table of names is needed, each with its own keys")
            return ()
        found = (self._entry(f"{key}.{name}", str(name), body, entry) for name, body in raw.items())
        return tuple(each for each in found if each is not None)

    def _entry(self, where: str, name: str, body: Any, entry: type[T]) -> T | None:
        body = body or {}
        known = {f.name: f for f in fields(entry) if f.name != "name"}
        wrong = [f"{where}: unknown key {key!r}; known: {', '.join(known)}" for key in body if key not in known]
        wrong += [f"{where}: {n} is missing" for n, f in known.items() if f.default is MISSING and n not in body]
        wrong += [
            f"{where}.{key}: {value!r} is not {_shape(known[key].type)}"
            for key, value in body.items()
            if key in known and not _fits(value, str(known[key].type))
        ]
        self.faults += wrong
        return None if wrong else entry(name=name, **body)

    def refuse_if_faulty(self) -> None:
        if self.faults:
            raise SettingsRefused(self.faults)


def _shape(annotation: object) -> str:
    return {"str": "a text", "list[str]": "a list of names"}.get(str(annotation), "a whole number from 1")


def _fits(value: Any, annotation: str) -> bool:
    if annotation == "str":
        return isinstance(value, str)
    if annotation == "list[str]":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def read(source: Source, *, settings_dir: Path) -> Settings:
    """The settings of the role that `source` names.

    Args:
        source: Pulumi's configuration of the project's own namespace.
        settings_dir: Where `prepared.standby.json` lies, if it does.

    Raises:
        SettingsRefused: with every fault found.
    """
    reader = _Reader(source)
    role = reader.text("role")
    regions = _regions(reader)
    if role not in get_args(Role):
        reader.faults.append(f"role: {role!r} is none of {', '.join(get_args(Role))}")
        raise SettingsRefused(reader.faults)
    return _READERS[role](reader, regions, settings_dir)


def _regions(reader: _Reader) -> RegionPair:
    pair = RegionPair(reader.text("primary_region"), reader.text("standby_region"))
    if all(pair) and pair not in OFFERED:
        offered = ", ".join(f"{a} to {b}" for a, b in sorted(OFFERED))
        reader.faults.append(
            f"primary_region, standby_region: AWS offers no Global Resiliency from {pair.primary} to {pair.standby}; "
            f"choose one of {offered}"
        )
    return pair


def _global(reader: _Reader, regions: RegionPair, _settings_dir: Path) -> Settings:
    zone_name, front_door = reader.text("zone_name"), reader.text("front_door")
    reader.refuse_if_faulty()
    return GlobalSettings(role="global", regions=regions, zone_name=zone_name, front_door=front_door)


def _primary(reader: _Reader, regions: RegionPair, _settings_dir: Path) -> Settings:
    number_type = reader.text("number_type", otherwise="DID")
    if number_type not in NUMBER_TYPES:
        reader.faults.append(f"number_type: {number_type!r} is none of {', '.join(sorted(NUMBER_TYPES))}")
    settings = PrimarySettings(
        role="primary",
        regions=regions,
        instance_alias=reader.text("instance_alias"),
        queues=reader.table("queues", QueueSettings, or_empty=True),
        agent_groups=reader.table("agent_groups", AgentGroupSettings),
        lines=reader.table("lines", LineSettings),
        number_country=reader.text("number_country"),
        number_type=number_type,
        remote=_remote(reader),
    )
    reader.faults += [
        f"agent_groups.{group.name}.phone: {group.phone!r} is none of {', '.join(PHONES)}"
        for group in settings.agent_groups
        if group.phone not in PHONES
    ]
    reader.refuse_if_faulty()
    return settings


def _standby(reader: _Reader, regions: RegionPair, settings_dir: Path) -> Settings:
    recorded = _recorded(settings_dir / PREPARED_FILE, reader)
    keys = ("instance_id", "traffic_group_arn", "default_traffic_group_arn")
    facts = {key: reader.source.get(key) or recorded.get(key, "") for key in keys}
    reader.faults += [
        f"{key}: not known yet; execute prepare-standby, which records it" for key in keys if not facts[key]
    ]
    home = f":connect:{regions.primary}:"
    reader.faults += [
        f"{key}: {facts[key]} is no traffic distribution group of {regions.primary}, where alone groups are made"
        for key in keys[1:]
        if facts[key] and (home not in facts[key] or ":traffic-distribution-group/" not in facts[key])
    ]
    remote = _remote(reader)
    reader.refuse_if_faulty()
    return StandbySettings(role="standby", regions=regions, remote=remote, **facts)


def _remote(reader: _Reader) -> RemoteSettings | None:
    """Desktops, where there are any; directory and bundle are then needed."""
    if not reader.source.get_object("desktops"):
        return None
    return RemoteSettings(
        directory_id=reader.text("desktop_directory"),
        bundle_id=reader.text("desktop_bundle"),
        groups=reader.table("desktops", DesktopSettings),
    )


def _recorded(path: Path, reader: _Reader) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        facts = json.loads(path.read_text())
    except ValueError as wrong:
        reader.faults.append(f"{path}: {wrong}; execute prepare-standby again")
        return {}
    if not isinstance(facts, dict) or not all(isinstance(value, str) for value in facts.values()):
        reader.faults.append(f"{path}: a table of texts is needed; execute prepare-standby again")
        return {}
    return facts


_READERS = {"global": _global, "primary": _primary, "standby": _standby}
