"""The calendars of queues as they are written in configuration.

Laws:
- The calendars `always` and `incident` are there without being configured; a configuration may say otherwise of both.
- A window reads `MONDAY-FRIDAY 08:00-20:00` or `SUNDAY 09:00-00:00`; an end at 00:00 is the end of the day (Amazon
  Connect Administrator Guide, "Set the hours of operation and time zone for a queue").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

from stacks.settings import ALWAYS, HoursSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

INCIDENT: Final = "incident"
DAYS: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")

_WINDOW = re.compile(r"(?P<first>[A-Z]+)(?:-(?P<last>[A-Z]+))? (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Open on one day, from and to; texts of the form HH:MM."""

    day: str
    opens: str
    closes: str


BUILT_IN: Final = (
    HoursSettings(name=ALWAYS, open=["MONDAY-SUNDAY 00:00-00:00"]),
    # A queue is switched to it in an incident: with fewer people, its line rests at night.
    HoursSettings(name=INCIDENT, open=["MONDAY-SUNDAY 07:00-22:00"]),
)


def windows(hours: HoursSettings) -> list[Window]:
    """Each day's windows, in the order of `open`."""
    return [window for written in hours.open for window in _windows(written)]


def faults_of(hours: HoursSettings) -> Iterator[str]:
    """What is wrong with a calendar."""
    if hours.time_zone not in available_timezones():
        yield f"hours.{hours.name}.time_zone: {hours.time_zone!r} is no time zone"
    if not hours.open:
        yield f"hours.{hours.name}.open: at least one window is needed"
    for written in hours.open:
        if not _windows(written):
            yield f"hours.{hours.name}.open: {written!r} is not of the form 'MONDAY-FRIDAY 08:00-20:00'"


def _windows(written: str) -> list[Window]:
    """The windows of one text, one a day; none where the text is wrong."""
    match = _WINDOW.fullmatch(written)
    if match is None or not {match["first"], match["last"] or match["first"]} <= set(DAYS):
        return []
    opens, closes = match["opens"], match["closes"]
    ends_in_time = opens < closes or closes == "00:00"
    if not (_TIME.fullmatch(opens) and _TIME.fullmatch(closes) and ends_in_time):
        return []
    first, last = DAYS.index(match["first"]), DAYS.index(match["last"] or match["first"])
    return [Window(day=day, opens=opens, closes=closes) for day in DAYS[first : last + 1]]
