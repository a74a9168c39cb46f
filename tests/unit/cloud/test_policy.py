from __future__ import annotations

import re
from pathlib import Path

import botocore.session
import pytest

from orchestrator.cloud.permissions import DEPENDENT, KINDS, PREFIXES, UNLISTED, action_of
from orchestrator.cloud.policy import Need, document, shown
from orchestrator.model.actions import Call
from orchestrator.model.errors import InvalidInput

EAST, WEST = "us-east-1", "us-west-2"
SIDES = {EAST: "primary", WEST: "standby"}
TABLE = frozenset({"standby.flags_table"})


def need(service: str, operation: str, region: str = WEST, reads: frozenset[str] = frozenset()) -> Need:
    return Need("a step", Call(service, operation, region), reads)


@pytest.mark.parametrize("key", KINDS, ids=":".join)
def test_every_row_is_an_operation_of_its_service(key: tuple[str, str]) -> None:
    session = botocore.session.get_session()
    assert key[1] in session.get_service_model(key[0]).operation_names


def test_what_deviates_deviates_from_a_row() -> None:
    assert DEPENDENT.keys() | UNLISTED.keys() <= KINDS.keys()
    assert set(PREFIXES) <= {service for service, _ in KINDS}


def test_no_action_is_a_wildcard() -> None:
    actions = [action_of(*key) for key in KINDS] + [action for more in DEPENDENT.values() for action in more]
    assert [action for action in actions if not re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+", action)] == []


def test_every_operation_that_an_action_declares_has_a_row() -> None:
    texts = [path.read_text() for path in (Path(__file__).parents[3] / "orchestrator" / "actions").glob("*.py")]
    declared = {found for text in texts for found in re.findall(r'Call\(\s*"([a-z0-9-]+)",\s*"(\w+)"', text)}
    assert len(declared) > 25
    assert declared - {("dns", "Resolve")} <= KINDS.keys()


def test_an_operation_without_a_row_is_refused_and_not_guessed() -> None:
    with pytest.raises(InvalidInput, match=r"a step calls connect:DeleteInstance") as refused:
        document([need("connect", "DeleteInstance")], SIDES)
    assert "permissions.py" in refused.value.remedy


def test_an_action_is_held_to_the_regions_that_it_is_called_in() -> None:
    policy = document([need("connect", "DescribeUser", WEST), need("connect", "ListFlowAssociations", EAST)], SIDES)
    told = {each["Sid"]: each["Resource"] for each in policy["Statement"]}
    assert list(told) == ["ConnectAnyUserOfTheInstanceStandby", "ConnectInstancePrimary"]
    assert all("${standby.region}:${standby.account}" in each for each in told["ConnectAnyUserOfTheInstanceStandby"])


def test_where_aws_offers_no_resource_the_sid_says_so_and_the_region_is_held() -> None:
    (listing, dependent) = document([need("connect", "ListInstances")], SIDES)["Statement"]
    assert listing["Sid"] == "ConnectAwsOffersNoResourceStandby"
    assert listing["Resource"] == ["*"]
    assert listing["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["${standby.region}"]}}
    assert dependent["Action"] == ["ds:DescribeDirectories"]
    assert "AwsOffersNoResource" in dependent["Sid"]


def test_a_metric_is_held_to_its_namespace() -> None:
    reads = frozenset({"standby.evacuation_metric.namespace", "standby.evacuation_metric.name"})
    (statement,) = document([need("cloudwatch", "PutMetricData", reads=reads)], SIDES)["Statement"]
    held = statement["Condition"]["StringEquals"]
    assert held["cloudwatch:namespace"] == ["${standby.evacuation_metric.namespace}"]


def test_a_resource_is_the_one_that_the_parameters_come_from() -> None:
    groups = frozenset({"primary.connect.traffic_group_arn"})
    (statement,) = document([need("connect", "UpdateTrafficDistribution", reads=groups)], SIDES)["Statement"]
    # The home Region's ARN, also where the call is made in the paired Region.
    assert statement["Resource"] == ["${primary.connect.traffic_group_arn}"]


def test_a_resource_that_the_inventory_does_not_name_is_refused() -> None:
    with pytest.raises(InvalidInput, match="on what no flags_table names"):
        document([need("dynamodb", "UpdateItem")], SIDES)


def test_a_region_of_neither_side_is_refused() -> None:
    with pytest.raises(InvalidInput, match="in eu-west-2, which is neither side's"):
        document([need("dynamodb", "UpdateItem", "eu-west-2", TABLE)], SIDES)


def test_a_search_brings_what_it_depends_on() -> None:
    policy = document([need("connect", "SearchUsers")], SIDES)
    actions = {action for each in policy["Statement"] for action in each["Action"]}
    assert actions == {"connect:SearchUsers", "connect:DescribeUser", "connect:ListUserProficiencies"}


def test_the_order_of_calls_does_not_show() -> None:
    needs = [need("connect", "SearchUsers"), need("dynamodb", "GetItem", reads=TABLE), need("dns", "Resolve", "")]
    assert shown(document(needs, SIDES)) == shown(document([*reversed(needs), *needs], SIDES))


def test_statements_have_names_of_their_own_that_iam_takes() -> None:
    of_one = need("connect", "GetTrafficDistribution", reads=frozenset({"standby.connect.traffic_group_arn"}))
    of_other = need(
        "connect", "UpdateTrafficDistribution", reads=frozenset({"standby.connect.default_traffic_group_arn"})
    )
    sids = [each["Sid"] for each in document([of_one, of_other], SIDES)["Statement"]]
    assert sids == ["ConnectTrafficGroupStandby", "ConnectTrafficGroupStandby2"]
    assert all(re.fullmatch(r"[A-Za-z0-9]+", sid) for sid in sids)
