"""The days and moments of pledges, by literal dates."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from pledges.schedule import Every, day_of, due_at, end_of, last_due

WEEK, MONTH = Every.WEEK, Every.MONTH
BERLIN, SAO_PAULO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Sao_Paulo")
KATHMANDU, APIA = ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Apia")


def moments(start: date, every: Every, zone: ZoneInfo, *numbers: int, at: time = time(9)) -> list[str]:
    return [f"{due_at(start, every, number, zone, at):%Y-%m-%dT%H:%MZ}" for number in numbers]


@pytest.mark.parametrize(
    ("start", "days"),
    [
        ("2027-01-31", "2027-01-31 2027-02-28 2027-03-31 2027-04-30 2027-05-31"),
        ("2028-01-31", "2028-01-31 2028-02-29 2028-03-31"),
        ("2027-12-30", "2027-12-30 2028-01-30 2028-02-29 2028-03-30"),
        ("2028-02-29", "2028-02-29 2028-03-29 2028-04-29"),
        ("2027-11-30", "2027-11-30 2027-12-30 2028-01-30"),
    ],
)
def test_a_month_that_is_too_short_has_its_last_day(start, days):
    found = [day_of(date.fromisoformat(start), MONTH, number).isoformat() for number in range(1, len(days.split()) + 1)]
    assert found == days.split()


def test_february_29_comes_back_in_leap_years():
    start = date(2028, 2, 29)
    assert [day_of(start, MONTH, 1 + 12 * years).isoformat() for years in (1, 2, 3, 4, 72)] == [
        "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29", "2100-02-28",
    ]  # fmt: skip


def test_weeks_go_over_years_and_leap_days():
    assert [day_of(date(2028, 2, 22), WEEK, number).isoformat() for number in (1, 2, 3, 46)] == [
        "2028-02-22", "2028-02-29", "2028-03-07", "2029-01-02",
    ]  # fmt: skip


def test_nine_in_berlin_is_nine_in_summer_and_winter():
    assert moments(date(2027, 3, 27), WEEK, BERLIN, 1, 2) == ["2027-03-27T08:00Z", "2027-04-03T07:00Z"]
    assert moments(date(2027, 10, 30), WEEK, BERLIN, 1, 2) == ["2027-10-30T07:00Z", "2027-11-06T08:00Z"]
    assert moments(date(2027, 3, 28), WEEK, BERLIN, 1) == ["2027-03-28T07:00Z"]
    assert moments(date(2027, 10, 31), WEEK, BERLIN, 1) == ["2027-10-31T08:00Z"]


def test_an_hour_that_there_is_not_and_one_that_there_is_twice():
    gap, twice = date(2027, 3, 28), date(2027, 10, 31)
    assert moments(gap, MONTH, BERLIN, 1, at=time(2, 30)) == ["2027-03-28T01:30Z"]  # 03:30 in summer time
    assert moments(twice, MONTH, BERLIN, 1, at=time(2, 30)) == ["2027-10-31T00:30Z"]  # the first of the two
    # In Brazil clocks went forward at midnight, and back at midnight.
    assert moments(date(2018, 11, 4), WEEK, SAO_PAULO, 1, at=time(0, 0)) == ["2018-11-04T03:00Z"]  # 01:00 in summer time
    assert moments(date(2018, 2, 17), WEEK, SAO_PAULO, 1, at=time(23, 30)) == ["2018-02-18T01:30Z"]


def test_zones_off_the_hour_and_across_the_date_line():
    assert moments(date(2018, 10, 28), WEEK, SAO_PAULO, 1, 2, 3) == [
        "2018-10-28T12:00Z", "2018-11-04T11:00Z", "2018-11-11T11:00Z",
    ]  # fmt: skip
    assert moments(date(2027, 1, 31), MONTH, KATHMANDU, 1, 2) == ["2027-01-31T03:15Z", "2027-02-28T03:15Z"]
    # Samoa had no December 30 in 2011: what was due then came on the next day, and the week after is in step again.
    assert moments(date(2011, 12, 23), WEEK, APIA, 1, 2, 3) == [
        "2011-12-23T19:00Z", "2011-12-30T19:00Z", "2012-01-05T19:00Z",
    ]  # fmt: skip


def test_the_last_day_that_there_is_has_no_end():
    """`9999-12-31`, which people write for "without an end"."""
    for zone in (UTC, BERLIN, APIA, ZoneInfo("Pacific/Niue")):
        assert end_of(date.max, zone) == datetime.max.replace(tzinfo=UTC)
    assert end_of(date(9999, 12, 30), ZoneInfo("Pacific/Niue")) == datetime(9999, 12, 31, 11, tzinfo=UTC)


def test_each_moment_comes_after_the_one_before():
    """Whatever the zone does, two gifts never fall on one moment, and the last due one is found exactly at it."""
    for zone in (BERLIN, SAO_PAULO, KATHMANDU, APIA, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Los_Angeles")):
        for every, start in ((WEEK, date(2011, 1, 7)), (MONTH, date(2011, 1, 31))):
            found = [due_at(start, every, number, zone) for number in range(1, 200)]
            assert found == sorted(set(found))
            for number, moment in enumerate(found, start=1):
                assert last_due(start, every, moment, zone) == number
                just_before = datetime.fromtimestamp(moment.timestamp() - 1, UTC)
                assert last_due(start, every, just_before, zone) == number - 1


def test_nothing_is_due_before_the_first_day():
    assert last_due(date(2027, 5, 1), MONTH, datetime(2027, 1, 1, tzinfo=UTC), BERLIN) == 0
    assert last_due(date(2027, 5, 1), WEEK, datetime(2027, 1, 1, tzinfo=UTC), BERLIN) == 0


def test_the_last_day_ends_in_the_givers_zone():
    assert f"{end_of(date(2027, 3, 31), KATHMANDU):%Y-%m-%dT%H:%MZ}" == "2027-03-31T18:15Z"
    assert f"{end_of(date(2027, 10, 31), BERLIN):%Y-%m-%dT%H:%MZ}" == "2027-10-31T23:00Z"
