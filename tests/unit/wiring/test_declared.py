"""Differences that are meant, read from YAML: every fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.model.errors import InvalidInput
from orchestrator.survey.parity import Declared
from orchestrator.wiring.declared import declared_in

SHIPPED = Path(__file__).parents[3] / "config" / "parity.yaml"


def written(folder: Path, text: str) -> Path:
    place = folder / "parity.yaml"
    place.write_text(text)
    return place


def test_a_file_that_is_not_there_declares_nothing(tmp_path: Path) -> None:
    assert declared_in(tmp_path / "parity.yaml") == ()


def test_the_file_that_ships_can_be_read_and_its_example_is_one() -> None:
    assert declared_in(SHIPPED) == ()
    lines = [line.removeprefix("#") for line in SHIPPED.read_text().splitlines() if line.startswith("#   ")]
    assert any("at_least" in line for line in lines)


def test_declarations_keep_their_order_and_shares(tmp_path: Path) -> None:
    place = written(
        tmp_path,
        "version: 1\ndifferences:\n- {path: capacity.desktops, reason: laptops, at_least: 0.5}\n"
        "- {path: topics.*, reason: paged once}\n",
    )
    assert declared_in(place) == (
        Declared("capacity.desktops", "laptops", 0.5), Declared("topics.*", "paged once"),
    )  # fmt: skip


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    place = written(
        tmp_path,
        "version: 1\ndifferences:\n- path: capacity.desktops\n- path: a\n  reason: b\n  at_least: 2\n- some text\n",
    )
    with pytest.raises(InvalidInput) as caught:
        declared_in(place)
    told = [(fault.line, fault.what.partition(":")[0]) for fault in caught.value.faults]
    assert told == [(3, "reason"), (6, "at_least"), (7, "this is no mapping")]


@pytest.mark.parametrize(
    "text", ["version: 2\n", "differences: []\n", "version: 1\ndifference: []\n", "- a\n", "a: [\n"]
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput):
        declared_in(written(tmp_path, text))
