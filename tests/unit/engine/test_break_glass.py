"""One person alone: with a reason, seen by those who were passed over, and never against a no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engine_world import Wish, created, plan_of

from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan
    from orchestrator.journal.replay import Replay


def asked(**more: Any) -> Plan:
    steps = {
        "ask": {"action": "kv.ask", "deadline": "5m", "with": {"yeses": 2}, **more},
        "then": {"action": "kv.set", "needs": ["ask"], "with": {"key": "a", "value": 1}},
    }
    return plan_of(steps)


def alone(after_s: float, actor: str = "eve", reason: str = "nobody else is awake") -> Wish:
    return Wish(after_s, Verb.BREAK_GLASS, "ask", actor, reason)


def yes(after_s: float, actor: str, reason: str = "") -> Wish:
    return Wish(after_s, Verb.APPROVE, "ask", actor, reason)


def begun_alone(world: World, plan: Plan, *wishes: Wish) -> Replay:
    """A run that began with a broken glass."""
    opening = created(plan).but(break_glass="ada", reason="the phones are dead")
    return world.go_on(world.runner(plan), *wishes, opening=opening)


def passed_over(world: World) -> list[str]:
    return [each.to for each in world.told(ev.GateEscalated)]


def test_one_yes_is_enough_also_where_two_are_asked_for_and_a_stranger_gives_it(world: World) -> None:
    record = world.execute(asked(), alone(10))
    assert (record.state, record.steps["ask"].reason) == (
        "recovered",
        "approved by eve alone (break-glass): nobody else is awake",
    )
    [answer] = world.told(ev.GateAnswered)
    assert (answer.by, answer.break_glass) == ("eve", True)
    assert world.told(ev.RequestAccepted)[0].verb == "break-glass"
    assert passed_over(world) == ["ada", "bea"]
    assert [each.by for each in record.alone] == ["eve"]


def test_who_has_said_yes_already_is_not_passed_over(world: World) -> None:
    world.execute(asked(), yes(5, "ada"), alone(10))
    assert passed_over(world) == ["bea"]


def test_without_a_reason_the_glass_stays_whole(world: World) -> None:
    record = world.execute(asked(), alone(10, reason=""), yes(20, "ada"), yes(30, "bea"))
    assert world.rules == ["breaking the glass needs a reason", "", ""]
    assert (record.steps["ask"].reason, record.alone) == ("approved by ada, bea", [])


def test_a_no_is_a_no_also_where_the_glass_is_broken(world: World) -> None:
    no = Wish(5, Verb.REJECT, "ask", "ada")
    record = world.execute(asked(), no, alone(5.0))
    assert (record.state, record.steps["ask"].state) == ("aborted", "failed")
    assert world.rules == ["", "ask was rejected by ada"]


@pytest.mark.parametrize("step", ["then", "nowhere", ""])
def test_where_no_gate_is_open_there_is_no_glass(world: World, step: str) -> None:
    wish = Wish(10, Verb.BREAK_GLASS, step, "eve")
    world.execute(asked(), wish, yes(20, "ada"), yes(30, "bea"))
    assert world.rules[0] == f"no gate is open at {step or 'that step'}"


def test_a_run_that_began_so_takes_anybodys_yes_for_the_reason_of_the_run(world: World) -> None:
    record = begun_alone(world, asked(), yes(10, "eve"))
    [answer] = world.told(ev.GateAnswered)
    assert (record.state, answer.by, answer.reason, answer.break_glass) == (
        "recovered", "eve", "the phones are dead", True,
    )  # fmt: skip
    assert passed_over(world) == ["ada", "bea"]


def test_a_run_that_began_so_still_takes_no_from_approvers_only(world: World) -> None:
    begun_alone(world, asked(), Wish(10, Verb.REJECT, "ask", "eve"), Wish(20, Verb.REJECT, "ask", "ada"))
    assert world.rules == ["only ada, bea may answer", ""]


def test_one_yes_alone_counts_over_a_crash(world: World) -> None:
    plan = asked(on_failure="pause")
    world.cut(plan, 100, alone(100))
    record = world.resume(plan)
    assert record.state == "recovered"
    assert len(world.told(ev.GateAnswered)) == 1


def test_an_answer_alone_to_a_question_asked_anew_counts_no_more_and_stays_on_record(world: World) -> None:
    plan = plan_of(
        {
            "ask": {"action": "kv.ask", "deadline": "5m", "on_failure": "pause"},
            "too": {"action": "kv.ask", "deadline": "5m", "on_failure": "pause"},
        }
    )
    world.execute(plan, alone(10), Wish(20, Verb.REJECT, "too", "ada"))
    record = world.resume(plan, Wish(10, Verb.APPROVE, "too", "ada"), first=Wish(0, Verb.RETRY, "too"))
    assert [each.step for each in record.alone] == ["ask"]
