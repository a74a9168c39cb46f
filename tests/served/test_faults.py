"""What the simulated network does to a request that came over HTTP: the same as to any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drills.simulator.cloud import SimulatedCloud
from drills.simulator.inbound import Inbound, carried
from drills.simulator.outage import LostReply, Throttle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHO = b"Action=GetCallerIdentity&Version=2011-06-15"
TOPIC = b"Action=CreateTopic&Version=2010-03-31&Name=test"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[SimulatedCloud]:
    with SimulatedCloud(1, settings_dir=tmp_path) as opened:
        yield opened


def request(name: str, body: bytes, region: str = "us-west-2", port: str = "us-west-2") -> Inbound:
    scope = f"ANY/20260115/{region}/{name}/aws4_request"
    headers = {
        "host": "127.0.0.1:8402",
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "content-length": str(len(body)),
    }
    return Inbound("POST", "/", headers, body, port)


def test_a_throttled_request_is_told_so_in_the_services_own_words(cloud: SimulatedCloud) -> None:
    cloud.network.faults.append(Throttle("sts", "GetCallerIdentity", 1.0))
    told = carried(request("sts", WHO))
    assert told.reply is not None
    assert (told.outcome, told.reply.status) == ("Throttling", 400)
    assert b"<Code>Throttling</Code>" in told.reply.body


def test_a_lost_reply_drops_the_connection_after_the_write_has_landed(cloud: SimulatedCloud) -> None:
    cloud.network.faults.append(LostReply("sns", "CreateTopic"))
    told = carried(request("sns", TOPIC))
    assert (told.outcome, told.reply, told.write) == ("reply-lost", None, True)
    again = carried(request("sns", TOPIC))
    assert again.outcome == "ok"
    assert again.digest == told.digest


def test_an_outage_that_begins_under_a_request_drops_its_connection(cloud: SimulatedCloud) -> None:
    cloud.lose("us-west-2", cloud.clock.now())
    outcomes = {carried(request(name, body)).outcome for name, body in (("sts", WHO), ("sns", TOPIC))}
    assert outcomes <= {"unreachable", "connect-timeout"}
    assert carried(request("sts", WHO)).reply is None


def test_an_unsigned_request_is_refused_as_such(cloud: SimulatedCloud) -> None:  # noqa: ARG001 - moto's state
    signed = request("sts", WHO)
    bare = {name: value for name, value in signed.headers.items() if name != "authorization"}
    told = carried(Inbound("POST", "/", bare, WHO, "us-west-2"))
    assert told.reply is not None
    assert (told.outcome, told.reply.status) == ("MissingAuthenticationToken", 403)


@pytest.mark.parametrize("name", ["no-such-service", "workspaces", "chime"])
def test_what_cannot_be_told_from_a_request_is_a_501_in_plain_words(cloud: SimulatedCloud, name: str) -> None:  # noqa: ARG001 - moto's state
    told = carried(request(name, b"Action=Nothing"))
    assert told.reply is not None
    assert (told.outcome, told.reply.status) == ("not-simulated", 501)
    assert told.reply.headers["x-amzn-errortype"] == "NotSimulated"


def test_what_breaks_in_the_rules_of_a_service_is_its_500_and_is_told(
    cloud: SimulatedCloud, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cloud.network, "carry", broken)
    told = carried(request("sts", WHO))
    assert told.reply is not None
    assert (told.outcome, told.reply.status) == ("InternalFailure", 500)
    assert b"ZeroDivisionError" in told.reply.body
    assert "ZeroDivisionError" in capfd.readouterr().err
