from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.aws.connect.resources import Flow, Queue
from drills.simulator.behaviour import Behaviour, Spread
from orchestrator.model.errors import NotSimulated

if TYPE_CHECKING:
    from drills.simulator.tally import Minute

EAST, WEST = "us-east-1", "us-west-2"
PATIENT = Behaviour(patience_s=Spread(mean=5000, least=4000, most=6000), redial_share=0)


def balance(total: Minute, under_way: int) -> bool:
    ended = total.answered + total.lost
    return total.offered == ended + under_way


def unanswered(world: Any) -> int:
    """Contacts that are neither over nor with an agent."""
    every = world.contacts(EAST) + world.contacts(WEST)
    return sum(1 for contact in every if contact.disconnected_at is None and contact.agent_id is None)


def test_on_a_good_day_every_call_is_answered_in_the_region_of_the_shares(world: Any) -> None:
    people = world.people()
    world.live(people, 30)
    east, west = people.tally.total(EAST), people.tally.total(WEST)
    assert 120 < east.offered < 240
    assert east.answered >= 0.97 * east.offered
    assert (east.swallowed, east.failed, east.overflowed, west.offered) == (0, 0, 0, 0)
    assert (east.agents, west.agents) == (12, 0)
    assert balance(people.tally.total(), unanswered(world))


def test_a_contact_carries_the_times_of_its_life_in_order(world: Any) -> None:
    world.live(world.people(), 10)
    over = [contact for contact in world.contacts(EAST) if contact.disconnected_at and contact.agent_id]
    assert len(over) > 20
    for contact in over:
        times = [contact.initiated_at, contact.enqueued_at, contact.connected_at, contact.disconnected_at]
        assert times == sorted(times)
        assert (contact.queue_id, contact.region, contact.group_id) == ("q-sales", EAST, "tdg")


def test_arrivals_keep_their_rate_and_spread_evenly_over_the_numbers(kit: Any) -> None:
    world = kit.World(numbers_=2, agents=60)
    first, second = world.lines
    world.live(world.people(calls_per_minute=12), 60)
    by_number = [sum(1 for c in world.contacts(EAST) if c.number_arn == number.arn) for number in (first, second)]
    # Poisson: within four standard deviations of 360.
    assert all(abs(count - 360) < 4 * 360**0.5 for count in by_number)


def test_shares_send_each_call_to_one_of_two_regions(kit: Any) -> None:
    world = kit.World(agents=20, telephony={EAST: 70, WEST: 30}, agent_share={EAST: 70, WEST: 30})
    people = world.people(calls_per_minute=10)
    world.live(people, 60)
    share = people.tally.total(WEST).offered / people.tally.total().offered
    assert 0.24 < share < 0.36
    assert people.tally.total(WEST).answered > 0
    assert (people.tally.total(EAST).agents, people.tally.total(WEST).agents) == (14, 6)


def test_one_agent_talks_to_one_caller_at_a_time(kit: Any) -> None:
    world = kit.World(agents=3)
    world.live(world.people(calls_per_minute=8, behaviour=PATIENT), 30)
    by_agent: dict[str, list[Any]] = {}
    for contact in world.contacts(EAST):
        if contact.agent_id and contact.disconnected_at:
            by_agent.setdefault(contact.agent_id, []).append(contact)
    assert len(by_agent) == 3
    for contacts in by_agent.values():
        contacts.sort(key=lambda contact: contact.connected_at)
        for earlier, later in itertools.pairwise(contacts):
            # After-contact work lies between them.
            assert later.connected_at - earlier.disconnected_at >= timedelta(seconds=Behaviour().after_call_s[0])


def test_the_longest_waiting_caller_is_answered_first(kit: Any) -> None:
    world = kit.World(agents=2)
    world.live(world.people(calls_per_minute=8, behaviour=PATIENT), 20)
    answered = sorted((c for c in world.contacts(EAST) if c.agent_id), key=lambda c: c.connected_at)
    assert [c.enqueued_at for c in answered] == sorted(c.enqueued_at for c in answered)
    assert len(answered) < len(world.contacts(EAST))


