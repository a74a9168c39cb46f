"""From a runbook to a plan: small ordered transforms over plain data, then one graph for order, loops and length.

The only module that imports networkx. Pure: reads no clock and no cloud. A plan is data (`model/plan.py`); what it
needs of AWS is told by the actions themselves (`calls`), so that endpoints and `--lost` are known before anything runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import networkx as nx

from orchestrator.cloud import regions
from orchestrator.model.actions import Call, Expected, Kind, Provenance, Setting
from orchestrator.model.durations import parse_duration
from orchestrator.model.errors import Fault, InvalidInput
from orchestrator.model.expressions import ExpressionError, resolve, steps_used
from orchestrator.model.parameters import BadParameters, bind
from orchestrator.model.plan import Guard, PlannedStep, Retry
from orchestrator.model.runbook import Runbook
from orchestrator.model.states import Mode
from orchestrator.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orchestrator.model.actions import Action
    from orchestrator.model.runbook import Condition, Step

VERIFICATION_PREFIX = "recovered_when."
DEADLINE_S = 300.0
ITEM_LIMIT = 100_000


@dataclass(frozen=True)
class Plan:
    """A compiled runbook: items in topological order, and the scope that their parameters resolve in."""

    runbook: Runbook
    mode: Mode
    scope: Mapping[str, Json]
    steps: tuple[PlannedStep, ...]
    verification: tuple[PlannedStep, ...]
    calls: Mapping[str, tuple[Call, ...]]
    """Every AWS operation per item, guard included; an item whose parameters are late is in `late`."""
    late: frozenset[str]

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """Items as nodes, needs as edges."""
        return _graph(self.steps)

    @cached_property
    def critical_path(self) -> tuple[str, ...]:
        """The chain of items that takes longest by forecast."""
        lengths = {step.key: _length_s(step) for step in self.steps}
        weighted: nx.DiGraph[str] = nx.DiGraph()
        for step in self.steps:
            weighted.add_edges_from((need, step.key, {"weight": lengths[step.key]}) for need in step.needs)
            if not step.needs:
                weighted.add_edge("", step.key, weight=lengths[step.key])
        return tuple(nx.dag_longest_path(weighted)[1:]) if self.steps else ()

    @property
    def forecast_s(self) -> float:
        """Seconds along the critical path, plus the longest condition of `recovered_when`."""
        by_key = {step.key: step for step in self.steps}
        proof = max((step.expected_s for step in self.verification), default=0.0)
        return sum(_length_s(by_key[key]) for key in self.critical_path) + proof

    @property
    def sha256(self) -> str:
        """A digest of the items, so that a resume can tell whether the plan changed."""
        text = json.dumps([step.record() for step in (*self.steps, *self.verification)], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def not_done(self, step: PlannedStep) -> bool:
        """Whether this item is left out in the plan's mode."""
        return bool(step.skip) or (bool(step.only) and step.only != self.mode)

    def needing(self, lost: str) -> Iterator[tuple[PlannedStep, Call]]:
        """Each item and call that cannot be made with the Region `lost` gone (control-plane homes included)."""
        for step in (*self.steps, *self.verification):
            if not self.not_done(step):
                yield from ((step, call) for call in regions.needs_region(self.calls[step.key], lost))


def compile_plan(
    runbook: Runbook,
    *,
    scope: Mapping[str, Json],
    mode: Mode,
    catalogue: Mapping[str, type[Action[Json]]],
    file: str = "",
    line_of: Callable[[tuple[str, ...]], int] = lambda path: 0,  # noqa: ARG005 - the default knows no lines
    measured: Callable[[str], Expected | None] = lambda step: None,  # noqa: ARG005 - nothing was measured
) -> Plan:
    """Compile.

    Raises:
        InvalidInput: loops (named by their shortest), expressions that do not resolve, parameters that do not bind,
            two unordered steps with one subject; all that were found, with their lines.
    """
    maker = _Maker(runbook, scope, catalogue, file, line_of, measured)
    maker.refuse_loops()
    items = maker.items()
    steps = _topological(items) if not maker.faults else ()
    conditions = tuple(maker.condition(name, each) for name, each in runbook.recovered_when.items())
    steps = tuple(maker.foresee(step) for step in steps)
    conditions = tuple(maker.foresee(step) for step in conditions)
    maker.refuse_shared_subjects(steps)
    if maker.faults:
        raise InvalidInput(f"{runbook.id} cannot be planned", faults=sorted(set(maker.faults)))
    return Plan(runbook, mode, scope, steps, conditions, maker.calls, frozenset(maker.late))


