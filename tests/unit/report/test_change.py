from __future__ import annotations

import pytest
from sample_run import at, distribution

from orchestrator.journal.chain import decode, encode, seal
from orchestrator.model import events as ev
from orchestrator.report.change import change, change_text, show


def test_a_traffic_distribution_reads_as_shares_per_region() -> None:
    told = change(distribution(100, 0), distribution(0, 100))
    assert told == ("agents, telephony: us-east-1 100 % → 0 %, us-west-2 0 % → 100 %",)


def test_a_change_reads_alike_from_the_live_record_and_from_the_journal() -> None:
    before, after = {"value": "off", "epoch": 0, "share": 12.5}, {"value": "on", "epoch": 1.0, "share": 100.0}
    live = ev.Event(0, "run", at(0), "runner", ev.StepSettled("greeting", "done", after={"was": before, "is": after}))
    journalled = decode(encode(seal(live))).payload.after  # type: ignore[union-attr] # as written above
    assert list(journalled["is"]) != list(after)
    told = change_text(before, after)
    assert told == change_text(journalled["was"], journalled["is"])
    assert told == "epoch 0 → 1, share 12.5 → 100, value off → on"
    assert show(after) == show(journalled["is"])


def test_parts_that_move_differently_are_told_apart_and_parts_that_stay_are_left_out() -> None:
    before, after = distribution(100, 0), distribution(50, 50)
    after["AgentConfig"] = before["AgentConfig"]
    assert change(before, after) == ("telephony: us-east-1 100 % → 50 %, us-west-2 0 % → 50 %",)


def test_plain_shares_by_region_carry_their_unit() -> None:
    assert change({"us-east-1": 100}, {"us-east-1": 0}) == ("us-east-1 100 % → 0 %",)


def test_agents_that_move_alike_are_counted() -> None:
    before = {f"agent-{n}": "normal" for n in range(30)}
    after = dict.fromkeys(before, "incident") | {"agent-7": "supervisor"}
    assert change(before, after) == ("29 × normal → incident", "agent-7 normal → supervisor")  # noqa: RUF001 - as shown


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("off", "on", "off → on"),
        (False, True, "off → on"),
        (None, "on", "nothing → on"),
        (["b.example.com"], ["a.example.com"], "b.example.com → a.example.com"),
        ({"a": 1}, {"b": 1}, "a 1 → nothing, b nothing → 1"),
        (1, {"a": 1}, "1 → a 1"),
        ("arn:aws:connect:us-east-1:111122223333:group/g-1", "x", "…g-1 → x"),
        ("31a1f54d-11c5-58e1-9b26-6d8ae952d02d", "x", "31a1f54d… → x"),
    ],
)
def test_other_values_are_told_shortly(before: object, after: object, told: str) -> None:
    assert change_text(before, after) == told


def test_what_did_not_change_is_said_to_be_unchanged() -> None:
    assert change("on", "on") == ()
    assert change_text({"us-east-1": 100}, {"us-east-1": 100}) == "unchanged: us-east-1 100 %"


def test_many_different_changes_are_cut_and_counted() -> None:
    before = {f"group-{n}": {"profile": f"p{n}"} for n in range(40)}
    told = change(before, {name: {"profile": f"q{name}"} for name in before})
    assert len(told) == 13
    assert told[-1] == "and 28 more"


def test_an_empty_value_is_nothing() -> None:
    assert show(None) == show("") == show([]) == show({}) == "nothing"
    assert show({"a": {"b": 2}}) == "a b 2"
