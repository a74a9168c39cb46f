"""Three exports become one inventory."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.model.inventory import Environment, Global
from stacks.exports import NotOneContactCentre, checked, compose, provisional

AT = "2026-11-22T00:00:00.000Z"
ARN = "arn:aws:connect:us-east-1:123456789012"
GLOBAL: dict[str, Any] = {
    "inventory": {
        "zone_id": "Z1",
        "front_door_name": "desk.contact.example",
        "records": {"desk.contact.example": {"type": "CNAME", "set_ids": ["primary", "standby"], "ttl": 60}},
        "health_checks": {"primary": "h1", "standby": "h2"},
        "run_table": "runs",
        "run_table_regions": ["us-west-2", "us-east-1"],
    },
    "regions": {"primary": "us-east-1", "standby": "us-west-2"},
}


def side(role: str, region: str, **connect: Any) -> dict[str, Any]:
    return {
        "inventory": {
            "role": role,
            "region": region,
            "account": "123456789012",
            "front_door_target": f"{role}-entry.contact.example",
            "flags_table": "flags",
            "evacuation_metric": {"namespace": "n", "name": "m"},
            "connect": {"instance_id": "i", "instance_arn": f"{ARN}:instance/i", **connect},
        }
    }


PRIMARY = side(
    "primary",
    "us-east-1",
    queues={"general": {"id": "q", "hours_id": "h"}},
    numbers=[{"id": "n", "arn": f"{ARN}:phone-number/n", "purpose": "general"}],
)
GROUPS = {"traffic_group_arn": f"{ARN}:traffic-distribution-group/g", "default_traffic_group_arn": f"{ARN}:d"}
STANDBY = side("standby", "us-west-2", **GROUPS)


def test_both_sides_name_the_source_regions_groups() -> None:
    inventory = compose(GLOBAL, PRIMARY, STANDBY, taken_at=AT)
    for environment in (inventory.primary, inventory.standby):
        assert environment.connect.traffic_group_arn == GROUPS["traffic_group_arn"]
        assert environment.connect.default_traffic_group_arn == GROUPS["default_traffic_group_arn"]


def test_the_replica_has_the_sources_ids_and_its_own_regions_instance_arn() -> None:
    inventory = compose(GLOBAL, PRIMARY, STANDBY, taken_at=AT)
    assert inventory.standby.connect.instance_id == inventory.primary.connect.instance_id
    assert inventory.standby.connect.instance_arn == "arn:aws:connect:us-west-2:123456789012:instance/i"
    assert inventory.standby.connect.queues == inventory.primary.connect.queues


def test_a_number_keeps_its_one_arn() -> None:
    inventory = compose(GLOBAL, PRIMARY, STANDBY, taken_at=AT)
    assert inventory.standby.connect.numbers == inventory.primary.connect.numbers


def test_the_inventory_is_sealed() -> None:
    assert (
        compose(GLOBAL, PRIMARY, STANDBY, taken_at=AT).digest
        == compose(GLOBAL, PRIMARY, STANDBY, taken_at="later").digest
    )
    other = side("standby", "us-west-2", **GROUPS | {"traffic_group_arn": "arn:other"})
    assert compose(GLOBAL, PRIMARY, other, taken_at=AT).digest != compose(GLOBAL, PRIMARY, STANDBY, taken_at=AT).digest


def test_a_standby_of_another_instance_is_refused() -> None:
    with pytest.raises(NotOneContactCentre, match="prepare-standby"):
        compose(GLOBAL, PRIMARY, side("standby", "us-west-2", instance_id="j"), taken_at=AT)


def test_before_the_standby_is_up_its_own_fields_are_empty() -> None:
    inventory = provisional(GLOBAL, PRIMARY, taken_at=AT)
    standby = inventory.standby
    assert (standby.region, standby.connect.instance_id) == ("us-west-2", "i")
    assert (standby.flags_table, standby.front_door_target, standby.connect.traffic_group_arn) == ("", "", "")
    assert standby.evacuation_metric.namespace
    assert inventory.primary.connect.queues


@pytest.mark.parametrize(("part", "body"), [(Global, {"zone_id": "Z1"}), (Environment, {"role": "spare"})])
def test_an_export_that_is_no_part_of_an_inventory_is_refused(part: Any, body: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        checked(part, body)


APART = {**GLOBAL, "continuity": "independent-instances"}


def of_its_own(role: str, region: str, instance: str, group: str = "both") -> dict[str, Any]:
    """A side with an instance of its own, and the Voice Connector of its Region."""
    exported = side(role, region, instance_id=instance, queues={"general": {"id": f"q-{role}", "hours_id": "h"}})
    exported["inventory"]["telephony"] = {"voice_connector_id": f"v-{role}", "group_id": group}
    return exported


def test_independent_instances_stay_what_their_sides_declared() -> None:
    east, west = of_its_own("primary", "us-east-1", "i"), of_its_own("standby", "us-west-2", "j")
    inventory = compose(APART, east, west, taken_at=AT)
    assert inventory.continuity == "independent-instances"
    assert inventory.primary == Environment.model_validate(east["inventory"])
    assert inventory.standby == Environment.model_validate(west["inventory"])
    assert inventory.standby.connect.traffic_group_arn == ""


def test_two_sides_with_one_instance_are_not_independent() -> None:
    east, west = of_its_own("primary", "us-east-1", "i"), of_its_own("standby", "us-west-2", "i")
    with pytest.raises(NotOneContactCentre, match="both sides name instance i"):
        compose(APART, east, west, taken_at=AT)


def test_two_sides_of_different_groups_are_refused() -> None:
    east, west = of_its_own("primary", "us-east-1", "i", "old"), of_its_own("standby", "us-west-2", "j", "new")
    with pytest.raises(NotOneContactCentre, match="group old, standby by new: up both sides"):
        compose(APART, east, west, taken_at=AT)


def test_nothing_is_provisional_where_nothing_is_prepared() -> None:
    with pytest.raises(NotOneContactCentre, match="up standby"):
        provisional(APART, of_its_own("primary", "us-east-1", "i"), taken_at=AT)


def test_stacks_from_before_there_were_two_models_are_of_the_first() -> None:
    assert "continuity" not in GLOBAL
    assert compose(GLOBAL, PRIMARY, STANDBY, taken_at=AT).continuity == "global-resiliency"
