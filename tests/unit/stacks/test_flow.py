"""The main flow's content."""

from __future__ import annotations

import json
from typing import Any

from stacks.flow import CLOSED, Line, content

GENERAL = Line("general", ("+12065550100",), "queue-1")
VIP = Line("vip", ("+12065550101", "+12065550102"), None)


def actions(*lines: Line) -> dict[str, dict[str, Any]]:
    text = content(list(lines), account="123456789012", function_name="flags")
    return {action["Identifier"]: action for action in json.loads(text)["Actions"]}


def test_the_flow_names_no_region() -> None:
    text = content([GENERAL, VIP], account="123456789012", function_name="flags")
    assert "arn:aws:lambda:$.AwsRegion:123456789012:function:flags" in text
    assert "us-" not in text


def test_a_call_goes_to_the_queue_of_the_number_that_was_dialled() -> None:
    flow = actions(GENERAL, VIP)
    ways = {way["Condition"]["Operands"][0]: way["NextAction"] for way in flow["line"]["Transitions"]["Conditions"]}
    assert ways == {"+12065550100": "line-general", "+12065550101": "line-vip", "+12065550102": "line-vip"}
    assert flow["line-general"]["Parameters"] == {"QueueId": "queue-1"}


def test_a_line_without_a_queue_ends_in_a_message_and_a_disconnect() -> None:
    flow = actions(GENERAL, VIP)
    assert flow["line-vip"]["Parameters"] == {"Text": CLOSED}
    assert flow[flow["line-vip"]["Transitions"]["NextAction"]]["Type"] == "DisconnectParticipant"
    assert "queue-vip" not in flow


def test_a_function_that_fails_costs_no_call() -> None:
    asked = actions(GENERAL)["ask-flags"]["Transitions"]
    assert asked["Errors"] == [{"NextAction": "line", "ErrorType": "NoMatchingError"}]


def test_every_way_leads_to_an_action_of_the_flow() -> None:
    flow = actions(GENERAL, VIP)
    for action in flow.values():
        ways = action["Transitions"]
        targets = [
            ways.get("NextAction"),
            *(w["NextAction"] for w in (*ways.get("Errors", ()), *ways.get("Conditions", ()))),
        ]
        assert {target for target in targets if target} <= set(flow), action["Identifier"]
