"""The gates of a planned move back: health that lasts, replication that has arrived, few who wait, few who call.

Rules: botocore, SearchContacts (TotalCount), GetCurrentMetricData (null, empty results, DataSnapshotTime),
DescribeInstance (ReplicationConfiguration) and ListReplicationFindings.
"""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.connect.state import Contact
from orchestrator.actions.freshness import KINDS
from orchestrator.model.actions import Reading
from orchestrator.model.errors import RegionUnreachable, ServiceTrouble
from orchestrator.model.parameters import BadParameters

if TYPE_CHECKING:
    from action_world import ActionWorld

    from orchestrator.model.actions import Finding

EAST, WEST, NOWHERE = "us-east-1", "us-west-2", "eu-west-2"


def _calls(world: ActionWorld, count: int, age_s: float = 60, region: str = WEST, **more: Any) -> None:
    began = world.cloud.clock.now() - timedelta(seconds=age_s)
    for _ in range(count):
        name = f"contact-{len(world.site(region).contacts)}"
        world.site(region).add_contact(
            Contact(name, world.instance, region, world.connect.numbers[0].arn, began, **more)
        )


# service.healthy_for


@pytest.mark.parametrize(("at_least", "looks"), [("15m", 31), ("30s", 2), ("31s", 3), ("1s", 2)])
def test_health_is_looked_at_from_the_first_moment_to_the_last(world: ActionWorld, at_least: str, looks: int) -> None:
    acting = world.acting("service.healthy_for", region=EAST, at_least=at_least)
    assert acting.kind.needed_in_a_row(acting.params) == looks
    spanned_s = (looks - 1) * acting.kind.interval_s
    assert acting.params.at_least <= spanned_s < acting.params.at_least + acting.kind.interval_s


def test_each_look_is_that_of_service_answers(world: ActionWorld) -> None:
    for region in (EAST, WEST, NOWHERE):
        asked = {"region": region}
        assert (
            world.acting("service.healthy_for", **asked, at_least="15m").probe()
            == world.acting("service.answers", **asked).probe()
        )
    world.lost(EAST)
    with pytest.raises(RegionUnreachable):
        world.acting("service.healthy_for", region=EAST, at_least="15m").probe()


@pytest.mark.parametrize("at_least", ["0s", "25h"])
def test_no_time_and_more_than_a_day_are_refused(world: ActionWorld, at_least: str) -> None:
    with pytest.raises(BadParameters, match="at_least: is "):
        world.acting("service.healthy_for", region=EAST, at_least=at_least)


# service.low_tide


def _tide(world: ActionWorld, **more: Any) -> Finding:
    given = {"region": WEST, "instance": world.instance, "calls_at_most": 3, "window": "5m"}
    finding: Finding = world.acting("service.low_tide", **given | more).probe()
    return finding


def test_it_is_low_tide_while_no_more_calls_than_that_came_in(world: ActionWorld) -> None:
    assert _tide(world, calls_at_most=0).reading is Reading.HOLDS
    _calls(world, 3)
    assert (_tide(world).reading, _tide(world).evidence["calls"]) == (Reading.HOLDS, 3)
    _calls(world, 1)
    found = _tide(world)
    assert (found.reading, found.evidence["calls"]) == (Reading.PENDING, 4)
    assert found.what == f"4 calls came in at {WEST} within 5m; at most 3 may"


def test_calls_before_the_window_other_channels_and_the_other_region_do_not_count(world: ActionWorld) -> None:
    _calls(world, 5, age_s=301)
    _calls(world, 5, channel="CHAT")
    _calls(world, 5, region=EAST)
    assert _tide(world).evidence["calls"] == 0


def test_one_request_counts_them_however_many(world: ActionWorld) -> None:
    _calls(world, 250)
    mark = world.mark
    assert _tide(world).evidence["calls"] == 250
    assert [made.operation for made in world.since(mark)] == ["SearchContacts"]


# service.backlog


