"""What only shows in a process of its own: what it imports, how it is interrupted, and readers who leave early."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

SHORT = "./short-outage.yaml"
HEAVY = ("pydantic", "boto3", "botocore", "networkx", "moto", "pulumi")
LOADED = """
import json, sys
from orchestrator.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    print(json.dumps({"code": ended.code, "modules": sorted(sys.modules)}))
"""


def loaded(centre: Any, *arguments: str) -> set[str]:
    """The modules in a process that has run a command."""
    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", LOADED, *arguments], cwd=centre.folder, env=centre.environment(),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(ended.stdout.splitlines()[-1])
    assert told["code"] == 0, ended.stderr
    return set(told["modules"])


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("status",), ("status", "--json"), ("list",)])
def test_what_must_start_fast_imports_nothing_heavy(
    centre: Any, failover: Callable[..., Any], arguments: tuple[str, ...]
) -> None:
    if arguments[0] in ("status", "list"):
        assert failover("drill", "run", SHORT, "--json").code == ExitCode.DONE
    modules = loaded(centre, *arguments)
    assert "orchestrator.cli.main" in modules
    assert modules.isdisjoint(HEAVY)


def test_the_check_of_imports_would_see_a_heavy_one(centre: Any) -> None:
    assert {"pydantic", "networkx"} <= loaded(centre, "lint")


@pytest.mark.parametrize("milestone", ["waits for an answer", "shift[0] done"], ids=["asking", "moving"])
def test_an_interrupted_drill_ends_4_and_leaves_a_chain_that_holds_and_no_lease(centre: Any, milestone: str) -> None:
    centre.change("short-outage.yaml", ("live_after: 10s", "live_after: 30d"))
    running = subprocess.Popen(  # noqa: S603 - our own command
        centre.command("drill", "run", SHORT), cwd=centre.folder, env=centre.environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert any(milestone in line for line in running.stdout)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate()
    assert running.returncode == ExitCode.STOPPED
    assert told == "failover: interrupted\n"

    journal = SqliteJournal(centre.folder / ".failover" / "journal.db")
    (execution,) = journal.executions()
    assert journal.holder(execution, now=datetime.now(UTC)) is None  # noqa: TID251 - leases lapse in real time
    journal.close_connection()
    verified = centre.spawned("journal", "verify", "--json")
    assert verified.code == ExitCode.DONE
    assert verified.json["events"] > 5
    assert not verified.json["ended"]


def test_a_drill_that_somebody_else_runs_is_left_alone(centre: Any, failover: Callable[..., Any]) -> None:
    assert failover("drill", "run", SHORT, "--json").code == ExitCode.DONE
    before = failover("journal", "export").out
    journal = SqliteJournal(centre.folder / ".failover" / "journal.db")
    (execution,) = journal.executions()
    now = datetime.now(UTC)  # noqa: TID251 - as above
    epoch = journal.take_lease(execution, "somebody else", now=now, ttl_s=600)
    said = failover("drill", "run", SHORT)
    assert said.code == ExitCode.HELD
    assert "somebody else" in said.err
    assert failover("journal", "export").out == before
    journal.release_lease(execution, epoch)
    journal.close_connection()
    assert failover("drill", "run", SHORT, "--json").code == ExitCode.DONE


@pytest.mark.parametrize("arguments", [("--help",), ("actions",), ("lint", "--json")], ids=" ".join)
def test_a_reader_who_leaves_early_is_no_fault(centre: Any, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(  # noqa: S603 - our own command
        centre.command(*arguments), cwd=centre.folder, env=centre.environment(),
        stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writing)
    assert ended.stderr == ""
    assert ended.returncode == ExitCode.DONE


def test_an_output_that_lacks_characters_is_no_fault(centre: Any) -> None:
    said = centre.spawned("plan", "--help", PYTHONIOENCODING="ascii")
    assert said.code == ExitCode.DONE
    said = centre.spawned("--help", PYTHONIOENCODING="ascii")
    assert (said.code, said.err) == (ExitCode.DONE, "")
    assert "before ? after" in said.out
    said = centre.spawned("lint", "--json", PYTHONIOENCODING="latin-1")
    assert said.json["faults"] == []


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_an_output_that_is_closed_is_no_fault(centre: Any, closed: str) -> None:
    number = {"stdout": 1, "stderr": 2}[closed]
    given = shlex.join(centre.command("nonsense" if closed == "stderr" else "--help"))
    ended = subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", f"{given} {number}>&-"], cwd=centre.folder, env=centre.environment(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == (ExitCode.INVALID if closed == "stderr" else ExitCode.DONE)
    assert ended.stdout + ended.stderr == ""
