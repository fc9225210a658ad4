"""What a partner may ask for, what is refused and why; and the PIN."""

import pytest

from pledges.models import Pledge
from tests.givers.conftest import OTHER_PIN, PIN

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Every": "Day"}, "Every must be one of Week, Month."),
        ({"TimeZone": "Berlin"}, "TimeZone must be a zone of the IANA time zone database such as Europe/Berlin."),
        ({"TimeZone": "localtime"}, "TimeZone must be a zone of the IANA time zone database such as Europe/Berlin."),
        ({"TimeZone": "Factory"}, "TimeZone must be a zone of the IANA time zone database such as Europe/Berlin."),
        ({"StartDate": "2027-01-03"}, "StartDate must not be before today, which is 2027-01-04 in the giver's zone."),
        ({"StartDate": "2029-06-01"}, "StartDate must be within 2 years."),
        ({"StartDate": "2027-02-30"}, "StartDate must be a day such as 2027-06-30."),
        ({"StartDate": "2027-03-01", "EndDate": "2027-02-28"}, "EndDate must not be before StartDate."),
        ({"Amount": "0"}, "Amount must be more than 0."),
        ({"GiverId": "vytxeTZskVKR7C7WgdSP3d"}, "GiverId must be the Id of a giver of yours."),
        ({"PermissionId": "vytxeTZskVKR7C7WgdSP3d"}, "PermissionId must be the Id of a permission of this giver's."),
        ({"Message": "4111 1111 1111 1111"}, "Message must not hold a card number"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(pledging, changes, sentence):
    refused = pledging.post(**changes)
    assert refused.status == 400
    assert sentence in refused.text
    assert not Pledge.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code", "why"),
    [
        ({"Amount": "51.00"}, "pledge_not_covered", "more than the permission's MaximumAmount"),
        ({}, "goal_takes_no_pledges", "The goal is Closed"),
    ],
)
def test_what_nothing_covers_is_refused(pledging, changes, code, why):
    if code == "goal_takes_no_pledges":
        pledging.ann.shop.post(f"/api/SavingGoal/{pledging.ann.goal_id}/Close", "")
    refused = pledging.post(**changes)
    assert (refused.status, code in refused.text, why in refused.text) == (409, True, True), refused.text


def test_a_permission_in_another_currency_is_no_reason(pledging):
    pledging.ann.permission(Currency="EUR")
    refused = pledging.post(Amount="51.00")
    assert (refused.status, "more than the permission's MaximumAmount" in refused.text) == (409, True), refused.text


def test_today_is_the_givers(pledging):
    """At 12:00 UTC it is the next day in Samoa, and nine in the morning was some hours ago there."""
    pledge_id = pledging.pledge(TimeZone="Pacific/Apia")
    now = pledging.get(pledge_id)
    assert (now.value("StartDate"), now.value("NextDate")) == ("2027-01-05", "2027-01-04T20:00:00Z")
    assert (now.value("Contributor"), now.value("TimeZone")) == ("Ann", "Pacific/Apia")


def test_a_pledge_needs_the_pin_and_its_gifts_do_not(pledging):
    pledging.ann.set_pin()
    assert [pledging.post(**pin).status for pin in ({}, {"Pin": OTHER_PIN})] == [403, 403]
    assert pledging.post(Pin=PIN, StartDate="2027-01-05").status == 201
    pledging.work("2027-01-05T09:00:00")
    assert pledging.gifts() == [("2027-01-05", "Settled")]


def test_the_same_request_makes_one_pledge(pledging):
    answers = [pledging.post(Idempotency_Key="ann-club") for _ in range(2)]
    assert ([one.status for one in answers], Pledge.objects.count()) == ([201, 201], 1)
    assert answers[0].value("Id") == answers[1].value("Id")
    checked = pledging.ann.shop.post(
        f"/api/SavingGoal/{pledging.ann.goal_id}/Pledges?ValidateOnly=1",
        f"<Pledge><GiverId>{pledging.ann.id}</GiverId><Amount>5</Amount><Every>Week</Every></Pledge>",
    )
    assert (checked.status, Pledge.objects.count()) == (200, 1)


def test_lists_are_of_a_goal_and_of_all(pledging):
    ids = [pledging.pledge(Amount=f"{amount}.00") for amount in (1, 2, 3)]
    shop, goal_id = pledging.ann.shop, pledging.ann.goal_id
    shop.post(f"/api/Pledge/{ids[0]}/Pause", "")
    for where in (f"/api/SavingGoal/{goal_id}/Pledges?", f"/api/Pledges?GiverId={pledging.ann.id}&"):
        first = shop.get(f"{where}limit=2", Accept="application/json").json
        rest = shop.get(first["Next"], Accept="application/json").json
        assert [one["Id"] for one in first["Pledge"] + rest["Pledge"]] == ids[::-1]
        paused = shop.get(f"{where}State=Paused", Accept="application/json").json
        assert [one["Id"] for one in paused["Pledge"]] == ids[:1]
    assert shop.get("/api/Pledges?State=Open").status == 400
    assert shop.get("/api/Pledges?GiverId=nobody", Accept="application/json").json["Pledge"] == []


def test_another_partner_sees_nothing_of_it(pledging, rival):
    pledge_id = pledging.pledge()
    assert rival.get(f"/api/Pledge/{pledge_id}").status == 403
    assert rival.post(f"/api/Pledge/{pledge_id}/Pause", "").status == 403
    assert pledge_id not in rival.get("/api/Pledges").text
    assert pledging.row(pledge_id).state == "Active"
