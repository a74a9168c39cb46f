"""DNS as the world sees it: answers for the zones in the simulated Route 53, by the health of what the records watch.

Laws: this is the data plane, so it answers whatever Region is dead; no answer is made up for a routing policy or a
health check that has no rules here.

Rules: Route 53 Developer Guide, "How Amazon Route 53 chooses records when health checking is configured", and the API's
ResourceRecordSet and HealthCheckConfig. Modelled: a health check follows its alarm 20 s after the alarm turned. (Route
53 watches the alarm's data itself, and its checks tell each other every 10 to 30 s.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dnslib import QTYPE, RCODE, RR, DNSRecord
from moto.cloudwatch.models import cloudwatch_backends
from moto.route53.models import route53_backends

from drills.simulator.aws import cloudwatch
from drills.simulator.aws.route53 import AlarmCheck, RecordSet, policy_of
from orchestrator.model.errors import NotFound, NotSimulated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moto.route53.models import FakeZone, HealthCheck

    from drills.simulator.network import Network
    from orchestrator.model.clock import Clock

CHECK_DELAY = timedelta(seconds=20)
NEGATIVE_TTL_S = 900
"""Seconds that a resolver remembers that a name does not exist: the TTL of the zone's SOA record."""
_CHAIN_MAX = 8


@dataclass(frozen=True, slots=True)
class Record:
    """Records of one name and type, as answered. Names are absolute and lower case; `ttl_s` in seconds."""

    name: str
    type: str
    ttl_s: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: the records in the order of the chain, and whether the name exists at all."""

    records: tuple[Record, ...]
    exists: bool


class NameServer:
    """Route 53's name servers and a recursive resolver before them, in one; uncached."""

    def __init__(self, clock: Clock, network: Network, account: str = "111122223333") -> None:
        self._clock, self._network, self._account = clock, network, account
        self._dice = network.chance.stream("names")

    def exchange(self, query: bytes) -> bytes:
        """The answer to a DNS query, both in wire format. NXDOMAIN for names that no zone holds."""
        asked = DNSRecord.parse(query)
        reply = asked.reply()
        try:
            answer = self.answer(str(asked.q.qname), QTYPE[asked.q.qtype])
        except NotSimulated:
            reply.header.rcode = RCODE.SERVFAIL
            return bytes(reply.pack())
        reply.header.rcode = RCODE.NOERROR if answer.exists else RCODE.NXDOMAIN
        for record in answer.records:
            for value in record.values:
                reply.add_answer(*RR.fromZone(f"{record.name} {record.ttl_s} IN {record.type} {value}"))
        return bytes(reply.pack())

    def answer(self, name: str, kind: str) -> Answer:
        """What `name` answers with now for a record type, aliases followed as far as our zones go.

        Raises:
            NotSimulated: a record or health check of a sort that has no rules here; noted in `network.unlisted`.
        """
        records: list[Record] = []
        at = name.rstrip(".").lower() + "."
        for _ in range(_CHAIN_MAX):
            present = self._record_sets(at)
            if not present:
                break
            chosen = [r for r in present if r.type == kind] or [r for r in present if r.type == "CNAME"]
            if not chosen:
                return Answer(tuple(records), exists=True)
            picked = self._choose(chosen)
            records.append(Record(at, picked.type, int(picked.ttl), tuple(picked.records)))
            if picked.type == kind:
                return Answer(tuple(records), exists=True)
            at = picked.records[0].rstrip(".").lower() + "."
        return Answer(tuple(records), exists=bool(records))

    def healthy(self, check_id: str | None) -> bool:
        """What Route 53 takes the status of a health check to be now; without a check, always healthy.

        Raises:
            NotSimulated: the check watches something else than an alarm.
        """
        if check_id is None:
            return True
        check: HealthCheck = route53_backends[self._account]["aws"].get_health_check(check_id)
        if check.disabled:
            return True
        if not isinstance(check, AlarmCheck):
            raise self._without_rules(f"health check {check.type_}")
        return self._alarm_is_well(check) is not bool(check.inverted)

    def _alarm_is_well(self, check: AlarmCheck) -> bool:
        alarms = cloudwatch_backends[self._account][check.alarm["Region"]]
        alarm = alarms.alarm(check.alarm["Name"]) if isinstance(alarms, cloudwatch.Backend) else None
        seen_at = (self._clock.now() - CHECK_DELAY).astimezone(UTC).replace(tzinfo=None)
        seen = [state for turned, state in alarm.transitions if turned <= seen_at] if alarm else []
        if seen and seen[-1] != "INSUFFICIENT_DATA":
            return seen[-1] == "OK"
        if check.when_insufficient != "LastKnownStatus":
            return check.when_insufficient == "Healthy"
        known = [state for state in seen if state != "INSUFFICIENT_DATA"]
        return not known or known[-1] == "OK"

    def _record_sets(self, name: str) -> list[RecordSet]:
        """The record sets at a name in the zone that is closest to it."""
        zones: Sequence[FakeZone] = [
            zone
            for zone in route53_backends[self._account]["aws"].zones.values()
            if not zone.private_zone and f".{name}".endswith(f".{zone.name}")
        ]
        closest = max(zones, key=lambda zone: len(zone.name), default=None)
        return [r for r in closest.rrsets if r.name.lower() == name] if closest else []

    def _choose(self, record_sets: Sequence[RecordSet]) -> RecordSet:
        if any(r.alias_target for r in record_sets):
            raise self._without_rules("alias record")
        policy = policy_of(record_sets[0])
        if policy == "simple":
            return record_sets[0]
        if policy == "failover":
            return self._choose_failover(record_sets)
        if policy == "weighted":
            return self._choose_weighted(record_sets)
        raise self._without_rules(f"{policy} routing")

    def _choose_failover(self, record_sets: Sequence[RecordSet]) -> RecordSet:
        roles = {r.failover: r for r in record_sets}
        primary, secondary = roles.get("PRIMARY"), roles.get("SECONDARY")
        if primary is None or secondary is None:
            return record_sets[0]
        # With both unhealthy the primary is answered: no answer at all would help nobody.
        evacuate = not self.healthy(primary.health_check_id) and self.healthy(secondary.health_check_id)
        return secondary if evacuate else primary

    def _choose_weighted(self, record_sets: Sequence[RecordSet]) -> RecordSet:
        well = [r for r in record_sets if self.healthy(r.health_check_id)] or list(record_sets)
        heavy = [r for r in well if int(r.weight) > 0] or well
        weights = [int(r.weight) or 1 for r in heavy]
        return self._dice.choices(heavy, weights)[0] if len(heavy) > 1 else heavy[0]

    def _without_rules(self, what: str) -> NotSimulated:
        self._network.unlisted.add(("dns", what))
        return NotSimulated("dns", what)


