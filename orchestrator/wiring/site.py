"""The control port of a simulated cloud in another process: who serves there, in which time, and what it says.

Needs nothing but the base install: the server has the simulator.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from orchestrator.cloud.regions import client_region
from orchestrator.model.clock import SystemClock, moment, stamp
from orchestrator.model.errors import InvalidInput

NAME = "contact-centre-failover simulated cloud"
"""What the control port says that it is."""
ANSWER_WITHIN_S = 10.0
_GLOBAL = "global"


class ServedClock:
    """The server's time, as far as can be told from here: what it said when asked, and how fast it lives.

    Args:
        now: what the server said (UTC).
        asked_s: when it was asked, on the machine's monotonic clock.
        speed: simulated seconds for each of the machine's.
    """

    kind = "simulated"

    def __init__(self, now: datetime, asked_s: float, speed: float) -> None:
        self._then, self._asked_s, self.speed = now, asked_s, speed
        self._machine = SystemClock()

    def now(self) -> datetime:
        """The present there."""
        return self._then + timedelta(seconds=(time.monotonic() - self._asked_s) * self.speed)

    def pause(self, seconds: float) -> None:
        """Block the calling thread for so many of the server's seconds."""
        self._machine.pause(seconds / self.speed)


class Site:
    """The control port of a served cloud.

    Args:
        url: as given on the command line.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        # A proxy knows nothing of this machine's loopback.
        self._opener = build_opener(ProxyHandler({}))

    def read(self, what: str) -> bytes:
        """What the server says of `what`.

        Raises:
            InvalidInput: nobody answers there, or somebody else does.
        """
        try:
            with self._opener.open(f"{self.url}/{what}", timeout=ANSWER_WITHIN_S) as answer:
                body: bytes = answer.read()
        except HTTPError as why:
            why.close()
            raise self._stranger() from why
        except (OSError, ValueError, HTTPException) as why:
            remedy = "start one with `failover simulate serve`, and give the address that it prints"
            raise InvalidInput(f"no simulated cloud answers at {self.url}", remedy=remedy) from why
        return body

    def json(self, what: str) -> Any:
        """The same, read as JSON.

        Raises:
            InvalidInput: as `read`, or what is said is no JSON.
        """
        try:
            return json.loads(self.read(what))
        except ValueError as why:
            raise self._stranger() from why

    def identity(self) -> Identity:
        """Who serves there.

        Raises:
            InvalidInput: nobody, or no simulated cloud.
        """
        asked_s = time.monotonic()
        told = self.json("identity")
        if not isinstance(told, dict) or told.get("name") != NAME:
            raise self._stranger()
        try:
            resolver = told["resolver"]
            return Identity(
                simulated=str(told["simulated"]), now=moment(told["now"]), asked_s=asked_s, speed=float(told["speed"]),
                endpoints=dict(told["endpoints"]), global_home=str(told["global_home"]),
                resolver=(str(resolver["address"]), int(resolver["port"])),
                served_by=f"{told['scenario']}, seed {int(told['seed'])}, since {stamp(moment(told['start']))}",
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as why:
            raise other_version(self.url) from why

    def _stranger(self) -> InvalidInput:
        return InvalidInput(
            f"what answers at {self.url} is no simulated cloud",
            remedy="give the control port's address, as `failover simulate serve` prints it",
        )


@dataclass(frozen=True)
class Identity:
    """What a served cloud says of itself. `endpoints` by Region, and `global`; `asked_s` as in `ServedClock`."""

    simulated: str
    now: datetime
    asked_s: float
    speed: float
    endpoints: dict[str, str]
    global_home: str
    resolver: tuple[str, int]
    served_by: str
    """Its scenario, its seed and its beginning: another server on the same port says something else."""

    def endpoint(self, service: str, region: str) -> str:
        """The address that answers for a service in a Region: a control plane that serves all Regions has its own.

        Raises:
            InvalidInput: that Region is not served.
        """
        home = client_region(service, "")
        place = _GLOBAL if home == self.global_home or region == "aws-global" else home or region
        if place not in self.endpoints:
            raise InvalidInput(
                f"the served cloud has no {place}, which {service} would need",
                remedy=f"it serves {', '.join(self.endpoints)}",
            )
        return self.endpoints[place]


def other_version(url: str) -> InvalidInput:
    """The error for a server that says what this version does not know."""
    return InvalidInput(f"{url} serves another version", remedy="run server and client of the same version")
