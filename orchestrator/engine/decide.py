"""What may happen next, from the view alone. Pure and deterministic: the same view gives the same moves.

A failed step that is not critical satisfies `needs`. A critical one does what its `on_failure` says: `pause` (and
`undo`, which asks first, law 3) stops new starts, `stop` ends the run, `continue` gives up what depends on it only.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from orchestrator.engine.moves import Become, Cancel, Move, Skip, Start
from orchestrator.engine.wishes import BY_HAND
from orchestrator.model.states import SETTLED, ExecutionState, Mode, StepState

if TYPE_CHECKING:
    from orchestrator.engine.view import View
    from orchestrator.journal.replay import StepRecord


def decide(view: View, slots: int) -> list[Move]:
    """The moves to make now; apply their events and ask again until there are none."""
    match view.record.state:
        case ExecutionState.VERIFYING:
            return _verify(view)
        case ExecutionState.WAITING if not _for_people(view):
            return [Become(ExecutionState.RUNNING, "answered")]  # every other move is one from `running`
        case ExecutionState.RUNNING | ExecutionState.WAITING:
            return _go_on(view, slots)
    return []


def _go_on(view: View, slots: int) -> list[Move]:
    moves = _after_failure(view) if view.failures else []
    moves = moves or _frontier(view, slots - len(view.running))
    if moves:
        return moves
    if view.settled and not view.running:
        return [Become(ExecutionState.VERIFYING, "all steps are settled")]
    return _waiting(view)


def _after_failure(view: View) -> list[Move]:
    stopped = [step for step in view.failures.values() if step.planned.on_failure == "stop"]
    if stopped:
        questions = [key for key in view.running if _asks(view, key)]
        if questions:  # nobody's answer could change anything any more
            return [Cancel(key, _why(stopped[0])) for key in questions]
        if view.running:
            return []  # running writes settle first; nothing new starts, see _frontier
        return _end(view, *_stop_state(stopped[0]))
    paused = [step for step in view.failures.values() if step.planned.on_failure in ("pause", "undo")]
    if paused:
        return [Become(ExecutionState.PAUSED, _why(paused[0]))]
    moves: list[Move] = []
    for key in view.failures:
        moves += _give_up(view, key)
    return moves


def _asks(view: View, key: str) -> bool:
    step = view.record.steps[key]
    return step.planned.kind == "gate" and step.state is StepState.RUNNING


def _why(step: StepRecord) -> str:
    return f"step {step.planned.key} failed: {step.reason}"


def _stop_state(step: StepRecord) -> tuple[ExecutionState, str]:
    # A gate that said no is a person's decision, not a failure of the run.
    state = ExecutionState.ABORTED if step.planned.kind == "gate" else ExecutionState.FAILED
    return state, _why(step)


def _end(view: View, state: ExecutionState, reason: str) -> list[Move]:
    left = [key for key, step in view.record.steps.items() if step.state is StepState.WAITING]
    return [*(Cancel(key, reason) for key in left), Become(state, reason)]


def _give_up(view: View, key: str) -> list[Move]:
    """What needs a failed step, directly or not, is cancelled; other branches go on."""
    moves: list[Move] = []
    open_keys, seen = list(view.dependents(key)), set[str]()
    while open_keys:
        dependent = open_keys.pop()
        if dependent in seen:
            continue
        seen.add(dependent)
        if view.record.steps[dependent].state is StepState.WAITING:
            moves.append(Cancel(dependent, f"needs {key}, which failed"))
        open_keys += view.dependents(dependent)
    return moves


def _frontier(view: View, slots: int) -> list[Move]:
    if any(step.planned.on_failure == "stop" for step in view.failures.values()):
        return []
    moves: list[Move] = []
    starting = defaultdict[str, int](int)
    for step in view.ready():
        planned = step.planned
        reason = _reason_to_skip(view, step)
        if reason:
            moves.append(Skip(planned.key, reason))
        elif slots <= 0:
            view.put_back(planned.key)
            break
        elif view.running_of[planned.step] + starting[planned.step] >= planned.at_once:
            view.hold_back(planned.key)
        else:
            moves.append(Start(planned.key))
            starting[planned.step] += 1
            slots -= 1
    return moves


def _reason_to_skip(view: View, step: StepRecord) -> str:
    planned, mode = step.planned, view.record.mode
    if planned.skip:
        return planned.skip
    if planned.only and planned.only != mode:
        return f"only {planned.only}; the run is {mode}: not done"
    staged = planned.series and not planned.last and (planned.hold_s or planned.guard)
    if staged and view.switched and mode == Mode.UNPLANNED:
        return "switched to unplanned: the series goes straight to its last item"
    return ""


def _waiting(view: View) -> list[Move]:
    """`waiting` is shown when people are all that is waited for."""
    if view.record.state is ExecutionState.RUNNING and _for_people(view):
        return [Become(ExecutionState.WAITING, f"waits for an answer to {', '.join(sorted(view.running))}")]
    return []


def _for_people(view: View) -> bool:
    return bool(view.running) and all(view.record.steps[key].planned.kind == "gate" for key in view.running)


def _verify(view: View) -> list[Move]:
    if view.running or not view.settled:
        return [Become(ExecutionState.RUNNING, "a step was taken up again")]
    conditions = view.record.verification.values()
    waiting: list[Move] = [Start(one.planned.key) for one in conditions if one.state is StepState.WAITING]
    if waiting or any(one.state not in SETTLED for one in conditions):
        return waiting
    unmet = [one for one in conditions if one.state is not StepState.DONE]
    if unmet:
        why = f"{unmet[0].planned.key}: {unmet[0].reason}"
        return [Become(ExecutionState.FAILED, f"not recovered: {why}")]
    exceptions = [step for step in view.record.steps.values() if _exceptional(step)]
    if exceptions:
        names = ", ".join(f"{step.planned.key} {step.state}" for step in exceptions)
        return [Become(ExecutionState.RECOVERED_WITH_EXCEPTIONS, names)]
    return [Become(ExecutionState.RECOVERED, "every condition of recovered_when holds")]


def _exceptional(step: StepRecord) -> bool:
    by_hand = step.state is StepState.SKIPPED and step.reason.startswith(BY_HAND)
    return by_hand or step.state in (StepState.FAILED, StepState.UNPROVEN, StepState.CANCELLED)
