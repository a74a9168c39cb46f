"""Whatever a service may legally answer, an action makes a value of it or says what it found where; it never breaks.

The answers are built from botocore's output shapes: a full one, then that with each optional member left out in turn,
each list empty, each status of each enum, each type of a DynamoDB attribute; and one with nothing but what is required.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, StructureShape

from orchestrator.actions.catalogue import ACTIONS
from orchestrator.model.actions import Check, Effect, Finding, Setting
from orchestrator.model.errors import FailoverError
from orchestrator.model.parameters import bind
from orchestrator.model.sealing import Passing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from botocore.model import Shape

EAST, WEST = "us-east-1", "us-west-2"
NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
METRIC = {"namespace": "ContactCentre/Failover", "name": "EvacuateOtherSide"}
GROUP = {"user_ids": ["one"], "normal_profile": "normal", "incident_profile": "incident"}
NAMED: dict[str, Any] = {
    # So that an answer is about what was asked for, wherever the service names it.
    "Region": WEST, "Name": "one", "Id": "one", "UserId": "one", "ResourceId": "one", "PhoneNumberId": "one",
    "Type": "A", "key": "value", "WorkspaceId": "one", "VoiceConnectorId": "one",
}  # fmt: skip
GIVEN: dict[str, dict[str, Any]] = {
    "agents.phone_config": {"region": WEST, "instance": "one", "users": ["one"], "phone": "mobile"},
    "agents.incident_routing": {"region": WEST, "instance": "one", "group": GROUP},
    "change.stack_config": {"stack": "standby", "values": {"key": "value"}},
    "connect.queue_hours": {"region": WEST, "instance": "one", "queue": "one", "hours": "hours"},
    "connect.number_flow": {"region": WEST, "instance": "one", "number": "one", "flow": "flow"},
    "connect.number_target": {"region": WEST, "number": "one", "target": "target"},
    "connect.replicate_instance": {"region": EAST, "instance": "one", "replica_region": WEST, "alias": "alias"},
    "connect.shift_signin": {"group": "one", "region": WEST},
    "connect.shift_traffic": {"group": "one", "region": WEST, "percent": 100},
    "connect.traffic_group": {"region": WEST, "instance": "one", "name": "one"},
    "connect.traffic_group_agents": {"region": WEST, "instance": "one", "group": "one", "users": ["two"]},
    "desktops.available": {"region": WEST, "desktops": ["one"], "percent_at_least": 90},
    "desktops.running_mode": {"region": WEST, "desktops": ["one"], "mode": "ALWAYS_ON"},
    "desktops.start": {"region": WEST, "desktops": ["one"]},
    "dns.answers": {"name": "one", "target": "target"},
    "dns.change_records": {"zone": "zone", "name": "one", "type": "A", "values": ["192.0.2.1"]},
    "dns.evacuate": {"name": "one", "target": "target", "region": WEST, "metric": METRIC},
    "ivr.flag": {"region": WEST, "table": "flags", "flag": "one", "value": "on"},
    "notify.publish": {"region": WEST, "topic": "topic", "message": "message"},
    "people.approve": {"question": "Sure?", "approvers": ["duty-manager"]},
    "service.answers": {"region": WEST},
    "agents.normal_routing": {"region": WEST, "instance": "one", "group": GROUP},
    "connect.replication_fresh": {"region": WEST, "instance": "one"},
    "connect.traffic_at": {"group": "one", "region": WEST, "percent": 100},
    "dns.return": {"name": "one", "target": "target", "region": WEST, "metric": METRIC},
    "service.backlog": {"region": WEST, "instance": "one", "queues": ["one"], "contacts_at_most": 5},
    "service.healthy_for": {"region": WEST, "at_least": "15m"},
    "service.low_tide": {"region": WEST, "instance": "one", "calls_at_most": 5, "window": "5m"},
    "service.calls_answered": {"region": WEST, "percent_at_least": 90, "window": "2m"},
    "telephony.group_priority": {
        "group": "one", "region": WEST, "connector": "one", "away_from": EAST, "other": "two",
    },
    "telephony.leads_to": {"group": "one", "region": WEST, "connector": "one"},
}  # fmt: skip

ROUTED = {"SetIdentifier", "AliasTarget", "TrafficPolicyInstanceId"}
"""Members that make a record set another thing (see test_dns.py), so that a full one has none of them."""


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def _full(shape: Shape, name: str = "", above: tuple[str, ...] = ()) -> Any:
    """A legal value with everything in it; a shape inside itself is left out."""
    inside = (*above, shape.name)
    if isinstance(shape, StructureShape):
        parts = {key: part for key, part in shape.members.items() if part.name not in inside and key not in ROUTED}
        return {key: _full(member, key, inside) for key, member in parts.items()}
    if isinstance(shape, ListShape):
        return _members(shape.member, name, inside) if shape.member.name not in inside else []
    if isinstance(shape, MapShape):
        return {"key": _full(shape.value, "", inside)}
    return _scalar(shape, name)


def _members(shape: Shape, name: str, above: tuple[str, ...]) -> list[Any]:
    """One of them; two where each is a Region's share."""
    full = _full(shape, name, above)
    shares = "Region" in getattr(shape, "required_members", ())
    return [full, {**full, "Region": EAST}] if shares else [full]


def _scalar(shape: Shape, name: str) -> Any:
    kinds = {"integer": 1, "long": 1, "float": 1.0, "double": 1.0, "boolean": True, "timestamp": NOW, "blob": b""}
    if shape.type_name in kinds:
        return kinds[shape.type_name]
    return NAMED.get(name) or next(iter(getattr(shape, "enum", ())), "text")


