"""The comparison itself: what it must notice, and what it may pass over."""

from __future__ import annotations

import pytest
from moto_comparison import Intended, faults, figures, intended, totals

ALONE = {
    "tests/test_dns/test_zone.py::test_one": ("passed", ""),
    "tests/test_dns/test_zone.py::test_two": ("passed", ""),
}
ONE, TWO = ALONE
RULE = Intended(ONE, "a zone has one owner", "Guide, Owners", "NotYours", "an owner of its own")
REFUSED = {**ALONE, ONE: ("failed", "ClientError: NotYours\nmore")}


def test_what_passes_every_way_is_no_fault() -> None:
    assert faults(ALONE, ALONE, ALONE, {}, []) == []


@pytest.mark.parametrize("outcome", ["failed", "skipped"])
def test_a_test_that_passes_no_more_is_a_fault_with_its_words(outcome: str) -> None:
    worse = {**ALONE, ONE: (outcome, "boom\nat a line")}
    (fault,) = faults(ALONE, worse, ALONE, {}, [])
    assert fault == f"{ONE}: passed without the extension, {outcome} with it installed: boom"
    (fault,) = faults(ALONE, ALONE, worse, {}, [])
    assert fault == f"{ONE}: passed without the extension, {outcome} in a simulated cloud: boom"


def test_a_test_that_is_gone_is_a_fault() -> None:
    gone = {TWO: ("passed", "")}
    (installed, founded) = faults(ALONE, gone, gone, {}, [])
    assert f"{ONE}: passed without the extension, absent with it installed" in installed
    assert f"{ONE}: passed without the extension, absent in a simulated cloud" in founded


def test_what_fails_without_the_extension_need_not_pass_with_it() -> None:
    failing = {**ALONE, ONE: ("failed", "moto's own fault")}
    assert faults(failing, failing, failing, {}, []) == []
    assert faults(failing, ALONE, ALONE, {}, []) == []


def test_a_difference_in_a_cloud_that_is_named_and_passes_once_amended_is_no_fault() -> None:
    assert faults(ALONE, ALONE, REFUSED, {ONE: ("passed", "")}, [RULE]) == []


def test_no_name_excuses_a_difference_where_the_extension_is_merely_installed() -> None:
    (fault,) = faults(ALONE, REFUSED, REFUSED, {ONE: ("passed", "")}, [RULE])
    assert fault == f"{ONE}: passed without the extension, failed with it installed: ClientError: NotYours"


@pytest.mark.parametrize("amended", [{}, {ONE: ("failed", "still")}])
def test_a_difference_that_fails_amended_too_is_a_fault(amended: dict[str, tuple[str, str]]) -> None:
    (fault,) = faults(ALONE, ALONE, REFUSED, amended, [RULE])
    assert "with an owner of its own" in fault


def test_a_named_test_that_passes_is_named_no_more() -> None:
    (fault,) = faults(ALONE, ALONE, ALONE, {ONE: ("passed", "")}, [RULE])
    assert fault == f"{ONE}: is passed in a simulated cloud: name it no more"


def test_a_named_test_that_fails_otherwise_is_a_fault() -> None:
    (fault,) = faults(ALONE, ALONE, {**ALONE, ONE: ("failed", "KeyError")}, {ONE: ("passed", "")}, [RULE])
    assert "fails by other words than 'NotYours': KeyError" in fault


def test_a_named_test_that_moto_has_no_more_is_told() -> None:
    left = {TWO: ("passed", "")}
    found = faults(left, left, left, {}, [RULE])
    assert f"{ONE}: is absent without the extension too: name it no more" in found


def test_a_test_is_named_once() -> None:
    entry = {"rule": "r", "source": "s", "words": "w", "tests": [ONE, ONE]}
    with pytest.raises(ValueError, match="named twice"):
        intended([entry])


def test_figures_are_of_one_folder_and_totals_of_all() -> None:
    outcomes = {**REFUSED, "tests/test_mail/test_mail.py::test_sent": ("skipped", "")}
    assert (figures(outcomes, "test_dns"), figures(outcomes, "test_mail")) == ("1/1/0", "0/0/1")
    assert totals(outcomes) == "1 passed, 1 failed, 1 skipped"
