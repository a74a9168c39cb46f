from __future__ import annotations

import json

import pytest
from sample_run import EAST, EXECUTION, RECOVERED_S, START_S, at, region_evacuation, staged_move, until

from orchestrator.model import events as ev
from orchestrator.model.samples import Count, Sampled
from orchestrator.report import facts
from orchestrator.report.chart import description
from orchestrator.report.history import History
from orchestrator.report.html import html
from orchestrator.report.lines import run_lines
from orchestrator.report.markdown import markdown
from orchestrator.report.timeline import as_json, timeline, who

JUDGED = "objective"


def without_samples(events: list[ev.Event], name: str) -> list[ev.Event]:
    return [event for event in events if not (isinstance(event.payload, ev.Sample) and event.payload.name == name)]


def test_recovery_time_runs_from_the_first_fault_felt_to_recovery_proven() -> None:
    run = timeline(region_evacuation())
    assert (run.outage_at, run.recovered_at) == (at(360), at(RECOVERED_S))
    assert run.recovery_s == 540


def test_without_a_fault_recovery_time_runs_from_the_start() -> None:
    events = [event for event in region_evacuation() if not isinstance(event.payload, ev.FaultHit)]
    run = timeline(events)
    assert (run.outage_at, run.recovery_s) == (at(START_S), 420)


def test_recovery_time_and_lost_calls_count_from_the_moment_that_the_drill_tells_not_from_the_first_who_felt_it() -> (
    None
):
    outage = ev.Event(
        0, EXECUTION, at(290), "drill", ev.Sample(Sampled.OUTAGE, {"at": at(290), "faults": ["region-outage"]})
    )
    run = timeline([*region_evacuation(), outage])
    assert (run.outage_at, run.recovery_s, run.has_outage) == (at(290), RECOVERED_S - 290, True)
    assert run.calls.since(run.outage_at)[0].at == at(240)


def told(second: float, name: Sampled, **values: object) -> ev.Event:
    return ev.Event(0, EXECUTION, at(second), "runner", ev.Sample(name, values))


def test_of_several_outages_the_first_is_what_counts_and_an_end_is_none() -> None:
    outages = [(290, ["east"]), (330, ["east", "west"]), (500, ["west"]), (700, [])]
    events = [told(second, Sampled.OUTAGE, at=at(second), faults=faults) for second, faults in outages]
    run = timeline([*region_evacuation(), *events])
    assert (run.outage_at, run.has_outage) == (at(290), True)
    unfelt = [event for event in region_evacuation() if not isinstance(event.payload, ev.FaultHit)]
    run = timeline([*unfelt, events[-1]])
    assert (run.outage_at, run.has_outage) == (at(START_S), False)


def test_calls_of_every_runner_count_among_the_marks_and_endpoints() -> None:
    """A run that was paused and taken up again has told of its calls each time."""
    before = timeline(region_evacuation())
    events = [
        told(2000, Sampled.CALL_MARKS, marks={"connect:ListInstances": "extended", "sns:Publish": "moto"}),
        told(2000, Sampled.ENDPOINTS, hosts=["dns", *before.endpoints[:1]]),
    ]
    run = timeline([*region_evacuation(), *events])
    assert run.marks == {**before.marks, "connect:ListInstances": "extended"}
    assert run.endpoints == tuple(sorted((*before.endpoints, "dns")))
    assert len(before.marks) > 1


def test_who_never_reached_an_agent_is_lost_so_that_offered_is_answered_and_lost() -> None:
    run = timeline(region_evacuation())
    offered, answered, lost = (run.calls_total(outcome) for outcome in (Count.OFFERED, Count.ANSWERED, "lost"))
    assert (offered, answered, lost) == (422, 218, 204)
    figures = {figure.name: figure.value for figure in facts.figures(run)}
    assert figures["Calls lost"] == next(each for each in run.objectives if each.name == "lost_calls").shown(lost)
    assert as_json(region_evacuation())["calls"]["since_outage"]["lost"] == lost


def test_before_recovery_is_proven_the_recovery_time_is_unknown() -> None:
    run = timeline(until(RECOVERED_S - 1))
    assert run.recovered_at == ""
    assert run.recovery_s is None


def test_a_drills_own_judgement_goes_before_what_is_derived() -> None:
    goals = {each.name: each for each in timeline(region_evacuation()).objectives}
    assert (goals["rto_s"].measured, goals["rto_s"].verdict) == (540, "met")
    assert (goals["rpo_s"].measured, goals["rpo_s"].verdict) == (None, "unknown")
    assert goals["lost_calls"].measured == 204