def _backlog(world: ActionWorld, **more: Any) -> Any:
    queues = [queue.id for queue in world.connect.queues.values()]
    given = {"region": WEST, "instance": world.instance, "queues": queues, "contacts_at_most": 2}
    return world.acting("service.backlog", **given | more)


def _waiting(world: ActionWorld, count: int, queue: str = "general", region: str = WEST) -> None:
    now = world.cloud.clock.now()
    _calls(world, count, region=region, enqueued_at=now, queue_id=world.connect.queues[queue].id)


def test_those_who_wait_in_any_of_the_queues_are_the_backlog(world: ActionWorld) -> None:
    assert _backlog(world).probe().evidence == {"region": WEST, "contacts": 0}
    _waiting(world, 1)
    _waiting(world, 1, "vip")
    _waiting(world, 4, region=EAST)
    assert _backlog(world).probe().reading is Reading.HOLDS
    _waiting(world, 1, "vip")
    found = _backlog(world).probe()
    assert (found.reading, found.evidence["contacts"]) == (Reading.PENDING, 3)
    assert _backlog(world, queues=[world.connect.queues["general"].id]).probe().evidence["contacts"] == 1


@pytest.mark.parametrize(("queues", "why"), [([], "names 0 queues"), (["q"] * 101, "names 101 queues")])
def test_no_queue_and_more_than_a_request_takes_are_refused(world: ActionWorld, queues: list[str], why: str) -> None:
    with pytest.raises(BadParameters, match=why):
        _backlog(world, queues=queues)


class _Saying:
    """Hands whose one client gives ordered answers; the time stands still."""

    def __init__(self, world: ActionWorld, **answers: Any) -> None:
        self._answers, self._now = answers, world.cloud.clock.now()

    def now(self) -> Any:
        return self._now

    def client(self, *_: str) -> Any:
        return SimpleNamespace(**{name: lambda *_, _said=said, **__: _said for name, said in self._answers.items()})


def _said(world: ActionWorld, **answer: Any) -> Finding:
    acting = _backlog(world)
    finding: Finding = acting.kind(_Saying(world, get_current_metric_data=answer)).probe(acting.params)
    return finding


@pytest.mark.parametrize("results", [[], [{"Collections": []}], [{"Collections": [{"Value": None}]}], [{}]])
def test_no_figure_is_unknown_and_never_nought(world: ActionWorld, results: Any) -> None:
    found = _said(world, MetricResults=results, DataSnapshotTime=world.cloud.clock.now())
    assert found.reading is Reading.UNKNOWN


@pytest.mark.parametrize(("age_s", "reading"), [(120, Reading.HOLDS), (121, Reading.UNKNOWN)])
def test_an_old_figure_is_unknown(world: ActionWorld, age_s: int, reading: Reading) -> None:
    results = [{"Collections": [{"Value": 0.0}]}]
    at = world.cloud.clock.now() - timedelta(seconds=age_s)
    assert _said(world, MetricResults=results, DataSnapshotTime=at).reading is reading


def test_a_figure_of_no_time_is_trouble(world: ActionWorld) -> None:
    with pytest.raises(ServiceTrouble, match="DataSnapshotTime"):
        _said(world, MetricResults=[{"Collections": [{"Value": 0.0}]}])


# connect.replication_fresh


def _fresh(world: ActionWorld, **more: Any) -> Any:
    return world.acting("connect.replication_fresh", **{"region": EAST, "instance": world.instance, **more})


def test_a_pair_in_which_everything_has_arrived_is_fresh_seen_from_either_region(world: ActionWorld) -> None:
    world.wait(61)
    for region in (EAST, WEST):
        found = _fresh(world, region=region).probe()
        assert found.reading is Reading.HOLDS
        assert found.evidence["statuses"] == dict.fromkeys((EAST, WEST), "INSTANCE_REPLICATION_COMPLETE")
        assert found.evidence["differing"] == {kind: {EAST: 0, WEST: 0} for kind in KINDS}


