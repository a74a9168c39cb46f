"""Runbooks against a served cloud: planned, carried out, steered from another terminal, reported as simulated."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model.actions import Call
from orchestrator.model.errors import ExitCode, InvalidInput, NotSimulated, RegionUnreachable
from orchestrator.model.events import GateOpened, Sample
from orchestrator.model.samples import Sampled
from orchestrator.wiring.served import address_in, open_served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    [snapshot] = [fact["answer"] for fact in said.json["can_act"] if fact["what"] == "inventory"]
    assert "h" not in snapshot.partition(", ")[2].partition(" old")[0], "it was taken when the cloud began to live"
    answers = [fact["answer"] for region in said.json["regions"] for fact in region["facts"]]
    assert answers
    assert [each for each in answers if "no answer within" in each] == [], (
        "the machine's seconds count, not the server's"
    )


def test_a_run_goes_on_in_the_servers_time_and_people_answer_it_from_another_terminal(
    whole: Any, centre: Any, failover: Callable[..., Any]
) -> None:
    written_before = len([line for line in whole.calls() if line["write"]])
    with subprocess.Popen(  # noqa: S603 - our own command
        centre.command("execute", RUNBOOK, "--cloud", whole.url, "--mode", "planned", "--yes", "--json"),
        cwd=centre.folder, env=centre.environment(), stdout=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        execution = whole.until(lambda: waiting_in(centre.folder / ".failover" / "journal.db"))
        whole.until(lambda: sampled(centre, Sampled.CALLS))
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
    assert "## Calls per minute (modelled)" in text

    told = reported(failover, execution)
    plan = failover("plan", RUNBOOK, "--cloud", whole.url, "--mode", "planned", "--json").json
    assert len(told["endpoints"]) > 1
    assert set(told["endpoints"]) <= set(plan["endpoints"])
    assert told["marks"]["connect:UpdateTrafficDistribution"] == "extended"
    assert set(told["marks"].values()) <= {"extended", "moto"}
    assert told["calls"]["basis"] == "modelled"
    assert sum(minute["answered"] for minute in told["calls"]["minutes"]) > 0


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


def sampled(centre: Any, name: Sampled) -> list[dict[str, Any]]:
    """The values of every sample of this name that the one run here has told."""
    journal = SqliteJournal(centre.folder / ".failover" / "journal.db")
    try:
        events = [event.payload for event in journal.read(journal.executions()[0])]
    finally:
        journal.close_connection()
    return [dict(each.values) for each in events if isinstance(each, Sample) and each.name == name]


def reported(failover: Callable[..., Any], execution: str) -> Any:
    said = failover("report", execution, "--format", "json", "--output", "-")
    assert said.code == ExitCode.DONE, said.err
    return json.loads(said.out)


def minutes_after(minute: str, whole: Any) -> set[str]:
    """Later minutes that the server has counted."""
    return {each["minute"] for each in whole.told("/state")["minutes"] if each["minute"] > minute}


@contextmanager
def waiting(whole: Any, centre: Any) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A run that only asks somebody, once it has asked, and has told of its first callers; and its id."""
    text = Path(RUNBOOK).read_text()
    asks, _, rest = text.partition("  shift:")
    (centre.folder / "asks.yaml").write_text(asks + rest[rest.index("recovered_when:") :])
    with subprocess.Popen(  # noqa: S603 - our own command
        centre.command("execute", "./asks.yaml", "--cloud", whole.url, "--mode", "planned", "--yes", "--json"),
        cwd=centre.folder, env=centre.environment(), stdout=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        try:
            execution = whole.until(lambda: waiting_in(centre.folder / ".failover" / "journal.db"))
            whole.until(lambda: sampled(centre, Sampled.CALLS))
            yield running, execution
        finally:
            running.kill()


def test_an_outage_is_in_the_record_of_a_run_from_its_beginning_to_its_end(
    whole: Any, centre: Any, failover: Callable[..., Any]
) -> None:
    with waiting(whole, centre) as (running, execution):
        assert sampled(centre, Sampled.OUTAGE) == []
        whole.ask("POST", "/outages", {"region": "us-east-1"})
        whole.until(lambda: any(minute["swallowed"] for minute in sampled(centre, Sampled.CALLS)))
        whole.ask("DELETE", "/outages/us-east-1")
        whole.until(lambda: len(sampled(centre, Sampled.OUTAGE)) == 2)
        assert failover("approve", execution, "say-so", "--as", "duty-manager", "--json").json["accepted"]
        running.communicate(timeout=WITHIN_S)
        assert running.returncode == ExitCode.DONE
    outage = whole.told("/outages")["outages"][-1]
    told = sampled(centre, Sampled.OUTAGE)
    assert [(each["at"], each["faults"]) for each in told] == [
        (outage["from"], ["region-outage us-east-1"]), (outage["until"], []),
    ]  # fmt: skip
    report = reported(failover, execution)
    assert report["outage_at"] == outage["from"]
    assert report["calls"]["since_outage"]["lost"] > 0
    callers = next(felt for felt in report["faults"] if felt["victim"] == "caller")
    assert callers["count"] >= sum(minute["swallowed"] for minute in report["calls"]["minutes"])


def test_a_run_in_an_outage_counts_the_calls_lost_before_it(
    whole: Any, centre: Any, failover: Callable[..., Any]
) -> None:
    whole.ask("POST", "/outages", {"region": "us-east-1"})
    whole.until(lambda: sum(1 for each in whole.told("/state")["minutes"][-6:] if each["swallowed"]) > 2)
    with waiting(whole, centre) as (_, execution):
        pass
    report = reported(failover, execution)
    assert report["outage_at"] == whole.told("/outages")["outages"][-1]["from"]
    minutes = [minute["at"] for minute in report["calls"]["minutes"]]
    assert minutes[0] < report["outage_at"] < report["started_at"]
    assert report["calls"]["since_outage"]["lost"] > 0


def test_a_run_that_was_killed_goes_on_telling_where_it_was_and_repeats_no_minute(
    whole: Any, centre: Any, failover: Callable[..., Any]
) -> None:
    with waiting(whole, centre) as (running, execution):
        running.kill()
        running.wait(WITHIN_S)
        before = [minute["minute"] for minute in sampled(centre, Sampled.CALLS)]
        assert sampled(centre, Sampled.CALL_MARKS) == [], "who is killed tells of no calls"
        whole.until(lambda: len(minutes_after(before[-1], whole)) > 1)
    with subprocess.Popen(  # noqa: S603 - our own command
        centre.command("resume", execution, "--json"), cwd=centre.folder, env=centre.environment(),
        stdout=subprocess.PIPE, text=True,
    ) as again:  # fmt: skip
        whole.until(lambda: len(sampled(centre, Sampled.CALLS)) > len(before) + 1)
        assert failover("approve", execution, "say-so", "--as", "duty-manager", "--json").json["accepted"]
        again.communicate(timeout=WITHIN_S)
        assert again.returncode == ExitCode.DONE
    minutes = [datetime.fromisoformat(minute["minute"]) for minute in sampled(centre, Sampled.CALLS)]
    steps = {later - earlier for earlier, later in pairwise(minutes)}
    assert steps == {timedelta(minutes=1)}, "none twice, none left out"
    assert reported(failover, execution)["marks"] != {}
    assert failover("journal", "verify", execution).code == ExitCode.DONE


def test_a_note_on_a_run_that_nobody_runs_tells_of_no_callers(
    whole: Any, centre: Any, failover: Callable[..., Any]
) -> None:
    with waiting(whole, centre) as (running, execution):
        running.kill()
        running.wait(WITHIN_S)
    before = sampled(centre, Sampled.CALLS)
    whole.until(lambda: minutes_after(before[-1]["minute"], whole))
    assert failover("note", execution, "--reason", "nobody is here", "--json").json["accepted"]
    assert sampled(centre, Sampled.CALLS) == before


@pytest.mark.parametrize("leaving", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_who_leaves_waits_for_no_server_that_says_nothing(
    whole: Any, centre: Any, failover: Callable[..., Any], leaving: signal.Signals
) -> None:
    """The server stands still while the client ends, so nothing that the client waited for could come."""
    with waiting(whole, centre) as (running, execution):
        whole.process.send_signal(signal.SIGSTOP)
        try:
            running.send_signal(leaving)
            told, _ = running.communicate(timeout=WITHIN_S)
        finally:
            whole.process.send_signal(signal.SIGCONT)
        assert running.returncode == ExitCode.STOPPED
        assert json.loads(told.splitlines()[-1])["state"] == "paused"
    report = reported(failover, execution)
    assert report["marks"] == {"connect:ListInstances": "extended"}
    assert report["endpoints"] == ["connect.us-west-2.amazonaws.com"]


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
