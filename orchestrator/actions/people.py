"""People decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from orchestrator.model.actions import Expected, Gate, Provenance, Question
from orchestrator.model.parameters import Doc


@dataclass(frozen=True)
class ApproveParams:
    """Parameters of `people.approve`."""

    question: Annotated[str, Doc("what is asked, with the facts in it")]
    approvers: Annotated[tuple[str, ...], Doc("who may answer: duties of the roster")]
    yeses: Annotated[int, Doc("how many different people must say yes")] = 1


class Approve(Gate[ApproveParams]):
    """A yes or a no, journalled with who and when. Silence is decided by the step's `on_silence`."""

    name = "people.approve"
    summary = "wait for a person's yes or no"
    Params = ApproveParams
    expected = Expected(60.0, Provenance.ASSUMED)

    def question(self, params: ApproveParams) -> Question:
        """As written."""
        return Question(params.question, params.approvers, params.yeses)