def test_an_edit_that_has_not_arrived_is_pending_and_named(world: ActionWorld) -> None:
    world.wait(61)
    group = world.connect.agent_groups["vip"].model_dump()
    world.acting("agents.incident_routing", region=WEST, instance=world.instance, group=group).carry_out()
    found = _fresh(world).probe()
    assert found.reading is Reading.PENDING
    assert found.what == f"{len(group['user_ids'])} of AGENT not yet in {EAST}"
    assert _fresh(world, kinds=["QUEUE"]).probe().reading is Reading.HOLDS
    world.wait(61)
    assert _fresh(world).probe().reading is Reading.HOLDS


def test_while_the_other_region_is_dead_nothing_is_fresh(world: ActionWorld) -> None:
    world.wait(61)
    world.lost(WEST)
    found = _fresh(world).probe()
    assert found.reading is Reading.UNKNOWN
    assert f"AGENT in {WEST}" in found.what


def _statuses(*statuses: str) -> Any:
    listed = [
        {"Region": region, "ReplicationStatus": status} for region, status in zip((EAST, WEST), statuses, strict=False)
    ]
    return {"ReplicationConfiguration": {"ReplicationStatusSummaryList": listed}}


def _findings(world: ActionWorld, age_s: float = 0, count: int = 0, **more: Any) -> Any:
    at = world.cloud.clock.now() - timedelta(seconds=age_s)
    counts = [{"Region": region, "Count": count, "Timestamp": at} for region in (EAST, WEST)]
    return {"ReplicationFindingsList": [], "ApproximateDriftedResourceCounts": counts, **more}


def _judged(world: ActionWorld, instance: Any, findings: Any) -> Finding:
    acting = _fresh(world, counted_within="10m", kinds=["QUEUE"])
    saying: Any = _Saying(world, describe_instance=instance, list_replication_findings=findings)
    finding: Finding = acting.kind(saying).probe(acting.params)
    return finding


DONE = "INSTANCE_REPLICATION_COMPLETE"


@pytest.mark.parametrize(
    ("statuses", "reading"),
    [
        ((DONE, DONE), Reading.HOLDS),
        ((DONE, "INSTANCE_REPLICATION_IN_PROGRESS"), Reading.PENDING),
        (("RESOURCE_REPLICATION_NOT_STARTED", DONE), Reading.PENDING),
        ((DONE, "INSTANCE_REPLICATION_FAILED"), Reading.FAILS),
        (("INSTANCE_REPLICA_DELETING", DONE), Reading.FAILS),
        ((DONE,), Reading.FAILS),
        ((), Reading.FAILS),
    ],
)
def test_each_status_of_a_replication_is_fresh_awaited_or_a_dead_end(
    world: ActionWorld, statuses: tuple[str, ...], reading: Reading
) -> None:
    assert _judged(world, _statuses(*statuses), _findings(world)).reading is reading


@pytest.mark.parametrize(("age_s", "reading"), [(600, Reading.HOLDS), (601, Reading.UNKNOWN)])
def test_a_count_of_long_ago_is_unknown(world: ActionWorld, age_s: float, reading: Reading) -> None:
    assert _judged(world, _statuses(DONE, DONE), _findings(world, age_s)).reading is reading


def test_findings_and_a_blocked_kind_are_pending_though_nothing_differs(world: ActionWorld) -> None:
    found = _judged(world, _statuses(DONE, DONE), _findings(world, ReplicationFindingsList=[{"Id": "q"}]))
    assert (found.reading, found.what) == (Reading.PENDING, "findings of QUEUE that want a person: 1")
    blocked = _findings(world, ResourceReplicationStatuses=[{"Region": WEST, "Status": "BLOCKED"}])
    found = _judged(world, _statuses(DONE, DONE), blocked)
    assert (found.reading, found.what) == (Reading.PENDING, f"replication of QUEUE in {WEST} is BLOCKED")


def test_a_kind_that_the_service_does_not_know_is_refused(world: ActionWorld) -> None:
    with pytest.raises(BadParameters, match="kinds"):
        _fresh(world, kinds=["QUEUES"])
    with pytest.raises(BadParameters, match="names no kind"):
        _fresh(world, kinds=[])
