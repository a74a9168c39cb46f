"""Primary against standby: what differs, how much less the standby can do, and what was declared to differ. Pure.

Laws: a difference that somebody declared says why and stays visible; a declaration that fits nothing is told, for it
hides what comes next; an amount that one side lacks is no ratio, and neither equal nor enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, ClassVar

from orchestrator.model.parameters import Doc, Rule
from orchestrator.model.values import Json
from orchestrator.survey.flow import pinned
from orchestrator.survey.look import AMOUNT, CONTENT, unlike

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orchestrator.survey.look import Facts

ENOUGH = 1.0
"""What the standby must have of each amount of the primary, unless declared."""


def _a_share(least: float | None) -> str:
    return "" if least is None or 0 < least <= ENOUGH else f"is {least}, must be above 0 and at most 1"


@dataclass(frozen=True)
class Declared:
    """A difference that is meant. Read from `config/parity.yaml`."""

    path: Annotated[str, Doc("what differs, as `failover inventory check --parity` names it; `*` stands for any text")]
    reason: Annotated[str, Doc("why it may differ, for whoever reads the check")]
    at_least: Annotated[float | None, Doc("of an amount: the share that the standby must still have")] = None
    rules: ClassVar[tuple[Rule, ...]] = (Rule(_a_share, "at_least"),)

    def covers(self, path: str) -> bool:
        """Whether this is about a path."""
        return fnmatchcase(path, self.path)


@dataclass(frozen=True, slots=True)
class Apart:
    """A difference in structure. `reason` is why it was declared, empty where nobody did."""

    path: str
    primary: Json
    standby: Json
    reason: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """An amount on both sides. `ratio` is the standby's share, None where there is none to tell."""

    path: str
    primary: Json
    standby: Json
    ratio: float | None
    enough: bool
    reason: str


@dataclass(frozen=True, slots=True)
class PinnedAt:
    """A flow that names a Region where `$.AwsRegion` belongs."""

    flow: str
    path: str
    literal: str
    region: str
    sides: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Parity:
    """All that was found."""

    apart: tuple[Apart, ...]
    ratios: tuple[Ratio, ...]
    pinned: tuple[PinnedAt, ...]
    unused: tuple[Declared, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing differs but what was declared."""
        reasons = [each.reason for each in self.apart] + [each.reason for each in self.pinned]
        return all(reasons) and all(each.enough for each in self.ratios)


def compared(
    primary: Facts, standby: Facts, *, regions: tuple[str, str], mirrored: bool, declared: Sequence[Declared]
) -> Parity:
    """Two sides laid over each other. Paths that only one of the two could read must have been taken out before."""
    apart = tuple(_apart(primary, standby, declared))
    ratios = tuple(_ratios(primary, standby, declared))
    found = tuple(
        _pinned((("primary", regions[0], primary), ("standby", regions[1], standby)), declared, mirrored=mirrored)
    )
    # A ratio that holds without it needs no declaration either.
    paths = [each.path for each in apart] + [each.path for each in ratios if each.reason]
    paths += [f"{each.flow}.{each.path}" for each in found]
    unused = tuple(each for each in declared if not any(each.covers(path) for path in paths))
    return Parity(apart, ratios, found, unused)


def _apart(primary: Facts, standby: Facts, declared: Sequence[Declared]) -> Iterator[Apart]:
    for path in sorted({*primary, *standby}):
        if path.startswith(f"{AMOUNT}.") or path.endswith(f".{CONTENT}"):
            continue
        for what, one, other in unlike(path, primary.get(path), standby.get(path)):
            yield Apart(what, one, other, _reason(what, declared))


def _ratios(primary: Facts, standby: Facts, declared: Sequence[Declared]) -> Iterator[Ratio]:
    for path in sorted({*primary, *standby}):
        if path.startswith(f"{AMOUNT}."):
            yield _ratio(path, primary.get(path), standby.get(path), declared)


def _ratio(path: str, one: Json, other: Json, declared: Sequence[Declared]) -> Ratio:
    known = _is_amount(one) and _is_amount(other)
    share = round(other / one, 3) if known and one else None
    if one == other or (known and other >= one * ENOUGH):
        return Ratio(path, one, other, share, enough=True, reason="")
    fits = next((each for each in declared if each.covers(path)), None)
    enough = fits is not None and (fits.at_least is None or (share is not None and share >= fits.at_least))
    return Ratio(path, one, other, share, enough, fits.reason if fits else "")


def _is_amount(value: Json) -> bool:
    return isinstance(value, int | float)


def _pinned(
    sides: Sequence[tuple[str, str, Facts]],
    declared: Sequence[Declared],
    *,
    mirrored: bool,
) -> Iterator[PinnedAt]:
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for role, region, facts in sides:
        for flow, content in _contents(facts):
            for each in pinned(content, region=region, mirrored=mirrored):
                found.setdefault((flow, each.path, each.literal, each.region), []).append(role)
    for (flow, path, literal, region), roles in sorted(found.items()):
        yield PinnedAt(flow, path, literal, region, tuple(roles), _reason(f"{flow}.{path}", declared))


def _contents(facts: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for path, content in facts.items():
        if path.endswith(f".{CONTENT}"):
            yield path.removesuffix(f".{CONTENT}"), content


def _reason(path: str, declared: Sequence[Declared]) -> str:
    return next((each.reason for each in declared if each.covers(path)), "")
