"""Without a live runner a command is the runner: it judges its own request first, and goes on only if that says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from wiring_world import EXECUTION, inventory_of

from orchestrator.actions.catalogue import Catalogue
from orchestrator.cli.main import main
from orchestrator.journal.replay import Replay
from orchestrator.journal.requests import Verb
from orchestrator.model.errors import ExitCode
from orchestrator.model.events import LeaseTaken, RequestAccepted, RequestRefused, payload_of
from orchestrator.wiring.changes import changes
from orchestrator.wiring.home import Home
from orchestrator.wiring.leaving import account
from orchestrator.wiring.resuming import resume_with

if TYPE_CHECKING:
    from wiring_world import Centre


@pytest.fixture
def home(centre: Centre) -> Home:
    """Where a run has paused because nobody answered its first question in time."""
    assert centre.begin().state == "paused"
    home = Home.of(str(centre.folder / ".failover"), None)
    home.inventory.write_text(centre.world.inventory.model_dump_json(by_alias=True))
    return home


def says(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out + said.err


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (("retry", EXECUTION, "second"), "second is waiting, not failed"),
        (("approve", EXECUTION, "first", "--as", "duty"), "no gate is open at first"),
        (("reject", EXECUTION, "second", "--as", "duty"), "no gate is open at second"),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
@pytest.mark.usefixtures("home")
def test_what_is_refused_leaves_the_run_as_it_was_and_ends_4_with_the_rule(
    centre: Centre, capsys: pytest.CaptureFixture[str], given: tuple[str, ...], rule: str
) -> None:
    before = len(centre.events())
    code, told = says(capsys, *given)
    assert (code, told.splitlines()[-1]) == (ExitCode.STOPPED, f"refused: {rule}")
    since = [type(event.payload) for event in centre.events()[before:]]
    assert since == [LeaseTaken, RequestRefused]
    assert Replay.of(centre.events()).state == "paused"


@pytest.mark.parametrize("snapshot", ["another", "broken", "none"])
def test_an_abort_ends_a_run_whatever_became_of_the_inventory(
    centre: Centre, home: Home, capsys: pytest.CaptureFixture[str], snapshot: str
) -> None:
    if snapshot == "another":
        home.inventory.write_text(inventory_of("eu-west-2", "eu-central-1").model_dump_json(by_alias=True))
    elif snapshot == "broken":
        home.inventory.write_text("{")
    else:
        home.inventory.unlink()
    code, _ = says(capsys, "retry", EXECUTION, "first")
    assert code == (ExitCode.STOPPED if snapshot == "another" else ExitCode.INVALID)
    code, told = says(capsys, "abort", EXECUTION, "--reason", "enough")
    assert (code, told.splitlines()[-1]) == (ExitCode.DONE, "accepted")
    assert Replay.of(centre.events()).state == "aborted"


def test_a_note_is_taken_down_and_nothing_goes_on(centre: Centre, home: Home) -> None:
    home.inventory.unlink()
    record = Replay.of(centre.events())
    noted, rule = resume_with(home, record, centre.wish("note", Verb.NOTE), watch=lambda _: lambda _: None)
    assert (noted.state, rule) == ("paused", "")
    assert isinstance(centre.events()[-1].payload, RequestAccepted)


@pytest.mark.parametrize("verb", ["note", "pause", "abort"])
def test_what_takes_no_run_up_needs_no_served_cloud(
    centre: Centre, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    centre.world.simulated, centre.world.served_by = "served at http://127.0.0.1:1: all of it", "a day, seed 1"
    assert centre.begin().state == "paused"
    last = centre.events()[-1].at
    code, told = says(capsys, "resume", EXECUTION)
    assert code == ExitCode.INVALID
    assert "no simulated cloud answers at http://127.0.0.1:1" in told
    code, told = says(capsys, verb, EXECUTION, "--reason", "nobody is there")
    assert (code, told.splitlines()[-1]) == (ExitCode.DONE, "accepted")
    assert centre.events()[-1].at == last
    assert Replay.of(centre.events()).state == ("aborted" if verb == "abort" else "paused")


def test_another_served_cloud_is_a_change_and_so_is_one_that_no_journal_tells_of(centre: Centre) -> None:
    centre.world.served_by = "a day, seed 1"
    centre.begin()
    record = Replay.of(centre.events())
    assert changes(record, centre.world, Catalogue(), cwd=Path.cwd()) == []
    centre.world.served_by = "a day, seed 2"
    told = changes(record, centre.world, Catalogue(), cwd=Path.cwd())
    assert told == ["the served cloud (was a day, seed 1; is a day, seed 2)"]
    created = dict(vars(centre.events()[0].payload))
    del created["served_by"]
    older = payload_of("execution.created", created)
    record.created = older  # type: ignore[assignment] # it is one
    told = changes(record, centre.world, Catalogue(), cwd=Path.cwd())
    assert told == ["the served cloud (was not journalled; is a day, seed 2)"]


@pytest.mark.usefixtures("home")
def test_an_account_that_speaks_for_a_duty_is_on_record_beside_it(
    centre: Centre, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")
    for name in ("duty", account()):
        says(capsys, "note", EXECUTION, "--reason", "said", "--as", name)
        says(capsys, "approve", EXECUTION, "second", "--as", name)
    told = [each.payload for each in centre.events() if isinstance(each.payload, RequestAccepted | RequestRefused)]
    assert [(each.by, each.account) for each in told] == [
        ("duty", account()), ("duty", account()), (account(), ""), (account(), ""),
    ]  # fmt: skip
