"""Runbooks against a served cloud: planned, carried out, steered from another terminal, reported as simulated."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.actions import Call
from orchestrator.model.errors import ExitCode, InvalidInput, NotSimulated, RegionUnreachable
from orchestrator.model.events import GateOpened
from orchestrator.wiring.served import address_in, open_served

if TYPE_CHECKING:
    from collections.abc import Callable

RUNBOOK = str(Path(__file__).with_name("runbook.yaml"))
WITHIN_S = 180.0


def test_plan_foresees_what_a_served_cloud_would_see(whole: Any, failover: Callable[..., Any]) -> None:
    said = failover("plan", "region-evacuation", "--mode", "planned", "--cloud", whole.url, "--json")
    assert said.code == ExitCode.DONE, said.err
    assert said.json["simulated"].startswith(f"served at {whole.url}: ")
    assert said.json["not_simulated"] == []
    steps = {step["step"]: step for step in said.json["steps"]}
    assert steps["shift[2]"]["after"] is not None
    assert not [line for line in whole.calls() if line["write"]]


def test_now_speaks_of_a_served_cloud(whole: Any, failover: Callable[..., Any]) -> None:
    said = failover("now", "--cloud", whole.url, "--json")
    assert said.code == ExitCode.DONE, said.err
    assert said.json["cloud"]["simulated"].startswith("served at ")


def test_a_run_goes_on_in_the_servers_time_and_people_answer_it_from_another_terminal(
    whole: Any, centre: Any, failover: Callable[..., Any]
) -> None:
    written_before = len([line for line in whole.calls() if line["write"]])
    with subprocess.Popen(  # noqa: S603 - our own command
        centre.command("execute", RUNBOOK, "--cloud", whole.url, "--mode", "planned", "--yes", "--json"),
        cwd=centre.folder, env=centre.environment(), stdout=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        execution = whole.until(lambda: waiting_in(centre.folder / ".failover" / "journal.db"))
        answered = failover("approve", execution, "say-so", "--as", "duty-manager", "--json")
        assert answered.json["accepted"], answered
        told, _ = running.communicate(timeout=WITHIN_S)
    status = json.loads(told.splitlines()[-1])
    assert (running.returncode, status["state"]) == (ExitCode.DONE, "recovered"), told
    assert status["clock"] == "simulated"
    assert failover("journal", "verify", execution).code == ExitCode.DONE

    written = [line for line in whole.calls() if line["write"]][written_before:]
    assert [line["operation"] for line in written].count("UpdateTrafficDistribution") == 1
    # The lever's level is published again each minute until the answers settle: a repetition, not another write.
    assert {line["operation"] for line in written} == {"PutMetricData", "UpdateTrafficDistribution"}
    assert all(line["landed"] for line in written)
    assert all(sent == {"us-east-1": 50, "us-west-2": 50} for sent in whole.told("/state")["callers"].values())

    report = failover("report", execution, "--format", "md", "--json")
    assert report.code == ExitCode.DONE
    text = next((centre.folder / ".failover" / "reports").glob("*.md")).read_text()
    assert f"**SIMULATED.** Served at {whole.url}: " in text


def waiting_in(place: Path) -> str:
    """The execution that waits for an answer, once there is one."""
    if not place.exists():
        return ""
    journal = SqliteJournal(place)
    try:
        with suppress(InvalidInput):  # it is just being made
            known = journal.executions()
            if known and any(isinstance(event.payload, GateOpened) for event in journal.read(known[0])):
                return known[0]
    finally:
        journal.close_connection()
    return ""


def test_two_clients_at_once_write_each_what_they_have_to_once(whole: Any, centre: Any, new_centre: Any) -> None:
    """Both are after the same subjects; whoever comes second finds them as they shall be."""
    text = Path(RUNBOOK).read_text()
    gate, rest = text.partition("  say-so:")[0], text.partition("  shift:")[2]
    other = new_centre(centre.folder / "other")
    homes = [centre, other]
    for each in homes:
        (each.folder / "move.yaml").write_text(
            f"{gate}  shift:{rest}".replace("needs: [say-so]", "needs: [destination-serves]").replace(
                "percent: 50", "percent: 60"
            )
        )
    before = len(whole.calls("UpdateTrafficDistribution"))
    running = [
        subprocess.Popen(  # noqa: S603 - our own command
            each.command("execute", "./move.yaml", "--cloud", whole.url, "--mode", "planned", "--yes", "--json"),
            cwd=each.folder, env=each.environment(), stdout=subprocess.PIPE, text=True,
        )
        for each in homes
    ]  # fmt: skip
    for each in running:
        told, _ = each.communicate(timeout=WITHIN_S)
        assert json.loads(told.splitlines()[-1])["state"] == "recovered"
        assert each.returncode == ExitCode.DONE
    written = whole.calls("UpdateTrafficDistribution")[before:]
    assert 1 <= len(written) <= len(homes)
    assert len({line["digest"] for line in written}) == 1


def test_a_region_that_is_lost_is_unreachable_and_no_fault_of_the_simulator(whole: Any) -> None:
    calls = [Call("connect", "ListInstances", region) for region in ("us-east-1", "us-west-2")]
    with open_served(whole.url, home=Path("/nonexistent")) as world:
        hands = world.hands(calls)
        assert hands.client("connect", "us-east-1").list_instances()["InstanceSummaryList"]
        whole.ask("POST", "/outages", {"region": "us-east-1"})
        with pytest.raises(RegionUnreachable) as lost:
            hands.client("connect", "us-east-1").list_instances()
        assert hands.client("connect", "us-west-2").list_instances()["InstanceSummaryList"]
    assert lost.value.code == "EndpointConnectionError"
    assert not lost.value.sent


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://nowhere.invalid:8400", "http://", "http:simulated"])
def test_where_nobody_serves_a_cloud_a_command_says_so(failover: Callable[..., Any], url: str) -> None:
    said = failover("plan", "region-evacuation", "--mode", "planned", "--cloud", url)
    assert said.code == ExitCode.INVALID
    assert f"no simulated cloud answers at {url.rstrip('/')}" in said.err
    assert "failover simulate serve" in said.err


def test_what_answers_but_is_no_control_port_is_told_from_one(whole: Any, failover: Callable[..., Any]) -> None:
    url = whole.identity["endpoints"]["us-west-2"]
    said = failover("plan", "region-evacuation", "--mode", "planned", "--cloud", url)
    assert said.code == ExitCode.INVALID
    assert "is no simulated cloud" in said.err


def test_the_address_is_read_back_from_the_label_of_a_run() -> None:
    assert address_in("served at http://127.0.0.1:8400: the AWS cloud") == "http://127.0.0.1:8400"
    assert address_in("the AWS cloud (moto, extended)") == ""
    assert address_in("") == ""


def test_a_served_cloud_needs_no_simulator_where_the_client_is(whole: Any, centre: Any) -> None:
    script = (
        "import sys\nfrom orchestrator.cli.main import main\ntry:\n    main(sys.argv[1:])\n"
        "except SystemExit as ended:\n    heavy = {'moto', 'drills', 'pulumi', 'greenlet', 'time_machine', 'dnslib'}\n"
        "    print(ended.code, sorted(heavy & set(sys.modules)))\n"
    )
    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", script, "plan", "region-evacuation", "--mode", "planned", "--cloud", whole.url],
        cwd=centre.folder, env=centre.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ended.stdout.splitlines()[-1] == "0 []"


def test_what_nobody_has_simulated_ends_a_client_as_such_and_not_as_an_outage(whole: Any) -> None:
    call = Call("connect", "ListPrompts", "us-west-2")
    with open_served(whole.url, home=Path("/nonexistent")) as world:
        with pytest.raises(NotSimulated) as ended:
            world.hands([call]).client("connect", "us-west-2").list_prompts(InstanceId="any")
        assert ended.value.exit_code == ExitCode.INCONCLUSIVE
        assert world.mark_of("connect", "ListPrompts") == ""
        assert world.mark_of("connect", "UpdateTrafficDistribution") == "extended"


def test_a_region_that_is_not_served_is_named(whole: Any) -> None:
    call = Call("connect", "ListInstances", "eu-west-2")
    with (
        open_served(whole.url, home=Path("/nonexistent")) as world,
        pytest.raises(InvalidInput, match="has no eu-west-2, which connect would need"),
    ):
        world.hands([call]).client("connect", "eu-west-2").list_instances()


def test_pauses_and_deadlines_are_the_servers(whole: Any) -> None:
    """A minute there is a second here: the clock of a client agrees with the server's, and so do its waits."""
    with open_served(whole.url, home=Path("/nonexistent")) as world:
        began_s, then = time.monotonic(), world.clock.now()
        world.clock.pause(30)
        took_s, passed_s = time.monotonic() - began_s, (world.clock.now() - then).total_seconds()
    assert passed_s >= 30
    assert took_s < passed_s / 10
