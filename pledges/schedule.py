"""The moments at which a pledge's gifts are due. Pure: no Django, no clock.

The n-th gift is due so many weeks or months after the first day, at a fixed hour of the giver's zone. Each is counted from the
first day and not from the gift before, so that the 31st comes back after a shorter month.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

GIFT_TIME = time(9)
"""When gifts are due in the giver's zone: nobody's day begins with a message of their bank's at midnight."""


class Every(StrEnum):
    """The words of the wire contract."""

    WEEK = "Week"
    MONTH = "Month"


def day_of(start: date, every: Every, number: int) -> date:
    """The day of this gift; 1 is the first. In a month that is too short it is the last day."""
    if every is Every.WEEK:
        return start + timedelta(weeks=number - 1)
    months = start.year * 12 + start.month - 1 + number - 1
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))  # invariant: a-month-ends-with-its-last-day


def due_at(start: date, every: Every, number: int, zone: tzinfo, at: time = GIFT_TIME) -> datetime:
    """The moment, in UTC.

    Where clocks go forward over it, it is as long after the change as it would have been after midnight without one; where they
    go back, it is the first of the two.
    """
    return _moment(day_of(start, every, number), at, zone)


def last_due(start: date, every: Every, now: datetime, zone: tzinfo, at: time = GIFT_TIME) -> int:
    """The number of the last gift whose moment has come; 0: none has."""
    days = now.astimezone(zone).date()
    if every is Every.WEEK:
        number = (days - start).days // 7 + 1
    else:
        number = (days.year - start.year) * 12 + days.month - start.month + 1
    number = max(number, 0)
    while number > 0 and due_at(start, every, number, zone, at) > now:
        number -= 1
    while due_at(start, every, number + 1, zone, at) <= now:
        number += 1
    return number


def end_of(day: date, zone: tzinfo) -> datetime:
    """When this day is over in the zone, in UTC: nothing is begun from then on. The last day that there is never is."""
    if day == date.max:  # which people write for "without an end"
        return datetime.max.replace(tzinfo=UTC)
    return _moment(day + timedelta(days=1), time.min, zone)


def _moment(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
