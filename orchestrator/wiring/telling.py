"""What a served cloud's feed says, into the journal of the run that goes on there.

Laws: a minute that the journal has is not told again, also by a runner that resumes; what is told is what came about
before the run was at rest again; a run never fails for what it is told of others.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from orchestrator.journal.store import JournalUnavailable
from orchestrator.model.clock import moment
from orchestrator.model.errors import HeldElsewhere
from orchestrator.model.events import FaultHit, RequestAccepted, RequestRefused, Sample
from orchestrator.model.samples import Sampled
from orchestrator.model.states import ExecutionState
from orchestrator.wiring.feed import HIT, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestrator.engine.runner import Runner
    from orchestrator.model.events import Event, Payload
    from orchestrator.wiring.feed import News, Reply

BEFORE = timedelta(minutes=5)
"""So much of the callers' time before the run, or the outage that it answers, is told: a normal to compare with."""


@contextmanager
def told_by(url: str, runner: Runner) -> Iterator[Telling]:
    """Tell what the cloud served at `url` says, from when the run is taken up until the block ends, on the run's loop.

    A note left on a run that is at rest does not take it up, nor does its abort.
    """
    telling = Telling(runner)
    reader = Reader(url, asyncio.get_running_loop(), telling.take)

    def hear(event: Event) -> None:
        if telling.at_work(event):
            reader.start()

    runner.listen(hear)
    try:
        yield telling
    finally:
        telling.over = True
        reader.stop()


class Telling:
    """Makes samples of what the feed says, each once, and has the runner record them."""

    def __init__(self, runner: Runner) -> None:
        self.over = False
        """Whether nothing more is recorded."""
        self._runner, record = runner, runner.record
        calls, outage = record.sampled.get(Sampled.CALLS), record.sampled.get(Sampled.OUTAGE)
        self._resumes = calls is not None
        # Who resumes tells of the time between, too, as far as the server remembers it.
        self._minute = moment(calls["minute"]) if calls else moment(record.created_at) - BEFORE
        self._outage = moment(outage["at"]) if outage else None
        self._began = moment(record.last_at)
        self._first = True
        self._felt: dict[tuple[str, str], int] = {}

    def at_work(self, event: Event) -> bool:
        """Whether this event shows that somebody has taken the run up."""
        record = self._runner.record
        at_rest = record.ended or record.state is ExecutionState.PAUSED
        return not (self.over or at_rest or isinstance(event.payload, RequestAccepted | RequestRefused))

    def take(self, reply: Reply) -> None:
        """Record what is new in a reply."""
        if self.over:
            return
        try:
            for payload in self._new(reply):
                self._runner.tell(payload)
        except (HeldElsewhere, JournalUnavailable):
            self.over = True  # the runner is told the same when it appends next, and then it is heard
        self._first = False

    def end(self) -> None:
        """Record how often each outage was felt by whom, as far as the server has said."""
        if self.over:
            return
        self.over = True
        for (fault, victim), count in self._felt.items():
            if count > 1:
                self._runner.tell(FaultHit(fault, victim, count))

    def _new(self, reply: Reply) -> Iterator[Payload]:
        raging = frozenset(reply.outage["faults"]) if reply.outage else frozenset[str]()
        if self._first and self._outage is None and reply.outage:
            if not self._resumes:  # lost calls count from the outage on
                self._minute = min(self._minute, moment(reply.outage["at"]) - BEFORE)
            yield Sample(Sampled.OUTAGE, reply.outage)
        for each in reply.news:
            if self._is_new(each, raging):
                hit = each.name == HIT
                yield FaultHit(**each.values) if hit else Sample(each.name, each.values, modelled=each.modelled)
        self._felt |= {key: count for key, count in reply.felt.items() if key[0] in raging or key in self._felt}

    def _is_new(self, news: News, raging: frozenset[str]) -> bool:
        if news.name == Sampled.CALLS:
            return news.at > self._minute
        if not self._first:
            return True
        if self._outage is None:  # of outages before the run, those count that are not over
            return news.name == HIT and news.values["fault"] in raging
        return news.at > (self._began if news.name == HIT else self._outage)
