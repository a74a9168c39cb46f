"""Nothing is sent without right: the guard of a lease, the hands behind it, and runners that have died."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from wiring_world import EXECUTION

from orchestrator.model.errors import HeldElsewhere, LeaseLapsed
from orchestrator.wiring.alive import bury, living
from orchestrator.wiring.fence import fenced
from orchestrator.wiring.lease import LEASE_S, Lease, leased

if TYPE_CHECKING:
    from pathlib import Path

    from wiring_world import Centre

    from orchestrator.model.actions import Cloud


class Hands:
    """A cloud that remembers what was sent."""

    def __init__(self, folder: Path) -> None:
        self.settings_dir, self.sent = folder, list[str]()

    def client(self, service: str, region: str) -> Any:
        def put_item(**params: Any) -> str:
            self.sent.append(f"{service} {region} {params['Key']}")
            return "sent"

        return SimpleNamespace(put_item=put_item, get_paginator=lambda name: f"pages of {name}")


def behind(lease: Lease, folder: Path) -> tuple[Hands, Cloud]:
    hands = Hands(folder)
    return hands, fenced(lambda _: hands, lease.guard)(())  # type: ignore[arg-type, return-value] # what is used here


def stood_still(centre: Centre, lease: Lease, clock: str) -> None:
    """As long as the lease lasts, by one of the machine's two clocks: a process may be stopped, a machine may sleep."""
    if clock == "monotonic":
        lease.renewed_s = time.monotonic() - LEASE_S
    else:
        centre.clock.advance(LEASE_S)


def test_while_the_lease_is_ours_everything_goes_out(centre: Centre) -> None:
    with leased(centre.journal, "run", "we", centre.clock.now) as lease:
        hands, cloud = behind(lease, centre.folder)
        assert cloud.client("dynamodb", "us-west-2").put_item(Key="a") == "sent"
        assert cloud.settings_dir == centre.folder
    assert hands.sent == ["dynamodb us-west-2 a"]


@pytest.mark.parametrize("clock", ["monotonic", "wall"])
def test_after_standing_still_nothing_goes_out_not_even_by_a_client_made_before(centre: Centre, clock: str) -> None:
    with leased(centre.journal, "run", "we", centre.clock.now) as lease:
        hands, cloud = behind(lease, centre.folder)
        put_item = cloud.client("dynamodb", "us-west-2").put_item
        stood_still(centre, lease, clock)
        with pytest.raises(LeaseLapsed, match="nothing was sent") as lapsed:
            put_item(Key="a")
        with pytest.raises(LeaseLapsed):
            _ = cloud.settings_dir
        assert (hands.sent, lapsed.value.retryable, lapsed.value.sent) == ([], True, False)
        assert cloud.client("dynamodb", "us-west-2").get_paginator("query") == "pages of query"


@pytest.mark.parametrize("clock", ["monotonic", "wall"])
def test_a_lapsed_lease_that_nobody_took_is_renewed_and_then_it_goes_on(centre: Centre, clock: str) -> None:
    with leased(centre.journal, "run", "we", centre.clock.now) as lease:
        hands, cloud = behind(lease, centre.folder)
        stood_still(centre, lease, clock)
        lease.check()
        cloud.client("dynamodb", "us-west-2").put_item(Key="a")
    assert len(hands.sent) == 1


def test_a_lease_that_somebody_took_is_not_renewed_and_nothing_goes_out_any_more(centre: Centre) -> None:
    with leased(centre.journal, "run", "we", centre.clock.now) as lease:
        hands, cloud = behind(lease, centre.folder)
        centre.clock.advance(LEASE_S)
        centre.elsewhere.take_lease("run", "they", now=centre.clock.now(), ttl_s=LEASE_S)
        with pytest.raises(HeldElsewhere, match="they"):
            lease.check()
        with pytest.raises(LeaseLapsed):
            cloud.client("dynamodb", "us-west-2").put_item(Key="a")
    assert hands.sent == []
    assert centre.elsewhere.holder("run", now=centre.clock.now()) == "they"


# --- who has died ----------------------------------------------------------------------------------------------------


def test_who_lives_keeps_the_lease(centre: Centre) -> None:
    now = centre.clock.now
    with living(centre.journal, "run") as process, leased(centre.journal, "run", "we", now) as lease:
        process.holds(lease.epoch)
        bury(centre.elsewhere, "run")
        assert centre.elsewhere.holder("run", now=now()) == "we"


def test_who_has_died_loses_it_at_once_and_who_came_after_does_not(centre: Centre) -> None:
    now = centre.clock.now
    with living(centre.journal, "run") as process:  # and dies: the kernel unlocks, nobody gives the lease back
        process.holds(centre.journal.take_lease("run", "the dead", now=now(), ttl_s=LEASE_S))
    bury(centre.elsewhere, "run")
    assert centre.elsewhere.holder("run", now=now()) is None
    centre.elsewhere.take_lease("run", "the next", now=now(), ttl_s=LEASE_S)
    bury(centre.elsewhere, "run")
    assert centre.elsewhere.holder("run", now=now()) == "the next"


@pytest.mark.parametrize("content", ["", "soon", "9" * 30])
def test_what_nobody_can_read_buries_nobody(centre: Centre, content: str) -> None:
    now = centre.clock.now
    with living(centre.journal, "run") as process:
        process.holds(centre.journal.take_lease("run", "somebody", now=now(), ttl_s=LEASE_S))
    (centre.folder / ".failover" / "journal.db.runners" / "run").write_text(content)
    bury(centre.elsewhere, "run")
    assert centre.elsewhere.holder("run", now=now()) == "somebody"


def test_where_nothing_was_ever_run_there_is_nobody_to_bury(centre: Centre) -> None:
    bury(centre.elsewhere, "run")
    assert not (centre.folder / ".failover").exists()


# --- a run -----------------------------------------------------------------------------------------------------------


def test_a_run_on_the_machines_clock_acts_behind_the_guard(centre: Centre) -> None:
    hands = Hands(centre.folder)
    centre.world.hands = lambda _: hands
    prepared, driver = centre.prepared(), centre.driver()
    runner = driver.runner(EXECUTION, prepared.plan.scope)

    async def stands_still() -> None:
        put_item = runner.hands(()).client("dynamodb", "us-west-2").put_item
        put_item(Key="in time")
        centre.clock.advance(LEASE_S)
        with pytest.raises(LeaseLapsed):
            put_item(Key="too late")

    centre.world.happens = stands_still
    driver.drive(runner, prepared.created)
    assert hands.sent == ["dynamodb us-west-2 in time"]
