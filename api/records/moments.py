"""Days and moments as clients write them: xs:date, xs:dateTime and RFC 3339, and what is read all the same.

Only what can be meant in one way is repaired, and told: docs/decisions/0057-lenient-in-strict-out.md.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import clock
from api.records.reading import Members, Repaired, Unfit

_ZONE = r"([Zz]|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})" + _ZONE)
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})([Tt ])((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]|24:00:00)(?:\.([0-9]+))?" + _ZONE
)
_MICROSECOND_DIGITS = 6
_NO_OFFSET = "has no offset"
_SENTENCE = "must be a day such as 2027-06-30 or a moment with its offset such as 2027-06-30T18:00:00+02:00"


@dataclass(frozen=True)
class Span:
    """The moments where something begins and where it ends: for a moment they are the same."""

    begin: datetime
    end: datetime


@dataclass(frozen=True)
class _Read:
    """What a text was read as, in its zone: a moment, or a day by its beginning.

    `text` is how it should be written, `oddities` why.
    """

    text: str
    oddities: tuple[str, ...]
    at: datetime
    is_day: bool = False

    def repaired(self, value: Any) -> Any:
        """The value, and what is told of how it was written where that was not quite right."""
        if not self.oddities:
            return value
        done = "it was taken as UTC" if self.oddities == (_NO_OFFSET,) else f"it was read as {self.text}"
        return Repaired(value, " and ".join(self.oddities), done, f"write {self.text}")


def check_future(members: Members, name: str, at: datetime | None) -> None:
    """A fault where this element names a moment that has come already."""
    if at is not None and at <= clock.now():
        members.fault(members.by_name[name], f"{name} must be in the future, or be left out.")


def end_date(text: str) -> tuple[datetime | None, bool] | Repaired:
    """The moment in UTC, and whether it is the end of a day there; (None, False) for an empty text.

    A day with a zone ends there, which is a day of ours only where that is UTC; a moment without one is taken as UTC.
    """
    if not text:
        return None, False

    def value(read: _Read) -> tuple[datetime, bool]:
        if not read.is_day:
            return read.at.astimezone(UTC), False
        ends_at = datetime.combine(read.at, time.max, read.at.tzinfo).astimezone(UTC)
        return ends_at, ends_at.time() == time.max

    return _read_as(text, value)  # type: ignore[no-any-return]


def day_or_moment(text: str) -> Span | Repaired:
    """A day, in its zone or UTC, or a moment; one without an offset is taken as UTC."""

    def value(read: _Read) -> Span:
        begin = read.at.astimezone(UTC)
        if not read.is_day:
            return Span(begin, begin)
        is_the_last = begin.date() == date.max  # which people write for "without an end"
        return Span(begin, datetime.max.replace(tzinfo=UTC) if is_the_last else begin + timedelta(days=1))

    return _read_as(text, value)  # type: ignore[no-any-return]


def _read_as(text: str, value: Callable[[_Read], Any]) -> Any:
    """Raises Unfit."""
    try:
        if found := _DATE.fullmatch(text):
            read = _day_in(found)
        elif found := _DATE_TIME.fullmatch(text):
            read = _moment_in(found)
        else:
            raise Unfit(_SENTENCE)
        return read.repaired(value(read))
    except Unfit:
        raise
    except (ValueError, OverflowError):  # shaped like a date, but there is no such day: the same sentence helps
        raise Unfit(_SENTENCE) from None


def _day_in(found: re.Match[str]) -> _Read:
    day, zone = found.groups()
    oddities = ("has a small t or z",) if zone == "z" else ()
    begin = datetime.combine(date.fromisoformat(day), time.min, _zone(zone))
    return _Read(day + (zone or "").upper(), oddities, begin, is_day=True)


def _moment_in(found: re.Match[str]) -> _Read:
    day, between, at, fraction, zone = found.groups()
    digits, lost = (fraction or "")[:_MICROSECOND_DIGITS], (fraction or "")[_MICROSECOND_DIGITS:].strip("0")
    oddities = {
        "has a small t or z": between == "t" or zone == "z",
        "has a blank in place of its T": between == " ",
        "has the hour 24": at.startswith("24"),
        _NO_OFFSET: zone is None,
        "is finer than a microsecond": bool(lost),  # .NET writes seven digits, of which the last is mostly 0
    }
    if at.startswith("24"):
        if (fraction or "").strip("0"):
            raise ValueError("a day has no more than 24 hours")
        day, at = (date.fromisoformat(day) + timedelta(days=1)).isoformat(), "00:00:00"
    written = f"{day}T{at}{'.' * bool(digits)}{digits}"
    right = written + (zone or "Z").upper()
    moment = datetime.fromisoformat(written).replace(tzinfo=_zone(zone))
    return _Read(right, tuple(name for name, is_so in oddities.items() if is_so), moment)


def _zone(text: str | None) -> tzinfo:
    """The offset, which XML Schema and RFC 3339 write alike; none is UTC."""
    return UTC if text is None else datetime.strptime(text.upper(), "%z").tzinfo or UTC
