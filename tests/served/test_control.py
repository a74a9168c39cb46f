"""The control port: who it is, how it stands, what breaks and when; and how the server ends."""

from __future__ import annotations

import json
import signal
import socket
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from orchestrator.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

EAST, WEST = "us-east-1", "us-west-2"
WITHIN_S = 180.0


def knock(url: str) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=WITHIN_S):
        pass


def test_the_identity_says_that_it_is_simulated_and_where_everything_is(whole: Any) -> None:
    told = whole.told("/identity")
    assert told["name"] == "contact-centre-failover simulated cloud"
    assert "AWS cloud (moto, extended)" in told["simulated"]
    assert (told["scenario"], told["seed"], told["speed"]) == ("good-day", 1, 60.0)
    assert set(told["endpoints"]) == {EAST, WEST, "global"}
    for url in (*told["endpoints"].values(), told["control"]):
        knock(url)


def test_time_goes_as_fast_as_was_asked_for(whole: Any) -> None:
    """A minute of that world is a second of ours: callers' minutes fill while a test waits."""
    before = len(whole.told("/state")["minutes"])
    minutes = whole.until(lambda: (now := whole.told("/state")["minutes"])[before + 3 :] and now)
    assert {each["region"] for each in minutes} == {EAST, WEST}
    assert sum(each["answered"] for each in minutes if each["region"] == EAST) > 0
    told = whole.told("/identity")
    assert datetime.fromisoformat(told["start"]) < datetime.fromisoformat(told["now"])


def test_the_state_page_says_simulated_and_shows_what_is_lost(whole: Any) -> None:
    status, page = whole.ask("GET", "/")
    assert status == 200
    assert "SIMULATED" in page
    assert "Nothing is lost." in page
    assert "LOST" not in page
    whole.ask("POST", "/outages", {"region": EAST})
    page = whole.ask("GET", "/")[1]
    assert f"Lost now: {EAST}." in page
    assert page.count("LOST") == 2  # the Region's own card, and that of the control planes that live there


def test_an_outage_with_a_length_ends_by_itself_and_the_port_answers_again(whole: Any) -> None:
    url = whole.identity["endpoints"][EAST]
    knock(url)
    assert whole.ask("POST", "/outages", {"region": EAST, "lasts": "2m"})[0] == 201
    with pytest.raises(ConnectionRefusedError):
        knock(url)
    whole.until(lambda: not whole.told("/outages")["lost"])
    knock(url)
    outage = whole.told("/outages")["outages"][-1]
    took = datetime.fromisoformat(outage["until"]) - datetime.fromisoformat(outage["from"])
    assert took.total_seconds() == 120


def test_callers_of_a_lost_region_are_swallowed(whole: Any) -> None:
    assert whole.ask("POST", "/outages", {"region": EAST})[0] == 201
    whole.until(lambda: any(each["swallowed"] for each in whole.told("/state")["minutes"]))
    assert whole.told("/state")["open"] == {EAST: False, WEST: True, "global": False}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "/outages", {"region": "eu-west-1"}, 400, "nothing is served from 'eu-west-1'"),
        ("POST", "/outages", {"region": EAST, "lasts": "soon"}, 400, "'soon' is no duration"),
        ("POST", "/outages", {"place": EAST}, 400, "an outage has a region"),
        ("POST", "/outages", [EAST], 400, "an outage has a region"),
        ("DELETE", f"/outages/{EAST}", None, 400, "us-east-1 is not lost"),
        ("POST", "/scenario/start", None, 409, "nothing breaks in it"),
        ("GET", "/resolve", None, 400, "which name?"),
        ("GET", "/feed?after=soon", None, 400, "'soon' is no number of an item"),
        ("GET", "/nothing", None, 404, "nothing here answers GET /nothing"),
        ("PUT", "/outages", {"region": EAST}, 404, "nothing here answers PUT /outages"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    whole: Any, method: str, path: str, body: Any, status: int, words: str
) -> None:
    answered, text = whole.ask(method, path, body)
    assert answered == status
    assert words in json.loads(text)["error"]
    assert whole.told("/outages")["lost"] == []


def values(feed: Any) -> list[Any]:
    return [item["values"] for item in feed["items"]]


