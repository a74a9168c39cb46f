from __future__ import annotations

import socket
import threading
import urllib.request

import pytest

from drills.simulator.sockets import OutsideRefused, only_loopback
from orchestrator.model.errors import ExitCode

OUTSIDE = ("192.0.2.1", 80)  # reserved for documentation, RFC 5737: nobody is there even if the guard fails


@pytest.mark.parametrize("reach", ["connect", "connect_ex"])
def test_a_connection_that_would_leave_this_machine_is_refused(reach: str) -> None:
    with only_loopback() as refused, socket.socket() as outgoing:
        outgoing.settimeout(0.1)
        with pytest.raises(OutsideRefused, match=r"192\.0\.2\.1"):
            getattr(outgoing, reach)(OUTSIDE)
        assert refused == [str(OUTSIDE)]
    assert OutsideRefused.exit_code is ExitCode.INCONCLUSIVE


def test_a_datagram_that_would_leave_this_machine_is_refused() -> None:
    with only_loopback(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outgoing:
        with pytest.raises(OutsideRefused):
            outgoing.sendto(b"?", OUTSIDE)
        with pytest.raises(OutsideRefused):
            outgoing.sendto(b"?", 0, OUTSIDE)
        with pytest.raises(OutsideRefused):
            outgoing.sendmsg([b"?"], (), 0, OUTSIDE)


def test_no_name_is_looked_up_outside() -> None:
    with only_loopback() as refused:
        with pytest.raises(OutsideRefused, match=r"dynamodb\.us-east-1"):
            urllib.request.urlopen("http://dynamodb.us-east-1.amazonaws.com/")
        assert refused == ["dynamodb.us-east-1.amazonaws.com"]


def test_the_loopback_stays_open_by_address_and_by_name() -> None:
    with only_loopback() as refused, socket.create_server(("127.0.0.1", 0)) as server:
        for host in ("127.0.0.1", "localhost"):
            with socket.create_connection((host, server.getsockname()[1])), server.accept()[0]:
                pass
        assert refused == []


def test_unix_sockets_stay_open() -> None:
    with only_loopback():
        here, there = socket.socketpair()
        with here, there:
            here.sendmsg([b"inside"])
            assert there.recv(6) == b"inside"


def test_other_threads_are_guarded_too() -> None:
    caught = list[BaseException]()

    def reach() -> None:
        with socket.socket() as outgoing:
            try:
                outgoing.connect(OUTSIDE)
            except OutsideRefused as error:
                caught.append(error)

    with only_loopback():
        thread = threading.Thread(target=reach)
        thread.start()
        thread.join()
    assert len(caught) == 1


def test_afterwards_sockets_are_what_they_were() -> None:
    before = socket.socket.connect, socket.socket.sendmsg, socket.getaddrinfo
    with only_loopback():
        assert before != (socket.socket.connect, socket.socket.sendmsg, socket.getaddrinfo)
    assert before == (socket.socket.connect, socket.socket.sendmsg, socket.getaddrinfo)
