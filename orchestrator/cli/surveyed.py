"""What `inventory check` found, for people and machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from orchestrator.cli.output import paragraph, table, width, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from orchestrator.model.values import Json
    from orchestrator.survey.parity import Apart, PinnedAt, Ratio
    from orchestrator.wiring.surveying import Checked, Compared, Unread

INDENT = 2


def check_as_json(found: Checked) -> dict[str, Json]:
    """Everything, as it is."""
    return asdict(found)


def parity_as_json(found: Compared) -> dict[str, Json]:
    """Everything, as it is."""
    whole = asdict(found)
    parity = whole["parity"]
    return {
        "holds": found.parity.holds,
        "differences": parity["apart"],
        "capacity": parity["ratios"],
        "pinned": parity["pinned"],
        "declared_unused": parity["unused"],
        "unread": whole["unread"],
        "not_observable": [{"what": what, "why": why} for what, why in found.unobservable],
    }


def show_check(found: Checked) -> None:
    """Each difference: what, snapshot, observed, remedy."""
    for one in found.differences:
        paragraph(one.what)
        _indented(f"snapshot {value(one.snapshot)} · observed {value(one.observed)}")
        _indented(one.remedy)
    _show_unread(found.unread)
    alike = "all alike" if not found.differences else f"{_count(len(found.differences), 'difference')}"
    answered = found.asked - len(found.unread)
    paragraph(f"{alike}: {answered} of {_count(found.asked, 'question')} answered" if answered else
              f"nothing is known: none of {_count(found.asked, 'question')} answered")  # fmt: skip


def show_parity(found: Compared, declarations: Path) -> None:
    """Differences, capacity, pinned Regions; then what could not be told. What may differ stands in `declarations`."""
    parity = found.parity
    _show_apart(parity.apart, declarations)
    _show_pinned(parity.pinned)
    _show_ratios(parity.ratios)
    for declared in parity.unused:
        paragraph(f"declared, and nothing of it differs: {declared.path} ({declared.reason})")
    for what, why in found.unobservable:
        paragraph(f"not observable: {what} ({why})")
    _show_unread(found.unread)
    paragraph("parity holds" if parity.holds and not found.unread else
              "parity is unproven" if parity.holds else "parity does not hold")  # fmt: skip


def _show_apart(apart: Sequence[Apart], declarations: Path) -> None:
    for one in apart:
        paragraph(one.path)
        _indented(f"primary {value(one.primary)} · standby {value(one.standby)}")
        undeclared = f"write it the same on both sides, or declare it with its reason in {declarations}"
        _indented(f"declared: {one.reason}" if one.reason else undeclared)


def _show_pinned(found: Sequence[PinnedAt]) -> None:
    for one in found:
        paragraph(f"{one.flow}: {one.path}")
        _indented(f"names {one.region}: {one.literal} ({' and '.join(one.sides)})")
        _indented(f"declared: {one.reason}" if one.reason else "write $.AwsRegion where the Region stands")


def _show_ratios(ratios: Sequence[Ratio]) -> None:
    rows = [(one.path, _short(one.primary), _short(one.standby), _share(one)) for one in ratios]
    if rows:
        table(("capacity", "primary", "standby", "ratio"), rows)


def _share(one: Ratio) -> str:
    told = "none" if one.ratio is None and one.primary != one.standby else "" if one.ratio is None else f"{one.ratio:g}"
    if one.reason:
        return f"{told} (declared: {one.reason})" if one.enough else f"{told} TOO LITTLE (declared: {one.reason})"
    return told if one.enough else f"{told} TOO LITTLE"


def _show_unread(unread: Iterable[Unread]) -> None:
    """One line for a Region that does not answer, one for each other question."""
    lost: dict[str, list[str]] = {}
    for one in unread:
        if one.lost:
            lost.setdefault(one.region, []).append(one.what)
            continue
        paragraph(f"unread: {one.what}")
        _indented(one.why)
        if one.remedy:
            _indented(one.remedy)
    for region, questions in sorted(lost.items()):
        paragraph(f"{region} does not answer: {_count(len(questions), 'question')} unread")
        _indented(", ".join(questions))


def value(found: Json) -> str:
    """A value in a few words; long lists are counted."""
    if found is None:
        return "absent"
    if isinstance(found, dict):
        return ", ".join(f"{key} {value(each)}" for key, each in found.items()) or "nothing"
    if isinstance(found, list):
        few = ", ".join(map(value, found[:SHOWN]))
        return f"{len(found)}: {few}{', …' if len(found) > SHOWN else ''}" if found else "none"
    return {True: "yes", False: "no"}.get(found, str(found)) if isinstance(found, bool) else str(found)


SHOWN = 3


def _short(amount: Json) -> str:
    return "absent" if amount is None else f"{amount:g}" if isinstance(amount, int | float) else "unset"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _indented(text: str) -> None:
    for line in wrapped(text, width() - INDENT):
        print(" " * INDENT + line)
