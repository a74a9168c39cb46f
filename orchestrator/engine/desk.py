"""What an item needs to be carried out: the `Desk` that its runner keeps, an action bound to its parameters, a probe.

Law: nothing that is carried out touches the journal but through `Desk.emit` and `Desk.durable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from orchestrator.model import events as ev
from orchestrator.model.actions import Finding, Reading
from orchestrator.model.errors import FailoverError, NotSimulated, UndeclaredOperation
from orchestrator.model.expressions import resolve
from orchestrator.model.parameters import bind

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from orchestrator.cloud.calls import Calls
    from orchestrator.journal.replay import Replay
    from orchestrator.model.actions import Action, Call, Check, Cloud
    from orchestrator.model.chance import Chance
    from orchestrator.model.clock import Clock
    from orchestrator.model.values import Json

NOT_OURS_TO_HANDLE = (NotSimulated, UndeclaredOperation)
"""Errors that end the run instead of the step: nothing could be concluded from going on."""


class StepFailed(Exception):
    """The item ends `failed`, for this reason."""


class Desk(Protocol):
    """What an attempt needs of the runner."""

    execution: str
    clock: Clock
    chance: Chance
    calls: Calls
    catalogue: Mapping[str, type[Action[Any]]]
    scope: Mapping[str, Json]
    hands: Callable[[Collection[Call]], Cloud]
    proof: type[Check[Any]] | None
    """The check that a Region serves (law 3); its parameters take `region`."""

    @property
    def record(self) -> Replay:
        """The fold so far."""

    def emit(self, payload: ev.Payload) -> None:
        """Queue an event for the next commit."""

    def durable(self) -> Awaitable[None]:
        """Until everything emitted so far is committed."""

    def answers(self, key: str) -> asyncio.Event:
        """Set once another answer to the gate `key` is journalled; the record holds it."""

    def hurry(self) -> asyncio.Event:
        """Set once the run has switched to unplanned: holds end at once."""


@dataclass(frozen=True, slots=True)
class Bound:
    """An action with its parameters, ready to be called."""

    action: Any
    params: Any

    @classmethod
    def of(cls, desk: Desk, name: str, params: Mapping[str, Json], scope: Mapping[str, Json]) -> Bound:
        """The action of this name, with hands that can do no more than it declares for these parameters.

        Raises:
            ExpressionError: an expression has no value in `scope`.
            BadParameters: they do not fit the action.
        """
        kind = desk.catalogue[name]
        bound: Any = bind(kind.Params, resolve(params, scope) if params else {})
        return cls(kind(desk.hands(kind.calls(bound))), bound)


async def asked(calls: Calls, check: Check[Any], params: Any) -> Finding:
    """Probe once. A failed read is an answer of its own: unknown.

    Raises:
        NotSimulated, UndeclaredOperation: nothing can be concluded from these.
    """
    try:
        finding = await calls.run(lambda: check.probe(params))
    except NOT_OURS_TO_HANDLE:
        raise
    except FailoverError as why:
        return Finding(Reading.UNKNOWN, str(why))
    except Exception as why:  # noqa: BLE001 - checks are anybody's code: a fault in one has shown nothing
        return Finding(Reading.UNKNOWN, f"fault in {check.name}: {type(why).__name__}: {why}")
    return finding


def sample_of(name: str, key: str, finding: Finding) -> ev.Sample:
    """What a probe saw, for the journal."""
    values = {"reading": finding.reading.value, "what": finding.what, "evidence": dict(finding.evidence)}
    return ev.Sample(name, values, step=key)