class _Maker:
    """The transforms, gathering faults as they go."""

    def __init__(
        self,
        runbook: Runbook,
        scope: Mapping[str, Json],
        catalogue: Mapping[str, type[Action[Json]]],
        file: str,
        line_of: Callable[[tuple[str, ...]], int],
        measured: Callable[[str], Expected | None],
    ) -> None:
        self.runbook, self.scope, self.catalogue = runbook, scope, catalogue
        self.file, self.line_of, self.measured = file, line_of, measured
        self.faults: list[Fault] = []
        self.calls: dict[str, tuple[Call, ...]] = {}
        self.late: set[str] = set()

    def fault(self, path: tuple[str, ...], code: str, what: str, remedy: str) -> None:
        self.faults.append(Fault(self.file or self.runbook.id, self.line_of(path), code, what, remedy))

    def refuse_loops(self) -> None:
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.runbook.steps)
        for name, step in self.runbook.steps.items():
            for need in step.needs:
                if need in self.runbook.steps:
                    graph.add_edge(need, name)
                else:
                    self.fault(("steps", name, "needs"), "PL01", f'step "{name}" needs "{need}"', "name a step")
        for part in _knots(graph):
            loop = _shortest_loop(graph.subgraph(part))
            start = loop.index(min(loop))
            names = [*loop[start:], *loop[: start + 1]]
            self.fault(("steps", names[0]), "PL02", f"steps need each other: {' → '.join(names)}", "drop one need")

    def items(self) -> list[PlannedStep]:
        """Steps expanded by their `for_each`, needs turned into item keys."""
        members = {name: self._members(name, step) for name, step in self.runbook.steps.items()}
        ends = {name: self._ends(name, members[name]) for name in self.runbook.steps}
        found: list[PlannedStep] = []
        for name, step in self.runbook.steps.items():
            needs = tuple(key for need in step.needs for key in ends.get(need, ()))
            found += self._expand(name, step, members[name], needs)
        if len(found) > ITEM_LIMIT:
            self.fault((), "PL03", f"{len(found)} items", f"stay under {ITEM_LIMIT}")
        return found

    def _members(self, name: str, step: Step) -> list[Json] | None:
        if step.for_each is None:
            return None
        path = ("steps", name, "for_each")
        if isinstance(step.for_each, str) and steps_used(step.for_each):
            self.fault(
                path, "PL04", "for_each reads steps' results", "items are planned before the run: use the inventory"
            )
            return []
        members = self._resolved(step.for_each, path)
        if not isinstance(members, list):
            self.fault(path, "PL05", f"for_each gives {members!r}", "give a list")
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
        whole = self._step(name, step, needs)
        if members is None:
            yield whole
        elif not members:
            yield replace(whole, skip="for_each is empty: nothing to do")
        else:
            for index, item in enumerate(members):
                before = (f"{name}[{index - 1}]",) if step.in_order and index else ()
                last = index == len(members) - 1
                yield replace(
                    whole, key=f"{name}[{index}]", index=index, item=item, needs=before or needs,
                    series=step.in_order, last=last or not step.in_order,
                )  # fmt: skip

    def _step(self, name: str, step: Step, needs: tuple[str, ...]) -> PlannedStep:
        action = self.catalogue.get(step.action)
        if action is None:
            self.fault(("steps", name, "action"), "PL06", f"no action {step.action}", "see `failover actions`")
        guard = Guard(step.guard.action, step.guard.with_, step.guard.deadline) if step.guard else None
        return PlannedStep(
            key=name, step=name, title=step.title or _titled(name), action=step.action,
            kind=action.kind if action else Kind.CHECK, params=step.with_, needs=needs, when=step.when or "",
            only=step.only or "", at_once=step.at_once, critical=step.critical, on_failure=step.on_failure,
            on_silence=step.on_silence, deadline_s=step.deadline or (action and action.deadline_s) or DEADLINE_S,
            hold_s=self._hold_s(name, step), guard=guard,
            retry=Retry(step.retry.attempts, step.retry.wait, step.retry.max_wait),
            line=self.line_of(("steps", name)),
        )  # fmt: skip

    def condition(self, name: str, each: Condition) -> PlannedStep:
        """An entry of `recovered_when` as an item."""
        if each.action not in self.catalogue:
            self.fault(("recovered_when", name), "PL06", f"no action {each.action}", "see `failover actions`")
        return PlannedStep(
            key=VERIFICATION_PREFIX + name, step=VERIFICATION_PREFIX + name, title=each.title or _titled(name),
            action=each.action, kind=Kind.CHECK, params=each.with_, deadline_s=each.deadline,
            line=self.line_of(("recovered_when", name)),
        )  # fmt: skip

    def foresee(self, step: PlannedStep) -> PlannedStep:
        """The item with its subject, calls and expected duration, as far as its parameters are known now."""
        action = self.catalogue.get(step.action)
        self.calls[step.key] = ()
        if action is None or step.skip:
            return step
        try:
            step = replace(step, title=str(resolve(step.title, {**self.scope, "item": step.item})))
            params = self.bound(step, action, step.params)
        except ExpressionError as why:
            self.fault(_path(step), "PL07", str(why), "check the expression against `failover inventory show`")
            return step
        except BadParameters as why:
            for name, problem in why.problems.items():
                self.fault(
                    (*_path(step), "with", name), "PL08", f"{step.action}: {name} {problem}", "see `failover actions`"
                )
            return step
        expected = self.measured(step.step) or (action.expect(params) if params is not None else action.expected)
        step = replace(step, expected_s=expected.seconds, provenance=expected.provenance, one_way=action.one_way)
        if params is None:
            self.late.add(step.key)
            return step
        self.calls[step.key] = action.calls(params) + self._guard_calls(step)
        if issubclass(action, Setting):
            # Subjects are pure functions of parameters: asking for one needs no cloud.
            step = replace(step, subject=action(_NO_CLOUD).subject(params))
        return step

    def bound(self, step: PlannedStep, action: type[Action[Json]], params: Mapping[str, Json]) -> Json:
        """The item's parameters, or None where they read results of earlier steps."""
        if steps_used(json.dumps(params)):
            return None
        return bind(action.Params, resolve(params, {**self.scope, "item": step.item, "steps": {}}))

    def _guard_calls(self, step: PlannedStep) -> tuple[Call, ...]:
        guard = step.guard
        action = self.catalogue.get(guard.action) if guard else None
        if guard is None or action is None:
            return ()
        params = self.bound(step, action, guard.params)
        return action.calls(params) if params is not None else ()

    def refuse_shared_subjects(self, steps: tuple[PlannedStep, ...]) -> None:
        """Two unordered items with one subject would race (law 2)."""
        by_subject: dict[str, list[PlannedStep]] = {}
        for step in steps:
            if step.subject:
                by_subject.setdefault(step.subject, []).append(step)
        shared = {subject: group for subject, group in by_subject.items() if len(group) > 1}
        if not shared or self.faults:
            return
        graph = _graph(steps)
        for subject, group in shared.items():
            for first, second in pairwise(group):
                if not nx.has_path(graph, first.key, second.key):
                    what = f'"{first.key}" and "{second.key}" both write {subject}, in no order'
                    self.fault(("steps", second.step), "PL09", what, f"let one need the other: needs: [{first.step}]")

    def _hold_s(self, name: str, step: Step) -> float:
        if step.hold is None:
            return 0.0
        value = self._resolved(step.hold, ("steps", name, "hold"))
        try:
            return float(value) if isinstance(value, int | float) else float(parse_duration(str(value)))
        except ValueError as why:
            self.fault(("steps", name, "hold"), "PL10", str(why), "write a duration")
            return 0.0

    def _resolved(self, value: Json, path: tuple[str, ...]) -> Json:
        try:
            return resolve(value, self.scope)
        except ExpressionError as why:
            self.fault(path, "PL07", str(why), "check the expression against `failover inventory show`")
            return []


