"""The one choke point between every boto3 client of the process and the simulated cloud.

Laws: each request is logged once, when its fate is decided; a fault that strikes is counted; what has no rules is
named (`unlisted`) and never passed off as an outage. Latency is modelled: 20 to 120 ms a call, seeded.

moto keeps one stubber for all clients, made early or late; giving that object another class puts us in its place.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import moto.core.models
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber

from drills.simulator.ledger import Mark, mark_of
from drills.simulator.outage import Blow, Fault, RegionOutage, Request
from drills.simulator.wire import outcome, read, throttled
from orchestrator.cloud.door import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from orchestrator.model.errors import NotSimulated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from orchestrator.model.chance import Chance
    from orchestrator.model.clock import Clock

_LATENCY_S = (0.020, 0.120)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call and what became of it. `at` is when its fate was decided, UTC.

    `outcome` is `ok`, the service's error code, a `Blow`, or `not-simulated`.
    """

    at: datetime
    service: str
    operation: str
    region: str
    host: str
    home: str
    digest: str
    write: bool
    outcome: str

    @property
    def landed(self) -> bool:
        """Whether it took effect."""
        return self.outcome in {"ok", Blow.REPLY_LOST}


class Network:
    """Carries requests to the simulated cloud, with latency and faults. `on_hit(fault, victim)` hears of each hit."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self.clock, self.chance = clock, chance
        self.faults: list[Fault] = []
        self.on_hit: Callable[[str, str], None] | None = None
        self.log: list[CallRecord] = []
        self.unlisted: set[tuple[str, str]] = set()
        self._latency = chance.stream("network")
        self._building = False

    def down(self, region: str, at: datetime | None = None) -> bool:
        """Whether `region` is dead now, or was at `at`."""
        return any(True for _ in self._raging(region, at or self.clock.now()))

    def down_since(self, region: str) -> datetime | None:
        """Since when `region` is dead now; None while it lives."""
        return min((outage.from_ for outage in self._raging(region, self.clock.now())), default=None)

    def felt(self, region: str, victim: str) -> None:
        """Count that somebody outside the API felt the outage of `region`: a caller, an agent's session."""
        for outage in self._raging(region, self.clock.now()):
            self._hit(outage, victim)

    def writes(self, operation: str) -> list[CallRecord]:
        """The calls of a writing operation that took effect, in order."""
        return [record for record in self.log if record.operation == operation and record.write and record.landed]

    @contextmanager
    def building(self) -> Iterator[None]:
        """While it lasts, calls are provisioning: no latency, no faults, no log, no note of what the ledger lacks."""
        self._building = True
        try:
            yield
        finally:
            self._building = False

    @contextmanager
    def beforehand(self, chance: Chance) -> Iterator[None]:
        """While it lasts, latency is drawn from another chance, and calls go into a log that is thrown away."""
        own = self.log, self._latency
        self.log, self._latency = [], chance.stream("network")
        try:
            yield
        finally:
            self.log, self._latency = own

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Stand between moto and every client of this process.

        Raises:
            RuntimeError: another network stands there already.
        """
        stubber: Any = moto.core.models.botocore_stubber
        if _ChokePoint.network is not None:
            raise RuntimeError("one simulated cloud at a time: moto's state belongs to the process")
        stubber.__class__, _ChokePoint.network = _ChokePoint, self
        try:
            yield
        finally:
            stubber.__class__, _ChokePoint.network = BotocoreStubber, None

    def carry(
        self, event_name: str, wire: AWSPreparedRequest, deliver: Callable[[], AWSResponse | None]
    ) -> AWSResponse:
        """One request's way there and back.

        Raises:
            EndpointConnectionError: nobody answers.
            ConnectTimeoutError: nothing answers, after the connect timeout.
            ReadTimeoutError: it landed, and the answer was lost.
            NotSimulated: nothing here has rules for the operation.
        """
        request = read(event_name, wire)
        if self._building:
            return self._deliver(request, deliver)
        there_s = back_s = self._latency.uniform(*_LATENCY_S) / 2
        self.clock.pause(there_s)
        blow = self._strike(request)
        if blow is Blow.REFUSED:
            self._record(request, blow)
            raise EndpointConnectionError(endpoint_url=wire.url)
        if blow is Blow.BLACK_HOLE:
            self.clock.pause(CONNECT_TIMEOUT_S - there_s)
            self._record(request, blow)
            raise ConnectTimeoutError(endpoint_url=wire.url)
        if blow is Blow.THROTTLED:
            response = throttled(request, wire.headers.get("Content-Type", ""))
            self._record(request, blow)
        else:
            response = self._deliver(request, deliver)
            said = outcome(response)
            self._record(request, blow if blow and said == "ok" else said)
        if blow is Blow.REPLY_LOST:
            self.clock.pause(READ_TIMEOUT_S)
            raise ReadTimeoutError(endpoint_url=wire.url)
        self.clock.pause(back_s)
        return response

    def _deliver(self, request: Request, deliver: Callable[[], AWSResponse | None]) -> AWSResponse:
        mark = mark_of(request.service, request.operation)
        if mark is None and not self._building:
            self.unlisted.add((request.service, request.operation))
        try:
            response = None if mark is Mark.LIVE_ONLY else deliver()
        except (NotImplementedError, NotSimulated) as error:
            raise self._not_simulated(request) from error
        except KeyError as error:
            if error.args != (request.region,):
                raise
            # moto's word for a Region where the service is not offered: there is no such host.
            self._record(request, Blow.REFUSED)
            raise EndpointConnectionError(endpoint_url=f"https://{request.host}/") from error
        # moto answers in plain text for services that it does not know, and not at all for hosts outside AWS's domain.
        if response is None or (response.status_code == 404 and response.raw.getvalue() == b"Not yet implemented"):
            raise self._not_simulated(request)
        return response

    def _not_simulated(self, request: Request) -> NotSimulated:
        self.unlisted.add((request.service, request.operation))
        self._record(request, "not-simulated")
        return NotSimulated(request.service, request.operation)

    def _raging(self, region: str, at: datetime) -> Iterator[RegionOutage]:
        for fault in self.faults:
            if isinstance(fault, RegionOutage) and fault.region == region and fault.rages(at):
                yield fault

    def _strike(self, request: Request) -> Blow | None:
        at = self.clock.now()
        for fault in self.faults:
            blow = fault.strike(request, at)
            if blow is not None:
                self._hit(fault, f"{request.service}:{request.operation}")
                return blow
        return None

    def _hit(self, fault: Fault, victim: str) -> None:
        fault.hits[victim] += 1
        if self.on_hit is not None:
            self.on_hit(fault.name, victim)

    def _record(self, request: Request, outcome: str) -> None:
        self.log.append(
            CallRecord(
                at=self.clock.now(),
                service=request.service,
                operation=request.operation,
                region=request.region,
                host=request.host,
                home=request.home,
                digest=request.digest,
                write=request.write,
                outcome=str(outcome),
            )
        )


class _ChokePoint(BotocoreStubber):
    """moto's stubber with our network before it."""

    network: ClassVar[Network | None] = None

    def __call__(self, event_name: str, request: AWSPreparedRequest, **kwargs: Any) -> AWSResponse | None:
        deliver = super().__call__
        if not self.enabled or self.network is None:
            return None
        return self.network.carry(event_name, request, lambda: deliver(event_name, request, **kwargs))
