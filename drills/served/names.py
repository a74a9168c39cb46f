"""The served cloud's name server: DNS over UDP on the loopback. A data plane: no outage closes it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from dns import message
from dns.exception import DNSException

from drills.served.ports import LOOPBACK
from orchestrator.model.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable


class NamesPort(asyncio.DatagramProtocol):
    """Answers each query with `exchange` of it; what is none gets no answer, as anywhere."""

    def __init__(self, exchange: Callable[[bytes], bytes]) -> None:
        self._exchange = exchange
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is open."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A query."""
        with suppress(DNSException):
            if message.from_wire(data).question and self._transport is not None:
                self._transport.sendto(self._exchange(data), addr)

    def close(self) -> None:
        """Answer nobody any more."""
        if self._transport is not None:
            self._transport.close()


async def open_names(number: int, exchange: Callable[[bytes], bytes]) -> tuple[NamesPort, int]:
    """The name server on a UDP port (0: a free one), and its number.

    Raises:
        InvalidInput: the port is taken.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, protocol = await loop.create_datagram_endpoint(
            lambda: NamesPort(exchange), local_addr=(LOOPBACK, number)
        )
    except OSError as why:
        raise InvalidInput(f"UDP port {number}: {why.strerror}", remedy="choose another with --port") from why
    return protocol, int(transport.get_extra_info("sockname")[1])
