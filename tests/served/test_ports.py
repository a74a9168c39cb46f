"""A client of AWS at the served ports: the services' own words, true connection errors, and nothing told twice."""

from __future__ import annotations

import json
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

if TYPE_CHECKING:
    from collections.abc import Callable

EAST, WEST = "us-east-1", "us-west-2"


def shares(east: int, west: int) -> dict[str, Any]:
    percents = [{"Region": EAST, "Percentage": east}, {"Region": WEST, "Percentage": west}]
    return {"TelephonyConfig": {"Distributions": percents}}


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def test_a_traffic_distribution_is_read_anywhere_and_changed_where_traffic_shall_go(whole: Any, group: str) -> None:
    east, west = whole.client("connect", EAST), whole.client("connect", WEST)
    west.update_traffic_distribution(Id=group, **shares(70, 30))
    assert east.get_traffic_distribution(Id=group)["TelephonyConfig"] == shares(70, 30)["TelephonyConfig"]
    assert all(sent == {EAST: 70, WEST: 30} for sent in whole.told("/state")["callers"].values())
    assert refusal(west.update_traffic_distribution, Id=group, **shares(100, 0))[0] == "InvalidRequestException"
    east.update_traffic_distribution(Id=group, **shares(100, 0))
    assert east.get_traffic_distribution(Id=group)["TelephonyConfig"] == shares(100, 0)["TelephonyConfig"]


