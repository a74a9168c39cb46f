"""Two sides laid over each other: differences, ratios, declarations, and Regions that flows are pinned to. All pure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.model.parameters import BadParameters, bind
from orchestrator.survey.flow import pinned, structure
from orchestrator.survey.look import UNSET, unlike
from orchestrator.survey.parity import Declared, Parity, compared

REGIONS = ("us-east-1", "us-west-2")
EAST_FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:flags"
ANYWHERE = "arn:aws:lambda:$.AwsRegion:123456789012:function:flags"
SIDE: dict[str, Any] = {
    "connect.queues.vip": {"hours": "always", "status": "ENABLED"},
    "connect.routing_profiles.vip-normal": {"outbound": "vip", "queues": {"vip/VOICE": "priority 1, 0s"}},
    "lambdas.flags": {"runtime": "python3.13", "timeout_s": 3},
    "topics.incident": {"encrypted": True, "subscriptions_confirmed": 2},
    "capacity.queue_limits.vip": 40,
    "capacity.queue_limits.general": 80,
    "capacity.desktops": 48,
}


def laid(standby: dict[str, Any], *declared: Declared, primary: dict[str, Any] | None = None, **how: Any) -> Parity:
    mirrored = how.get("mirrored", True)
    return compared(primary or SIDE, standby, regions=REGIONS, mirrored=mirrored, declared=declared)


def flow(function: str = ANYWHERE, **more: Any) -> str:
    ask = {
        "Identifier": "ask", "Type": "InvokeLambdaFunction", "Parameters": {"LambdaFunctionARN": function, **more},
        "Transitions": {"NextAction": "say"}, "Metadata": {"position": {"x": 1}},
    }  # fmt: skip
    say = {"Identifier": "say", "Type": "MessageParticipant", "Parameters": {"Text": "We answer from us-east-1"}}
    return json.dumps({"Version": "2019-10-30", "StartAction": "ask", "Actions": [ask, say]})


def test_equal_sides_are_at_parity() -> None:
    found = laid(dict(SIDE))
    assert found.holds
    assert found.apart == ()
    assert {ratio.ratio for ratio in found.ratios} == {1.0}


def test_a_lower_queue_limit_is_told_with_its_ratio() -> None:
    found = laid({**SIDE, "capacity.queue_limits.vip": 32})
    [less] = [ratio for ratio in found.ratios if not ratio.enough]
    assert (less.path, less.primary, less.standby, less.ratio) == ("capacity.queue_limits.vip", 40, 32, 0.8)
    assert not found.holds


def test_a_standby_that_can_do_more_is_enough() -> None:
    found = laid({**SIDE, "capacity.desktops": 60})
    assert found.holds
    assert [ratio.ratio for ratio in found.ratios if ratio.path == "capacity.desktops"] == [1.25]


@pytest.mark.parametrize("amount", [UNSET, None])
def test_an_amount_that_one_side_lacks_is_no_ratio_and_not_enough(amount: Any) -> None:
    [odd] = [each for each in laid({**SIDE, "capacity.desktops": amount}).ratios if each.path == "capacity.desktops"]
    assert (odd.ratio, odd.enough) == (None, False)


def test_from_nothing_any_standby_is_enough() -> None:
    found = laid({**SIDE, "capacity.desktops": 3}, primary={**SIDE, "capacity.desktops": 0})
    assert found.holds


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("connect.queues.vip", {"hours": "weekdays", "status": "ENABLED"}, "connect.queues.vip.hours"),
        ("connect.queues.vip", None, "connect.queues.vip"),
        ("lambdas.flags", {"runtime": "python3.12", "timeout_s": 3}, "lambdas.flags.runtime"),
        ("topics.incident", {"encrypted": False, "subscriptions_confirmed": 2}, "topics.incident.encrypted"),
        (
            "connect.routing_profiles.vip-normal",
            {"outbound": "vip", "queues": {"vip/VOICE": "priority 2, 0s"}},
            "connect.routing_profiles.vip-normal.queues.vip/VOICE",
        ),
    ],
)
def test_one_changed_value_is_one_difference_by_its_path(path: str, value: Any, told: str) -> None:
    found = laid({**SIDE, path: value})
    assert [apart.path for apart in found.apart] == [told]
    assert not found.holds


def test_what_only_the_standby_has_differs_too() -> None:
    [extra] = laid({**SIDE, "connect.queues.spare": {"hours": "always"}}).apart
    assert (extra.path, extra.primary, extra.standby) == ("connect.queues.spare", None, {"hours": "always"})


def test_a_declared_difference_stays_visible_with_its_reason_and_does_no_harm() -> None:
    meant = Declared("topics.*.subscriptions_confirmed", "on-call is paged from the standby only")
    found = laid({**SIDE, "topics.incident": {"encrypted": True, "subscriptions_confirmed": 3}}, meant)
    assert [apart.reason for apart in found.apart] == [meant.reason]
    assert found.holds
    assert found.unused == ()


@pytest.mark.parametrize(("at_least", "holds"), [(0.5, True), (0.8, True), (0.9, False), (None, True)])
def test_a_declared_share_must_still_be_there(at_least: float | None, *, holds: bool) -> None:
    found = laid({**SIDE, "capacity.queue_limits.vip": 32}, Declared("capacity.queue_limits.*", "smaller", at_least))
    assert found.holds is holds
    assert found.unused == ()


def test_a_declaration_that_fits_nothing_is_told() -> None:
    stale = Declared("capacity.desktops", "the standby's are ordered")
    assert laid(dict(SIDE), stale).unused == (stale,)


@pytest.mark.parametrize("given", [{"path": "a"}, {"path": "a", "reason": "b", "at_least": 1.5}, {"reason": "b"}])
def test_a_declaration_without_path_reason_or_with_an_odd_share_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(BadParameters):
        bind(Declared, given)


def test_a_mirrored_flow_pinned_to_a_region_is_named_with_flow_path_and_arn() -> None:
    sides = {"connect.flows.main.content": flow(EAST_FUNCTION)}
    [found] = laid(sides, primary=sides).pinned
    assert (found.flow, found.path) == ("connect.flows.main", "ask.Parameters.LambdaFunctionARN")
    assert (found.literal, found.region, found.sides) == (EAST_FUNCTION, "us-east-1", ("primary", "standby"))


def test_a_flow_of_its_own_may_name_its_own_region_and_never_another() -> None:
    sides = {"connect.flows.main.content": flow(EAST_FUNCTION)}
    [found] = laid(sides, primary=sides, mirrored=False).pinned
    assert found.sides == ("standby",)


def test_a_literal_region_is_found_outside_arns_and_not_in_what_is_spoken() -> None:
    found = list(pinned(flow(Attribute="bot-us-west-2-live x us-west-2"), region="us-east-1", mirrored=True))
    assert [(each.path, each.literal) for each in found] == [("ask.Parameters.Attribute", "us-west-2")]


def test_a_flow_that_asks_for_its_own_region_is_pinned_nowhere() -> None:
    assert list(pinned(flow(), region="us-east-1", mirrored=True)) == []


def test_ids_regions_numbers_and_canvas_positions_make_no_difference_between_flows() -> None:
    here = structure(
        flow(EAST_FUNCTION, QueueId="q-1", Number="+12065550100"), names={"q-1": "queue vip"}, region="us-east-1"
    )
    moved = flow(EAST_FUNCTION.replace("us-east-1", "us-west-2"), QueueId="q-9", Number="+12065550101")
    there = structure(moved.replace('"x": 1', '"x": 9'), names={"q-9": "queue vip"}, region="us-west-2")
    assert list(unlike("f", here, there)) == []


def test_flows_that_differ_are_told_action_by_action() -> None:
    one = structure(flow(), names={}, region="us-east-1")
    other = structure(flow().replace("NextAction", "Elsewhere"), names={}, region="us-west-2")
    paths = [path for path, *_ in unlike("main", one, other)]
    assert "main.actions.ask.Transitions.NextAction" in paths


def test_a_flow_that_is_no_json_is_unreadable_and_pinned_nowhere() -> None:
    assert structure("{", names={}, region="us-east-1") == "unreadable"
    assert list(pinned("{", region="us-east-1", mirrored=True)) == []
