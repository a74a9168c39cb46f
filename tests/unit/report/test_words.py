from __future__ import annotations

import pytest

from orchestrator.model.states import ExecutionState, StepState
from orchestrator.report.words import (
    EXECUTION_STYLE,
    GLYPH,
    HEADLINE,
    STYLE,
    UNKNOWN,
    cells,
    clean,
    clock_time,
    duration,
    fit,
    joined,
    one_line,
    pad,
    percent,
    plural,
    seconds_between,
)


def test_every_state_has_a_glyph_of_one_cell_a_style_and_a_headline() -> None:
    assert set(GLYPH) == set(STYLE) == set(StepState)
    assert set(HEADLINE) == set(EXECUTION_STYLE) == set(ExecutionState)
    assert {cells(glyph) for glyph in GLYPH.values()} == {1}
    assert len(set(GLYPH.values())) == len(StepState)


@pytest.mark.parametrize("hostile", ["\x1b[31mred", "a\x00b", "\u202etxt.exe", "\x9b2J", "\udc80"])
def test_control_format_and_surrogate_characters_never_pass(hostile: str) -> None:
    assert clean(hostile).isprintable()
    assert one_line(hostile).encode("utf-8")


def test_a_long_text_becomes_one_line_and_says_that_it_was_cut() -> None:
    assert one_line("a\n b\t c") == "a b c"
    assert one_line("abcdef", 4) == "abc…"


def test_wide_characters_count_as_two_columns_when_fitting() -> None:
    assert cells("日本") == 4
    assert fit("日本語", 5) == "日本…"
    assert cells(pad("日本語", 5)) == 5
    assert pad("ab", 4) == "ab  "


def test_what_is_not_known_is_called_unknown_and_never_zero() -> None:
    assert duration(None) == clock_time("") == percent(1, 0) == UNKNOWN
    assert seconds_between("", "2026-11-10T09:00:00.000Z") is None


def test_numbers_and_names_read_well() -> None:
    assert percent(1, 3) == "33.3 %"
    assert (plural(1, "event"), plural(1200, "event")) == ("1 event", "1,200 events")
    assert joined(list("abcdef")) == "a, b, c, d and 2 more"