def test_callers_without_an_agent_lose_patience_and_are_counted(kit: Any) -> None:
    world = kit.World(agents=0)
    people = world.people()
    world.live(people, 30)
    total = people.tally.total(EAST)
    assert total.answered == 0
    assert total.abandoned > 100
    assert balance(total, unanswered(world))
    waits = [(c.disconnected_at - c.enqueued_at).total_seconds() for c in world.contacts(EAST) if c.disconnected_at]
    spread = Behaviour().patience_s
    assert spread.least <= min(waits)
    assert max(waits) <= spread.most


def test_a_queue_takes_no_more_than_its_limit_and_counts_the_rest_as_overflow(kit: Any, world: Any) -> None:
    world = kit.World(agents=0)
    queue = world.sides[EAST].queue("q-sales")
    world.edit(EAST, dataclasses.replace(queue, max_contacts=2))
    people = world.people(behaviour=PATIENT)
    world.live(people, 10)
    total = people.tally.total(EAST)
    assert total.overflowed == total.offered - 2 - in_greeting(world)
    assert sum(1 for c in world.contacts(EAST) if c.enqueued_at) == 2


def in_greeting(world: Any) -> int:
    return sum(1 for c in world.contacts(EAST) if c.enqueued_at is None and c.disconnected_at is None)


@pytest.mark.parametrize("wrong", ["disabled queue", "no queue", "no flow", "no share"])
def test_a_call_that_no_queue_takes_has_failed(kit: Any, wrong: str) -> None:
    world = kit.World()
    side = world.sides[EAST]
    if wrong == "disabled queue":
        world.edit(EAST, dataclasses.replace(side.queue("q-sales"), status="DISABLED"))
    elif wrong == "no queue":
        del side._records[Queue]["q-sales"]
    elif wrong == "no flow":
        side.number_flows.clear()
    else:
        world.telephony = {}
    people = world.people()
    world.live(people, 10)
    total = people.tally.total(EAST)
    assert total.offered > 30
    assert total.failed >= total.offered - 2  # one or two may be in the greeting still
    assert total.answered == 0


def test_a_dead_region_is_silent_until_the_shares_move_and_each_victim_counts(world: Any) -> None:
    outage = world.kill(EAST, after_s=600)
    people = world.people()
    world.live(people, 30, at={20: lambda: world.shift(WEST)})
    minutes = people.tally.minutes()
    silent = [
        m
        for m in minutes
        if m.region == EAST and timedelta(minutes=11) <= m.start - minutes[0].start < timedelta(minutes=20)
    ]
    assert len(silent) == 9
    assert all(m.swallowed == m.offered and m.answered == 0 and m.agents == 0 for m in silent)
    assert sum(m.swallowed for m in silent) > 30
    east, west = people.tally.total(EAST), people.tally.total(WEST)
    assert outage.hits["caller"] == east.swallowed + east.cut_off
    assert outage.hits["agent session"] == 12
    assert west.agents == 12
    assert west.answered > 30
    assert west.swallowed == 0
    assert balance(people.tally.total(), unanswered(world))


def test_agents_stay_out_while_their_share_is_in_a_dead_region(world: Any) -> None:
    world.kill(EAST, after_s=60)
    people = world.people()
    world.live(people, 10)
    assert people.tally.total().agents == 0


def test_moving_sign_in_alone_lets_the_agents_of_a_dead_region_in_elsewhere(world: Any) -> None:
    world.kill(EAST, after_s=60)
    people = world.people()
    world.live(people, 10, at={3: lambda: world.sign_in.discard(EAST)})
    assert people.tally.total(WEST).agents == 12


def test_nobody_signs_in_to_a_dead_region_or_one_that_does_not_know_them(kit: Any, world: Any) -> None:
    world.kill(WEST)
    stranger = kit.agent(99)
    world.edit(EAST, stranger)
    people = world.people()
    world.live(people, 10, at={2: lambda: world.shift(WEST)})
    assert people.tally.total(WEST).agents == 0

    revived = kit.World()
    revived.edit(EAST, stranger)
    people = revived.people()
    revived.live(people, 10, at={2: lambda: revived.shift(WEST)})
    assert people.tally.total(EAST).agents == 0
    assert people.tally.total(WEST).agents == 12


