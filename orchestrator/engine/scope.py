"""What runbook expressions see: parameters, both environments, what is neither's, and the execution itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orchestrator.journal.record import StepRecord
    from orchestrator.journal.replay import Replay
    from orchestrator.model.inventory import Inventory
    from orchestrator.model.plan import PlannedStep
    from orchestrator.model.runbook import Runbook
    from orchestrator.model.values import Json


def base_scope(
    runbook: Runbook, inventory: Inventory, arguments: Mapping[str, Json], *, execution: Mapping[str, str]
) -> dict[str, Json]:
    """The scope of a run before any step: `arguments` override the parameters' defaults.

    `execution` holds `id`, `mode`, `lost`, `incident` and `reason`.
    Environment parameters (`from`, `to`) are given as a role (`primary`, `standby`) and seen as that environment.
    """
    exists = inventory.model_dump(by_alias=True)
    places = {role: exists[role] for role in ("global", "primary", "standby")}
    scope: dict[str, Json] = {"execution": {**execution, "runbook": runbook.id}, **places}
    for name, parameter in runbook.parameters.items():
        value = arguments.get(name, parameter.default)
        scope[name] = places[value] if parameter.type == "environment" else value
    return scope


def scope_of(scope: Mapping[str, Json], record: Replay, step: PlannedStep) -> Mapping[str, Json]:
    """What one item's expressions see now. Results of other steps are gathered only where they are read."""
    if _reads_steps(step.params) or "steps" in step.when or (step.guard and _reads_steps(step.guard.params)):
        return with_steps(scope, record, step.item)
    execution = {**scope["execution"], "mode": record.mode}
    return {**scope, "execution": execution, "item": step.item}


def with_steps(scope: Mapping[str, Json], record: Replay, item: Json) -> dict[str, Json]:
    """The scope of one item: what earlier steps found, and the member of `for_each` that it is for."""
    series: dict[str, list[StepRecord]] = {}
    for step in record.steps.values():
        series.setdefault(step.planned.step, []).append(step)
    steps = {name: _seen(items) for name, items in series.items()}
    execution = {**scope["execution"], "mode": record.mode}
    return {**scope, "execution": execution, "steps": steps, "item": item}


def _reads_steps(value: Json) -> bool:
    if isinstance(value, str):
        return "${" in value and "steps" in value
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return any(_reads_steps(each) for each in members)


def _seen(items: list[StepRecord]) -> Json:
    """A step's results; those of a `for_each` are lists, one entry an item, and its state is the last item's."""
    last = items[-1]
    if last.planned.index is None:
        return {"state": last.state.value, "output": last.output, "before": last.before, "after": last.after}
    return {
        "state": last.state.value,
        "output": [item.output for item in items],
        "before": [item.before for item in items],
        "after": [item.after for item in items],
    }
