"""Reads a role's settings from its configuration: `config/Pulumi.<role>.yaml`, parsed once, all faults told at once.

Laws:
- Regions in which AWS does not offer what the continuity model needs are refused.
- A key of the other continuity model is refused: it would be believed, and do nothing.
- What is not known is refused: a misspelt key in a table is a fault, not a default.
- A queue that a group or a line names may be absent, the overflow queue too, and so may all: the stack then provides
  what it can, and the flow says so. That nobody is answered is for a drill to show.
- What `prepare-standby` recorded is read from configuration keys first, then from `prepared.standby.json`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, TypedDict, cast, get_args

from stacks.calendars import BUILT_IN, faults_of
from stacks.reader import Reader
from stacks.regions import BARE, SIDES, Continuity, RegionPair, not_offered
from stacks.settings import (
    NUMBER_TYPES,
    PHONES,
    PREPARED_FILE,
    AgentGroupSettings,
    BotSettings,
    CentreSettings,
    DesktopSettings,
    GlobalSettings,
    HoursSettings,
    LineSettings,
    OriginationSettings,
    PartnerSettings,
    QueueSettings,
    RemoteSettings,
    ReplicaSettings,
    Role,
    SettingsRefused,
    SipRuleSettings,
    TargetSettings,
    TelephonySettings,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from stacks.regions import Side
    from stacks.settings import Entry, Settings, Source

PREPARED: Final = ("instance_id", "traffic_group_arn", "default_traffic_group_arn")
"""What `prepare-standby` records: keys of a standby that is a replica."""
MIRRORED: Final = (
    "instance_alias", "hours", "queues", "overflow_queue", "partners", "agent_groups", "lines", "number_country",
    "number_type",
)  # fmt: skip
"""Keys of a side that declares its contact centre."""
ROUTES_MOST: Final = 20
"""Hosts of one Voice Connector (botocore, chime-sdk-voice: OriginationRouteList)."""
PORT_MOST: Final = 65_535

_E164 = re.compile(r"\+[1-9]\d{1,14}")


class _Agreed(TypedDict):
    """What all roles must say alike; see `stacks.references.agreed`."""

    regions: RegionPair
    continuity: Continuity


def read(source: Source, *, settings_dir: Path) -> Settings:
    """The settings of the role that `source` names.

    Args:
        source: Pulumi's configuration of the project's own namespace.
        settings_dir: Where `prepared.standby.json` lies, if it does.

    Raises:
        SettingsRefused: with every fault found.
    """
    reader = Reader(source)
    role = reader.one_of("role", get_args(Role))
    continuity = reader.one_of("continuity", get_args(Continuity), otherwise="global-resiliency")
    regions = RegionPair(reader.text("primary_region"), reader.text("standby_region"))
    if not role or not continuity:
        raise SettingsRefused(reader.faults)
    agreed: _Agreed = {"regions": regions, "continuity": cast("Continuity", continuity)}
    if all(regions):
        why = not_offered(regions, agreed["continuity"])
        reader.faults += [f"primary_region, standby_region: {each}" for each in why]
    return _of_role(cast("Role", role), reader, agreed, settings_dir)


def _of_role(role: Role, reader: Reader, agreed: _Agreed, settings_dir: Path) -> Settings:
    if role == "global":
        return _global(reader, agreed)
    if agreed["continuity"] == "independent-instances":
        _refuse(reader, PREPARED, "nothing is prepared where instances are independent")
        if (settings_dir / PREPARED_FILE).exists():
            reader.faults.append(f"{settings_dir / PREPARED_FILE}: a replica was prepared from here; remove it")
    elif role == "standby":
        _refuse(reader, MIRRORED, "AWS mirrors it from primary, which alone declares it")
        return _replica(reader, agreed, settings_dir)
    return _centre(role, reader, agreed)


def _refuse(reader: Reader, keys: Iterable[str], why: str) -> None:
    reader.faults += [f"{key}: {why}; remove it" for key in keys if reader.source.get(key) is not None]


def _refuse_in_bare(reader: Reader, key: str, *, configured: bool, regions: Iterable[str]) -> None:
    if configured:
        reader.faults += [
            f"{key}: AWS offers none of it in {region}; remove it" for region in BARE.intersection(regions)
        ]


def _global(reader: Reader, agreed: _Agreed) -> GlobalSettings:
    settings = GlobalSettings(
        role="global",
        zone_name=reader.text("zone_name"),
        front_door=reader.text("front_door"),
        telephony=_telephony(reader, agreed["continuity"]),
        **agreed,
    )
    _refuse_in_bare(reader, "origination", configured=bool(settings.telephony), regions=settings.regions)
    reader.refuse_if_faulty()
    return settings


def _telephony(reader: Reader, continuity: Continuity) -> TelephonySettings | None:
    """Needed where nothing else moves calls; a replica's numbers move with the traffic group, and need none."""
    rule = _rule(reader)
    if continuity == "global-resiliency" and not rule and reader.source.get("origination") is None:
        return None
    origination = reader.table("origination", OriginationSettings)
    _of_both_sides(reader, "origination", origination)
    for each in origination:
        if not 1 <= len(each.hosts) <= ROUTES_MOST:
            reader.faults.append(f"origination.{each.name}.hosts: {len(each.hosts)} given, 1 to {ROUTES_MOST} needed")
        if each.port > PORT_MOST:
            reader.faults.append(f"origination.{each.name}.port: {each.port} is above {PORT_MOST}")
    return TelephonySettings(origination=origination, rule=rule)


