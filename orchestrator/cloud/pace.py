"""How fast each AWS operation may be called: a token bucket per account, Region, service and operation.

Laws: waiting beats being refused, for a refusal costs a round trip and the service counts it too; yet bulk work stays
within 3 % of the makespan that the service's own buckets allow. One `Pace` belongs to one account. It only computes:
the door waits.

A bucket is kept as one number, the moment at which it would be full again (the generic cell rate algorithm), so that
a reservation over several buckets is exact and costs the same however many wait.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from orchestrator.cloud.regions import client_region

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from orchestrator.model.clock import Clock

EACH = "*"
"""Operation name for "each operation that has no row of its own"; every such operation has its own bucket."""

ALL = ""
"""Operation name for "all operations of the service together", a bucket that they share."""

SHARE: Final = 0.99
"""The part of a service's rate that is used, so that its bucket slowly gains on us."""

LONE_SLACK_S: Final = 0.25
"""Seconds added between calls where the burst is one: no spare token forgives a request that arrives early."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a service admits: `rate_per_s` sustained, `burst` at once from a full bucket.

    `refill_s` is how often tokens are added, where they do not flow in evenly (0).
    """

    rate_per_s: float
    burst: int
    refill_s: float = 0.0


_CONTACTS = Limit(10, 15)
_METRICS = Limit(5, 8)

LIMITS: Final[Mapping[tuple[str, str], Limit]] = MappingProxyType(
    {
        # Amazon Connect administrator guide, "Amazon Connect API throttling quotas": per account and Region, one
        # bucket per API, shared by all instances and principals. Adjustable: pass your own where AWS granted more.
        ("connect", EACH): Limit(2, 5),
        ("connect", "GetMetricDataV2"): Limit(10, 10),
        ("connect", "GetMetricData"): _METRICS,
        ("connect", "GetCurrentMetricData"): _METRICS,
        ("connect", "SearchContacts"): Limit(0.5, 1),
        ("connect", "DescribeContact"): _CONTACTS,
        ("connect", "GetContactAttributes"): _CONTACTS,
        ("connect", "ListContactReferences"): _CONTACTS,
        ("connect", "StopContact"): _CONTACTS,
        ("connect", "UpdateContact"): _CONTACTS,
        ("connect", "UpdateContactAttributes"): _CONTACTS,
        ("connectcampaigns", EACH): Limit(1, 2),
        ("connectcampaignsv2", EACH): Limit(1, 2),
        # Route 53 developer guide, "Throttling for Amazon Route 53 API requests": an account-wide bucket and one per
        # operation, refilled once a second. (Older pages say five requests a second.)
        ("route53", ALL): Limit(10, 50, refill_s=1),
        ("route53", EACH): Limit(10, 50, refill_s=1),
        ("route53", "CreateHealthCheck"): Limit(0.5, 50, refill_s=1),
        ("route53", "CreateHostedZone"): Limit(2, 40, refill_s=1),
        ("route53", "DeleteHealthCheck"): Limit(3, 15, refill_s=1),
        ("route53", "DeleteHostedZone"): Limit(5, 40, refill_s=1),
        ("route53", "GetHealthCheckLastFailureReason"): Limit(1, 4, refill_s=1),
        ("route53", "GetHealthCheckStatus"): Limit(1, 4, refill_s=1),
        # Practice, not documented: assumed until a quota says otherwise.
        ("chime-sdk-voice", EACH): Limit(2, 2),
        ("workspaces", EACH): Limit(2, 2),
        ("route53-recovery-cluster", EACH): Limit(2, 2),
    }
)


class _Bucket:
    """One bucket of ours, a little smaller and slower than the service's, so that theirs never runs dry."""

    __slots__ = ("_full_at_s", "_interval_s", "_tolerance_s")

    def __init__(self, limit: Limit, share: float) -> None:
        self._interval_s = 1 / (limit.rate_per_s * share) + (LONE_SLACK_S if limit.burst <= 1 else 0.0)
        # One token of theirs stays in hand, which forgives a request that overtakes another on the way; and so do
        # those that we have earned already and a service that refills by the tick has not yet handed out.
        kept = 1 + math.ceil(limit.rate_per_s * limit.refill_s)
        burst = max(limit.burst - kept, 1)
        self._tolerance_s = (burst - 1) * self._interval_s
        self._full_at_s = 0.0

    def earliest_s(self, now_s: float) -> float:
        """When the next call may be sent."""
        return max(now_s, self._full_at_s - self._tolerance_s)

    def take(self, at_s: float) -> None:
        """Count a call that will be sent at `at_s`."""
        self._full_at_s = max(self._full_at_s, at_s) + self._interval_s

    def drain(self, now_s: float) -> None:
        """The service says that its bucket is empty: so is ours, for as long as it takes to gain one token."""
        self._full_at_s = max(self._full_at_s, now_s + self._tolerance_s + self._interval_s)


class Pace:
    """Reserves a moment to send for each call. Deterministic for equal clocks; safe between threads.

    Args:
        limits: (service, operation) to limit; `EACH` and `ALL` as operation. What has no row is not paced.
        clock: where the present comes from. Steps of the wall clock backwards count as no time.
        share: the part of each rate that is ours; lower it where others call from the same account.
    """

    def __init__(self, limits: Mapping[tuple[str, str], Limit], clock: Clock, *, share: float = SHARE) -> None:
        self._limits, self._clock, self._share = limits, clock, share
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str, str], tuple[_Bucket, ...]] = {}
        self._shared: dict[tuple[str, str], _Bucket] = {}
        self._elapsed_s = 0.0
        self._seen: datetime = clock.now()

    def reserve(self, service: str, operation: str, region: str) -> float:
        """Seconds to wait before sending; the place in line is taken by asking. 0 when free or not paced."""
        with self._lock:
            buckets = self._of(service, operation, region)
            if not buckets:
                return 0.0
            now_s = self._now_s()
            at_s = max(bucket.earliest_s(now_s) for bucket in buckets)
            for bucket in buckets:
                bucket.take(at_s)
            return at_s - now_s

    def throttled(self, service: str, operation: str, region: str) -> None:
        """The service refused a call: others drew from the same bucket, or an earlier run of ours did."""
        with self._lock:
            for bucket in self._of(service, operation, region):
                bucket.drain(self._now_s())

    def _now_s(self) -> float:
        """Seconds since the start that never run backwards."""
        now = self._clock.now()
        self._elapsed_s += max(0.0, (now - self._seen).total_seconds())
        self._seen = now
        return self._elapsed_s

    def _of(self, service: str, operation: str, region: str) -> tuple[_Bucket, ...]:
        """The buckets that a call draws from: its own, and the one that all operations share."""
        place = client_region(service, region)
        key = (service, operation, place)
        if key not in self._buckets:
            own = self._limits.get((service, operation)) or self._limits.get((service, EACH))
            found = [_Bucket(own, self._share)] if own else []
            together = self._limits.get((service, ALL))
            if together:
                found.append(self._shared.setdefault((service, place), _Bucket(together, self._share)))
            self._buckets[key] = tuple(found)
        return self._buckets[key]
