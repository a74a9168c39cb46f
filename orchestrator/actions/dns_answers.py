"""What a name answers with, as its callers would hear it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from orchestrator.model.actions import Call, Check, Expected, Finding, Provenance, Reading
from orchestrator.model.parameters import Doc

if TYPE_CHECKING:
    from orchestrator.model.values import Json


@dataclass(frozen=True)
class AnswersParams:
    """Parameters of `dns.answers`."""

    name: Annotated[str, Doc("the name that is asked for")]
    target: Annotated[str, Doc("what it must answer with: the destination's entry")]


class Answers(Check[AnswersParams]):
    """A name answers with a target, three times in a row: the authoritative servers change their minds one by one.

    Observed by asking, which is data plane; what resolvers of other people have kept is theirs for one TTL more.

    Source: Route 53 Developer Guide, failover records; AWS Fault Isolation Boundaries (Route 53's data plane).
    """

    name = "dns.answers"
    summary = "a name answers with a target, as seen by asking for it"
    Params = AnswersParams
    deadline_s: ClassVar[float | None] = 300.0
    interval_s = 10.0
    in_a_row = 3
    expected = Expected(20.0, Provenance.ASSUMED)

    @classmethod
    def calls(cls, params: AnswersParams) -> tuple[Call, ...]:  # noqa: ARG003
        """A DNS query."""
        return (Call("dns", "Resolve", ""),)

    def probe(self, params: AnswersParams) -> Finding:
        """Ask once."""
        found: list[Json] = list(self.cloud.resolve(params.name))
        holds = [str(answer).rstrip(".").lower() for answer in found] == [params.target.rstrip(".").lower()]
        words = ", ".join(found) or "nothing"
        return Finding(
            Reading.HOLDS if holds else Reading.PENDING, f"{params.name} answers with {words}", {"answers": found}
        )