def _bare(shape: Shape, name: str = "") -> Any:
    """A legal value with nothing in it but what is required."""
    if isinstance(shape, StructureShape):
        return {key: _bare(shape.members[key], key) for key in shape.required_members}
    if isinstance(shape, ListShape | MapShape):
        return [] if isinstance(shape, ListShape) else {}
    return _scalar(shape, name)


def _odd(shape: Shape, full: Any) -> Iterator[Any]:
    """The same value with one thing different."""
    if isinstance(shape, StructureShape):
        for key, value in full.items():
            if key not in shape.required_members:
                yield {kept: full[kept] for kept in full if kept != key}
            yield from ({**full, key: odd} for odd in _odd(shape.members[key], value))
    elif isinstance(shape, ListShape) and full:
        yield []
        yield [_bare(shape.member)]
        yield full * 2
        yield from ([odd, *full[1:]] for odd in _odd(shape.member, full[0]))
    elif isinstance(shape, MapShape):
        yield {}
    elif shape.type_name == "string":
        yield from getattr(shape, "enum", ())


def _items() -> Iterator[Any]:
    """Flags that somebody wrote by hand: each attribute of each type that DynamoDB has, or absent."""
    attribute = _model("dynamodb").shape_for("AttributeValue")
    kinds = [{kind: _full(member)} for kind, member in attribute.members.items()]
    kinds += [{"N": "-1"}, {"N": "1.5"}, {"N": "1E+2"}, {"N": "7"}, {"S": ""}]
    for kind in kinds:
        yield {"Item": {"flag": {"S": "one"}, "value": kind}}
        yield {"Item": {"flag": {"S": "one"}, "value": {"S": "on"}, "epoch": kind}}
        yield {"Item": {"flag": {"S": "one"}, "epoch": kind}}


def _answers(service: str, operation: str) -> list[Any]:
    shape = _model(service).operation_model(operation).output_shape
    if shape is None:
        return [{}]
    full = _full(shape)
    found = [full, _bare(shape), *_odd(shape, full)]
    return [*found, *_items()] if operation == "GetItem" else found


class Answering:
    """A cloud in which one operation answers this, and every other one in full."""

    def __init__(self, operation: str, answer: Any, settings_dir: Path) -> None:
        self.operation, self.answer, self.settings_dir = operation, answer, settings_dir
        self.vault = Passing()

    def client(self, service: str, _region: str) -> Any:
        def page(method: str) -> Callable[..., Any]:
            operation = method.title().replace("_", "")
            if operation == self.operation:
                return lambda **_: self.answer
            shape = _model(service).operation_model(operation).output_shape
            return lambda **_: _full(shape) if shape else {}

        class Client:
            def __getattr__(self, method: str) -> Any:
                return page(method)

            def get_paginator(self, method: str) -> Any:
                return SimpleNamespace(paginate=lambda **asked: [page(method)(**asked)])

        return Client()

    def resolve(self, _name: str) -> tuple[str, ...]:
        return ("entry.contact.example",)

    def now(self) -> datetime:
        return NOW


def _used(action: Any, params: Any) -> Any:
    """All that a run asks of an action, in JSON, or the error of our own tree that ends it; all else breaks out."""
    try:
        return json.dumps(_use(action, params))
    except FailoverError as why:
        return why


def _use(action: Any, params: Any) -> Any:
    if isinstance(action, Check):
        finding = action.probe(params)
        assert isinstance(finding, Finding)
        return [finding.reading, finding.what, dict(finding.evidence)]
    if isinstance(action, Effect):
        return dict(action.perform(params, "token"))
    assert isinstance(action, Setting)
    before = action.observe(params)
    target = action.target(params, before)
    told = [action.settled(params, target, before), action.given_up(params, before) is None]
    parts = list(action.parts(params, before, target))
    for part in parts:
        action.write(params, part)
    return [before, target, told, parts, action.gains(params, before, target)]


CASES = [
    pytest.param(action, call, id=f"{action.name}-{call.operation}")
    for action in ACTIONS
    for call in action.calls(bind(action.Params, GIVEN[action.name]))
    if call.service != "dns"
]


def test_every_action_is_answered() -> None:
    assert set(GIVEN) == {action.name for action in ACTIONS}


@pytest.mark.parametrize(("action", "call"), CASES)
def test_an_odd_but_legal_answer_is_a_value_or_an_error_that_says_where(action: Any, call: Any, tmp_path: Path) -> None:
    params, values = bind(action.Params, GIVEN[action.name]), 0
    for answer in _answers(call.service, call.operation):
        value = _used(action(Answering(call.operation, answer, tmp_path)), params)
        if isinstance(value, FailoverError):
            # Where: the operation's place, or the thing itself; never the bare name of a missing key.
            assert any(place in str(value) for place in (call.region, "one", call.operation)), str(value)
        else:
            values += 1
    assert values


def test_the_answers_are_odd_enough_to_be_worth_it() -> None:
    counted = {case.id: len(_answers(case.values[1].service, case.values[1].operation)) for case in CASES}  # type: ignore[union-attr] # a Call
    assert counted["connect.traffic_group-ListTrafficDistributionGroups"] > 12
    assert counted["connect.number_target-DescribePhoneNumber"] > 12
    assert counted["ivr.flag-GetItem"] > 30
