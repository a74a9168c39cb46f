"""Steering from another terminal: the runner's word is told as it is, with a live runner and without one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.cli.main import main
from orchestrator.journal.chain import Chain
from orchestrator.journal.replay import Replay
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.clock import SystemClock
from orchestrator.model.errors import ExitCode
from orchestrator.model.events import ExecutionCreated, ExecutionMoved, Payload, StepSettled, StepStarted
from orchestrator.model.plan import PlannedStep
from orchestrator.model.states import StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

AT = "2026-11-22T03:00:00.000Z"
ITEM = {"title": "t", "action": "people.approve", "kind": "gate", "params": {}}
PLAN = (
    PlannedStep(key="first", step="first", **ITEM),
    PlannedStep(key="second", step="second", needs=("first",), **ITEM),
)


class Terminal:
    """A state folder with one execution that has paused, because its first step failed, and the command line."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.journal, self._capsys = SqliteJournal(folder / ".failover" / "journal.db"), capsys

    def record(self, *, simulated: str = "") -> None:
        created = ExecutionCreated(
            runbook="r", title="t", mode="planned", clock="real", simulated=simulated,
            seed=1 if simulated else None, runbook_sha256="",
            inventory_sha256="that of the beginning", plan_sha256="", source="", environments={}, parameters={},
            objectives={}, plan=tuple(step.record() for step in PLAN), verification=(),
        )  # fmt: skip
        chain = Chain("a-run")
        failed = StepSettled("first", StepState.FAILED, "nobody answered")
        story: tuple[Payload, ...] = (
            created, ExecutionMoved("running"), StepStarted("first"), failed, ExecutionMoved("paused", "first failed"),
        )  # fmt: skip
        self.journal.append([chain.next(payload, at=AT, actor="runner") for payload in story])

    def says(self, *arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = self._capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(ended.value.code or 0), said.out + said.err

    def state(self) -> str:
        return Replay.of(self.journal.read("a-run")).state.value

    def held(self) -> None:
        self.journal.take_lease("a-run", "somebody", now=SystemClock().now(), ttl_s=3600)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    monkeypatch.chdir(tmp_path)
    for name in ("FAILOVER_HOME", "FAILOVER_JOURNAL", "FAILOVER_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    own = Terminal(tmp_path, capsys)
    own.record()
    yield own
    own.journal.close_connection()


@pytest.fixture
def runner(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[float]]:
    """A live runner that answers at the first moment in which the asker waits; it returns for how long that was."""

    def answers(answer: str) -> list[float]:
        terminal.held()
        waited: list[float] = []

        def pause(_: Any, seconds: float) -> None:
            waited.append(seconds)
            for wish in terminal.journal.pending("a-run") if answer else ():
                terminal.journal.close(wish.id, answer)

        monkeypatch.setattr(SystemClock, "pause", pause)
        return waited

    return answers


# --- with a live runner ----------------------------------------------------------------------------------------------


def test_what_a_live_runner_granted_ends_0(terminal: Terminal, runner: Callable[[str], list[float]]) -> None:
    waited = runner("accepted")
    assert terminal.says("retry", "a-run", "first") == (ExitCode.DONE, "accepted\n")
    assert sum(waited) < 1


def test_what_a_live_runner_refused_ends_4_with_the_rule(
    terminal: Terminal, runner: Callable[[str], list[float]]
) -> None:
    runner("first is done, not failed")
    assert terminal.says("retry", "a-run", "first") == (ExitCode.STOPPED, "refused: first is done, not failed\n")
    code, told = terminal.says("retry", "a-run", "first", "--json")
    assert code == ExitCode.STOPPED
    assert (json.loads(told)["accepted"], json.loads(told)["rule"]) == (False, "first is done, not failed")


def test_what_a_runner_does_not_answer_is_withdrawn(terminal: Terminal, runner: Callable[[str], list[float]]) -> None:
    runner("")
    code, told = terminal.says("retry", "a-run", "first")
    assert code == ExitCode.STOPPED
    assert "the runner has not answered within 5 s: withdrawn" in told
    assert terminal.journal.pending("a-run") == []


def test_who_stops_waiting_withdraws_what_was_asked(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Any, _seconds: float) -> None:
        raise KeyboardInterrupt

    terminal.held()
    monkeypatch.setattr(SystemClock, "pause", interrupted)
    assert terminal.says("abort", "a-run")[0] == ExitCode.STOPPED
    assert terminal.journal.pending("a-run") == []


# --- without one: the command is the runner --------------------------------------------------------------------------


def test_an_abort_ends_a_run_and_0_whoever_carries_it_out(terminal: Terminal) -> None:
    code, told = terminal.says("abort", "a-run", "--reason", "enough")
    assert (code, told.splitlines()[-1]) == (ExitCode.DONE, "accepted")
    assert terminal.state() == "aborted"
    assert terminal.journal.holder("a-run", now=SystemClock().now()) is None
    assert terminal.says("abort", "a-run")[0] == ExitCode.STOPPED


def test_a_simulated_run_is_never_steered_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    terminal = Terminal(tmp_path, capsys)
    terminal.record(simulated="all of it")
    for held in (False, True):
        if held:
            terminal.held()
        code, told = terminal.says("abort", "a-run")
        assert code == ExitCode.INVALID
        assert "lives in its own process" in told
        assert terminal.journal.pending("a-run") == []
    terminal.journal.close_connection()


@pytest.mark.parametrize("given", [("--as", "\udcff"), ("--reason", "\udcff")], ids=" ".join)
def test_a_name_or_reason_that_is_no_text_is_wrong_input(terminal: Terminal, given: tuple[str, str]) -> None:
    code, told = terminal.says("abort", "a-run", *given)
    assert code == ExitCode.INVALID
    assert r"'\udcff' is no UTF-8" in told


def test_an_actor_from_the_environment_that_is_no_text_is_wrong_input(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILOVER_ACTOR", "\udcff")
    code, told = terminal.says("abort", "a-run")
    assert code == ExitCode.INVALID
    assert "the actor" in told


@pytest.mark.parametrize("home", [(), ("--home", "an other")])
def test_commands_to_type_name_the_journal_and_the_home_that_were_given(
    terminal: Terminal, home: tuple[str, ...]
) -> None:
    place = f"sqlite:///{terminal.journal.path}"
    given = (*home, "--journal", place)
    typed = f"{' --home ' + repr(home[1]) if home else ''} --journal {place}"
    for command in (("status", "a-run"), ("now",)):
        told = terminal.says(*command, *given)[1].replace("\n  ", " ")
        assert f"failover retry a-run first{typed}" in told
        assert f"failover abort a-run{typed}" in told
    assert f"failover watch a-run{typed}" in told
    terminal.says("abort", "a-run", *given)
    assert f"report: failover report a-run{typed}\n" in terminal.says("watch", "a-run", *given)[1]
    assert "--journal" not in terminal.says("status", "a-run")[1]
