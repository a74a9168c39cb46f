"""What `begin_with` means: the world in which a drill begins was made by a runbook, run in it beforehand.

It is preparation, as the runbook prepare-standby is for every drill: customers call, everybody who is asked says yes,
its journal is thrown away, and nothing of it is judged but that it recovered. The drill's own journal says what it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drills.rehearsal import Rehearsal
from drills.simulator.aws.connect import estate
from orchestrator.actions.catalogue import Catalogue
from orchestrator.journal.requests import Verb
from orchestrator.journal.sqlite import SqliteJournal
from orchestrator.model import events as ev
from orchestrator.model.errors import InvalidInput
from orchestrator.model.states import ExecutionState, Mode
from orchestrator.wiring.driving import Driver
from orchestrator.wiring.orders import Order, check, prepare

if TYPE_CHECKING:
    from pathlib import Path

    from drills.scenario import Scenario
    from drills.simulator.cloud import SimulatedCloud
    from orchestrator.model.inventory import Inventory
    from orchestrator.model.values import Json

YES_AFTER_S = 30
_RECOVERED = (ExecutionState.RECOVERED, ExecutionState.RECOVERED_WITH_EXCEPTIONS)


class _Agreeing(Rehearsal):
    """The scenario's customers, and people who say yes to whatever they are asked."""

    def answers(self, gate: ev.GateOpened) -> bool:  # noqa: ARG002 - to every gate
        return True

    def _hear(self, event: ev.Event) -> None:
        if isinstance(event.payload, ev.GateOpened):
            for name in event.payload.approvers:
                self._soon(YES_AFTER_S, self._wish(event, event.payload.step, name, Verb.APPROVE, "preparation"))


def begun(cloud: SimulatedCloud, inventory: Inventory, scenario: Scenario, folder: Path) -> Json:
    """Run the scenario's `begin_with` in its world, and say what that was; None where there is none.

    Raises:
        InvalidInput: it did not recover, so that there is nothing to begin the drill in.
        NotSimulated: it called something that has no rules.
    """
    begin = scenario.begin_with
    if begin is None:
        return None
    quiet = {"steady_state": {}, "outages": (), "detected_after": 0, "live_after": 0, "afterwards": {}}
    world = _Agreeing(cloud, inventory, scenario.model_copy(update=quiet))
    catalogue, journal = Catalogue(), SqliteJournal(folder / "begin-with.db")
    order = Order(begin.runbook, Mode(begin.mode), params=begin.parameters, reason=f"preparation of {scenario.id}")
    prepared = prepare(check(order, catalogue), world, catalogue=catalogue)
    driver = Driver(world, journal, catalogue, _unheard)
    runner = driver.runner(prepared.execution, prepared.plan.scope)
    try:
        record = driver.drive(runner, prepared.created)
    finally:
        journal.close_connection()
    if record.state not in _RECOVERED:
        what = f"begin_with: {begin.runbook} ended {record.state}: {record.reason}"
        raise InvalidInput(what, remedy="mend that runbook, or let the drill begin with another")
    _hang_up(cloud)
    return {
        "runbook": begin.runbook, "mode": begin.mode, "execution": record.execution, "state": record.state.value,
        "reason": record.reason, "events": record.events, "head": record.head,
    }  # fmt: skip


def _hang_up(cloud: SimulatedCloud) -> None:
    """Calls that were under way end with it: their customers do not live in the drill, and would wait for ever."""
    now = cloud.clock.now()
    for site in estate.sites(cloud.account):
        for contact in site.contacts:
            contact.disconnected_at = contact.disconnected_at or now


def _unheard(event: ev.Event) -> None:
    """Preparation is told by its outcome."""
