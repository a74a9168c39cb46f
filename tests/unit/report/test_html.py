from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sample_run import EXECUTION, at, created, hostile, planned, region_evacuation, staged_move

from orchestrator.model import events as ev
from orchestrator.report.html import html
from orchestrator.report.markup import Raw, element


def parsed(page: str) -> ET.Element:
    """The page is well-formed, so that a strict parser reads it: nothing unescaped can have got in."""
    return ET.fromstring(page.removeprefix("<!doctype html>\n"))  # noqa: S314 - our own page


def texts(page: str) -> str:
    return " ".join("".join(part.itertext()) for part in parsed(page).iter("main"))


def test_text_from_outside_is_never_markup() -> None:
    page = html(hostile())
    assert "<script" not in page
    assert "<img" not in page
    tags = {part.tag for part in parsed(page).iter()}
    assert not tags & {"script", "img", "iframe", "object", "link"}
    assert not [name for part in parsed(page).iter() for name in part.attrib if name.startswith("on")]
    assert texts(page).count('<script>alert("1")</script>') > 20  # it is there, as text


def test_a_plain_string_is_escaped_and_markup_is_not_escaped_twice() -> None:
    inner = element("b", "1 < 2")
    assert element("p", inner, " & ", class_='"x"') == '<p class="&quot;x&quot;"><b>1 &lt; 2</b> &amp; </p>'
    assert element("p", Raw("<i></i>"), title=None) == "<p><i></i></p>"
    assert element("rect", x=1.0, width=2.345) == '<rect x="1" width="2.35"/>'


def test_the_page_fetches_nothing() -> None:
    page = html(region_evacuation())
    assert not re.search(r"https?://|//[a-z]|url\(|@import|src=|href=", page)
    assert "default-src 'none'" in page.replace("&#x27;", "'")


def test_every_prefix_of_a_journal_has_a_page() -> None:
    for events in (region_evacuation(), staged_move()):
        for length in range(1, len(events) + 1, 3):
            assert parsed(html(events[:length])).find("body") is not None


