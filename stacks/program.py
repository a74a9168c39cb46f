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
from stacks.access import RecoveryAccess, access_settings
from stacks.bots import Bots
from stacks.contact_centre import ContactCentre
from stacks.desktops import Desktops
from stacks.flags import Flags
from stacks.front_door import TTL_S, FrontDoor
from stacks.reading import read
from stacks.references import Stacks
from stacks.replica import Replica
from stacks.run_table import RunTable
from stacks.settings import CentreSettings, GlobalSettings, ReplicaSettings
from stacks.telephony import Telephony

if TYPE_CHECKING:
    from stacks.access import AccessSettings
    from stacks.regions import Side
    from stacks.settings import Settings

Exports: TypeAlias = dict[str, pulumi.Input[Any]]

PARTITION = "aws"
"""All Regions that `stacks.regions` knows are in it."""
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
        case CentreSettings() | ReplicaSettings():
            return _side(settings, access)
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
        "continuity": settings.continuity,
        "regions": settings.regions._asdict(),
        "zone_name": settings.zone_name,
        "name_servers": door.zone.name_servers,
        "telephony": _telephony(application, settings, at_standby),
    }


def _telephony(application: str, settings: GlobalSettings, opts: pulumi.ResourceOptions) -> dict[str, Any]:
    """Each side's part of it, for its inventory; nothing where none is configured."""
    if settings.telephony is None:
        return {}
    return Telephony(application, settings=settings.telephony, regions=settings.regions, opts=opts).described()


def _side(settings: CentreSettings | ReplicaSettings, access: AccessSettings | None) -> Exports:
    application, side = pulumi.get_project(), settings.role
    provider = _provider(settings.region, side)
    here = pulumi.ResourceOptions(provider=provider)
    account = _account(provider)
    stacks = Stacks(settings)
    centre = _centre(application, settings, account, stacks, here)
    flags = Flags(application, region=settings.region, account=account, instance_id=centre.instance_id, opts=here)
    desktops = Desktops(settings.remote, opts=here)
    connect = centre.described()
    bots = Bots(connect["instance_arn"], bots=settings.bots, region=settings.region, account=account, opts=here)
    incident = aws.sns.Topic(
        "incident",
        name=names.topic(application),
        display_name="Contact centre",
        # SNS's own KMS key admits who runs runbooks; alarms could not publish, they would need a key of our own.
        kms_master_key_id="alias/aws/sns",
        opts=here,
    )
    part: dict[str, Any] = {
        "role": side,
        "region": settings.region,
        "account": account,
        "front_door_target": stacks.neither.apply(lambda theirs: names.entry(side, theirs["zone_name"])),
        "flags_table": flags.table.name,
        "topics": {names.INCIDENT_TOPIC: incident.arn},
        "lambdas": {names.FLAGS_FUNCTION: flags.function.arn},
        "evacuation_metric": exports.metric(),
        "telephony": stacks.neither.apply(lambda theirs: theirs.get("telephony", {}).get(side, {})),
        "bots": bots.described(),
        "desktops": desktops.described(),
        "connect": connect,
    }
    if access is None or side == "primary":
        return _exported(part)
    return _exported({**part, "recovery_role_arn": _recovery(application, access, part, stacks, here)})


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


def _recovery(
    application: str, settings: AccessSettings, part: dict[str, Any], stacks: Stacks, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """The ARN of the role that recovers.

    IAM is global; declared by this side, the role can still be changed when the primary's control planes are gone.
    """
    others = {
        role: theirs.apply(lambda found: found[exports.KEY])
        for role, theirs in (("global", stacks.neither), ("primary", stacks.primary))
    }
    # As it is exported: what this side does not have is then an empty text, which takes its resource out of the policy.
    values = {"partition": PARTITION, "standby": _checked(part), **others}
    recovery = RecoveryAccess(
        application, settings=settings, account=part["account"], document=RECOVERY, values=values, opts=opts
    )
    return recovery.role.arn


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
