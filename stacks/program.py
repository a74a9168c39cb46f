"""The one program: it reads its role from configuration, declares that role, and exports its part of the inventory.

Order: `up global`, `up primary`, execute the runbook prepare-standby, `up standby`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pulumi
import pulumi_aws as aws

from orchestrator.model.inventory import Environment, Global
from stacks import exports, names
from stacks.access import AccessSettings, RecoveryAccess, access_settings
from stacks.contact_centre import ContactCentre
from stacks.desktops import Desktops
from stacks.flags import Flags
from stacks.front_door import TTL_S, FrontDoor
from stacks.run_table import RunTable
from stacks.settings import (
    GlobalSettings,
    PrimarySettings,
    Settings,
    SettingsRefused,
    StandbySettings,
    read,
)

if TYPE_CHECKING:
    from stacks.regions import RegionPair, Side

Exports: TypeAlias = dict[str, pulumi.Input[Any]]

PARTITION = "aws"
"""No other one has a Region pair that is offered for Global Resiliency (`regions.OFFERED`)."""
RECOVERY = Path(__file__).parents[1] / "config" / "policies" / "recovery.json"
"""What `failover policy --all` writes: in the project's own folder, whichever configuration is used."""


def program() -> None:
    """Declare the role that the configuration names.

    Raises:
        SettingsRefused: the configuration cannot be provisioned, or the roles' configurations contradict each other.
    """
    config = pulumi.Config()
    settings_dir = config.get("settings_dir") or str(Path(pulumi.get_root_directory()) / "config")
    for name, value in _declare(read(config, settings_dir=Path(settings_dir)), access_settings(config)).items():
        pulumi.export(name, value)


def _declare(settings: Settings, access: AccessSettings | None) -> Exports:
    match settings:
        case GlobalSettings():
            return _global(settings)
        case PrimarySettings():
            return _primary(settings)
        case StandbySettings():
            return _standby(settings, access)
        case _:
            raise TypeError(f"no role has {type(settings).__name__}")


def _global(settings: GlobalSettings) -> Exports:
    application = pulumi.get_project()
    providers: dict[Side, aws.Provider] = {
        "primary": _provider(settings.regions.primary, settings.role),
        "standby": _provider(settings.regions.standby, settings.role),
    }
    at_standby = pulumi.ResourceOptions(provider=providers["standby"])
    door = FrontDoor(application, settings=settings, providers=providers, opts=at_standby)
    # Its home is the standby Region, for what must outlive the primary should not be managed from there.
    runs = RunTable(application, replica_region=settings.regions.primary, opts=at_standby)
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
        "regions": settings.regions._asdict(),
        "zone_name": settings.zone_name,
        "name_servers": door.zone.name_servers,
    }


def _primary(settings: PrimarySettings) -> Exports:
    application = pulumi.get_project()
    provider = _provider(settings.regions.primary, settings.role)
    here = pulumi.ResourceOptions(provider=provider)
    account = _account(provider)
    centre = ContactCentre(application, settings=settings, account=account, opts=here)
    flags = Flags(
        application, region=settings.regions.primary, account=account, instance_id=centre.instance.id, opts=here
    )
    desktops = Desktops(settings.remote, opts=here).described()
    connect = centre.described()
    zone_name = _zone_name(settings.regions, _outputs("global"))
    part = _side(
        "primary", settings.regions, account=account, flags=flags, connect=connect, desktops=desktops,
        zone_name=zone_name, opts=here,
    )  # fmt: skip
    return _exported(part)