def test_without_a_judgement_time_and_calls_are_measured_from_the_journal_and_the_rest_is_unknown() -> None:
    events = without_samples(region_evacuation(objectives={"rto_s": 500, "rpo_s": 60, "lost_calls": 204}), JUDGED)
    goals = {each.name: each for each in timeline(events).objectives}
    assert goals["rto_s"].verdict == "missed"
    assert goals["lost_calls"].verdict == "met"
    assert (goals["rpo_s"].measured, goals["rpo_s"].met) == (None, None)


def test_without_call_samples_lost_calls_are_unknown_not_zero() -> None:
    events = without_samples(without_samples(region_evacuation(), "calls"), JUDGED)
    run = timeline(events)
    assert run.calls_total("lost") is None
    assert next(each for each in run.objectives if each.name == "lost_calls").verdict == "unknown"


@pytest.mark.parametrize(
    ("events", "time", "calls"),
    [(region_evacuation(), "simulated orchestration time", "modelled"), (staged_move(), "measured", "measured")],
)
def test_figures_of_a_simulation_are_labelled(events: list[ev.Event], time: str, calls: str) -> None:
    run = timeline(events)
    assert (run.time_basis, run.calls_basis) == (time, calls)
    expected = {"rto_s": time, "lost_calls": calls}
    assert {each.name: each.basis for each in run.objectives if each.name in expected} == expected


def test_calls_are_counted_from_the_minute_of_the_outage_on() -> None:
    run = timeline(region_evacuation())
    assert run.calls_total(Count.SWALLOWED) == 44 + 42 + 40 + 38 + 4
    assert run.calls_total("offered") == 422
    assert len(run.calls.minutes) == 16
    assert run.calls.regions == (EAST, "us-west-2")


def test_the_history_keeps_attempts_questions_and_requests() -> None:
    history = History.of(region_evacuation())
    assert [failure.attempt for failure in history.items["shift"].failures] == [1, 2]
    question = history.questions[0]
    assert question.escalated == [(at(START_S + 60), "head-of-operations")]
    assert [(when, answer.answer, answer.by) for when, answer in question.answers] == [
        (at(START_S + 105), "approved", "duty-manager")
    ]
    assert [(wish.verb, bool(wish.rule)) for wish in history.wishes] == [("skip", True), ("approve", False)]


def test_who_names_the_person_who_decided_and_else_the_runner() -> None:
    history = History.of(region_evacuation())
    assert who(history, history.items["declare"]) == "duty-manager"
    assert who(history, history.items["shift"]) == "runner@ops-laptop"


def test_a_failed_step_that_runs_again_is_open_again() -> None:
    failed = until(480 + 500)
    again = ev.Event(len(failed), failed[0].execution, at(2000), "runner", ev.StepStarted("shift", 4))
    item = History.of([*failed, again]).items["shift"]
    assert (item.ended_at, item.rested_at) == ("", "")


def test_the_json_report_is_plain_json_and_holds_what_status_json_holds() -> None:
    events = region_evacuation()
    report = json.loads(json.dumps(as_json(events), allow_nan=False))
    status = History.of(events).replay.status()
    assert {key: report[key] for key in status} == json.loads(json.dumps(status))
    assert report["recovery_s"] == 540
    assert report["time_basis"] == "simulated orchestration time"
    assert report["items"]["shift"]["failures"][0]["code"] == "Throttled"
    assert report["not_executed"] == {"drain-queues": "only planned; the run is unplanned: not done"}
    assert report["gates"][0]["answers"][0]["by"] == "duty-manager"
    assert [request["accepted"] for request in report["requests"]] == [False, True]
    assert report["marks"]["connect:UpdateTrafficDistribution"] == "extended"
    assert report["endpoints"][0] == "connect.us-west-2.amazonaws.com"


def test_a_report_needs_the_beginning_of_the_journal() -> None:
    with pytest.raises(ValueError, match=r"begins with execution\.created"):
        timeline(region_evacuation()[1:])


def test_calls_that_were_neither_answered_nor_lost_yet_are_told_so_that_the_figures_add_up() -> None:
    values = {"regions": {}, "abandoned": 2}
    told = [
        ev.Sample("calls", {**values, "minute": at(300), "offered": 40, "answered": 37}),
        ev.Sample("calls", {**values, "minute": at(360), "offered": 20, "answered": 14}),
    ]
    events = without_samples(region_evacuation(), "calls")
    events += [ev.Event(900, EXECUTION, at(960), "drill", sample) for sample in told]
    run = timeline(events)
    assert run.under_way == (1, 5)
    assert "20 calls offered, 14 answered (70.0 %), 2 lost, 5 still under way at the end." in description(run)
    assert "1 more was under way when the count began." in description(run)
    since = as_json(events)["calls"]["since_outage"]
    assert since["under_way_before"] + since["offered"] == since["answered"] + since["lost"] + since["under_way"]


