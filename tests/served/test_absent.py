"""A run whose served cloud is gone, or has been followed by another on the same port."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.journal.replay import Replay
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.errors import ExitCode
from orchestrator.model.events import RequestAccepted

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.model.events import Event

RUNBOOK = Path(__file__).with_name("runbook.yaml")
SILENT = ("    deadline: 30m\n    on_silence: stop", "    deadline: 1m\n    on_failure: pause")
PORTS = 5


def free_ports() -> int:
    """The first of five in a row that nobody uses, below those that systems give out by themselves."""
    first = 20_000 + os.getpid() * PORTS % 10_000
    for number in range(first, first + 1_000, PORTS):
        with ExitStack() as held:
            try:
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    for port in range(number, number + PORTS):
                        held.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", port))
            except OSError:
                continue
            return number
    pytest.fail("no free ports")


def events(centre: Any) -> list[Event]:
    journal = SqliteJournal(centre.folder / ".failover" / "journal.db")
    try:
        return list(journal.read(journal.executions()[0]))
    finally:
        journal.close_connection()


def test_a_run_is_ended_without_its_cloud_and_taken_up_in_no_other(
    served: Callable[..., Any], new_centre: Any, centre: Any, failover: Callable[..., Any], tmp_path: Path
) -> None:
    (centre.folder / "asks.yaml").write_text(RUNBOOK.read_text().replace(*SILENT))
    server, port = new_centre(tmp_path / "server"), free_ports()
    with served(server, "--speed", "60", port=port) as first:
        url, began = first.url, first.identity["start"]
        run = failover("execute", "./asks.yaml", "--cloud", url, "--mode", "planned", "--yes", "--json")
        assert (run.code, run.json["state"]) == (ExitCode.STOPPED, "paused"), run.err
    execution = run.json["execution"]
    gone = failover("resume", execution)
    assert gone.code == ExitCode.INVALID
    assert f"no simulated cloud answers at {url}" in gone.err
    last = events(centre)[-1].at
    noted = failover("note", execution, "--reason", "the server is gone", "--json")
    assert (noted.code, noted.json["accepted"]) == (ExitCode.DONE, True), noted.err
    assert events(centre)[-1].at == last, "whose time nobody can know stands still"

    with served(server, "--speed", "60", port=port) as second:
        assert second.url == url
        refused = failover("resume", execution)
        assert refused.code == ExitCode.STOPPED
        told = f"the served cloud (was good-day, seed 1, since {began}; is good-day, seed 1, since "
        assert told + second.identity["start"] in refused.err
        assert events(centre)[-1].at == last
        assert failover("note", execution, "--reason", "another has come", "--json").json["accepted"]
        assert events(centre)[-1].at == last, "its time is another run's"
        assert second.calls() == []
        anyway = failover("resume", execution, "--despite-changes", "--reason", "all the same", "--json")
        assert anyway.json["state"] == "paused", "asked anew, and nobody has answered"
        assert second.calls() == []
    (reason,) = [each.payload.reason for each in events(centre)
                 if isinstance(each.payload, RequestAccepted) and each.payload.verb == "resume"]  # fmt: skip
    assert reason.startswith(f"all the same; despite changes: {told}")

    ended = failover("abort", execution, "--reason", "enough", "--json")
    assert (ended.code, ended.json["accepted"]) == (ExitCode.DONE, True), ended.err
    assert Replay.of(events(centre)).state == "aborted"
    assert failover("journal", "verify", execution).code == ExitCode.DONE
