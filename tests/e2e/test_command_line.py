"""Every command: what it prints for people and for machines, and how it ends, whatever it is given."""

from __future__ import annotations

import json
import re
import sqlite3
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.cli.main import COMMANDS
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.journal.store import JournalUnavailable
from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHORT = "./short-outage.yaml"
PLAN = ("plan", "region-evacuation", "--simulate")
EXECUTE = ("execute", "region-evacuation", "--simulate")


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory, new_centre: Any) -> Path:
    """The journal of one drill, to be read by many tests."""
    centre = new_centre(tmp_path_factory.mktemp("drilled"))
    assert centre.spawned("drill", "run", SHORT, "--json").code == ExitCode.DONE
    return centre.folder / ".failover" / "journal.db"


@pytest.fixture
def drilled(centre: Any, failover: Callable[..., Any], journal: Path) -> Callable[..., Any]:
    """The command line where one drill is on record."""
    home = centre.folder / ".failover"
    home.mkdir()
    (home / "journal.db").write_bytes(journal.read_bytes())
    return failover


# --- for machines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("now",), ("now", "--simulate"), ("lint",), PLAN, ("status",), ("list",), ("journal", "verify"), ("report",),
        ("runbooks",), ("actions",), ("actions", "dns.evacuate"), ("inventory", "show", "--simulate"),
        ("drill", "list"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_command_answers_in_one_line_of_json(drilled: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    said = drilled(*arguments, "--json")
    assert said.code == ExitCode.DONE, said.err
    assert said.err == ""
    assert len(said.out.splitlines()) == 1
    assert json.loads(said.out)


def test_every_command_takes_json_and_tells_of_itself(failover: Callable[..., Any]) -> None:
    listed = failover("--help").out
    for name in (*COMMANDS, "drill"):
        assert re.search(rf"^  {name} ", listed, re.MULTILINE), name
        said = failover(name, "--help")
        assert (said.code, said.err) == (ExitCode.DONE, "")
        assert "--json" in said.out
        assert f"failover {name}" in said.out


def test_the_status_has_the_shape_that_the_design_promises(drilled: Callable[..., Any]) -> None:
    status = drilled("status", "--json").json
    promised = "execution runbook mode state verdict clock started_at ended_at duration_s steps journal"
    assert set(promised.split()) <= status.keys()
    assert set(status["steps"]["shift[0]"]) == {
        "state", "reason", "attempts", "started_at", "ended_at", "before", "after", "error",
    }  # fmt: skip
    assert status["steps"]["shift[0]"]["before"] != status["steps"]["shift[0]"]["after"]
    assert set(status["journal"]) == {"events", "head"}
    assert (status["state"], status["verdict"], status["clock"]) == ("recovered", "passed", "simulated")


def test_execute_ends_with_the_status_as_its_last_line(centre: Any, failover: Callable[..., Any]) -> None:
    given = (f"{EXECUTE[2]}={SHORT}", "--mode", "unplanned", "--yes", "--param", "calls_at_least=2")
    said = failover(*EXECUTE[:2], *given, "--incident", "INC-1", "--json")
    assert said.code == ExitCode.DONE, said.err
    assert said.json["state"] == "recovered"
    assert said.json == failover("status", "--json").json
    created = json.loads(failover("journal", "export").out.splitlines()[0])["data"]
    assert (created["incident"], created["parameters"]["calls_at_least"]) == ("INC-1", 2)
    assert (centre.folder / ".failover" / "journal.db").exists()


def test_a_fault_is_json_too_where_json_is_asked_for(failover: Callable[..., Any]) -> None:
    said = failover(*PLAN, "--param", "hold=soon", "--param", "bogus=1", "--json")
    assert said.code == said.json["exit_code"] == ExitCode.INVALID
    assert said.err == ""
    assert {fault["code"] for fault in said.json["faults"]} == {"RB60", "RB61"}


# --- wrong input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("pln",), "did you mean plan?"),
        (("--nonsense",), "--nonsense"),
        (("--home", "list", "drill", "list"), "write failover drill list --home list"),
        (("plan",), "no runbook is named"),
        (("plan", "--simulate", "region-evacuation"), "taken as the scenario of --simulate"),
        (("plan", "region-evacation", "--simulate"), "region-evacuation"),
        (("plan", "./nowhere.yaml", "--simulate"), "nowhere.yaml"),
        ((*PLAN, "--param", "hold"), "k=v"),
        ((*PLAN, "--param", "hold=soon"), "'soon' is no duration"),
        ((*PLAN, "--param", "bogus=1"), "no such parameter"),
        ((*PLAN, "--param"), "--param"),
        ((*PLAN, "--from", "nowhere"), "give primary or standby"),
        ((*PLAN, "--seed", "x"), "--seed"),
        ((*PLAN, "--seed", "-1"), "whole number"),
        ((*PLAN, f"--seed={2**63}"), "whole number"),
        (("drill", "run", SHORT, f"--seed={2**63}"), "whole number"),
        ((*PLAN, "--from", "primary", "--to", "primary"), "is no move"),
        ((*PLAN, "--to", "primary"), "is no move"),
        ((*PLAN, "--lost", "us-east"), "write it as us-east-1"),
        ((*PLAN, "--lost", "us-east-9"), "Regions in use are us-east-1, us-west-2"),
        ((*EXECUTE, "--yes", "--lost", "eu-west-1"), "Regions in use are us-east-1, us-west-2"),
        ((*EXECUTE, "--mode", "planned", "--yes", "--reason", "\udcff"), "is no UTF-8"),
        (("plan", "region-evacuation", "--simulate=nowhere"), "region-outage"),
        (("plan", "region-evacuation", "--cloud", "elsewhere"), "aws, simulated, or the URL"),
        (("plan", "region-evacuation"), "no inventory snapshot"),
        ((*EXECUTE, "--yes"), "--mode planned"),
        ((*EXECUTE, "--mode", "sideways", "--yes"), "'planned', 'unplanned'"),
        ((*EXECUTE, "--mode", "unplanned"), "--yes"),
        (("status", "zzz"), "failover list"),
        (("report", "zzz"), "failover list"),
        (("report", "--format", "pdf"), "junit"),
        (("journal", "verify", "zzz"), "failover list"),
        (("journal", "mend"), "'verify', 'export'"),
        (("approve",), "ID, STEP"),
        (("approve", "zzz", "declare"), "failover list"),
        (("skip", "zzz", "declare"), "failover list"),
        (("actions", "no.such"), "failover actions"),
        (("drill", "run"), "failover drill list"),
        (("drill", "run", "no-such"), "region-outage"),
        (("drill", "run", "./no-such.yaml"), "no-such.yaml"),
        (("inventory",), "what"),
        (("status", "--journal", "mysql://x"), "sqlite:///PATH"),
        (("lint", "./nowhere.yaml"), "nowhere.yaml"),
        (("report", "--output", "."), "cannot write"),
        (("journal", "export", "--output", "."), "cannot write"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_wrong_input_is_told_in_a_sentence_with_a_remedy(
    drilled: Callable[..., Any], arguments: tuple[str, ...], named: str
) -> None:
    said = drilled(*arguments)
    assert said.code == ExitCode.INVALID
    assert said.out == ""
    assert named in said.err
    assert "failover: " in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("command", [("lint",), ("plan",), ("drill", "run")], ids=" ".join)
def test_a_document_that_is_no_text_is_refused(
    centre: Any, failover: Callable[..., Any], command: tuple[str, ...]
) -> None:
    (centre.folder / "binary.yaml").write_bytes(b"version: 1\nid: \xff\xfe\n")
    said = failover(*command, "./binary.yaml")
    assert said.code == ExitCode.INVALID
    assert "is no UTF-8" in said.out + said.err


def test_what_was_simulated_and_has_ended_can_be_read_and_not_steered(drilled: Callable[..., Any]) -> None:
    execution = drilled("status", "--json").json["execution"][:8]
    for given in (("approve", execution, "declare"), ("retry", execution, "names"), ("abort", execution)):
        said = drilled(*given)
        assert said.code in (ExitCode.INVALID, ExitCode.STOPPED)
        assert said.err.startswith("failover: ")
    assert drilled("status", execution).code == ExitCode.DONE


def test_a_home_that_cannot_be_written_is_named_and_nothing_else_happens(
    centre: Any, failover: Callable[..., Any]
) -> None:
    (centre.folder / "file").write_text("")
    said = failover("drill", "run", SHORT, "--home", "file/home")
    assert said.code != ExitCode.DONE
    assert "file/home" in said.err
    assert "permissions" in said.err
    assert "a fault of ours" not in said.err
    assert failover("list", "--home", "file/home").code == ExitCode.DONE


@pytest.mark.parametrize("commit", [2, 4, 20], ids=["before the run", "on the way", "in the middle"])
def test_a_medium_that_fails_during_a_run_is_what_the_person_hears_of(
    failover: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, commit: int
) -> None:
    commits: list[int] = []
    write = SqliteJournal.append

    def append(journal: SqliteJournal, events: Any) -> None:
        # What is written before the evacuation begins is the preparation of the standby.
        if commits or getattr(events[0].payload, "runbook", "") == "region-evacuation":
            commits.append(len(events))
        if len(commits) == commit:
            raise JournalUnavailable("journal.db", "database or disk is full")
        write(journal, events)

    monkeypatch.setattr(SqliteJournal, "append", append)
    said = failover("drill", "run", SHORT)
    assert len(commits) == commit
    assert said.code == ExitCode.OUR_FAULT
    assert "database or disk is full" in said.err
    assert "Traceback" not in said.out + said.err
    monkeypatch.setattr(SqliteJournal, "append", write)
    assert failover("journal", "verify").code == ExitCode.DONE


def test_piped_output_holds_no_escape_codes(failover: Callable[..., Any]) -> None:
    for given in (("drill", "run", SHORT), ("status",), ("list",), PLAN, ("now",), ("--help",), ("actions",)):
        said = failover(*given)
        assert said.code == ExitCode.DONE, said.err
        assert said.out.strip()
        assert "\x1b" not in said.out + said.err


# --- documents -------------------------------------------------------------------------------------------------------


def test_every_fault_of_a_runbook_is_told_with_its_line(
    failover: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    path = request.config.rootpath / "tests/unit/runbook/documents/many-faults.yaml"
    marked = re.compile(r"RB\d\d")
    expected = [
        (number, code)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for code in marked.findall(line.partition(" #")[2])
    ]
    told = failover("lint", str(path), "--json")
    assert told.code == ExitCode.INVALID
    assert len({code for _, code in expected}) > 10
    assert sorted((fault["line"], fault["code"]) for fault in told.json["faults"]) == expected
    said = failover("lint", str(path))
    assert said.code == ExitCode.INVALID
    for line, code in expected:
        assert re.search(rf"^{re.escape(str(path))}:{line}  {code}  .+  .+$", said.out, re.MULTILINE)


def bomb() -> str:
    """Twenty lines that name a billion entries."""
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(["version: 1", "l0: &l0 [x, x, x, x, x, x, x, x, x, x]", *levels, ""])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("version: 1\nid: large\ndescription: |\n" + "  a line of it\n" * 350_000, "more than", id="5 MB"),
        pytest.param(bomb(), "is an alias", id="aliases"),
        pytest.param("version: 1\nsteps: " + "[" * 5_000 + "]" * 5_000 + "\n", "deep", id="depth"),
    ],
)
@pytest.mark.parametrize(
    "command", [("lint",), ("plan", "--simulate"), ("execute", "--simulate", "--mode", "planned", "--yes")]
)
def test_a_document_beyond_the_limits_is_refused(
    centre: Any, failover: Callable[..., Any], text: str, named: str, command: tuple[str, ...]
) -> None:
    (centre.folder / "huge.yaml").write_text(text)
    name, *options = command
    said = failover(name, "./huge.yaml", *options)
    assert said.code == ExitCode.INVALID
    assert named in said.out + said.err
    assert len(said.out + said.err) < 10_000


# --- the chain -------------------------------------------------------------------------------------------------------


def test_an_export_verifies_and_one_changed_byte_of_it_is_found_and_located(
    centre: Any, drilled: Callable[..., Any]
) -> None:
    path = centre.folder / "export.jsonl"
    assert drilled("journal", "export", "--output", str(path)).code == ExitCode.DONE
    whole = path.read_bytes()
    assert drilled("journal", "verify", str(path)).code == ExitCode.DONE
    starts = [0, *(place + 1 for place, byte in enumerate(whole) if byte == ord("\n"))]
    tried = 0
    for line, (begin, end) in enumerate(pairwise(starts), 1):
        place = begin + (line * 7919) % (end - begin)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        said = drilled("journal", "verify", str(path), "--json")
        assert said.code == ExitCode.FAILED
        # A newline that became another byte joins its line and the next; the break is in the first of them.
        assert f"event {line - 1} " in said.json["error"] or f"after event {line - 2}" in said.json["error"], (
            line,
            said,
        )
        assert (said.json["line"], said.json["seq"]) == (line, line - 1)
        assert said.json["error"].startswith(f"{path}:{line}: ")
        tried += 1
    assert tried > 50


def test_one_changed_byte_of_a_stored_event_is_found_and_located(centre: Any, drilled: Callable[..., Any]) -> None:
    database = sqlite3.connect(centre.folder / ".failover" / "journal.db", isolation_level=None)
    assert drilled("journal", "verify").code == ExitCode.DONE
    for seq in (0, 17, 40):
        (body,) = database.execute("SELECT body FROM events WHERE seq = ?", (seq,)).fetchone()
        place = len(body) // 2
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        database.execute("UPDATE events SET body = ? WHERE seq = ?", (changed, seq))
        said = drilled("journal", "verify")
        assert said.code == ExitCode.FAILED
        assert f"event {seq} " in said.err
        assert drilled("status").code == ExitCode.FAILED, "nothing is read from a broken chain"
        database.execute("UPDATE events SET body = ? WHERE seq = ?", (body, seq))
    database.close()
    assert drilled("journal", "verify").code == ExitCode.DONE