def test_a_service_that_moto_lacks_is_found_by_its_signing_name(whole: Any) -> None:
    # Signed as `chime`, called `chime-sdk-voice`.
    east, west = whole.client("chime-sdk-voice", EAST), whole.client("chime-sdk-voice", WEST)
    made = [
        west.create_voice_connector(Name=region, AwsRegion=region, RequireEncryption=True) for region in (EAST, WEST)
    ]
    connectors = [each["VoiceConnector"]["VoiceConnectorId"] for each in made]
    items = [{"VoiceConnectorId": each, "Priority": place} for place, each in enumerate(connectors, 1)]
    group = west.create_voice_connector_group(Name="main", VoiceConnectorItems=items)["VoiceConnectorGroup"]
    named = {"VoiceConnectorGroupId": group["VoiceConnectorGroupId"]}
    assert east.get_voice_connector_group(**named)["VoiceConnectorGroup"] == group
    changed = west.update_voice_connector_group(**named, Name="main", VoiceConnectorItems=items[1:])
    assert changed["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert refusal(east.get_voice_connector, VoiceConnectorId="a" * 22)[:2] == ("NotFoundException", 404)
    (written,) = whole.calls("UpdateVoiceConnectorGroup")
    assert (written["service"], written["region"], written["outcome"]) == ("chime-sdk-voice", WEST, "ok")
    assert refusal(west.list_voice_connectors)[:2] == ("NotSimulated", 501)


@pytest.mark.parametrize("wanted", [(85, 15), (80, 30)], ids=["15 %", "110 % together"])
def test_shares_that_connect_does_not_take_are_its_own_modelled_error(
    whole: Any, group: str, wanted: tuple[int, int]
) -> None:
    west = whole.client("connect", WEST)
    before = west.get_traffic_distribution(Id=group)["TelephonyConfig"]
    code, status, _ = refusal(west.update_traffic_distribution, Id=group, **shares(*wanted))
    assert (code, status) == ("InvalidRequestException", 400)
    assert west.get_traffic_distribution(Id=group)["TelephonyConfig"] == before


def test_a_bare_id_is_found_in_the_source_region_only(whole: Any, group: str) -> None:
    bare = group.rpartition("/")[2]
    assert whole.client("connect", EAST).get_traffic_distribution(Id=bare)["Arn"] == group
    code, status, _ = refusal(whole.client("connect", WEST).get_traffic_distribution, Id=bare)
    assert (code, status) == ("ResourceNotFoundException", 404)


def test_a_lost_region_refuses_connections_old_and_new_and_answers_again_at_its_port(whole: Any, group: str) -> None:
    old = whole.client("connect", EAST)
    old.get_traffic_distribution(Id=group)
    status, text = whole.ask("POST", "/outages", {"region": EAST})
    assert (status, json.loads(text)["lost"]) == (201, [EAST])
    for client in (old, whole.client("connect", EAST), whole.client("dynamodb", EAST)):
        with pytest.raises(EndpointConnectionError):
            (client.list_tables if client.meta.service_model.service_name == "dynamodb" else client.list_instances)()
    assert whole.client("connect", WEST).get_traffic_distribution(Id=group)["Arn"] == group
    assert whole.ask("DELETE", f"/outages/{EAST}")[0] == 200
    assert old.get_traffic_distribution(Id=group)["Arn"] == group


def test_the_global_control_planes_go_with_their_home_and_dns_stays(whole: Any) -> None:
    names = whole.client("route53", EAST, "global")
    assert names.list_hosted_zones()["HostedZones"]
    entry = whole.told("/inventory")["global"]["front_door_name"]
    before = whole.told(f"/resolve?name={entry}")["answers"]
    assert before
    whole.ask("POST", "/outages", {"region": WEST})
    assert names.list_hosted_zones()["HostedZones"]
    whole.ask("DELETE", f"/outages/{WEST}")
    whole.ask("POST", "/outages", {"region": EAST})
    with pytest.raises(EndpointConnectionError):
        names.list_hosted_zones()
    assert whole.told(f"/resolve?name={entry}")["answers"] == before


def test_a_request_whose_client_died_in_mid_sentence_asked_for_nothing(whole: Any) -> None:
    """A kill can fall between any two bytes; half a request is not a shorter one."""
    region = urlsplit(whole.identity["endpoints"][WEST])
    signed = f"Authorization: AWS4-HMAC-SHA256 Credential=ANY/20300101/{WEST}/dynamodb/aws4_request, Signature=any"
    head = f"POST / HTTP/1.1\r\nHost: any\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n{signed}\r\n"
    request = f"{head}Content-Length: 11\r\n\r\n" + '{"Limit":1}'

    def answer(sent: str) -> bytes:
        with socket.create_connection((region.hostname or "", region.port or 0), timeout=60) as client:
            client.sendall(sent.encode())
            client.shutdown(socket.SHUT_WR)
            return client.makefile("rb").read()

    before = len(whole.calls())
    for length in (len(head) - 20, len(head), len(request) - 13, len(request) - 11, len(request) - 1):
        assert answer(request[:length]) == b""
    assert len(whole.calls()) == before
    assert b"TableNames" in answer(request)
    assert len(whole.calls()) == before + 1


def test_what_nobody_has_simulated_is_a_501_that_says_so(whole: Any) -> None:
    code, status, words = refusal(whole.client("connect", EAST).list_prompts, InstanceId="any")
    assert (code, status) == ("NotSimulated", 501)
    assert "connect:ListPrompts" in words
    assert whole.calls("ListPrompts")[-1]["outcome"] == "not-simulated"


@pytest.mark.parametrize(
    ("service", "region", "port", "place"),
    [("connect", EAST, WEST, EAST), ("route53", EAST, WEST, "global"), ("connect", EAST, "global", EAST)],
)
def test_a_request_at_the_wrong_endpoint_is_told_the_right_one(
    whole: Any, service: str, region: str, port: str, place: str
) -> None:
    client = whole.client(service, region, port)
    code, status, words = refusal(client.list_instances if service == "connect" else client.list_hosted_zones)
    assert (code, status) == ("InvalidSignatureException", 403)
    assert f"that of {place}" in words


def test_each_service_is_found_by_its_signature_whatever_it_speaks(whole: Any) -> None:
    """One for each protocol: rest-json, rest-xml, json and query."""
    assert whole.client("connect", EAST).list_instances()["InstanceSummaryList"]
    assert whole.client("route53", EAST, "global").list_hosted_zones()["HostedZones"]
    assert whole.client("dynamodb", EAST).list_tables()["TableNames"]
    assert whole.client("sts", WEST).get_caller_identity()["Account"] == whole.identity["account"]
    assert whole.client("iam", EAST, "global").list_roles()["Roles"]
    assert whole.client("sns", EAST).list_topics()["Topics"]
    assert "Metrics" in whole.client("cloudwatch", WEST).list_metrics()


def test_objects_and_their_bytes_go_there_and_back(whole: Any) -> None:
    store, body = whole.client("s3", WEST), bytes(range(256)) * 4096
    store.create_bucket(Bucket="evidence-of-a-test", CreateBucketConfiguration={"LocationConstraint": WEST})
    store.put_object(Bucket="evidence-of-a-test", Key="a/b c+d", Body=body)
    assert store.get_object(Bucket="evidence-of-a-test", Key="a/b c+d")["Body"].read() == body
    assert store.head_object(Bucket="evidence-of-a-test", Key="a/b c+d")["ContentLength"] == len(body)
    code, status, _ = refusal(store.head_object, Bucket="evidence-of-a-test", Key="none")
    assert (code, status) == ("404", 404)


def test_the_log_holds_each_write_once_with_its_token_and_equal_digests_for_equal_parameters(whole: Any) -> None:
    connect, site = whole.client("connect", EAST), whole.told("/inventory")["primary"]["connect"]
    before = len(whole.calls())
    for token in ("one", "two"):
        connect.search_available_phone_numbers(
            TargetArn=site["instance_arn"], PhoneNumberCountryCode="US", PhoneNumberType="DID"
        )
        with pytest.raises(ClientError):
            connect.claim_phone_number(
                PhoneNumber="+12065550199", TargetArn=site["instance_arn"].replace(EAST, WEST), ClientToken=token
            )
    lines = whole.calls()[before:]
    assert [line["write"] for line in lines] == [False, True, False, True]
    searches, claims = lines[::2], lines[1::2]
    assert [line["token"] for line in claims] == ["one", "two"]
    assert [line["landed"] for line in claims] == [False, False]
    assert len({line["digest"] for line in searches}) == len({line["digest"] for line in claims}) == 1


def test_of_many_who_want_a_lock_at_once_one_gets_it(whole: Any) -> None:
    """moto alone is not atomic when it is asked from several threads."""
    clients = [whole.client("dynamodb", WEST) for _ in range(2)]
    table = whole.told("/inventory")["global"]["run_table"]
    schema = clients[0].describe_table(TableName=table)["Table"]
    kinds = {each["AttributeName"]: each["AttributeType"] for each in schema["AttributeDefinitions"]}
    names = [each["AttributeName"] for each in schema["KeySchema"]]

    def took(lock: int, who: int) -> str:
        key = {name: {kinds[name]: str(lock)} for name in names}
        try:
            clients[who % 2].put_item(
                TableName=table, Item={**key, "who": {"N": str(who)}},
                ConditionExpression=f"attribute_not_exists({names[0]})",
            )  # fmt: skip
        except ClientError as lost:
            return str(lost.response["Error"]["Code"])
        return "took it"

    before = len(whole.calls("PutItem"))
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(took, number // 8, number) for number in range(40)]
        assert Counter(each.result() for each in asked) == {"took it": 5, "ConditionalCheckFailedException": 35}
    landed = [line["landed"] for line in whole.calls("PutItem")[before:]]
    assert (len(landed), sum(landed)) == (40, 5)
