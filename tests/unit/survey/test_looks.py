"""What a look makes of its answer: differences by path, users told apart, shapes that are absent."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.model.actions import Call
from orchestrator.model.inventory import AgentGroup
from orchestrator.survey.connect import told_apart
from orchestrator.survey.look import Look, differences, unlike

CALL = Call("connect", "SearchQueues", "us-east-1")
GROUPS = {
    "general": AgentGroup(user_ids=["u1", "u2"], normal_profile="p1", incident_profile="p2"),
    "vip": AgentGroup(user_ids=["u3"], normal_profile="p3", incident_profile="p2"),
}


def found(expected: dict[str, Any], observed: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    look = Look("a", (CALL,), lambda _: observed, expected)
    return [(one.what, one.snapshot, one.observed) for one in differences(look, observed)]


def test_like_is_no_difference() -> None:
    assert found({"a": {"id": "1", "n": 40}}, {"a": {"n": 40, "id": "1"}}) == []


def test_a_changed_member_is_told_by_its_path() -> None:
    assert found({"a": {"id": "1", "n": 40}}, {"a": {"id": "1", "n": 32}}) == [("a.n", 40, 32)]


def test_a_limit_that_came_or_went_is_a_difference() -> None:
    assert found({"a": {"n": None}}, {"a": {"n": 10}}) == [("a.n", None, 10)]


def test_a_thing_that_is_gone_is_one_difference_not_one_a_member() -> None:
    assert found({"a": {"id": "1", "n": 40}}, {"a": None}) == [("a", {"id": "1", "n": 40}, None)]


def test_many_differences_come_in_order_of_path() -> None:
    wanted = {"b": 1, "a": {"y": 1, "x": 1}}
    assert [what for what, *_ in found(wanted, {"a": {"y": 2, "x": 2}, "b": 2, "c": 3})] == ["a.x", "a.y", "b", "c"]


def test_lists_are_compared_whole() -> None:
    assert list(unlike("a", [1, 2], [2, 1])) == [("a", [1, 2], [2, 1])]


def test_agents_on_their_normal_or_incident_profile_are_as_they_should_be() -> None:
    assert told_apart(GROUPS["general"], GROUPS, {"u1": "p1", "u2": "p2", "u3": "p2"}) == {
        "missing": [], "unexpected": [], "on_other_profiles": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("serving", "kind", "users"),
    [
        ({"u1": "p1", "u3": "p3"}, "missing", ["u2"]),
        ({"u1": "p1", "u2": "p1", "u3": "p3", "u9": "p1"}, "unexpected", ["u9"]),
        ({"u1": "p9", "u2": "p1", "u3": "p3"}, "on_other_profiles", ["u1"]),
    ],
)
def test_agents_are_missing_unexpected_or_elsewhere(serving: dict[str, str], kind: str, users: list[str]) -> None:
    told = told_apart(GROUPS["general"], GROUPS, serving)
    assert {name for name, several in told.items() if several} == {kind}
    assert told[kind] == users
