"""What can go wrong on the way to AWS. A fault decides who is struck and how; the network carries it out and counts.

Each fault counts its hits: one that hit nothing has shown nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Blow(StrEnum):
    """How a request fares that a fault strikes; what botocore makes of each is in `network`."""

    REFUSED = "unreachable"
    BLACK_HOLE = "connect-timeout"
    THROTTLED = "throttled"
    REPLY_LOST = "reply-lost"


@dataclass(frozen=True, slots=True)
class Request:
    """One request on the wire. `home` is the Region that its endpoint lives in, `region` the one it was signed for.

    `digest` is the SHA-256 of operation, host, method, path, query and body: equal for equal requests.
    """

    service: str
    operation: str
    region: str
    host: str
    home: str
    digest: str
    write: bool


class Fault(Protocol):
    """Something that strikes requests. `hits` counts by victim."""

    @property
    def name(self) -> str:
        """What reports call it; unique in a drill."""

    @property
    def hits(self) -> Counter[str]:
        """Victim → number of hits."""

    def strike(self, request: Request, at: datetime) -> Blow | None:
        """What happens to `request` at this moment; None leaves it alone. Asked once per request."""


@dataclass(slots=True)
class RegionOutage:
    """No endpoint in `region` answers from `from_` (UTC) until `until`, or ever; control planes homed there included.

    Each service fails in one of two ways, always the same in every run: refused at once, or a black hole that costs
    the client its connect timeout. Both are seen in real outages, and a client has to stand either.
    """

    region: str
    from_: datetime
    until: datetime | None = None
    hits: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """`region-outage REGION`."""
        return f"region-outage {self.region}"

    def rages(self, at: datetime) -> bool:
        """Whether the Region is dead at this moment."""
        return self.from_ <= at and (self.until is None or at < self.until)

    def manner(self, service: str) -> Blow:
        """How this service fails: by the parity of a digest, so that about half of them fail each way."""
        odd = hashlib.sha256(f"{self.region} {service}".encode()).digest()[0] & 1
        return Blow.BLACK_HOLE if odd else Blow.REFUSED

    def strike(self, request: Request, at: datetime) -> Blow | None:
        """Every request whose endpoint lives in the dead Region."""
        return self.manner(request.service) if request.home == self.region and self.rages(at) else None


@dataclass(slots=True)
class LostReply:
    """The `nth` call (from 1) of an operation takes effect, and its answer never arrives."""

    service: str
    operation: str
    nth: int = 1
    hits: Counter[str] = field(default_factory=Counter)
    _seen: int = 0

    @property
    def name(self) -> str:
        """`lost-reply SERVICE:OPERATION`."""
        return f"lost-reply {self.service}:{self.operation}"

    def strike(self, request: Request, at: datetime) -> Blow | None:  # noqa: ARG002 - it counts calls, not time
        """The nth matching request, once."""
        if (request.service, request.operation) != (self.service, self.operation):
            return None
        self._seen += 1
        return Blow.REPLY_LOST if self._seen == self.nth else None


@dataclass(slots=True)
class Throttle:
    """A share `rate` (0 to 1) of an operation's calls comes too fast, spread evenly: 0.5 is every second one."""

    service: str
    operation: str
    rate: float
    hits: Counter[str] = field(default_factory=Counter)
    _seen: int = 0

    @property
    def name(self) -> str:
        """`throttle SERVICE:OPERATION`."""
        return f"throttle {self.service}:{self.operation}"

    def strike(self, request: Request, at: datetime) -> Blow | None:  # noqa: ARG002 - it counts calls, not time
        """Every matching request at which the share of struck ones would fall behind `rate`."""
        if (request.service, request.operation) != (self.service, self.operation):
            return None
        due_before, self._seen = int(self._seen * self.rate), self._seen + 1
        return Blow.THROTTLED if int(self._seen * self.rate) > due_before else None
