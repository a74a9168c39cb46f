"""The names under which samples stand in the journal, and what it means that a call was *lost*.

One vocabulary for those who measure (drills, the simulator) and those who tell (reports, the live view).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Sampled(StrEnum):
    """What a sample is about: `events.Sample.name`."""

    CALLS = "calls"
    """What became of the calls of one minute: its start as `minute`, each `Count` over all, and by `regions`."""
    OUTAGE = "outage"
    """What is broken (`faults`) from a moment (`at`) on; none, once all is whole again. The first one is what times and
    lost calls count from."""
    BEGUN_WITH = "begun-with"
    """The runbook by which a drill's world was prepared: `runbook`, `mode`, `execution`, its end as `state`, `head`."""
    STEADY_STATE = "steady-state"
    AFTERWARDS = "afterwards"
    OBJECTIVE = "objective"
    CALL_MARKS = "call-marks"
    ENDPOINTS = "endpoints"
    VERDICT = "verdict"


class Count(StrEnum):
    """A figure of calls, by minute and Region. Each call counts in the minute in which the thing happened."""

    OFFERED = "offered"
    """Telephony sent the call to the Region; a redial is a call of its own."""
    ANSWERED = "answered"
    """An agent took it."""
    ABANDONED = "abandoned"
    """The caller gave up in a queue."""
    SWALLOWED = "swallowed"
    """A dead Region took it before any agent did: unheard, in the flow, or in a queue."""
    FAILED = "failed"
    """No queue took it: no number, flow, function branch or queue led there."""
    OVERFLOWED = "overflowed"
    """A full queue turned it away."""
    CUT_OFF = "cut_off"
    """A dead Region ended it in mid-talk: it is one of those answered."""


class Counted(Protocol):
    """Figures of calls, of a minute or of many."""

    @property
    def abandoned(self) -> float:
        """`Count.ABANDONED`."""

    @property
    def swallowed(self) -> float:
        """`Count.SWALLOWED`."""

    @property
    def failed(self) -> float:
        """`Count.FAILED`."""

    @property
    def overflowed(self) -> float:
        """`Count.OVERFLOWED`."""


LOST_MEANS = (
    "Lost: offered, and never reached an agent. The caller gave up in a queue (abandoned), a dead Region took the call "
    "(swallowed), no queue took it (failed), or a full one turned it away (overflowed). Calls cut off in mid-talk had "
    "reached an agent and are told apart; a redial is a call of its own."
)
"""The meaning in words, for whoever reads a figure."""


def lost(counted: Counted) -> float:
    """How many calls were lost: those that never reached an agent.

    So over a whole run `offered = answered + lost + calls still under way`. Every "calls lost" is this figure: the
    simulator's tally, a drill's objective `lost_calls`, and a report's headline, chart and tables. From an outage on
    (else from the start of the run) it is counted by whole minutes, from the one in which that moment lies.
    """
    return counted.abandoned + counted.swallowed + counted.failed + counted.overflowed
