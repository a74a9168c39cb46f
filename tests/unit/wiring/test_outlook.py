"""What `now` says where something here is broken: unknown, with the reason, and everything else all the same."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from wiring_world import EXECUTION, START, inventory_of

from orchestrator.journal.chain import Chain
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.clock import SystemClock, stamp
from orchestrator.model.errors import InvalidInput
from orchestrator.model.events import ExecutionMoved, Sample, StepSettled, StepStarted
from orchestrator.wiring.clouds import read_inventory
from orchestrator.wiring.history import RUNS_NEEDED, measured_in
from orchestrator.wiring.home import Home
from orchestrator.wiring.outlook import look_around

if TYPE_CHECKING:
    from pathlib import Path

    from wiring_world import Centre


def home_of(folder: Path) -> Home:
    return Home.of(str(folder / ".failover"), None)


def looked(centre: Centre, home: Home | None = None) -> dict[str, Any]:
    told: dict[str, Any] = look_around(home or home_of(centre.folder), cloud="aws", seed=1, runbook="asks")
    return told


def facts(told: dict[str, Any]) -> dict[str, str]:
    return {fact["what"]: fact["answer"] for fact in told["can_act"]}


def recorded(centre: Centre, execution: str, *, simulated: str = "", **more: Any) -> None:
    """A run that was left while it was running."""
    created = centre.prepared().created.but(simulated=simulated, seed=1 if simulated else None, **more)
    chain = Chain(execution)
    payloads = (created, ExecutionMoved("running"))
    centre.journal.append([chain.next(each, at=stamp(START), actor="runner") for each in payloads])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "no inventory snapshot at"),
        (b"{", "is no inventory: Invalid JSON"),
        (b"\xff", "is no inventory"),
        (b"{}", "taken_at Field required"),
        (inventory_of().model_copy(update={"digest": "0"}).model_dump_json(by_alias=True).encode(), "its digest"),
        (inventory_of().model_copy(update={"taken_at": "soon"}).model_dump_json(by_alias=True).encode(), "'soon'"),
        (
            inventory_of()
            .model_copy(update={"taken_at": "2026-11-22T00:00:00"})
            .model_dump_json(by_alias=True)
            .encode(),
            "no time zone",
        ),
    ],
    ids=["none", "torn", "no text", "another document", "changed", "undated", "no zone"],
)
def test_a_snapshot_that_cannot_be_used_is_unknown_with_the_reason(
    centre: Centre, content: bytes | None, why: str
) -> None:
    home = home_of(centre.folder)
    home.folder.mkdir()
    if content is not None:
        home.inventory.write_bytes(content)
    told = looked(centre)
    assert facts(told)["inventory"].startswith("unknown: ")
    assert why in facts(told)["inventory"]
    assert "\n" not in facts(told)["inventory"]
    assert told["running"] == []
    with pytest.raises(InvalidInput, match=r"\S"):
        read_inventory(home)


def test_a_folder_in_the_snapshots_place_is_unknown_too(centre: Centre) -> None:
    home_of(centre.folder).inventory.mkdir(parents=True)
    assert "cannot be read: Is a directory" in facts(looked(centre))["inventory"]


@pytest.mark.parametrize("name", ["a" * 300, "file"], ids=["too long", "under a file"])
def test_a_state_folder_that_cannot_be_is_unknown_and_not_empty(centre: Centre, name: str) -> None:
    (centre.folder / "file").write_text("")
    told = looked(centre, Home.of(f"{name}/home", None))
    if name == "file":
        assert facts(told)["journal"].endswith("nothing recorded yet")
    else:
        assert facts(told)["journal"].startswith("unknown: ")
        assert told["running"] is None
    assert facts(told)["inventory"].startswith("unknown: ")


@pytest.mark.parametrize("broken", ["a folder", "no database", "torn"])
def test_a_journal_that_cannot_be_read_leaves_unknown_what_is_running(centre: Centre, broken: str) -> None:
    path = centre.folder / ".failover" / "journal.db"
    if broken == "a folder":
        path.mkdir(parents=True)
    else:
        recorded(centre, EXECUTION)
        centre.close()
        whole = path.read_bytes()
        path.write_bytes(b"minutes of a meeting" * 100 if broken == "no database" else whole[: len(whole) // 2])
    told = looked(centre)
    assert facts(told)["journal"].startswith("unknown: ")
    assert facts(told)["last passed drill"].startswith("unknown: ")
    assert told["running"] is None
    assert measured_in(home_of(centre.folder), "asks", "real")("first") is None


def test_seconds_of_a_served_cloud_are_no_measure_of_any_others(centre: Centre) -> None:
    """It may live a hundred times as fast as the machine that does its work."""
    home = home_of(centre.folder)

    def run(execution: str, simulated: str, took_s: int) -> None:
        created = centre.prepared().created.but(simulated=simulated, clock="simulated")
        chain = Chain(execution)
        first = [created, ExecutionMoved("running"), StepStarted("first")]
        events = [chain.next(each, at=stamp(START), actor="runner") for each in first]
        ends = stamp(START + timedelta(seconds=took_s))
        events.append(chain.next(StepSettled("first", "done"), at=ends, actor="runner"))
        centre.journal.append(events)

    for number in range(RUNS_NEEDED):
        run(f"served-{number}", "served at http://127.0.0.1:8400: all of it", 600)
    assert measured_in(home, "asks", "simulated")("first") is None
    for number in range(RUNS_NEEDED):
        run(f"here-{number}", "all of it", 30)
    measured = measured_in(home, "asks", "simulated")("first")
    assert measured is not None
    assert measured.seconds == 30


def test_one_broken_record_hides_no_other_and_may_be_running(centre: Centre) -> None:
    recorded(centre, "one")
    recorded(centre, "two")
    centre.journal.take_lease("two", "somebody", now=SystemClock().now(), ttl_s=3600)
    with sqlite3.connect(centre.folder / ".failover" / "journal.db") as database:
        database.execute("UPDATE events SET body = '{}' WHERE seq = 1 AND number = 2")
    database.close()
    told = looked(centre)
    assert facts(told)["execution two"] == "unknown: event 1 does not match its hash"
    assert facts(told)["journal"].endswith(": 2 executions")
    going = {one["execution"]: (one["state"], one["holder"]) for one in told["running"]}
    assert going == {"one": ("running", "nobody"), "two": ("unknown", "somebody")}


def test_a_simulated_run_whose_process_has_ended_is_not_running(centre: Centre) -> None:
    recorded(centre, "ended-with-its-process", simulated="all of it")
    recorded(centre, "goes-on-elsewhere", simulated="all of it")
    centre.journal.take_lease("goes-on-elsewhere", "somebody", now=SystemClock().now(), ttl_s=3600)
    recorded(centre, "died")
    assert {one["execution"] for one in looked(centre)["running"]} == {"goes-on-elsewhere", "died"}


def test_a_run_is_listed_once_though_an_earlier_one_of_its_id_was_set_aside(centre: Centre) -> None:
    recorded(centre, EXECUTION, simulated="all of it")
    assert centre.journal.set_aside(EXECUTION)
    recorded(centre, EXECUTION, simulated="all of it", reason="again")
    centre.journal.take_lease(EXECUTION, "somebody", now=SystemClock().now(), ttl_s=3600)
    assert [(one["execution"], one["holder"]) for one in looked(centre)["running"]] == [(EXECUTION, "somebody")]


def test_a_drill_that_was_set_aside_is_named_as_it_is_listed(centre: Centre) -> None:
    created = centre.prepared().created.but(simulated="all of it", seed=1, scenario="day", scenario_sha256="0")
    chain = Chain(EXECUTION)
    payloads = (created, Sample("verdict", {"verdict": "passed", "reasons": []}))
    centre.journal.append([chain.next(each, at=stamp(START), actor="runner") for each in payloads])
    assert facts(looked(centre))["last passed drill"] == f"day, seed 1 ({EXECUTION})"
    aside = centre.journal.set_aside(EXECUTION)
    recorded(centre, EXECUTION, simulated="all of it")
    assert facts(looked(centre))["last passed drill"] == f"day, seed 1 ({aside})"


def test_a_journal_of_another_kind_is_wrong_input(centre: Centre) -> None:
    with pytest.raises(InvalidInput, match="no journal of the kind"):
        looked(centre, Home.of(None, "mysql://x"))


def test_nobody_can_tell_whether_a_journal_exists_where_its_name_cannot(tmp_path: Path) -> None:
    from orchestrator.journal.store import JournalUnavailable  # noqa: PLC0415 - this test's only

    with pytest.raises(JournalUnavailable, match="too long"):
        _ = SqliteJournal(tmp_path / ("a" * 300) / "journal.db").exists
