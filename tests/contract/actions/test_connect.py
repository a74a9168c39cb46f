"""Moving callers, agents and sign-ins between the Regions of a traffic distribution group.

Rules: botocore, UpdateTrafficDistribution ("Invoke the API in the Region that should handle traffic"; "SignInConfig is
available only on a default TrafficDistributionGroup"; "The ARN must be provided if the call is from the replicated
Region"); Administrator Guide, "Update telephony traffic distribution" (steps of 10 %, both Regions, sum 100).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.connect import estate
from drills.simulator.outage import LostReply
from orchestrator.model.errors import NotFound, OutcomeUnknown, RegionUnreachable, Rejected, UndeclaredOperation
from orchestrator.model.parameters import BadParameters

if TYPE_CHECKING:
    from action_world import Acting, ActionWorld

    from drills.simulator.aws.connect.telephony import TrafficGroup

EAST, WEST, NOWHERE = "us-east-1", "us-west-2", "eu-west-2"
UPDATE = "UpdateTrafficDistribution"


def _group(world: ActionWorld, *, default: bool = False) -> TrafficGroup:
    arn = world.default_group if default else world.group
    return next(group for group in estate.groups(world.cloud.account) if group.arn == arn)


def _shift(world: ActionWorld, percent: int, **other: Any) -> Acting:
    return world.acting("connect.shift_traffic", **{"group": world.group, "region": WEST, "percent": percent, **other})


def _sign_in(world: ActionWorld, **other: Any) -> Acting:
    return world.acting("connect.shift_signin", **{"group": world.default_group, "region": WEST, **other})


def _updated_in(world: ActionWorld, mark: int) -> list[str]:
    return [made.region for made in world.since(mark) if made.operation == UPDATE and made.outcome == "ok"]


# Callers and agents.


def test_callers_and_agents_move_step_by_step_in_one_call_each(world: ActionWorld) -> None:
    mark = world.mark
    for percent in (10, 50, 100):
        _shift(world, percent).carry_out()
        assert _group(world).telephony == {EAST: 100 - percent, WEST: percent}
        assert _group(world).agents == {EAST: 100 - percent, WEST: percent}
    assert _updated_in(world, mark) == [WEST, WEST, WEST]


def test_the_destinations_share_is_a_floor_and_never_lowered(world: ActionWorld) -> None:
    _shift(world, 70).carry_out()
    mark = world.mark
    lower = _shift(world, 30).carry_out()
    assert lower.parts == ()
    assert lower.target == lower.before == {"telephony": {EAST: 30, WEST: 70}, "agents": {EAST: 30, WEST: 70}}
    assert _updated_in(world, mark) == []


def test_callers_and_agents_each_keep_the_higher_share(world: ActionWorld) -> None:
    _group(world).telephony = {EAST: 20, WEST: 80}
    _shift(world, 50).carry_out()
    assert _group(world).telephony == {EAST: 20, WEST: 80}
    assert _group(world).agents == {EAST: 50, WEST: 50}


def test_a_share_between_the_steps_of_ten_is_refused_as_the_service_would_and_nothing_is_called(
    world: ActionWorld,
) -> None:
    mark = world.mark
    with pytest.raises(BadParameters, match="steps of 10"):
        _shift(world, 15)
    assert world.since(mark) == []
    shift = _shift(world, 10)
    with pytest.raises(Rejected) as refused:
        shift.write({"at": WEST, "shares": {"telephony": {EAST: 85, WEST: 15}, "agents": {EAST: 100, WEST: 0}}})
    assert (refused.value.code, refused.value.retryable) == ("InvalidRequestException", False)
    assert _group(world).telephony == {EAST: 100, WEST: 0}


def test_the_shift_works_from_the_destination_while_the_other_region_is_dead(world: ActionWorld) -> None:
    outage, mark = world.lost(EAST), world.mark
    done = _shift(world, 100).carry_out()
    assert done.after == {"telephony": {EAST: 0, WEST: 100}, "agents": {EAST: 0, WEST: 100}}
    assert {made.region for made in world.since(mark)} == {WEST}
    assert not outage.hits


def test_a_dead_destination_is_an_error_and_no_value(world: ActionWorld) -> None:
    world.lost(WEST)
    with pytest.raises(RegionUnreachable) as unknown:
        _shift(world, 100).observe()
    assert unknown.value.retryable
    assert not unknown.value.sent


def test_a_group_is_not_found_from_a_region_that_it_does_not_span(world: ActionWorld) -> None:
    with pytest.raises(NotFound):
        _shift(world, 100, region=NOWHERE).carry_out()


def test_a_bare_id_is_not_found_from_the_replicas_region(world: ActionWorld) -> None:
    with pytest.raises(NotFound):
        _shift(world, 100, group=world.group.rpartition("/")[2]).carry_out()


def test_a_group_that_is_not_active_yet_is_refused(world: ActionWorld) -> None:
    with world.cloud.building():
        made = world.cloud.door.client("connect", EAST).create_traffic_distribution_group(
            Name="too-young", InstanceId=world.instance
        )
    with pytest.raises(Rejected):
        _shift(world, 100, group=made["Arn"]).observe()


def test_a_lost_reply_is_found_out_by_looking_and_not_written_again(world: ActionWorld) -> None:
    fault = world.struck(LostReply("connect", UPDATE))
    with pytest.raises(OutcomeUnknown):
        _shift(world, 100).carry_out()
    assert fault.hits
    mark = world.mark
    assert _shift(world, 100).carry_out().after["telephony"] == {EAST: 0, WEST: 100}
    assert _updated_in(world, mark) == []


def test_a_return_is_called_in_the_region_that_gains_by_it(world: ActionWorld) -> None:
    shift = _shift(world, 100)
    before = shift.carry_out().before
    mark = world.mark
    assert shift.give_back(before).after == before
    assert _updated_in(world, mark) == [EAST]


def test_a_return_of_agents_alone_is_called_in_the_region_that_gains_them(world: ActionWorld) -> None:
    _group(world).telephony = {EAST: 0, WEST: 100}
    shift = _shift(world, 100)
    before = shift.carry_out().before
    assert shift.action.gains(shift.params, shift.observe(), before) == (EAST,)
    mark = world.mark
    shift.give_back(before)
    assert _updated_in(world, mark) == [EAST]
    assert _group(world).agents == {EAST: 100, WEST: 0}


def test_the_hands_of_the_shift_do_not_reach_the_other_region(world: ActionWorld) -> None:
    shift = _shift(world, 100)
    before = shift.carry_out().before
    (part,) = shift.parts(shift.observe(), before)
    with pytest.raises(UndeclaredOperation):
        shift.write(part)
    assert _group(world).telephony == {EAST: 0, WEST: 100}


def test_shifting_traffic_leaves_sign_ins_alone(world: ActionWorld) -> None:
    _group(world, default=True).sign_in = {EAST: True, WEST: False}
    _shift(world, 100, group=world.default_group).carry_out()
    assert _group(world, default=True).sign_in == {EAST: True, WEST: False}
    assert _group(world, default=True).telephony == {EAST: 0, WEST: 100}


# Sign-ins.


def test_sign_ins_are_opened_at_the_destination_and_stay_open_elsewhere(world: ActionWorld) -> None:
    _group(world, default=True).sign_in = {EAST: True, WEST: False}
    done = _sign_in(world).carry_out()
    assert done.after == {EAST: True, WEST: True}
    assert _group(world, default=True).telephony == {EAST: 100, WEST: 0}


def test_on_a_good_day_both_regions_take_sign_ins_and_nothing_is_written(world: ActionWorld) -> None:
    assert _sign_in(world).carry_out().parts == ()


def test_sign_ins_may_be_closed_at_the_other_region_even_when_it_is_dead(world: ActionWorld) -> None:
    world.lost(EAST)
    assert _sign_in(world, others=False).carry_out().after == {EAST: False, WEST: True}


def test_sign_ins_are_refused_on_any_group_but_the_default_one_before_anything_is_written(world: ActionWorld) -> None:
    mark = world.mark
    with pytest.raises(Rejected, match=r"distributes no sign-ins") as refused:
        _sign_in(world, group=world.group).carry_out()
    assert "default" in refused.value.remedy
    assert _updated_in(world, mark) == []


def test_sign_ins_that_go_back_to_the_other_region_alone_are_called_there(world: ActionWorld) -> None:
    _group(world, default=True).sign_in = {EAST: True, WEST: False}
    sign_in = _sign_in(world)
    before = sign_in.carry_out().before
    # The east takes the west's sign-ins over: it must be proven to serve, and it is where the call belongs.
    assert sign_in.action.gains(sign_in.params, sign_in.observe(), before) == (EAST,)
    mark = world.mark
    assert sign_in.give_back(before).after == {EAST: True, WEST: False}
    assert _updated_in(world, mark) == [EAST]
