"""A change that the service has given up ends its step at the look that finds it out: nothing is waited for in vain."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from orchestrator.actions.catalogue import Catalogue
from orchestrator.engine.desk import Bound
from orchestrator.engine.setting import SettingAttempt
from orchestrator.model.errors import Rejected
from orchestrator.model.parameters import bind

if TYPE_CHECKING:
    from collections.abc import Callable

EAST, WEST = "us-east-1", "us-west-2"


def _replica(status: str) -> Any:
    one = {"Region": WEST, "ReplicationStatus": status, "ReplicationStatusReason": "the quotas differ"}
    return {"ReplicationConfiguration": {"ReplicationStatusSummaryList": [one]}}


def _group(status: str) -> Any:
    return {"TrafficDistributionGroupSummaryList": [{"Name": "both", "Arn": "arn:both", "Status": status}]}


def _number(status: str) -> Any:
    state = {"Status": status, "Message": "the target has its limit of numbers"}
    return {"ClaimedPhoneNumberSummary": {"TargetArn": "arn:new", "PhoneNumberStatus": state}}


CASES = {
    "connect.replicate_instance": (
        {"region": EAST, "instance": "i", "replica_region": WEST, "alias": "a"}, _replica,
        "INSTANCE_REPLICATION_IN_PROGRESS", "INSTANCE_REPLICATION_FAILED", "the quotas differ",
    ),
    "connect.traffic_group": (
        {"region": EAST, "instance": "i", "name": "both"}, _group, "CREATION_IN_PROGRESS", "CREATION_FAILED", "both",
    ),
    "connect.number_target": (
        {"region": EAST, "number": "n", "target": "arn:new"}, _number, "IN_PROGRESS", "FAILED", "limit of numbers",
    ),
}  # fmt: skip


class Service:
    """Answers every look with the next of its statuses, and stays at the last."""

    def __init__(self, answer: Callable[[str], Any], statuses: list[str]) -> None:
        self.answer, self.statuses, self.looks = answer, statuses, 0

    def client(self, *_: str) -> Service:
        return self

    def describe_instance(self, **_: str) -> Any:
        self.looks += 1
        return self.answer(self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])

    describe_phone_number = describe_instance

    def get_paginator(self, _method: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [self.describe_instance()])


async def _run(work: Callable[[], Any]) -> Any:
    return work()


def _looking(name: str, statuses: list[str]) -> tuple[SettingAttempt, Service, Any]:
    given, answer, *_ = CASES[name]
    kind: Any = Catalogue()[name]
    service = Service(answer, statuses)
    desk, record, no_step = SimpleNamespace(calls=SimpleNamespace(run=_run)), SimpleNamespace(attempts=1), None
    params = bind(kind.Params, given)
    unlike: Any = (desk, no_step, record, Bound(kind(service), params))  # what a look needs of them
    return SettingAttempt(*unlike), service, kind(service).target(params, None)


@pytest.mark.parametrize("name", CASES)
def test_a_failed_change_ends_the_step_at_once_with_the_services_words(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waited(_seconds: float) -> NoReturn:
        raise AssertionError("waited for what the service has given up")

    monkeypatch.setattr(asyncio, "sleep", waited)
    *_, failed, words = CASES[name]
    attempt, service, target = _looking(name, [failed])
    with pytest.raises(Rejected, match=words) as lost:
        asyncio.run(attempt.look_until(target))
    assert (lost.value.code, service.looks) == (failed, 1)


@pytest.mark.parametrize("name", CASES)
def test_a_change_under_way_is_awaited_until_it_fails(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", wait)
    _, _, under_way, failed, _ = CASES[name]
    attempt, service, target = _looking(name, [under_way, under_way, failed])
    with pytest.raises(Rejected):
        asyncio.run(attempt.look_until(target))
    assert (service.looks, len(waits)) == (3, 2)
