"""`approve`, `reject`, `retry`, `skip`, `abort`: leave the runner a request; it journals what became of it.

Without a live runner this command takes the lease and is the runner. A simulated execution whose in-process cloud has
ended can be read only.
"""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING

from orchestrator.cli.arguments import speakable
from orchestrator.cli.command import Command
from orchestrator.cli.output import print_json
from orchestrator.journal.replay import Replay
from orchestrator.journal.requests import Request, Verb
from orchestrator.model.chance import SystemChance
from orchestrator.model.clock import SystemClock, stamp
from orchestrator.model.errors import ExitCode, InvalidInput, Refused
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from orchestrator.journal.sqlite import SqliteJournal

ANSWER_WITHIN_S = 5.0
LOOK_EVERY_S = 0.1
WITHDRAWN = "withdrawn by who asked: not answered in time"


def _arguments(verb: Verb) -> Callable[[ArgumentParser], None]:
    def add(parser: ArgumentParser) -> None:
        parser.add_argument("execution", metavar="ID", help="execution id or its beginning")
        if verb is not Verb.ABORT:
            parser.add_argument("step", metavar="STEP", help="the step, or one item of a series: shift[0]")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the record")
        parser.add_argument("--as", dest="actor", default="", metavar="NAME", help="the duty you answer for")

    return add


def _runs(verb: Verb) -> Callable[[Namespace], ExitCode]:
    def run(args: Namespace) -> ExitCode:
        home = Home.of(args.home, args.journal)
        journal = home.open_journal()
        execution = home.find(journal, args.execution)
        record = Replay.of(journal.read(execution))
        step = getattr(args, "step", "")
        _check(verb, record, step, args.reason)
        now = SystemClock().now()
        actor = speakable(args.actor or os.environ.get("FAILOVER_ACTOR") or getpass.getuser(), "the actor")
        wish = Request(SystemChance().identity("request"), execution, stamp(now), actor, verb, step, args.reason)
        if journal.holder(execution, now=now) is None:
            return _be_the_runner(args, home, journal, record, wish)
        journal.leave(wish)
        return _answered(args, journal, wish)

    return run


def _check(verb: Verb, record: Replay, step: str, reason: str) -> None:
    if step and step not in record.steps:
        raise InvalidInput(f"no step {step!r} in {record.execution}", remedy="see `failover status`")
    if verb is Verb.SKIP and not reason:
        raise InvalidInput("a skip needs a reason", remedy="say --reason TEXT")
    if record.ended:
        raise Refused(f"{record.execution} has ended: {record.state}", rule="an ended execution is read only")
    if record.created and record.created.seed is not None:
        raise InvalidInput(
            f"{record.execution} is simulated, and lives in its own process",
            remedy="it can be read (status, report, journal), not steered; run it again",
        )


def _be_the_runner(args: Namespace, home: Home, journal: SqliteJournal, record: Replay, wish: Request) -> ExitCode:
    from orchestrator.cli.execute import CODES  # noqa: PLC0415 - start-up
    from orchestrator.cli.live import watching  # noqa: PLC0415
    from orchestrator.engine.wishes import TAKES_UP  # noqa: PLC0415
    from orchestrator.wiring.resuming import resume_with  # noqa: PLC0415

    journal.close_connection()
    with watching(quiet=args.json) as watch:
        ended, rule = resume_with(home, record, wish, watch=watch.start)
    if rule or wish.verb not in TAKES_UP:
        return _said(args, wish, rule)
    if args.json:
        print_json(ended.status())
    return CODES.get(ended.state, ExitCode.STOPPED)


def _answered(args: Namespace, journal: SqliteJournal, wish: Request) -> ExitCode:
    """Wait for the runner's word. What it has not answered by then is withdrawn: no later runner may find it."""
    try:
        for _ in range(int(ANSWER_WITHIN_S / LOOK_EVERY_S)):
            if journal.answer(wish.id) is not None:
                break
            SystemClock().pause(LOOK_EVERY_S)
    finally:
        journal.close(wish.id, WITHDRAWN)  # the first answer stands
    answer = journal.answer(wish.id)
    if answer == WITHDRAWN:
        raise Refused(
            f"the runner has not answered within {ANSWER_WITHIN_S:g} s: withdrawn",
            rule="requests are answered by the runner", remedy="see `failover status`, and ask again",
        )  # fmt: skip
    return _said(args, wish, "" if answer == "accepted" else str(answer))


def _said(args: Namespace, wish: Request, rule: str) -> ExitCode:
    if args.json:
        print_json({"request": wish.id, "accepted": not rule, "rule": rule or None})
    else:
        print(f"refused: {rule}" if rule else "accepted")
    return ExitCode.STOPPED if rule else ExitCode.DONE


_SUMMARIES = {
    Verb.APPROVE: "Say yes to an open gate.",
    Verb.REJECT: "Say no to an open gate.",
    Verb.RETRY: "Try a failed step again.",
    Verb.SKIP: "Leave a step out, with a reason.",
    Verb.ABORT: "End an execution; running writes settle first.",
}
COMMANDS = {str(verb): Command(summary, _arguments(verb), _runs(verb)) for verb, summary in _SUMMARIES.items()}
