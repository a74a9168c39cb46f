"""What a name answers with now, as a caller's resolver sees it.

Laws: DNS is observed on its data plane, never asked of Route 53's control plane; a failed query is an error with a
name, never an empty answer; and every query has a limit in seconds.
"""

from __future__ import annotations

from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, Protocol

from orchestrator.model.errors import CloudError, InvalidInput, NotFound, RegionUnreachable, ServiceTrouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dns.message import Message

TIMEOUT_S: Final = 3.0
"""Seconds per query and nameserver. The system's stub resolvers wait five; a failover has better things to do."""

# Numbers of RFC 1035 and RFC 3596, so that reading an answer needs no further import.
_A, _CNAME, _AAAA = 1, 5, 28
_NOERROR, _NXDOMAIN = 0, 3


class Resolver(Protocol):
    """Answers what a name points at."""

    def resolve(self, name: str) -> tuple[str, ...]:
        """The target of the CNAME at `name` if there is one, else its addresses; sorted, without a trailing dot.

        Raises:
            NotFound: no such name, or nothing of the kind at it.
            ServiceTrouble: the nameserver failed or refused.
            RegionUnreachable: no nameserver answered in time.
        """


class DnsResolver:
    """Asks real nameservers over UDP (TCP where an answer is cut short), or whatever `exchange` speaks to.

    Args:
        exchange: takes a query and gives its answer, both in wire format; None asks `nameservers`.
        nameservers: IP addresses, asked in turn until one answers; none given means the system's.
        port: where nameservers listen.
        timeout_s: seconds per query and nameserver.

    Raises:
        InvalidInput: a nameserver that is no IP address.
    """

    def __init__(
        self,
        exchange: Callable[[bytes], bytes] | None = None,
        nameservers: Sequence[str] = (),
        *,
        port: int = 53,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        try:
            self._nameservers = tuple(str(ip_address(nameserver)) for nameserver in nameservers)
        except ValueError as error:
            raise InvalidInput(f"nameserver: {error}", remedy="give nameservers by their IP addresses") from error
        self._exchange, self._port, self._timeout_s = exchange, port, timeout_s

    def resolve(self, name: str) -> tuple[str, ...]:
        """As `Resolver.resolve`. Asks for the CNAME first: it is what a failover record changes."""
        found: set[str] = set()
        for kind in ("CNAME", "A", "AAAA"):
            answer = self._ask(name, kind)
            if alias := _alias(answer):
                return (alias,)
            found |= {str(record.address) for record in _at_name(answer, _A, _AAAA)}
        if not found:
            raise _error(NotFound, name, "NODATA", "has neither a CNAME nor an address")
        return tuple(sorted(found))

    def _ask(self, name: str, kind: str) -> Message:
        """The answer of the first nameserver that gives one, or the last one's error."""
        from dns.exception import DNSException, Timeout  # noqa: PLC0415 - start-up: only who reads DNS loads it

        try:
            routes = self._routes(name, kind)
        except DNSException as error:
            raise _error(NotFound, name, type(error).__name__, "is no name that DNS could know") from error
        problem = _error(RegionUnreachable, name, "NoNameservers", "has no nameserver to be asked of")
        for route in routes:
            try:
                return _checked(route(), name)
            except NotFound:
                raise  # an answer, and final
            except CloudError as error:
                problem = error
            except (Timeout, OSError) as error:
                problem = _error(RegionUnreachable, name, type(error).__name__, "gets no answer from the nameserver")
            except DNSException as error:
                problem = _error(ServiceTrouble, name, type(error).__name__, "gets an answer that cannot be read")
        raise problem

    def _routes(self, name: str, kind: str) -> list[Callable[[], Message]]:
        """Ways to put the question, in the order to try them."""
        from dns import message  # noqa: PLC0415 - as in _ask

        if self._exchange is None:
            asked = message.make_query(name, kind)
            return [partial(_udp, asked, at, self._timeout_s, self._port) for at in self._servers()]
        # In process nobody can forge an answer, so the number that guards against it need not be drawn.
        wire = message.make_query(name, kind, id=0).to_wire()
        return [partial(_exchanged, self._exchange, wire)]

    def _servers(self) -> tuple[str, ...]:
        if not self._nameservers:
            from dns import resolver as system  # noqa: PLC0415 - as in _ask

            try:
                self._nameservers = tuple(str(server) for server in system.Resolver().nameservers)
            except system.NoResolverConfiguration:
                return ()  # nobody to be asked, which says nothing about the name
        return self._nameservers


def _udp(query: Message, nameserver: str, timeout_s: float, port: int) -> Message:
    from dns.query import udp_with_fallback  # noqa: PLC0415 - as in DnsResolver._ask

    answer, _over_tcp = udp_with_fallback(query, nameserver, timeout_s, port)
    return answer


def _exchanged(exchange: Callable[[bytes], bytes], wire: bytes) -> Message:
    from dns import message, query  # noqa: PLC0415 - as in DnsResolver._ask

    answer = message.from_wire(exchange(wire))
    if not message.from_wire(wire).is_response(answer):
        raise query.BadResponse  # what dnspython itself says of a datagram that answers another question
    return answer


def _checked(answer: Message, name: str) -> Message:
    code = answer.rcode()
    if code == _NXDOMAIN:
        raise _error(NotFound, name, "NXDOMAIN", "does not exist")
    if code != _NOERROR:
        raise _error(ServiceTrouble, name, code.name, "could not be answered")
    return answer


def _alias(answer: Message) -> str:
    """The CNAME target at the name asked for, or empty."""
    return next((str(record.target).rstrip(".").lower() for record in _at_name(answer, _CNAME)), "")


def _at_name(answer: Message, *kinds: int) -> Iterator[Any]:
    """The records of these kinds at the name asked for; a name further down a chain is none of ours."""
    asked = answer.question[0].name
    return (record for rrset in answer.answer if rrset.name == asked and rrset.rdtype in kinds for record in rrset)


def _error(kind: type[CloudError], name: str, code: str, what: str) -> CloudError:
    return kind(f"{name} {what} ({code})", service="dns", operation="Resolve", region="", code=code)
