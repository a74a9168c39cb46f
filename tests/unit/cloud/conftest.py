"""What the tests of the cloud room share: a clock that only moves when told, and a guard around sockets."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.cloud.door import Door
from orchestrator.cloud.pace import LIMITS, Pace
from orchestrator.model.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class StillClock:
    """Time passes by pausing, and by nothing else."""

    kind = "simulated"
    speed = 1.0

    def __init__(self) -> None:
        self.present = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
        self.pauses: list[float] = []

    def now(self) -> datetime:
        return self.present

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.present += timedelta(seconds=seconds)


class NoNames:
    """A resolver that knows one name."""

    def resolve(self, name: str) -> tuple[str, ...]:
        if name == "front.example.test":
            return ("primary-entry.example.test",)
        raise NotFound(f"{name} does not exist", service="dns", operation="Resolve", region="", code="NXDOMAIN")


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    connect, sendto = socket.socket.connect, socket.socket.sendto

    def check(sender: socket.socket, address: Any) -> None:
        if sender.family in (socket.AF_INET, socket.AF_INET6) and not address[0].startswith(("127.", "::1")):
            raise AssertionError(f"a test tried to reach {address[0]}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(self, address)
        connect(self, address)

    def guarded_sendto(self: socket.socket, data: bytes, *rest: Any) -> int:
        check(self, rest[-1])
        return sendto(self, data, *rest)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "sendto", guarded_sendto)


@pytest.fixture
def open_door(clock: StillClock, tmp_path: Path) -> Iterator[Callable[..., Door]]:
    """Makes doors with made-up credentials, and closes them."""
    doors: list[Door] = []

    def opened(**settings: Any) -> Door:
        made_up = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
        settings = {"credentials": made_up, **settings}
        door = Door(clock=clock, pace=Pace(LIMITS, clock), resolver=NoNames(), settings_dir=tmp_path, **settings)
        doors.append(door)
        return door

    yield opened
    for door in doors:
        door.close()
