"""A guard that keeps a drill on this machine: no name is looked up and no socket reaches beyond the loopback."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from orchestrator.model.errors import ExitCode, FailoverError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class OutsideRefused(FailoverError):
    """Something reached for the real network during a simulation: nothing can be concluded from the run."""

    exit_code = ExitCode.INCONCLUSIVE

    def __init__(self, target: str) -> None:
        super().__init__(
            f"a simulation may not reach {target}", remedy="simulate what was called, or leave it out of the drill"
        )
        self.target = target


def _is_loopback(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host)
    if text in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _is_inside(family: int, address: object) -> bool:
    if family not in {socket.AF_INET, socket.AF_INET6}:
        return True  # unix sockets and their like never leave the machine
    return isinstance(address, tuple) and _is_loopback(address[0])


@contextmanager
def only_loopback() -> Iterator[list[str]]:
    """Refuse connections, datagrams and name look-ups that would leave this machine, in every thread.

    Yields:
        The targets refused so far: a caller may have swallowed the error, and a drill still has to know.

    Raises:
        OutsideRefused: (within) from the call that was refused.
    """
    refused: list[str] = []

    def check(inside: bool, target: object) -> None:  # noqa: FBT001 - private, and read at the call
        if not inside:
            refused.append(str(target))
            raise OutsideRefused(str(target))

    def guarded(call: Callable[..., Any]) -> Callable[..., Any]:
        # The address is the last positional argument of connect, connect_ex, sendto and sendmsg with an address.
        def ask(self: socket.socket, *arguments: Any) -> Any:
            check(_is_inside(self.family, arguments[-1]), arguments[-1])
            return call(self, *arguments)

        return ask

    def sendmsg(self: socket.socket, buffers: Any, ancdata: Any = (), flags: int = 0, address: Any = None) -> int:
        check(address is None or _is_inside(self.family, address), address)
        # A connected socket takes no address, and None is not "none" to the C function.
        return real_sendmsg(self, buffers, ancdata, flags, *(() if address is None else (address,)))

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        check(host is None or _is_loopback(host), host)
        return real_getaddrinfo(host, *arguments, **options)

    real_sendmsg, real_getaddrinfo = socket.socket.sendmsg, socket.getaddrinfo
    with (
        patch.object(socket.socket, "connect", guarded(socket.socket.connect)),
        patch.object(socket.socket, "connect_ex", guarded(socket.socket.connect_ex)),
        patch.object(socket.socket, "sendto", guarded(socket.socket.sendto)),
        patch.object(socket.socket, "sendmsg", sendmsg),
        patch("socket.getaddrinfo", getaddrinfo),
    ):
        yield refused
