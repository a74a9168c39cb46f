"""Whole drills of small runbooks: no verdict is better than what was shown, and *lost* is one figure everywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

RUNBOOK = """\
version: 1
id: small
title: Small
owner: someone
review: {every: 180d, last: 2026-11-01}
objectives: {rto: 20m, rpo: 1m, lost_calls: 100}
steps:
  look: {action: service.answers, with: {region: "${standby.region}"}, deadline: 1m}
recovered_when:
  serves: {action: service.answers, with: {region: "${standby.region}"}, deadline: 1m}
"""
SCENARIO = """\
version: 1
id: small-day
title: Small day
runbook: small.yaml
mode: planned
customers: {calls_per_minute: 2}
live_before: 10s
steady_state: {}
detected_after: 1s
live_after: 10s
"""
AFTERWARDS = 'afterwards:\n  serves: {action: service.answers, with: {region: "${standby.region}"}}\n'
NO_PROOF = (RUNBOOK[RUNBOOK.index("recovered_when") :], "")
NO_OBJECTIVES = ("objectives: {rto: 20m, rpo: 1m, lost_calls: 100}\n", "")
FLAG = """\
  flag:
    action: ivr.flag
    deadline: 10s
    on_failure: continue
    with: {region: "${standby.region}", table: none, flag: greeting, value: "on"}
recovered_when:"""
BROKEN = ("recovered_when:", FLAG)


@pytest.fixture
def drill(centre: Any, failover: Callable[..., Any]) -> Callable[..., Any]:
    """Runs the small day; changes are of the runbook, `more` is added to the scenario."""

    def run(*changes: tuple[str, str], more: str = "") -> Any:
        text = RUNBOOK
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (centre.folder / "small.yaml").write_text(text)
        (centre.folder / "small-day.yaml").write_text(SCENARIO + more)
        return failover("drill", "run", "./small-day.yaml", "--json")

    return run


NOWHERE = """\
afterwards:
  known:
    action: service.answers
    with: {region: "${standby.region}"}
  nameless:
    action: service.calls_answered
    with:
      region: ${standby.region}
      instance: ${primary.connect.flows.nope}
      percent_at_least: 90
      window: 3m
  no-region:
    action: service.answers
    with:
      region: ${primary.account}
outages:
  - kind: region-outage
    region: ${primary.topics.nope}
  - kind: region-outage
    region: ${primary.account}
  - kind: region-outage
    region: ${primary.region}
  - kind: region-outage
    region: us-east-1
