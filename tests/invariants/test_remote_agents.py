"""Remote agents, whole: drilled to *recovered*, undone, and never a phone number where anybody could read one."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drills.build import build
from drills.simulator.aws.connect import estate
from drills.simulator.aws.workspaces.backend import desktops
from drills.simulator.cloud import SimulatedCloud
from drills.world import Simulated
from orchestrator.actions.catalogue import Catalogue
from orchestrator.journal.requests import Request, Verb
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.clock import stamp
from orchestrator.model.states import Mode
from orchestrator.wiring.driving import Driver
from orchestrator.wiring.orders import Order, check, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orchestrator.journal.replay import Replay

ROOT = Path(__file__).parents[2]
WEST = "us-west-2"
STEPS = """\
version: 1
id: desks
title: Desktops and phones
owner: someone
review: {every: 180d, last: 2026-11-01}
parameters:
  from: {type: environment, default: primary}
  to: {type: environment, default: standby}
steps:
  desktops:
    action: desktops.start
    with: {region: "${to.region}", desktops: "${to.desktops.ids}"}
    deadline: 15m
  keep-running:
    action: desktops.running_mode
    needs: [desktops]
    with: {region: "${to.region}", desktops: "${to.desktops.ids}", mode: ALWAYS_ON}
    deadline: 15m
  phones:
    action: agents.phone_config
    with:
      region: ${to.region}
      instance: ${to.connect.instance_id}
      users: ${values(to.connect.agent_groups)[].user_ids[]}
      phone: softphone
    deadline: 15m
recovered_when: {}
"""


class Desks:
    """A contact centre with its desktops, and a run of the steps above on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cloud = SimulatedCloud(5, settings_dir=folder / "config")
        (folder / "desks.yaml").write_text(STEPS)

    def begin(self) -> None:
        self.world = Simulated(self.cloud, build(self.cloud, self.folder / "config"))
        self.journal = SqliteJournal(self.folder / "journal.db")
        self.driver = Driver(self.world, self.journal, Catalogue(), lambda _event: None)
        catalogue = Catalogue()
        order = Order(str(self.folder / "desks.yaml"), Mode.PLANNED)
        self.prepared = prepare(check(order, catalogue), self.world, catalogue=catalogue)

    def run(self) -> Replay:
        runner = self.driver.runner(self.prepared.execution, self.prepared.plan.scope)
        return self.driver.drive(runner, self.prepared.created)

    def undo(self) -> Replay:
        runner = self.driver.runner(self.prepared.execution, self.prepared.plan.scope)
        runner.load()
        now = stamp(self.cloud.clock.now())
        runner.first(Request("undo-1", self.prepared.execution, now, "ada", Verb.UNDO, "", "the site is open again"))
        return self.driver.drive(runner)

    def phones(self) -> dict[str, dict[str, Any]]:
        site = estate.site(self.cloud.account, self.world.inventory.standby.connect.instance_id, WEST)
        assert site is not None
        return {agent.name: agent.phone_config for agent in site.agents()}

    def states(self) -> set[tuple[str, str]]:
        return {(desktop.state, desktop.running_mode) for desktop in desktops(self.cloud.account, WEST)}

    def exported(self) -> str:
        return b"".join(self.journal.lines(self.prepared.execution)).decode()

    def sealed(self) -> int:
        with closing(sqlite3.connect(self.folder / "journal.db")) as connection:
            (count,) = connection.execute("SELECT count(*) FROM vault").fetchone()
        return int(count)


@pytest.fixture
def desks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desks]:
    monkeypatch.chdir(ROOT)
    found = Desks(tmp_path)
    with found.cloud:
        found.begin()
        yield found
        found.journal.close_connection()


def test_an_undo_gives_phones_and_desktops_back_and_forgets_the_numbers(desks: Desks) -> None:
    phones, states = desks.phones(), desks.states()
    numbers = {phone["DeskPhoneNumber"] for phone in phones.values() if "DeskPhoneNumber" in phone}
    assert (len(numbers), states) == (20, {("STOPPED", "AUTO_STOP")})

    assert desks.run().state == "recovered"
    assert desks.states() == {("AVAILABLE", "ALWAYS_ON")}
    assert {phone["PhoneType"] for phone in desks.phones().values()} == {"SOFT_PHONE"}
    assert desks.sealed() == 20

    record = desks.undo()
    assert (record.state, desks.phones(), desks.states()) == ("undone", phones, states)
    assert desks.sealed() == 0
    text = desks.exported()
    assert text.count("sealed") >= 20
    assert not [number for number in numbers if number in text]
    files = b"".join(path.read_bytes() for path in desks.folder.glob("journal.db*"))
    assert not [number for number in numbers if number.encode() in files]


