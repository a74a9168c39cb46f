"""Undo: look at everything, ask for proof, and only then give each subject back, once, the last written first."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from engine_actions import error
from engine_world import Wish, plan_of

from drills.simulator.clock import PowerCut
from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.errors import AccessDenied, Rejected

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan
    from orchestrator.journal.replay import Replay

UNDO = Wish(0, Verb.UNDO, reason="it serves again")


def put(key: str, value: int, *needs: str, **more: Any) -> dict[str, Any]:
    return {"action": "kv.set", "needs": list(needs), "with": {"key": key, "value": value}, **more}


def moved(world: World, **more: dict[str, Any]) -> Plan:
    """`a` goes from 1 over 5 to 9, then `b` from 2 to 7; `c` is so already."""
    world.cloud.values |= {"a": 1, "b": 2, "c": 3}
    world.cloud.readings["us-east-1"] = deque(["holds"] * 9)
    steps = {"a": put("a", 5), "again": put("a", 9, "a"), "b": put("b", 7, "again"), "c": put("c", 3), **more}
    plan = plan_of(steps)
    assert world.execute(plan).state in ("recovered", "recovered-with-exceptions", "paused", "undone")
    return plan


def written(world: World, since: int) -> list[str]:
    return [call for call in world.cloud.asked[since:] if call.startswith("write")]


def values(world: World) -> list[Any]:
    return [world.cloud.now_at(key) for key in "abc"]


def refused(record: Replay, world: World) -> str:
    assert record.state == "recovered"
    return str(world.told(ev.RequestRefused)[-1].rule)


def test_each_subject_is_given_back_once_to_its_earliest_value_the_last_written_first(world: World) -> None:
    plan = moved(world)
    calls = len(world.cloud.asked)
    record = world.resume(plan, first=UNDO)
    assert (record.state, record.reason) == ("undone", "undone by ada: it serves again")
    assert values(world) == [1, 2, 3]
    assert written(world, calls) == ["write b", "write a"]
    assert [step.state.value for step in record.steps.values()] == ["undone", "undone", "undone", "already-so"]


def test_everything_is_looked_at_and_every_gaining_region_proven_before_anything_is_written(world: World) -> None:
    plan = moved(world)
    calls = len(world.cloud.asked)
    world.resume(plan, first=UNDO)
    first_write = next(n for n, call in enumerate(world.cloud.asked) if n >= calls and call.startswith("write"))
    assert set(world.cloud.asked[calls:first_write]) == {"read a", "read b", "probe us-east-1"}


def test_one_value_that_somebody_else_has_set_and_nothing_is_written(world: World) -> None:
    plan = moved(world)
    world.cloud.values["a"] = 8
    calls = len(world.cloud.asked)
    record = world.resume(plan, first=UNDO)
    assert refused(record, world) == "again: a/value is 8, not 9 as this run left it: somebody set it"
    assert (written(world, calls), values(world)) == ([], [8, 7, 3])


@pytest.mark.parametrize("reading", ["pending", "fails", "unknown"])
def test_nothing_is_sent_to_a_region_without_proof_that_it_serves(world: World, reading: str) -> None:
    plan = moved(world)
    world.cloud.readings["us-east-1"] = deque([reading])
    calls = len(world.cloud.asked)
    record = world.resume(plan, first=UNDO)
    assert refused(record, world).startswith("us-east-1 is not proven to serve (")
    assert written(world, calls) == []


def test_what_cannot_be_read_is_not_undone(world: World) -> None:
    plan = moved(world)
    world.cloud.fail("read a", error(AccessDenied, "not allowed"))
    calls = len(world.cloud.asked)
    assert refused(world.resume(plan, first=UNDO), world) == "a/value cannot be read: not allowed"
    assert written(world, calls) == []


def test_what_is_back_already_is_recorded_and_not_written(world: World) -> None:
    plan = moved(world)
    world.cloud.values["a"] = 1
    calls = len(world.cloud.asked)
    assert world.resume(plan, first=UNDO).state == "undone"
    assert written(world, calls) == ["write b"]


def test_an_undone_run_is_not_undone_again(world: World) -> None:
    plan = moved(world)
    world.resume(plan, first=UNDO)
    record = world.resume(plan, first=UNDO)
    assert (record.state, world.told(ev.RequestRefused)[-1].rule) == (
        "undone",
        "the execution has been undone already",
    )


def test_a_run_that_goes_on_is_not_undone(world: World) -> None:
    ask = {"action": "kv.ask", "deadline": "5m"}
    world.execute(plan_of({"a": put("a", 1), "ask": ask}), Wish(10, Verb.UNDO), Wish(20, Verb.APPROVE, "ask"))
    assert world.rules == ["an execution that goes on is not undone: pause or abort it first", ""]


def test_a_paused_run_can_be_undone(world: World) -> None:
    world.cloud.fail("write b", error(Rejected, "refused"))
    plan = moved(world)
    record = world.resume(plan, first=UNDO)
    assert (record.state, values(world)) == ("undone", [1, 2, 3])


@pytest.mark.parametrize(("reading", "state"), [("holds", "undone"), ("unknown", "paused")])
def test_on_failure_undo_asks_for_proof_and_stays_paused_without_it(world: World, reading: str, state: str) -> None:
    world.cloud.values |= {"a": 1}
    world.cloud.readings["us-east-1"] = deque([reading] * 2)
    world.cloud.fail("write b", error(Rejected, "refused"))
    record = world.execute(plan_of({"a": put("a", 9), "b": put("b", 7, "a", on_failure="undo")}))
    assert (record.state, world.cloud.now_at("a")) == (state, 1 if state == "undone" else 9)
    [answer] = [*world.told(ev.RequestAccepted), *world.told(ev.RequestRefused)]
    assert (answer.by, answer.verb, answer.reason) == ("runbook", "undo", "b failed, and says on_failure: undo")


@pytest.mark.parametrize("after_s", [2.0, 3.2, 4.0, 7.0])
def test_an_undo_that_died_is_taken_up_and_writes_nothing_twice(world: World, after_s: float) -> None:
    plan = moved(world)
    world.cloud.settles_s = 3
    runner = world.runner(plan)
    runner.load()
    runner.first(world._request(UNDO, "first"))
    with pytest.raises(PowerCut):
        world.go_on(runner, dies_after_s=after_s)
    record = world.resume(plan, first=Wish(0, Verb.RESUME) if record_state(world) == "undoing" else UNDO)
    assert (record.state, values(world)) == ("undone", [1, 2, 3])
    assert (world.cloud.writes["a", "1"], world.cloud.writes["b", "2"]) == (1, 1)


def record_state(world: World) -> str:
    return [each.state for each in world.told(ev.ExecutionMoved)][-1]


def test_what_cannot_be_given_back_pauses_the_undo_and_it_may_be_asked_for_again(world: World) -> None:
    plan = moved(world)
    world.cloud.fail("write a", error(Rejected, "not now"))
    record = world.resume(plan, first=UNDO)
    assert (record.state, record.reason) == ("paused", "a/value was not returned: not now")
    assert world.resume(plan, first=UNDO).state == "undone"
    assert (world.cloud.writes["b", "2"], values(world)) == (1, [1, 2, 3])


def test_letters_are_left_as_they_are(world: World) -> None:
    plan = moved(world, mail={"action": "kv.send", "with": {"to": "bob"}})
    record = world.resume(plan, first=UNDO)
    assert (record.state, record.steps["mail"].state) == ("undone", "done")


def test_while_a_run_is_being_undone_only_a_note_is_taken_down(world: World) -> None:
    plan = moved(world)
    world.cloud.settles_s = 3
    runner = world.runner(plan)
    runner.load()
    runner.first(world._request(UNDO, "first"))
    asked = [Wish(3, verb) for verb in (Verb.NOTE, Verb.UNDO, Verb.ABORT, Verb.RESUME)]
    assert world.go_on(runner, *asked).state == "undone"
    assert world.rules == ["", *["the execution is being undone"] * 3]


def test_what_was_undone_in_part_goes_no_way_but_back(world: World) -> None:
    plan = moved(world)
    world.cloud.fail("write a", error(AccessDenied, "not allowed"))
    record = world.resume(plan, first=UNDO)
    assert (record.state, values(world)) == ("paused", [9, 2, 3])
    for verb, step in ((Verb.RESUME, ""), (Verb.RETRY, "b"), (Verb.SKIP, "b"), (Verb.SWITCH_MODE, "")):
        assert world.resume(plan, first=Wish(0, verb, step)).state == "paused"
        assert world.told(ev.RequestRefused)[-1].rule == (
            "the execution has been undone in part: undo the rest, or abort it"
        )
    assert world.resume(plan, first=UNDO).state == "undone"
    assert values(world) == [1, 2, 3]
