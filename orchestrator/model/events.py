"""The journal's vocabulary: one frozen payload class per event type, and the envelope that the chain hashes.

An event says what happened, never what will. Times are in the envelope (`at`, RFC 3339 UTC); a payload names a step by
its item key (`shift[0]`, `declare`).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, get_args

from orchestrator.model.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.model.values import Json


class ExecutionCreated(Frozen):
    """Everything that the run stands on, frozen: digests, parameters, and the plan as it was when the run began."""

    type: ClassVar[str] = "execution.created"
    runbook: str
    title: str
    mode: str
    clock: str
    simulated: str
    """What is simulated, in a sentence; empty on a real cloud."""
    seed: int | None
    runbook_sha256: str
    inventory_sha256: str
    plan_sha256: str
    source: str
    """The runbook's text."""
    environments: Mapping[str, str]
    """`from` and `to`: role and Region, e.g. {"from": "primary us-east-1"}."""
    parameters: Mapping[str, Json]
    objectives: Mapping[str, Json]
    """`rto_s`, `rpo_s`, `lost_calls`: declared before the run."""
    plan: tuple[Json, ...]
    """`PlannedStep.record()` of each item, in topological order."""
    verification: tuple[Json, ...]
    """The same for `recovered_when`."""
    reason: str = ""
    incident: str = ""
    lost: str = ""
    scenario: str = ""
    scenario_sha256: str = ""
    break_glass: str = ""
    """Who began it so that one person's yes, anybody's, is enough at every gate; empty if nobody did."""
    file: str = ""
    """Where the runbook was read; empty where runs are repeatable, for it would differ from machine to machine."""
    served_by: str = ""
    """Which served cloud it is: scenario, seed, and when that began; empty where the cloud is not a served one."""


class ExecutionMode(Frozen):
    """The run went from planned to unplanned (never back)."""

    type: ClassVar[str] = "execution.mode"
    mode: str
    reason: str


class ExecutionMoved(Frozen):
    """The execution's state changed."""

    type: ClassVar[str] = "execution.state"
    state: str
    reason: str = ""


class StepStarted(Frozen):
    """A runner took the step up; again after a resume or a retry by hand (`attempt` counts on)."""

    type: ClassVar[str] = "step.started"
    step: str
    attempt: int = 1


class StepBefore(Frozen):
    """The value observed before any write. The first of a subject stands, for undo."""

    type: ClassVar[str] = "step.before"
    step: str
    subject: str
    value: Json


class StepIntended(Frozen):
    """Durable before the write: what is about to be written (Setting) or sent under which token (Effect)."""

    type: ClassVar[str] = "step.intended"
    step: str
    subject: str
    target: Json = None
    token: str = ""


class StepWritten(Frozen):
    """The service accepted a write: part `part` of `parts` (counted from 1), or the Effect's receipt."""

    type: ClassVar[str] = "step.written"
    step: str
    part: int = 1
    parts: int = 1
    receipt: Json = None


class StepAttemptFailed(Frozen):
    """One attempt ended in an error. `retry_in_s` is None where no further attempt follows by itself."""

    type: ClassVar[str] = "step.attempt_failed"
    step: str
    attempt: int
    error: str
    code: str
    retry_in_s: float | None = None
    part: str = ""
    unsent: bool = False
    """Whether an Effect was surely not sent by it, so that it may be sent again."""


class StepSettled(Frozen):
    """The step came to rest in `state`; `holding` when its hold and guard follow."""

    type: ClassVar[str] = "step.settled"
    step: str
    state: str
    reason: str = ""
    after: Json = None
    output: Json = None


class StepSkipped(Frozen):
    """The step will not be done, and why; `by` is who asked for that, empty if the plan or the mode did."""

    type: ClassVar[str] = "step.skipped"
    step: str
    reason: str
    by: str = ""


class GateOpened(Frozen):
    """A question stands open until `deadline` (RFC 3339)."""

    type: ClassVar[str] = "gate.opened"
    step: str
    question: str
    approvers: tuple[str, ...]
    deadline: str
    on_silence: str