def test_a_desktop_that_cannot_start_is_named_and_holds_up_neither_the_others_nor_the_undo(desks: Desks) -> None:
    broken = desktops(desks.cloud.account, WEST)[7]
    broken.settled, broken.turns = "ERROR", []
    record = desks.run()
    assert record.state == "paused"
    assert broken.id in record.steps["desktops"].reason
    assert "1 of 48" in record.steps["desktops"].reason
    assert [each.id for each in desktops(desks.cloud.account, WEST) if each.state != "AVAILABLE"] == [broken.id]
    assert desks.undo().state == "undone"
    assert desks.states() == {("STOPPED", "AUTO_STOP"), ("ERROR", "AUTO_STOP")}


def test_a_number_that_somebody_has_set_since_stops_the_undo_and_is_not_told(desks: Desks) -> None:
    desks.run()
    user = desks.world.inventory.standby.connect.agent_groups["vip"].user_ids[0]
    desks.cloud.door.client("connect", WEST).update_user_config(
        InstanceId=desks.world.inventory.standby.connect.instance_id, UserId=user,
        PhoneNumberConfigs=[{"Channel": "VOICE", "PhoneType": "DESK_PHONE", "PhoneNumber": "+12065550199"}],
    )  # fmt: skip
    record = desks.undo()
    assert record.state == "recovered"
    assert "somebody set it" in desks.exported()
    assert "+1206" not in desks.exported()
    assert desks.states() == {("AVAILABLE", "ALWAYS_ON")}
    assert desks.sealed() == 21  # theirs too, for it was seen


@pytest.mark.parametrize("scenario", ["remote-agents", "remote-agents-region-lost", "voice-only", "dns-only"])
def test_each_drill_of_the_new_runbooks_is_passed(centre: Any, failover: Callable[..., Any], scenario: str) -> None:
    centre.as_shipped()
    drilled = failover("drill", "run", scenario, "--json")
    assert drilled.code == 0, drilled.out + drilled.err
    assert drilled.json["state"] == "recovered"
    exported = failover("journal", "export").out
    assert "+1206555" not in exported
    if scenario.startswith("remote"):
        steps = drilled.json["steps"]
        assert {steps[name]["state"] for name in ("desktops", "keep-running", "phones")} == {"done"}
        before = steps["phones"]["before"]
        assert sum(bool(phone["number"]) for phone in before.values()) == 20


def test_without_desktops_the_drill_of_remote_agents_is_not_passed(centre: Any, failover: Callable[..., Any]) -> None:
    centre.as_shipped()
    scenario = (ROOT / "drills/scenarios/remote-agents.yaml").read_text()
    (centre.folder / "short.yaml").write_text(scenario.replace("live_after: 65m", "live_after: 1m"))
    runbook = centre.folder / "runbooks" / "remote-agents-enable.yaml"
    text = runbook.read_text()
    begins, ends = text.index("  desktops:\n    action: desktops.start"), text.index("  keep-running:\n")
    text = text[:begins] + text[ends:].replace("needs: [desktops]", "needs: [declare]", 1)
    runbook.write_text(text.replace("needs: [desktops, phones]", "needs: [phones]", 1))
    drilled = failover("drill", "run", "./short.yaml", "--json")
    assert drilled.code == 1
    assert "desktops-available" in json.dumps(drilled.json["reasons"])


def test_equal_seeds_seal_alike_whatever_was_in_the_journal_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    exports = []
    for earlier in (False, True):
        folder = tmp_path / f"{earlier}"
        folder.mkdir()
        found = Desks(folder)
        with found.cloud:
            found.begin()
            if earlier:
                found.journal.take_lease("other", "somebody", now=found.cloud.clock.now(), ttl_s=1)
                found.journal.vault("other", lambda: bytes(32)).seal("+12065550100")
            assert found.run().state == "recovered"
            exports.append(found.exported())
            found.journal.close_connection()
    assert exports[0] == exports[1]
    assert exports[0].count("sealed") >= 20
