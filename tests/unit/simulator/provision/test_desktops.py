"""Desktops that the stacks declare, built in the simulated cloud."""

from __future__ import annotations

from typing import Any

import pytest

from drills.simulator.aws.connect.buckets import without_throttling
from drills.simulator.aws.workspaces.backend import enrol
from drills.simulator.provisioners.request import Unprovisionable
from stacks import exports

ACCOUNT = "123456789012"
EAST, WEST = "us-east-1", "us-west-2"
FEW = {"general": {"count": 2}, "vip": {"count": 1}}


def test_every_desktop_of_the_inventory_is_there_stopped_and_its_agents(cloud: Any) -> None:
    cloud.all_up()
    outputs = (cloud.up[role].outputs for role in ("global", "primary", "standby"))
    inventory = exports.compose(*outputs, taken_at="2026-11-22T00:00:00.000Z")
    for region, side in ((EAST, inventory.primary), (WEST, inventory.standby)):
        with without_throttling():
            pages = cloud.client("workspaces", region).get_paginator("describe_workspaces").paginate()
            found = {each["WorkspaceId"]: each for page in pages for each in page["Workspaces"]}
        assert list(found) == side.desktops.ids
        assert {each["State"] for each in found.values()} == {"STOPPED"}
        assert {each["DirectoryId"] for each in found.values()} == {side.desktops.directory_id}
        assert "vip.020" in {each["UserName"] for each in found.values()}


def test_equal_stacks_have_equal_desktops(fresh_cloud: Any) -> None:
    found = []
    for _ in range(2):
        cloud = fresh_cloud()
        cloud.provision("global")
        found.append(cloud.provision("primary", overrides={"desktops": FEW}).outputs["inventory"]["desktops"])
    assert found[0] == found[1]
    assert len(found[0]["ids"]) == 3


def test_a_desktop_that_the_service_refuses_inside_a_200_stops_the_stack(cloud: Any) -> None:
    cloud.provision("global")
    enrol(ACCOUNT, EAST, "d-90670a1b2c")
    theirs = {"DirectoryId": "d-90670a1b2c", "BundleId": "wsb-12345678", "UserName": "general.002"}
    assert cloud.client("workspaces", EAST).create_workspaces(Workspaces=[theirs])["PendingRequests"]
    with pytest.raises(Unprovisionable, match=r"desktop-general\.002: ResourceExists"):
        cloud.provision("primary", overrides={"desktops": FEW})
