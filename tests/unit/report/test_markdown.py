from __future__ import annotations

import re

from sample_run import HOSTILE, hostile, region_evacuation, staged_move

from orchestrator.report.markdown import markdown


def section(text: str, title: str) -> str:
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_page_begins_with_the_outcome_and_the_simulation() -> None:
    text = markdown(region_evacuation())
    assert text.startswith("# Recovered. Drill passed\n")
    assert "> **SIMULATED.** AWS, its Regions" in text
    assert "- Time to recovered: **9m** (simulated orchestration time, from the outage, objective 20m)" in text
    assert "RTO" not in text


def test_steps_tell_before_and_after_attempts_and_who() -> None:
    steps = section(markdown(region_evacuation()), "Steps")
    row = next(line for line in steps.splitlines() if line.startswith("| shift<br>"))
    assert "| 24s | 10s | agents, telephony: us-east-1 100 % → 0 %, us-west-2 0 % → 100 % | 2 failed<br>2 × " in row  # noqa: RUF001 - as shown


def test_decisions_are_told_in_order_with_refusals_and_their_rule() -> None:
    rows = section(markdown(region_evacuation()), "Decisions").splitlines()
    times = [line.split(" | ")[0] for line in rows if line.startswith("| 09:")]
    assert times == sorted(times)
    assert any(
        "request to skip refused, run\\_by: commander" in line and "by observer: in a hurry" in line for line in rows
    )


def test_decisions_at_one_instant_keep_the_order_of_the_journal() -> None:
    rows = section(markdown(region_evacuation()), "Decisions").splitlines()
    instant = [line.split(" | ")[1] for line in rows if line.startswith("| 09:09:45Z")]
    assert instant == ["request to approve accepted", "approved"]


def test_what_was_not_done_is_told_with_its_reason() -> None:
    assert "| drain-queues | skipped | only planned; the run is unplanned: not done |" in markdown(region_evacuation())
    assert "| shift\\[2\\] | waiting | the run did not come to it |" in markdown(staged_move())


def test_unknown_objectives_are_unknown() -> None:
    objectives = section(markdown(region_evacuation()), "Objectives")
    assert "| Data lost, as time | 1m | unknown | unknown | simulated |" in objectives


def test_text_from_outside_breaks_neither_tables_nor_markup() -> None:
    text = markdown(hostile())
    outside_code = re.sub(r"`[^`]*`|```.*?```", "", text, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)<(?!br>)", outside_code)
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1
    assert HOSTILE not in outside_code
