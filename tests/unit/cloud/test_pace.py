"""Pacing against a model of the services' own buckets: never refused, and hardly slower than they allow."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.cloud.pace import LIMITS, Limit, Pace
from orchestrator.model.chance import SeededChance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .conftest import StillClock

WEST, EAST = "us-west-2", "us-east-1"
UPDATE = ("connect", "UpdateUserRoutingProfile", WEST)


class ServiceBucket:
    """The service's side, written from its documentation: starts full, refills evenly or by the tick."""

    def __init__(self, rate: float, burst: float, tick_s: float = 0.0, phase_s: float = 0.0) -> None:
        self.rate, self.burst, self.tick_s, self.phase_s = rate, burst, tick_s, phase_s
        self.tokens, self.seen_s = float(burst), 0.0

    def admits(self, at_s: float) -> bool:
        self.tokens = min(
            self.burst, self.tokens + self.rate * (self._handed_out(at_s) - self._handed_out(self.seen_s))
        )
        self.seen_s = at_s
        if self.tokens < 1 - 1e-9:
            return False
        self.tokens -= 1
        return True

    def _handed_out(self, at_s: float) -> float:
        """Seconds' worth of tokens that have arrived by `at_s`."""
        return at_s if not self.tick_s else (at_s + self.phase_s) // self.tick_s * self.tick_s


def refused(bucket: ServiceBucket, arrivals: Iterable[float]) -> int:
    return sum(not bucket.admits(at) for at in sorted(arrivals))


def test_five_hundred_calls_one_after_the_other_are_never_refused_and_take_at_most_3_percent_longer(
    clock: StillClock,
) -> None:
    pace, service = Pace(LIMITS, clock), ServiceBucket(2, 5)
    start = clock.now()
    for _ in range(500):
        clock.pause(pace.reserve(*UPDATE))
        assert service.admits((clock.now() - start).total_seconds())
    makespan_s = (clock.now() - start).total_seconds()
    ideal_s = (500 - 5) / 2  # five at once, then two a second
    assert ideal_s <= makespan_s <= 1.03 * ideal_s


def test_five_hundred_calls_reserved_at_once_keep_to_the_same_limits(clock: StillClock) -> None:
    pace = Pace(LIMITS, clock)
    sent = [pace.reserve(*UPDATE) for _ in range(500)]
    assert sent[:4] == [0, 0, 0, 0]
    assert refused(ServiceBucket(2, 5), sent) == 0
    assert max(sent) <= 1.03 * (500 - 5) / 2


def test_requests_that_take_up_to_0_4_seconds_more_or_less_on_the_way_are_not_refused(clock: StillClock) -> None:
    pace, delay = Pace(LIMITS, clock), SeededChance(7).stream("network")
    arrivals = [pace.reserve(*UPDATE) + delay.uniform(0, 0.4) for _ in range(500)]
    assert refused(ServiceBucket(2, 5), arrivals) == 0


def test_a_search_whose_burst_is_one_survives_delays_too(clock: StillClock) -> None:
    pace, delay = Pace(LIMITS, clock), SeededChance(7).stream("network")
    arrivals = [pace.reserve("connect", "SearchContacts", WEST) + delay.uniform(0, 0.25) for _ in range(100)]
    assert refused(ServiceBucket(0.5, 1), arrivals) == 0


@pytest.mark.parametrize("phase_s", [0.0, 0.01, 0.5, 0.99])
def test_route_53_which_refills_once_a_second_refuses_nothing_at_any_phase(clock: StillClock, phase_s: float) -> None:
    pace = Pace(LIMITS, clock)
    sent = [pace.reserve("route53", "ChangeResourceRecordSets", EAST) for _ in range(1000)]
    assert refused(ServiceBucket(10, 50, tick_s=1.0, phase_s=phase_s), sent) == 0
    assert max(sent) <= 1.03 * (1000 - 50) / 10


