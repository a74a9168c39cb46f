"""Desktops of remote agents, as `pulumi preview` would see them."""

from __future__ import annotations

from typing import Any

import pytest

from drills.simulator.provisioners.request import Unprovisionable

SIDES = pytest.mark.parametrize("side", ["primary", "standby"])


@SIDES
def test_each_side_has_a_desktop_for_each_agent_in_its_own_directory(previews: Any, side: str) -> None:
    desktops = previews.of_type(side, "Workspace")
    agents = set(previews.of_type("primary", "User"))
    assert {each.inputs["userName"] for each in desktops.values()} == agents
    assert len(desktops) == len(agents) == 48
    assert len({each.inputs["directoryId"] for each in desktops.values()}) == 1
    region = {"primary": "us-east-1", "standby": "us-west-2"}[side]
    assert {each.provider.rpartition("::aws-")[2].partition("::")[0] for each in desktops.values()} == {region}


def test_the_sides_have_directories_of_their_own(previews: Any) -> None:
    directories = [
        {each.inputs["directoryId"] for each in previews.of_type(side, "Workspace").values()}
        for side in ("primary", "standby")
    ]
    assert directories[0] != directories[1]


@SIDES
def test_desktops_stop_by_themselves_and_what_keeps_them_running_is_left_alone(previews: Any, side: str) -> None:
    for each in previews.of_type(side, "Workspace").values():
        assert each.inputs["workspaceProperties"] == {
            "runningMode": "AUTO_STOP",
            "runningModeAutoStopTimeoutInMinutes": 60,
        }
        assert each.ignore_changes == ("workspaceProperties",)


def test_without_a_table_of_desktops_there_are_none(previews: Any) -> None:
    assert previews.of_type("standby", "Workspace", desktops={}) == {}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"desktop_directory": ""}, "desktop_directory: missing"),
        ({"desktop_bundle": ""}, "desktop_bundle: missing"),
        ({"desktops": {"general": {"count": 0}}}, "desktops.general.count: 0 is not a whole number from 1"),
        ({"desktops": {"general": {"agents": 3}}}, "unknown key 'agents'"),
        ({"desktops": {"general": {}}}, "desktops.general: count is missing"),
    ],
)
def test_a_wrong_table_is_refused_in_words(previews: Any, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Unprovisionable, match=said):
        previews("standby", **changed)


def test_agents_of_a_group_with_desk_phones_have_numbers_that_belong_to_nobody(previews: Any) -> None:
    users = previews.of_type("primary", "User")
    phones = {name: user.inputs["phoneConfig"] for name, user in users.items()}
    desks = {name: phone for name, phone in phones.items() if phone["phoneType"] == "DESK_PHONE"}
    assert {name.partition(".")[0] for name in desks} == {"vip"}
    numbers = [phone["deskPhoneNumber"] for phone in desks.values()]
    assert len(set(numbers)) == len(numbers) == 20
    # 555-0100 to 555-0199 are set aside for fiction.
    assert all(number.startswith("+12065550") and 100 <= int(number[-4:]) <= 199 for number in numbers)
    assert all("phoneConfig" in user.ignore_changes for user in users.values())


def test_a_phone_that_connect_does_not_know_is_refused(previews: Any) -> None:
    with pytest.raises(Unprovisionable, match="PIGEON"):
        previews("primary", agent_groups={"general": {"agents": 1, "queues": ["general"], "phone": "PIGEON"}})
