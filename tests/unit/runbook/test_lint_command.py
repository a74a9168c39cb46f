from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from orchestrator.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


def lint(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(["lint", *arguments])
    return ended.value.code


def test_faults_of_one_runbook_and_another_that_is_not_there_are_both_told(
    documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty = str(documents / "many-faults.yaml")
    assert lint(faulty, "missing.yaml", "no-such") == 2
    said = capsys.readouterr()
    assert f"{faulty}:6  RB53" in said.out
    assert "failover: there is no file missing.yaml\n" in said.err
    assert "failover: there is no runbook no-such\n" in said.err


def test_a_file_that_is_not_there_is_a_fault_for_machines_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint("--json", "missing.yaml") == 2
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert (fault["file"], fault["line"], fault["code"]) == ("missing.yaml", 0, "RB01")


@pytest.mark.parametrize("runbook", ["region-evacuation", "prepare-standby"])
def test_the_runbooks_that_come_with_the_package_have_no_faults(
    runbook: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint(runbook) == 0
    assert "no faults" in capsys.readouterr().out