"""


def test_what_the_world_does_not_have_is_told_with_its_line_before_anything_is_recorded(
    drill: Callable[..., Any], failover: Callable[..., Any]
) -> None:
    said = drill(more=NOWHERE)
    assert said.code == ExitCode.INVALID
    lines = (SCENARIO + NOWHERE).splitlines()
    assert [lines[fault["line"] - 1].strip() for fault in said.json["faults"]] == [
        "instance: ${primary.connect.flows.nope}",
        "region: ${primary.account}",
        "region: ${primary.topics.nope}",
        "region: ${primary.account}",
        "region: us-east-1",
    ]
    assert all(fault["remedy"] for fault in said.json["faults"])
    assert failover("status").code == ExitCode.INVALID  # there is no run
    assert failover("plan", "./small.yaml", "--mode", "planned", "--simulate", "./small-day.yaml").code == said.code


def test_a_window_of_centuries_is_refused_before_anything_is_provisioned(drill: Callable[..., Any]) -> None:
    asked = "service.calls_answered, with: {region: us-west-2, percent_at_least: 90, window: 999999d}"
    said = drill(more=f"afterwards:\n  served: {{action: {asked}}}\n")
    assert said.code == ExitCode.INVALID
    (fault,) = said.json["faults"]
    assert fault["what"] == "window is 999999d, must be 1d at most"


def reasons(said: Any) -> str:
    return "; ".join(said.json["reasons"])


def test_a_drill_in_which_nothing_could_fail_shows_nothing(drill: Callable[..., Any]) -> None:
    said = drill(NO_PROOF, NO_OBJECTIVES)
    assert (said.code, said.json["state"]) == (ExitCode.INCONCLUSIVE, "recovered")
    assert "nothing showed a recovery" in reasons(said)


def test_a_check_afterwards_is_a_proof_without_any_condition_of_the_runbook(drill: Callable[..., Any]) -> None:
    said = drill(NO_PROOF, NO_OBJECTIVES, more=AFTERWARDS)
    assert said.code == ExitCode.DONE
    assert reasons(said) == "recovered, shown by serves; no objective was declared"


def test_what_was_declared_and_not_measured_is_not_said_to_be_met(drill: Callable[..., Any]) -> None:
    assert reasons(drill()).endswith("; every objective that was measured was met (rpo_s was not measured)")
    without_rpo = ("rpo: 1m, ", "")
    assert reasons(drill(without_rpo)).endswith("; every objective was met")


def test_the_answer_for_machines_holds_objectives_and_calls_as_the_report_has_them(
    centre: Any, failover: Callable[..., Any]
) -> None:
    centre.change("short-outage.yaml", ("calls_per_minute: 2", "calls_per_minute: 6"))
    said = failover("drill", "run", "./short-outage.yaml", "--json").json
    report = json.loads(failover("report", "--format", "json", "--output", "-").out)
    assert said["objectives"]["rto_s"] == {"wanted": 1200, "found": report["recovery_s"], "met": True}
    assert said["objectives"]["rpo_s"] == {"wanted": 60, "found": None, "met": None}
    calls, since = said["calls"], report["calls"]["since_outage"]
    assert calls == {name: since[name] for name in calls}
    assert set(calls) == {"offered", "answered", "lost", "under_way_before", "under_way"}
    assert calls["under_way_before"] + calls["offered"] == calls["answered"] + calls["lost"] + calls["under_way"]


def test_a_run_by_hand_lists_its_calls_and_does_not_take_the_place_of_a_drill(
    centre: Any, failover: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drills.scenario.all_scenarios", lambda: [centre.folder / "short-outage.yaml"])  # by its id
    drilled = failover("drill", "run", "short-outage", "--json").json
    hand = ("--mode", "unplanned", "--yes", "--param", "calls_at_least=2", "--json")
    by_hand = failover("execute", "region-evacuation", "--simulate=short-outage", *hand).json
    assert by_hand["execution"] != drilled["execution"]
    listed = [each["execution"] for each in failover("list", "--json").json]
    assert listed == [by_hand["execution"], drilled["execution"]], "nothing was set aside"
    facts = {each["what"]: each["answer"] for each in failover("now", "--simulate", "--json").json["can_act"]}
    assert drilled["execution"] in facts["last passed drill"]
    reports = [
        json.loads(failover("report", each, "--format", "json", "--output", "-").out)
        for each in (by_hand["execution"], drilled["execution"])
    ]
    assert set(reports[0]["marks"].values()) == {"moto", "extended"}
    assert reports[0]["marks"].keys() == reports[1]["marks"].keys()
    assert reports[0]["endpoints"] == reports[1]["endpoints"] != []


def test_a_time_to_recover_that_nothing_proved_was_not_measured(drill: Callable[..., Any]) -> None:
    said = drill(NO_PROOF, more=AFTERWARDS)
    assert (said.code, reasons(said)) == (ExitCode.INCONCLUSIVE, "rto_s was not measured")


@pytest.mark.parametrize("changes", [(BROKEN,), (BROKEN, NO_PROOF)], ids=["with proof", "without any"])
def test_a_critical_step_that_failed_fails_the_drill_though_the_run_went_on(
    drill: Callable[..., Any], changes: tuple[tuple[str, str], ...]
) -> None:
    said = drill(*changes)
    assert said.code == ExitCode.FAILED
    assert "flag" in reasons(said)


def test_the_runbooks_objectives_judge_where_the_scenario_declares_none(drill: Callable[..., Any]) -> None:
    missed = ("rto: 20m", "rto: 0s")
    said = drill(missed)
    assert said.code == ExitCode.FAILED
    assert "rto_s" in reasons(said)
    assert drill(missed, more="objectives: {rto: 20m}\n").code == ExitCode.DONE


def test_the_verdicts_lost_calls_are_those_of_the_reports_headline(centre: Any, failover: Callable[..., Any]) -> None:
    centre.change(
        "short-outage.yaml", ("calls_per_minute: 2", "calls_per_minute: 4"), ("{rto: 20m}", "{lost_calls: 0}")
    )
    said = failover("drill", "run", "./short-outage.yaml", "--json")
    assert said.code == ExitCode.FAILED
    report = json.loads(failover("report", "--format", "json", "--output", "-").out)
    judged = {each["name"]: each["measured"] for each in report["objectives"]}
    since = report["calls"]["since_outage"]
    assert judged["lost_calls"] == since["lost"] > 0
    assert since["lost"] == sum(since[each] for each in ("abandoned", "swallowed", "failed", "overflowed"))
    assert judged["rto_s"] == report["recovery_s"]
    assert f"lost_calls: {since['lost']:g} instead of at most 0" in reasons(said)
