"""Durations as runbooks write them (`90s`, `5m`, `1h30m`, `180d`) and as people read them."""

from __future__ import annotations

import re

_UNIT_S = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_FORM = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")


def parse_duration(text: str) -> int:
    """Seconds in a duration such as `1h30m`.

    Raises:
        ValueError: the text is not one or more of days, hours, minutes, seconds, in that order.
    """
    match = _FORM.fullmatch(text)
    if not text or match is None:
        raise ValueError(f"{text!r} is no duration: write 90s, 5m, 1h30m or 180d")
    return sum(int(amount) * unit for amount, unit in zip(match.groups(), _UNIT_S.values(), strict=True) if amount)


def show_duration(seconds: float) -> str:
    """The shortest form that loses no whole second: `1m30s`, `0.4s`."""
    if seconds < 0:
        return "-" + show_duration(-seconds)
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f}s"
    rest, parts = round(seconds), []
    for unit, size in _UNIT_S.items():
        amount, rest = divmod(rest, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"