def test_agents_follow_their_share_after_a_delay_and_finish_their_call_first(kit: Any) -> None:
    world = kit.World(agents=10)
    long_talk = Behaviour(talk_s=Spread(mean=400, least=300, most=500))
    told: list[Minute] = []
    people = world.people(behaviour=long_talk, on_minute=told.extend)

    def half() -> None:
        world.agent_share = {EAST: 50, WEST: 50}

    world.live(people, 20, at={5: half})
    east = {m.start.minute: m.agents for m in told if m.region == EAST}
    west = {m.start.minute: m.agents for m in told if m.region == WEST}
    assert east[4] == 10
    assert west[4] == 0
    assert (east[19], west[19]) == (5, 5)
    assert west[6] < 5  # talks of five minutes and more had to end first
    shift_at = kit.START + timedelta(minutes=5)
    for contact in world.contacts(EAST):
        if contact.connected_at and contact.connected_at < shift_at and contact.disconnected_at:
            assert contact.disconnected_at - contact.connected_at >= timedelta(seconds=300)


def test_a_shift_of_ten_percent_moves_a_tenth_of_the_agents_and_no_others(kit: Any) -> None:
    world = kit.World(agents=20)
    people = world.people(calls_per_minute=0.001)
    seen: list[dict[str, str | None]] = []

    def look() -> None:
        (floor,) = people._floors.values()
        seen.append({user: worker.region for user, worker in floor._workers.items()})

    def shares(east: int) -> Any:
        return lambda: setattr(world, "agent_share", {EAST: east, WEST: 100 - east})

    world.live(people, 20, at={1: look, 2: shares(90), 9: look, 10: shares(50), 19: look})
    moved = [[user for user in before if before[user] != after[user]] for before, after in itertools.pairwise(seen)]
    assert [len(users) for users in moved] == [2, 8]
    assert not set(moved[0]) & set(moved[1])


def test_callers_queued_in_a_dead_region_are_lost_and_never_moved(kit: Any) -> None:
    world = kit.World(agents=0, sign_in=set())
    world.kill(EAST, after_s=300)
    people = world.people(behaviour=PATIENT)
    world.live(people, 8, at={5.001: lambda: world.shift(WEST)})
    queued = [c for c in world.contacts(EAST) if c.enqueued_at]
    assert len(queued) > 15
    assert all(c.region == EAST and c.agent_id is None and c.disconnected_at for c in queued)
    assert all(c.disconnected_at <= kit.START + timedelta(seconds=305) for c in queued)
    assert people.tally.total(EAST).swallowed >= len(queued)
    assert people.tally.total(EAST).cut_off == 0
    assert not {c.id for c in queued} & {c.id for c in world.contacts(WEST)}


def test_a_shift_leaves_queued_callers_in_their_living_region(kit: Any) -> None:
    world = kit.World(agents=1)
    people = world.people(behaviour=PATIENT)
    world.live(people, 40, at={10: lambda: world.shift(WEST)})
    stranded = [c for c in world.contacts(EAST) if c.enqueued_at and c.agent_id is None]
    assert len(stranded) > 20
    assert people.tally.total(WEST).answered > 5


def test_talks_in_a_region_that_dies_are_cut_off(kit: Any, world: Any) -> None:
    world.kill(EAST, after_s=600)
    people = world.people(behaviour=Behaviour(redial_share=0))
    world.live(people, 12)
    total = people.tally.total(EAST)
    cut = [
        c for c in world.contacts(EAST) if c.connected_at and c.disconnected_at >= kit.START + timedelta(seconds=600)
    ]
    assert total.cut_off == len(cut) > 0


def test_recheck_notices_a_death_at_once(kit: Any) -> None:
    world = kit.World(agents=0)
    people = world.people(behaviour=PATIENT)

    def die() -> None:
        world.kill(EAST)
        people.recheck()

    world.live(people, 8, at={7.03: die})
    ends = {c.disconnected_at for c in world.contacts(EAST) if c.enqueued_at}
    assert ends == {kit.START + timedelta(minutes=7.03)}


def test_lost_callers_redial_a_limited_number_of_times(kit: Any) -> None:
    offered = {}
    for share, most in ((0.0, 3), (1.0, 3), (1.0, 1)):
        world = kit.World()
        world.kill(EAST)
        people = world.people(behaviour=Behaviour(redial_share=share, redials_max=most, redial_s=(1, 5)))
        world.live(people, 30)
        offered[share, most] = people.tally.total(EAST).offered
    assert offered[1.0, 3] == pytest.approx(4 * offered[0.0, 3], abs=4)
    assert offered[1.0, 1] == pytest.approx(2 * offered[0.0, 3], abs=2)


