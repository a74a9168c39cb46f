"""Mistakes in a scenario are told before anything is provisioned: all at once, with file, line, what and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import drills.run
from drills.lint import order_of, world_of
from drills.scenario import Script, all_scenarios, read_scenario
from orchestrator.actions.catalogue import Catalogue
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.errors import ExitCode, InvalidInput

if TYPE_CHECKING:
    from orchestrator.model.errors import Fault

GOOD = """\
version: 1
id: some-day
title: Some day
runbook: region-evacuation
mode: unplanned
parameters: {hold: 3m}
customers: {calls_per_minute: 2}
steady_state:
  serves:
    action: service.answers
    with:
      region: ${primary.region}
outages:
  - kind: region-outage
    region: ${primary.region}
people:
  duty-manager: {answers: approve}
afterwards:
  answered:
    action: service.calls_answered
    with: {region: us-west-2, percent_at_least: 90, window: 3m, calls_at_least: 2}
"""
RUNBOOK = "runbook: region-evacuation"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "some-day.yaml"


def script(path: Path, *changes: tuple[str, str]) -> Script:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return read_scenario(str(path))


def faults(path: Path, *changes: tuple[str, str]) -> tuple[Fault, ...]:
    with pytest.raises(InvalidInput) as refused:
        order_of(script(path, *changes), Catalogue())
    assert refused.value.exit_code == ExitCode.INVALID
    assert all(fault.what and fault.remedy for fault in refused.value.faults)
    return refused.value.faults


def test_a_scenario_without_a_mistake_gives_an_order(written: Path) -> None:
    order = order_of(script(written), Catalogue()).order
    assert (order.runbook, order.params, order.scenario) == ("region-evacuation", {"hold": "3m"}, "some-day")


@pytest.mark.parametrize("path", list(all_scenarios()), ids=lambda path: str(path.stem))
def test_the_scenarios_that_come_with_the_drills_have_no_fault(path: Path) -> None:
    assert order_of(read_scenario(str(path)), Catalogue()).order.scenario == path.stem


MISTAKES = [
    ("action: service.answers", "action: service.answer", 10, "there is no action service.answer", "service.answers"),
    ("region: ${primary.region}\noutages", "regin: us-east-1\noutages", 12, 'takes no "regin"', "region"),
    ("region: ${primary.region}\noutages", "region: ${primry.region}\noutages", 12, '"primry"', "primary"),
    ("region: ${primary.region}\noutages", "region: ${execution.lost}\noutages", 12, '"execution"', "primary"),
    (
        "region: ${primary.region}\noutages",
        "region: xx\noutages",
        12,
        "region is 'xx', must be a Region's name",
        "us-east-1",
    ),
    ("service.answers", "ivr.flag", 10, "is a setting (ivr.flag), must be a check", "service.answers"),
    ("percent_at_least: 90", "percent_at_least: most", 21, "percent_at_least", "percent"),
    ("region: ${primary.region}\npeople", "region: ${primry.region}\npeople", 15, '"primry"', "primary"),
    ("region: ${primary.region}\npeople", "region: ${primary}\npeople", 15, "no Region is called", "us-east-1"),
    ("region: ${primary.region}\npeople", "region: nowhere\npeople", 15, "no Region is called nowhere", "us-east-1"),
    (RUNBOOK, "runbook: region-evacuatio", 4, "no runbook region-evacuatio", "region-evacuation"),
    (RUNBOOK, "runbook: ./gone.yaml", 4, "./gone.yaml", "path"),
    ("{hold: 3m}", '{holds: "3m"}', 6, "no such parameter", "hold"),
    ("{hold: 3m}", "{hold: soon}", 6, "no duration", 'hold: "2m"'),
    ("duty-manager:", "duty-manger:", 17, "asks duty-manger", "duty-manager"),
    ("{calls_per_minute: 2}", "{calls_per_minut: 2}", 7, '"calls_per_minut"', "calls_per_minute"),
    ("answers: approve", "answers: yes", 17, "answers: yes", '"yes"'),
    ("mode: unplanned", "mode: unplaned", 5, "must be planned or unplanned", "correct"),
    ("title: Some day\n", "", 1, 'the scenario lacks "title"', "add title:"),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "what", "remedy"), MISTAKES, ids=[each[1] or "lacks" for each in MISTAKES]
)
def test_a_mistake_is_told_with_its_line_and_remedy(
    written: Path, old: str, new: str, line: int, what: str, remedy: str
) -> None:
    told = faults(written, (old, new))
    assert [fault for fault in told if what in fault.what and remedy in fault.remedy and fault.line == line], told
    assert {fault.file for fault in told} == {str(written)}


def test_all_mistakes_are_told_at_once_whatever_their_kind(written: Path) -> None:
    told = faults(
        written,
        ("mode: unplanned", "mod: unplanned"),
        ("{hold: 3m}", "{hold: soon}"),
        ("service.answers", "service.answer"),
        ("region: us-west-2", "region: xx"),
        ("duty-manager:", "duty-manger:"),
    )
    assert {fault.line for fault in told} == {1, 5, 6, 10, 17, 21}


def test_a_region_that_is_lost_twice_is_a_mistake(written: Path) -> None:
    again = "  - kind: region-outage\n    region: ${primary.region}\npeople"
    told = faults(written, ("people", again))
    assert [(fault.line, "is lost 2 times" in fault.what) for fault in told] == [(15, True), (17, True)]


def test_an_alias_is_one_mistake_and_hides_none(written: Path) -> None:
    told = faults(
        written, ("region: ${primary.region}\noutages", "region: *there\noutages"), ("region: us-west-2", "region: xx")
    )
    assert [(fault.line, fault.code) for fault in told] == [(12, "RB08"), (21, "RB13")]


def test_what_is_no_mapping_is_no_scenario(written: Path) -> None:
    written.write_text("- version: 1\n")
    with pytest.raises(InvalidInput, match="is no scenario"):
        read_scenario(str(written))


def test_a_faulty_runbook_has_the_faults_that_lint_tells_in_its_own_file(written: Path) -> None:
    faulty = written.parent / "faulty.yaml"
    text = Path("runbooks/region-evacuation.yaml").read_text()
    faulty.write_text(text.replace("service.answers", "service.answer", 1))
    told = faults(written, (RUNBOOK, "runbook: faulty.yaml"), ("mode: unplanned", "mode: unplaned"))
    assert {Path(fault.file).name for fault in told} == {"faulty.yaml", "some-day.yaml"}


def test_the_world_of_a_scenario_serves_another_runbook_whatever_its_own_lacks(written: Path) -> None:
    assert world_of(script(written, (RUNBOOK, "runbook: gone")), Catalogue()).scenario.id == "some-day"
    with pytest.raises(InvalidInput, match="1 fault"):
        world_of(script(written, ("service.answers", "service.answer")), Catalogue())


def test_nothing_is_provisioned_nor_journalled_for_a_scenario_with_a_mistake(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def built(*_: object) -> None:
        raise AssertionError("something was provisioned")

    monkeypatch.setattr(drills.run, "build", built)
    script(written, ("service.answers", "service.answer"))
    journal = SqliteJournal(written.parent / "journal.db")
    with pytest.raises(InvalidInput):
        drills.run.run_drill(str(written), seed=1, journal=journal, on_start=lambda _: lambda _: None)
    assert not journal.exists
    script(written)
    with pytest.raises(AssertionError, match="something was provisioned"):
        drills.run.run_drill(str(written), seed=1, journal=journal, on_start=lambda _: lambda _: None)


@pytest.mark.parametrize(("name", "what"), [("region-evacuation", "is a runbook"), ("region-outag", "no scenario")])
def test_a_name_that_is_no_scenario_is_told_with_those_that_are(name: str, what: str) -> None:
    with pytest.raises(InvalidInput, match=what) as refused:
        read_scenario(name)
    assert "region-outage" in refused.value.remedy
