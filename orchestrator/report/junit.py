"""The report as JUnit XML, for pipelines: a case per step, per condition of recovery, per objective, and the outcome.

What is unknown is an error or skipped, never passed: an inconclusive drill does not turn a pipeline green.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # written only, never parsed

from orchestrator.model.states import StepState
from orchestrator.report import facts
from orchestrator.report.timeline import Timeline, timeline
from orchestrator.report.words import clean, one_line, seconds_between

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orchestrator.model.events import Event
    from orchestrator.report.alone import Glass
    from orchestrator.report.history import Item
    from orchestrator.report.objectives import Objective

Outcome = tuple[str, str]
"""`failure`, `error` or `skipped` with its message; an empty first part is a pass."""
_PASSED: Outcome = ("", "")
_ENDS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def junit(events: Iterable[Event]) -> str:
    """The report of a run as one test suite.

    Raises:
        ValueError: the events do not begin with `execution.created`.
    """
    run = timeline(events)
    runbook = one_line(run.created.runbook)
    suite = ET.Element("testsuite", name=runbook, time=_time(run.orchestration_s))
    if run.history.replay.started_at:
        suite.set("timestamp", run.history.replay.started_at)
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(run):
        ET.SubElement(properties, "property", name=name, value=clean(value))
    glass = run.history.glass
    outcomes = [
        _case(suite, f"{runbook}.steps", item.key, _spent(item), _of_item(item)) for item in run.history.items.values()
    ]
    outcomes += [_case(suite, f"{runbook}.objectives", each.name, None, _of_objective(each)) for each in run.objectives]
    outcomes += [_case(suite, f"{runbook}.break-glass", each.step or "run", None, _of_glass(each)) for each in glass]
    outcomes.append(_case(suite, runbook, "outcome", run.orchestration_s, _of_run(run)))
    suite.set("tests", str(len(outcomes)))
    for kind, name in _ENDS.items():
        suite.set(name, str(outcomes.count(kind)))
    ET.indent(suite)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suite, encoding="unicode")}\n'


def _case(suite: ET.Element, group: str, name: str, spent_s: float | None, outcome: Outcome) -> str:
    case = ET.SubElement(suite, "testcase", classname=group, name=one_line(name), time=_time(spent_s))
    kind, message = outcome
    if kind:
        ET.SubElement(case, kind, message=one_line(message))
    return kind


def _properties(run: Timeline) -> list[tuple[str, str]]:
    replay = run.history.replay
    return [
        ("execution", replay.execution),
        ("mode", replay.mode),
        ("state", replay.state.value),
        *((name, value) for name, value in _drill(run) if value),
        ("simulated", run.created.simulated or "no"),
        ("time", run.time_basis),
        ("calls", run.calls_basis),
        ("journal.head", replay.head),
    ]


def _drill(run: Timeline) -> tuple[tuple[str, str], ...]:
    """What can be told of a drill; each is empty where the run was none, or was not judged."""
    created, verdict = run.created, run.history.replay.verdict or {}
    seed = "" if created.seed is None else str(created.seed)
    return ("scenario", created.scenario), ("seed", seed), ("verdict", str(verdict.get("verdict") or ""))


def _of_item(item: Item) -> Outcome:
    record = item.record
    why = record.error or record.reason
    match record.state:
        case StepState.DONE | StepState.ALREADY_SO | StepState.UNDONE:
            return _PASSED
        case StepState.FAILED:
            return "failure", record.reason or record.error or "failed"
        case StepState.UNPROVEN:
            return "error", f"unproven: {why}"
        case StepState.SKIPPED | StepState.CANCELLED:
            return "skipped", f"{record.state}: {why}"
        case StepState.WAITING | StepState.RUNNING | StepState.HOLDING:
            return "skipped", f"{record.state}: the run did not come to its end"


def _of_objective(objective: Objective) -> Outcome:
    told = f"declared {objective.shown(objective.declared)}, {objective.basis} {objective.shown(objective.measured)}"
    if objective.met is None:
        return "skipped", f"unknown: {objective.note or told}"
    return _PASSED if objective.met else ("failure", told)


def _of_glass(glass: Glass) -> Outcome:
    """Recovered or not: who went on alone has to be reviewed."""
    return _PASSED if glass.reviews else ("error", f"{glass.by} went on alone: review required")


def _of_run(run: Timeline) -> Outcome:
    why = "; ".join(facts.reasons(run)) or run.history.replay.reason
    told = ": ".join(filter(None, (facts.headline(run), why)))
    verdict = (run.history.replay.verdict or {}).get("verdict")
    if facts.tone(run) == "bad":
        return "failure", told
    if verdict == "passed" or (verdict is None and run.recovered_at):
        return _PASSED
    return "error", told


def _spent(item: Item) -> float | None:
    return seconds_between(item.record.started_at, item.ended_at)


def _time(seconds: float | None) -> str:
    return f"{seconds or 0.0:.3f}"
