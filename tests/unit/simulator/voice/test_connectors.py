"""Voice Connectors: botocore's model (chime-sdk-voice, 2022-08-03) says what they take and how they answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.model.errors import NotSimulated

if TYPE_CHECKING:
    from conftest import Trunks  # type: ignore[attr-defined]

EAST, WEST = "us-east-1", "us-west-2"
ROUTE = {"Host": "sbc.example.com", "Protocol": "TCP", "Priority": 1, "Weight": 1}


def test_a_connector_is_made_in_the_region_asked_for_and_known_at_every_endpoint(trunks: Trunks) -> None:
    made = trunks.west.create_voice_connector(Name="east", AwsRegion=EAST, RequireEncryption=True)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    connector = made["VoiceConnector"]
    assert (connector["AwsRegion"], connector["Name"], connector["RequireEncryption"]) == (EAST, "east", True)
    assert re.fullmatch(r"[a-z0-9]{21,22}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", connector["VoiceConnectorId"])
    assert trunks.cloud.clock.start < connector["CreatedTimestamp"] < trunks.cloud.clock.now()
    for client in (trunks.east, trunks.west, trunks.london):
        found = client.get_voice_connector(VoiceConnectorId=connector["VoiceConnectorId"])
        assert found["VoiceConnector"] == connector


def test_without_a_region_a_connector_is_made_in_us_east_1(trunks: Trunks) -> None:
    made = trunks.west.create_voice_connector(Name="anywhere", RequireEncryption=False)
    assert made["VoiceConnector"]["AwsRegion"] == EAST


def test_connectors_of_one_name_are_two(trunks: Trunks) -> None:
    assert trunks.connector(EAST) != trunks.connector(EAST)


@pytest.mark.parametrize("given", [{"Name": "with/slash"}, {"Name": "x", "AwsRegion": "af-south-1"}])
def test_what_the_service_does_not_take_is_a_bad_request(trunks: Trunks, given: dict[str, Any]) -> None:
    status = trunks.refused("BadRequestException", trunks.west.create_voice_connector, RequireEncryption=True, **given)
    assert status == 400


def test_an_unknown_connector_is_not_found(trunks: Trunks) -> None:
    nobody = "a" * 22
    assert trunks.refused("NotFoundException", trunks.west.get_voice_connector, VoiceConnectorId=nobody) == 404


def test_origination_is_replaced_as_a_whole_and_its_defaults_are_filled_in(trunks: Trunks) -> None:
    connector = {"VoiceConnectorId": trunks.connector(EAST)}
    trunks.refused("NotFoundException", trunks.east.get_voice_connector_origination, **connector)
    two = [{**ROUTE, "Port": 5061}, {"Host": "192.0.2.1", "Priority": 2, "Weight": 1}]
    trunks.west.put_voice_connector_origination(**connector, Origination={"Routes": two})
    found = trunks.east.get_voice_connector_origination(**connector)["Origination"]
    assert found == {"Routes": [two[0], {**two[1], "Port": 5060, "Protocol": "TCP"}], "Disabled": False}
    trunks.wait(1)
    trunks.west.put_voice_connector_origination(**connector, Origination={"Disabled": True})
    found = trunks.west.get_voice_connector_origination(**connector)["Origination"]
    assert found == {"Routes": [], "Disabled": True}


@pytest.mark.parametrize(
    "origination",
    [{}, {"Routes": [ROUTE] * 21}, {"Routes": [{**ROUTE, "Host": ""}]}, {"Routes": [{**ROUTE, "Protocol": "TLS"}]}],
)
def test_an_origination_that_leads_nowhere_is_a_bad_request(trunks: Trunks, origination: dict[str, Any]) -> None:
    given = {"VoiceConnectorId": trunks.connector(EAST), "Origination": origination}
    trunks.refused("BadRequestException", trunks.west.put_voice_connector_origination, **given)


def test_a_connector_can_be_read_and_not_changed_while_its_region_is_dead(trunks: Trunks) -> None:
    connector = trunks.connector(EAST)
    trunks.lose(EAST)
    assert trunks.west.get_voice_connector(VoiceConnectorId=connector)["VoiceConnector"]["AwsRegion"] == EAST
    given = {"VoiceConnectorId": connector, "Origination": {"Routes": [ROUTE]}}
    assert trunks.refused("ServiceUnavailableException", trunks.west.put_voice_connector_origination, **given) == 503


def test_more_than_two_requests_a_second_are_throttled_as_the_service_says_it(trunks: Trunks) -> None:
    connector = trunks.connector(EAST)
    for _ in range(2):
        trunks.west.get_voice_connector(VoiceConnectorId=connector)
    call = trunks.west.get_voice_connector
    assert trunks.refused("ThrottledClientException", call, VoiceConnectorId=connector) == 429
    trunks.wait(1)
    assert call(VoiceConnectorId=connector)


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("list_voice_connectors", {}),
        ("create_voice_connector", {"Name": "x", "RequireEncryption": True, "NetworkType": "DUAL_STACK"}),
    ],
)
def test_what_has_no_rules_is_refused_aloud(trunks: Trunks, method: str, given: dict[str, Any]) -> None:
    with pytest.raises(NotSimulated):
        getattr(trunks.west, method)(**given)


def test_where_no_simulated_cloud_founded_the_account_nothing_is_throttled(unfounded: Any) -> None:
    made = [unfounded.create_voice_connector(Name="x", RequireEncryption=True) for _ in range(5)]
    assert len({each["VoiceConnector"]["VoiceConnectorId"] for each in made}) == 5
