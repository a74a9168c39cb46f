"""A run from several terminals: asked, paused, taken up, undone; each command in words, codes and the journal."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from orchestrator.cli.watch import LOOK_EVERY_S as WATCH_EVERY_S
from orchestrator.model import events as ev
from orchestrator.model.errors import ExitCode
from orchestrator.wiring.keeping import LOOK_EVERY_S as KEEP_EVERY_S
from orchestrator.wiring.leaving import account

if TYPE_CHECKING:
    from terminals import Terminals


def left(terminals: Terminals) -> None:
    """A run that somebody has paused at its first question, and whose process is gone."""
    running = terminals.execute()
    running.terminate()
    assert terminals.ends(running)[0] == ExitCode.STOPPED


# --- requests --------------------------------------------------------------------------------------------------------


def beside(name: str) -> str:
    """As the live view names somebody: with the account that really asked."""
    return f"{name} (account {account()})"


def test_each_request_is_in_the_other_terminals_watch_and_in_the_report_with_who_and_when(terminals: Terminals) -> None:
    assert WATCH_EVERY_S + KEEP_EVERY_S < 1, "or nobody hears of it within a second"
    running = terminals.execute()
    watching = terminals.start("watch")
    assert terminals.says("note", "--reason", "phones are quiet", by="ada").code == ExitCode.DONE
    assert terminals.says("approve", "say-so", by="eve").code == ExitCode.STOPPED
    assert terminals.says("switch-mode", "--reason", "it is gone", by="ada").code == ExitCode.DONE
    assert terminals.says("skip", "first", "--reason", "no time", by="ada").code == ExitCode.DONE
    terminals.approved("say-so", "duty", "deputy")
    terminals.until(lambda: terminals.waits_at("last-word"))
    assert terminals.says("pause", "--reason", "breathe", by="ada").code == ExitCode.DONE
    assert terminals.says("resume", by="ada").code == ExitCode.DONE
    assert terminals.says("abort", "--reason", "enough", by="ada").code == ExitCode.DONE
    assert terminals.ends(running)[0] == ExitCode.STOPPED
    code, told, _ = terminals.ends(watching)
    assert code == ExitCode.STOPPED
    lines = [line.partition("  ")[2] for line in told.splitlines()]
    seen = [
        f"{beside('ada')} notes: phones are quiet",
        f"{beside('eve')} asked to approve say-so: refused, only duty, deputy may answer",
        f"{beside('ada')} asked to switch-mode the run: accepted: it is gone",
        "first skipped: skipped by ada: no time",
        f"{beside('deputy')} asked to approve say-so: accepted",
        "run paused: paused by ada: breathe",
        f"{beside('ada')} asked to resume the run: accepted",
        "run aborted: aborted by ada: enough",
    ]
    assert [line for line in lines if line in seen] == seen
    report = terminals.failover("report", terminals.execution, "--format", "json", "--output", "-").out
    wishes = [(wish["by"], wish["verb"], wish["accepted"]) for wish in json.loads(report)["requests"]]
    assert wishes == [
        ("ada", "note", True), ("eve", "approve", False), ("ada", "switch-mode", True), ("ada", "skip", True),
        ("duty", "approve", True), ("deputy", "approve", True), ("ada", "pause", True), ("ada", "resume", True),
        ("ada", "abort", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [("note",), ("note", "--reason", " "), ("skip", "first"), ("approve", "say-so", "--break-glass"),
     ("reject", "say-so", "--break-glass", "--reason", "no")],
    ids=" ".join,
)  # fmt: skip
def test_what_needs_a_reason_or_makes_no_sense_is_wrong_input(terminals: Terminals, given: tuple[str, ...]) -> None:
    left(terminals)
    before = len(terminals.events())
    assert terminals.says(*given).code == ExitCode.INVALID
    assert len(terminals.events()) == before


def test_now_names_who_runs_it_whom_it_waits_for_and_what_to_type(terminals: Terminals) -> None:
    running = terminals.execute()
    [going] = terminals.failover("now", "--json").json["running"]
    assert going["holder"] == f"process {running.pid} on {os.uname().nodename}"
    assert going["waits_for"].startswith("duty, deputy at say-so until ")
    execution = terminals.execution
    assert going["commands"] == [f"failover approve {execution} say-so --as duty", f"failover watch {execution}"]
    running.terminate()
    terminals.ends(running)
    [going] = terminals.failover("now", "--json").json["running"]
    assert (going["holder"], f"failover resume {execution}" in going["commands"]) == ("nobody", True)
    assert f"failover resume {execution}" in terminals.failover("now").out


# --- watch -----------------------------------------------------------------------------------------------------------


def test_a_view_of_what_is_over_tells_the_end_and_ends_as_execute_would(terminals: Terminals) -> None:
    running = terminals.execute()
    terminals.goes_through()
    assert terminals.ends(running)[0] == ExitCode.DONE
    said = terminals.failover("watch")
    assert (said.code, "State      RECOVERED" in said.out) == (ExitCode.DONE, True)
    lines = terminals.failover("watch", "--json").out.splitlines()
    assert len(lines) == len(terminals.events()) + 1
    assert json.loads(lines[0])["type"] == "execution.created"
    assert json.loads(lines[-1])["state"] == "recovered"


def test_who_leaves_a_view_leaves_the_run_alone(terminals: Terminals) -> None:
    running = terminals.execute()
    watching = terminals.start("watch")
    assert watching.stdout is not None
    assert any("say-so asks" in line for line in watching.stdout)
    watching.send_signal(2)
    code, out, err = terminals.ends(watching)
    assert (code, err) == (ExitCode.STOPPED, "")
    assert "the view is left; the execution goes on" in out
    terminals.goes_through()
    assert terminals.ends(running)[0] == ExitCode.DONE


def test_without_a_name_the_execution_is_watched_that_somebody_runs(terminals: Terminals) -> None:
    running = terminals.execute()
    held = terminals.execution
    beside = terminals.start(*terminals.order())
    terminals.until(lambda: terminals.execution != held and terminals.waits_at("say-so"), beside)
    beside.terminate()
    terminals.ends(beside)
    watching = terminals.start("watch", "--json")
    assert watching.stdout is not None
    assert json.loads(watching.stdout.readline())["execution"] == held
    running.terminate()


# --- break-glass -----------------------------------------------------------------------------------------------------


def test_one_person_alone_goes_on_with_a_reason_and_the_report_demands_a_review(terminals: Terminals) -> None:
    running = terminals.execute()
    given = ("approve", "say-so", "--break-glass", "--reason", "nobody else is awake")
    assert terminals.says(*given, by="eve").code == ExitCode.DONE
    terminals.until(lambda: terminals.waits_at("last-word"))
    terminals.approved("last-word", "duty")
    code, told, _ = terminals.ends(running)
    assert code == ExitCode.DONE
    assert "say-so approved by eve alone, BREAK-GLASS, to be reviewed: nobody else is awake" in told
    told_of = [(each.to, each.reason) for each in terminals.told(ev.GateEscalated)]
    assert told_of == [(name, "break-glass by eve: nobody else is awake") for name in ("duty", "deputy")]
    report = ("report", terminals.execution, "--format", "md", "--output", "-")
    assert "## Break-glass: review required" in terminals.failover(*report).out
    assert terminals.says("note", "--reason", "review: it was right", by="boss").code == ExitCode.DONE
    told = terminals.failover(*report).out
    assert "## Break-glass: reviewed" in told
    assert f"by {beside('boss')}: it was right" in told


def test_a_run_that_began_with_a_broken_glass_takes_anybodys_yes_and_nobody_elses_no(terminals: Terminals) -> None:
    assert terminals.failover(*terminals.order("--break-glass")).code == ExitCode.INVALID
    running = terminals.execute("--break-glass", "--reason", "the phones are dead")
    assert terminals.says("reject", "say-so", by="eve").code == ExitCode.STOPPED
    assert terminals.says("approve", "say-so", by="eve").code == ExitCode.DONE
    terminals.until(lambda: terminals.waits_at("last-word"))
    terminals.approved("last-word", "duty")
    assert terminals.ends(running)[0] == ExitCode.DONE
    answers = [(each.step, each.by, each.reason, each.break_glass) for each in terminals.told(ev.GateAnswered)]
    assert answers == [
        ("say-so", "eve", "the phones are dead", True),
        ("last-word", "duty", "the phones are dead", False),
    ]


# --- taken up again --------------------------------------------------------------------------------------------------


def test_what_has_changed_since_is_named_and_the_run_goes_on_only_if_somebody_says_so(terminals: Terminals) -> None:
    left(terminals)
    terminals.runbook.write_text(terminals.runbook.read_text() + "# mended\n")
    snapshot = json.loads(terminals.snapshot.read_text())
    snapshot["global"]["run_table"] = "another"
    from orchestrator.model.inventory import Inventory  # noqa: PLC0415 - this test's only

    other = Inventory.model_validate(snapshot).sealed()
    terminals.snapshot.write_text(other.model_dump_json(by_alias=True))
    created = terminals.record().created
    assert created is not None
    for verb in ("resume", "retry", "approve", "switch-mode", "undo"):
        said = terminals.says(verb, *(["say-so"] if verb in ("retry", "approve") else []))
        assert said.code == ExitCode.STOPPED
        assert f"the runbook {terminals.runbook} (was {created.runbook_sha256[:12]}, is " in said.err
        assert f"the inventory (was {created.inventory_sha256[:12]}, is {other.digest[:12]}" in said.err
        assert "the plan (" not in said.err, "it reads nothing of what has changed"
    assert terminals.says("note", "--reason", "so it is").code == ExitCode.DONE
    taken = terminals.start("resume", terminals.execution, "--reason", "now", "--despite-changes", "--as", "ada")
    terminals.until(lambda: terminals.holder() and terminals.waits_at("say-so"), taken)
    terminals.goes_through()
    assert terminals.ends(taken)[0] == ExitCode.DONE
    [resumed] = [each for each in terminals.told(ev.RequestAccepted) if each.verb == "resume"]
    assert resumed.reason.startswith(f"now; despite changes: the runbook {terminals.runbook} (was ")


def test_a_plan_that_would_be_another_now_is_named(terminals: Terminals, monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestrator.actions.change import StackConfig  # noqa: PLC0415 - this test's only

    left(terminals)
    monkeypatch.setattr(StackConfig, "kind", "effect")
    said = terminals.says("resume")
    assert said.code == ExitCode.STOPPED
    assert "the plan (was " in said.err
    assert "the runbook" not in said.err.replace("from the journalled runbook", "")


def test_a_runbook_that_is_gone_has_changed(terminals: Terminals) -> None:
    left(terminals)
    terminals.runbook.unlink()
    said = terminals.says("resume")
    assert (said.code, f"is not at {terminals.runbook}" in said.err) == (ExitCode.STOPPED, True)


def test_without_a_runner_switching_a_paused_run_is_written_down_and_takes_it_up_later(terminals: Terminals) -> None:
    left(terminals)
    said = terminals.says("switch-mode", "--reason", "it is gone")
    assert (said.code, said.out.splitlines()[-1]) == (ExitCode.DONE, "accepted")
    assert (terminals.record().mode, terminals.record().state) == ("unplanned", "paused")


# --- undo ------------------------------------------------------------------------------------------------------------


def test_what_is_over_is_given_back_and_ends_0_then_4_for_nothing_is_left(terminals: Terminals) -> None:
    terminals.config("first").write_text('{"mine": "own"}')
    running = terminals.execute()
    terminals.goes_through()
    terminals.ends(running)
    assert terminals.values("first") == {"mine": "own", "here": "there"}
    said = terminals.says("undo", "--reason", "all is well")
    assert said.code == ExitCode.DONE, said.err
    assert (terminals.values("first"), terminals.values("second")) == ({"mine": "own"}, {})
    again = terminals.says("undo")
    assert again.code == ExitCode.STOPPED
    assert "refused: the execution has been undone already" in again.out
    report = terminals.failover("report", terminals.execution, "--format", "md", "--output", "-").out
    given_back = report.partition("## Given back")[2].partition("## ")[0]
    assert "stack-config:first" in given_back
    assert "| duty |" in given_back
    assert terminals.failover("watch").code == ExitCode.FAILED, "as `execute` would end"


def test_a_value_that_somebody_else_has_set_is_named_and_nothing_is_written(terminals: Terminals) -> None:
    running = terminals.execute()
    terminals.goes_through()
    terminals.ends(running)
    terminals.config("first").write_text('{"here": "elsewhere"}')
    said = terminals.says("undo")
    assert said.code == ExitCode.STOPPED
    assert 'refused: first: stack-config:first is {"here": "elsewhere"}' in said.out
    assert (terminals.values("first"), terminals.values("second")) == ({"here": "elsewhere"}, {"here": "there"})
    assert terminals.record().state == "recovered"


def test_a_run_that_goes_on_is_not_undone(terminals: Terminals) -> None:
    running = terminals.execute()
    said = terminals.says("undo")
    assert (said.code, "pause or abort it first" in said.out) == (ExitCode.STOPPED, True)
    running.terminate()
    assert isinstance(running, subprocess.Popen)


def test_while_a_run_is_being_undone_notes_are_taken_down_and_the_lease_is_kept(terminals: Terminals) -> None:
    running = terminals.execute()
    terminals.goes_through()
    terminals.ends(running)
    path, left = terminals.config("second"), terminals.config("second").read_text()
    path.unlink()
    pipe = terminals.pipe("second")
    answer = os.open(pipe, os.O_RDWR)  # which waits for no reader
    undoing = terminals.start("undo", terminals.execution, "--reason", "all is well", "--as", "duty")
    terminals.until(lambda: terminals.reads(undoing, pipe), undoing)
    for _ in range(2):
        assert terminals.says("note", "--reason", "phones are quiet").code == ExitCode.DONE
    assert terminals.says("abort", "--reason", "enough").code == ExitCode.STOPPED
    assert str(terminals.holder()).startswith(f"process {undoing.pid} on ")
    pipe.unlink()
    path.write_text(left)
    os.write(answer, left.encode())
    os.close(answer)
    assert terminals.ends(undoing)[0] == ExitCode.DONE
    assert terminals.values("second") == {}


def test_an_abort_is_answered_at_once_also_while_a_call_is_in_flight(terminals: Terminals) -> None:
    pipe = terminals.pipe("first")
    answer = os.open(pipe, os.O_RDWR)
    running = terminals.execute()
    terminals.approved("say-so", "duty", "deputy")
    terminals.until(lambda: terminals.reads(running, pipe), running)
    assert terminals.says("abort", "--reason", "enough").code == ExitCode.DONE
    assert terminals.record().state == "aborted"
    pipe.unlink()
    os.write(answer, b"{}")
    os.close(answer)
    assert terminals.ends(running)[0] == ExitCode.STOPPED
    assert terminals.values("first") is None
