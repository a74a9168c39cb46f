"""The table of verdicts in `docs/drills.md`, rule by rule: what a drill did not show, it does not pass with."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from drills.verdict import CODES, Facts, Held, Objective, judge
from orchestrator.model.errors import ExitCode
from orchestrator.model.states import ExecutionState, Verdict

RECOVERED, EXCEPTIONS = ExecutionState.RECOVERED, ExecutionState.RECOVERED_WITH_EXCEPTIONS
GOOD: dict[str, Any] = {
    "state": RECOVERED,
    "reason": "every condition of recovered_when holds",
    "steady_state": (Held("primary-serves", True, "it answers"),),
    "proven": ("recovered_when.answered",),
    "afterwards": (Held("still-answered", True, "62 of 62"),),
    "hits": {"region-outage us-east-1": 40},
    "objectives": (Objective("rto_s", 1200, 185.0), Objective("lost_calls", 2000, 73)),
}
INCONCLUSIVE, STOPPED, FAILED, PASSED = Verdict.INCONCLUSIVE, Verdict.STOPPED, Verdict.FAILED, Verdict.PASSED
NOTHING_SHOWN: dict[str, Any] = {"proven": (), "afterwards": ()}

AMISS = [
    ({"steady_state": (Held("serves", False, "no instance"),)}, "steady state did not hold beforehand: serves"),
    ({"hits": {"region-outage eu-west-1": 0}}, "region-outage eu-west-1 hit nothing and nobody"),
    ({"without_rules": ("connect:CreateRule",)}, "connect:CreateRule is not simulated"),
    ({"trouble": "sns:Publish was not declared"}, "sns:Publish was not declared"),
]
BY_PEOPLE = [
    ({"state": ExecutionState.ABORTED, "reason": "rejected by ada"}, "the run is aborted: rejected by ada"),
    ({"state": ExecutionState.WAITING, "reason": "waits for ada"}, "the run is waiting: waits for ada"),
    ({"state": ExecutionState.PENDING}, "the run is pending"),
    ({"state": ExecutionState.PAUSED, "people_said_no": True, "reason": "a no"}, "the run is paused: a no"),
]
WRONG = [
    ({"state": ExecutionState.FAILED, "reason": "deadline passed"}, "the run failed: deadline passed"),
    ({"state": ExecutionState.PAUSED, "reason": "shift failed"}, "the run paused: shift failed"),
    ({"state": ExecutionState.UNDONE}, "the run undone"),
    ({"state": EXCEPTIONS, "broken": ("shift failed: refused",)}, "critical step shift failed: refused"),
    ({"broken": ("names cancelled",)}, "critical step names cancelled"),
    ({"afterwards": (Held("still", False, "3 of 60"),)}, "recovery did not last: still: 3 of 60"),
    ({"objectives": (Objective("rto_s", 60, 185.0),)}, "rto_s: 3m5s instead of at most 1m"),
    ({"objectives": (Objective("lost_calls", 0, 1),)}, "lost_calls: 1 instead of at most 0"),
]
UNSHOWN = [
    (NOTHING_SHOWN, "nothing showed a recovery"),
    ({**NOTHING_SHOWN, "objectives": (), "steady_state": (), "hits": {}}, "nothing showed a recovery"),
    ({"objectives": (Objective("rto_s", 60, None),)}, "rto_s was not measured"),
]
SHOWN = [
    ({}, "recovered, shown by recovered_when.answered, still-answered; every objective was met"),
    ({"state": EXCEPTIONS}, "recovered-with-exceptions, shown by"),
    ({"afterwards": (), "objectives": ()}, "shown by recovered_when.answered; no objective was declared"),
    ({"proven": ()}, "shown by still-answered; every objective was met"),
    ({"unmeasured": ("rpo_s",)}, "every objective that was measured was met (rpo_s was not measured)"),
    ({"objectives": (), "unmeasured": ("rpo_s",)}, "no objective was measured (rpo_s declared)"),
]
RULES = [
    (INCONCLUSIVE, ExitCode.INCONCLUSIVE, AMISS),
    (STOPPED, ExitCode.STOPPED, BY_PEOPLE),
    (FAILED, ExitCode.FAILED, WRONG),
    (INCONCLUSIVE, ExitCode.INCONCLUSIVE, UNSHOWN),
    (PASSED, ExitCode.DONE, SHOWN),
]
ROWS = [(verdict, code, change, reason) for verdict, code, rows in RULES for change, reason in rows]


@pytest.mark.parametrize(("verdict", "code", "change", "reason"), ROWS, ids=[row[3] for row in ROWS])
def test_each_row_of_the_table_gives_its_verdict_its_exit_code_and_its_reason(
    verdict: Verdict, code: ExitCode, change: dict[str, Any], reason: str
) -> None:
    given, reasons = judge(Facts(**{**GOOD, **change}))
    assert (given, CODES[given]) == (verdict, code)
    assert any(reason in told for told in reasons)


def test_of_two_rules_that_apply_the_upper_one_stands() -> None:
    for (upper, _, above), (_, _, below) in combinations(RULES[:4], 2):
        for one, reason in above:
            for other, _ in below:
                verdict, reasons = judge(Facts(**{**GOOD, **other, **one}))
                assert verdict is upper
                assert any(reason in told for told in reasons)


def test_a_drill_of_which_nothing_is_known_does_not_pass() -> None:
    assert judge(Facts(RECOVERED, ""))[0] is INCONCLUSIVE


def test_every_verdict_has_an_exit_code_of_its_own() -> None:
    assert set(CODES) == set(Verdict)
    assert len(set(CODES.values())) == len(Verdict)
