"""Writing a captured value back: what a failing guard and an undo share, under law 3.

Law: nothing is written before every Region that gains callers by it is proven to serve; unknown is no proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from orchestrator.engine.desk import Bound, asked
from orchestrator.engine.setting import SettingAttempt
from orchestrator.model.actions import Reading
from orchestrator.model.errors import PartlyRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orchestrator.engine.desk import Desk
    from orchestrator.model.plan import PlannedStep
    from orchestrator.model.values import Json


async def not_serving(desk: Desk, regions: Iterable[str]) -> str:
    """The first of these Regions that is not proven to serve, with what was seen; empty if all are."""
    for region in regions:
        if desk.proof is None:
            return f"{region} is not proven to serve (no proof of service is configured)"
        bound = Bound.of(desk, desk.proof.name, {"region": region}, {})
        finding = await asked(desk.calls, bound.action, bound.params)
        if finding.reading is not Reading.HOLDS:
            return f"{region} is not proven to serve ({finding.what})"
    return ""


def may_be_ours(bound: Bound, left: Sequence[Json], now: Json) -> bool:
    """Whether this run may have left `now` behind: one of these values, or a blend where a write was interrupted."""
    action, params = bound.action, bound.params
    return any(action.still_ours(params, each, now) for each in (*left, _blend(left, now)))


def _blend(left: Sequence[Json], now: Json) -> Json:
    """The latest value, each member of it replaced by what is there now if that is a member's earlier value."""
    latest = left[-1]
    if not all(isinstance(each, Mapping) for each in (*left, now)):
        return latest
    return {
        key: now[key] if key in now and now[key] in [one.get(key) for one in left] else latest[key] for key in latest
    }


async def write_back(desk: Desk, bound: Bound, now: Json, value: Json) -> None:
    """Write `value` where `now` was just seen; where callers are gained, with hands that reach the gaining Regions.

    Raises:
        FailoverError: of a call.
    """
    action, params = bound.action, bound.params
    needed = {call for region in action.gains(params, now, value) for call in action.return_calls(params, region)}
    action = type(action)(desk.hands(needed or action.calls(params)))
    for part in action.parts(params, now, value):
        with suppress(PartlyRefused):  # the looks that follow say whether each member is back
            await desk.calls.run(lambda part=part: action.write(params, part))  # type: ignore[misc] # mypy infers no lambda with a default


async def seen_back(desk: Desk, step: PlannedStep, bound: Bound, value: Json) -> Json:
    """Look until `value` is observed; the caller keeps the time.

    Raises:
        FailoverError: of a look, where waiting does not help.
    """
    return await SettingAttempt(desk, step, desk.record.record_of(step.key), bound).look_until(value)