def _rule(reader: Reader) -> SipRuleSettings | None:
    if reader.source.get("sip_rule_targets") is None and reader.source.get("sip_rule_trigger") is None:
        return None
    targets = reader.table("sip_rule_targets", TargetSettings)
    _of_both_sides(reader, "sip_rule_targets", targets)
    return SipRuleSettings(trigger=reader.text("sip_rule_trigger"), targets=targets)


def _of_both_sides(reader: Reader, key: str, entries: tuple[Entry, ...]) -> None:
    if entries and {each.name for each in entries} != {*SIDES}:
        named = ", ".join(each.name for each in entries)
        reader.faults.append(f"{key}: names {named}; name {' and '.join(SIDES)}, each once")


def _centre(side: Side, reader: Reader, agreed: _Agreed) -> CentreSettings:
    queues = reader.table("queues", QueueSettings, or_empty=True)
    hours = _calendars(reader, queues)
    settings = CentreSettings(
        role=side,
        instance_alias=reader.text("instance_alias"),
        hours=hours,
        queues=queues,
        overflow_queue=reader.source.get("overflow_queue") or "",
        partners=_partners(reader, queues),
        agent_groups=reader.table("agent_groups", AgentGroupSettings),
        lines=reader.table("lines", LineSettings),
        number_country=reader.text("number_country"),
        number_type=reader.one_of("number_type", NUMBER_TYPES, otherwise="DID"),
        remote=_remote(reader),
        bots=reader.table_if_any("bots", BotSettings),
        **agreed,
    )
    reader.faults += [
        f"agent_groups.{group.name}.phone: {group.phone!r} is none of {', '.join(PHONES)}"
        for group in settings.agent_groups
        if group.phone not in PHONES
    ]
    reader.refuse_if_faulty()
    return settings


def _calendars(reader: Reader, queues: tuple[QueueSettings, ...]) -> tuple[HoursSettings, ...]:
    """The built-in ones and those configured, in which a name wins over the built-in one."""
    hours = {each.name: each for each in (*BUILT_IN, *reader.table_if_any("hours", HoursSettings))}
    reader.faults += [fault for each in hours.values() for fault in faults_of(each)]
    reader.faults += [
        f"queues.{queue.name}.hours: {queue.hours!r} is none of {', '.join(hours)}"
        for queue in queues
        if queue.hours not in hours
    ]
    return tuple(hours.values())


def _partners(reader: Reader, queues: tuple[QueueSettings, ...]) -> tuple[PartnerSettings, ...]:
    partners, named = reader.table_if_any("partners", PartnerSettings), {queue.name for queue in queues}
    reader.faults += [
        *(f"partners.{each.name}.number: not in E.164 form" for each in partners if not _E164.fullmatch(each.number)),
        *(f"partners.{each.name}: a queue has this name" for each in partners if each.name in named),
    ]
    return partners


def _replica(reader: Reader, agreed: _Agreed, settings_dir: Path) -> ReplicaSettings:
    recorded = _recorded(settings_dir / PREPARED_FILE, reader)
    facts = {key: reader.source.get(key) or recorded.get(key, "") for key in PREPARED}
    reader.faults += [
        f"{key}: not known yet; execute prepare-standby, which records it" for key in PREPARED if not facts[key]
    ]
    source_region = agreed["regions"].primary
    reader.faults += [
        f"{key}: {facts[key]} is no traffic distribution group of {source_region}, where alone groups are made"
        for key in PREPARED[1:]
        if facts[key] and not _is_group(facts[key], source_region)
    ]
    remote, bots = _remote(reader), reader.table_if_any("bots", BotSettings)
    _refuse_in_bare(reader, "desktops", configured=remote is not None, regions=[agreed["regions"].standby])
    _refuse_in_bare(reader, "bots", configured=bool(bots), regions=[agreed["regions"].standby])
    reader.refuse_if_faulty()
    return ReplicaSettings(role="standby", remote=remote, bots=bots, **agreed, **facts)


def _is_group(arn: str, region: str) -> bool:
    return f":connect:{region}:" in arn and ":traffic-distribution-group/" in arn


def _remote(reader: Reader) -> RemoteSettings | None:
    """Desktops, where there are any; directory and bundle are then needed, and may be there all the same."""
    keys = ("desktop_directory", "desktop_bundle")
    if not reader.source.get_object("desktops"):
        for key in keys:
            reader.source.get(key)
        return None
    directory_id, bundle_id = map(reader.text, keys)
    return RemoteSettings(
        directory_id=directory_id, bundle_id=bundle_id, groups=reader.table("desktops", DesktopSettings)
    )


def _recorded(path: Path, reader: Reader) -> dict[str, str]:
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
