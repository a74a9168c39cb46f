"""`failover watch [ID]`: an execution as it goes, from any terminal that shares its journal. Reads only.

It looks four times a second; Ctrl-C leaves the view, never the run. Ends with the code that `execute` would end with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.cli.command import Command, execution_argument
from orchestrator.cli.output import print_json
from orchestrator.journal.replay import Replay
from orchestrator.model.clock import SystemClock
from orchestrator.model.errors import ExitCode, InvalidInput
from orchestrator.wiring.alive import at_work
from orchestrator.wiring.gone import is_gone
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator

    from orchestrator.journal.sqlite import SqliteJournal
    from orchestrator.model.clock import Clock
    from orchestrator.model.events import Event

LOOK_EVERY_S = 0.25
_PATIENCE = 8
"""So many looks at what nobody runs: a drill between its end and its verdict, or one whose process has died."""


def _run(args: Namespace) -> ExitCode:
    from orchestrator.cli.execute import CODES, last_words  # noqa: PLC0415 - start-up
    from orchestrator.cli.live import watching  # noqa: PLC0415 - start-up

    home = Home.of(args.home, args.journal)
    journal = home.open_journal()
    execution = home.find(journal, args.execution) if args.execution else _going(journal, home)
    record = Replay()
    left = False
    with watching(quiet=args.json, goes_on=False, options=home.options) as watch:
        see: Callable[[Event], None] | None = None
        try:
            for event in follow(journal, execution, record):
                if see is None:
                    see = watch.start(clock_of(record), ticks=True)
                (_as_line if args.json else see)(event)
        except KeyboardInterrupt:
            left = True
        watch.close()
        if args.json:
            print_json(record.status())
        else:
            last_words(record, home.options)
            if left:
                print(f"the view is left; the execution goes on: failover watch {execution}{home.options}")
    return CODES.get(record.state, ExitCode.STOPPED)


def follow(journal: SqliteJournal, execution: str, record: Replay) -> Iterator[Event]:
    """Every event, as it becomes durable, each taken into `record` first; ends once nothing more can come."""
    waited = 0
    while True:
        for event in journal.read(execution, after=record.events - 1):
            waited = 0
            record.apply(event)
            yield event
        if _over(record):
            return
        holder = at_work(journal, execution, now=SystemClock().now())
        if waited >= _PATIENCE and (is_gone(record, holder) or (record.ended and holder is None)):
            return
        waited += 1
        SystemClock().pause(LOOK_EVERY_S)


def clock_of(record: Replay) -> Clock:
    """The time in which the execution lives, as far as it can be known here."""
    created = record.created
    if created is None or created.clock == "real":
        return SystemClock()
    from orchestrator.wiring.absent import Told  # noqa: PLC0415 - for a served cloud only
    from orchestrator.wiring.served import ServedClock, Site, address_in  # noqa: PLC0415 - start-up

    address = address_in(created.simulated)
    try:
        identity = Site(address).identity() if address else None
    except InvalidInput:
        identity = None  # it is not served any more
    if identity is None or (created.served_by and identity.served_by != created.served_by):
        return Told(record)
    return ServedClock(identity.now, identity.asked_s, identity.speed)


def _over(record: Replay) -> bool:
    """Of a drill the verdict comes after the end."""
    drill = bool(record.created and record.created.scenario_sha256)
    return record.ended and (not drill or record.verdict is not None)


def _going(journal: SqliteJournal, home: Home) -> str:
    """The execution that somebody runs, else the latest."""
    now = SystemClock().now()
    known = journal.executions() if journal.exists else []
    held = (key for key in known if at_work(journal, key, now=now) is not None)
    return next(held, None) or home.find(journal, None)


def _as_line(event: Event) -> None:
    from orchestrator.journal.chain import encode  # noqa: PLC0415 - start-up

    print(encode(event).decode().rstrip("\n"), flush=True)


COMMANDS = {"watch": Command("Follow an execution from any terminal.", execution_argument, _run)}