class GateEscalated(Frozen):
    """`to` is told: nobody answered in time, or, as `reason` says, somebody went on without them."""

    type: ClassVar[str] = "gate.escalated"
    step: str
    to: str
    reason: str = ""


class GateAnswered(Frozen):
    """`answer` is `approved`, `rejected` or `silence`. With `break_glass` a yes is enough, whoever gave it."""

    type: ClassVar[str] = "gate.answered"
    step: str
    answer: str
    by: str
    reason: str = ""
    break_glass: bool = False


class RequestAccepted(Frozen):
    """Somebody else's wish, carried out by this runner."""

    type: ClassVar[str] = "request.accepted"
    request: str
    by: str
    verb: str
    step: str = ""
    reason: str = ""
    account: str = ""
    """The account that asked, where `by` is another name."""


class RequestRefused(Frozen):
    """Somebody else's wish, not carried out; `rule` says why."""

    type: ClassVar[str] = "request.refused"
    request: str
    by: str
    verb: str
    rule: str
    step: str = ""
    reason: str = ""
    account: str = ""
    """As of `RequestAccepted`."""


class UndoIntended(Frozen):
    """An undo is about to write `target`, the earliest value that the run found at `subject`."""

    type: ClassVar[str] = "undo.intended"
    step: str
    subject: str
    target: Json


class UndoWritten(Frozen):
    """The service accepted all that returns the subject."""

    type: ClassVar[str] = "undo.written"
    step: str
    subject: str


class UndoSettled(Frozen):
    """The subject was seen at its earliest value again."""

    type: ClassVar[str] = "undo.settled"
    step: str
    subject: str
    state: str
    after: Json = None


class Sample(Frozen):
    """What was measured. `modelled` marks figures that a simulation made up by rule (callers), not observed."""

    type: ClassVar[str] = "sample"
    name: str
    values: Mapping[str, Json]
    step: str = ""
    modelled: bool = False


class FaultHit(Frozen):
    """An injected fault was felt. `count` is cumulative for this fault and victim."""

    type: ClassVar[str] = "fault.hit"
    fault: str
    victim: str
    count: int = 1


class LeaseTaken(Frozen):
    """A runner became the one that appends. `epoch` grows by one each time."""

    type: ClassVar[str] = "lease.taken"
    holder: str
    epoch: int


class LeaseReleased(Frozen):
    """The runner let go."""

    type: ClassVar[str] = "lease.released"
    epoch: int


class Healed(Frozen):
    """A torn tail was cut off, knowingly."""

    type: ClassVar[str] = "healed"
    lost: str
    reason: str


Payload = (
    ExecutionCreated
    | ExecutionMode
    | ExecutionMoved
    | StepStarted
    | StepBefore
    | StepIntended
    | StepWritten
    | StepAttemptFailed
    | StepSettled
    | StepSkipped
    | GateOpened
    | GateEscalated
    | GateAnswered
    | RequestAccepted
    | RequestRefused
    | UndoIntended
    | UndoWritten
    | UndoSettled
    | Sample
    | FaultHit
    | LeaseTaken
    | LeaseReleased
    | Healed
)

PAYLOADS: Mapping[str, type[Payload]] = MappingProxyType({cls.type: cls for cls in get_args(Payload)})
"""From an event's type to its payload class."""


class Event(Frozen):
    """One line of the journal. `hash` covers everything else by RFC 8785 and SHA-256; `prev` is the one before's."""

    seq: int
    execution: str
    at: str
    actor: str
    payload: Payload
    prev: str = ""
    hash: str = ""

    @property
    def type(self) -> str:
        """The payload's type, as spelt in the journal."""
        return self.payload.type


def payload_of(type_name: str, data: Mapping[str, Json]) -> Payload:
    """The payload that `data` describes.

    Raises:
        KeyError: the type is not in the vocabulary.
        TypeError: the data does not fit the type.
    """
    return PAYLOADS[type_name](**data)
