"""One question to what exists, and what differs from its expected answer.

Laws: a look only reads, and only by the operations that it declares; what exists is compared by value, member by
member; what was not answered is no difference (`survey.asked` tells it apart).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from orchestrator.model.actions import Call, Cloud
from orchestrator.model.errors import NotFound, ServiceTrouble
from orchestrator.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
Facts: TypeAlias = Mapping[str, Json]
"""Path in the inventory → what is so: a value, a mapping of members, or None for what is not there."""

AGAIN = "`pulumi up` puts it back; if the change was meant, `failover inventory pull`"
"""The remedy of most differences: the stacks own what the inventory names."""

AMOUNT: Final = "capacity"
"""Paths below it are amounts, compared as ratios."""
UNSET: Final = "no limit of its own"
"""An amount that is not set for itself (a queue then has the instance's limit): no ratio tells how that compares."""
CONTENT: Final = "content"
"""The last part of the path under which a flow's text is kept."""


@dataclass(frozen=True, slots=True)
class Look:
    """One question. `about` is the path that its answer belongs to, `expected` what the inventory says of it."""

    about: str
    calls: tuple[Call, ...]
    read: Callable[[Cloud], Facts]
    expected: Facts = field(default_factory=dict)
    remedy: str = AGAIN
    only_measures: bool = False
    """Whether it reads amounts that a simulation may not know: these are then named, and nothing is held against it."""

    @property
    def region(self) -> str:
        """Where it is asked."""
        return self.calls[0].region


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not as the inventory says. None on either side is "not there"."""

    what: str
    snapshot: Json
    observed: Json
    remedy: str


def differences(look: Look, observed: Facts) -> Iterator[Difference]:
    """What an answer does not have in common with what was expected, in order of path."""
    for path in sorted({*look.expected, *observed}):
        for what, wanted, found in unlike(path, look.expected.get(path), observed.get(path)):
            yield Difference(what, wanted, found, look.remedy)


def unlike(path: str, one: Json, other: Json) -> Iterator[tuple[str, Json, Json]]:
    """Where two values differ: members of mappings one by one, all else whole; a missing mapping is one difference."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted({*one, *other}):
            yield from unlike(f"{path}.{key}", one.get(key), other.get(key))
    elif one != other:
        yield path, one, other


def listed(client: Any, operation: str, key: str, **asked: Any) -> Iterator[dict[str, Any]]:
    """The members of list `key`, over all pages; each page is a call of its own through the door."""
    for page in client.get_paginator(operation).paginate(**asked):
        yield from page.get(key) or ()


def if_there(ask: Callable[[], T]) -> T | None:
    """The answer, or None where the service says that there is no such thing."""
    try:
        return ask()
    except NotFound:
        return None


def told(found: Mapping[str, Any], member: str, call: Call) -> Any:
    """A member that the answer to `call` must have.

    Raises:
        ServiceTrouble: it is absent, and nothing is concluded from that.
    """
    value = found.get(member)
    if value is None:
        raise ServiceTrouble(
            f"{call.service}:{call.operation} in {call.region} answered without {member}",
            service=call.service, operation=call.operation, region=call.region, code="IncompleteAnswer",
        )  # fmt: skip
    return value


def tail(arn: str) -> str:
    """What an ARN ends in: a resource's id or name."""
    return arn.rpartition("/")[2].rpartition(":")[2]
