"""What the roles export, and how three exports become one inventory. Typed: `pulumi up` fails on a part that is not.

Laws:
- `global` exports a `Global`, `primary` and `standby` an `Environment` each, under the key `inventory`.
- Under Global Resiliency the replica keeps the source's instance id and the ids of all that is mirrored, so the
  standby's Connect part is derived from the primary's, never declared twice.
- Both sides name the same two traffic distribution groups, which live in the source Region.
- Independent instances are two, each with what its own side declares, and both name the same Voice Connector group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, TypeVar

from orchestrator.model.inventory import Connect, Environment, Global, Inventory, Metric
from stacks import names

Outputs: TypeAlias = Mapping[str, Any]
P = TypeVar("P", Global, Environment)

KEY = "inventory"


class NotOneContactCentre(ValueError):
    """The roles' exports do not describe one contact centre."""


def checked(part: type[P], body: Any) -> dict[str, Any]:
    """The body as plain data, once it has passed the inventory's model.

    Raises:
        pydantic.ValidationError: the body is no such part; its text names each field.
    """
    return part.model_validate(body).model_dump(mode="json")


def metric() -> dict[str, str]:
    """The lever that a side holds over the other one: the same name in both Regions."""
    return {"namespace": names.METRIC_NAMESPACE, "name": names.METRIC_NAME}


def continuity(global_outputs: Outputs) -> str:
    """The model that a contact centre was brought up in; exports from before there were two models name none."""
    return str(global_outputs.get("continuity", "global-resiliency"))


def replicates(global_outputs: Outputs) -> bool:
    """Whether the standby is a replica, which prepare-standby makes before `up standby`."""
    return continuity(global_outputs) == "global-resiliency"


def compose(global_outputs: Outputs, primary_outputs: Outputs, standby_outputs: Outputs, *, taken_at: str) -> Inventory:
    """The inventory of three stacks that are up. `taken_at` is RFC 3339, UTC.

    Raises:
        NotOneContactCentre: the sides do not belong together.
        pydantic.ValidationError: an export is not what its role promised.
    """
    primary = Environment.model_validate(primary_outputs[KEY])
    standby = Environment.model_validate(standby_outputs[KEY])
    joined = _replicated if replicates(global_outputs) else _independent
    return _inventory(global_outputs, *joined(primary, standby), taken_at)


def _replicated(primary: Environment, standby: Environment) -> tuple[Environment, Environment]:
    if standby.connect.instance_id != primary.connect.instance_id:
        raise NotOneContactCentre(
            f"standby was prepared for instance {standby.connect.instance_id}, primary is "
            f"{primary.connect.instance_id}: execute prepare-standby, then up standby"
        )
    groups = {
        "traffic_group_arn": standby.connect.traffic_group_arn,
        "default_traffic_group_arn": standby.connect.default_traffic_group_arn,
    }
    source = primary.connect.model_copy(update=groups)
    return (
        primary.model_copy(update={"connect": source}),
        standby.model_copy(update={"connect": mirrored(source, standby.region)}),
    )


def _independent(primary: Environment, standby: Environment) -> tuple[Environment, Environment]:
    if standby.connect.instance_id == primary.connect.instance_id:
        raise NotOneContactCentre(
            f"both sides name instance {primary.connect.instance_id}, and independent instances are two: up both sides"
        )
    if standby.telephony.group_id != primary.telephony.group_id:
        raise NotOneContactCentre(
            f"calls reach primary by Voice Connector group {primary.telephony.group_id}, standby by "
            f"{standby.telephony.group_id}: up both sides"
        )
    return primary, standby


def provisional(global_outputs: Outputs, primary_outputs: Outputs, *, taken_at: str) -> Inventory:
    """The inventory that prepare-standby runs with: standby is not up, and its own fields are empty texts.

    Raises:
        NotOneContactCentre: instances are independent, and nothing is prepared.
        pydantic.ValidationError: an export is not what its role promised.
    """
    if not replicates(global_outputs):
        raise NotOneContactCentre("instances are independent, and nothing is prepared: up standby")
    primary = Environment.model_validate(primary_outputs[KEY])
    region = global_outputs["regions"]["standby"]
    standby = Environment(
        role="standby",
        region=region,
        account=primary.account,
        front_door_target="",
        flags_table="",
        evacuation_metric=Metric(**metric()),
        connect=mirrored(primary.connect, region),
    )
    return _inventory(global_outputs, primary, standby, taken_at)


def mirrored(source: Connect, region: str) -> Connect:
    """The same instance as its replica in `region` has it: same ids, and the instance's ARN in that Region.

    Sign-in URLs differ. A number keeps its one ARN: asked for from the replica's Region it must be given in full
    (botocore, AssociatePhoneNumberContactFlow, `PhoneNumberId`).
    """
    return source.model_copy(update={"instance_arn": in_region(source.instance_arn, region), "sign_in_url": ""})


def in_region(arn: str, region: str) -> str:
    """The ARN with its Region replaced."""
    parts = arn.split(":")
    return ":".join([*parts[:3], region, *parts[4:]])


def _inventory(global_outputs: Outputs, primary: Environment, standby: Environment, taken_at: str) -> Inventory:
    return Inventory.model_validate(
        {
            "taken_at": taken_at,
            "continuity": continuity(global_outputs),
            "global": Global.model_validate(global_outputs[KEY]),
            "primary": primary,
            "standby": standby,
        }
    ).sealed()
