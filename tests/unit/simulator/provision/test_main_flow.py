"""The main flow and the module that the stacks declare, walked as callers walk them."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.flows import walk
from drills.simulator.walks import Admission, Ending, FunctionFailed, Walk
from stacks import greeting
from stacks.flow import AFTER_HOURS, CLOSED, FULL, Line, content
from stacks.greeting import EMERGENCY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.model.values import JsonObject

GENERAL, VIP, CLOSED_LINE = "+12065550100", "+12065550101", "+12065550102"
LINES = [Line("general", (GENERAL,), "q-general"), Line("vip", (VIP,), "q-vip"), Line("gone", (CLOSED_LINE,), None)]
FLOW = json.loads(content(LINES, greeting_id="m-greeting", overflow_id="q-overflow"))
MODULE = json.loads(greeting.content(account="123456789012", function_name="flags"))


class Region:
    """A Region whose flags function answers `flag`, or fails where it is None, and whose queues may be full."""

    def __init__(self, flag: str | None, *full: str) -> None:
        self.flag, self.full = flag, full
        self.opens: dict[str, bool] = {"q-general": True, "q-vip": True, "q-overflow": False}
        self.knows_module = True
        self.invoked: list[str] = []

    async def invoke(self, arn: str, _parameters: Mapping[str, str], *, limit_s: int, flat: bool) -> JsonObject:
        self.invoked.append(arn)
        assert (limit_s, flat) == (3, True)
        if self.flag is None:
            raise FunctionFailed("down")
        return {"emergency-greeting": self.flag}

    async def play(self, _text: str) -> None:
        return

    async def pause(self, _seconds: float) -> None:
        raise AssertionError("nothing in this flow waits")

    def module(self, module_id: str) -> JsonObject | None:
        return MODULE if self.knows_module and module_id == "m-greeting" else None

    def is_open(self, *, hours_id: str, queue_id: str) -> bool | None:
        assert not hours_id
        return self.opens.get(queue_id)

    def has_queue(self, queue_id: str) -> bool:
        return queue_id in {"q-general", "q-vip", "q-overflow"}

    def enqueue(self, queue_id: str) -> Admission:
        return Admission.AT_CAPACITY if queue_id in self.full else Admission.QUEUED


def call(region: Region, dialled: str) -> Walk:
    data: dict[str, Any] = {"AwsRegion": "us-west-2", "SystemEndpoint": {"Address": dialled}}
    return asyncio.run(walk(FLOW, region, data))


@pytest.mark.parametrize(("dialled", "queue"), [(GENERAL, "q-general"), (VIP, "q-vip"), ("+12065550199", "q-general")])
def test_a_caller_reaches_the_queue_of_the_number(dialled: str, queue: str) -> None:
    walked = call(Region("off"), dialled)
    assert (walked.ending, walked.queue_id, walked.heard) == (Ending.QUEUED, queue, [])


def test_the_flow_asks_the_function_of_the_region_that_took_the_call() -> None:
    region = Region("off")
    call(region, GENERAL)
    assert region.invoked == ["arn:aws:lambda:us-west-2:123456789012:function:flags"]


def test_the_emergency_greeting_is_heard_and_the_call_still_queued() -> None:
    walked = call(Region("on"), VIP)
    assert [prompt.text for prompt in walked.heard] == [EMERGENCY]
    assert walked.heard_because("$.External.emergency-greeting", "on")
    assert (walked.ending, walked.queue_id) == (Ending.QUEUED, "q-vip")


def test_a_function_that_fails_costs_no_call() -> None:
    walked = call(Region(None), GENERAL)
    assert (walked.ending, walked.heard) == (Ending.QUEUED, [])


def test_callers_of_a_line_without_a_queue_are_told_and_let_go() -> None:
    walked = call(Region("off"), CLOSED_LINE)
    assert ([prompt.text for prompt in walked.heard], walked.ending) == ([CLOSED], Ending.DISCONNECTED)


def test_a_module_that_has_not_arrived_costs_no_call() -> None:
    region = Region("on")
    region.knows_module = False
    walked = call(region, GENERAL)
    assert (walked.ending, walked.heard) == (Ending.QUEUED, [])


def test_callers_of_a_full_queue_wait_in_the_overflow_queue_whatever_its_hours() -> None:
    walked = call(Region("off", "q-general"), GENERAL)
    assert (walked.ending, walked.queue_id, walked.heard) == (Ending.QUEUED, "q-overflow", [])


def test_where_overflow_is_full_too_callers_are_told_and_let_go() -> None:
    walked = call(Region("off", "q-vip", "q-overflow"), VIP)
    assert (walked.ending, walked.at_capacity) == (Ending.DISCONNECTED, True)
    assert [prompt.text for prompt in walked.heard] == [FULL]


def test_outside_of_the_queues_hours_callers_are_told_and_let_go() -> None:
    region = Region("off")
    region.opens["q-vip"] = False
    walked = call(region, VIP)
    assert ([prompt.text for prompt in walked.heard], walked.ending) == ([AFTER_HOURS], Ending.DISCONNECTED)
    assert call(region, GENERAL).ending is Ending.QUEUED


def test_hours_that_cannot_be_told_are_open() -> None:
    region = Region("off")
    region.opens.clear()
    assert call(region, GENERAL).ending is Ending.QUEUED