def test_an_agent_takes_calls_of_the_queues_of_the_profile_that_the_region_shows(kit: Any) -> None:
    world = kit.World(agents=4)
    for n in range(4):
        world.edit(EAST, kit.agent(n, "rp-care"))
    people = world.people(calls_per_minute=60, behaviour=PATIENT)

    def incident() -> None:
        for n in range(4):
            world.edit(EAST, kit.agent(n, "rp"))

    world.live(people, 20, at={10.1: incident})  # between two heartbeats, before another call
    changed_at = kit.START + timedelta(minutes=10.1)
    queued = sorted((c for c in world.contacts(EAST) if c.enqueued_at), key=lambda c: c.enqueued_at)
    connected = [c.connected_at for c in queued if c.connected_at]
    assert connected == sorted(connected)
    assert changed_at <= connected[0]
    # Nobody has to call for the change to be seen: all four have a call at the next heartbeat, the oldest ones.
    assert connected[3] <= changed_at + timedelta(seconds=5)
    assert all(c.agent_id for c in queued[:4])


def test_a_death_that_no_caller_notices_ends_sessions_within_five_seconds(world: Any) -> None:
    world.kill(EAST, after_s=61)
    seen: list[int] = []
    people = world.people(calls_per_minute=0.0001)

    def look() -> None:
        seen.append(people.tally.total().agents)

    world.live(people, 3, at={1: look, 1.101: look})
    assert seen == [12, 0]


def test_nothing_ends_well_in_a_region_after_its_death_whatever_the_moment(kit: Any) -> None:
    hasty = Behaviour(
        patience_s=Spread(mean=15, least=2, most=40), talk_s=Spread(mean=20, least=5, most=60), redial_share=0
    )
    under_way_at_death = 0
    for seed in range(25):
        world = kit.World(seed=seed, agents=5 + 20 * (seed % 2))  # busy and idle ones
        died = kit.START + timedelta(seconds=180.1)
        world.kill(EAST, after_s=180.1)
        people = world.people(calls_per_minute=15, behaviour=hasty)
        world.live(people, 4)
        total, contacts = people.tally.total(EAST), world.contacts(EAST)
        assert not [c for c in contacts if c.connected_at and c.connected_at > died]
        swallowed = [c for c in contacts if c.disconnected_at > died]
        assert total.swallowed + total.cut_off == (total.offered - len(contacts)) + len(swallowed)
        under_way_at_death += len(swallowed)
    assert under_way_at_death > 100


def test_a_flow_that_was_running_when_its_region_died_has_lost_the_call_rather_than_failed_it(
    kit: Any, world: Any
) -> None:
    flow = world.sides[EAST].find(Flow, "f")
    content = kit.flow(
        kit.action("wait", "Wait", "bye", TimeLimitSeconds="20"), kit.action("bye", "DisconnectParticipant")
    )
    world.edit(EAST, dataclasses.replace(flow, content=json.dumps(content)))
    world.kill(EAST, after_s=302)
    people = world.people(calls_per_minute=120, behaviour=Behaviour(redial_share=0))
    world.live(people, 6)
    total = people.tally.total(EAST)
    died = kit.START + timedelta(seconds=302)
    assert total.failed == sum(1 for c in world.contacts(EAST) if c.disconnected_at <= died) > 400
    assert sum(1 for c in world.contacts(EAST) if c.disconnected_at > died) > 20


def test_a_spread_keeps_its_bounds_and_nearly_its_mean(world: Any) -> None:
    spread, stream = Spread(mean=100, least=20, most=150), world.chance.stream("draws")
    draws = [spread.draw(stream) for _ in range(2000)]
    assert min(draws) >= 20
    assert max(draws) == 150
    unbounded = Spread(mean=100, least=20, most=10_000)
    assert abs(sum(unbounded.draw(stream) for _ in range(2000)) / 2000 - 100) < 4 * 80 / 2000**0.5


