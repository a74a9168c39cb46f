"""Verification, of an export or of a store: the first event that does not fit is named, with its line.

Law: one changed byte anywhere is found. What a chain cannot show by itself is that its last events are missing:
`ended` says whether the execution is over (a drill's is with its verdict), and `head` is there to be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.journal.chain import decode
from orchestrator.model.errors import ChainBroken, InvalidInput
from orchestrator.model.events import ExecutionCreated, ExecutionMoved, Sample
from orchestrator.model.states import ENDED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orchestrator.journal.store import Journal
    from orchestrator.model.events import Event


@dataclass(frozen=True, slots=True)
class Verified:
    """A chain that holds: its number of events, the hash of the last, and whether its execution has ended."""

    execution: str
    events: int
    head: str
    ended: bool


def verify(lines: Iterable[bytes]) -> Verified:
    """Check an export, line by line as a binary file gives them (each with its newline).

    Raises:
        ChainBroken: `seq` is the first event that does not fit, `line` its line, counted from 1.
    """
    last: Event | None = None
    count, ended, awaits_verdict = 0, False, False
    for line in lines:
        last = _checked(line, count, last)
        count += 1
        if isinstance(last.payload, ExecutionCreated):
            awaits_verdict = bool(last.payload.scenario_sha256)
        elif isinstance(last.payload, ExecutionMoved):
            ended = last.payload.state in ENDED and not awaits_verdict
        elif isinstance(last.payload, Sample) and last.payload.name == "verdict":
            ended = True  # a drill's journal ends with its verdict, whatever became of the run
    if last is None:
        raise ChainBroken("there is no event at all", seq=0, line=1)
    return Verified(last.execution, count, last.hash, ended)


def verify_stored(journal: Journal, execution: str) -> Verified:
    """Check what a store holds of one execution (also one that was set aside).

    Raises:
        ChainBroken: `seq` is the first event that does not fit.
        InvalidInput: the execution is unknown.
    """
    if journal.head(execution) is None:
        raise InvalidInput(f"the journal knows no execution {execution}", remedy="see `failover list`")
    try:
        found = verify(journal.lines(execution))
    except ChainBroken as broken:
        raise ChainBroken(broken.what, seq=broken.seq) from None
    name, mark, aside = execution.partition("~")
    if found.execution != name:
        raise ChainBroken(f"event 0 belongs to execution {found.execution}", seq=0)
    for _ in journal.read(execution):
        pass  # lines are told in the order of their keys; what is read is told by the keys themselves
    if mark and aside not in (found.head[:8], found.head):
        what = f"event {found.events - 1} is not the last of what was set aside as {execution}"
        raise ChainBroken(what, seq=found.events - 1)
    return found


def _checked(line: bytes, seq: int, last: Event | None) -> Event:
    if not line.endswith(b"\n"):
        tail = f"torn tail after event {seq - 1}" if last else "torn tail: not one whole event"
        raise ChainBroken(tail, seq=seq, line=seq + 1)
    try:
        event = decode(line)
    except ValueError as why:
        raise ChainBroken(f"event {seq} {why}", seq=seq, line=seq + 1) from None
    if event.seq != seq:
        raise ChainBroken(f"event {event.seq} stands where event {seq} belongs", seq=seq, line=seq + 1)
    if event.prev != (last.hash if last else ""):
        raise ChainBroken(f"event {seq} does not follow the event before it", seq=seq, line=seq + 1)
    if last and event.execution != last.execution:
        raise ChainBroken(f"event {seq} belongs to execution {event.execution}", seq=seq, line=seq + 1)
    return event