def test_the_feed_tells_an_outage_as_soon_as_there_is_one_and_who_felt_it(whole: Any) -> None:
    seen = whole.told("/feed?after=0")["last"]
    whole.ask("POST", "/outages", {"region": EAST})
    told = whole.told(f"/feed?after={seen}")
    lost = {"at": whole.told("/outages")["outages"][-1]["from"], "faults": [f"region-outage {EAST}"]}
    assert told["outage"] == lost
    assert lost in values(told)
    assert all(item["n"] > seen for item in told["items"])
    caller = {"fault": f"region-outage {EAST}", "victim": "caller"}
    felt = whole.until(lambda: (now := whole.told(f"/feed?after={seen}")) and caller in values(now) and now["felt"])
    assert next(each["count"] for each in felt if each["victim"] == "caller") >= 1
    told = values(whole.told(f"/feed?after={seen}"))
    assert told.count(caller) == 1, "the first hit is news, the others are counted"
    whole.ask("DELETE", f"/outages/{EAST}")
    assert whole.told(f"/feed?after={seen}")["outage"] is None


def test_who_asks_the_feed_for_what_is_to_come_is_answered_when_it_comes(whole: Any) -> None:
    seen = whole.told("/feed?after=0")["last"]
    while not (told := whole.told(f"/feed?after={seen}"))["items"]:
        assert told["last"] == seen
    assert told["items"][0]["n"] == seen + 1
    assert told["items"][-1]["n"] == told["last"]


def test_a_web_page_may_not_break_anything(whole: Any) -> None:
    status, _ = whole.ask("POST", "/outages", {"region": EAST}, Origin="https://elsewhere.example")
    assert status == 403
    assert whole.told("/outages")["lost"] == []


def test_the_scenario_breaks_what_it_says_in_its_time(centre: Any, served: Callable[..., Any]) -> None:
    with served(centre, "./short-outage.yaml", "--speed", "4") as cloud:  # ten of its seconds from the beginning
        knock(cloud.identity["endpoints"][EAST])
        assert 0 < cloud.told("/state")["scenario_breaks_in_s"] <= 10
        cloud.until(lambda: cloud.told("/outages")["lost"] == [EAST])
        with pytest.raises(ConnectionRefusedError):
            knock(cloud.identity["endpoints"][EAST])
        assert cloud.told("/state")["scenario_breaks_in_s"] is None


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ("${primary.flags_table}", "no Region is called"),
        ("eu-west-2", "nothing is served from 'eu-west-2'"),
    ],
)
def test_a_scenario_that_breaks_what_is_not_here_is_refused(centre: Any, region: str, words: str) -> None:
    kind = "  - kind: region-outage\n    region: "
    centre.change("short-outage.yaml", (f"{kind}${{primary.region}}", f"{kind}{region}"))
    said = centre.spawned("simulate", "serve", "./short-outage.yaml", "--port", "0")
    assert said.code == ExitCode.INVALID, said
    assert words in said.err
    assert "Traceback" not in said.err


def test_the_scenario_can_be_started_by_hand_once(centre: Any, served: Callable[..., Any]) -> None:
    centre.change("short-outage.yaml", ("live_before: 10s", "live_before: 10d"))
    with served(centre, "./short-outage.yaml") as cloud:
        assert cloud.told("/outages")["lost"] == []
        assert cloud.ask("POST", "/scenario/start")[0] == 200
        assert cloud.told("/outages")["lost"] == [EAST]
        assert cloud.ask("POST", "/scenario/start")[0] == 409


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_the_server_ends_cleanly_when_told_and_leaves_its_ports(
    centre: Any, served: Callable[..., Any], ending: signal.Signals
) -> None:
    with served(centre) as cloud:
        cloud.ask("POST", "/outages", {"region": WEST})
        cloud.process.send_signal(ending)
        assert cloud.process.wait(WITHIN_S) == ExitCode.DONE
        for url in (*cloud.identity["endpoints"].values(), cloud.url):
            with pytest.raises(ConnectionRefusedError):
                knock(url)


def test_a_port_that_is_taken_is_said_before_anything_is_served(centre: Any, whole: Any) -> None:
    port = urlsplit(whole.url).port
    said = centre.spawned("simulate", "serve", "--port", str(port))
    assert said.code == ExitCode.INVALID
    assert f"port {port}: Address already in use" in said.err
    assert "serving" not in said.out
    assert "--port" in said.err


@pytest.mark.parametrize("given", [("--speed", "0"), ("--speed", "fast"), ("--port", "99999"), ("no-such-scenario",)])
def test_arguments_that_make_no_sense_are_refused_before_anything_is_built(
    failover: Callable[..., Any], given: tuple[str, ...]
) -> None:
    said = failover("simulate", "serve", *given)
    assert said.code == ExitCode.INVALID
    assert given[-1] in said.err