def test_all_route_53_operations_together_stay_within_the_account_s_bucket(clock: StillClock) -> None:
    pace = Pace(LIMITS, clock)
    operations = ("GetHealthCheck", "ListResourceRecordSets", "GetHealthCheckStatus", "GetChange")
    sent = {operation: [pace.reserve("route53", operation, EAST) for _ in range(60)] for operation in operations}
    everything = [at for arrivals in sent.values() for at in arrivals]
    assert refused(ServiceBucket(10, 50, tick_s=1.0), everything) == 0
    assert refused(ServiceBucket(1, 4, tick_s=1.0), sent["GetHealthCheckStatus"]) == 0


def test_route_53_has_one_bucket_for_all_regions_and_connect_one_each(clock: StillClock) -> None:
    limits = {("route53", "*"): Limit(1, 2), ("connect", "*"): Limit(1, 2)}
    pace = Pace(limits, clock)
    assert pace.reserve("route53", "GetChange", EAST) == 0
    assert pace.reserve("route53", "GetChange", WEST) > 0
    assert pace.reserve("connect", "DescribeUser", EAST) == 0
    assert pace.reserve("connect", "DescribeUser", WEST) == 0
    assert pace.reserve("connect", "DescribeUser", WEST) > 0


def test_each_operation_has_a_bucket_of_its_own(clock: StillClock) -> None:
    pace = Pace(LIMITS, clock)
    for _ in range(20):
        pace.reserve(*UPDATE)
    assert pace.reserve("connect", "DescribeUser", WEST) == 0


def test_what_has_no_known_limit_never_waits(clock: StillClock) -> None:
    pace = Pace(LIMITS, clock)
    assert {pace.reserve("dynamodb", "UpdateItem", WEST) for _ in range(1000)} == {0.0}


@settings(max_examples=60, deadline=None)
@given(
    rate=st.floats(0.2, 30),
    burst=st.integers(2, 40),
    thinking=st.lists(st.floats(0, 3), min_size=1, max_size=120),
)
def test_no_rhythm_of_calls_is_refused(rate: float, burst: int, thinking: list[float]) -> None:
    from .conftest import StillClock  # noqa: PLC0415 - a fixture would be shared by all examples

    clock = StillClock()
    pace, service, start = Pace({("s", "*"): Limit(rate, burst)}, clock), ServiceBucket(rate, burst), clock.now()
    for pause in thinking * 4:
        clock.pause(pace.reserve("s", "Op", WEST))
        assert service.admits((clock.now() - start).total_seconds())
        clock.pause(pause if pause > 1 else 0)


def test_a_smaller_share_leaves_room_for_others(clock: StillClock) -> None:
    pace = Pace(LIMITS, clock, share=0.5)
    sent = [pace.reserve(*UPDATE) for _ in range(100)]
    assert max(sent) == pytest.approx((100 - 4) / (2 * 0.5))


def test_a_refusal_empties_our_bucket_so_that_the_next_call_waits_for_a_token(clock: StillClock) -> None:
    pace = Pace(LIMITS, clock)
    assert pace.reserve(*UPDATE) == 0
    pace.throttled(*UPDATE)
    assert pace.reserve(*UPDATE) >= 1 / 2


def test_a_clock_set_back_an_hour_does_not_make_anybody_wait_an_hour(clock: StillClock) -> None:
    pace = Pace(LIMITS, clock)
    for _ in range(6):
        pace.reserve(*UPDATE)
    clock.present -= timedelta(hours=1)
    assert pace.reserve(*UPDATE) < 3


def test_threads_share_one_line(clock: StillClock) -> None:
    pace, sent, lock = Pace(LIMITS, clock), [], threading.Lock()

    def work() -> None:
        mine = [pace.reserve(*UPDATE) for _ in range(50)]
        with lock:
            sent.extend(mine)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = Pace(LIMITS, clock)
    assert sorted(sent) == pytest.approx([alone.reserve(*UPDATE) for _ in range(400)])
