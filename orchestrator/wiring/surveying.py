"""Asks a world every look of a survey, all at once, and tells what was answered from what was not.

Laws: only declared reads; each has its limit of time; a Region that does not answer is said, once for each question,
and never taken for an absence.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from orchestrator.model.durations import show_duration
from orchestrator.model.errors import FailoverError, NotFound, NotSimulated, OutcomeUnknown, RegionUnreachable
from orchestrator.survey import connect, front_door, platform, side
from orchestrator.survey.look import Difference, Facts, Look, differences
from orchestrator.survey.parity import Declared, Parity, compared

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orchestrator.model.inventory import Inventory
    from orchestrator.wiring.clouds import World

LOOK_S_MOST: Final = 120.0
"""What one look may take: at two requests a second, 200 flows or numbers."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A question without an answer. `lost`: nothing answers there, as when the Region is gone."""

    what: str
    region: str
    why: str
    remedy: str
    lost: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """The snapshot against what exists."""

    differences: tuple[Difference, ...]
    unread: tuple[Unread, ...]
    asked: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Primary against standby. `unobservable`: amounts that this world cannot tell, and why."""

    parity: Parity
    unread: tuple[Unread, ...]
    unobservable: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    look: Look
    facts: Facts
    failed: FailoverError | None = None


def questions(inventory: Inventory) -> list[Look]:
    """Everything that `check` asks; the operations that it may call are these looks' `calls`."""
    replicated = inventory.continuity == "global-resiliency"
    asked = list(front_door.looks(inventory))
    for each in (inventory.primary, inventory.standby):
        asked += [*connect.looks(each, replicated=replicated), *platform.looks(each)]
    return asked


def check(world: World) -> Checked:
    """Compare the world's inventory with what exists in it."""
    asked = questions(world.inventory)
    answers = world.run(lambda: _all(world, asked))
    found = [one for answer in answers if not answer.failed for one in differences(answer.look, answer.facts)]
    found.sort(key=lambda one: one.what)
    return Checked(tuple(found), tuple(_unread(answers)), len(asked))


def parity(world: World, declared: Sequence[Declared]) -> Compared:
    """Lay the world's primary and standby over each other."""
    inventory = world.inventory
    both = (inventory.primary, inventory.standby)
    mirrored = inventory.continuity == "global-resiliency"
    asked = [[*side.looks(each, mirrored=mirrored)] for each in both]
    answers = world.run(lambda: _all(world, [look for looks in asked for look in looks]))
    first, second = answers[: len(asked[0])], answers[len(asked[0]) :]
    # What only one side could read would show as missing on the other.
    unknown = {answer.look.about for answer in answers if answer.failed}
    facts = [_facts(part, unknown) for part in (first, second)]
    regions = (both[0].region, both[1].region)
    found = compared(facts[0], facts[1], regions=regions, mirrored=mirrored, declared=declared)
    dark = [answer for answer in answers if answer.look.only_measures and isinstance(answer.failed, NotSimulated)]
    unread = [Unread(f"{role}: {one.what}", one.region, one.why, one.remedy, one.lost)
              for role, part in (("primary", first), ("standby", second))
              for one in _unread(answer for answer in part if answer not in dark)]  # fmt: skip
    why = {answer.look.about: str(answer.failed) for answer in dark}
    return Compared(found, tuple(unread), tuple(sorted(why.items())))


def _facts(answers: Iterable[_Answer], unknown: set[str]) -> Facts:
    return {path: value for one in answers if one.look.about not in unknown for path, value in one.facts.items()}


async def _all(world: World, looks: Sequence[Look]) -> list[_Answer]:
    return list(await asyncio.gather(*(_asked(world, look) for look in looks)))


async def _asked(world: World, look: Look) -> _Answer:
    try:
        async with asyncio.timeout(LOOK_S_MOST * world.clock.speed):
            return _Answer(look, await world.calls.run(lambda: look.read(world.hands(look.calls))))
    except NotFound:
        # The thing that all of this belongs to is gone: so is all that was expected of it.
        return _Answer(look, dict.fromkeys(look.expected))
    except TimeoutError:
        return _Answer(look, {}, _Late(f"no answer within {show_duration(LOOK_S_MOST)}", remedy="ask again"))
    except FailoverError as why:
        return _Answer(look, {}, why)


class _Late(FailoverError):
    """The limit of time has passed."""


def _unread(answers: Iterable[_Answer]) -> Iterable[Unread]:
    for answer in answers:
        if why := answer.failed:
            lost = isinstance(why, RegionUnreachable | OutcomeUnknown | _Late)
            yield Unread(answer.look.about, answer.look.region, why.what, why.remedy, lost)
