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
