"""A pledge from its making to its gifts."""

import pytest

pytestmark = pytest.mark.django_db


def test_a_monthly_pledge_gives_every_month(pledging):
    pledge_id = pledging.pledge(StartDate="2027-01-31", TimeZone="Europe/Berlin")
    assert pledging.get(pledge_id).value("NextDate") == "2027-01-31T08:00:00Z"
    pledging.work("2027-01-31T07:59:59")
    assert pledging.gifts() == []
    for moment in ("2027-01-31T08:00:00", "2027-02-28T08:00:00", "2027-03-31T07:00:00"):
        pledging.work(moment)
    assert pledging.gifts() == [("2027-01-31", "Settled"), ("2027-02-28", "Settled"), ("2027-03-31", "Settled")]
    assert pledging.told() == ["made", "gift_made", "gift_made", "gift_made"]
