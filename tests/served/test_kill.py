"""SIGKILL at random moments of a run against a served cloud, in real time; then `resume`, until it ends.

The moments are counted in what others can see of the run, its journal and the server's call log, not in seconds: drawn
from a seed, and as many between a call and its record as after a record.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.journal.replay import Replay
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.journal.verify import verify_stored
from orchestrator.model.chance import SeededChance
from orchestrator.model.errors import ExitCode, InvalidInput
from orchestrator.model.states import StepState

if TYPE_CHECKING:
    from collections.abc import Callable

RUNBOOK = str(Path(__file__).with_name("kill.yaml"))
KILLS = 20
WITHIN_S = 180.0
PLACES = ("standby", "primary")


@dataclass
class Killed:
    """One run that is killed once, and taken up."""

    cloud: Any
    home: Any
    order: tuple[str, ...]

    def __post_init__(self) -> None:
        self.calls_before = len(self.cloud.calls())

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What the server has been asked since."""
        return list(self.cloud.calls()[self.calls_before :])

    def events(self) -> int:
        """How many are in the journal by now."""
        journal = SqliteJournal(self.home.folder / ".failover" / "journal.db")
        try:
            with suppress(InvalidInput):  # it is just being made
                if journal.exists and (known := journal.executions()):
                    return sum(1 for _ in journal.lines(known[0]))
        finally:
            journal.close_connection()
        return 0

    def die_at(self, moment: int, *, by_call: bool) -> None:
        """Run until others see so many events, or calls, and kill."""
        command = self.home.command("execute", *self.order, "--cloud", self.cloud.url, "--mode", "unplanned", "--yes")
        with subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=self.home.folder, env=self.home.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:

            def come() -> bool:
                seen = len(self.calls) if by_call else self.events()
                return seen >= moment or running.poll() is not None

            self.cloud.until(come)
            running.kill()
            running.communicate(timeout=WITHIN_S)

    def taken_up(self) -> Replay:
        """By `resume`; by a new run where the old one had not even begun; not at all where it had ended."""
        journal = SqliteJournal(self.home.folder / ".failover" / "journal.db")
        try:
            begun = journal.executions() if journal.exists else []
            if not begun:
                self.said("execute", *self.order, "--cloud", self.cloud.url, "--mode", "unplanned", "--yes")
            elif not Replay.of(journal.read(begun[0])).ended:
                self.said("resume", begun[0])
            [execution] = journal.executions()
            verify_stored(journal, execution)
            return Replay.of(journal.read(execution))
        finally:
            journal.close_connection()

    def said(self, *arguments: str) -> None:
        """One command that ends well."""
        ended = subprocess.run(  # noqa: S603 - our own command
            self.home.command(*arguments, "--json"), cwd=self.home.folder, env=self.home.environment(),
            capture_output=True, text=True, timeout=WITHIN_S, check=False,
        )  # fmt: skip
        assert ended.returncode == ExitCode.DONE, ended.stdout[-500:] + ended.stderr
        assert json.loads(ended.stdout.splitlines()[-1])["state"].startswith("recovered")


def assert_whole(record: Replay) -> str:
    """How it ended: recovered, or with exceptions that name nothing but an effect that nobody can know of."""
    odd = {step.planned.kind for step in record.steps.values() if step.exceptional}
    assert record.state == "recovered" or odd == {"effect"}, record.reason
    states = {step.state for step in record.steps.values() if step.planned.kind != "effect"}
    assert states <= {StepState.DONE, StepState.ALREADY_SO, StepState.SKIPPED}
    return record.state.value


def writes(calls: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """What was written, by operation and parameters. A level that is published again is not another write."""
    landed = [call for call in calls if call["write"] and call["landed"] and call["operation"] != "PutMetricData"]
    return Counter((call["operation"], call["digest"]) for call in landed)


def test_killed_at_any_moment_a_run_is_taken_up_and_writes_nothing_twice(
    whole: Any, new_centre: Any, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance, ends = SeededChance(3).stream("kills"), Counter[str]()
    for number in range(KILLS):
        to, from_ = PLACES[number % 2], PLACES[1 - number % 2]
        home = new_centre(tmp_path / f"{number}")
        order = (RUNBOOK, "--param", f"word=w{number}", "--to", to, "--from", from_)
        run = Killed(whole, home, order)
        by_call = chance.random() < 0.5
        run.die_at(chance.randint(1, 14) if by_call else chance.randint(0, 33), by_call=by_call)
        ends[assert_whole(run.taken_up())] += 1
        twice = {what: count for what, count in writes(run.calls).items() if count > 1}
        assert twice == {}
        assert len(writes(run.calls)) >= 4
    record_property("campaign", f"kills, short run: {ends.total()}")
    for end, count in ends.items():
        record_property("campaign", f"kills, short run, that ended {end}: {count}")
    assert ends.total() == KILLS


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(20))
def test_killed_at_any_moment_a_region_evacuation_is_taken_up_and_writes_nothing_twice(
    part: int, served: Any, new_centre: Any, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = SeededChance(part).stream("kills")
    order = ("region-evacuation", "--break-glass", "--reason", "drill")
    staffed = new_centre(tmp_path / "server")
    staffed.as_shipped()
    with served(staffed, "--speed", "20") as cloud:
        cloud.ask("POST", "/outages", {"region": "us-east-1"})
        run = Killed(cloud, new_centre(tmp_path / "runner"), order)
        by_call = chance.random() < 0.5
        run.die_at(chance.randint(1, 70) if by_call else chance.randint(0, 90), by_call=by_call)
        end = assert_whole(run.taken_up())
        assert {what: count for what, count in writes(run.calls).items() if count > 1} == {}
    record_property("campaign", "kills, region evacuation: 1")
    record_property("campaign", f"kills, region evacuation, that ended {end}: 1")
