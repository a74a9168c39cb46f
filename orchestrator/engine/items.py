"""From a runbook's steps and conditions to items: `for_each` expanded, needs turned into item keys, limits kept.

Pure. An item is one `PlannedStep`; its subject, calls and duration are not known here (`claims.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.model.actions import Kind
from orchestrator.model.durations import parse_duration
from orchestrator.model.expressions import ExpressionError, resolve, steps_used
from orchestrator.model.plan import Guard, PlannedStep, Retry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orchestrator.engine.faults import Faults, Path
    from orchestrator.model.actions import Action
    from orchestrator.model.runbook import Condition, Runbook, Step
    from orchestrator.model.values import Json

VERIFICATION_PREFIX = "recovered_when."
DEADLINE_S = 300.0
ITEM_LIMIT = 100_000


def path_of(item: PlannedStep) -> Path:
    """Where an item stands in the document."""
    if item.key.startswith(VERIFICATION_PREFIX):
        return ("recovered_when", item.key.removeprefix(VERIFICATION_PREFIX))
    return ("steps", item.step)


class Items:
    """The expansion of one runbook in one scope."""

    def __init__(
        self, runbook: Runbook, scope: Mapping[str, Json], catalogue: Mapping[str, type[Action[Json]]], faults: Faults
    ) -> None:
        self.runbook, self.scope, self.catalogue, self.faults = runbook, scope, catalogue, faults

    def of_steps(self) -> list[PlannedStep]:
        """The items of all steps, in the order written; none if they are too many."""
        members = {name: self._members(name, step) for name, step in self.runbook.steps.items()}
        ends = {name: self._ends(name, members[name]) for name in self.runbook.steps}
        found: list[PlannedStep] = []
        for name, step in self.runbook.steps.items():
            needs = tuple(key for need in step.needs for key in ends.get(need, ()))
            found += self._expand(name, step, members[name], needs)
        if len(found) > ITEM_LIMIT:
            self.faults.add((), "PL03", f"{len(found)} items", f"stay under {ITEM_LIMIT}")
            return []
        return found

    def of_conditions(self) -> list[PlannedStep]:
        """An item for each entry of `recovered_when`."""
        return [self._condition(name, each) for name, each in self.runbook.recovered_when.items()]

    def _members(self, name: str, step: Step) -> list[Json] | None:
        if step.for_each is None:
            return None
        path = ("steps", name, "for_each")
        if isinstance(step.for_each, str) and steps_used(step.for_each):
            self.faults.add(
                path, "PL04", "for_each reads steps' results", "items are planned before the run: use the inventory"
            )
            return []
        members = self._resolved(step.for_each, path)
        if not isinstance(members, list):
            self.faults.add(path, "PL05", f"for_each gives {members!r}", "give a list")
            return []
        return members

    def _ends(self, name: str, members: list[Json] | None) -> tuple[str, ...]:
        """The items of a step that its dependents wait for."""
        if not members:
            return (name,)
        keys = tuple(f"{name}[{index}]" for index in range(len(members)))
        return keys[-1:] if self.runbook.steps[name].in_order else keys

    def _expand(
        self, name: str, step: Step, members: list[Json] | None, needs: tuple[str, ...]
    ) -> Iterator[PlannedStep]:
        whole = self._whole(name, step, needs)
        if members is None:
            yield whole
        elif not members:
            yield whole.but(skip="for_each is empty: nothing to do")
        else:
            for index, item in enumerate(members):
                before = (f"{name}[{index - 1}]",) if step.in_order and index else ()
                last = index == len(members) - 1
                yield whole.but(
                    key=f"{name}[{index}]", index=index, item=item, needs=before or needs,
                    series=step.in_order, last=last or not step.in_order, hold_s=self._hold_s(name, step, item),
                )  # fmt: skip

    def _whole(self, name: str, step: Step, needs: tuple[str, ...]) -> PlannedStep:
        """The step as one item, before its `for_each`."""
        path = ("steps", name)
        action = self.catalogue.get(step.action)
        if action is None:
            self.faults.unknown_action((*path, "action"), step.action)
        guard = Guard(step.guard.action, step.guard.with_, step.guard.deadline) if step.guard else None
        kind = action.kind if action else Kind.CHECK
        return PlannedStep(
            key=name, step=name, title=step.title or _titled(name), action=step.action,
            kind=kind, params=step.with_, needs=needs, when=step.when or "", only=step.only or "",
            at_once=step.at_once, critical=step.critical or kind is Kind.GATE,  # a no is never passed over
            on_failure=_on_failure(step, action), on_silence=step.on_silence,
            deadline_s=_first(step.deadline, action.deadline_s if action else None, DEADLINE_S),
            guard=guard,
            retry=Retry(step.retry.attempts, step.retry.wait, step.retry.max_wait),
            line=self.faults.line_of(path),
        )  # fmt: skip

    def _condition(self, name: str, each: Condition) -> PlannedStep:
        path = ("recovered_when", name)
        if each.action not in self.catalogue:
            self.faults.unknown_action(path, each.action)
        return PlannedStep(
            key=VERIFICATION_PREFIX + name, step=VERIFICATION_PREFIX + name, title=each.title or _titled(name),
            action=each.action, kind=Kind.CHECK, params=each.with_, when=each.when or "", deadline_s=each.deadline,
            line=self.faults.line_of(path),
        )  # fmt: skip

    def _hold_s(self, name: str, step: Step, item: Json) -> float:
        if step.hold is None:
            return 0.0
        path = ("steps", name, "hold")
        value = self._resolved(step.hold, path, item)
        try:
            return float(value) if isinstance(value, int | float) else float(parse_duration(str(value)))
        except ValueError as why:
            self.faults.add(path, "PL10", str(why), "write a duration")
            return 0.0

    def _resolved(self, value: Json, path: Path, item: Json = None) -> Json:
        try:
            return resolve(value, {**self.scope, "item": item})
        except ExpressionError as why:
            self.faults.unresolved(path, why)
            return []


def _on_failure(step: Step, action: type[Action[Json]] | None) -> str:
    """A gate that said no ends the run, unless its author says otherwise: there is nothing to mend."""
    says_no = action is not None and action.kind is Kind.GATE and "on_failure" not in step.model_fields_set
    return "stop" if says_no else step.on_failure


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def _titled(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").capitalize()