class CachingResolver:
    """What one client sees: an answer stays until its TTL has run out, however the world has changed."""

    def __init__(self, nameserver: NameServer, clock: Clock) -> None:
        self._nameserver, self._clock = nameserver, clock
        self._kept: dict[str, tuple[datetime, tuple[str, ...]]] = {}

    def resolve(self, name: str) -> tuple[str, ...]:
        """The target of the CNAME at `name` if there is one, else its addresses; sorted, without a trailing dot.

        Raises:
            NotFound: no such name, or nothing of the kind at it.
            NotSimulated: as `NameServer.answer`.
        """
        until, targets = self._kept.get(name, (None, ()))
        if until is None or until <= self._clock.now():
            targets, ttl_s = self._ask(name)
            self._kept[name] = self._clock.now() + timedelta(seconds=ttl_s), targets
        if not targets:
            raise NotFound(f"{name} does not exist", service="dns", operation="Resolve", region="", code="NXDOMAIN")
        return targets

    def _ask(self, name: str) -> tuple[tuple[str, ...], int]:
        answers = [self._nameserver.answer(name, kind) for kind in ("A", "AAAA")]
        # The first link of the chain is what the name itself points at.
        found = [answer.records[0] for answer in answers if answer.records]
        targets = sorted({value.rstrip(".").lower() for record in found for value in record.values})
        return tuple(targets), min((record.ttl_s for record in found), default=NEGATIVE_TTL_S)
