"""What a name answers, over wire bytes in process and over UDP on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from orchestrator.cloud.resolver import DnsResolver
from orchestrator.model.errors import InvalidInput, NotFound, RegionUnreachable, ServiceTrouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ZONE = {
    "front.example.test.": ("CNAME", ["primary-entry.example.test."]),
    "chain.example.test.": ("CNAME", ["Front.Example.TEST."]),
    "entry.example.test.": ("A", ["192.0.2.20", "192.0.2.3"]),
    "six.example.test.": ("AAAA", ["2001:db8::1"]),
    "both.example.test.": ("A", ["192.0.2.1"]),
    "text.example.test.": ("TXT", ['"WSpdx"']),
}


def zone(wire: bytes) -> bytes:
    """A nameserver of a few records, which adds what follows a CNAME to its answer as real ones do."""
    query = dns.message.from_wire(wire)
    answer = dns.message.make_response(query)
    name, wanted = str(query.question[0].name), dns.rdatatype.to_text(query.question[0].rdtype)
    if name not in ZONE:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    while name in ZONE:
        kind, values = ZONE[name]
        if kind not in (wanted, "CNAME"):
            break
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *values))
        name = values[0].lower() if kind == "CNAME" and wanted != "CNAME" else ""
    return answer.to_wire()


def coded(code: dns.rcode.Rcode) -> Callable[[bytes], bytes]:
    def answered(wire: bytes) -> bytes:
        answer = dns.message.make_response(dns.message.from_wire(wire))
        answer.set_rcode(code)
        return answer.to_wire()

    return answered


def test_a_front_door_that_is_a_cname_answers_its_target_without_the_dot() -> None:
    assert DnsResolver(zone).resolve("front.example.test") == ("primary-entry.example.test",)


def test_of_a_chain_the_first_link_is_told_for_it_is_what_the_record_says() -> None:
    assert DnsResolver(zone).resolve("chain.example.test.") == ("front.example.test",)


@pytest.mark.parametrize(
    ("name", "addresses"),
    [("entry.example.test", ("192.0.2.20", "192.0.2.3")), ("six.example.test", ("2001:db8::1",))],
)
def test_a_name_without_cname_answers_its_addresses_sorted(name: str, addresses: tuple[str, ...]) -> None:
    assert DnsResolver(zone).resolve(name) == addresses


def test_addresses_of_both_kinds_are_told_together() -> None:
    def both(wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        answer = dns.message.make_response(query)
        values = {"A": "192.0.2.1", "AAAA": "2001:db8::2"}
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        if kind in values:
            answer.answer.append(dns.rrset.from_text("both.example.test.", 60, "IN", kind, values[kind]))
        return answer.to_wire()

    assert DnsResolver(both).resolve("both.example.test") == ("192.0.2.1", "2001:db8::2")


def test_an_alias_met_only_when_asking_for_addresses_is_told_as_an_alias() -> None:
    def flattened(wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        if query.question[0].rdtype == dns.rdatatype.CNAME:
            return dns.message.make_response(query).to_wire()
        return zone(wire)

    assert DnsResolver(flattened).resolve("front.example.test") == ("primary-entry.example.test",)


def test_records_of_other_names_in_the_answer_are_none_of_ours() -> None:
    def chatty(wire: bytes) -> bytes:
        answer = dns.message.from_wire(zone(wire))
        answer.answer.insert(0, dns.rrset.from_text("other.example.test.", 60, "IN", "CNAME", "elsewhere.test."))
        answer.answer.append(dns.rrset.from_text("other.example.test.", 60, "IN", "A", "192.0.2.99"))
        return answer.to_wire()

    assert DnsResolver(chatty).resolve("front.example.test") == ("primary-entry.example.test",)
    assert DnsResolver(chatty).resolve("entry.example.test") == ("192.0.2.20", "192.0.2.3")


@pytest.mark.parametrize(
    ("exchange", "name", "kind", "code"),
    [
        (zone, "nobody.example.test", NotFound, "NXDOMAIN"),
        (zone, "text.example.test", NotFound, "NODATA"),
        (coded(dns.rcode.SERVFAIL), "front.example.test", ServiceTrouble, "SERVFAIL"),
        (coded(dns.rcode.REFUSED), "front.example.test", ServiceTrouble, "REFUSED"),
        (lambda _wire: b"\x00\x01", "front.example.test", ServiceTrouble, "ShortHeader"),
    ],
)
def test_a_failed_query_is_an_error_with_a_name_and_never_an_empty_answer(
    exchange: Callable[[bytes], bytes],
    name: str,
    kind: type[NotFound | ServiceTrouble],
    code: str,
) -> None:
    with pytest.raises(kind) as failure:
        DnsResolver(exchange).resolve(name)
    assert (failure.value.service, failure.value.operation, failure.value.code) == ("dns", "Resolve", code)
    assert name in str(failure.value)


def test_silence_is_unreachable_and_may_be_asked_again() -> None:
    def silent(_wire: bytes) -> bytes:
        raise TimeoutError

    with pytest.raises(RegionUnreachable) as failure:
        DnsResolver(silent).resolve("front.example.test")
    assert failure.value.retryable


def test_the_answer_to_another_question_is_not_taken() -> None:
    other = dns.message.make_query("entry.example.test", "A", id=0).to_wire()
    with pytest.raises(ServiceTrouble):
        DnsResolver(lambda _wire: zone(other)).resolve("front.example.test")


def test_one_address_family_failing_fails_the_whole_answer() -> None:
    def half(wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        return coded(dns.rcode.SERVFAIL)(wire) if query.question[0].rdtype == dns.rdatatype.AAAA else zone(wire)

    with pytest.raises(ServiceTrouble):
        DnsResolver(half).resolve("entry.example.test")


def test_what_is_no_name_is_not_found_without_asking() -> None:
    with pytest.raises(NotFound):
        DnsResolver(lambda _wire: pytest.fail("asked")).resolve("a..b")


def test_a_machine_without_nameservers_says_nothing_about_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unconfigured() -> NoReturn:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver, "Resolver", unconfigured)
    with pytest.raises(RegionUnreachable, match="has no nameserver"):
        DnsResolver().resolve("front.example.test")


def test_equal_questions_in_process_are_equal_bytes() -> None:
    asked: list[bytes] = []

    def noted(wire: bytes) -> bytes:
        asked.append(wire)
        return zone(wire)

    for _ in range(2):
        DnsResolver(noted).resolve("front.example.test")
    assert asked[0] == asked[1]


SICK, WELL = "127.0.0.2", "127.0.0.1"


@pytest.fixture
def port() -> Iterator[int]:
    """The port at which two nameservers listen on loopback: a sick one that answers SERVFAIL, and a well one."""
    with socket.socket(type=socket.SOCK_DGRAM) as well, socket.socket(type=socket.SOCK_DGRAM) as sick:
        well.bind((WELL, 0))
        number = well.getsockname()[1]
        sick.bind((SICK, number))
        servers = [
            threading.Thread(target=serve, args=(well, zone)),
            threading.Thread(target=serve, args=(sick, coded(dns.rcode.SERVFAIL))),
        ]
        for server in servers:
            server.start()
        yield number
        with socket.socket(type=socket.SOCK_DGRAM) as closing:
            for address in (WELL, SICK):
                closing.sendto(b"", (address, number))
        for server in servers:
            server.join()


def serve(listening: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    """Answer until an empty datagram comes."""
    while True:
        wire, client = listening.recvfrom(4096)
        if not wire:
            return
        listening.sendto(answer(wire), client)


def test_over_udp_a_real_nameserver_is_asked(port: int) -> None:
    resolver = DnsResolver(nameservers=[WELL], port=port)
    assert resolver.resolve("front.example.test") == ("primary-entry.example.test",)
    with pytest.raises(NotFound):
        resolver.resolve("nobody.example.test")


def test_where_one_nameserver_fails_the_next_is_asked(port: int) -> None:
    assert DnsResolver(nameservers=[SICK, WELL], port=port).resolve("six.example.test") == ("2001:db8::1",)
    with pytest.raises(ServiceTrouble):
        DnsResolver(nameservers=[SICK], port=port).resolve("six.example.test")


def test_a_nameserver_that_is_no_address_is_refused_at_once() -> None:
    with pytest.raises(InvalidInput, match=r"ns1\.example\.test"):
        DnsResolver(nameservers=["ns1.example.test"])


def test_importing_the_resolver_loads_no_dnspython() -> None:
    program = "import sys, orchestrator.cloud.resolver; sys.exit(any(m.split('.')[0] == 'dns' for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0  # noqa: S603 - our own interpreter
