"""Settings' values for people: `us-east-1 100 % → 0 %` instead of two JSON documents.

Only what differs is told. Members of a bulk setting that change alike are told together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from orchestrator.report.words import one_line

if TYPE_CHECKING:
    from orchestrator.model.values import Json

_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-\d")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEYS = ("Region", "region", "Id", "id", "name", "Name")
"""What names a member of a list of objects, best first."""
_SPELT = MappingProxyType(
    {
        "TelephonyConfig": "telephony",
        "AgentConfig": "agents",
        "SignInConfig": "sign-in",
        "Distributions": "",
        "Percentage": "",
        "percentage": "",
        "percent": "",
        "Enabled": "",
    }
)
"""Connect's words for a traffic distribution (botocore, connect: TelephonyConfig and its kin) as people say them."""
_ALIKE = 4
"""From this many members with the same change on, they are counted instead of listed."""
_LONGEST = 100
_MOST_LINES = 12

Path = tuple[str, ...]


def show(value: Json) -> str:
    """One value, compactly, on one line."""
    if value is None or value in ("", [], {}):
        return "nothing"
    leaves = _leaves(value)
    if set(leaves) == {()}:
        return leaves[()]
    told = [f"{_name(path)} {text}".strip() for path, text in leaves.items()]
    return one_line(", ".join(told), _LONGEST)


def change(before: Json, after: Json) -> tuple[str, ...]:
    """What differs, a line for each group of the values' members; empty where nothing does.

    An absent member reads `nothing`.
    """
    if before == after:
        return ()
    old, new = _leaves(before), _leaves(after)
    if set(old) | set(new) == {()}:
        return (f"{old[()]} → {new[()]}",)
    if () in old or () in new:  # one side is no mapping: there are no members to compare
        return (f"{show(before)} → {show(after)}",)
    moves: dict[tuple[str, str], list[Path]] = {}
    for path in [*old, *(path for path in new if path not in old)]:
        pair = old.get(path, "nothing"), new.get(path, "nothing")
        if pair[0] != pair[1]:
            moves.setdefault(pair, []).append(path)
    lines = [line for pair, paths in moves.items() if len(paths) >= _ALIKE for line in (_counted(paths, pair),)]
    lines += _listed({path: pair for pair, paths in moves.items() if len(paths) < _ALIKE for path in paths})
    return (*lines[:_MOST_LINES], *([f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []))


def change_text(before: Json, after: Json) -> str:
    """`change` on one line."""
    return "; ".join(change(before, after)) or f"unchanged: {show(after)}"


def _counted(paths: list[Path], pair: tuple[str, str]) -> str:
    shared = " ".join(filter(None, (_SPELT.get(word, word) for word in _shared(paths))))
    counted = f"{len(paths)} × {pair[0]} → {pair[1]}"  # noqa: RUF001 - a times sign is meant
    return f"{shared}: {counted}" if shared else counted


def _listed(moved: Mapping[Path, tuple[str, str]]) -> list[str]:
    groups: dict[Path, list[str]] = {}
    for path, (old, new) in moved.items():
        group, rest = (path[:1], path[1:]) if len(path) > 1 and _name(path[1:]) else ((), path)
        groups.setdefault(group, []).append(f"{_name(rest)} {old} → {new}".strip())
    alike: dict[str, list[str]] = {}
    for group, told in groups.items():
        alike.setdefault(", ".join(told), []).append(_name(group))
    return [f"{', '.join(filter(None, names))}: {told}" if any(names) else told for told, names in alike.items()]


def _shared(paths: list[Path]) -> Path:
    same = 0
    while all(len(path) > same + 1 and path[same] == paths[0][same] for path in paths):
        same += 1
    return paths[0][:same]


def _name(path: Path) -> str:
    return one_line(" ".join(word for part in path if (word := _SPELT.get(part, _short(part)))))


def _leaves(value: Json, path: Path = ()) -> dict[Path, str]:
    """Each scalar under its path. Lists of named objects are read as mappings, in the list's order.

    Other members are sorted: the journal sorts them (RFC 8785), and the words must be the same before and after that.
    """
    if isinstance(value, list | tuple):
        key = next((key for key in _KEYS if value and all(isinstance(v, Mapping) and key in v for v in value)), None)
        if key is None:
            return {path: one_line(", ".join(show(each) for each in value), _LONGEST) or "nothing"}
        value = {str(each[key]): {name: inner for name, inner in each.items() if name != key} for each in value}
    elif isinstance(value, Mapping):
        value = {str(name): value[name] for name in sorted(value, key=str)}
    else:
        return {path: _scalar(value, path)}
    if not value:
        return {path: "nothing"}
    return {leaf: text for name, inner in value.items() for leaf, text in _leaves(inner, (*path, name)).items()}


def _scalar(value: Json, path: Path) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as the journal writes it
    if isinstance(value, int | float) and path and (_REGION.fullmatch(path[-1]) or path[-1].lower().startswith("perc")):
        return f"{value} %"
    return one_line(_short(str(value)), _LONGEST)


def _short(text: str) -> str:
    """An ARN by its last part, a UUID by its first: the journal holds the whole."""
    last = re.split(r"[:/]", text)[-1] if text.startswith("arn:") else text
    shown = f"{last[:8]}…" if _UUID.fullmatch(last) else last
    return shown if last == text else f"…{shown}"
