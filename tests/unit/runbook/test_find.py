from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orchestrator.model.errors import InvalidInput
from orchestrator.runbook.find import all_runbooks, find

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A present directory with two runbooks, beside an installed package with two, one of them of the same id."""
    for place, names in (("here", ("storm.yaml", "move.yml", "notes.txt")), ("site", ("storm.yaml", "shipped.yaml"))):
        folder = tmp_path / place / "runbooks"
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_text(place)
    monkeypatch.setattr("orchestrator.runbook.find.files", lambda _: tmp_path / "site" / "runbooks")
    return tmp_path / "here"


def test_an_id_is_found_in_the_present_directory_first(here: Path) -> None:
    assert find("storm", cwd=here).read_text() == "here"
    assert find("shipped", cwd=here).read_text() == "site"
    assert find("move", cwd=here) == here / "runbooks" / "move.yml"


def test_all_runbooks_are_listed_once_in_order(here: Path) -> None:
    assert [path.name for path in all_runbooks(here)] == ["move.yml", "shipped.yaml", "storm.yaml"]


def test_a_path_is_taken_as_it_is(here: Path, tmp_path: Path) -> None:
    assert find("runbooks/storm.yaml", cwd=here) == here / "runbooks" / "storm.yaml"
    absolute = tmp_path / "site" / "runbooks" / "shipped.yaml"
    assert find(str(absolute), cwd=here) == absolute


@pytest.mark.parametrize("name", ["strom", "../etc/passwd", "runbooks/none.yaml", ""])
def test_what_is_not_there_is_invalid_input_with_a_remedy(here: Path, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        find(name, cwd=here)
    assert caught.value.remedy
    if name == "strom":
        assert caught.value.remedy == 'did you mean "storm"? known: move, shipped, storm'


def test_without_an_installed_package_the_present_directory_is_enough(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> Path:
        raise ModuleNotFoundError

    monkeypatch.setattr("orchestrator.runbook.find.files", missing)
    assert [path.stem for path in all_runbooks(here)] == ["move", "storm"]


def test_a_namespace_package_is_read_as_python_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "runbooks_of_a_test"
    folder.mkdir()
    (folder / "shipped.yaml").write_text("version: 1")
    monkeypatch.setattr("orchestrator.runbook.find.FOLDER", folder.name)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find("shipped", cwd=tmp_path / "elsewhere") == folder / "shipped.yaml"
