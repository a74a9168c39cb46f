"""What may happen next, from the view alone. Pure and deterministic: the same view gives the same moves.

A failed step that is not critical satisfies `needs`, but never the next item of its own series. A critical one does
what its `on_failure` says: `pause` (and `undo`, which asks first, law 3) stops new starts, `stop` ends the run,
`continue` gives up what depends on it only.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from orchestrator.engine.moves import Become, Cancel, Move, Skip, Start
from orchestrator.model.states import SETTLED, ExecutionState, StepState

if TYPE_CHECKING:
    from orchestrator.engine.view import View
    from orchestrator.journal.record import StepRecord


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
    moves: list[Move] = _broken_off(view) if view.broken_off else []
    if view.failures and not moves:
        moves = _after_failure(view)
    moves = moves or _frontier(view, slots - len(view.running))
    if moves:
        return moves
    if view.settled and not view.running:
        return [Become(ExecutionState.VERIFYING, "all steps are settled")]
    return _waiting(view)


def _after_failure(view: View) -> list[Move]:
    if stopping := view.stopping:
        questions = [key for key in view.running if view.asks(key)]
        if questions:  # nobody's answer could change anything any more
            return [Cancel(key, _why(stopping)) for key in questions]
        if view.running:
            return []  # running writes settle first; nothing new starts, see _frontier
        return _end(view, *_stop_state(stopping))
    paused = [step for step in view.failures.values() if step.planned.on_failure in ("pause", "undo")]
    if paused:
        return [Become(ExecutionState.PAUSED, _why(paused[0]))]
    given_up: dict[str, Cancel] = {}
    for key in view.failures:
        for lost in _needing(view, key):
            given_up.setdefault(lost, Cancel(lost, f"needs {key}, which failed"))
    return list(given_up.values())


def _broken_off(view: View) -> list[Move]:
    """The rest of each series of which an item failed that nobody waits for."""
    moves: list[Move] = []
    for key, step in view.broken_off.items():
        rest = [each for each in _needing(view, key) if view.record.steps[each].planned.step == step.planned.step]
        moves += [Cancel(each, f"follows {key}, which failed") for each in rest]
    return moves


def _why(step: StepRecord) -> str:
    return f"step {step.planned.key} failed: {step.reason}"


def _stop_state(step: StepRecord) -> tuple[ExecutionState, str]:
    # A gate that was answered no, or by silence, is people's decision, not a failure of the run.
    state = ExecutionState.ABORTED if step.refused else ExecutionState.FAILED
    return state, _why(step)


def _end(view: View, state: ExecutionState, reason: str) -> list[Move]:
    left = [key for key, step in view.record.steps.items() if step.state is StepState.WAITING]
    return [*(Cancel(key, reason) for key in left), Become(state, reason)]


def _needing(view: View, key: str) -> list[str]:
    """What waits and needs this item, directly or not."""
    found: list[str] = []
    open_keys, seen = list(view.dependents(key)), set[str]()
    while open_keys:
        dependent = open_keys.pop()
        if dependent in seen:
            continue
        seen.add(dependent)
        if view.record.steps[dependent].state is StepState.WAITING:
            found.append(dependent)
        open_keys += view.dependents(dependent)
    return found


def _frontier(view: View, slots: int) -> list[Move]:
    if view.stopping:
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
    planned = step.planned
    staged = planned.series and not planned.last and (planned.hold_s or planned.guard)
    if staged and view.switched:
        return "switched to unplanned: the series goes straight to its last item"
    return planned.left_out(view.record.mode)


def _waiting(view: View) -> list[Move]:
    """`waiting` is shown when people are all that is waited for."""
    if view.record.state is ExecutionState.RUNNING and _for_people(view):
        return [Become(ExecutionState.WAITING, f"waits for an answer to {', '.join(sorted(view.running))}")]
    return []


def _for_people(view: View) -> bool:
    return bool(view.running) and all(map(view.asks, view.running))


def _verify(view: View) -> list[Move]:
    if view.running or not view.settled:
        return [Become(ExecutionState.RUNNING, "a step was taken up again")]
    conditions = view.record.verification.values()
    waiting = [_asked(one, view.record.mode) for one in conditions if one.state is StepState.WAITING]
    if waiting or any(one.state not in SETTLED for one in conditions):
        return waiting
    return [_shown(view)]


def _shown(view: View) -> Become:
    """What the conditions, all settled, say of the run."""
    conditions = view.record.verification.values()
    applying = [one for one in conditions if one.state is not StepState.SKIPPED]
    if conditions and not applying:
        return Become(ExecutionState.FAILED, "not recovered: no condition of recovered_when applies")
    unmet = [one for one in applying if one.state is not StepState.DONE]
    if unmet:
        why = f"{unmet[0].planned.key}: {unmet[0].reason}"
        return Become(ExecutionState.FAILED, f"not recovered: {why}")
    exceptions = [step for step in view.record.steps.values() if step.exceptional]
    if not conditions and (lost := next((step for step in exceptions if _missing(step)), None)):
        return Become(ExecutionState.FAILED, f"nothing shows recovery, and {lost.planned.key} is {lost.state}")
    if exceptions:
        names = ", ".join(f"{step.planned.key} {step.state}" for step in exceptions)
        return Become(ExecutionState.RECOVERED_WITH_EXCEPTIONS, names)
    which = " that applies" if len(applying) < len(conditions) else ""
    return Become(ExecutionState.RECOVERED, f"every condition of recovered_when{which} holds")


def _asked(condition: StepRecord, mode: str) -> Move:
    """A condition is asked, unless the plan knows that it does not apply."""
    key, reason = condition.planned.key, condition.planned.left_out(mode)
    return Skip(key, reason) if reason else Start(key)


def _missing(step: StepRecord) -> bool:
    return step.planned.critical and step.state in (StepState.FAILED, StepState.CANCELLED)
