"""pytest plugin: writes what became of each of moto's tests, and lets none of them leave this machine.

`MOTO_OUTCOMES` names the file: JSON, node id → [outcome, words], outcome one of `passed`, `failed`, `skipped`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

_SEVERITY = ("passed", "skipped", "failed")
# moto's server listens on all addresses of the machine, and its tests call it there.
_HERE = {None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0"}  # noqa: S104 - who calls it, not who listens

_outcomes: dict[str, tuple[str, str]] = {}


def pytest_configure() -> None:
    sys.addaudithook(_stay_here)


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if (host.decode() if isinstance(host, bytes) else host) not in _HERE:
        raise OSError(f"a test of moto may not reach {host}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Set-up, call and tear-down each report; the worst of them counts."""
    before = _outcomes.get(report.nodeid, ("passed", ""))
    if _SEVERITY.index(report.outcome) >= _SEVERITY.index(before[0]):
        crash = getattr(report.longrepr, "reprcrash", None)
        _outcomes[report.nodeid] = report.outcome, crash.message if crash else ""


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A file that cannot be imported is a failure of its own, not an absence."""
    if report.failed:
        _outcomes[report.nodeid] = "failed", str(report.longrepr)


def pytest_sessionfinish() -> None:
    Path(os.environ["MOTO_OUTCOMES"]).write_text(json.dumps(_outcomes))
