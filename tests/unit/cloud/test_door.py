"""The door: what it refuses, how it sends, what it records; against moto, a loopback service and botocore's stubs."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from moto import mock_aws

from orchestrator.cloud.door import CallMade, Door
from orchestrator.cloud.faults import sort_error
from orchestrator.model.actions import Call, Cloud
from orchestrator.model.errors import (
    AccessDenied,
    CloudError,
    NotFound,
    NotSimulated,
    OutcomeUnknown,
    Overtaken,
    RegionUnreachable,
    Rejected,
    ServiceTrouble,
    Throttled,
    UndeclaredOperation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import StillClock

EAST, WEST = "us-east-1", "us-west-2"
INSTANCE = "11111111-2222-3333-4444-555555555555"
USERS = Call("connect", "ListUsers", WEST)
TABLE = {
    "TableName": "flags",
    "KeySchema": [{"AttributeName": "flag", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "flag", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


class Service:
    """An AWS service on loopback that answers what it is told to, in turn, and keeps what it was asked."""

    def __init__(self) -> None:
        self.replies: list[tuple[int, dict[str, Any]] | None] = []
        self.asked: list[str] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                service.asked.append(self.path)
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                reply = service.replies.pop(0)
                if reply is None:
                    self.close_connection = True  # hang up without a word
                    return
                status, body = reply
                payload = json.dumps({key: value for key, value in body.items() if key != "code"}).encode()
                self.send_response(status)
                self.send_header("x-amzn-RequestId", f"request-{len(service.asked)}")
                if "code" in body:
                    self.send_header("x-amzn-ErrorType", body["code"])
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = do_PUT = answer  # noqa: N815 - http.server's names

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()
    yield running
    running.close()


def list_users(cloud: Any) -> Any:
    return cloud.client("connect", WEST).list_users(InstanceId=INSTANCE)


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "declared",
    [
        [],
        [Call("connect", "DescribeUser", WEST)],
        [Call("connect", "ListUsers", EAST)],
        [Call("dynamodb", "ListUsers", WEST)],
    ],
)
def test_what_was_not_declared_is_refused_and_nothing_is_sent(
    declared: list[Call], open_door: Callable[..., Door], service: Service, clock: StillClock
) -> None:
    door = open_door(endpoint_url=service.url)
    with pytest.raises(UndeclaredOperation, match="connect:ListUsers in us-west-2"):
        list_users(door.hands(declared))
    assert (service.asked, door.made, clock.pauses) == ([], [], [])


def test_pages_of_an_undeclared_operation_are_refused_too(open_door: Callable[..., Door], service: Service) -> None:
    door = open_door(endpoint_url=service.url)
    pages = door.hands([]).client("connect", WEST).get_paginator("list_users")
    with pytest.raises(UndeclaredOperation):
        list(pages.paginate(InstanceId=INSTANCE))
    assert service.asked == []


def test_a_name_is_resolved_only_where_dns_was_declared(open_door: Callable[..., Door]) -> None:
    door = open_door()
    with pytest.raises(UndeclaredOperation, match="dns:Resolve"):
        door.hands([USERS]).resolve("front.example.test")
    assert door.made == []
    assert door.hands([Call("dns", "Resolve", "")]).resolve("front.example.test") == ("primary-entry.example.test",)
    assert [(made.service, made.outcome) for made in door.made] == [("dns", "ok")]


@pytest.mark.parametrize("name", ["get_waiter", "generate_presigned_url", "upload_file", "no_such_thing", "meta"])
def test_what_would_get_round_the_checks_is_not_offered(name: str, open_door: Callable[..., Door]) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(open_door().client("s3", WEST), name)


def test_hands_are_a_cloud_as_actions_know_it(open_door: Callable[..., Door], clock: StillClock) -> None:
    door = open_door()
    cloud: Cloud = door.hands([USERS])
    assert cloud.now() == clock.now()
    assert cloud.settings_dir == door.settings_dir


# --- how a call is sent ----------------------------------------------------------------------------------------------


def test_a_declared_call_is_sent_once_and_recorded(
    open_door: Callable[..., Door], service: Service, clock: StillClock
) -> None:
    door = open_door(endpoint_url=service.url)
    service.replies = [(200, {"UserSummaryList": [{"Id": "u1"}]})]
    assert list_users(door.hands([USERS]))["UserSummaryList"] == [{"Id": "u1"}]
    host = service.url.removeprefix("http://")
    assert door.made == [CallMade("connect", "ListUsers", WEST, host, clock.now(), "ok", "request-1")]


WIRE = [
    ((503, {"code": "ServiceUnavailable"}), ServiceTrouble, "ServiceUnavailable"),
    ((500, {"code": "InternalServiceException"}), ServiceTrouble, "InternalServiceException"),
    ((429, {"code": "ThrottlingException"}), Throttled, "ThrottlingException"),
    ((429, {"code": "LimitExceededException"}), Rejected, "LimitExceededException"),
    ((403, {"code": "AccessDeniedException"}), AccessDenied, "AccessDeniedException"),
    ((404, {"code": "ResourceNotFoundException"}), NotFound, "ResourceNotFoundException"),
    (None, OutcomeUnknown, "ConnectionClosedError"),
]


@pytest.mark.parametrize(("reply", "kind", "code"), WIRE)
def test_an_error_off_the_wire_is_sorted_recorded_and_never_sent_again(
    reply: tuple[int, dict[str, Any]] | None,
    kind: type[CloudError],
    code: str,
    open_door: Callable[..., Door],
    service: Service,
) -> None:
    door = open_door(endpoint_url=service.url)
    service.replies = [reply, (200, {}), (200, {})]
    with pytest.raises(kind) as failure:
        list_users(door.hands([USERS]))
    assert failure.value.code == code
    assert len(service.asked) == 1
    assert [made.outcome for made in door.made] == [code]


def test_a_port_that_nobody_listens_at_is_an_unreachable_region(open_door: Callable[..., Door]) -> None:
    gone = Service()
    gone.close()
    door = open_door(endpoint_url=gone.url)
    with pytest.raises(RegionUnreachable) as failure:
        list_users(door.hands([USERS]))
    assert not failure.value.sent
    assert door.made[0].outcome == "EndpointConnectionError"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ReadTimeoutError(endpoint_url="https://x"), OutcomeUnknown),
        (ConnectTimeoutError(endpoint_url="https://x"), RegionUnreachable),
        (ConnectionResetError("reset"), OutcomeUnknown),
        (ResponseParserError("no JSON"), OutcomeUnknown),
        (NotImplementedError("no rules"), NotSimulated),
        (NotSimulated("connect", "ListUsers"), NotSimulated),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_what_a_network_model_raises_below_botocore_is_sorted_and_sent_once(
    error: Exception, kind: type[Exception], open_door: Callable[..., Door]
) -> None:
    door, tried = open_door(), []

    def fail(**_request: Any) -> None:
        tried.append(1)
        raise error

    door.clients.get("connect", WEST).meta.events.register("before-send", fail)
    with pytest.raises(kind):
        list_users(door.hands([USERS]))
    assert len(tried) == 1
    assert door.made[0].host == "connect.us-west-2.amazonaws.com"


def test_a_mistake_in_an_action_is_left_as_it_is(open_door: Callable[..., Door]) -> None:
    door = open_door()

    def fail(**_request: Any) -> None:
        raise KeyError("a mistake")

    door.clients.get("connect", WEST).meta.events.register("before-send", fail)
    with pytest.raises(KeyError, match="a mistake"):
        list_users(door.hands([USERS]))


def test_parameters_that_botocore_refuses_are_rejected_without_their_values(open_door: Callable[..., Door]) -> None:
    client = open_door().hands([Call("connect", "UpdateUserPhoneConfig", WEST)]).client("connect", WEST)
    with pytest.raises(Rejected, match="PhoneConfig") as failure:
        client.update_user_phone_config(PhoneConfig="+12065550100", UserId="u", InstanceId=INSTANCE)
    assert "5550100" not in str(failure.value)


def test_limits_of_time_and_attempts_are_short_and_hosts_fixed_whatever_the_environment_says(
    open_door: Callable[..., Door], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_MAX_ATTEMPTS": "9",
        "AWS_RETRY_MODE": "legacy",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
    }.items():
        monkeypatch.setenv(name, value)
    door = open_door()
    config = door.clients.get("connect", WEST).meta.config
    assert (config.connect_timeout, config.read_timeout) == (3, 10)
    assert config.retries["total_max_attempts"] == 1
    assert door.clients.get("connect", WEST).meta.endpoint_url == "https://connect.us-west-2.amazonaws.com"
    assert door.clients.get("sts", EAST).meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"


def test_a_table_s_host_stays_the_planned_one_where_credentials_name_their_account(
    open_door: Callable[..., Door],
) -> None:
    known = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up", "aws_account_id": "123456789012"}
    door, urls = open_door(credentials=known), []

    def stop(request: Any, **_rest: Any) -> None:
        urls.append(request.url)
        raise ReadTimeoutError(endpoint_url=request.url)

    door.clients.get("dynamodb", WEST).meta.events.register("before-send", stop)
    with pytest.raises(OutcomeUnknown):
        door.client("dynamodb", WEST).list_tables()
    assert urls == ["https://dynamodb.us-west-2.amazonaws.com/"]
    assert door.made[0].host == "dynamodb.us-west-2.amazonaws.com"


# --- pacing ----------------------------------------------------------------------------------------------------------


def test_bulk_work_through_the_door_waits_on_the_clock_and_never_longer_than_3_percent(
    open_door: Callable[..., Door], service: Service, clock: StillClock
) -> None:
    door = open_door(endpoint_url=service.url)
    service.replies = [(200, {})] * 100
    client, start = door.hands([USERS]).client("connect", WEST), clock.now()
    for _ in range(100):
        client.list_users(InstanceId=INSTANCE)
    spent_s = (clock.now() - start).total_seconds()
    assert (100 - 5) / 2 <= spent_s <= 1.03 * (100 - 5) / 2
    sent_s = [(made.at - start).total_seconds() for made in door.made]
    assert sent_s == sorted(sent_s)
    assert sent_s[-1] == pytest.approx(spent_s)


def test_a_throttle_makes_the_next_call_wait(
    open_door: Callable[..., Door], service: Service, clock: StillClock
) -> None:
    door = open_door(endpoint_url=service.url)
    service.replies = [(429, {"code": "ThrottlingException"}), (200, {})]
    cloud = door.hands([USERS])
    with pytest.raises(Throttled):
        list_users(cloud)
    assert clock.pauses == []
    list_users(cloud)
    assert clock.pauses[0] >= 1 / 2


def test_a_client_for_provisioning_is_not_paced_but_sorted_and_recorded(
    open_door: Callable[..., Door], service: Service, clock: StillClock
) -> None:
    door = open_door(endpoint_url=service.url)
    service.replies = [(200, {})] * 20 + [(404, {"code": "ResourceNotFoundException"})]
    for _ in range(20):
        list_users(door)
    with pytest.raises(NotFound):
        list_users(door)
    assert clock.pauses == []
    assert [made.outcome for made in door.made] == ["ok"] * 20 + ["ResourceNotFoundException"]


def test_every_page_is_a_call_of_its_own(open_door: Callable[..., Door], service: Service, clock: StillClock) -> None:
    door = open_door(endpoint_url=service.url)
    service.replies = [(200, {"UserSummaryList": [{"Id": f"u{n}"}], "NextToken": f"t{n}"}) for n in range(6)]
    service.replies.append((200, {"UserSummaryList": [{"Id": "last"}]}))
    pages = door.hands([USERS]).client("connect", WEST).get_paginator("list_users")
    ids = [user["Id"] for page in pages.paginate(InstanceId=INSTANCE) for user in page["UserSummaryList"]]
    assert ids == ["u0", "u1", "u2", "u3", "u4", "u5", "last"]
    assert [made.operation for made in door.made] == ["ListUsers"] * 7
    assert len(clock.pauses) == 3  # four at once, then each waits


def test_an_error_in_the_midst_of_pages_is_sorted(open_door: Callable[..., Door], service: Service) -> None:
    door = open_door(endpoint_url=service.url)
    service.replies = [
        (200, {"UserSummaryList": [{"Id": "u0"}], "NextToken": "t0"}),
        (500, {"code": "InternalServiceException"}),
    ]
    pages = door.hands([USERS]).client("connect", WEST).get_paginator("list_users").paginate(InstanceId=INSTANCE)
    with pytest.raises(ServiceTrouble):
        list(pages)


def test_a_service_that_gives_the_same_token_twice_is_an_error_of_ours_and_no_endless_list(
    open_door: Callable[..., Door], service: Service
) -> None:
    door = open_door(endpoint_url=service.url)
    service.replies = [(200, {"UserSummaryList": [], "NextToken": "again"})] * 3
    pages = door.hands([USERS]).client("connect", WEST).get_paginator("list_users").paginate(InstanceId=INSTANCE)
    with pytest.raises(OutcomeUnknown, match="connect:ListUsers in us-west-2") as found:
        list(pages)
    assert found.value.code == "PaginationError"
    assert len(door.made) == 2


def test_an_operation_without_pages_says_so(open_door: Callable[..., Door]) -> None:
    with pytest.raises(AttributeError, match="describe_user has no pages"):
        open_door().client("connect", WEST).get_paginator("describe_user")


# --- against moto ----------------------------------------------------------------------------------------------------


def test_a_conditional_write_that_loses_is_overtaken_and_nothing_is_written(open_door: Callable[..., Door]) -> None:
    with mock_aws():
        door = open_door()
        door.client("dynamodb", WEST).create_table(**TABLE)
        cloud = door.hands([Call("dynamodb", "PutItem", WEST, write=True), Call("dynamodb", "GetItem", WEST)])
        flags = cloud.client("dynamodb", WEST)
        flags.put_item(TableName="flags", Item={"flag": {"S": "greeting"}, "epoch": {"N": "5"}})
        with pytest.raises(Overtaken):
            flags.put_item(
                TableName="flags",
                Item={"flag": {"S": "greeting"}, "epoch": {"N": "4"}},
                ConditionExpression="epoch < :e",
                ExpressionAttributeValues={":e": {"N": "4"}},
            )
        kept = flags.get_item(TableName="flags", Key={"flag": {"S": "greeting"}})["Item"]
        assert kept["epoch"] == {"N": "5"}
        assert [made.outcome for made in door.made] == ["ok", "ok", "ConditionalCheckFailedException", "ok"]
        assert all(made.request_id for made in door.made)


@pytest.mark.parametrize(
    ("service", "method", "params", "kind"),
    [
        ("dynamodb", "get_item", {"TableName": "none", "Key": {"a": {"S": "b"}}}, NotFound),
        ("s3", "head_bucket", {"Bucket": "none"}, NotFound),
        ("route53", "get_hosted_zone", {"Id": "Z0000000NONE"}, NotFound),
        ("sns", "publish", {"TopicArn": "arn:aws:sns:us-west-2:123456789012:none", "Message": "x"}, NotFound),
        ("connect", "describe_instance", {"InstanceId": INSTANCE}, NotFound),
        ("connect", "list_users", {"InstanceId": INSTANCE}, NotSimulated),
        ("workspaces", "describe_account", {}, NotSimulated),
        ("chime-sdk-voice", "list_voice_connectors", {}, NotSimulated),
        ("route53", "create_hosted_zone", {"Name": "example.test", "CallerReference": ""}, Rejected),
    ],
)
def test_answers_in_every_wire_format_are_sorted(
    service: str, method: str, params: dict[str, Any], kind: type[Exception], open_door: Callable[..., Door]
) -> None:
    with mock_aws(), pytest.raises(kind):
        getattr(open_door().client(service, WEST), method)(**params)


# --- clients ---------------------------------------------------------------------------------------------------------


def test_threads_that_ask_at_once_get_one_client(open_door: Callable[..., Door]) -> None:
    door, found, together = open_door(), [], threading.Barrier(8)

    def ask() -> None:
        together.wait()
        found.append(door.clients.get("sns", WEST))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({id(client) for client in found}) == 1


def test_a_service_with_one_home_has_one_client_for_all_regions(open_door: Callable[..., Door]) -> None:
    door = open_door()
    assert door.clients.get("route53", WEST) is door.clients.get("route53", EAST)
    assert door.clients.get("globalaccelerator", EAST).meta.region_name == WEST


def test_a_profile_that_does_not_exist_is_told_with_its_remedy(
    open_door: Callable[..., Door], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    with pytest.raises(AccessDenied) as failure:
        list_users(open_door(profile="gone").hands([USERS]))
    assert "sign in" in failure.value.remedy


def test_a_service_outside_the_table_of_homes_can_be_provisioned_and_names_its_host(
    open_door: Callable[..., Door],
) -> None:
    with mock_aws():
        door = open_door()
        door.client("polly", WEST).describe_voices()
        assert door.made[0].host == "polly.us-west-2.amazonaws.com"


def test_importing_the_whole_room_loads_neither_boto3_nor_botocore() -> None:
    program = (
        "import sys\n"
        "from orchestrator.cloud import calls, door, faults, pace, regions, resolver\n"
        "sys.exit(any(m.split('.')[0] in ('boto3', 'botocore', 'dns') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0  # noqa: S603 - our own interpreter


def test_the_cause_is_kept_beneath_the_sorted_error(open_door: Callable[..., Door], service: Service) -> None:
    door = open_door(endpoint_url=service.url)
    service.replies = [(409, {"code": "ResourceConflictException"})]
    with pytest.raises(CloudError) as failure:
        list_users(door.hands([USERS]))
    cause = failure.value.__cause__
    assert cause is not None
    assert str(sort_error(cause, service="connect", operation="ListUsers", region=WEST)) == str(failure.value)
