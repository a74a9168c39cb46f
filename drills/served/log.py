"""Every request that clients of the served cloud made, in the order of their ends: the judge of "nothing twice"."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from orchestrator.model.clock import stamp

if TYPE_CHECKING:
    from drills.simulator.inbound import Told

_LANDED = ("ok", "reply-lost")


@dataclass(frozen=True, slots=True)
class Line:
    """One request. `at` is when its fate was decided, in simulated time; the digest is of its parameters alone.

    `outcome` is `ok`, the service's error code, `reply-lost`, `unreachable`, `connect-timeout` or `not-simulated`.
    """

    at: datetime
    region: str
    service: str
    operation: str
    digest: str
    write: bool
    token: str
    outcome: str

    def json(self) -> str:
        """As a line of JSON. `landed` says whether it took effect."""
        told = {
            "at": stamp(self.at), "region": self.region, "service": self.service, "operation": self.operation,
            "digest": self.digest, "write": self.write, "token": self.token or None, "outcome": self.outcome,
            "landed": self.outcome in _LANDED,
        }  # fmt: skip
        return json.dumps(told)


class CallLog:
    """The lines so far."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def add(self, at: datetime, told: Told) -> None:
        """Note a request whose fate is decided."""
        self.lines.append(
            Line(at, told.region, told.service, told.operation, told.digest, told.write, told.token, told.outcome)
        )

    def jsonl(self) -> str:
        """All of it, a line each."""
        return "".join(f"{line.json()}\n" for line in self.lines)

    def outcomes(self) -> Counter[str]:
        """How many ended how."""
        return Counter(line.outcome for line in self.lines)
