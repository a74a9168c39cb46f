"""What is neither side's, against the inventory: records with their TTL, health checks, the run table.

Route 53 is asked in us-east-1, where its control plane lives: with that Region lost, records cannot be compared.

Source: Route 53 API reference, ListResourceRecordSets and GetHealthCheck; DynamoDB API reference, DescribeTable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestrator.model.actions import Call
from orchestrator.survey.look import Facts, Look, if_there, listed, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator.model.actions import Cloud
    from orchestrator.model.inventory import Environment, Global, Inventory
    from orchestrator.model.values import Json

HOME = "us-east-1"


def looks(inventory: Inventory) -> Iterator[Look]:
    """Every question about what is neither side's."""
    shared = inventory.global_
    sides = (inventory.primary, inventory.standby)
    yield _records(shared, sides)
    regions = {"primary": inventory.standby.region, "standby": inventory.primary.region}
    for role, held_in in regions.items():
        # The lever that moves names away from one side is held in the other.
        yield _health_check(f"global.health_checks.{role}", getattr(shared.health_checks, role), held_in)
    yield _run_table(shared)


def _records(shared: Global, sides: tuple[Environment, Environment]) -> Look:
    at, door = "global.records", shared.front_door_name

    def read(cloud: Cloud) -> Facts:
        client = cloud.client("route53", HOME)
        found = list(listed(client, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=shared.zone_id))
        of = {name: [one for one in found if (spelt(one["Name"]), one["Type"]) == (spelt(name), kind.type)]
              for name, kind in shared.records.items()}  # fmt: skip
        ways = {f"{at}.{door}.{one.get('SetIdentifier', '')}": _way(one) for one in of.get(door, ())}
        return {f"{at}.{name}": _record(sets) for name, sets in of.items()} | ways

    expected: dict[str, Json] = {
        f"{at}.{name}": {"ttl": kind.ttl, "set_ids": sorted(kind.set_ids)} for name, kind in shared.records.items()
    }
    for side in sides:
        if door in shared.records and side.role in shared.records[door].set_ids:
            check = getattr(shared.health_checks, side.role)
            expected[f"{at}.{door}.{side.role}"] = {"values": [spelt(side.front_door_target)], "health_check": check}
    return Look(at, (Call("route53", "ListResourceRecordSets", HOME),), read, expected)


def _record(sets: list[dict[str, Any]]) -> Json:
    if not sets:
        return None
    ttls = sorted({one.get("TTL") or 0 for one in sets})
    names = sorted(one["SetIdentifier"] for one in sets if "SetIdentifier" in one)
    return {"ttl": ttls[0] if len(ttls) == 1 else ttls, "set_ids": names}


def _way(record: dict[str, Any]) -> Json:
    values = sorted(spelt(each["Value"]) for each in record.get("ResourceRecords") or ())
    return {"values": values, "health_check": record.get("HealthCheckId")}


def spelt(name: str) -> str:
    """A name as it is compared: Route 53 answers in small letters with a last dot."""
    return name.rstrip(".").lower()


def _health_check(at: str, check_id: str, held_in: str) -> Look:
    call = Call("route53", "GetHealthCheck", HOME)

    def read(cloud: Cloud) -> Facts:
        found = if_there(lambda: cloud.client("route53", HOME).get_health_check(HealthCheckId=check_id))
        if found is None:
            return {at: None}
        config = told(told(found, "HealthCheck", call), "HealthCheckConfig", call)
        return {
            at: {
                "id": check_id, "type": config.get("Type"), "disabled": bool(config.get("Disabled")),
                "inverted": bool(config.get("Inverted")),
                "alarm_region": config.get("AlarmIdentifier", {}).get("Region"),
            }
        }  # fmt: skip

    wanted = {
        "id": check_id, "type": "CLOUDWATCH_METRIC", "disabled": False, "inverted": False, "alarm_region": held_in,
    }  # fmt: skip
    return Look(at, (call,), read, {at: wanted})


def _run_table(shared: Global) -> Look:
    at, home = "global.run_table", shared.run_table_regions[0]
    call = Call("dynamodb", "DescribeTable", home)

    def read(cloud: Cloud) -> Facts:
        found = if_there(lambda: cloud.client("dynamodb", home).describe_table(TableName=shared.run_table))
        if found is None:
            return {at: None}
        table = told(found, "Table", call)
        replicas = {one["RegionName"]: one.get("ReplicaStatus") or "ACTIVE" for one in table.get("Replicas") or ()}
        replicas.pop(home, None)
        return {at: {"name": shared.run_table, "status": table.get("TableStatus"), "replicas": replicas}}

    others = dict.fromkeys(shared.run_table_regions[1:], "ACTIVE")
    return Look(at, (call,), read, {at: {"name": shared.run_table, "status": "ACTIVE", "replicas": others}})
