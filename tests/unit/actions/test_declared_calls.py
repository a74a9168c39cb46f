"""What actions declare is true of AWS: each operation exists, lives where it is said to, and is simulated.

Reads and writes are told apart by botocore's HTTP methods where the protocol is REST, and by the access levels of the
Service Authorization Reference (Amazon Connect, DynamoDB, CloudWatch, SNS) where it is not, or where POST is used.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from drills.simulator.ledger import Mark, mark_of
from orchestrator.actions.catalogue import ACTIONS
from orchestrator.cloud.regions import endpoint
from orchestrator.model.parameters import bind

if TYPE_CHECKING:
    from orchestrator.model.actions import Action, Call

EAST, WEST = "us-east-1", "us-west-2"
METRIC = {"namespace": "ContactCentre/Failover", "name": "EvacuateOtherSide"}
GIVEN: dict[str, dict[str, Any]] = {
    "agents.phone_config": {"region": WEST, "instance": "i", "users": ["u"], "phone": "mobile"},
    "agents.incident_routing": {
        "region": WEST, "instance": "i", "group": {"user_ids": [], "normal_profile": "n", "incident_profile": "p"},
    },
    "change.stack_config": {"stack": "standby", "values": {"key": "value"}},
    "connect.number_flow": {"region": WEST, "instance": "i", "number": "n", "flow": "f"},
    "connect.number_target": {"region": WEST, "number": "n", "target": "t"},
    "connect.queue_hours": {"region": WEST, "instance": "i", "queue": "q", "hours": "h"},
    "connect.replicate_instance": {"region": WEST, "instance": "i", "replica_region": EAST, "alias": "a"},
    "connect.shift_signin": {"group": "g", "region": WEST},
    "connect.shift_traffic": {"group": "g", "region": WEST, "percent": 100},
    "connect.traffic_group": {"region": WEST, "instance": "i", "name": "n"},
    "connect.traffic_group_agents": {"region": WEST, "instance": "i", "group": "g", "users": ["u"]},
    "desktops.available": {"region": WEST, "desktops": ["d"], "percent_at_least": 90},
    "desktops.running_mode": {"region": WEST, "desktops": ["d"], "mode": "ALWAYS_ON"},
    "desktops.start": {"region": WEST, "desktops": ["d"]},
    "dns.answers": {"name": "n", "target": "t"},
    "dns.change_records": {"zone": "z", "name": "n", "type": "A", "values": ["192.0.2.1"]},
    "dns.evacuate": {"name": "n", "target": "t", "region": WEST, "metric": METRIC},
    "ivr.flag": {"region": WEST, "table": "t", "flag": "f", "value": "on"},
    "notify.publish": {"region": WEST, "topic": "t", "message": "m"},
    "people.approve": {"question": "q", "approvers": ["duty-manager"]},
    "service.answers": {"region": WEST},
    "agents.normal_routing": {
        "region": WEST, "instance": "i", "group": {"user_ids": [], "normal_profile": "n", "incident_profile": "p"},
    },
    "connect.replication_fresh": {"region": WEST, "instance": "i"},
    "connect.traffic_at": {"group": "g", "region": WEST, "percent": 100},
    "dns.return": {"name": "n", "target": "t", "region": WEST, "metric": METRIC},
    "service.backlog": {"region": WEST, "instance": "i", "queues": ["q"], "contacts_at_most": 5},
    "service.healthy_for": {"region": WEST, "at_least": "15m"},
    "service.low_tide": {"region": WEST, "instance": "i", "calls_at_most": 5, "window": "5m"},
    "service.calls_answered": {"region": WEST, "percent_at_least": 90, "window": "2m"},
    "telephony.group_priority": {"group": "g", "region": WEST, "connector": "w", "away_from": EAST, "other": "e"},
    "telephony.leads_to": {"group": "g", "region": WEST, "connector": "w"},
}  # fmt: skip

READS = {
    # Access level List or Read.
    ("connect", "SearchContacts"), ("connect", "SearchUsers"), ("dynamodb", "GetItem"),
    ("connect", "GetCurrentMetricData"), ("cloudwatch", "GetMetricData"),
    ("workspaces", "DescribeWorkspaces"),
}  # fmt: skip
WRITES = {
    # Access level Write.
    ("connect", "ReplicateInstance"), ("connect", "UpdateUserRoutingProfile"), ("cloudwatch", "PutMetricData"),
    ("connect", "UpdateUserConfig"), ("workspaces", "ModifyWorkspaceProperties"), ("workspaces", "StartWorkspaces"),
    ("workspaces", "StopWorkspaces"), ("dynamodb", "UpdateItem"), ("route53", "ChangeResourceRecordSets"),
    ("sns", "Publish"), ("connect", "UpdateQueueHoursOfOperation"),
}  # fmt: skip
BY_METHOD = {"GET": False, "HEAD": False, "PUT": True, "DELETE": True, "PATCH": True}
REST = {"rest-json", "rest-xml"}


def _declared(action: type[Action[Any]]) -> tuple[Call, ...]:
    return action.calls(bind(action.Params, GIVEN[action.name]))


DECLARED = [
    pytest.param(call, id=f"{action.name}-{call.operation}") for action in ACTIONS for call in _declared(action)
]
TO_AWS = [case for case in DECLARED if case.values[0].service != "dns"]  # type: ignore[union-attr] # a Call


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def test_every_action_of_the_catalogue_is_looked_at() -> None:
    assert set(GIVEN) == {action.name for action in ACTIONS}


@pytest.mark.parametrize("call", TO_AWS)
def test_every_operation_is_one_of_its_service_in_boto3s_spelling(call: Call) -> None:
    assert call.service in botocore.session.get_session().get_available_services()
    assert call.operation in _model(call.service).operation_names


@pytest.mark.parametrize("call", TO_AWS)
def test_every_operation_is_marked_as_the_read_or_the_write_that_it_is(call: Call) -> None:
    model, key = _model(call.service), (call.service, call.operation)
    method = model.operation_model(call.operation).http["method"]
    if model.metadata["protocol"] in REST and method in BY_METHOD:
        assert key not in READS | WRITES
        assert call.write is BY_METHOD[method]
    else:
        assert key in READS | WRITES
        assert call.write is (key in WRITES)


@pytest.mark.parametrize("call", TO_AWS)
def test_every_operation_is_in_the_simulators_ledger_and_answered_there(call: Call) -> None:
    assert mark_of(call.service, call.operation) in (Mark.MOTO, Mark.EXTENDED)


@pytest.mark.parametrize("call", DECLARED)
def test_the_home_of_every_operation_is_known_and_only_route_53s_is_elsewhere(call: Call) -> None:
    # AWS Fault Isolation Boundaries: Route 53's control plane is in us-east-1, its answers are everywhere.
    assert endpoint(call).home == {"route53": EAST, "dns": ""}.get(call.service, WEST)


def test_only_settings_and_effects_write() -> None:
    writers = {action.kind.value for action in ACTIONS for call in _declared(action) if call.write}
    assert writers == {"setting", "effect"}


def test_every_setting_in_the_cloud_looks_before_it_writes() -> None:
    for action in ACTIONS:
        declared = _declared(action)
        if action.kind.value == "setting" and declared:
            assert {call.write for call in declared} == {True, False}, action.name
