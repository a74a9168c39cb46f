"""Whether a calendar is open now.

Rules and their sources: botocore, HoursOfOperation (a time zone; a day, its start and its end, in hours and minutes);
Administrator Guide, "Set the hours of operation and time zone for a queue", How to specify midnight: an end at 12:00
AM is the end of the day. That the end's own minute is closed is modelled. Overrides are not simulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

    from .resources import Hours

MIDNIGHT = 24 * 60


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether the calendar is open at an aware moment."""
    local = at.astimezone(ZoneInfo(hours.time_zone))
    day, minute = local.strftime("%A").upper(), local.hour * 60 + local.minute
    return any(each["Day"] == day and _covers(each, minute) for each in hours.config)


def _covers(each: dict[str, Any], minute: int) -> bool:
    return _minute(each["StartTime"]) <= minute < (_minute(each["EndTime"]) or MIDNIGHT)


def _minute(of_day: dict[str, int]) -> int:
    return of_day["Hours"] * 60 + of_day["Minutes"]
