"""The shipped runbooks in both continuity models: what applies is decided by what the inventory names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wiring_world import RealOnPaper, environment, inventory_of

from orchestrator.actions.catalogue import Catalogue
from orchestrator.cloud.regions import needs_region
from orchestrator.model.inventory import Inventory
from orchestrator.model.states import Mode
from orchestrator.wiring.orders import Order, check, prepare

if TYPE_CHECKING:
    from wiring_world import Centre

    from orchestrator.wiring.orders import Prepared

EAST, WEST = "us-east-1", "us-west-2"
GROUPS = {"traffic_group_arn": "", "default_traffic_group_arn": ""}


def inventory(continuity: str) -> Inventory:
    """Of one model, or of instances whose calls a carrier moves (`carrier`)."""
    whole = inventory_of().model_dump(by_alias=True)
    for role, region, other in (("primary", EAST, "a"), ("standby", WEST, "b")):
        side = {**environment(role, region), "topics": {"incident": "arn:aws:sns:::incident"}}
        side["connect"]["default_traffic_group_arn"] = side["connect"]["traffic_group_arn"] + "-default"
        group = {"user_ids": [], "normal_profile": "n", "incident_profile": "p"}
        side["connect"]["agent_groups"] = {"general": group}
        side["connect"]["queues"] = {"general": {"id": "q", "hours_id": "h"}}
        if continuity != "global-resiliency":
            whole["continuity"] = "independent-instances"
            side["connect"] |= {**GROUPS, "instance_id": other}
        if continuity == "independent-instances":
            side["telephony"] = {"voice_connector_id": f"vc-{role}", "group_id": "vcg"}
        whole[role] = side
    return Inventory.model_validate(whole)


def planned(centre: Centre, runbook: str, continuity: str, mode: Mode, **order: Any) -> Prepared:
    world = RealOnPaper(centre.clock, inventory(continuity))
    return prepare(check(Order(runbook, mode, **order), Catalogue()), world, catalogue=Catalogue())


def left_out(prepared: Prepared) -> set[str]:
    """Steps and conditions that do not apply, the mode apart."""
    items = (*prepared.plan.steps, *prepared.plan.verification)
    return {step.step for step in items if step.skip.startswith("when ")}


TRAFFIC = {"sign-in", "shift", "recovered_when.moved"}
TRUNK = {"lead", "recovered_when.led"}
REPLICA = {"alike", "alike-now"}


@pytest.mark.parametrize(
    ("continuity", "without"),
    [("global-resiliency", TRUNK), ("independent-instances", TRAFFIC), ("carrier", TRAFFIC | TRUNK)],
)
@pytest.mark.parametrize("mode", Mode)
def test_an_evacuation_moves_calls_by_what_there_is(
    centre: Centre, continuity: str, without: set[str], mode: Mode
) -> None:
    assert left_out(planned(centre, "region-evacuation", continuity, mode)) == without


@pytest.mark.parametrize(
    ("continuity", "without"),
    [("global-resiliency", TRUNK | {"agents-here"}), ("independent-instances", TRAFFIC | REPLICA)],
)
def test_a_return_moves_calls_by_what_there_is_and_settles_agents_in_both_instances(
    centre: Centre, continuity: str, without: set[str]
) -> None:
    assert left_out(planned(centre, "region-return", continuity, Mode.PLANNED)) == without


def test_the_group_is_read_and_written_where_calls_go_and_nothing_of_it_needs_the_lost_region(centre: Centre) -> None:
    prepared = planned(centre, "region-evacuation", "independent-instances", Mode.UNPLANNED)
    chime = {
        (call.operation, call.region)
        for calls in prepared.plan.calls.values()
        for call in calls
        if call.service == "chime-sdk-voice"
    }
    assert chime == {("GetVoiceConnectorGroup", WEST), ("UpdateVoiceConnectorGroup", WEST)}
    assert prepared.lost == EAST
    assert not any(needs_region(calls, EAST) for calls in prepared.plan.calls.values())


def test_what_does_not_apply_refuses_no_plan(centre: Centre) -> None:
    text = (centre.folder / "runbooks" / "asks.yaml").read_text()
    there = 'with: {region: "${from.region}"}'
    needing = text.replace('with: {region: "${to.region}"}', f"when: ${{to.telephony.group_id != ''}}\n    {there}")
    assert needing != text
    centre.write("asks", needing)
    for continuity, needed in (("global-resiliency", False), ("independent-instances", True)):
        prepared = planned(centre, "asks", continuity, Mode.PLANNED)
        assert any(needs_region(calls, EAST) for calls in prepared.plan.calls.values()) is needed
