"""The way back: only when it is planned, proven healthy, and wanted by two people; and it leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from orchestrator.model.clock import moment
from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SCENARIO, RUNBOOK = "short-return.yaml", "runbooks/region-return.yaml"
GONE = "outages:\n  - kind: region-outage\n    region: ${primary.region}\n"
MOVING = ("greeting-there", "sign-in", "shift[0]", "names", "agents[0]", "greeting-here")
ASKED_AGAIN = ("serves", "alike-now", "backlog-now")


@pytest.fixture
def drill(centre: Any, failover: Callable[..., Any]) -> Callable[..., Any]:
    """Runs the short return with some of its text changed."""

    def run(*pairs: tuple[str, str]) -> Any:
        centre.change(SCENARIO, *pairs)
        return failover("drill", "run", f"./{SCENARIO}", "--json")

    return run


def took_s(step: Any) -> float:
    return (moment(step["ended_at"]) - moment(step["started_at"])).total_seconds()


def test_everything_that_the_evacuation_moved_goes_back_after_the_gates(
    drill: Callable[..., Any], failover: Callable[..., Any]
) -> None:
    said = drill()
    assert (said.code, said.json["state"]) == (ExitCode.DONE, "recovered")
    steps = said.json["steps"]
    assert 120 <= took_s(steps["healthy"]) < 150
    assert steps["low-tide"]["ended_at"] <= steps["healthy"]["started_at"], "what may take hours comes first"
    for gate in ("alike", "backlog"):
        assert steps["healthy"]["ended_at"] <= steps[gate]["started_at"] <= steps["declare"]["started_at"]
    for again in ASKED_AGAIN:
        assert steps["declare"]["ended_at"] <= steps[again]["started_at"]
        assert steps[again]["ended_at"] <= min(steps[key]["started_at"] for key in MOVING)
    assert steps["shift[1]"]["after"]["telephony"] == {"us-east-1": 100, "us-west-2": 0}
    assert (steps["names"]["before"]["lever"], steps["names"]["after"]["lever"]) == ("raised", "lowered")
    assert steps["lever-there"]["after"]["lever"] == "lowered"
    assert (steps["greeting-here"]["before"]["value"], steps["greeting-here"]["after"]["value"]) == ("on", "off")
    assert steps["agents[0]"]["before"] != steps["agents[0]"]["after"]
    events = [json.loads(line) for line in failover("journal", "export").out.splitlines()]
    (begun,) = (each["data"]["values"] for each in events if each["data"].get("name") == "begun-with")
    assert (begun["runbook"], begun["mode"], begun["state"]) == ("region-evacuation", "unplanned", "recovered")
    assert len(begun["head"]) == 64
    assert [each["execution"] for each in failover("list", "--json").json] == [said.json["execution"]]


def test_two_runs_of_one_seed_export_equal_bytes(drill: Callable[..., Any], failover: Callable[..., Any]) -> None:
    exports = []
    for _ in range(2):
        assert drill().code == ExitCode.DONE
        exports.append(failover("journal", "export").out)
    assert exports[0] == exports[1]


@pytest.mark.parametrize("silent", ["duty-manager", "platform-lead"])
def test_without_both_yeses_nothing_is_moved(drill: Callable[..., Any], silent: str) -> None:
    said = drill((f"{silent}: {{answers: approve", f"{silent}: {{answers: silent"))
    assert said.code == ExitCode.STOPPED
    [other] = {"duty-manager", "platform-lead"} - {silent}
    assert said.json["steps"]["declare"]["reason"] == f"only {other} of 2 said yes within 30m; on_silence: stop"
    assert {said.json["steps"][key]["state"] for key in MOVING} <= {"waiting", "cancelled"}


def test_a_primary_that_is_gone_is_never_returned_to(centre: Any, drill: Callable[..., Any]) -> None:
    centre.change(RUNBOOK, ("deadline: 2h", "deadline: 10m"))
    said = drill(("detected_after", f"{GONE}detected_after"))
    assert (said.code, said.json["state"]) == (ExitCode.FAILED, "paused")
    assert said.json["steps"]["healthy"]["reason"].startswith("deadline of 10m passed: unknown")
    assert {said.json["steps"][key]["state"] for key in ("declare", *MOVING)} == {"waiting"}


def test_a_primary_that_has_gone_since_the_gates_were_passed_is_not_returned_to(
    centre: Any, drill: Callable[..., Any]
) -> None:
    """The gates ask another Region here, so that they say of a dead one what was true of it some time ago."""
    when = "when: ${to.connect.traffic_group_arn != ''}"
    title = f"title: Both Regions are configured alike\n    needs: [healthy]\n    {when}\n    with:\n      region: ${{"
    centre.change(
        RUNBOOK,
        ("region: ${to.region}\n      at_least", "region: ${from.region}\n      at_least"),
        (f"connect.replication_fresh\n    {title}to.region}}\n      instance: ${{to.connect.instance_id}}",
         f"service.answers\n    {title}from.region}}"),
    )  # fmt: skip
    said = drill(("detected_after", f"{GONE}detected_after"))
    steps = said.json["steps"]
    assert (said.code, said.json["state"], steps["declare"]["state"]) == (ExitCode.FAILED, "paused", "done")
    assert {steps[key]["state"] for key in ("serves", "alike-now")} == {"failed"}
    assert {steps[key]["state"] for key in MOVING} == {"waiting"}


@pytest.mark.parametrize("gate", ["alike", "backlog"])
def test_what_is_asked_again_is_the_same_question(gate: str) -> None:
    steps = yaml.safe_load((ROOT / RUNBOOK).read_text())["steps"]
    for key in ("action", "with"):
        assert steps[f"{gate}-now"][key] == steps[gate][key]


def test_a_primary_that_has_come_back_is_waited_for_as_long_again(drill: Callable[..., Any]) -> None:
    said = drill(("detected_after: 0s", f"{GONE}    lasts: 5m\ndetected_after: 0s"))
    assert said.code == ExitCode.DONE
    assert 420 <= took_s(said.json["steps"]["healthy"]) < 480


def test_low_tide_is_waited_for_unless_the_commander_says_otherwise(centre: Any, drill: Callable[..., Any]) -> None:
    centre.change(RUNBOOK, ("deadline: 12h", "deadline: 2m"), ("default: 150", "default: 0"))
    said = drill(("low_tide: 1m", "low_tide: 10m"))
    assert (said.code, said.json["state"]) == (ExitCode.FAILED, "paused")
    assert "at most 0 may" in said.json["steps"]["low-tide"]["reason"]
    said = drill(("healthy_for: 2m", 'healthy_for: 2m, wait_for_low_tide: "false"'))
    assert said.code == ExitCode.DONE
    assert said.json["steps"]["low-tide"]["state"] == "skipped"


@pytest.mark.parametrize(
    ("amiss", "told"),
    [
        (("region: ${from.region}\n      metric: ${from.evacuation_metric}",
          "region: ${to.region}\n      metric: ${to.evacuation_metric}"), "names"),
        (("for_each: \"${execution.mode == 'planned' && stages || `[100]`}\"", "for_each: [50]"), "moved"),
    ],
    ids=["the lever of the wrong Region", "half of the callers"],
)  # fmt: skip
def test_a_return_that_leaves_something_behind_fails_the_drill(
    centre: Any, drill: Callable[..., Any], amiss: tuple[str, str], told: str
) -> None:
    unused = ("  stages: {type: list, items: percent, default: [10, 50, 100]}\n", "")
    centre.change(RUNBOOK, amiss, *([unused] if told == "moved" else []))
    said = drill(*([(', stages: "[50, 100]"', "")] if told == "moved" else []))
    assert said.code == ExitCode.FAILED
    assert told in "; ".join(said.json["reasons"])


def test_it_cannot_be_ordered_unplanned(drill: Callable[..., Any], failover: Callable[..., Any]) -> None:
    for said in (
        failover("execute", "region-return", "--simulate", "--mode", "unplanned", "--yes"),
        drill(("runbook: region-return\nmode: planned", "runbook: region-return\nmode: unplanned")),
    ):
        assert said.code == ExitCode.STOPPED
        assert "region-return is for planned moves only" in said.out + said.err


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("{runbook: region-evacuatoin, mode: unplanned", "region-evacuatoin"),
        ("{runbook: region-return, mode: unplanned", "planned moves only"),
        ("{runbook: region-evacuation, mode: sideways", "mode"),
    ],
)
def test_a_beginning_that_cannot_be_ordered_is_told_with_its_line(
    centre: Any, drill: Callable[..., Any], wrong: str, told: str
) -> None:
    said = drill(("{runbook: region-evacuation, mode: unplanned", wrong))
    assert said.code == ExitCode.INVALID
    lines = (centre.folder / SCENARIO).read_text().splitlines()
    (fault,) = [each for each in said.json["faults"] if told in f"{each['what']} {each['remedy']}"]
    assert lines[fault["line"] - 1].startswith("begin_with:")


def test_a_beginning_that_does_not_recover_gives_no_drill(drill: Callable[..., Any]) -> None:
    said = drill(('unplanned, parameters: {calls_at_least: "1"}', 'planned, parameters: {calls_at_least: "9999"}'))
    assert said.code == ExitCode.INVALID
    assert "begin_with: region-evacuation ended paused" in said.out + said.err


def test_the_shipped_scenario_passes(centre: Any, failover: Callable[..., Any]) -> None:
    centre.as_shipped()
    said = failover("drill", "run", "region-return", "--json")
    assert (said.code, said.json["verdict"]) == (ExitCode.DONE, "passed")
