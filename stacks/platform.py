"""The platform around the contact centre: how it is configured, and which of its components each role declares.

Laws:
- `global` declares what both sides need before they exist: the key, evidence, recordings. The sides take from its
  exports what is theirs.
- Each side has a topic and its own watch; the standby also what people and schedules take hold of.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pulumi

from stacks import names
from stacks.access import RECOVERY, Access, AccessSettings, access_settings
from stacks.control import Control, DrillSettings, drill_settings
from stacks.desktop_sign_in import DesktopSignIn, desktop_sign_in
from stacks.evidence import Evidence, EvidenceSettings, evidence_settings
from stacks.keys import Keys
from stacks.notify import Notify, Subscription, notify_settings
from stacks.recordings import Recordings
from stacks.regions import other
from stacks.routing_controls import FrontDoorOptions, front_door_options
from stacks.settings import SettingsRefused
from stacks.storage import Storage
from stacks.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi_aws as aws

    from stacks.regions import RegionPair, Side
    from stacks.settings import Role, Source

POLICIES: Final = Path(__file__).parents[1] / "config" / "policies"
"""What `failover policy --all` writes: in the project's own folder, whichever configuration is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSettings:
    """Every part has a default, or is absent where nothing is configured."""

    access: tuple[AccessSettings, ...]
    desktop_sign_in: str
    drills: DrillSettings | None
    evidence: EvidenceSettings
    front_door: FrontDoorOptions
    subscriptions: tuple[Subscription, ...]


def platform_settings(source: Source, role: Role) -> PlatformSettings:
    """From the role's own configuration; of what other roles declare nothing is read.

    Raises:
        SettingsRefused: a part's keys are refused.
    """

    def of(*roles: Role) -> Source:
        return source if role in roles else _Nothing()

    return PlatformSettings(
        access=access_settings(of("standby")),
        desktop_sign_in=desktop_sign_in(of("primary", "standby")),
        drills=drill_settings(of("standby")),
        evidence=evidence_settings(of("global")),
        front_door=front_door_options(of("global")),
        subscriptions=notify_settings(of("primary", "standby")),
    )


class _Nothing:
    """A source in which nothing is configured."""

    def get(self, _key: str) -> None:
        """No value."""

    def get_object(self, _key: str) -> None:
        """No table."""


def declare_shared(
    application: str,
    settings: PlatformSettings,
    regions: RegionPair,
    *,
    account: pulumi.Output[str],
    providers: dict[Side, aws.Provider],
) -> dict[str, Any]:
    """What is neither side's, as `global` exports it; key ARNs and recordings are by side."""
    at_standby = pulumi.ResourceOptions(provider=providers["standby"])
    keys = Keys(application, regions=regions, account=account, providers=providers, opts=at_standby)
    evidence = Evidence(
        application, settings=settings.evidence, account=account, region=regions.standby,
        key_arn=keys.arns["standby"], opts=at_standby,
    )  # fmt: skip
    recordings = Recordings(
        application, regions=regions, account=account, key_arns=keys.arns, providers=providers, opts=at_standby
    )
    return {
        "key_arns": keys.arns,
        "evidence_bucket": evidence.bucket.id,
        "recordings_buckets": {side: bucket.id for side, bucket in recordings.buckets.items()},
    }


def declare_side(
    application: str,
    settings: PlatformSettings,
    side: Side,
    regions: RegionPair,
    *,
    account: pulumi.Output[str],
    instance_id: pulumi.Input[str],
    neither: pulumi.Output[dict[str, Any]],
    opts: pulumi.ResourceOptions,
) -> dict[str, Any]:
    """What each side has, as its part of the inventory: `key_arn`, `topics`, and of the standby `evidence_bucket`."""
    key_arn = _of_global(neither, "key_arns").apply(lambda arns: arns[side])
    notify = Notify(application, subscriptions=settings.subscriptions, account=account, key_arn=key_arn, opts=opts)
    Watch(application, other_region=regions.of(other(side)), account=account, topic_arn=notify.topic.arn, opts=opts)
    bucket_name = _of_global(neither, "recordings_buckets").apply(lambda buckets: buckets[side])
    Storage(instance_id, bucket_name=bucket_name, key_arn=key_arn, opts=opts)
    if settings.desktop_sign_in:
        DesktopSignIn(settings.desktop_sign_in, opts=opts)
    part = {"key_arn": key_arn, "topics": {names.INCIDENT_TOPIC: notify.topic.arn}}
    # The bucket is in the standby Region: the primary has none.
    return {**part, "evidence_bucket": _of_global(neither, "evidence_bucket")} if side == "standby" else part


def declare_control(
    application: str,
    settings: PlatformSettings,
    *,
    account: pulumi.Output[str],
    values: Mapping[str, pulumi.Input[Any]],
    opts: pulumi.ResourceOptions,
) -> dict[str, Any]:
    """The roles that people take and the schedule of drills, where they are configured; `recovery_role_arn`.

    IAM is global; declared by the standby, roles can still be changed when the primary's control planes are gone.
    """
    if settings.drills:
        Control(application, settings=settings.drills, account=account, opts=opts)
    roles = {
        each.duty: Access(
            application, settings=each, account=account, documents=POLICIES, values=values, opts=opts
        ).role
        for each in settings.access
    }
    return {"recovery_role_arn": roles[RECOVERY].arn} if RECOVERY in roles else {}


def _of_global(neither: pulumi.Output[dict[str, Any]], name: str) -> pulumi.Output[Any]:
    return neither.apply(lambda theirs: _exported_by_global(theirs, name))


def _exported_by_global(theirs: Mapping[str, Any], name: str) -> Any:
    if name not in theirs:
        raise SettingsRefused([f"{name}: the global stack exports none; up global first, with this version"])
    return theirs[name]
