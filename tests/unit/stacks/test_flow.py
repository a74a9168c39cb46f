"""The contents of the flows, and of the module that greets in an emergency."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stacks import greeting
from stacks.flow import AFTER_HOURS, CLOSED, FULL, Line, content, transfer

GENERAL = Line("general", ("+12065550100",), "queue-1")
VIP = Line("vip", ("+12065550101", "+12065550102"), None)
GREETING = greeting.content(account="123456789012", function_name="flags")


def actions(*lines: Line, overflow: str | None = None) -> dict[str, dict[str, Any]]:
    return read(content(list(lines), greeting_id="module-1", overflow_id=overflow))


def read(text: str) -> dict[str, dict[str, Any]]:
    return {action["Identifier"]: action for action in json.loads(text)["Actions"]}


def failures(action: dict[str, Any]) -> dict[str, str]:
    return {way["ErrorType"]: way["NextAction"] for way in action["Transitions"]["Errors"]}


def branches(action: dict[str, Any]) -> dict[str, str]:
    return {way["Condition"]["Operands"][0]: way["NextAction"] for way in action["Transitions"]["Conditions"]}


WRITTEN = {
    "main": content([GENERAL, VIP], greeting_id="module-1", overflow_id="queue-9"),
    "transfer": transfer(),
    "greeting": GREETING,
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_no_flow_names_a_region(text: str) -> None:
    assert "us-" not in text
    assert "eu-" not in text


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_every_way_leads_to_an_action_of_the_flow_and_every_action_can_be_reached(text: str) -> None:
    flow = read(text)
    reached = {json.loads(text)["StartAction"]}
    for action in flow.values():
        ways = action["Transitions"]
        further = (*ways.get("Errors", ()), *ways.get("Conditions", ()))
        reached |= {way["NextAction"] for way in (ways, *further) if way.get("NextAction")}
    assert reached == set(flow)


def test_the_module_asks_the_function_of_whatever_region_runs_it() -> None:
    asked = read(GREETING)["ask-flags"]["Parameters"]
    assert asked["LambdaFunctionARN"] == "arn:aws:lambda:$.AwsRegion:123456789012:function:flags"


def test_every_call_is_recorded_before_anything_else_is_done_with_it() -> None:
    # API Reference, UpdateContactRecordingBehavior: "Errors: None", and Connect takes no branch for what cannot happen
    for text in (WRITTEN["main"], content([VIP], greeting_id="module-1", overflow_id=None)):
        first = read(text)[json.loads(text)["StartAction"]]
        assert first["Type"] == "UpdateContactRecordingBehavior"
        assert first["Parameters"] == {"RecordingBehavior": {"RecordedParticipants": ["Agent", "Customer"]}}
        assert (first["Transitions"]["NextAction"], failures(first)) == ("greeting", {})


def test_a_call_goes_to_the_queue_of_the_number_that_was_dialled() -> None:
    flow = actions(GENERAL, VIP)
    assert branches(flow["line"]) == {
        "+12065550100": "line-general",
        "+12065550101": "line-vip",
        "+12065550102": "line-vip",
    }
    assert flow["line-general"]["Parameters"] == {"QueueId": "queue-1"}


def test_a_line_without_a_queue_ends_in_a_message_and_a_disconnect() -> None:
    flow = actions(GENERAL, VIP)
    assert flow["line-vip"]["Parameters"] == {"Text": CLOSED}
    assert flow[flow["line-vip"]["Transitions"]["NextAction"]]["Type"] == "DisconnectParticipant"
    assert "queue-vip" not in flow


def test_a_module_or_a_function_that_fails_costs_no_call() -> None:
    assert failures(actions(GENERAL)["greeting"]) == {"NoMatchingError": "line"}
    assert failures(read(GREETING)["ask-flags"]) == {"NoMatchingError": "return"}
    assert read(GREETING)["return"]["Type"] == "EndFlowModuleExecution"


def test_outside_its_hours_a_line_says_so_and_hours_that_cannot_be_told_are_open() -> None:
    flow = actions(GENERAL)
    assert flow["hours-general"]["Parameters"] == {}, "those of the queue, which runbooks switch"
    assert branches(flow["hours-general"]) == {"True": "queue-general", "False": "after-hours"}
    assert failures(flow["hours-general"]) == {"NoMatchingError": "queue-general"}
    assert flow["after-hours"]["Parameters"] == {"Text": AFTER_HOURS}


def test_a_full_queue_leads_to_the_overflow_queue_and_a_full_overflow_queue_to_the_message() -> None:
    flow = actions(GENERAL, overflow="queue-9")
    assert failures(flow["queue-general"])["QueueAtCapacity"] == "overflow"
    assert flow["overflow"]["Parameters"] == {"QueueId": "queue-9"}
    assert flow["overflow"]["Transitions"]["NextAction"] == "overflow-queue"
    assert failures(flow["overflow-queue"]) == {"QueueAtCapacity": "full", "NoMatchingError": "full"}
    assert flow["full"]["Parameters"] == {"Text": FULL}


def test_without_an_overflow_queue_and_for_the_overflow_queues_own_line_full_is_full() -> None:
    assert failures(actions(GENERAL)["queue-general"])["QueueAtCapacity"] == "full"
    own = actions(GENERAL, Line("help", ("+12065550103",), "queue-9"), overflow="queue-9")
    assert failures(own["queue-help"])["QueueAtCapacity"] == "full"
