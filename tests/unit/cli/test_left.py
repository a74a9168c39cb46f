"""A simulated run whose process was killed: it is not running, whatever its journal says last, and asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.journal.chain import Chain
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.clock import SystemClock
from orchestrator.model.events import ExecutionCreated, ExecutionMoved

if TYPE_CHECKING:
    from collections.abc import Callable

AT = "2026-11-22T03:00:00.000Z"


def recorded(journal: SqliteJournal, execution: str, *, seed: int | None, state: str = "running") -> None:
    chain = Chain(execution)
    created = ExecutionCreated(
        runbook="r", title="t", mode="planned", clock="simulated", simulated="all of it", seed=seed, runbook_sha256="",
        inventory_sha256="", plan_sha256="", source="", environments={}, parameters={}, objectives={}, plan=(),
        verification=(),
    )  # fmt: skip
    payloads = (created, ExecutionMoved("running"), *([ExecutionMoved(state)] if state != "running" else []))
    journal.append([chain.next(each, at=AT, actor="runner") for each in payloads])


@pytest.fixture
def journal(centre: Any) -> Any:
    """One run of each fate."""
    journal = SqliteJournal(centre.folder / ".failover" / "journal.db")
    recorded(journal, "killed", seed=1)
    recorded(journal, "paused", seed=1, state="paused")
    recorded(journal, "at-work", seed=1)
    journal.take_lease("at-work", "somebody", now=SystemClock().now(), ttl_s=3600)
    recorded(journal, "over", seed=1, state="recovered")
    recorded(journal, "resumable", seed=None)
    yield journal
    journal.close_connection()


@pytest.mark.usefixtures("journal")
def test_the_list_tells_who_stopped_with_its_process(failover: Callable[..., Any]) -> None:
    said = failover("list", "--json").json
    assert {one["execution"]: one.get("gone") for one in said} == {
        "killed": True, "paused": True, "at-work": None, "over": None, "resumable": None,
    }  # fmt: skip
    lines = {line.split()[0]: line for line in failover("list").out.splitlines()}
    left = {name for name, line in lines.items() if "when its process ended" in line}
    assert left == {"killed", "paused"}
    assert "running when its process ended" in lines["killed"]


@pytest.mark.usefixtures("journal")
def test_the_status_tells_it_too(failover: Callable[..., Any]) -> None:
    assert failover("status", "killed", "--json").json["gone"] is True
    assert "gone" not in failover("status", "at-work", "--json").json
    assert "RUNNING when its process ended" in failover("status", "killed").out
    for name in ("at-work", "over", "resumable"):
        assert "when its process ended" not in failover("status", name).out


def test_a_run_that_was_set_aside_is_judged_by_itself_and_not_by_its_successor(
    failover: Callable[..., Any], journal: SqliteJournal
) -> None:
    aside = journal.set_aside("killed")
    recorded(journal, "killed", seed=1, state="verifying")
    journal.take_lease("killed", "somebody", now=SystemClock().now(), ttl_s=3600)
    said = {one["execution"]: one.get("gone") for one in failover("list", "--json").json}
    assert (said[aside], said["killed"]) == (True, None)
    assert failover("status", aside, "--json").json["gone"] is True
