from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from sample_run import EXECUTION, at, hostile, region_evacuation, staged_move, until

from orchestrator.model import events as ev
from orchestrator.report.junit import junit


def suite(text: str) -> ET.Element:
    return ET.fromstring(text.split("\n", 1)[1])  # noqa: S314 - our own report


def cases(text: str) -> dict[str, ET.Element]:
    return {case.get("name") or "": case for case in suite(text).iter("testcase")}


def ends(text: str) -> dict[str, str]:
    return {name: case[0].tag if len(case) else "passed" for name, case in cases(text).items()}


def test_a_passed_drill_is_a_case_per_step_and_objective_with_its_time() -> None:
    text = junit(region_evacuation())
    told = ends(text)
    assert told["shift"] == told["recovered_when.answered"] == told["rto_s"] == told["outcome"] == "passed"
    assert told["drain-queues"] == "skipped"
    assert told["rpo_s"] == "skipped"  # unknown is not met
    assert cases(text)["declare"].get("time") == "105.000"
    counts = {name: suite(text).get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": str(len(told)), "failures": "0", "errors": "0", "skipped": "2"}


def test_a_failed_step_is_a_failure_with_its_reason_and_the_outcome_is_no_pass() -> None:
    text = junit(staged_move())
    told = ends(text)
    assert told["shift[1]"] == "failure"
    assert cases(text)["shift[1]"][0].get("message") == "guard: 71 % answered, 90 % wanted"
    assert told["shift[2]"] == "skipped"
    assert told["outcome"] == "error"


@pytest.mark.parametrize(
    ("verdict", "end"), [("passed", "passed"), ("failed", "failure"), ("inconclusive", "error"), ("stopped", "error")]
)
def test_only_a_passed_drill_passes(verdict: str, end: str) -> None:
    events = region_evacuation(ends=False)
    events.append(ev.Event(900, EXECUTION, at(900), "drill", ev.ExecutionMoved("recovered")))
    events.append(ev.Event(901, EXECUTION, at(960), "drill", ev.Sample("verdict", {"verdict": verdict, "reasons": []})))
    assert ends(junit(events))["outcome"] == end


def test_an_unproven_effect_is_an_error_not_a_pass() -> None:
    events = until(480 + 108 + 24)
    events.append(ev.Event(900, EXECUTION, at(800), "runner", ev.StepSettled("tell-the-centre", "unproven")))
    assert ends(junit(events))["tell-the-centre"] == "error"


def test_a_missed_objective_is_a_failure() -> None:
    events = [
        event
        for event in region_evacuation(objectives={"rto_s": 60})
        if not (isinstance(event.payload, ev.Sample) and event.payload.name == "objective")
    ]
    case = cases(junit(events))["rto_s"]
    assert case[0].tag == "failure"
    assert case[0].get("message") == "declared 1m, simulated orchestration time 9m"


def test_hostile_text_and_control_characters_give_well_formed_xml() -> None:
    events = [
        *hostile(),
        ev.Event(99, "x", at(99), "r", ev.StepAttemptFailed("odd", 2, "nul \x00 and \x1b", "Odd", None)),
        ev.Event(100, "x", at(100), "r", ev.StepSettled("odd", "failed", "\x0b\x00")),
    ]
    assert ends(junit(events))["odd"] == "failure"


@pytest.mark.parametrize("verdict", ["failed", "inconclusive"])
def test_a_drill_that_did_not_pass_says_why_and_not_why_its_run_recovered(verdict: str) -> None:
    events = region_evacuation(ends=False)
    why = ["critical step names failed: no answer", "rto_s: 9m instead of at most 1m"]
    sample = ev.Sample("verdict", {"verdict": verdict, "reasons": why})
    recovered = ev.ExecutionMoved("recovered", "every condition of recovered_when holds")
    events += [ev.Event(900 + n, EXECUTION, at(960), "drill", each) for n, each in enumerate((recovered, sample))]
    told = cases(junit(events))["outcome"][0].get("message")
    assert told == f"Recovered. Drill {verdict}: {'; '.join(why)}"


def test_scenario_seed_and_verdict_are_properties_where_there_are_any() -> None:
    def properties(events: list[ev.Event]) -> dict[str | None, str | None]:
        return {each.get("name"): each.get("value") for each in suite(junit(events)).iter("property")}

    told = properties(region_evacuation())
    assert (told["scenario"], told["seed"], told["verdict"]) == ("region-outage", "7", "passed")
    assert properties(staged_move()).keys().isdisjoint({"scenario", "seed", "verdict"})
