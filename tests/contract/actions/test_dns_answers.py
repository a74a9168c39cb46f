"""What the front door's name answers with, before and after it was moved, and while a Region is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model.actions import Reading

if TYPE_CHECKING:
    from action_world import Acting, ActionWorld

EAST, WEST = "us-east-1", "us-west-2"


def _asked(world: ActionWorld, side: str) -> Acting:
    target = getattr(world.inventory, side).front_door_target
    # Resolvers spell names without regard to case, and may end them with a dot.
    return world.acting("dns.answers", name=world.inventory.global_.front_door_name, target=f"{target.upper()}.")


def test_the_name_leads_to_the_source_until_it_is_moved_and_to_the_other_side_then(world: ActionWorld) -> None:
    assert _asked(world, "primary").probe().reading is Reading.HOLDS
    told = _asked(world, "standby").probe()
    assert told.reading is Reading.PENDING
    assert world.inventory.primary.front_door_target in told.what
    moving = world.acting(
        "dns.evacuate", name=world.inventory.global_.front_door_name, region=WEST, away_from=EAST,
        target=world.inventory.standby.front_door_target,
        metric=world.inventory.standby.evacuation_metric.model_dump(),
    )  # fmt: skip
    moving.carry_out()
    assert _asked(world, "standby").probe().reading is Reading.HOLDS
    assert _asked(world, "primary").probe().reading is Reading.PENDING
    outage = world.lost(EAST)
    assert _asked(world, "standby").probe().reading is Reading.HOLDS
    assert not outage.hits