def test_where_every_call_came_to_its_end_nothing_is_said_of_calls_under_way() -> None:
    run = timeline(region_evacuation())
    assert run.under_way == (0, 0)
    assert "under way" not in description(run)


def test_a_record_that_begins_in_the_middle_of_calls_does_not_say_how_many_are_under_way() -> None:
    events = without_samples(region_evacuation(), "calls")
    late = ev.Sample("calls", {"minute": at(360), "regions": {}, "offered": 1, "answered": 3})
    run = timeline([*events, ev.Event(900, EXECUTION, at(960), "drill", late)])
    assert run.under_way is None
    assert "under way" not in description(run)


def test_in_a_world_that_lived_before_nobody_knows_who_was_under_way_and_no_more_are_answered_than_all() -> None:
    told = [
        ev.Sample("calls", {"minute": at(300), "regions": {}, "offered": 40, "answered": 40}),
        ev.Sample("calls", {"minute": at(360), "regions": {}, "offered": 20, "answered": 21}),
    ]
    events = without_samples(region_evacuation(seed=None), "calls")
    run = timeline([*events, *(ev.Event(900, EXECUTION, at(960), "runner", sample) for sample in told)])
    assert run.under_way is None
    assert "20 calls offered, 21 answered (100.0 %), 0 lost. The record ends" in description(run)
    assert {figure.name: figure.value for figure in facts.figures(run)}["Calls answered"] == "100.0 %"


def test_a_run_without_a_scenario_has_a_seed_and_no_scenario() -> None:
    rows = dict(facts.particulars(timeline(region_evacuation(scenario="", scenario_sha256=""))))
    assert "Scenario" not in rows
    assert rows["Seed"] == "7"
    assert dict(facts.particulars(timeline(region_evacuation())))["Scenario"] == "region-outage"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [({}, "Drill report"), ({"scenario_sha256": ""}, "Practice report"), ({"simulated": ""}, "Failover report")],
)
def test_a_run_by_hand_in_a_drills_scenario_is_no_drill(changes: dict[str, str], kind: str) -> None:
    assert facts.kind(timeline(region_evacuation(**changes))) == kind


def minutes_before(last: int) -> list[ev.Event]:
    """The drill as it would be told if the record of its calls ended with that minute."""
    kept = []
    for event in region_evacuation():
        of_calls = isinstance(event.payload, ev.Sample) and event.payload.name == Sampled.CALLS
        if not (of_calls and event.at > at(60 * last + 60)):
            kept.append(event)
    return kept


def test_a_record_without_a_whole_minute_after_the_recovery_says_so_and_gives_no_share_of_nought() -> None:
    events = minutes_before(9)  # nobody is answered from minute 6 to 9
    run = timeline(events)
    assert (run.calls_total(Count.ANSWERED), run.calls_until) == (0, at(600))
    figure = next(each for each in facts.figures(run) if each.name == "Calls answered")
    assert figure.value == "unknown"
    assert figure.note.endswith(" until 09:10:00Z: no whole minute after the recovery is on record")
    for text in (html(events), markdown(events)):
        assert "0.0 %" not in text.replace("100.0 %", "")
        assert "no whole minute after the recovery" in text
    assert "The record ends at 09:10:00Z" in description(run)


def test_a_share_that_ends_before_the_recovery_is_given_with_its_end() -> None:
    run = timeline(minutes_before(13))
    figures = {each.name: each for each in facts.figures(run)}
    assert figures["Calls answered"].value.endswith(" %")
    assert "until 09:14:00Z" in figures["Calls answered"].note
    assert "until 09:14:00Z" in figures["Calls lost"].note
    whole = timeline(region_evacuation())
    assert whole.calls_until == ""
    assert "until" not in "".join(each.note for each in facts.figures(whole))


def test_two_yeses_from_one_account_are_seen() -> None:
    """Gates know duties; behind each stands an account."""
    events = region_evacuation()
    place = next(n for n, each in enumerate(events) if isinstance(each.payload, ev.RequestAccepted))
    yeses = [
        ev.Event(0, EXECUTION, at(START_S + 104), "runner", payload)
        for by in ("duty-manager", "platform-lead")
        for payload in (
            ev.RequestAccepted("r", by, "approve", "declare", account="ada"),
            ev.GateAnswered("declare", "approved", by),
        )
    ]
    text = markdown([*events[:place], *yeses, *events[place:]])
    for by in ("duty-manager", "platform-lead"):
        assert f"| request to approve accepted | declare | by {by} (account ada) |" in text
        assert f"| approved | declare | by {by} (account ada) |" in text
    assert "account" not in markdown(events).replace("accounts", "")
    assert run_lines(yeses[0]).endswith("duty-manager (account ada) asked to approve declare: accepted")
