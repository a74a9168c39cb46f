"""An effect: at most once where anybody can tell, else unproven; never sent again blindly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from engine_actions import error
from engine_world import EXECUTION, Wish, plan_of

from orchestrator.journal.requests import Verb
from orchestrator.model import events as ev
from orchestrator.model.chance import token
from orchestrator.model.errors import (
    CloudError,
    Conflict,
    OutcomeUnknown,
    RegionUnreachable,
    Rejected,
    ServiceTrouble,
    Throttled,
)

if TYPE_CHECKING:
    from engine_world import World

    from orchestrator.engine.plan import Plan


def mail(*, remembered: bool = True) -> Plan:
    return plan_of({"mail": {"action": "kv.send", "with": {"to": "bob", "remembered": remembered}}})


def test_it_is_sent_once_under_its_token_and_its_receipt_is_kept(world: World) -> None:
    record = world.execute(mail())
    assert world.cloud.sent == {token(EXECUTION, "mail"): 1}
    assert (record.steps["mail"].state, record.steps["mail"].output) == ("done", {"to": "bob"})
    assert [each.token for each in world.told(ev.StepIntended)] == [token(EXECUTION, "mail")]
    assert [each.receipt for each in world.told(ev.StepWritten)] == [{"to": "bob"}]


def test_each_item_has_its_own_token(world: World) -> None:
    world.execute(plan_of({"mail": {"action": "kv.send", "for_each": ["ann", "bob"], "with": {"to": "${item}"}}}))
    assert sorted(world.cloud.sent.values()) == [1, 1]


@pytest.mark.parametrize("kind", [OutcomeUnknown, ServiceTrouble])
def test_an_unknown_outcome_is_confirmed_and_not_sent_again(world: World, kind: type[CloudError]) -> None:
    world.cloud.fail("send bob", error(kind), landed=True)
    record = world.execute(mail())
    assert world.cloud.asked == ["send bob", "confirm bob"]
    assert (record.state, record.steps["mail"].reason) == ("recovered", "found sent")


def test_an_unknown_outcome_that_was_surely_not_sent_is_sent_again(world: World) -> None:
    world.cloud.fail("send bob", error(OutcomeUnknown))
    assert world.execute(mail()).state == "recovered"
    assert world.cloud.sent.total() == 1


def test_an_unknown_outcome_that_nobody_can_confirm_is_unproven_and_never_repeated(world: World) -> None:
    world.cloud.fail("send bob", error(OutcomeUnknown, "no answer"), landed=True)
    record = world.execute(mail(remembered=False))
    assert world.cloud.sent.total() == 1
    assert (record.steps["mail"].state, record.steps["mail"].reason) == ("unproven", "may have been sent: no answer")
    assert (record.state, record.reason) == ("recovered-with-exceptions", "mail unproven")


@pytest.mark.parametrize("kind", [Throttled, RegionUnreachable, Conflict])
@pytest.mark.parametrize("remembered", [True, False])
def test_what_surely_was_not_sent_is_sent_again(world: World, kind: type[CloudError], remembered: bool) -> None:  # noqa: FBT001
    world.cloud.fail("send bob", error(kind), error(kind))
    record = world.execute(mail(remembered=remembered))
    assert world.cloud.sent.total() == 1
    assert (record.state, record.steps["mail"].state) == ("recovered", "done")


def test_a_retry_by_hand_of_what_surely_was_not_sent_sends_it(world: World) -> None:
    plan = mail(remembered=False)
    world.cloud.fail("send bob", error(Rejected, "no such topic"))
    assert world.execute(plan).state == "paused"
    record = world.resume(plan, first=Wish(0, Verb.RETRY, "mail"))
    assert world.cloud.sent.total() == 1
    assert record.state == "recovered"


def test_after_an_unknown_outcome_a_later_refusal_proves_nothing(world: World) -> None:
    plan = mail(remembered=False)
    world.cloud.fail("send bob", error(OutcomeUnknown), landed=True)
    record = world.execute(plan)
    assert (record.steps["mail"].state, world.cloud.sent.total()) == ("unproven", 1)


def test_a_confirmation_that_fails_is_asked_again_before_anything_else_is_sent(world: World) -> None:
    world.cloud.fail("send bob", error(OutcomeUnknown), landed=True)
    world.cloud.fail("confirm bob", error(Throttled))
    assert world.execute(mail()).state == "recovered"
    assert world.cloud.asked == ["send bob", "confirm bob", "confirm bob"]


@pytest.mark.parametrize("lands_first", [True, False])
def test_a_crash_between_intent_and_receipt_is_cleared_up_by_confirming(world: World, lands_first: bool) -> None:  # noqa: FBT001
    world.cloud.lands_first = lands_first
    plan = mail()
    world.cut(plan, 0.2)
    assert world.cloud.sent.total() == (1 if lands_first else 0)
    assert world.resume(plan).state == "recovered"
    assert world.cloud.sent.total() == 1


@pytest.mark.parametrize("lands_first", [True, False])
def test_a_crash_between_intent_and_receipt_stays_unproven_where_nobody_can_tell(
    world: World,
    lands_first: bool,  # noqa: FBT001
) -> None:
    world.cloud.lands_first = lands_first
    plan = mail(remembered=False)
    world.cut(plan, 0.2)
    record = world.resume(plan)
    assert (record.steps["mail"].state, record.state) == ("unproven", "recovered-with-exceptions")
    assert world.cloud.sent.total() <= 1


def test_a_crash_after_a_throttled_send_does_not_lose_the_letter(world: World) -> None:
    world.cloud.fail("send bob", error(Throttled))
    plan = mail(remembered=False)
    world.cut(plan, 1.0)  # the wait before the second attempt
    assert world.resume(plan).state == "recovered"
    assert world.cloud.sent.total() == 1


def test_a_deadline_during_a_send_lets_it_end_and_takes_down_what_it_came_to(world: World) -> None:
    world.cloud.latency_s = 400
    record = world.execute(mail())
    assert (record.state, record.steps["mail"].state) == ("recovered", "done")
    assert record.steps["mail"].reason == "sent; deadline of 2m passed"
    assert world.cloud.sent.total() == 1


@pytest.mark.parametrize("verb", [Verb.ABORT, Verb.SKIP])
def test_an_effect_in_flight_that_is_given_up_may_have_been_sent(world: World, verb: Verb) -> None:
    world.cloud.latency_s = 40
    world.cloud.fail("send bob", error(OutcomeUnknown), landed=True)
    record = world.execute(mail(), Wish(20, verb, "mail" if verb is Verb.SKIP else ""))
    assert record.steps["mail"].state == "unproven"
    assert record.steps["mail"].reason.startswith("may have been sent; ")
    assert world.cloud.sent.total() == 1


def test_a_skipped_effect_whose_call_ended_well_is_recorded_as_sent(world: World) -> None:
    world.cloud.latency_s = 40
    record = world.execute(mail(), Wish(20, Verb.SKIP, "mail"))
    assert (record.steps["mail"].state, record.state) == ("done", "recovered")
    assert record.steps["mail"].reason == "sent; skipped by ada: because"


def test_an_effect_found_in_flight_and_aborted_may_have_been_sent(world: World) -> None:
    world.cloud.latency_s = 40
    plan = mail()
    world.cut(plan, 20)
    record = world.resume(plan, first=Wish(0, Verb.ABORT))
    assert (record.state, record.steps["mail"].state) == ("aborted", "unproven")
