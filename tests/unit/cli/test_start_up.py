"""What people feel first: the commands that only read start without anything heavy."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from orchestrator.journal.chain import Chain
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.events import ExecutionCreated, ExecutionMoved

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {
    "asyncio", "boto3", "botocore", "dataclasses", "inspect", "jmespath", "moto", "networkx", "pulumi", "pydantic",
    "rich", "tenacity", "yaml",
}  # fmt: skip
ASK = """
import contextlib, sys
from orchestrator.cli.main import main
with contextlib.suppress(SystemExit):
    main(sys.argv[1:])
print("loaded", *sys.modules)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """With one execution on record."""
    chain, at = Chain("an-execution"), "2026-11-22T03:00:00.000Z"
    created = ExecutionCreated(
        runbook="r", title="t", mode="planned", clock="real", simulated="", seed=None, runbook_sha256="",
        inventory_sha256="", plan_sha256="", source="", environments={}, parameters={}, objectives={}, plan=(),
        verification=(),
    )  # fmt: skip
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.append([chain.next(each, at=at, actor="runner") for each in (created, ExecutionMoved("running"))])
    journal.close_connection()
    return tmp_path


@pytest.mark.parametrize(
    ("command", "says"),
    [("status", "RUNNING"), ("list", "an-execution"), ("--help", "usage: failover"), ("--version", "failover ")],
)
def test_a_command_that_reads_loads_nothing_heavy(command: str, says: str, home: Path) -> None:
    environment = {**os.environ, "FAILOVER_HOME": str(home)}
    ended = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", ASK, command], capture_output=True, text=True, check=True, env=environment
    )
    told, _, loaded = ended.stdout.rpartition("loaded")
    assert says in told
    assert HEAVY.isdisjoint(loaded.split())


def test_help_and_version_need_no_argument_parser(home: Path) -> None:
    for command in ("--help", "--version"):
        ended = subprocess.run(  # noqa: S603 - our own text
            [sys.executable, "-c", ASK, command], capture_output=True, text=True, check=True, cwd=home
        )
        assert "argparse" not in ended.stdout.rpartition("loaded")[2].split()
