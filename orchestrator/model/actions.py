"""The four kinds of action. An author writes what is below; waiting, retrying, pacing and recording are the engine's.

Setting: look, write, look.  Check: probe until it holds.  Effect: at most once.  Gate: a person decides.

All methods are plain synchronous code on clients taken from `Cloud`. They raise errors of `model.errors` (the door
sorts AWS's own), and a failed read is raised, never returned as a value: unknown is never "not yet".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from orchestrator.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from orchestrator.model.errors import CloudError
    from orchestrator.model.sealing import Vault

P = TypeVar("P")


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """One AWS operation that an action may call. `service` as boto3 spells it; `region` is the client's Region.

    From these come endpoints, `--lost`, IAM policies and the door's refusals. `service="dns"` is a DNS query
    (operation `Resolve`), which needs no AWS endpoint.
    """

    service: str
    operation: str
    region: str
    write: bool = False


class Cloud(Protocol):
    """What an action is handed: clients limited to the operations that it declared, DNS answers, the time."""

    def client(self, service: str, region: str) -> Any:
        """A boto3-shaped client; calling an undeclared operation raises `UndeclaredOperation`."""

    def resolve(self, name: str) -> tuple[str, ...]:
        """The targets that `name` answers with now (final CNAME target or addresses), sorted."""

    def now(self) -> datetime:
        """The present, UTC."""

    @property
    def settings_dir(self) -> Path:
        """Where the stacks' configuration lives (`config/`); a simulated run gets its own copy."""

    @property
    def vault(self) -> Vault:
        """Where personal values are sealed before anybody else sees them (`model.sealing`)."""


class Kind(StrEnum):
    """The four kinds."""

    SETTING = "setting"
    CHECK = "check"
    EFFECT = "effect"
    GATE = "gate"


class Provenance(StrEnum):
    """Where an expected duration comes from."""

    MEASURED = "measured"
    DOCUMENTED = "documented"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Expected:
    """How long an action usually takes, and who says so."""

    seconds: float
    provenance: Provenance
    source: str = ""


class Reading(StrEnum):
    """What a probe says. `unknown` is a read that failed, and never counts as `pending` or `holds`."""

    HOLDS = "holds"
    PENDING = "pending"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """A probe's answer: the reading, one sentence for people, and what was seen."""

    reading: Reading
    what: str
    evidence: Mapping[str, Json] = field(default_factory=dict)


class Action(ABC, Generic[P]):
    """What all kinds share. Instances live for one item of one step and keep no state between calls."""

    name: ClassVar[str]
    """`family.verb_phrase`, the name in runbooks."""
    summary: ClassVar[str]
    """One line for `failover actions`."""
    Params: ClassVar[type]
    """A frozen dataclass; `model.parameters` binds `with:` to it."""
    kind: ClassVar[Kind]
    deadline_s: ClassVar[float | None] = None
    """Default deadline; None makes `deadline:` required in the runbook."""
    interval_s: ClassVar[float] = 5.0
    """Seconds between looks while something is awaited."""
    expected: ClassVar[Expected]
    one_way: ClassVar[str] = ""
    """Why it cannot be taken back, or empty."""
    continuity: ClassVar[str] = ""
    """The continuity model (`model.inventory`) without which it has nothing to act on, or empty: it knows both."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    @classmethod
    @abstractmethod
    def calls(cls, params: P) -> tuple[Call, ...]:
        """Every AWS operation that this action may make with these parameters."""

    @classmethod
    def expect(cls, params: P) -> Expected:  # noqa: ARG003 - bulk settings depend on their size
        """How long it usually takes with these parameters."""
        return cls.expected


class Setting(Action[P]):
    """Desired state of one subject. Values are JSON and compared by equality."""

    kind = Kind.SETTING
    rewrite_s: ClassVar[float | None] = None
    """Write the same target again at this interval while it is awaited (a level that must be kept up), or None."""
    subject_params: ClassVar[tuple[str, ...]] = ()
    """The parameters that `subject` reads, so that lint can compare subjects before values are known; empty: all."""

    @abstractmethod
    def subject(self, params: P) -> str:
        """Resource and attribute, spelt the same by every action that writes it."""

    @abstractmethod
    def observe(self, params: P) -> Json:
        """The value as it is now."""

    @abstractmethod
    def target(self, params: P, before: Json) -> Json:
        """The value wanted, computed from the value just observed. Pure."""

    def parts(self, params: P, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """The writes that lead from `before` to `target`: one by default, one per member for a bulk setting.

        None at all where a change to the target is already under way there (it is awaited, not written again).
        """
        return (target,)

    @abstractmethod
    def write(self, params: P, part: Json) -> None:
        """Carry out one part. Called at most once per part between two observations."""

    def settled(self, params: P, target: Json, now: Json) -> bool:  # noqa: ARG002
        """Whether the observed value satisfies the target."""
        return bool(now == target)

    def still_ours(self, params: P, ours: Json, now: Json) -> bool:
        """Whether `now` can be what became of `ours`, which this run wrote: else somebody has set another value since.

        Asked by an undo. A value that changes by itself (a desktop that nobody uses stops) is still ours.
        """
        return self.settled(params, ours, now)

    def given_up(self, params: P, now: Json) -> CloudError | None:  # noqa: ARG002
        """Why no waiting leads from `now` to a target, or None. Asked of what is seen after the writes."""
        return None

    @classmethod
    def return_calls(cls, params: P, region: str) -> tuple[Call, ...]:  # noqa: ARG003
        """What writing an earlier value back may call if `region` gains callers by it."""
        return cls.calls(params)

    def gains(self, params: P, now: Json, value: Json) -> tuple[str, ...]:  # noqa: ARG002
        """The Regions that callers would be sent to if `value` were restored (law 3: these must be proven to serve)."""
        return ()


class Check(Action[P]):
    """A question about the world that is asked until it holds `in_a_row` times, or the deadline passes."""

    kind = Kind.CHECK
    in_a_row: ClassVar[int] = 1

    @classmethod
    def needed_in_a_row(cls, params: P) -> int:  # noqa: ARG003 - something that must last depends on how long
        """How many looks in a row must hold with these parameters."""
        return cls.in_a_row

    @abstractmethod
    def probe(self, params: P) -> Finding:
        """Ask once."""


class Effect(Action[P]):
    """Something that cannot be unsent. `token` is stable over attempts and resumes."""

    kind = Kind.EFFECT

    @abstractmethod
    def perform(self, params: P, token: str) -> Mapping[str, Json]:
        """Do it once; returns facts for the record (a message id)."""

    @abstractmethod
    def confirm(self, params: P, token: str) -> bool | None:
        """Whether it has happened: True, False, or None where nobody can tell."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a gate asks, of whom, and how many yeses it takes."""

    text: str
    approvers: tuple[str, ...]
    yeses: int = 1


class Gate(Action[P]):
    """A person decides. Calls nothing."""

    kind = Kind.GATE

    @classmethod
    def calls(cls, params: P) -> tuple[Call, ...]:  # noqa: ARG003
        """None: a gate needs no endpoint."""
        return ()

    @abstractmethod
    def question(self, params: P) -> Question:
        """What is asked, and who may answer."""
