"""People decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from orchestrator.model.actions import Expected, Gate, Provenance, Question
from orchestrator.model.parameters import Doc, Rule


def _somebody(approvers: tuple[str, ...]) -> str:
    return "" if approvers else "names nobody: name at least one duty"


def _reachable(yeses: int, approvers: tuple[str, ...]) -> str:
    most = len(set(approvers)) or 1  # that nobody is named is told apart
    return "" if 1 <= yeses <= most else f"is {yeses}, must be from 1 to {most}, the number of different approvers"


@dataclass(frozen=True)
class ApproveParams:
    """Parameters of `people.approve`."""

    question: Annotated[str, Doc("what is asked, with the facts in it")]
    approvers: Annotated[tuple[str, ...], Doc("who may answer: duties of the roster, at least one")]
    yeses: Annotated[int, Doc("how many different people must say yes: 1 up to the number of approvers")] = 1
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_somebody, "approvers"), Rule(_reachable, "yeses", "approvers"))


class Approve(Gate[ApproveParams]):
    """A yes or a no, journalled with who and when. Silence is decided by the step's `on_silence`.

    Calls nothing in the cloud. A gate that nobody could pass, or that passes by itself, is refused when it is planned.
    """

    name = "people.approve"
    summary = "wait for a person's yes or no"
    Params = ApproveParams
    expected = Expected(60.0, Provenance.ASSUMED)

    def question(self, params: ApproveParams) -> Question:
        """As written."""
        return Question(params.question, params.approvers, params.yeses)
