"""Whether a place serves: its instances, and the calls that its agents have taken.

Rules: botocore, ListInstances (InstanceStatus, InboundCallsEnabled; pages of 10) and SearchContacts (times of a
contact, which are absent until they happened; pages of 100).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.connect.state import Contact
from orchestrator.model.actions import Reading
from orchestrator.model.errors import NotFound, RegionUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from action_world import ActionWorld

    from orchestrator.model.actions import Finding

    Calls = Callable[..., None]

EAST, WEST, NOWHERE = "us-east-1", "us-west-2", "eu-west-2"


def _instance(world: ActionWorld, alias: str, region: str, *, inbound: bool = True) -> str:
    with world.cloud.building():
        made = world.cloud.door.client("connect", region).create_instance(
            IdentityManagementType="SAML", InstanceAlias=alias, InboundCallsEnabled=inbound, OutboundCallsEnabled=True
        )
    return str(made["Id"])


@pytest.fixture
def instance(world: ActionWorld) -> Iterator[Callable[..., str]]:
    """Makes instances that are gone after the test; they become active within a minute."""
    made: list[tuple[str, str]] = []

    def make(alias: str, region: str, *, inbound: bool = True) -> str:
        made.append((region, _instance(world, alias, region, inbound=inbound)))
        return made[-1][1]

    yield make
    with world.cloud.building():
        for region, one in made:
            world.cloud.door.client("connect", region).delete_instance(InstanceId=one)


# service.answers


def _answers(world: ActionWorld, region: str) -> Finding:
    finding: Finding = world.acting("service.answers", region=region).probe()
    return finding


@pytest.mark.parametrize("region", [EAST, WEST])
def test_the_instance_and_its_replica_both_answer(world: ActionWorld, region: str) -> None:
    finding = _answers(world, region)
    assert finding.reading is Reading.HOLDS
    assert finding.evidence == {"region": region, "active_instances": 1}


def test_a_region_without_an_instance_is_pending(world: ActionWorld) -> None:
    finding = _answers(world, NOWHERE)
    assert finding.reading is Reading.PENDING
    assert NOWHERE in finding.what


def test_an_instance_still_being_created_does_not_serve_yet(world: ActionWorld, instance: Callable[..., str]) -> None:
    instance("young", NOWHERE)
    assert _answers(world, NOWHERE).reading is Reading.PENDING
    world.wait(60)
    assert _answers(world, NOWHERE).reading is Reading.HOLDS


def test_an_instance_that_takes_no_calls_does_not_serve(world: ActionWorld, instance: Callable[..., str]) -> None:
    instance("outbound-only", NOWHERE, inbound=False)
    world.wait(60)
    assert _answers(world, NOWHERE).reading is Reading.PENDING


def test_an_instance_on_the_second_page_is_seen(world: ActionWorld, instance: Callable[..., str]) -> None:
    for number in range(10):
        instance(f"deaf-{number}", NOWHERE, inbound=False)
    world.wait(1)  # pages are oldest first
    instance("hearing", NOWHERE)
    world.wait(60)
    assert _answers(world, NOWHERE).reading is Reading.HOLDS


def test_a_dead_region_is_an_error_and_not_pending(world: ActionWorld) -> None:
    world.lost(EAST)
    with pytest.raises(RegionUnreachable):
        _answers(world, EAST)
    assert _answers(world, WEST).reading is Reading.HOLDS


def test_looking_whether_it_answers_writes_nothing(world: ActionWorld) -> None:
    wrote = len(world.landed())
    _answers(world, WEST)
    assert len(world.landed()) == wrote


# service.calls_answered


@pytest.fixture
def calls(world: ActionWorld) -> Calls:
    """Adds calls that came in `age_s` ago: answered, abandoned, or still waiting where neither is said."""
    drawn = iter(range(1_000_000))

    def add(count: int, age_s: float, *, answered: bool = False, abandoned: bool = False, **other: Any) -> None:
        now = world.cloud.clock.now()
        began = now - timedelta(seconds=age_s)
        for _ in range(count):
            contact = Contact(
                id=f"contact-{next(drawn):06}",
                instance_id=world.instance,
                region=WEST,
                number_arn=world.connect.numbers[0].arn,
                initiated_at=began,
                agent_id=world.connect.agent_groups["general"].user_ids[0] if answered else None,
                connected_at=now if answered else None,
                disconnected_at=now if abandoned else None,
                **other,
            )
            world.site(WEST).add_contact(contact)

    return add


def _answered(world: ActionWorld, **other: Any) -> Finding:
    given = {"region": WEST, "percent_at_least": 90, "window": "2m", "calls_at_least": 10}
    finding: Finding = world.acting("service.calls_answered", **given | other).probe()
    return finding


def _counts(finding: Finding) -> tuple[Any, Any]:
    return finding.evidence["calls"], finding.evidence["answered"]


def test_enough_answered_calls_hold(world: ActionWorld, calls: Calls) -> None:
    calls(9, 60, answered=True)
    calls(1, 60, abandoned=True)
    finding = _answered(world)
    assert finding.reading is Reading.HOLDS
    assert finding.evidence == {"region": WEST, "calls": 10, "answered": 9, "percent": 90.0}


def test_a_share_below_the_one_asked_for_is_pending(world: ActionWorld, calls: Calls) -> None:
    calls(89, 60, answered=True)
    calls(11, 60, abandoned=True)
    finding = _answered(world)
    assert finding.reading is Reading.PENDING
    assert _counts(finding) == (100, 89)


def test_a_call_that_was_answered_and_has_ended_counts_as_answered(world: ActionWorld, calls: Calls) -> None:
    calls(10, 60, answered=True, abandoned=True)  # connected, and disconnected since
    assert _counts(_answered(world)) == (10, 10)


def test_a_call_that_has_just_begun_to_wait_is_not_judged_and_one_that_has_waited_long_counts_against(
    world: ActionWorld, calls: Calls
) -> None:
    calls(10, 60, answered=True)
    calls(5, 20)
    assert _counts(_answered(world)) == (10, 10)
    calls(2, 40)
    assert _counts(_answered(world)) == (12, 10)


def test_a_call_abandoned_at_once_counts_against(world: ActionWorld, calls: Calls) -> None:
    calls(9, 60, answered=True)
    calls(3, 5, abandoned=True)
    assert _counts(_answered(world)) == (12, 9)


def test_only_calls_that_came_in_within_the_window_count(world: ActionWorld, calls: Calls) -> None:
    calls(4, 118, answered=True)  # reading takes part of a second, so that the edge itself is not hit from here
    calls(8, 121, abandoned=True)
    assert _counts(_answered(world, calls_at_least=1)) == (4, 4)
    assert _counts(_answered(world, calls_at_least=1, window="5m")) == (12, 4)


@pytest.mark.parametrize(("answered", "reading"), [(9, Reading.PENDING), (10, Reading.HOLDS)])
def test_too_few_calls_prove_nothing_however_well_answered(
    world: ActionWorld, calls: Calls, answered: int, reading: Reading
) -> None:
    calls(answered, 60, answered=True)
    assert _answered(world).reading is reading


def test_no_call_at_all_is_pending_even_when_one_is_enough(world: ActionWorld) -> None:
    finding = _answered(world, calls_at_least=1)
    assert finding.reading is Reading.PENDING
    assert finding.evidence == {"region": WEST, "calls": 0, "answered": 0}


def test_calls_beyond_the_first_page_count(world: ActionWorld, calls: Calls) -> None:
    calls(150, 60, answered=True)
    calls(101, 90, abandoned=True)
    mark = world.mark
    assert _counts(_answered(world)) == (251, 150)
    assert [made.operation for made in world.since(mark)] == ["ListInstances", *["SearchContacts"] * 3]


def test_other_channels_are_no_calls(world: ActionWorld, calls: Calls) -> None:
    calls(10, 60, answered=True)
    calls(10, 60, abandoned=True, channel="CHAT")
    assert _counts(_answered(world)) == (10, 10)


def test_calls_taken_in_the_other_region_prove_nothing_here(world: ActionWorld, calls: Calls) -> None:
    calls(20, 60, answered=True)
    assert _counts(_answered(world, region=EAST)) == (0, 0)


def test_with_two_instances_in_the_region_it_is_unknown_until_one_is_named(
    world: ActionWorld, calls: Calls, instance: Callable[..., str]
) -> None:
    calls(20, 60, answered=True)
    other = instance("another", WEST)
    assert _answered(world).reading is Reading.HOLDS  # the other one is not active yet
    world.wait(60)
    unnamed = _answered(world, window="5m")
    assert unnamed.reading is Reading.UNKNOWN
    assert unnamed.evidence == {"active_instances": 2}
    assert _answered(world, window="5m", instance=world.instance).reading is Reading.HOLDS
    assert _counts(_answered(world, window="5m", instance=other)) == (0, 0)


def test_a_region_without_an_instance_has_no_calls_to_count(world: ActionWorld) -> None:
    finding = _answered(world, region=NOWHERE)
    assert finding.reading is Reading.PENDING
    assert finding.evidence == {"active_instances": 0}


def test_a_named_instance_that_is_not_there_is_an_error(world: ActionWorld) -> None:
    with pytest.raises(NotFound):
        _answered(world, region=NOWHERE, instance=world.instance)


def test_counting_in_a_dead_region_is_an_error_and_not_zero_calls(world: ActionWorld, calls: Calls) -> None:
    calls(20, 60, answered=True)
    world.lost(WEST)
    with pytest.raises(RegionUnreachable):
        _answered(world)


def test_counting_needs_nothing_of_the_dead_region(world: ActionWorld, calls: Calls) -> None:
    calls(20, 60, answered=True)
    outage = world.lost(EAST)
    assert _answered(world).reading is Reading.HOLDS
    assert not outage.hits