def test_the_flag_in_the_region_that_answers_decides_over_the_emergency_greeting(world: Any) -> None:
    people = world.people()

    def flag() -> None:
        world.flags[WEST] = "on"
        world.shift(WEST)

    world.live(people, 20, at={10: flag})
    east, west = people.tally.total(EAST), people.tally.total(WEST)
    assert east.emergency_greeted == 0
    assert west.emergency_greeted > 20
    assert west.emergency_greeted >= west.answered


def test_a_function_that_is_not_associated_costs_the_greeting_and_no_call(world: Any) -> None:
    world.flags[EAST] = "on"
    world.sides[EAST].functions.clear()
    people = world.people()
    world.live(people, 10)
    assert people.tally.total(EAST).emergency_greeted == 0
    assert people.tally.total(EAST).answered > 20


def test_each_full_minute_is_told_for_each_region_and_sums_to_the_total(kit: Any, world: Any) -> None:
    told: list[Minute] = []
    people = world.people(on_minute=told.extend)
    world.live(people, 10.5)
    assert [m.start for m in told if m.region == EAST] == [kit.START + timedelta(minutes=n) for n in range(10)]
    assert [m.region for m in told] == [EAST, WEST] * 10
    rest = [m for m in people.tally.minutes() if m not in told]
    assert sum(m.offered for m in told + rest) == people.tally.total().offered > 0


def test_what_is_not_simulated_ends_the_people_and_is_raised_at_the_stop(kit: Any, world: Any) -> None:
    flow = world.sides[EAST].find(Flow, "f")
    content = kit.flow(kit.action("ask", "GetParticipantInput", "x"))
    world.edit(EAST, dataclasses.replace(flow, content=json.dumps(content)))
    people = world.people()
    with pytest.raises(NotSimulated, match="GetParticipantInput"):
        world.live(people, 10)
    assert isinstance(people.trouble, NotSimulated)


def test_people_who_start_again_in_the_same_world_make_other_contacts(world: Any) -> None:
    people = world.people()
    world.live(people, 5)
    before = [contact.id for contact in world.contacts(EAST)]
    world.live(people, 5)
    every = [contact.id for contact in world.contacts(EAST)]
    assert len(every) == len(set(every)) > len(before) > 10
    assert people.tally.total(EAST).offered == len(every)
    assert len([m for m in people.tally.minutes() if m.region == EAST]) in {10, 11}


def record(world: Any) -> str:
    """Everything that happened to every contact."""
    every = [dataclasses.astuple(c) for c in world.contacts(EAST) + world.contacts(WEST)]
    return hashlib.sha256(repr(every).encode()).hexdigest()


def eventful(kit: Any, seed: int) -> str:
    world = kit.World(seed=seed, numbers_=2)
    world.kill(EAST, after_s=400)
    world.live(world.people(), 20, at={10: lambda: world.shift(WEST)})
    assert world.contacts(WEST)
    return record(world)


def test_equal_seeds_give_equal_contacts_and_other_seeds_others(kit: Any) -> None:
    assert eventful(kit, 7) == eventful(kit, 7) != eventful(kit, 8)


def test_a_callers_patience_and_talk_do_not_depend_on_what_happens_to_others(kit: Any) -> None:
    calm, hit = kit.World(agents=30), kit.World(agents=30)
    hit.kill(EAST, after_s=600)
    calm.live(calm.people(), 20)
    hit.live(hit.people(), 20, at={12: lambda: hit.shift(WEST)})
    arrivals = [{c.id: c.initiated_at for c in w.contacts(EAST) + w.contacts(WEST)} for w in (calm, hit)]
    shared = set(arrivals[0]) & set(arrivals[1])
    assert len(shared) > 60
    assert all(arrivals[0][each] == arrivals[1][each] for each in shared)


_IN_A_PROCESS = """
import importlib.util, sys
def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
load(sys.argv[1], "conftest_of_people"); tests = load(sys.argv[2], "tests_of_people")
print(tests.eventful(sys.modules["conftest_of_people"], 7))
"""


def test_the_hash_seed_of_the_process_changes_nothing(kit: Any) -> None:
    conftest = sys.modules[kit.World.__module__].__file__
    prints = set()
    for hash_seed in ("1", "2"):
        done = subprocess.run(  # noqa: S603 - our own interpreter and files
            [sys.executable, "-c", _IN_A_PROCESS, str(conftest), __file__],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        prints.add(done.stdout.strip())
    assert prints == {eventful(kit, 7)}
