"""Customers and agents of two independent instances that a Voice Connector group joins."""

from __future__ import annotations

from typing import Any

import pytest

from drills.simulator.aws.voice.estate import Carrier
from drills.simulator.dialling import Dialled, Staff, dialled, shares_of, staffs

EAST, WEST = "us-east-1", "us-west-2"


@pytest.fixture
def pair(kit: Any) -> Any:
    return kit.Independent()


def test_callers_ring_the_instance_that_the_group_leads_to_by_that_instances_own_number(kit: Any, pair: Any) -> None:
    people = pair.people()
    pair.live(people, 30, at={15: lambda: pair.lead(WEST)})
    east, west = people.tally.total(EAST), people.tally.total(WEST)
    assert east.answered > 30
    assert west.answered > 30
    numbers = {region: {contact.number_arn for contact in pair.contacts(region)} for region in (EAST, WEST)}
    assert numbers == {
        region: {f"arn:aws:connect:{region}:{kit.ACCOUNT}:phone-number/n{place}"}
        for place, region in enumerate((EAST, WEST))
    }


def test_agents_answer_as_users_of_the_instance_where_they_are(pair: Any) -> None:
    pair.live(pair.people(), 30, at={15: lambda: pair.lead(WEST)})
    for region, prefix in ((EAST, "e"), (WEST, "w")):
        answered = {contact.agent_id for contact in pair.contacts(region) if contact.agent_id}
        assert answered
        assert all(each.startswith(prefix) for each in answered)


def test_nobody_works_in_two_places_and_all_follow_the_calls(pair: Any) -> None:
    people = pair.people()
    seen: dict[float, tuple[int, int]] = {}

    def look(minute: float) -> Any:
        return lambda: seen.setdefault(minute, (people.tally.total(EAST).agents, people.tally.total(WEST).agents))

    moments = (5, 10.2, 10.7, 11, 25)
    pair.live(people, 30, at={10: lambda: pair.lead(WEST), **{moment: look(moment) for moment in moments}})
    assert seen[5] == (12, 0)
    assert seen[10.2][1] == 0  # a sign-in takes 20 seconds at least
    assert all(sum(counts) < 12 for counts in (seen[10.2], seen[10.7]))
    assert seen[25] == (0, 12)


def test_a_dead_region_swallows_the_calls_until_the_group_leads_elsewhere(pair: Any) -> None:
    outage = pair.kill(EAST, after_s=600)
    people = pair.people()
    pair.live(people, 40, at={25: lambda: pair.lead(WEST)})
    east, west = people.tally.total(EAST), people.tally.total(WEST)
    assert east.swallowed > 30
    assert outage.hits["caller"] == east.swallowed + east.cut_off
    assert outage.hits["agent session"] == 12
    assert min(contact.initiated_at for contact in pair.contacts(WEST)) >= pair.clock.start.replace(minute=25)
    assert west.answered > 30


def test_a_connector_with_nowhere_to_send_calls_loses_them(pair: Any) -> None:
    pair.closed = {EAST}
    people = pair.people()
    pair.live(people, 10)
    east = people.tally.total(EAST)
    assert east.offered == east.failed > 30


def test_a_line_that_the_other_instance_has_not_got_is_lost_there(pair: Any) -> None:
    pair.lines[1].description = "another line"
    lines = dialled("", pair)
    assert [(line.name, list(line.numbers)) for line in lines] == [
        ("another line", [WEST]),
        ("sales, number 1", [EAST]),
    ]
    people = pair.people()
    pair.live(people, 10, at={5: lambda: pair.lead(WEST)})
    assert people.tally.total(WEST).failed > 5


def test_a_number_without_a_group_of_its_region_or_without_a_name_is_dialled_itself(kit: Any, pair: Any) -> None:
    pair.lines[1].description = ""
    west, east = dialled("", pair)
    assert west == Dialled("+12065550101", {WEST: pair.lines[1]})
    assert (east.name, east.carrier) == ("sales, number 1", "vcg")
    replicated = kit.World()
    replicated.carriers = lambda _account: [Carrier("vcg", frozenset({EAST, WEST}), {EAST: 100}, frozenset())]
    replicated.lines[0].description = "sales, number 1"
    (line,) = dialled("", replicated)
    assert (line.name, line.carrier) == ("+12065550100", "")
    assert line.number_in(WEST) is line.number_in(EAST) is replicated.lines[0]
    assert shares_of(line, "", replicated) == {EAST: 100, WEST: 0}


def test_instances_behind_one_group_are_one_staff_and_others_stay_alone(kit: Any, pair: Any) -> None:
    lines = dialled("", pair)
    (joined,) = staffs("", pair, lines)
    assert joined == Staff(frozenset(pair.instances.values()), "vcg")
    replicated = kit.World()
    (alone,) = staffs("", replicated, dialled("", replicated))
    assert alone.carrier == ""
    assert [each.carrier for each in staffs("", pair, [])] == ["", ""]


def test_two_instances_of_a_region_behind_one_group_are_refused_aloud(pair: Any) -> None:
    second = pair._own_number(EAST, 2)
    second.target_arn = second.target_arn.replace(pair.instances[EAST], "another")
    second.description = "another line"
    pair.lines.append(second)
    with pytest.raises(NotImplementedError, match=EAST):
        staffs("", pair, dialled("", pair))


def test_a_group_that_is_gone_leads_nowhere(pair: Any) -> None:
    (line,) = dialled("", pair)
    pair.carriers = lambda _account: []
    assert shares_of(line, "", pair) == {}
