"""Voice Connector groups: botocore's model, API Reference and Administration Guide of the Amazon Chime SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drills.simulator.aws.voice.backend import of_account
from drills.simulator.aws.voice.estate import carriers
from orchestrator.model.errors import NotSimulated

if TYPE_CHECKING:
    from conftest import Trunks  # type: ignore[attr-defined]

EAST, WEST = "us-east-1", "us-west-2"
TAKES_EFFECT_S = 5


def leading(trunks: Trunks, group: str) -> list[str]:
    """Where calls go now, whatever an endpoint says."""
    return next(each.groups[group].leading for each in of_account(trunks.cloud.account) if group in each.groups)


def test_a_group_has_connectors_of_several_regions_and_is_known_at_every_endpoint(trunks: Trunks) -> None:
    east, west = trunks.connector(EAST), trunks.connector(WEST)
    group = trunks.group(east, west)
    for client in (trunks.east, trunks.west, trunks.london):
        assert trunks.order(group, client) == {east: 1, west: 2}
    assert leading(trunks, group) == [east]


def test_an_update_is_accepted_and_takes_effect_a_little_later(trunks: Trunks) -> None:
    east, west = trunks.connector(EAST), trunks.connector(WEST)
    group = trunks.group(east, west)
    answer = trunks.reorder(group, west, east)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert trunks.order(group) == {east: 1, west: 2}
    assert leading(trunks, group) == [east]
    assert trunks.refused("ConflictException", trunks.reorder, group, east, west) == 409
    trunks.wait(TAKES_EFFECT_S)
    assert trunks.order(group) == {east: 2, west: 1}
    assert leading(trunks, group) == [west]


def test_the_list_given_is_the_whole_list(trunks: Trunks) -> None:
    east, west = trunks.connector(EAST), trunks.connector(WEST)
    group = trunks.group(east, west)
    trunks.reorder(group, west)
    trunks.wait(TAKES_EFFECT_S)
    assert trunks.order(group) == {west: 1}


def test_an_earlier_change_stands_when_a_later_one_follows_it(trunks: Trunks) -> None:
    east, west = trunks.connector(EAST), trunks.connector(WEST)
    group = trunks.group(east, west)
    trunks.reorder(group, west, east)
    trunks.wait(TAKES_EFFECT_S)
    trunks.reorder(group, east, west)
    assert trunks.order(group) == {east: 2, west: 1}


def test_connectors_of_equal_priority_share_the_calls(trunks: Trunks) -> None:
    east, west = trunks.connector(EAST), trunks.connector(WEST)
    given = [{"VoiceConnectorId": each, "Priority": 4} for each in (east, west)]
    made = trunks.west.create_voice_connector_group(Name="both", VoiceConnectorItems=given)
    assert leading(trunks, made["VoiceConnectorGroup"]["VoiceConnectorGroupId"]) == sorted([east, west])


def test_a_group_may_have_nobody_in_it(trunks: Trunks) -> None:
    assert leading(trunks, trunks.group()) == []


def test_a_priority_beyond_99_is_a_bad_request(trunks: Trunks) -> None:
    # Of 0, botocore itself says that it is too low; it does not look at the other end.
    item = {"VoiceConnectorId": trunks.connector(EAST), "Priority": 100}
    given = {"Name": "odd", "VoiceConnectorItems": [item]}
    trunks.refused("BadRequestException", trunks.west.create_voice_connector_group, **given)


def test_a_fourth_connector_and_one_that_is_there_twice_are_bad_requests(trunks: Trunks) -> None:
    four = [trunks.connector(EAST) for _ in range(4)]
    trunks.refused("BadRequestException", trunks.group, *four)
    trunks.refused("BadRequestException", trunks.group, four[0], four[0])


def test_a_group_of_a_connector_that_nobody_has_is_not_found(trunks: Trunks) -> None:
    assert trunks.refused("NotFoundException", trunks.group, "a" * 22) == 404


def test_an_account_has_three_groups_in_all_its_regions(trunks: Trunks) -> None:
    for client in (trunks.east, trunks.west, trunks.london):
        trunks.group(client=client)
    trunks.refused("ResourceLimitExceededException", trunks.group)


def test_a_group_outlives_the_region_of_its_first_connector_and_calls_do_not_move_by_themselves(trunks: Trunks) -> None:
    east, west = trunks.connector(EAST), trunks.connector(WEST)
    group = trunks.group(east, west)
    trunks.lose(EAST)
    trunks.wait(3600)
    assert leading(trunks, group) == [east]
    trunks.reorder(group, west, east)
    trunks.wait(TAKES_EFFECT_S)
    assert leading(trunks, group) == [west]


def test_a_group_that_was_made_in_the_dead_region_can_be_read_and_not_changed(trunks: Trunks) -> None:
    east, west = trunks.connector(EAST), trunks.connector(WEST)
    group = trunks.group(east, west, client=trunks.east)
    trunks.lose(EAST)
    assert trunks.order(group, trunks.west) == {east: 1, west: 2}
    assert trunks.refused("ServiceUnavailableException", trunks.reorder, group, west, east) == 503
    assert leading(trunks, group) == [east]


def test_a_way_of_distribution_without_rules_is_refused_aloud(trunks: Trunks) -> None:
    with pytest.raises(NotSimulated):
        trunks.west.create_voice_connector_group(Name="even", CallDistributionType="LoadBalancedDistribution")


def test_the_way_of_distribution_is_told_as_given_and_kept(trunks: Trunks) -> None:
    way = "PriorityWeightedDistribution"
    made = trunks.west.create_voice_connector_group(Name="main", CallDistributionType=way)
    group = made["VoiceConnectorGroup"]["VoiceConnectorGroupId"]
    trunks.reorder(group)
    found = trunks.west.get_voice_connector_group(VoiceConnectorGroupId=group)
    assert found["VoiceConnectorGroup"]["CallDistributionType"] == way


def test_callers_are_sent_where_the_leading_connectors_are(trunks: Trunks) -> None:
    east, west = trunks.connector(EAST), trunks.connector(WEST)
    group = trunks.group(east, west)
    (carrier,) = carriers(trunks.cloud.account)
    assert (carrier.id, carrier.regions, carrier.shares) == (group, {EAST, WEST}, {EAST: 100})
    assert carrier.closed == {EAST, WEST}  # nobody has told them where to send calls
    route = {"Host": "sbc.example.com", "Protocol": "TCP", "Priority": 1, "Weight": 1}
    trunks.west.put_voice_connector_origination(VoiceConnectorId=west, Origination={"Routes": [route]})
    trunks.reorder(group, west, east)
    trunks.wait(TAKES_EFFECT_S)
    (carrier,) = carriers(trunks.cloud.account)
    assert (carrier.shares, carrier.closed) == ({WEST: 100}, {EAST})


def test_three_that_share_the_lead_share_every_caller(trunks: Trunks) -> None:
    three = [trunks.connector(region) for region in (EAST, WEST, WEST)]
    given = [{"VoiceConnectorId": each, "Priority": 1} for each in three]
    trunks.west.create_voice_connector_group(Name="three", VoiceConnectorItems=given)
    (carrier,) = carriers(trunks.cloud.account)
    assert sum(carrier.shares.values()) == 100
    assert sorted(carrier.shares.values()) in ([33, 67], [34, 66])