class _NoCloud:
    """Stands where a subject is computed; touching it is a fault of the action."""

    def __getattr__(self, name: str) -> Json:
        raise AssertionError(f"subject() must not use the cloud, but asked for {name}")


_NO_CLOUD: Json = _NoCloud()


def expected_of(samples_s: list[float]) -> Expected:
    """The median of measured durations."""
    ordered = sorted(samples_s)
    middle = ordered[len(ordered) // 2]
    return Expected(middle, Provenance.MEASURED, f"n={len(ordered)}")


def _length_s(step: PlannedStep) -> float:
    return 0.0 if step.skip else step.expected_s + (0.0 if step.last else step.hold_s)


def _graph(steps: tuple[PlannedStep, ...] | list[PlannedStep]) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(step.key for step in steps)
    graph.add_edges_from((need, step.key) for step in steps for need in step.needs)
    return graph


def _topological(items: list[PlannedStep]) -> tuple[PlannedStep, ...]:
    """Needs first, and in the order written where needs leave a choice."""
    place = {step.key: index for index, step in enumerate(items)}
    order = nx.lexicographical_topological_sort(_graph(items), key=place.__getitem__)
    return tuple(items[place[key]] for key in order)


def _knots(graph: nx.DiGraph[str]) -> Iterator[set[str]]:
    for part in nx.strongly_connected_components(graph):
        if len(part) > 1 or any(graph.has_edge(node, node) for node in part):
            yield part


def _shortest_loop(knot: nx.DiGraph[str]) -> list[str]:
    """By breadth-first search from every node: enumerating loops could take for ever in a dense knot."""
    back = (nx.shortest_path(knot, after, node) for node in sorted(knot) for after in knot.successors(node))
    return min(back, key=len)


def _path(step: PlannedStep) -> tuple[str, ...]:
    if step.key.startswith(VERIFICATION_PREFIX):
        return ("recovered_when", step.key.removeprefix(VERIFICATION_PREFIX))
    return ("steps", step.step)


def _titled(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").capitalize()
