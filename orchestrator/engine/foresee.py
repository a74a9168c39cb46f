"""What a run would change: before → after per subject, by reading now. The same observe and target that a run uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestrator.engine.claims import reads_results
from orchestrator.model.actions import Setting
from orchestrator.model.errors import FailoverError, NotSimulated, UndeclaredOperation
from orchestrator.model.expressions import resolve
from orchestrator.model.parameters import bind
from orchestrator.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from orchestrator.cloud.calls import Calls
    from orchestrator.engine.plan import Plan
    from orchestrator.model.actions import Action, Call, Cloud
    from orchestrator.model.plan import PlannedStep


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What one item would do to its subject. `unknown` says why nothing can be foretold, else it is empty."""

    key: str
    subject: str
    before: Json = None
    after: Json = None
    unknown: str = ""

    @property
    def changes(self) -> bool:
        """Whether something would be written."""
        return not self.unknown and self.before != self.after


async def foresee(
    plan: Plan,
    *,
    calls: Calls,
    catalogue: Mapping[str, type[Action[Any]]],
    hands: Callable[[Collection[Call]], Cloud],
) -> tuple[Foreseen, ...]:
    """Each setting in order; a later item of a subject starts from what the earlier one leaves."""
    left: dict[str, Foreseen] = {}
    found: list[Foreseen] = []
    for step in plan.steps:
        if not issubclass(catalogue[step.action], Setting) or plan.not_done(step):
            continue
        one = await _one(plan, step, left, calls, catalogue, hands)
        if one.subject:
            left[one.subject] = one
        found.append(one)
    return tuple(found)


async def _one(
    plan: Plan,
    step: PlannedStep,
    left: Mapping[str, Foreseen],
    calls: Calls,
    catalogue: Mapping[str, type[Action[Any]]],
    hands: Callable[[Collection[Call]], Cloud],
) -> Foreseen:
    if reads_results(step.params):
        return Foreseen(step.key, "", unknown="its parameters are known at run time only")
    kind = catalogue[step.action]
    params: Any = bind(kind.Params, resolve(step.params, {**plan.scope, "item": step.item}))
    action: Any = kind(hands(kind.calls(params)))
    earlier = left.get(step.subject)
    if earlier is not None and earlier.unknown:
        return Foreseen(step.key, step.subject, unknown=earlier.unknown)
    try:
        before = earlier.after if earlier else await calls.run(lambda: action.observe(params))
        after = action.target(params, before)
    except (NotSimulated, UndeclaredOperation):
        raise
    except FailoverError as why:
        return Foreseen(step.key, step.subject, unknown=str(why))
    return Foreseen(step.key, step.subject, before, before if action.settled(params, after, before) else after)
