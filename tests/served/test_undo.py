"""A whole run given back on a served cloud: not while the Region is dead, not over somebody else's value, then all.

What is there is read by clients of our own, never from the journal or through an action.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

EAST, WEST = "us-east-1", "us-west-2"
RUNBOOK = str(Path(__file__).with_name("undo.yaml"))
FLAG = {"flag": {"S": "emergency-greeting"}}
KINDS = {"flag", "names", "telephony", "sign-in of agents", "routing", "phones", "desktops", "running modes"}


@dataclass
class Seen:
    """What stands in the served cloud."""

    cloud: Any

    def __post_init__(self) -> None:
        self.told = self.cloud.told("/inventory")
        self.site = self.told["standby"]
        # Who looks at each user, one by one, is throttled where the machine is fast, as on AWS.
        self.connect = self.cloud.client("connect", WEST, attempts=12)
        self.flags = self.cloud.client("dynamodb", WEST)
        self.desktops = self.cloud.client("workspaces", WEST)

    def all(self) -> dict[str, Any]:
        """By kind."""
        group = self.connect.get_traffic_distribution(Id=self.site["connect"]["traffic_group_arn"])
        ids = [one for each in self.site["connect"]["agent_groups"].values() for one in each["user_ids"]]
        instance = self.site["connect"]["instance_id"]
        users = [self.connect.describe_user(InstanceId=instance, UserId=one)["User"] for one in ids]
        pages = self.desktops.get_paginator("describe_workspaces").paginate()
        machines = [each for page in pages for each in page["Workspaces"]]
        assert users
        assert machines
        return {
            "flag": self.flags.get_item(TableName=self.site["flags_table"], Key=FLAG).get("Item", {}).get("value"),
            "names": self.cloud.told(f"/resolve?name={self.told['global']['front_door_name']}")["answers"],
            "telephony": group["TelephonyConfig"],
            "sign-in of agents": group["AgentConfig"],
            "routing": {each["Id"]: each["RoutingProfileId"] for each in users},
            "phones": {each["Id"]: each["PhoneConfig"] for each in users},
            "desktops": {each["WorkspaceId"]: each["State"] for each in machines},
            "running modes": {
                each["WorkspaceId"]: each["WorkspaceProperties"]["RunningMode"] for each in machines
            },
        }  # fmt: skip

    def set_flag(self, value: Any) -> None:
        """By hand, as somebody else would."""
        self.flags.update_item(
            TableName=self.site["flags_table"], Key=FLAG, UpdateExpression="SET #v = :v",
            ExpressionAttributeNames={"#v": "value"}, ExpressionAttributeValues={":v": value},
        )  # fmt: skip

    def writes(self) -> int:
        """How many calls that change something have been made; the lever of DNS is published again and again."""
        return sum(line["write"] and line["operation"] != "PutMetricData" for line in self.cloud.calls())


def test_a_run_is_given_back_whole_once_everything_serves_and_nobody_else_has_set_a_value(
    served: Callable[..., Any], new_centre: Any, failover: Callable[..., Any], tmp_path: Path
) -> None:
    with served(new_centre(tmp_path / "server"), "--speed", "60") as cloud:
        seen = Seen(cloud)
        found = seen.all()
        cloud.ask("POST", "/outages", {"region": EAST})
        run = failover("execute", RUNBOOK, "--mode", "unplanned", "--yes", "--cloud", cloud.url, "--json")
        assert (run.code, run.json["state"]) == (ExitCode.DONE, "recovered"), run.err
        moved = seen.all()
        assert {kind for kind in KINDS if moved[kind] != found[kind]} == KINDS
        execution, written = run.json["execution"], seen.writes()

        dead = failover("undo", execution, "--reason", "the drill is over")
        assert dead.code == ExitCode.STOPPED
        assert f"refused: {EAST} is not proven to serve" in dead.out
        assert (seen.all(), seen.writes()) == (moved, written)

        cloud.ask("DELETE", f"/outages/{EAST}")
        seen.set_flag({"S": "by-hand"})
        theirs = failover("undo", execution, "--reason", "the drill is over")
        assert theirs.code == ExitCode.STOPPED
        assert "emergency-greeting" in theirs.out
        assert "by-hand" in theirs.out
        assert seen.writes() == written + 1, "by hand, and nothing else"
        now = seen.all()
        assert {kind for kind in KINDS if now[kind] != moved[kind]} == {"flag"}

        seen.set_flag(moved["flag"])
        back = failover("undo", execution, "--reason", "the drill is over")
        assert back.code == ExitCode.DONE, back.out + back.err
        assert seen.all() == found
        assert failover("journal", "verify", execution).code == ExitCode.DONE
