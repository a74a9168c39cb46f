"""What each role declares, as it was reviewed last: a change of the stacks is seen here in a few lines of text."""

from __future__ import annotations

import pytest
from graphs import FOLDERS, REWRITE, WRITTEN, drawn


@pytest.mark.parametrize("name", FOLDERS)
def test_every_role_declares_what_was_reviewed(name: str) -> None:
    reviewed = {place.stem: place.read_text(encoding="utf-8") for place in (WRITTEN / name).glob("*.txt")}
    declares = drawn(FOLDERS[name])
    assert declares == reviewed, f"if this is meant, `{REWRITE}`, and have the difference reviewed"


def test_no_graph_is_kept_of_a_configuration_that_is_gone() -> None:
    assert {place.name for place in WRITTEN.iterdir()} == set(FOLDERS), f"remove it, or `{REWRITE}`"