def test_equal_journals_give_equal_bytes_in_another_process() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); from sample_run import region_evacuation; "
        "from orchestrator.report.html import html; sys.stdout.buffer.write(html(region_evacuation()).encode())"
    )
    pages = {
        subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert pages == {html(region_evacuation()).encode()}


def test_the_page_says_the_outcome_first_and_what_was_simulated() -> None:
    page = parsed(html(region_evacuation()))
    assert "".join(next(page.iter("h1")).itertext()) == "Recovered. Drill passed"
    words = texts(html(region_evacuation()))
    assert "Recovery was proven 9m after the outage began (simulated orchestration time)." in words
    assert "Durations are simulated orchestration time, calls are modelled" in words


def test_a_simulated_run_never_claims_a_recovery_time_objective_reached() -> None:
    words = texts(html(region_evacuation()))
    assert "RTO" not in words
    assert "simulated orchestration time, from the outage, objective 20m" in words
    assert "modelled, objective 250" in words


def test_a_real_run_says_nothing_of_simulation() -> None:
    words = texts(html(staged_move())).casefold()
    assert "simulat" not in words
    assert "modelled" not in words
    assert "paused: a person must decide" in words


def test_what_was_not_sampled_is_unknown() -> None:
    words = texts(html(staged_move()))
    assert "No calls were sampled: unknown." in words
    assert "not proven" in words


def test_a_drill_that_showed_nothing_is_not_shown_as_good() -> None:
    events = region_evacuation(ends=False)
    events += [ev.Event(900, EXECUTION, at(960), "drill", ev.ExecutionMoved("recovered"))]
    verdict = ev.Sample("verdict", {"verdict": "inconclusive", "reasons": ["the fault hit nothing"]})
    events += [ev.Event(901, EXECUTION, at(960), "drill", verdict)]
    heading = next(parsed(html(events)).iter("h1"))
    assert "".join(heading.itertext()) == "Recovered. Drill inconclusive"
    assert heading.get("class") == "outcome mixed"


def test_tables_have_captions_and_headings_and_pictures_have_descriptions() -> None:
    page = parsed(html(region_evacuation()))
    tables = list(page.iter("table"))
    assert len(tables) >= 8
    for table in tables:
        assert "".join(table.find("caption").itertext())  # type: ignore[union-attr] # a missing one fails here as it should
        assert all(head.get("scope") == "col" for head in table.iter("th") if head.get("role") == "columnheader")
    ids = [part.get("id") for part in page.iter() if part.get("id")]
    assert len(ids) == len(set(ids))
    for picture in page.iter("svg"):
        named = (picture.get("aria-labelledby") or "").split()
        assert len(named) == 2
        assert set(named) <= set(ids)
        assert picture.get("role") == "img"


def test_the_chart_draws_what_was_answered_and_lost_in_each_minute() -> None:
    chart = next(part for part in parsed(html(region_evacuation())).iter("svg") if part.get("id") == "calls-wide")
    drawn = [(part.get("class"), float(part.get("height") or 0)) for part in chart.iter("rect")]
    assert sum(class_ == "band here" for class_, _ in drawn) == 6
    assert sum(class_ == "band there" for class_, _ in drawn) == 6
    assert sum(class_ == "band unserved" for class_, _ in drawn) == 5
    lost = [height for class_, height in drawn if class_ == "band unserved"]
    assert lost[0] / lost[1] == pytest.approx(44 / 42, rel=0.01)
    labels = ["".join(part.itertext()) for part in chart.iter("text") if "mark-label" in (part.get("class") or "")]
    assert labels == ["outage 09:06", "run starts 09:08", "callers moved 09:10", "recovered 09:15"]
    desc = next(chart.iter("desc")).text
    assert desc == "Since 09:06:00Z: 422 calls offered, 218 answered (51.7 %), 204 lost. All figures are modelled."


def test_a_long_run_is_drawn_in_means_and_says_so() -> None:
    events = [ev.Event(0, EXECUTION, at(0), "r", created())]
    for minute in range(2000):
        values = {"minute": at(60 * minute), "regions": {"us-east-1": {"offered": 10, "answered": 10}}}
        events.append(ev.Event(minute + 1, EXECUTION, at(60 * minute + 60), "drill", ev.Sample("calls", values)))
    chart = next(part for part in parsed(html(events)).iter("svg") if part.get("id") == "calls-wide")
    assert next(chart.iter("title")).text == "Calls per minute, modelled (means of 7 minutes)"
    assert sum(1 for _ in chart.iter("rect")) == -(-2000 // 7)


def test_the_critical_path_is_emphasised_and_many_items_share_a_bar() -> None:
    page = parsed(html(region_evacuation()))
    picture = next(part for part in page.iter("svg") if part.get("id") == "steps-wide")
    bold = [part.text for part in picture.iter("text") if part.get("class") == "name critical"]
    assert bold == ["declare", "names", "recovered_when.answered"]

    steps = [planned(f"agents[{n}]", "agents.incident_routing", "setting") for n in range(30)]
    events = [ev.Event(0, EXECUTION, at(0), "r", created(plan=tuple(step.record() for step in steps)))]
    events += [ev.Event(1, EXECUTION, at(1), "r", ev.StepStarted(step.key)) for step in steps]
    events += [ev.Event(2, EXECUTION, at(9), "r", ev.StepSettled(step.key, "done")) for step in steps]
    picture = next(part for part in parsed(html(events)).iter("svg") if part.get("id") == "steps-wide")
    names = [part.text for part in picture.iter("text") if (part.get("class") or "").startswith("name")]
    assert names == ["agents[0]", "agents (29 items)"]


def test_how_to_verify_names_the_head_the_events_and_the_command() -> None:
    events = region_evacuation()
    words = texts(html(events))
    assert events[-1].hash in words
    assert f"failover journal verify {EXECUTION}.jsonl" in words
    assert f"Events{len(events)}" in words


def test_a_recovery_that_did_not_last_is_told() -> None:
    seen = ev.Sample("afterwards", {"check": "still answered", "holds": False, "what": "3 of 40 calls answered"})
    events = [*region_evacuation(), ev.Event(990, EXECUTION, at(1500), "drill", seen)]
    page = parsed(html(events))
    row = next(row for row in page.iter("tr") if "still answered" in "".join(row.itertext()))
    assert [part.get("class") for part in row.iter("span") if "state" in (part.get("class") or "")] == [
        "state does-not-hold"
    ]


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_has_the_contrast_that_wcag_asks_for_in_light_and_dark(dark: bool) -> None:  # noqa: FBT001 - a parameter
    css = files("orchestrator.report").joinpath("report.css").read_text("utf-8")
    light, _, night = css.partition("@media (prefers-color-scheme: dark)")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", night if dark else light))
    for name in ("ink", "soft", "faint", "good", "mixed", "bad"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    for name in ("good", "mixed", "bad"):
        assert contrast(colours[name], colours[f"{name}-bg"]) >= 4.5, name
    for name in ("here", "unserved", "critical"):  # WCAG 1.4.11: pictures need 3
        assert contrast(colours[name], colours["paper"]) >= 3, name
