"""What moves back: the front door's name by its lever, agents by their normal profile.

Rules: Route 53 Developer Guide, health checks that monitor CloudWatch alarms (the PRIMARY's watches the standby's
lever, the SECONDARY's the primary's; with both unhealthy the PRIMARY answers; insufficient data may keep the last known
status).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.connect.resources import Agent
from orchestrator.cloud.regions import needs_region
from orchestrator.model.errors import RegionUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from action_world import Acting, ActionWorld

EAST, WEST = "us-east-1", "us-west-2"
PRIMARY, STANDBY = ["primary-entry.contact.example"], ["standby-entry.contact.example"]


def _evacuate(world: ActionWorld, region: str = WEST) -> Acting:
    side = world.inventory.standby if region == WEST else world.inventory.primary
    return world.acting(
        "dns.evacuate", name=world.inventory.global_.front_door_name, target=side.front_door_target, region=region,
        metric=side.evacuation_metric.model_dump(),
    )  # fmt: skip


def _return(world: ActionWorld, region: str = WEST) -> Acting:
    side = world.inventory.standby if region == WEST else world.inventory.primary
    return world.acting(
        "dns.return", name=world.inventory.global_.front_door_name, target=PRIMARY[0], region=region,
        metric=side.evacuation_metric.model_dump(),
    )  # fmt: skip


def _publish(world: ActionWorld, region: str, level: float) -> None:
    metric = world.inventory.primary.evacuation_metric
    world.cloud.door.client("cloudwatch", region).put_metric_data(
        Namespace=metric.namespace, MetricData=[{"MetricName": metric.name, "Value": level}]
    )


@pytest.fixture
def evacuated(world: ActionWorld) -> Iterator[Acting]:
    """The return of a name that was evacuated to the west; afterwards both levers are down."""
    assert _evacuate(world).carry_out().after == STANDBY
    yield _return(world)
    world.cloud.network.faults.clear()
    for region in (EAST, WEST):
        _publish(world, region, 0.0)
    world.wait(300)


def test_the_name_goes_back_by_the_lever_where_it_was_raised(world: ActionWorld, evacuated: Acting) -> None:
    mark = world.mark
    done = evacuated.carry_out()
    assert done.before == {"answers": STANDBY, "lever": "raised"}
    assert done.after == {"answers": PRIMARY, "lever": "lowered"}
    assert {made.region for made in world.since(mark) if made.service == "cloudwatch"} == {WEST}
    assert needs_region(evacuated.kind.calls(evacuated.params), EAST) == ()
    world.wait(86_400)
    assert evacuated.observe() == {"answers": PRIMARY, "lever": "unknown"}


def test_a_lever_that_has_been_silent_since_the_evacuation_is_lowered_all_the_same(
    world: ActionWorld, evacuated: Acting
) -> None:
    world.wait(86_400)
    done = evacuated.carry_out()
    assert done.before == {"answers": STANDBY, "lever": "unknown"}
    assert done.after == {"answers": PRIMARY, "lever": "lowered"}
    assert evacuated.give_back(done.before).after["answers"] == STANDBY


def test_a_name_that_answers_rightly_under_a_raised_lever_has_not_come_back(
    world: ActionWorld, evacuated: Acting
) -> None:
    _publish(world, EAST, 1.0)  # both sides unhealthy now: the PRIMARY answers
    world.wait(300)
    assert evacuated.observe() == {"answers": PRIMARY, "lever": "raised"}
    assert evacuated.carry_out().after == {"answers": PRIMARY, "lever": "lowered"}


def test_a_lever_left_up_at_the_primary_blocks_the_next_evacuation_until_it_is_returned_too(
    world: ActionWorld, evacuated: Acting
) -> None:
    evacuated.carry_out()
    _publish(world, EAST, 1.0)
    again, target = _evacuate(world), STANDBY
    again.write(target)
    world.wait(300)
    assert again.observe() == PRIMARY
    _return(world, WEST).write({"answers": PRIMARY, "lever": "lowered"})
    there = _return(world, EAST).carry_out()
    assert (there.before["lever"], there.after["lever"]) == ("raised", "lowered")
    assert _evacuate(world).carry_out().after == STANDBY


def test_it_is_settled_by_answers_and_not_by_having_lowered_the_lever(world: ActionWorld, evacuated: Acting) -> None:
    target = evacuated.target(evacuated.observe())
    world.wait(60)  # in a later minute than the one in which it was raised
    evacuated.write(target)
    now = evacuated.observe()
    assert now == {"answers": STANDBY, "lever": "lowered"}
    assert not evacuated.settled(target, now)
    world.wait(evacuated.kind.expected.seconds)
    assert evacuated.settled(target, evacuated.observe())


def test_giving_it_back_leads_callers_to_the_levers_region_and_names_that_for_proof(
    world: ActionWorld, evacuated: Acting
) -> None:
    done = evacuated.carry_out()
    assert evacuated.action.gains(evacuated.params, done.after, done.before) == (WEST,)
    assert evacuated.action.gains(evacuated.params, done.after, done.after) == ()
    assert evacuated.action.still_ours(evacuated.params, done.target, done.after)
    assert not evacuated.action.still_ours(evacuated.params, done.target, done.before)
    world.wait(86_400)
    assert evacuated.action.still_ours(evacuated.params, done.target, evacuated.observe())
    assert evacuated.give_back(done.before).after == done.before


def test_a_lever_in_a_dead_region_cannot_be_lowered(world: ActionWorld, evacuated: Acting) -> None:
    world.lost(WEST)
    with pytest.raises(RegionUnreachable):
        evacuated.carry_out()


# agents.normal_routing


def _profiles(world: ActionWorld, users: list[str], region: str) -> set[str]:
    found: list[Any] = [world.site(region).find(Agent, user) for user in users]
    return {agent.routing_profile_id for agent in found}


def test_agents_go_back_to_the_profile_that_the_incident_took_them_from(world: ActionWorld) -> None:
    group = world.connect.agent_groups["general"].model_dump()
    given = {"instance": world.instance, "group": group}
    incident = world.acting("agents.incident_routing", region=WEST, **given)
    normal = world.acting("agents.normal_routing", region=EAST, **given)
    assert incident.action.subject(incident.params) == normal.action.subject(normal.params)
    incident.carry_out()
    world.wait(61)
    assert _profiles(world, group["user_ids"], EAST) == {group["incident_profile"]}
    done = normal.carry_out()
    assert done.after == dict.fromkeys(group["user_ids"], group["normal_profile"])
    world.wait(61)
    assert _profiles(world, group["user_ids"], WEST) == {group["normal_profile"]}
    assert normal.carry_out().parts == ()
