"""What an item lays claim to: its subject, the AWS operations it may call, and how long it should take.

Pure, and known as far as parameters are known at planning: what reads results of earlier steps is *late*. The actions
themselves say what they need (`calls`), so that endpoints and `--lost` are known before anything runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestrator.engine.items import path_of
from orchestrator.model.actions import Expected, Provenance, Setting
from orchestrator.model.expressions import ExpressionError, holds, names, resolve, steps_used
from orchestrator.model.parameters import BadParameters, bind
from orchestrator.model.states import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.engine.faults import Faults
    from orchestrator.model.actions import Action, Call
    from orchestrator.model.plan import PlannedStep
    from orchestrator.model.values import Json


def reads_results(value: Json) -> bool:
    """Whether any string in a value, however deep, reads what earlier steps found."""
    if isinstance(value, str):
        return bool(steps_used(value))
    members = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return any(map(reads_results, members))


def expected_of(samples_s: list[float]) -> Expected:
    """The median of measured durations."""
    ordered = sorted(samples_s)
    middle = ordered[len(ordered) // 2]
    return Expected(middle, Provenance.MEASURED, f"n={len(ordered)}")


class Claims:
    """Those of all items completed so far, by item key."""

    def __init__(
        self,
        scope: Mapping[str, Json],
        mode: Mode,
        catalogue: Mapping[str, type[Action[Json]]],
        faults: Faults,
        *,
        measured: Callable[[str], Expected | None],
        proof: type[Action[Json]] | None,
    ) -> None:
        self.scope, self.mode, self.catalogue, self.faults = scope, mode, catalogue, faults
        self.measured, self.proof = measured, proof
        self.calls: dict[str, tuple[Call, ...]] = {}
        self.returns: dict[str, tuple[Call, ...]] = {}
        self.late: set[str] = set()
        """Items that may call what is not told here, because their own parameters are late, or their guard's."""

    def completed(self, step: PlannedStep) -> PlannedStep:
        """The item with its subject and expected duration, its calls taken down; unchanged where it is at fault."""
        action = self.catalogue.get(step.action)
        self.calls[step.key] = ()
        if action is None or step.skip:
            return step
        try:
            step = step.but(title=str(resolve(step.title, {**self.scope, "item": step.item})))
            if self._surely_not(step):
                return step.but(skip=f"when {step.when} is false")
            params = self._bound(step, action, step.params)
        except (ExpressionError, BadParameters) as why:
            self.faults.unfit(path_of(step), step.action, why)
            return step
        step = self._timed(step, action, params).but(one_way=action.one_way)
        if params is None:
            self.late.add(step.key)
            return step
        self.calls[step.key] = action.calls(params) + self._guard_calls(step)
        self.returns[step.key] = self._return_calls(step, action, params)
        if issubclass(action, Setting):
            # Subjects are pure functions of parameters: asking for one needs no cloud.
            step = step.but(subject=action(_NO_CLOUD).subject(params))
        return step

    def _surely_not(self, step: PlannedStep) -> bool:
        """Whether its `when` is false, and stays so: nothing that it reads can change during the run."""
        if not step.when:
            return False
        read = names(step.when)
        may_change = "steps" in read or ("execution" in read and self.mode is not Mode.UNPLANNED)
        return not may_change and not holds(step.when, {**self.scope, "item": step.item})

    def _timed(self, step: PlannedStep, action: type[Action[Json]], params: Json) -> PlannedStep:
        """What was measured is believed before what the action says."""
        expected = self.measured(step.step) or (action.expect(params) if params is not None else action.expected)
        step = step.but(expected_s=expected.seconds, provenance=expected.provenance)
        guarding = self.catalogue.get(step.guard.action) if step.guard else None
        if step.guard is not None and guarding is not None:
            step = step.but(guard=step.guard.but(expected_s=guarding.expected.seconds))
        return step

    def _bound(self, step: PlannedStep, action: type[Action[Json]], params: Mapping[str, Json]) -> Json:
        """The parameters as the action takes them, or None where they read results of earlier steps."""
        if reads_results(params):
            return None
        return bind(action.Params, resolve(params, {**self.scope, "item": step.item, "steps": {}}))

    def _guard_calls(self, step: PlannedStep) -> tuple[Call, ...]:
        guard = step.guard
        action = self.catalogue.get(guard.action) if guard else None
        if guard is None or action is None or step.last:
            return ()  # no guard follows the last item
        try:
            params = self._bound(step, action, guard.params)
        except (ExpressionError, BadParameters) as why:
            self.faults.unfit((*path_of(step), "guard"), guard.action, why)
            return ()
        if params is None:
            self.late.add(step.key)
            return ()
        return action.calls(params)

    def _return_calls(self, step: PlannedStep, action: type[Action[Json]], params: Json) -> tuple[Call, ...]:
        """A guard that fails on a good day writes the series' first value back, once the Region there is proven."""
        if self.mode is not Mode.PLANNED or step.guard is None or not issubclass(action, Setting):
            return ()
        regions_of = {str(self.scope[side]["region"]) for side in ("primary", "standby") if side in self.scope}
        needed = [call for region in sorted(regions_of) for call in action.return_calls(params, region)]
        if self.proof is not None:
            needed += [call for region in sorted(regions_of) for call in _proof_calls(self.proof, region)]
        return tuple(dict.fromkeys(needed))


def _proof_calls(proof: type[Action[Json]], region: str) -> tuple[Call, ...]:
    return proof.calls(bind(proof.Params, {"region": region}))


class _NoCloud:
    """Stands where a subject is computed; touching it is a fault of the action."""

    def __getattr__(self, name: str) -> Json:
        raise AssertionError(f"subject() must not use the cloud, but asked for {name}")


_NO_CLOUD: Json = _NoCloud()
