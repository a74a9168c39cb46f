"""One tree of errors: each carries facts, the remedy, whether a retry can help, and the exit code that it means.

What a person gets to see is `str(error)` and `error.remedy`, never a traceback.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class ExitCode(IntEnum):
    """What the command line's exit status means, for every command."""

    DONE = 0  # recovered (also with exceptions), undone on request, passed, valid
    FAILED = 1  # recovery unproven at its deadline, drill failed, chain broken, drift found, drills due
    INVALID = 2  # input that cannot be carried out as written
    INCONCLUSIVE = 3  # nothing was shown either way
    STOPPED = 4  # a person, a guard or a safety rule said no, or is being waited for
    OUR_FAULT = 5
    HELD = 6  # somebody else is running it


class FailoverError(Exception):
    """The root. `remedy` is one imperative sentence; `retryable` says whether the same call may succeed later."""

    exit_code: ClassVar[ExitCode] = ExitCode.OUR_FAULT
    retryable: ClassVar[bool] = False

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class Fault(NamedTuple):
    """One thing wrong in a document: where, what, and the remedy. `line` counts from 1; 0 is the whole file."""

    file: str
    line: int
    code: str
    what: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}  {self.code}  {self.what}  {self.remedy}"


class InvalidInput(FailoverError):
    """Input that cannot be carried out as written. `faults` holds every fault found, not the first."""

    exit_code = ExitCode.INVALID

    def __init__(self, what: str, *, remedy: str = "", faults: Iterable[Fault] = ()) -> None:
        super().__init__(what, remedy=remedy)
        self.faults = tuple(faults)


class Refused(FailoverError):
    """A safety rule, a guard or a person said no. `rule` names it."""

    exit_code = ExitCode.STOPPED

    def __init__(self, what: str, *, rule: str, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.rule = rule


class ChainBroken(FailoverError):
    """A journal whose hashes do not fit. `seq` is the first event that fails; `line` its line in an export, else 0."""

    exit_code = ExitCode.FAILED

    def __init__(self, what: str, *, seq: int, line: int = 0) -> None:
        super().__init__(what, remedy="compare with another copy of the journal; do not resume from this one")
        self.seq, self.line = seq, line


class HeldElsewhere(FailoverError):
    """Another runner holds the execution, or appended to its journal first."""

    exit_code = ExitCode.HELD

    def __init__(self, execution: str, holder: str) -> None:
        super().__init__(f"execution {execution} is run by {holder}", remedy="watch it, or leave it a request")
        self.execution, self.holder = execution, holder


class NotSimulated(FailoverError):
    """The simulated cloud has no rules for this operation: nothing can be concluded from the run."""

    exit_code = ExitCode.INCONCLUSIVE

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            f"{service}:{operation} is not simulated", remedy="add it to the simulator, with its rules, or leave it out"
        )
        self.service, self.operation = service, operation


class CloudError(FailoverError):
    """An AWS call that did not succeed, sorted. `sent` is False only when the request surely had no effect."""

    exit_code = ExitCode.FAILED

    def __init__(self, what: str, *, service: str, operation: str, region: str, code: str, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.service, self.operation, self.region, self.code = service, operation, region, code

    @property
    def sent(self) -> bool:
        """Whether the request may have had an effect."""
        return False


class RegionUnreachable(CloudError):
    """No connection: nothing was sent."""

    retryable = True


class OutcomeUnknown(CloudError):
    """The request went out and no answer came: it may have taken effect."""

    retryable = True

    @property
    def sent(self) -> bool:
        """Always: only a look can tell."""
        return True


class Throttled(CloudError):
    """The service refused for its rate limit; the request had no effect."""

    retryable = True


class ServiceTrouble(CloudError):
    """A 5xx: the service is unwell. Whether the request took effect is unknown."""

    retryable = True

    @property
    def sent(self) -> bool:
        """A 5xx may follow a write that landed."""
        return True


class Conflict(CloudError):
    """Another change is in progress on the same resource; a later try may succeed."""

    retryable = True


class LeaseLapsed(CloudError):
    """This process stood still for longer than its lease: somebody else may be at work. Nothing was sent."""

    retryable = True

    def __init__(self, execution: str) -> None:
        what = f"the lease of {execution} has lapsed while this process stood still: nothing was sent"
        super().__init__(what, service="", operation="", region="", code="LeaseLapsed")


class NotFound(CloudError):
    """The resource does not exist there."""


class AccessDenied(CloudError):
    """The role may not do it, or its credentials have lapsed."""


class Overtaken(CloudError):
    """A conditional write lost: somebody newer has written. Never retried blindly."""


class Rejected(CloudError):
    """The service refuses this request and always will."""


class PartlyRefused(Rejected):
    """One request for many members: some were refused, the others were not. `members`: who, and why in a sentence."""

    def __init__(self, what: str, members: Mapping[str, str], *, service: str, operation: str, region: str) -> None:
        super().__init__(what, service=service, operation=operation, region=region, code="PartlyRefused")
        self.members = dict(members)

    @property
    def sent(self) -> bool:
        """The others took effect."""
        return True


class UndeclaredOperation(FailoverError):
    """An action called what it had not declared; the door refused before anything was sent."""

    def __init__(self, service: str, operation: str, region: str) -> None:
        super().__init__(f"{service}:{operation} in {region} was not declared", remedy="add it to the action's calls()")
        self.service, self.operation, self.region = service, operation, region
