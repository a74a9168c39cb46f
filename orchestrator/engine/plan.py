"""From a runbook to a plan: items (`items.py`), their claims (`claims.py`), and one graph for order and length.

The only module that imports networkx. Pure: reads no clock and no cloud. All faults of a runbook are told at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import networkx as nx

from orchestrator.cloud import regions
from orchestrator.engine.claims import Claims
from orchestrator.engine.faults import Faults
from orchestrator.engine.items import Items
from orchestrator.journal.canonical import canonical
from orchestrator.model.actions import Call
from orchestrator.model.errors import InvalidInput
from orchestrator.model.plan import PlannedStep
from orchestrator.model.runbook import Runbook
from orchestrator.model.states import Mode
from orchestrator.model.values import Json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orchestrator.model.actions import Action, Expected


@dataclass(frozen=True)
class Plan:
    """A compiled runbook: items in topological order, and the scope that their parameters resolve in."""

    runbook: Runbook
    mode: Mode
    scope: Mapping[str, Json]
    steps: tuple[PlannedStep, ...]
    verification: tuple[PlannedStep, ...]
    calls: Mapping[str, tuple[Call, ...]]
    """Every AWS operation per item, guard included; an item of which some are not known yet is in `late`."""
    returns: Mapping[str, tuple[Call, ...]]
    """What a failing guard may call besides, to write a series' first value back. Not needed: a return may be held."""
    late: frozenset[str]
    """Items whose parameters, or whose guard's, read results of earlier steps."""

    @cached_property
    def critical_path(self) -> tuple[str, ...]:
        """The chain of items that takes longest by forecast."""
        lengths = {step.key: self._length_s(step) for step in self.steps}
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
        proof = max((self._length_s(step) for step in self.verification), default=0.0)
        return sum(self._length_s(by_key[key]) for key in self.critical_path) + proof

    def _length_s(self, step: PlannedStep) -> float:
        return 0.0 if self.not_done(step) else step.takes_s

    @property
    def sha256(self) -> str:
        """A digest of what will be done: not of how long that is expected to take, nor of where it is written."""
        items = [_what_is_done(step) for step in (*self.steps, *self.verification)]
        return hashlib.sha256(canonical(items)).hexdigest()

    def not_done(self, step: PlannedStep) -> bool:
        """Whether this item is left out in the plan's mode."""
        return bool(step.left_out(self.mode))

    def needing(self, lost: str) -> Iterator[tuple[PlannedStep, Call]]:
        """Each item and call that cannot be made with the Region `lost` gone (control-plane homes included).

        What a planned run does only once it is switched to unplanned counts as well.
        """
        for step in (*self.steps, *self.verification):
            if not step.never_done(self.mode):
                yield from ((step, call) for call in regions.needs_region(self.calls[step.key], lost))

    def unshown(self) -> Iterator[PlannedStep]:
        """Each item of which nobody can show what it needs before it runs."""
        for step in (*self.steps, *self.verification):
            if step.key in self.late and not step.never_done(self.mode):
                yield step


def compile_plan(
    runbook: Runbook,
    *,
    scope: Mapping[str, Json],
    mode: Mode,
    catalogue: Mapping[str, type[Action[Json]]],
    file: str = "",
    line_of: Callable[[tuple[str, ...]], int] = lambda path: 0,  # noqa: ARG005 - the default knows no lines
    measured: Callable[[str], Expected | None] = lambda step: None,  # noqa: ARG005 - nothing was measured
    proof: type[Action[Json]] | None = None,
) -> Plan:
    """Compile. `proof` is the check that a Region serves, asked before anything is returned there.

    Raises:
        InvalidInput: loops (named by their shortest), expressions that do not resolve, parameters that do not bind,
            two unordered steps with one subject; all that were found, with their lines.
    """
    faults = Faults(file or runbook.id, line_of)
    looped = _refuse_loops(runbook, faults)
    items = Items(runbook, scope, catalogue, faults)
    steps = items.of_steps()
    if not looped:  # a loop has no order, but its steps may have faults too
        steps = _topological(steps)
    claims = Claims(scope, mode, catalogue, faults, measured=measured, proof=proof)
    planned = tuple(claims.completed(step) for step in steps)
    conditions = tuple(claims.completed(step) for step in items.of_conditions())
    if not faults.found:
        _refuse_shared_subjects([step for step in planned if not step.never_done(mode)], planned, faults)
    if faults.found:
        raise InvalidInput(f"{runbook.id} cannot be planned", faults=sorted(set(faults.found)))
    return Plan(runbook, mode, scope, planned, conditions, claims.calls, claims.returns, frozenset(claims.late))


def _refuse_loops(runbook: Runbook, faults: Faults) -> bool:
    """Whether there are any."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(runbook.steps)
    for name, step in runbook.steps.items():
        for need in step.needs:
            if need in runbook.steps:
                graph.add_edge(need, name)
            else:
                faults.add(("steps", name, "needs"), "PL01", f'step "{name}" needs "{need}"', "name a step")
    knots = list(_knots(graph))
    for part in knots:
        loop = _shortest_loop(graph.subgraph(part))
        start = loop.index(min(loop))
        names = [*loop[start:], *loop[: start + 1]]
        faults.add(("steps", names[0]), "PL02", f"steps need each other: {' → '.join(names)}", "drop one need")
    return bool(knots)


def _refuse_shared_subjects(steps: list[PlannedStep], among: tuple[PlannedStep, ...], faults: Faults) -> None:
    """Two unordered items with one subject would race (law 2)."""
    by_subject: dict[str, list[PlannedStep]] = {}
    for step in steps:
        if step.subject:
            by_subject.setdefault(step.subject, []).append(step)
    shared = {subject: group for subject, group in by_subject.items() if len(group) > 1}
    graph = _graph(among) if shared else nx.DiGraph()
    for subject, group in shared.items():
        for first, second in pairwise(group):
            if not nx.has_path(graph, first.key, second.key):
                what = f'"{first.key}" and "{second.key}" both write {subject}, in no order'
                faults.add(("steps", second.step), "PL09", what, f"let one need the other: needs: [{first.step}]")


def _graph(steps: tuple[PlannedStep, ...] | list[PlannedStep]) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(step.key for step in steps)
    graph.add_edges_from((need, step.key) for step in steps for need in step.needs)
    return graph


def _topological(items: list[PlannedStep]) -> list[PlannedStep]:
    """Needs first, and in the order written where needs leave a choice."""
    place = {step.key: index for index, step in enumerate(items)}
    order = nx.lexicographical_topological_sort(_graph(items), key=place.__getitem__)
    return [items[place[key]] for key in order]


def _what_is_done(step: PlannedStep) -> Json:
    guard = step.guard and step.guard.but(expected_s=0.0)
    return step.but(expected_s=0.0, provenance="", line=0, guard=guard).record()


def _knots(graph: nx.DiGraph[str]) -> Iterator[set[str]]:
    for part in nx.strongly_connected_components(graph):
        if len(part) > 1 or any(graph.has_edge(node, node) for node in part):
            yield part


def _shortest_loop(knot: nx.DiGraph[str]) -> list[str]:
    """By breadth-first search from every node: enumerating loops could take for ever in a dense knot."""
    back = (nx.shortest_path(knot, after, node) for node in sorted(knot) for after in knot.successors(node))
    return min(back, key=len)
