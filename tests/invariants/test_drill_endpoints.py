"""Nothing needs the dead Region (law 4): what a plan lists is all that a run reaches, and what needs it is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

RUNBOOK = "runbooks/region-evacuation.yaml"
LOST = "us-east-1"
BY_CONTROL_PLANE = """\
  names:
    action: dns.change_records
    title: The front door's name is changed by hand
    needs: [destination-serves, declare]
    with:
      zone: ${global.zone_id}
      name: ${global.front_door_name}
      type: CNAME
      values: ["${to.front_door_target}"]
    deadline: 10m
"""


def plan(failover: Callable[..., Any], *arguments: str) -> Any:
    return failover("plan", "region-evacuation", "--simulate", "--lost", LOST, "--json", *arguments)


@pytest.fixture
def by_control_plane(centre: Any) -> None:
    """The runbook, with its lever replaced by a record change."""
    path = centre.folder / RUNBOOK
    text = path.read_text()
    begin, end = text.index("  names:\n"), text.index("  tell:\n")
    path.write_text(text[:begin] + BY_CONTROL_PLANE + text[end:])


def test_the_shipped_evacuation_needs_nothing_of_the_region_it_leaves(failover: Callable[..., Any]) -> None:
    said = plan(failover)
    assert said.code == ExitCode.DONE
    homes = {one["home"] for step in said.json["steps"] for one in step["endpoints"]}
    assert homes
    assert LOST not in homes
    assert not [host for host in said.json["endpoints"] if LOST in host]
    assert said.json["not_simulated"] == []


def test_a_plan_that_moves_to_the_lost_region_is_refused(failover: Callable[..., Any]) -> None:
    said = failover("plan", "region-evacuation", "--simulate", "--lost", "us-west-2")
    assert said.code == ExitCode.STOPPED
    for named in ('"shift[0]"', "connect:UpdateTrafficDistribution", "us-west-2"):
        assert named in said.err


def test_every_host_that_a_run_reaches_is_in_its_plan(failover: Callable[..., Any]) -> None:
    listed = set(plan(failover).json["endpoints"])
    assert failover("drill", "run", "./short-outage.yaml", "--json").code == ExitCode.DONE
    events = [json.loads(line) for line in failover("journal", "export").out.splitlines()]
    (hosts,) = [event["data"]["values"]["hosts"] for event in events if event["data"].get("name") == "endpoints"]
    assert len(hosts) > 3
    assert set(hosts) <= listed


@pytest.mark.usefixtures("by_control_plane")
@pytest.mark.parametrize(
    "command", [("plan", "--lost", LOST), ("execute", "--mode", "unplanned", "--yes")], ids=["plan", "execute"]
)
def test_a_step_that_needs_the_dead_region_is_refused_by_name(
    failover: Callable[..., Any], command: tuple[str, ...]
) -> None:
    name, *options = command
    said = failover(name, "region-evacuation", "--simulate", *options)
    assert said.code == ExitCode.STOPPED
    for named in ('"names"', "route53:ChangeResourceRecordSets", "route53.amazonaws.com", LOST):
        assert named in said.err, said.err
    assert "Traceback" not in said.err
    assert failover("list", "--json").json == [], "what is refused is not begun"


@pytest.mark.usefixtures("by_control_plane")
def test_the_same_step_is_planned_on_a_good_day(failover: Callable[..., Any]) -> None:
    said = failover("plan", "region-evacuation", "--simulate", "--json")
    assert said.code == ExitCode.DONE
    assert "route53.amazonaws.com" in said.json["endpoints"]
