"""Takes an execution on a real or served cloud up again, from its journal.

Laws: the plan is the one recorded, never a new one; and what the run stands on must be what it began with, unless
somebody says that it shall go on all the same, which is journalled with what has changed.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.actions.catalogue import Catalogue
from orchestrator.engine.wishes import TAKES_UP
from orchestrator.model.errors import InvalidInput, Refused
from orchestrator.wiring.absent import Absent, Told
from orchestrator.wiring.changes import changes, scope_again
from orchestrator.wiring.clouds import open_cloud
from orchestrator.wiring.driving import Driver
from orchestrator.wiring.keeping import ACCEPTED, NOBODY, answers_in
from orchestrator.wiring.label import address_in
from orchestrator.wiring.leaving import Hearer, Nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orchestrator.journal.replay import Replay
    from orchestrator.journal.requests import Request
    from orchestrator.model.clock import Clock
    from orchestrator.model.events import Event
    from orchestrator.model.values import Json
    from orchestrator.wiring.clouds import World
    from orchestrator.wiring.home import Home

DESPITE = "despite changes"
"""How a reason goes on where somebody went on all the same."""


def resume_with(
    home: Home, record: Replay, wish: Request, *, watch: Callable[[Clock], Callable[[Event], None]],
    hearer: Hearer | None = None, despite_changes: bool = False,
) -> tuple[Replay, str]:  # fmt: skip
    """Judge the request first, and continue the execution if it takes that up.

    Returns the record, and the rule that forbade the request, or nothing if it was granted.

    Raises:
        Refused: the request takes the run up, and what it stands on has changed since.
        HeldElsewhere: somebody else runs it.
    """
    catalogue = Catalogue()
    with _world_of(record, wish, home) as world:
        scope: dict[str, Json] = {}
        # Ending a run, or noting something, writes nothing: it must not fail for what has changed since.
        if wish.verb in TAKES_UP:
            scope, wish = _stands_on(record, world, catalogue, wish, despite_changes=despite_changes)
        journal = home.open_journal()
        driver = Driver(world, journal, catalogue, watch(world.clock), hearer or Nobody())
        runner = driver.runner(record.execution, scope)
        runner.load()
        runner.first(wish)
        try:
            ended = driver.drive(runner)
            rule = answers_in(journal.read(record.execution)).get(wish.id, NOBODY)
        finally:
            journal.close_connection()
    return ended, "" if rule == ACCEPTED else rule


@contextmanager
def _world_of(record: Replay, wish: Request, home: Home) -> Iterator[World]:
    """The cloud that it runs on. Who takes nothing up needs none: a served one may be gone, or another by now.

    Raises:
        InvalidInput: it is needed, and not there.
    """
    created = record.created
    served = address_in(created.simulated) if created else ""
    with ExitStack() as opened:
        try:
            world: World = opened.enter_context(open_cloud(served or "aws", seed=0, home=home))
        except InvalidInput as why:
            if created is None or not served or wish.verb in TAKES_UP:
                raise
            world = Absent(created.simulated, created.served_by, Told(record), why)
        if created is not None and wish.verb not in TAKES_UP and world.served_by != created.served_by:
            another = InvalidInput(f"another simulated cloud answers at {served}")
            world = Absent(created.simulated, created.served_by, Told(record), another)
        yield world


def _stands_on(
    record: Replay, world: World, catalogue: Catalogue, wish: Request, *, despite_changes: bool
) -> tuple[dict[str, Json], Request]:
    """What the run's expressions see, and the wish, which says what has changed."""
    changed = changes(record, world, catalogue, cwd=Path.cwd())
    if changed and not despite_changes:
        raise Refused(
            "\n  ".join([f"what {record.execution} stands on has changed since it began:", *changed]),
            rule="a run goes on with what it began with",
            remedy="bring that back, go on with the journalled plan by --despite-changes, or abort the run",
        )
    if changed:
        said = f"{DESPITE}: {'; '.join(changed)}"
        wish = wish.but(reason=f"{wish.reason}; {said}" if wish.reason else said)
    return scope_again(record, world.inventory), wish
