"""Counting and judging calls.

Rules: botocore, ContactSearchSummary. A contact lacks what has not happened to it; `InitiationMethod` parts the calls
of customers (INBOUND) from those that agents dial (OUTBOUND) and supervisors listen to (MONITOR).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from orchestrator.actions.service import Answers, AnswersParams, CallsAnswered, CallsAnsweredParams, _counted, _judge
from orchestrator.model.actions import Call, Reading
from orchestrator.model.parameters import BadParameters, Percent, Region, Seconds, bind

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
SAID = timedelta(seconds=30)
"""A call that has waited less has not been answered nor left unanswered yet."""
SEARCHED = Call("connect", "SearchContacts", "us-west-2")
CONNECT = botocore.session.get_session().get_service_model("connect")


def _contact(age: timedelta, *, taken: bool = False, ended: bool = False) -> dict[str, Any]:
    contact: dict[str, Any] = {"InitiationTimestamp": NOW - age}
    if taken:
        contact["AgentInfo"] = {"Id": "agent", "ConnectedToAgentTimestamp": NOW}
    if ended:
        contact["DisconnectTimestamp"] = NOW
    return contact


@pytest.mark.parametrize(
    ("contact", "judged", "answered"),
    [
        (_contact(SAID - timedelta(milliseconds=1)), 0, 0),
        (_contact(SAID), 1, 0),
        (_contact(timedelta(0)), 0, 0),
        (_contact(timedelta(0), taken=True), 1, 1),
        (_contact(timedelta(0), ended=True), 1, 0),
        (_contact(timedelta(minutes=1), taken=True, ended=True), 1, 1),
        (_contact(timedelta(minutes=1), ended=True), 1, 0),
        # Offered to an agent who has not taken it: an agent, but no time of connection.
        ({**_contact(timedelta(minutes=1)), "AgentInfo": {"Id": "agent"}}, 1, 0),
    ],
)
def test_one_call_is_judged_once_something_has_happened_to_it(
    contact: dict[str, Any], judged: int, answered: int
) -> None:
    assert _counted(iter([contact]), NOW, SEARCHED) == (judged, answered)


def _params(percent: int = 90, least: int = 20) -> CallsAnsweredParams:
    return CallsAnsweredParams(Region("us-west-2"), Percent(percent), Seconds(120.0), least, "an-instance")


@pytest.mark.parametrize(
    ("judged", "answered", "reading"),
    [
        (20, 18, Reading.HOLDS),
        (20, 17, Reading.PENDING),
        (1000, 899, Reading.PENDING),
        (1000, 900, Reading.HOLDS),
        (19, 19, Reading.PENDING),
        (0, 0, Reading.PENDING),
    ],
)
def test_the_share_is_exact_and_too_few_calls_tell_nothing(judged: int, answered: int, reading: Reading) -> None:
    finding = _judge(_params(), judged, answered)
    assert finding.reading is reading
    assert (finding.evidence["calls"], finding.evidence["answered"]) == (judged, answered)
    assert ("percent" in finding.evidence) is (judged >= 20)


def test_no_call_never_holds_however_little_is_asked() -> None:
    assert _judge(_params(0, 1), 0, 0).reading is Reading.PENDING


class _Searched:
    """A Connect that knows one contact and refuses requests that botocore's model refuses."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def client(self, service: str, region: str) -> _Searched:
        assert (service, region) == ("connect", "us-west-2")
        return self

    def now(self) -> datetime:
        return NOW

    def get_paginator(self, name: str) -> Any:
        return SimpleNamespace(paginate=lambda **asked: [getattr(self, name)(**asked)])

    def list_instances(self, **_: Any) -> dict[str, Any]:
        return {"InstanceSummaryList": []}

    def search_contacts(self, **asked: Any) -> dict[str, Any]:
        report = ParamValidator().validate(asked, CONNECT.operation_model("SearchContacts").input_shape)
        assert not report.has_errors(), report.generate_report()
        self.asked.append(asked)
        return {"Contacts": [_contact(timedelta(minutes=1), taken=True)]}


def test_customers_voice_calls_are_searched_for_from_one_window_ago_until_now() -> None:
    cloud: Any = _Searched()
    assert CallsAnswered(cloud).probe(_params(least=1)).reading is Reading.HOLDS
    (asked,) = cloud.asked
    assert asked["TimeRange"] == {
        "Type": "INITIATION_TIMESTAMP", "StartTime": NOW - timedelta(seconds=120), "EndTime": NOW,
    }  # fmt: skip
    assert asked["SearchCriteria"] == {"Channels": ["VOICE"], "InitiationMethods": ["INBOUND"]}
    methods = CONNECT.shape_for("ContactInitiationMethod").enum
    assert {"INBOUND", "OUTBOUND", "MONITOR"} < set(methods)
    assert asked["MaxResults"] == CONNECT.shape_for("MaxResult100").metadata["max"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"window": 0}, "window"),
        ({"window": "0s"}, "window"),
        ({"window": "24h1s"}, "window"),
        ({"window": "999999d"}, "window"),
        ({"calls_at_least": 0}, "calls_at_least"),
        ({"calls_at_least": -1}, "calls_at_least"),
    ],
)
def test_a_window_without_length_or_measure_and_a_proof_without_calls_are_refused(
    given: dict[str, Any], named: str
) -> None:
    full = {"region": "us-west-2", "percent_at_least": 90, "window": "2m", **given}
    with pytest.raises(BadParameters) as refused:
        bind(CallsAnsweredParams, full)
    assert set(refused.value.problems) == {named}


class _Instances(_Searched):
    """A Connect whose instances have these statuses, and take calls."""

    def __init__(self, *statuses: str) -> None:
        super().__init__()
        self.statuses = statuses

    def list_instances(self, **_: Any) -> dict[str, Any]:
        return {"InstanceSummaryList": [{"InstanceStatus": one, "InboundCallsEnabled": True} for one in self.statuses]}


@pytest.mark.parametrize(
    ("statuses", "reading"),
    [
        ((), Reading.PENDING),
        (("CREATION_FAILED",), Reading.FAILS),
        (("CREATION_FAILED", "CREATION_FAILED"), Reading.FAILS),
        (("CREATION_FAILED", "CREATION_IN_PROGRESS"), Reading.PENDING),
        (("CREATION_FAILED", "ACTIVE"), Reading.HOLDS),
    ],
)
def test_a_region_whose_every_instance_failed_is_not_waited_for(statuses: tuple[str, ...], reading: Reading) -> None:
    cloud: Any = _Instances(*statuses)
    finding = Answers(cloud).probe(AnswersParams(Region("us-west-2")))
    assert finding.reading is reading
    if reading is not Reading.HOLDS:
        assert all(status in finding.what for status in statuses)
    assert set(statuses) <= set(CONNECT.shape_for("InstanceStatus").enum)
