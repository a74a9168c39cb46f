"""States and modes as enums, with one table each of the legal moves. Spelt exactly as they are printed and stored."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class Mode(StrEnum):
    """`planned`: a move on a good day. `unplanned`: the Region is gone, readiness checks only warn."""

    PLANNED = "planned"
    UNPLANNED = "unplanned"


class ExecutionState(StrEnum):
    """Where an execution stands."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    WAITING = "waiting"
    VERIFYING = "verifying"
    UNDOING = "undoing"
    RECOVERED = "recovered"
    RECOVERED_WITH_EXCEPTIONS = "recovered-with-exceptions"
    FAILED = "failed"
    UNDONE = "undone"
    ABORTED = "aborted"


class StepState(StrEnum):
    """Where a step (or one item of a series) stands."""

    WAITING = "waiting"
    RUNNING = "running"
    HOLDING = "holding"
    DONE = "done"
    ALREADY_SO = "already-so"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNPROVEN = "unproven"
    UNDONE = "undone"
    CANCELLED = "cancelled"


_E, _S = ExecutionState, StepState

ENDED = frozenset({_E.RECOVERED, _E.RECOVERED_WITH_EXCEPTIONS, _E.FAILED, _E.UNDONE, _E.ABORTED})
"""States after which a runner has nothing left to do."""

SETTLED = frozenset({_S.DONE, _S.ALREADY_SO, _S.SKIPPED, _S.FAILED, _S.UNPROVEN, _S.UNDONE, _S.CANCELLED})
"""States in which a step does nothing more by itself."""

SATISFYING = frozenset({_S.DONE, _S.ALREADY_SO, _S.SKIPPED, _S.UNPROVEN})
"""States that satisfy a dependent step's `needs`. A failed step that is not critical satisfies too: `decide` knows."""

EXCEPTIONAL = frozenset({_S.FAILED, _S.UNPROVEN, _S.CANCELLED})
"""States that a reader must know of although the run has recovered. A step skipped by hand is one more exception."""

EXECUTION_MAY_BECOME = MappingProxyType(
    {
        _E.PENDING: frozenset({_E.RUNNING, _E.ABORTED}),
        _E.RUNNING: frozenset({_E.PAUSED, _E.WAITING, _E.VERIFYING, _E.UNDOING, _E.ABORTED, _E.FAILED}),
        _E.PAUSED: frozenset({_E.RUNNING, _E.UNDOING, _E.ABORTED}),
        _E.WAITING: frozenset({_E.RUNNING, _E.PAUSED, _E.UNDOING, _E.ABORTED}),
        _E.VERIFYING: frozenset(
            {_E.RUNNING, _E.RECOVERED, _E.RECOVERED_WITH_EXCEPTIONS, _E.FAILED, _E.PAUSED, _E.ABORTED}
        ),
        _E.UNDOING: frozenset({_E.UNDONE, _E.PAUSED, _E.ABORTED, _E.FAILED}),
        _E.RECOVERED: frozenset({_E.UNDOING}),
        _E.RECOVERED_WITH_EXCEPTIONS: frozenset({_E.UNDOING}),
        _E.FAILED: frozenset({_E.UNDOING}),
        _E.ABORTED: frozenset({_E.UNDOING}),
        _E.UNDONE: frozenset[ExecutionState](),
    }
)

STEP_MAY_BECOME = MappingProxyType(
    {
        _S.WAITING: frozenset({_S.RUNNING, _S.SKIPPED, _S.CANCELLED}),
        # RUNNING to RUNNING is a resume: the same code looks again.
        _S.RUNNING: frozenset(
            {_S.RUNNING, _S.HOLDING, _S.DONE, _S.ALREADY_SO, _S.SKIPPED, _S.FAILED, _S.UNPROVEN, _S.CANCELLED}
        ),
        _S.HOLDING: frozenset({_S.HOLDING, _S.DONE, _S.ALREADY_SO, _S.FAILED, _S.SKIPPED, _S.CANCELLED}),
        _S.DONE: frozenset({_S.UNDONE}),
        _S.ALREADY_SO: frozenset({_S.UNDONE}),
        _S.SKIPPED: frozenset({_S.WAITING}),  # left out for the mode alone, and the mode was switched
        _S.FAILED: frozenset({_S.RUNNING, _S.SKIPPED, _S.UNDONE, _S.CANCELLED}),
        _S.UNPROVEN: frozenset({_S.UNDONE}),
        _S.UNDONE: frozenset[StepState](),
        _S.CANCELLED: frozenset({_S.UNDONE}),
    }
)


class Verdict(StrEnum):
    """What a drill showed."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    STOPPED = "stopped"