def _standby(settings: StandbySettings, access: AccessSettings | None) -> Exports:
    application = pulumi.get_project()
    region = settings.regions.standby
    provider = _provider(region, settings.role)
    here = pulumi.ResourceOptions(provider=provider)
    account = _account(provider)
    # Each once: a stack that is referred to is a resource, and no two may have one name.
    neither, source = _outputs("global"), _outputs("primary")
    flags = Flags(application, region=region, account=account, instance_id=settings.instance_id, opts=here)
    connect = {
        "instance_id": _same_instance(settings.instance_id, source),
        "instance_arn": pulumi.Output.format(
            "arn:aws:connect:{0}:{1}:instance/{2}", region, account, settings.instance_id
        ),
        "traffic_group_arn": settings.traffic_group_arn,
        "default_traffic_group_arn": settings.default_traffic_group_arn,
    }
    desktops = Desktops(settings.remote, opts=here).described()
    part = _side(
        "standby", settings.regions, account=account, flags=flags, connect=connect, desktops=desktops,
        zone_name=_zone_name(settings.regions, neither), opts=here,
    )  # fmt: skip
    if access is None:
        return _exported(part)
    # IAM is global; declared by this side, the role can still be changed when the primary's control planes are gone.
    others = {
        role: theirs.apply(lambda found: found[exports.KEY])
        for role, theirs in (("global", neither), ("primary", source))
    }
    values = {"partition": PARTITION, "standby": part, **others}
    recovery = RecoveryAccess(
        application, settings=access, account=account, document=RECOVERY, values=values, opts=here
    )
    return _exported({**part, "recovery_role_arn": recovery.role.arn})


def _side(
    side: Side,
    regions: RegionPair,
    *,
    account: pulumi.Output[str],
    flags: Flags,
    connect: dict[str, Any],
    desktops: dict[str, Any],
    zone_name: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> dict[str, Any]:
    """What both sides have, and the whole side as it is exported, not yet checked."""
    application = pulumi.get_project()
    incident = aws.sns.Topic(
        "incident",
        name=names.topic(application),
        display_name="Contact centre",
        # SNS's own KMS key admits who runs runbooks; alarms could not publish, they would need a key of our own.
        kms_master_key_id="alias/aws/sns",
        opts=opts,
    )
    return {
        "role": side,
        "region": regions.of(side),
        "account": account,
        "front_door_target": zone_name.apply(lambda name: names.entry(side, name)),
        "flags_table": flags.table.name,
        "topics": {names.INCIDENT_TOPIC: incident.arn},
        "lambdas": {names.FLAGS_FUNCTION: flags.function.arn},
        "evacuation_metric": exports.metric(),
        "desktops": desktops,
        "connect": connect,
    }


def _exported(part: dict[str, Any]) -> Exports:
    return {exports.KEY: pulumi.Output.from_input(part).apply(lambda body: exports.checked(Environment, body))}


def _provider(region: str, role: str) -> aws.Provider:
    tags = {"application": pulumi.get_project(), "role": role}
    return aws.Provider(f"aws-{region}", region=region, default_tags={"tags": tags})


def _account(provider: aws.Provider) -> pulumi.Output[str]:
    identity = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=provider))
    return identity.apply(lambda found: found.account_id)


def _outputs(role: str) -> pulumi.Output[dict[str, Any]]:
    return pulumi.StackReference(f"{pulumi.get_organization()}/{pulumi.get_project()}/{role}").outputs


def _zone_name(regions: RegionPair, neither: pulumi.Output[dict[str, Any]]) -> pulumi.Output[str]:
    """The zone of the global stack, once its Regions are known to be ours."""
    return neither.apply(lambda theirs: _agreed(regions, theirs["regions"], theirs["zone_name"]))


def _agreed(regions: RegionPair, theirs: dict[str, str], zone_name: str) -> str:
    if theirs != regions._asdict():
        raise SettingsRefused(
            [f"primary_region, standby_region: {regions} here, {theirs} in the global stack; make them the same"]
        )
    return zone_name


def _same_instance(instance_id: str, source: pulumi.Output[dict[str, Any]]) -> pulumi.Output[str]:
    return source.apply(lambda theirs: _is_primary(theirs[exports.KEY], instance_id))


def _is_primary(part: dict[str, Any], instance_id: str) -> str:
    theirs = part["connect"]["instance_id"]
    if theirs != instance_id:
        raise SettingsRefused(
            [f"instance_id: prepared for {instance_id}, primary is {theirs}; execute prepare-standby"]
        )
    return instance_id
