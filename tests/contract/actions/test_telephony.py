"""Moving calls by a Voice Connector group.

Rules: botocore, UpdateVoiceConnectorGroup (the whole list; priorities 1 to 99, 1 the highest; equal ones share the
calls; 202 and ConflictException).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from action_world import ActionWorld

from drills.simulator.aws.voice.backend import of_account
from drills.simulator.outage import LostReply
from drills.world import Simulated
from orchestrator.model.errors import Conflict, NotFound, OutcomeUnknown, RegionUnreachable, Rejected, ServiceTrouble
from orchestrator.model.inventory import Telephony
from orchestrator.wiring.outlook import traffic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from action_world import Acting

EAST, WEST, LONDON = "us-east-1", "us-west-2", "eu-west-2"
UPDATE = "UpdateVoiceConnectorGroup"
NOBODYS = "a" * 22


@dataclass
class Trunks:
    """One Voice Connector in each of three Regions; the group has the first two, or as told."""

    world: ActionWorld
    east: str
    west: str
    london: str
    group: str = ""

    def grouped(self, priorities: dict[str, int], region: str = WEST, **more: str) -> None:
        """A group made at the endpoint of a Region."""
        items = [{"VoiceConnectorId": each, "Priority": priority} for each, priority in priorities.items()]
        chime = self.world.cloud.door.client("chime-sdk-voice", region)
        with self.world.cloud.building():
            made = chime.create_voice_connector_group(Name="main", VoiceConnectorItems=items, **more)
        self.group = made["VoiceConnectorGroup"]["VoiceConnectorGroupId"]

    def west_first(self, **other: Any) -> Acting:
        given = {"group": self.group, "region": WEST, "connector": self.west, "away_from": EAST, "other": self.east}
        return self.world.acting("telephony.group_priority", **{**given, **other})

    def led(self, **other: Any) -> Any:
        given = {"group": self.group, "region": WEST, "connector": self.west}
        return self.world.acting("telephony.leads_to", **{**given, **other}).probe()

    @property
    def order(self) -> dict[str, int]:
        """What calls go by."""
        groups = (each.groups for each in of_account(self.world.cloud.account))
        return dict(next(group[self.group].priorities for group in groups if self.group in group))

    def updates(self, mark: int) -> int:
        return sum(made.operation == UPDATE and made.outcome == "ok" for made in self.world.since(mark))


@pytest.fixture
def trunks(world: ActionWorld) -> Iterator[Trunks]:
    world.wait(10)  # what an earlier test asked of the service's rate is forgotten
    chime = world.cloud.door.client("chime-sdk-voice", WEST)
    with world.cloud.building():
        made = [
            chime.create_voice_connector(Name="trunk", AwsRegion=region, RequireEncryption=True)["VoiceConnector"]
            for region in (EAST, WEST, LONDON)
        ]
    found = Trunks(world, *(each["VoiceConnectorId"] for each in made))
    found.grouped({found.east: 1, found.west: 2})
    yield found
    for backend in of_account(world.cloud.account):  # an account has three groups at most
        backend.groups.clear()


def test_the_connector_comes_first_and_the_other_behind_it(trunks: Trunks) -> None:
    mark = trunks.world.mark
    done = trunks.west_first().carry_out()
    assert done.before == {trunks.east: 1, trunks.west: 2}
    assert done.after == trunks.order == {trunks.west: 1, trunks.east: 2}
    assert trunks.updates(mark) == 1


def test_it_works_from_the_destination_while_the_other_region_is_dead(trunks: Trunks) -> None:
    outage, mark = trunks.world.lost(EAST), trunks.world.mark
    trunks.west_first().carry_out()
    assert trunks.order == {trunks.west: 1, trunks.east: 2}
    assert {made.region for made in trunks.world.since(mark)} == {WEST}
    assert not outage.hits


def test_what_leads_already_is_not_written_whatever_the_figures(trunks: Trunks) -> None:
    trunks.grouped({trunks.west: 7, trunks.east: 20})
    mark = trunks.world.mark
    assert trunks.west_first().carry_out().parts == ()
    assert trunks.updates(mark) == 0


def test_others_keep_their_order_and_what_they_share(trunks: Trunks) -> None:
    trunks.grouped({trunks.east: 5, trunks.london: 9, trunks.west: 9})
    assert trunks.west_first().carry_out().after == {trunks.west: 1, trunks.east: 2, trunks.london: 3}
    trunks.grouped({trunks.east: 5, trunks.london: 5, trunks.west: 9})
    leading = trunks.west_first(other=trunks.east)
    with pytest.raises(Rejected, match=trunks.london):
        leading.carry_out()


def test_a_connector_that_shares_the_lead_gets_it_alone(trunks: Trunks) -> None:
    trunks.grouped({trunks.east: 3, trunks.west: 3})
    move = trunks.west_first()
    done = move.carry_out()
    assert done.after == {trunks.west: 1, trunks.east: 2}
    assert move.action.gains(move.params, done.after, done.before) == (EAST,)


def test_giving_back_needs_proof_of_the_region_that_would_lead_again(trunks: Trunks) -> None:
    move = trunks.west_first()
    before = move.carry_out().before
    assert move.action.gains(move.params, move.observe(), before) == (EAST,)
    assert move.give_back(before).after == before
    assert move.action.gains(move.params, before, {trunks.west: 1, trunks.east: 2}) == (WEST,)


def test_a_group_without_the_connector_or_led_by_a_stranger_is_refused_and_not_written(trunks: Trunks) -> None:
    mark = trunks.world.mark
    with pytest.raises(Rejected, match="is not in group"):
        trunks.west_first(connector=trunks.london).carry_out()
    with pytest.raises(Rejected, match="neither side's"):
        trunks.west_first(other=trunks.london).carry_out()
    assert trunks.updates(mark) == 0


def test_the_name_and_the_way_of_distribution_are_written_back_as_they_are(trunks: Trunks) -> None:
    trunks.grouped({trunks.east: 1, trunks.west: 2}, CallDistributionType="PriorityWeightedDistribution")
    trunks.west_first().carry_out()
    found = trunks.world.cloud.door.client("chime-sdk-voice", WEST).get_voice_connector_group(
        VoiceConnectorGroupId=trunks.group
    )["VoiceConnectorGroup"]
    assert (found["Name"], found["CallDistributionType"]) == ("main", "PriorityWeightedDistribution")


def test_a_change_that_is_under_way_is_a_conflict_that_passes(trunks: Trunks) -> None:
    move = trunks.west_first()
    before = move.observe()
    move.write(move.target(before))
    with pytest.raises(Conflict) as under_way:
        move.write(before)
    assert under_way.value.retryable
    trunks.world.wait(10)
    assert trunks.order == {trunks.west: 1, trunks.east: 2}


def test_a_group_that_is_kept_in_the_dead_region_is_trouble_and_not_moved(trunks: Trunks) -> None:
    trunks.grouped({trunks.east: 1, trunks.west: 2}, region=EAST)
    trunks.world.lost(EAST)
    with pytest.raises(ServiceTrouble) as trouble:
        trunks.west_first().carry_out()
    assert trouble.value.retryable
    assert trunks.order == {trunks.east: 1, trunks.west: 2}


def test_a_lost_reply_is_found_out_by_looking_and_not_written_again(trunks: Trunks) -> None:
    fault = trunks.world.struck(LostReply("chime-sdk-voice", UPDATE))
    with pytest.raises(OutcomeUnknown):
        trunks.west_first().carry_out()
    assert fault.hits
    trunks.world.wait(10)
    mark = trunks.world.mark
    assert trunks.west_first().carry_out().after == {trunks.west: 1, trunks.east: 2}
    assert trunks.updates(mark) == 0


def test_a_dead_destination_and_an_unknown_group_are_errors_and_no_values(trunks: Trunks) -> None:
    with pytest.raises(NotFound):
        trunks.west_first(group="nobodys").observe()
    trunks.world.lost(WEST)
    with pytest.raises(RegionUnreachable):
        trunks.west_first().observe()


def test_where_calls_go_is_asked_of_the_group(trunks: Trunks) -> None:
    assert (trunks.led().reading, trunks.led(connector=trunks.east, region=EAST).reading) == ("pending", "holds")
    trunks.grouped({trunks.west: 3, trunks.east: 3})
    assert trunks.led().reading == "pending"
    trunks.west_first().carry_out()
    found = trunks.led()
    assert (found.reading, found.what) == ("holds", f"all new calls go to the Voice Connector in {WEST}")
    assert found.evidence == {"region": WEST, "priorities": {trunks.west: 1, trunks.east: 2}}


def test_a_connector_that_the_group_does_not_have_is_never_led_to(trunks: Trunks) -> None:
    assert trunks.led(connector=NOBODYS).reading == "fails"


def test_now_says_where_calls_go_by_whatever_moves_them(trunks: Trunks) -> None:
    world, side = trunks.world, trunks.world.inventory.standby
    simulated = Simulated(world.cloud, world.inventory)
    both = side.model_copy(update={"telephony": Telephony(voice_connector_id=trunks.west, group_id=trunks.group)})
    ungrouped = both.connect.model_copy(update={"traffic_group_arn": ""})
    alone = both.model_copy(update={"connect": ungrouped})
    told = [simulated.run(lambda each=each: traffic(simulated, each)) for each in (side, both, alone)]
    assert told[0] == told[1]
    assert f"{EAST} 100 %" in told[0]
    assert told[2] == f"new calls go to {trunks.east}, not to {trunks.west} in {WEST} alone"
