"""The one program: it reads its role from configuration, declares that role, and exports its part of the inventory.

Order under Global Resiliency: `up global`, `up primary`, execute the runbook prepare-standby, `up standby`. With
independent instances nothing is prepared: `up global`, `up primary`, `up standby`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pulumi
import pulumi_aws as aws

from orchestrator.model.inventory import Environment, Global
from stacks import exports, names
from stacks.asked import Asked, configured
from stacks.bots import Bots
from stacks.contact_centre import ContactCentre
from stacks.desktops import Desktops
from stacks.flags import Flags
from stacks.front_door import TTL_S, FrontDoor
from stacks.platform import PlatformSettings, declare_control, declare_shared, declare_side, platform_settings
from stacks.reading import read
from stacks.references import Stacks
from stacks.replica import Replica
from stacks.run_table import RunTable
from stacks.settings import CentreSettings, GlobalSettings, ReplicaSettings
from stacks.telephony import Telephony

if TYPE_CHECKING:
    from stacks.regions import Side
    from stacks.settings import Settings

Exports: TypeAlias = dict[str, pulumi.Input[Any]]

PARTITION = "aws"
"""All Regions that `stacks.regions` knows are in it."""


def program() -> None:
    """Declare the role that the configuration names.

    Raises:
        SettingsRefused: the configuration cannot be provisioned, or the roles' configurations contradict each other.
    """
    config = Asked(pulumi.Config())
    settings_dir = config.get("settings_dir") or str(Path(pulumi.get_root_directory()) / "config")
    settings = read(config, settings_dir=Path(settings_dir))
    platform = platform_settings(config, settings.role)
    config.refuse_others(configured())
    for name, value in _declare(settings, platform).items():
        pulumi.export(name, value)


def _declare(settings: Settings, platform: PlatformSettings) -> Exports:
    match settings:
        case GlobalSettings():
            return _global(settings, platform)
        case CentreSettings() | ReplicaSettings():
            return _side(settings, platform)
        case _:
            raise TypeError(f"no role has {type(settings).__name__}")


def _global(settings: GlobalSettings, platform: PlatformSettings) -> Exports:
    application = pulumi.get_project()
    providers: dict[Side, aws.Provider] = {
        "primary": _provider(settings.regions.primary, settings.role),
        "standby": _provider(settings.regions.standby, settings.role),
    }
    at_standby = pulumi.ResourceOptions(provider=providers["standby"])
    door = FrontDoor(application, settings=settings, options=platform.front_door, providers=providers, opts=at_standby)
    shared = declare_shared(
        application, platform, settings.regions, account=_account(providers["standby"]), providers=providers
    )
    # Its home is the standby Region, for what must outlive the primary should not be managed from there.
    runs = RunTable(application, replica_region=settings.regions.primary, key_arns=shared["key_arns"], opts=at_standby)
    part = {
        "zone_id": door.zone.zone_id,
        "front_door_name": door.name,
        "records": {door.name: {"type": "CNAME", "set_ids": list(door.records), "ttl": TTL_S}},
        "health_checks": {side: check.id for side, check in door.checks.items()},
        "run_table": runs.table.name,
        "run_table_regions": [settings.regions.standby, settings.regions.primary],
    }
    return {
        exports.KEY: pulumi.Output.from_input(part).apply(lambda body: exports.checked(Global, body)),
        "continuity": settings.continuity,
        "regions": settings.regions._asdict(),
        "zone_name": settings.zone_name,
        "name_servers": door.zone.name_servers,
        "telephony": _telephony(application, settings, at_standby),
        **shared,
    }


def _telephony(application: str, settings: GlobalSettings, opts: pulumi.ResourceOptions) -> dict[str, Any]:
    """Each side's part of it, for its inventory; nothing where none is configured."""
    if settings.telephony is None:
        return {}
    return Telephony(application, settings=settings.telephony, regions=settings.regions, opts=opts).described()


def _side(settings: CentreSettings | ReplicaSettings, platform: PlatformSettings) -> Exports:
    application, side, regions = pulumi.get_project(), settings.role, settings.regions
    provider = _provider(settings.region, side)
    here = pulumi.ResourceOptions(provider=provider)
    account = _account(provider)
    stacks = Stacks(settings)
    centre = _centre(application, settings, account, stacks, here)
    flags = Flags(application, region=settings.region, account=account, instance_id=centre.instance_id, opts=here)
    desktops = Desktops(settings.remote, opts=here)
    connect = centre.described()
    bots = Bots(connect["instance_arn"], bots=settings.bots, region=settings.region, account=account, opts=here)
    around = declare_side(
        application, platform, side, regions,
        account=account, instance_id=centre.instance_id, neither=stacks.neither, opts=here,
    )  # fmt: skip
    part: dict[str, Any] = {
        "role": side,
        "region": settings.region,
        "account": account,
        "front_door_target": stacks.neither.apply(lambda theirs: names.entry(side, theirs["zone_name"])),
        "flags_table": flags.table.name,
        "lambdas": {names.FLAGS_FUNCTION: flags.function.arn},
        "evacuation_metric": exports.metric(),
        "telephony": stacks.neither.apply(lambda theirs: theirs.get("telephony", {}).get(side, {})),
        "bots": bots.described(),
        "desktops": desktops.described(),
        "connect": connect,
        **around,
    }
    if side == "primary":
        return _exported(part)
    # As it is exported: what this side does not have is then an empty text, which takes its resource out of a policy.
    values = {"partition": PARTITION, "standby": _checked(part), **_others(stacks)}
    return _exported({**part, **declare_control(application, platform, account=account, values=values, opts=here)})


def _centre(
    application: str,
    settings: CentreSettings | ReplicaSettings,
    account: pulumi.Output[str],
    stacks: Stacks,
    opts: pulumi.ResourceOptions,
) -> ContactCentre | Replica:
    if isinstance(settings, ReplicaSettings):
        return Replica(settings, account=account, primary=stacks.primary)
    return ContactCentre(application, settings=settings, account=account, opts=opts)


def _others(stacks: Stacks) -> dict[str, pulumi.Output[Any]]:
    """The other roles' parts of the inventory; None where one exports none yet."""
    theirs = (("global", stacks.neither), ("primary", stacks.primary))
    return {role: outputs.apply(lambda found: found.get(exports.KEY)) for role, outputs in theirs}


def _exported(part: dict[str, Any]) -> Exports:
    return {exports.KEY: _checked(part)}


def _checked(part: dict[str, Any]) -> pulumi.Output[dict[str, Any]]:
    return pulumi.Output.from_input(part).apply(lambda body: exports.checked(Environment, body))


def _provider(region: str, role: str) -> aws.Provider:
    tags = {"application": pulumi.get_project(), "role": role}
    return aws.Provider(f"aws-{region}", region=region, default_tags={"tags": tags})


def _account(provider: aws.Provider) -> pulumi.Output[str]:
    identity = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=provider))
    return identity.apply(lambda found: found.account_id)
