"""The canonical form is the library's, byte for byte, whatever way it came about."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestrator.journal.canonical import SAFE, canonical

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-SAFE + 1, SAFE - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-SAFE, SAFE).map(float)
    | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


@settings(deadline=None, max_examples=300)
@given(VALUES)
@example({"\ue000": 1, "\U0001f600": 2, "a": 3})  # sorted by UTF-16 unit, not by character
@example('\x00\x1f\x7f\u2028"\\/\b\t\n\f\r')
@example([0.0, -0.0, 1e16, 1e21, 1e-6, 1e-7, 5e-324, 300.0, 0.1, float(SAFE), -float(SAFE)])
@example({"": {}, "empty": [], "b": (), "B": ""})
def test_every_value_is_spelt_as_the_library_spells_it(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_members_of_enumerations_are_their_values() -> None:
    value = {"state": Colour.RED, "level": Level.LOW, Colour.RED: [Colour.RED]}
    assert canonical(value) == b'{"level":1,"red":["red"],"state":"red"}' == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        SAFE,
        -SAFE,
        float("nan"),
        float("-inf"),
        {1: "one"},
        {"a": {None: 1}},
        {1: "one", "b": 2},
        {"a", "b"},
        b"bytes",
        object(),
        "\ud800",
        {"\ud800": 1},
        ["deep", {"x": ["\udfff"]}],
    ],
)
def test_what_the_library_refuses_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the library's
        rfc8785.dumps(value)
    with pytest.raises(ValueError):  # noqa: PT011
        canonical(value)


def test_what_is_nested_too_deeply_is_refused() -> None:
    value: Any = []
    for _ in range(5_000):
        value = [value]
    with pytest.raises(RecursionError):
        canonical(value)
