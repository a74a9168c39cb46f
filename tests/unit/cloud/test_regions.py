"""Endpoints and homes, compared with what boto3 really calls and with the Regions that botocore signs for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.session import Session

from orchestrator.cloud.regions import Endpoint, endpoint, needs_region, services
from orchestrator.model.actions import Call
from orchestrator.model.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.cloud.door import Door

EAST, WEST, LONDON = "us-east-1", "us-west-2", "eu-west-2"


class Seen(Exception):
    """Stops a request just before it would be sent, and tells where to, and which Region it was signed for."""

    def __init__(self, url: str, authorization: str) -> None:
        super().__init__(url)
        self.host = urlsplit(url).netloc
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/", authorization)
        self.signed_for = scope[1] if scope else ""


def stop(request: Any, **_rest: Any) -> None:
    authorization = request.headers.get("Authorization", b"")
    raise Seen(request.url, authorization.decode() if isinstance(authorization, bytes) else authorization)


def request_of(door: Door, service: str, region: str) -> tuple[str, Seen]:
    """An operation of the service, and the request that boto3 makes of it."""
    raw = door.clients.get(service, region)
    name, params = plain_operation(raw.meta.service_model)
    raw.meta.events.register_first("before-send", stop)
    method = next(python for python, api in raw.meta.method_to_api_mapping.items() if api == name)
    with pytest.raises(Seen) as seen:
        getattr(raw, method)(**params)
    return name, seen.value


def filler(shape: Any) -> Any:
    """The least that botocore takes for a required parameter."""
    if shape.type_name == "structure":
        return {name: filler(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [filler(shape.member)]
    if shape.type_name in ("integer", "long"):
        return max(int(shape.metadata.get("min", 1)), 1)
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "x" * max(int(shape.metadata.get("min", 1)), 1)
    return {"timestamp": "2026-11-22", "boolean": True, "blob": b"x", "map": {}}[shape.type_name]


def plain_operation(model: Any) -> tuple[str, dict[str, Any]]:
    """The operation that asks for least and goes to the service's own host, and parameters for it."""

    def required(name: str) -> list[str]:
        shape = model.operation_model(name).input_shape
        return list(shape.required_members) if shape else []

    own = [name for name in model.operation_names if not model.operation_model(name).endpoint]
    name = min((name for name in own if "Bucket" not in required(name)), key=lambda name: len(required(name)))
    shape = model.operation_model(name).input_shape
    return name, filler(shape) if shape else {}


@pytest.mark.parametrize("service", sorted(services()))
def test_the_host_is_the_one_that_boto3_calls_and_the_home_the_region_that_it_signs_for(
    service: str, open_door: Callable[..., Door]
) -> None:
    door = open_door()
    for region in (LONDON, EAST):
        name, seen = request_of(door, service, region)
        place = endpoint(Call(service, name, region))
        assert place.host == seen.host
        if place.home and seen.signed_for:
            assert place.home == seen.signed_for


@pytest.mark.parametrize(
    ("service", "home"),
    [
        ("route53", EAST),
        ("iam", EAST),
        ("cloudfront", EAST),
        ("organizations", EAST),
        ("account", EAST),
        ("networkmanager", WEST),
        ("route53-recovery-control-config", WEST),
        ("route53-recovery-readiness", WEST),
        ("globalaccelerator", WEST),
    ],
)
def test_a_control_plane_has_one_home_whatever_region_the_call_names(service: str, home: str) -> None:
    """Homes of the whitepaper "AWS Fault Isolation Boundaries", global services."""
    places = {endpoint(Call(service, "Anything", region)) for region in (LONDON, EAST, WEST)}
    assert {place.home for place in places} == {home}
    assert home in next(iter(places)).note


def test_region_switch_runs_plans_where_it_is_called_and_keeps_them_in_virginia() -> None:
    model = Session().get_service_model("arc-region-switch")
    for name in model.operation_names:
        parameters = {p.name: p.value for p in model.operation_model(name).static_context_parameters}
        home = EAST if parameters.get("UseControlPlaneEndpoint") else WEST
        assert endpoint(Call("arc-region-switch", name, WEST)).home == home
    assert endpoint(Call("arc-region-switch", "StartPlanExecution", WEST)).host == "arc-region-switch.us-west-2.api.aws"


def test_a_regional_service_lives_where_it_is_called() -> None:
    assert endpoint(Call("cloudwatch", "PutMetricData", WEST)) == Endpoint("monitoring.us-west-2.amazonaws.com", WEST)


def test_the_global_sts_endpoint_lives_in_virginia_and_a_regional_one_at_home() -> None:
    assert endpoint(Call("sts", "AssumeRole", "aws-global")).home == EAST
    assert endpoint(Call("sts", "AssumeRole", "aws-global")).host == "sts.amazonaws.com"
    assert endpoint(Call("sts", "AssumeRole", WEST)).home == WEST


def test_route_53_says_what_accelerated_recovery_is_worth() -> None:
    note = endpoint(Call("route53", "ChangeResourceRecordSets", WEST)).note
    assert "over 60 minutes" in note
    assert "public zones" in note


def test_losing_virginia_takes_route_53_iam_and_bucket_changes_everywhere_but_no_data_plane() -> None:
    lost = (
        Call("route53", "ChangeResourceRecordSets", WEST, write=True),
        Call("iam", "GetRole", LONDON),
        Call("s3", "CreateBucket", WEST, write=True),
        Call("s3", "PutBucketReplication", LONDON, write=True),
        Call("connect", "DescribeInstance", EAST),
    )
    kept = (
        Call("connect", "UpdateTrafficDistribution", WEST, write=True),
        Call("cloudwatch", "PutMetricData", WEST, write=True),
        Call("s3", "PutObject", WEST, write=True),
        Call("dns", "Resolve", ""),
        Call("route53-recovery-cluster", "UpdateRoutingControlStates", EAST, write=True),
        Call("globalaccelerator", "UpdateEndpointGroup", EAST, write=True),
    )
    mixed = tuple(call for pair in zip(lost, kept, strict=False) for call in pair) + kept[len(lost) :]
    assert needs_region(mixed, EAST) == lost


def test_a_bucket_change_needs_its_own_region_too() -> None:
    call = Call("s3", "CreateBucket", WEST, write=True)
    assert needs_region([call], WEST) == (call,)
    assert needs_region([call], LONDON) == ()


def test_no_region_is_lost_with_an_empty_name() -> None:
    assert needs_region([Call("dns", "Resolve", ""), Call("connect", "DescribeUser", WEST)], "") == ()


@pytest.mark.parametrize(
    ("service", "region"),
    [
        ("gamelift", WEST),
        ("connect", ""),
        ("connect", "cn-north-1"),
        ("sns", "us-gov-west-1"),
        ("connect", "US-EAST-1"),
        ("connect", "fips-us-east-1"),
        ("connect", "us-east-1-fips"),
        ("connect", "us-east-1\n"),
        ("s3", "aws-global"),
    ],
)
def test_what_nobody_knows_is_refused_and_not_guessed(service: str, region: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        endpoint(Call(service, "Anything", region))
    assert refusal.value.remedy
    with pytest.raises(InvalidInput):
        needs_region([Call(service, "Anything", region)], EAST)


def test_a_lost_region_is_not_overlooked_for_its_spelling() -> None:
    call = Call("connect", "DescribeUser", EAST)
    assert needs_region([call], EAST) == (call,)
    with pytest.raises(InvalidInput, match="no Region is called US-EAST-1"):
        needs_region([call], "US-EAST-1")
