"""The incident routing profile of a group of agents. Rule: botocore, SearchUsers gives at most 500 users a page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.connect.resources import Agent
from orchestrator.model.errors import NotFound

if TYPE_CHECKING:
    from action_world import Acting, ActionWorld

EAST, WEST = "us-east-1", "us-west-2"
NOBODY = "00000000-0000-4000-8000-000000000000"


def _routing(world: ActionWorld, group: dict[str, Any] | None = None, region: str = WEST) -> Acting:
    named = group or world.connect.agent_groups["general"].model_dump()
    return world.acting("agents.incident_routing", region=region, instance=world.instance, group=named)


@pytest.fixture
def group(world: ActionWorld) -> dict[str, Any]:
    """The general agents, all on their normal profile in both Regions."""
    named = world.connect.agent_groups["general"].model_dump()
    for user in named["user_ids"]:
        found = world.site(WEST).find(Agent, user)
        assert found is not None
        world.site(WEST).put(replace(found, routing_profile_id=named["normal_profile"]))
    world.wait(61)  # the longest lag of an edit on its way to the other Region
    return dict(named)


def _profile(world: ActionWorld, user: str, region: str = WEST) -> str:
    found = world.site(region).find(Agent, user)
    assert found is not None
    return found.routing_profile_id


def test_every_agent_of_the_group_and_nobody_else_gets_the_incident_profile(
    world: ActionWorld, group: dict[str, Any]
) -> None:
    others = {user: _profile(world, user) for user in world.connect.agent_groups["vip"].user_ids}
    done = _routing(world, group).carry_out()
    assert done.before == dict.fromkeys(group["user_ids"], group["normal_profile"])
    assert done.after == dict.fromkeys(group["user_ids"], group["incident_profile"])
    assert {user: _profile(world, user) for user in others} == others


def test_it_works_at_the_replica_while_the_source_region_is_dead(world: ActionWorld, group: dict[str, Any]) -> None:
    outage = world.lost(EAST)
    _routing(world, group).carry_out()
    assert all(_profile(world, user) == group["incident_profile"] for user in group["user_ids"])
    assert not outage.hits


def test_a_resume_goes_on_with_those_who_are_left(world: ActionWorld, group: dict[str, Any]) -> None:
    dead = _routing(world, group)
    before = dead.observe()
    first, *rest = dead.parts(before, dead.target(before))
    dead.write(first)
    resumed = _routing(world, group).carry_out()
    assert list(resumed.parts) == rest
    assert set(resumed.after.values()) == {group["incident_profile"]}


def test_an_agent_who_never_existed_is_refused_and_the_rest_goes_on(world: ActionWorld, group: dict[str, Any]) -> None:
    routing = _routing(world, {**group, "user_ids": [NOBODY, *group["user_ids"]]})
    before = routing.observe()
    assert before[NOBODY] == ""
    target, refused = routing.target(before), []
    for part in routing.parts(before, target):
        try:
            routing.write(part)
        except NotFound:
            refused.append(part["user"])
    assert refused == [NOBODY]
    assert routing.settled(target, routing.observe())


def test_an_agent_deleted_between_look_and_write_is_not_found_and_left_out_afterwards(
    world: ActionWorld, group: dict[str, Any]
) -> None:
    leaver = Agent(
        id=NOBODY.replace("8000", "9000"), name="leaver", modified_at=world.cloud.clock.now(), modified_in=WEST,
        routing_profile_id=group["normal_profile"], security_profile_ids=(), phone_config={}, identity={},
    )  # fmt: skip
    world.site(WEST).put(leaver)
    routing = _routing(world, {**group, "user_ids": [leaver.id]})
    before = routing.observe()
    (part,) = routing.parts(before, routing.target(before))
    del world.site(WEST)._records[Agent][leaver.id]
    with pytest.raises(NotFound):
        routing.write(part)
    assert routing.observe() == {leaver.id: ""}
    # Nobody is left to be moved, so that nothing has been shown either.
    assert not routing.settled(routing.target(before), routing.observe())


def test_agents_beyond_the_first_page_of_users_are_seen(world: ActionWorld, group: dict[str, Any]) -> None:
    found = world.site(WEST).find(Agent, group["user_ids"][0])
    assert found is not None
    crowd = [replace(found, id=f"crowd-{number:03}", name=f"zz-{number:03}") for number in range(500)]
    for agent in crowd:
        world.site(WEST).put(agent)
    mark = world.mark
    last = crowd[-1].id
    assert _routing(world, {**group, "user_ids": [last]}).observe() == {last: group["normal_profile"]}
    assert [made.operation for made in world.since(mark)] == ["SearchUsers", "SearchUsers"]


def test_a_group_without_agents_has_nothing_to_do(world: ActionWorld, group: dict[str, Any]) -> None:
    done = _routing(world, {**group, "user_ids": []}).carry_out()
    assert (done.after, done.parts) == ({}, ())
