"""A misfit hides no other fault, and makes none. Counted exactly: a follow-up fault would be one too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runbook_slips import FAULTS, MISFITS, slipped

from orchestrator.model.runbook import Runbook, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.model.errors import Fault

    Lint: TypeAlias = Callable[[str], tuple[Fault, ...]]
    Expected: TypeAlias = Callable[[str], list[tuple[int, str]]]

SLIPS = {**MISFITS, **FAULTS}


def told(faults: tuple[Fault, ...]) -> list[tuple[int, str]]:
    return [(fault.line, str(fault.code)) for fault in faults]


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_told_once_with_its_line_and_nothing_else_is(
    name: str, sample: str, faults_of: Lint, expected_of: Expected
) -> None:
    text = slipped(sample, SLIPS[name])
    assert text is not None
    found = faults_of(text)
    assert told(found) == expected_of(text), found
    assert all(fault.remedy for fault in found)


@pytest.mark.parametrize("misfit", MISFITS)
def test_a_misfit_and_any_fault_are_both_told_and_nothing_else_is(
    misfit: str, sample: str, faults_of: Lint, expected_of: Expected
) -> None:
    pairs = 0
    for fault in FAULTS:
        text = slipped(sample, MISFITS[misfit], FAULTS[fault]) or slipped(sample, FAULTS[fault], MISFITS[misfit])
        if text is not None:
            found, pairs = faults_of(text), pairs + 1
            assert told(found) == sorted(expected_of(text)), (fault, found)
    assert pairs > len(FAULTS) - 5


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(sorted(SLIPS)))
def test_as_many_slips_as_fit_into_one_runbook_are_all_told(
    sample: str, faults_of: Lint, expected_of: Expected, names: list[str]
) -> None:
    text, slips = sample, 0
    for name in names:
        more = slipped(text, SLIPS[name])
        text, slips = (more, slips + 1) if more is not None else (text, slips)
    found = faults_of(text)
    assert slips > len(SLIPS) / 2
    assert told(found) == sorted(expected_of(text)), found


SLIPPED = [
    "acton",
    "wiht",
    "gaurd",
    "with",
    "type",
    "items",
    "default",
    "paramters",
    "titel",
    "[key]",
    "list[any]",
    "Upper",
]
KEYS = st.sampled_from([*SLIPPED, *Step.model_fields, *Runbook.model_fields])
LEAVES = st.sampled_from([None, True, 5, -1, 1.5, "", "x", "${item}", "${stages}", "${steps.shift.after}", "5m", "${"])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2))


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inside for place in places(each, (*path, key)))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10_000), st.none() | KEYS, VALUES), min_size=1, max_size=5))
def test_the_sample_with_any_keys_and_values_exchanged_is_linted_without_an_exception(
    sample: str, faults_of: Lint, changes: list[tuple[int, str | None, object]]
) -> None:
    document = yaml.safe_load(sample)
    for number, key, value in changes:
        possible = places(document)[1:]
        if not possible:
            break
        *way, last = possible[number % len(possible)]
        part = document
        for each in way:
            part = part[each]
        if key is not None and isinstance(part, dict):
            part[key] = part.pop(last)
        else:
            part[last] = value
    text = yaml.safe_dump(document, sort_keys=False)
    for fault in faults_of(text):
        assert 0 < fault.line <= len(text.splitlines())
        assert fault.what
        assert fault.remedy
