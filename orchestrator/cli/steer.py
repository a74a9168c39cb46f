"""`resume`, `pause`, `approve`, `reject`, `retry`, `skip`, `switch-mode`, `note`, `undo`, `abort`: steer an execution.

A request is left for the runner; it journals what became of it. Without a live runner this command takes the lease and
is the runner. A simulated execution whose in-process cloud has ended can be read only.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from orchestrator.cli.arguments import account_beside, actor
from orchestrator.cli.command import Command
from orchestrator.cli.output import print_json
from orchestrator.journal.replay import Replay
from orchestrator.journal.requests import Request, Verb
from orchestrator.model.chance import SystemChance
from orchestrator.model.clock import SystemClock, stamp
from orchestrator.model.errors import ExitCode, HeldElsewhere, InvalidInput, Refused
from orchestrator.model.events import Event, ExecutionMoved, StepStarted
from orchestrator.model.states import ExecutionState
from orchestrator.report.standing import in_process
from orchestrator.wiring.home import Home

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from orchestrator.journal.sqlite import SqliteJournal

ANSWER_WITHIN_S = 5.0
LOOK_EVERY_S = 0.1
WITHDRAWN = "withdrawn by who asked: not answered in time"
OF_A_STEP = frozenset({Verb.APPROVE, Verb.REJECT, Verb.RETRY, Verb.SKIP})
OF_THE_ENDED = frozenset({Verb.UNDO, Verb.NOTE})
NEED_A_REASON = frozenset({Verb.NOTE, Verb.SKIP, Verb.BREAK_GLASS})
ONLY_SAID = frozenset({Verb.NOTE, Verb.PAUSE, Verb.ABORT})
"""What takes no run up, so that it does not matter what has changed since the run began."""


def _arguments(verb: Verb) -> Callable[[ArgumentParser], None]:
    def add(parser: ArgumentParser) -> None:
        parser.add_argument("execution", metavar="ID", help="execution id or its beginning")
        if verb in OF_A_STEP:
            parser.add_argument("step", metavar="STEP", help="the step, or one item of a series: shift[0]")
        if verb is Verb.NOTE:
            parser.add_argument("step", nargs="?", default="", metavar="STEP", help="the step that it is about, if any")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the record")
        parser.add_argument("--as", dest="actor", default="", metavar="NAME", help="the duty you answer for")
        if verb is Verb.APPROVE:
            parser.add_argument(
                "--break-glass", action="store_true", help="yours alone is enough; needs a reason, and a review later"
            )
        if verb not in ONLY_SAID:
            parser.add_argument(
                "--despite-changes", action="store_true",
                help="go on with the journalled plan, whatever has changed since it was made",
            )  # fmt: skip

    return add


def _runs(verb: Verb) -> Callable[[Namespace], ExitCode]:
    def run(args: Namespace) -> ExitCode:
        home = Home.of(args.home, args.journal)
        journal = home.open_journal()
        execution = home.find(journal, args.execution)
        from orchestrator.wiring.alive import bury  # noqa: PLC0415 - not needed for `--help`

        record = Replay.of(journal.read(execution))
        asked = Verb.BREAK_GLASS if getattr(args, "break_glass", False) else verb
        step = getattr(args, "step", "")
        _check(asked, record, step, args.reason)
        now = SystemClock().now()
        wish_id, by = SystemChance().identity("request"), actor(args.actor)
        wish = Request(wish_id, execution, stamp(now), by, asked, step, args.reason, account_beside(by))
        bury(journal, execution)
        holder = journal.holder(execution, now=now)
        if holder is None:
            return _be_the_runner(args, home, journal, record, wish)
        if verb is Verb.RESUME and record.state is not ExecutionState.PAUSED:
            raise HeldElsewhere(execution, holder)
        journal.leave(wish)
        return _answered(args, journal, wish, holder)

    return run


def _check(verb: Verb, record: Replay, step: str, reason: str) -> None:
    if in_process(record):
        raise InvalidInput(
            f"{record.execution} is simulated, and lives in its own process",
            remedy="it can be read (status, report, journal), not steered; run it again",
        )
    if step and step not in record.steps:
        raise InvalidInput(f"no step {step!r} in {record.execution}", remedy=_near(step, record))
    if verb in NEED_A_REASON and not reason.strip():
        what = "breaking the glass" if verb is Verb.BREAK_GLASS else f"a {verb}"
        raise InvalidInput(f"{what} needs a reason", remedy="say --reason TEXT")
    if record.ended and verb not in OF_THE_ENDED:
        raise Refused(f"{record.execution} has ended: {record.state}", rule="an ended execution is read only")


def _near(step: str, record: Replay) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for a misspelt name only

    items = [key for key, known in record.steps.items() if known.planned.step == step]
    near = items or get_close_matches(step, record.steps, n=3)
    return f"did you mean {', '.join(near)}?" if near else f"see `failover status {record.execution}`"


def _be_the_runner(args: Namespace, home: Home, journal: SqliteJournal, record: Replay, wish: Request) -> ExitCode:
    from orchestrator.cli.execute import last_words  # noqa: PLC0415 - start-up
    from orchestrator.cli.live import watching  # noqa: PLC0415 - start-up
    from orchestrator.wiring.resuming import resume_with  # noqa: PLC0415 - start-up

    journal.close_connection()
    despite = getattr(args, "despite_changes", False)
    with watching(quiet=args.json, options=home.options) as watch:
        start = partial(watch.start, ticks=True, past=_events(home, record.execution))
        ended, rule = resume_with(home, record, wish, watch=start, hearer=watch, despite_changes=despite)
        watch.close()
        if rule or not _went_on(home, record):
            return _said(args, wish, rule)
        if args.json:
            print_json(ended.status())
        else:
            last_words(ended, home.options)
    return _code(wish.verb, ended.state)


def _events(home: Home, execution: str, after: int = -1) -> list[Event]:
    journal = home.open_journal()
    try:
        return list(journal.read(execution, after=after))
    finally:
        journal.close_connection()


def _went_on(home: Home, before: Replay) -> bool:
    """Whether anything was done, rather than said: a note, a pause or an abort does nothing."""
    since = [event.payload for event in _events(home, before.execution, after=before.events - 1)]
    moves = [each for each in since if isinstance(each, ExecutionMoved)]
    said = {ExecutionState.PAUSED, ExecutionState.ABORTED}
    return any(isinstance(each, StepStarted) for each in since) or any(each.state not in said for each in moves)


def _code(verb: Verb, state: ExecutionState) -> ExitCode:
    from orchestrator.cli.execute import CODES  # noqa: PLC0415 - start-up

    if verb is Verb.UNDO and state is ExecutionState.UNDONE:
        return ExitCode.DONE
    return CODES.get(state, ExitCode.STOPPED)


def _answered(args: Namespace, journal: SqliteJournal, wish: Request, holder: str) -> ExitCode:
    """Wait for the runner's word. What it has not answered by then is withdrawn: no later runner may find it."""
    from orchestrator.wiring.keeping import answers_in  # noqa: PLC0415 - start-up

    try:
        for _ in range(int(ANSWER_WITHIN_S / LOOK_EVERY_S)):
            if journal.answer(wish.id) is not None:
                break
            SystemClock().pause(LOOK_EVERY_S)
    finally:
        journal.close(wish.id, WITHDRAWN)  # the first answer stands
    answer = journal.answer(wish.id)
    if answer == WITHDRAWN:  # a runner that died between its word and closing the request has given its word
        answer = answers_in(journal.read(wish.execution)).get(wish.id, WITHDRAWN)
    if answer == WITHDRAWN:
        raise Refused(
            f"the runner has not answered within {ANSWER_WITHIN_S:g} s: withdrawn",
            rule="requests are answered by the runner",
            remedy=f"it is {holder}; if that has died, its lease lapses within half a minute: ask again then",
        )
    return _said(args, wish, "" if answer == "accepted" else str(answer))


