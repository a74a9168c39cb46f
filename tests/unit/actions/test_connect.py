"""Shares and sign-ins, computed without a cloud.

Rule: Administrator Guide, "Update telephony traffic distribution": steps of 10 %, both Regions, sum 100.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.actions.connect import ShiftSignin, ShiftSigninParams, ShiftTraffic, ShiftTrafficParams
from orchestrator.model.errors import Rejected
from orchestrator.model.parameters import BadParameters, Percent, Region, bind

EAST, WEST = "us-east-1", "us-west-2"
GROUP = "arn:aws:connect:us-east-1:111122223333:traffic-distribution-group/3c5b1c8e-0d0c-4c36-8e3b-0c3f0a1b2c3d"
TENS = st.integers(0, 10).map(lambda ten: ten * 10)

no_cloud: Any = None
shift, sign_in = ShiftTraffic(no_cloud), ShiftSignin(no_cloud)


def _to(percent: int, region: str = WEST) -> ShiftTrafficParams:
    return ShiftTrafficParams(GROUP, Region(region), Percent(percent))


def _shares(telephony: int, agents: int) -> dict[str, dict[str, int]]:
    """By the west's shares."""
    return {
        "telephony": {EAST: 100 - telephony, WEST: telephony},
        "agents": {EAST: 100 - agents, WEST: agents},
    }


@given(telephony=TENS, agents=TENS, percent=TENS)
def test_whatever_was_before_the_target_is_a_floor_that_sums_to_a_hundred_and_is_its_own_target(
    telephony: int, agents: int, percent: int
) -> None:
    before = _shares(telephony, agents)
    target = shift.target(_to(percent), before)
    for key, shares in target.items():
        assert sum(shares.values()) == 100
        assert shares[WEST] >= percent
        assert shares[WEST] >= before[key][WEST]
        assert shares[WEST] in (percent, before[key][WEST])
    assert shift.target(_to(percent), target) == target


@given(telephony=TENS, agents=TENS, percent=TENS)
def test_a_shift_is_always_called_at_its_destination(telephony: int, agents: int, percent: int) -> None:
    before = _shares(telephony, agents)
    target = shift.target(_to(percent), before)
    assert [part["at"] for part in shift.parts(_to(percent), before, target)] == [WEST]


@given(telephony=TENS, agents=TENS, percent=TENS)
def test_a_return_gains_the_other_region_only_and_is_called_there(telephony: int, agents: int, percent: int) -> None:
    before = _shares(telephony, agents)
    target = shift.target(_to(percent), before)
    if target == before:
        assert shift.gains(_to(percent), target, before) == ()
        return
    assert shift.gains(_to(percent), target, before) == (EAST,)
    (part,) = shift.parts(_to(percent), target, before)
    assert part == {"at": EAST, "shares": before}


@pytest.mark.parametrize("percent", [5, 15, 99])
def test_a_share_that_is_no_step_of_ten_is_refused_before_anything_is_called(percent: int) -> None:
    with pytest.raises(BadParameters, match="steps of 10"):
        bind(ShiftTrafficParams, {"group": GROUP, "region": WEST, "percent": percent})
    assert bind(ShiftTrafficParams, {"group": GROUP, "region": WEST, "percent": 20}) == _to(20)


def test_the_target_is_computed_without_touching_what_was_observed() -> None:
    before = _shares(0, 0)
    shift.target(_to(100), before)
    assert before == _shares(0, 0)


@pytest.mark.parametrize(
    "shares", [{}, {WEST: 100}, {"eu-west-2": 100, "eu-central-1": 0}, {EAST: 50, WEST: 50, "eu-west-2": 0}]
)
def test_a_group_that_does_not_join_the_region_and_one_other_is_refused(shares: dict[str, int]) -> None:
    with pytest.raises(Rejected, match=r"distributes to") as refused:
        shift.target(_to(100), {"telephony": shares, "agents": shares})
    assert "spans both Regions" in refused.value.remedy
    assert (refused.value.region, refused.value.retryable) == (WEST, False)


def test_shares_and_sign_ins_of_a_group_are_two_subjects_whichever_region_asks() -> None:
    there = ShiftSigninParams(GROUP, Region(EAST))
    assert shift.subject(_to(10)) == shift.subject(_to(100, EAST))
    assert shift.subject(_to(10)) != sign_in.subject(there)
    assert GROUP in sign_in.subject(there)


def test_only_a_returns_hands_reach_the_region_that_gains() -> None:
    assert {call.region for call in ShiftTraffic.calls(_to(100))} == {WEST}
    assert {call.region for call in ShiftTraffic.return_calls(_to(100), EAST) if call.write} == {EAST, WEST}
    there = ShiftSigninParams(GROUP, Region(WEST))
    assert {call.region for call in ShiftSignin.calls(there)} == {WEST}
    assert {call.region for call in ShiftSignin.return_calls(there, EAST) if call.write} == {EAST, WEST}


@pytest.mark.parametrize(
    ("now", "value", "gaining"),
    [
        ((True, True), (True, True), ()),
        ((False, True), (True, True), (EAST,)),
        ((True, False), (False, True), (WEST,)),
        # Who stays open alone takes what the other one took.
        ((True, True), (True, False), (EAST,)),
        ((True, True), (False, True), (WEST,)),
        ((True, True), (False, False), ()),
    ],
)
def test_sign_ins_gain_where_they_open_and_where_they_stay_open_alone(
    now: tuple[bool, bool], value: tuple[bool, bool], gaining: tuple[str, ...]
) -> None:
    regions = (EAST, WEST)
    params = ShiftSigninParams(GROUP, Region(WEST))
    states = [dict(zip(regions, state, strict=True)) for state in (now, value)]
    assert sign_in.gains(params, *states) == gaining


@pytest.mark.parametrize(("others", "east"), [(True, True), (False, False)])
def test_the_other_region_goes_on_taking_sign_ins_only_if_asked(others: bool, east: bool) -> None:  # noqa: FBT001 - a table of cases
    params = ShiftSigninParams(GROUP, Region(WEST), others)
    for before in ({EAST: True, WEST: False}, {EAST: False, WEST: False}, {EAST: True}):
        assert sign_in.target(params, before) == {EAST: east, WEST: True}


def test_a_group_that_distributes_no_sign_ins_is_refused() -> None:
    with pytest.raises(Rejected, match=r"distributes no sign-ins"):
        sign_in.target(ShiftSigninParams(GROUP, Region(WEST)), {})
