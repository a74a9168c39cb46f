"""HTML and SVG by small pure functions. Law: a plain string is always escaped; only `Raw` is markup already."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from orchestrator.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOID = frozenset({"meta", "rect", "line", "path", "circle"})
"""Elements of ours that never have children, written closed."""


class Raw(str):
    """Markup: made by `element` and `joined` only, never from outside text."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str | float | None) -> Raw:
    """One element. Attributes: `class_` for `class`, `_` for `-`; None leaves one out. Numbers keep two decimals."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_attribute(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not children and name in _VOID:
        return Raw(f"<{name}{written}/>")
    return Raw(f"<{name}{written}>{joined(children)}</{name}>")


def joined(parts: Iterable[str], between: str = "") -> Raw:
    """Parts one after another, plain strings escaped."""
    return Raw(_safe(between).join(_safe(part) for part in parts))


def _safe(part: str) -> str:
    return part if isinstance(part, Raw) else escape(clean(part))


def _attribute(value: str | float) -> str:
    return clean(value) if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