def _said(args: Namespace, wish: Request, rule: str) -> ExitCode:
    if args.json:
        print_json({"request": wish.id, "accepted": not rule, "rule": rule or None})
    else:
        print(f"refused: {rule}" if rule else "accepted")
        if rule.startswith("only ") and not args.actor:
            print(f"  you asked as {wish.actor}; --as NAME says for which duty you speak")
    return ExitCode.STOPPED if rule else ExitCode.DONE


_SUMMARIES = {
    Verb.RESUME: "Go on with a paused execution, or one whose runner has died.",
    Verb.PAUSE: "Start nothing more until somebody resumes; what runs settles first.",
    Verb.APPROVE: "Say yes to an open gate.",
    Verb.REJECT: "Say no to an open gate.",
    Verb.RETRY: "Try a failed step again.",
    Verb.SKIP: "Leave a step out, with a reason.",
    Verb.SWITCH_MODE: "From planned to unplanned, for good: holds and guards are left out.",
    Verb.NOTE: "Put a sentence on the record, also after the end.",
    Verb.UNDO: "Give every setting back as it was found, if the place returned to serves.",
    Verb.ABORT: "End an execution; running writes settle first.",
}
COMMANDS = {str(verb): Command(summary, _arguments(verb), _runs(verb)) for verb, summary in _SUMMARIES.items()}
