"""A drill passes only if everything was shown; each way of not showing it has its verdict and its exit code (law 8)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

SCENARIO = "short-outage.yaml"
RUNBOOK = "runbooks/region-evacuation.yaml"
STACK = "config/Pulumi.primary.yaml"
VIP, GENERAL = "    vip: {max_contacts: 40}\n", "    general: {max_contacts: 80}\n"
OVERFLOW = "    overflow: {max_contacts: 60}\n"
BUSY = (("calls_per_minute: 2", "calls_per_minute: 12"), ('calls_at_least: "2"', 'calls_at_least: "12"'))
"""Enough callers that all of the few who count cannot have rung the same line by chance."""


@pytest.fixture
def drill(centre: Any, failover: Callable[..., Any]) -> Callable[..., Any]:
    """Runs the short outage; the answer's last line of JSON says why it ended as it did."""

    def run(*changes: tuple[str, *tuple[tuple[str, str], ...]]) -> Any:
        for file, *pairs in changes:
            centre.change(file, *pairs)
        return failover("drill", "run", f"./{SCENARIO}", "--json")

    return run


def reasons(said: Any) -> str:
    assert said.err == ""
    return "; ".join(said.json["reasons"])


def without_shift(text: str) -> str:
    begin, end = text.index("  shift:\n"), text.index("  names:\n")
    text = text[:begin] + text[end:]
    for unused in ("stages", "hold"):
        (line,) = [line for line in text.splitlines(keepends=True) if line.startswith(f"  {unused}: ")]
        text = text.replace(line, "")
    return text.replace("needs: [shift, lead]", "needs: [declare]")


def test_a_drill_that_recovers_passes_and_leaves_a_report(drill: Callable[..., Any]) -> None:
    said = drill()
    assert said.code == ExitCode.DONE
    assert (said.json["state"], said.json["verdict"], said.json["clock"]) == ("recovered", "passed", "simulated")
    report = Path(said.json["report"]).read_text()
    assert "simulated" in report.lower()
    assert said.json["journal"]["head"] in report


def test_a_drill_without_the_shift_fails(centre: Any, drill: Callable[..., Any]) -> None:
    path = centre.folder / RUNBOOK
    path.write_text(without_shift(path.read_text()))
    said = drill()
    assert said.code == ExitCode.FAILED
    assert "not recovered" in reasons(said)


@pytest.mark.parametrize("removed", [(VIP,), (GENERAL, VIP, OVERFLOW)], ids=["one queue", "every queue"])
def test_a_drill_of_stacks_that_lost_their_queues_fails(drill: Callable[..., Any], removed: tuple[str, ...]) -> None:
    left = (("contact-centre:queues:", "contact-centre:queues: {}"),) if len(removed) > 1 else ()
    said = drill((STACK, *((queue, "") for queue in removed), *left), (SCENARIO, *BUSY))
    assert said.code == ExitCode.FAILED
    assert "not recovered" in reasons(said)


def test_an_outage_that_hits_nobody_shows_nothing(drill: Callable[..., Any]) -> None:
    said = drill((SCENARIO, ("region: ${primary.region}\ndetected_after", "region: eu-west-1\ndetected_after")))
    assert said.code == ExitCode.INCONCLUSIVE
    assert "hit nothing and nobody" in reasons(said)
    assert said.json["state"] == "recovered"


@pytest.mark.parametrize("region", ["eu-west-1", "eu-central-1"], ids=["not offered there", "no instance there"])
def test_a_steady_state_that_did_not_hold_shows_nothing(drill: Callable[..., Any], region: str) -> None:
    check = "action: service.answers\n    with:\n      region: "
    said = drill((SCENARIO, (f"{check}${{primary.region}}", f"{check}{region}")))
    assert said.code == ExitCode.INCONCLUSIVE
    assert "steady state did not hold beforehand" in reasons(said)


def test_a_silent_duty_manager_stops_a_run_that_must_not_go_on_by_itself(drill: Callable[..., Any]) -> None:
    said = drill(
        (SCENARIO, ("answers: approve", "answers: silent")),
        (RUNBOOK, ("on_silence: proceed-unplanned", "on_silence: stop")),
    )
    assert said.code == ExitCode.STOPPED
    assert "nobody answered within 5m" in reasons(said)


def test_a_silent_duty_manager_does_not_stop_an_unplanned_run(drill: Callable[..., Any]) -> None:
    said = drill((SCENARIO, ("answers: approve", "answers: silent")))
    assert said.code == ExitCode.DONE
    assert said.json["steps"]["declare"]["reason"] == "nobody answered within 5m; on_silence: proceed-unplanned"


def test_a_rejecting_duty_manager_stops_the_run(drill: Callable[..., Any]) -> None:
    said = drill((SCENARIO, ("answers: approve", "answers: reject")))
    assert said.code == ExitCode.STOPPED
    assert "rejected by duty-manager" in reasons(said)
    assert said.json["steps"]["shift[0]"]["state"] in ("waiting", "cancelled")


@pytest.mark.parametrize("on_failure", ["pause", "stop"])
def test_a_failed_step_that_rests_the_run_fails_the_drill(drill: Callable[..., Any], on_failure: str) -> None:
    said = drill(
        (RUNBOOK, ("${to.flags_table}", "no-such-table"), ("    only: unplanned", f"    on_failure: {on_failure}"))
    )
    assert said.code == ExitCode.FAILED
    assert "emergency-answer" in reasons(said)
    assert said.json["state"] == ("paused" if on_failure == "pause" else "failed")


def test_an_objective_that_was_missed_fails_the_drill(drill: Callable[..., Any]) -> None:
    said = drill((SCENARIO, ("{rto: 20m}", "{rto: 10s}")))
    assert said.code == ExitCode.FAILED
    assert "rto_s" in reasons(said)
    assert said.json["state"] == "recovered"


def test_faults_of_a_scenario_are_told_with_their_lines(drill: Callable[..., Any]) -> None:
    said = drill((SCENARIO, ("live_before: 10s", "live_before: soon\nlive_befor: 10s")))
    assert said.code == ExitCode.INVALID
    lines = (Path.cwd() / SCENARIO).read_text().splitlines()
    told = {fault["line"]: fault["what"] for fault in said.json["faults"]}
    assert [lines[line - 1].partition(":")[0] for line in sorted(told)] == ["live_before", "live_befor"]


def test_of_several_drills_the_worst_gives_the_exit_code(centre: Any, failover: Callable[..., Any]) -> None:
    centre.change(SCENARIO, ("answers: approve", "answers: reject"))
    said = failover("drill", "run", f"./{SCENARIO}", "./short-move.yaml", "--json")
    assert said.code == ExitCode.STOPPED
    assert len(said.out.splitlines()) == 2
    assert said.json["verdict"] == "passed"
