"""A goal's life over the wire."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from goals.models import PaymentAccount, SavingGoal
from tests.conftest import contribution_xml, goal_xml

pytestmark = pytest.mark.django_db

PAYPAL = {"ProviderName": "PayPal", "Credentials": "anna@example.org"}
STRIPE = {"ProviderName": "Stripe", "Credentials": "acct_1"}
FULL = {
    "ExternalItemId": "bike-7", "Name": "A <bicycle> & a bell for Änna 🚲", "StartingAmount": "10.5", "GoalAmount": "250",
    "EndDate": "2099-06-30", "PaymentProviders": {"PaymentProvider": [PAYPAL, STRIPE]},
    "ConfirmationURL": "https://shop.example/thanks?a=1&b=2", "CancelURL": "https://shop.example/pity", "Currency": "EUR",
    "CapturePolicy": "Manual",
}  # fmt: skip
SMALLEST = {
    "ExternalItemId": "bike-7", "Name": "A bicycle", "GoalAmount": "250", "PaymentProviders": {"PaymentProvider": [PAYPAL]},
}  # fmt: skip


@pytest.fixture
def speak(shop):
    """Send a SavingGoal (or nothing) in JSON and get the answer in it. XML says the same: tests/api/records/."""

    def say(verb, path, content=None, **headers):
        body = "" if content is None else json.dumps(content)
        return shop.call(verb, path, body, media="application/json", Accept="application/json", **headers)

    return say


def gives(shop, goal):
    return shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml())


def test_two_goals_for_the_same_item_are_two_goals(shop):
    first, second = shop.new_goal(ExternalItemId="bike-7"), shop.new_goal(ExternalItemId="bike-7")
    assert first != second
    found = shop.get("/api/savings?ExternalItemId=bike-7")
    assert [goal.findtext("Id") for goal in found.xml] == [second, first]


def test_an_id_in_a_post_is_ignored(speak, shop):
    mine = shop.new_goal()
    made = speak("POST", "/api/savings", SMALLEST | {"Id": mine}).json
    assert made["Id"] != mine
    assert SavingGoal.objects.count() == 2


def test_a_put_replaces_and_resets_what_it_leaves_out(speak):
    path = speak("POST", "/api/savings", FULL).headers["Location"]
    put = speak("PUT", path, SMALLEST | {"Name": "Another", "RecordVersionNumber": 1})
    assert put.status == 200
    goal = put.json
    assert (goal["Name"], goal["StartingAmount"], goal["RecordVersionNumber"]) == ("Another", "0.00", 2)
    assert [goal.get(name) for name in ("EndDate", "ConfirmationURL", "CancelURL")] == [None, None, None]
    assert goal["PaymentProviders"] == {"PaymentProvider": [{"ProviderName": "PayPal"}]}
    # A client of 2011 cannot know these two, and must not lose them by not sending them.
    assert (goal["Currency"], goal["CapturePolicy"]) == ("EUR", "Manual")
    assert speak("GET", path).body == put.body


def test_a_patch_changes_what_it_names_and_nothing_else(speak):
    path = speak("POST", "/api/savings", FULL).headers["Location"]
    before = speak("GET", path).json
    patched = speak("PATCH", path, {"Name": "Another", "RecordVersionNumber": 1})
    assert (patched.status, patched.json) == (200, before | {"Name": "Another", "RecordVersionNumber": 2})
    assert speak("GET", path).body == patched.body
    again = speak("PATCH", path, {"Name": "A third", "RecordVersionNumber": 2})
    assert again.json == patched.json | {"Name": "A third", "RecordVersionNumber": 3}
    assert speak("PATCH", path, {"RecordVersionNumber": 3}).body == again.body, "which names nothing"


def test_a_put_never_makes_a_goal(speak):
    assert speak("PUT", "/api/SavingGoal/" + "A" * 22, SMALLEST | {"RecordVersionNumber": 1}).status == 404
    assert SavingGoal.objects.count() == 0


def test_credentials_never_come_out_and_stay_if_left_out(speak):
    made = speak("POST", "/api/savings", FULL)
    path = made.headers["Location"]
    without = {"PaymentProvider": [{"ProviderName": "stripe"}, {"ProviderName": "Paypal"}]}
    put = speak("PUT", path, SMALLEST | {"PaymentProviders": without, "RecordVersionNumber": 1})
    patched = speak("PATCH", path, {"PaymentProviders": without, "RecordVersionNumber": 2})
    told = [made, put, patched, speak("GET", path), speak("GET", "/api/savings")]
    assert [answer.status for answer in told] == [201, 200, 200, 200, 200]
    for secret in ("Credentials", "anna@example.org", "acct_1"):
        assert not [answer for answer in told if secret in answer.text]
    accounts = PaymentAccount.objects.order_by("pk").values_list("provider", "retired_at")
    assert list(accounts) == [("PayPal", None), ("Stripe", None)]
    assert [one.credentials for one in PaymentAccount.objects.order_by("pk")] == ["anna@example.org", "acct_1"]


def test_a_gift_under_way_keeps_its_credentials(speak, shop, giver):
    """New ones are for new gifts."""
    goal = shop.new_goal()
    old = shop.new_contribution(goal)
    new = {"PaymentProvider": [{"ProviderName": "PayPal", "Credentials": "berta@example.org"}]}
    assert speak("PATCH", f"/api/SavingGoal/{goal}", {"PaymentProviders": new, "RecordVersionNumber": 1}).status == 200
    for gift in (old, shop.new_contribution(goal)):
        giver.pay(gift.value("ProviderURL"))
        assert shop.get(f"/api/Contribution/{gift.value('Id')}").value("Status") == "Settled"
    paid_to = SavingGoal.objects.get().contributions.order_by("pk")
    assert [one.checkout.account.credentials for one in paid_to] == ["anna@example.org", "berta@example.org"]


def test_a_deleted_goal_is_gone_from_everywhere(speak, shop):
    goal, other = shop.new_goal(), shop.new_goal()
    path = f"/api/SavingGoal/{goal}"
    gone = speak("DELETE", path)
    assert (gone.status, gone.body) == (204, b"")
    again = [speak("GET", path), speak("DELETE", path), speak("PUT", path, SMALLEST | {"RecordVersionNumber": 1})]
    assert [answer.status for answer in (*again, gives(shop, goal))] == [404] * 4
    assert [one.findtext("Id") for one in shop.get("/api/savings").xml] == [other]
    assert len(shop.get(f"/api/savings?Id={goal}").xml) == 0
    assert SavingGoal.objects.filter(public_id=goal).count() == 1  # nothing is erased


NOW = datetime.now(UTC)


def written(moment, zone):
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + zone


JUST_NOW, SOON = NOW - timedelta(minutes=5), NOW + timedelta(hours=1)
ENDED = {
    "day": "2020-01-01",
    "yesterday": (NOW - timedelta(days=1)).date().isoformat(),
    "moment": "2020-01-01T00:00:00Z",
    "minutes ago": written(JUST_NOW, "+00:00"),
    "east of here": written(JUST_NOW + timedelta(hours=5, minutes=30), "+05:30"),
}
STILL_GOING = {
    "last day": "9999-12-31",
    "tomorrow": (NOW + timedelta(days=1)).date().isoformat(),
    "within the hour, west": written(SOON - timedelta(hours=8), "-08:00"),
}


@pytest.mark.parametrize("end_date", ENDED.values(), ids=ENDED)
def test_no_gift_can_be_made_after_the_end(shop, end_date):
    goal = shop.new_goal(EndDate=end_date)
    refused = gives(shop, goal)
    assert (refused.status, refused.value("code")) == (409, "goal_has_ended")
    assert SavingGoal.objects.get().contributions.count() == 0
    # Its owner may think again.
    later = "<SavingGoal><EndDate>2099-01-01</EndDate><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
    assert (shop.patch(f"/api/SavingGoal/{goal}", later).status, gives(shop, goal).status) == (200, 201)


@pytest.mark.parametrize("end_date", STILL_GOING.values(), ids=STILL_GOING)
def test_a_gift_can_be_made_before_the_end(shop, end_date):
    assert gives(shop, shop.new_goal(EndDate=end_date)).status == 201


def test_a_day_ends_with_its_last_moment_in_utc(shop, moved_clock):
    goal = shop.new_goal(EndDate="2031-03-01")
    for moment, status in (("2031-03-01T23:59:59.999999", 201), ("2031-03-02T00:00:00.000000", 409)):
        moved_clock(datetime.fromisoformat(moment + "+00:00"))
        assert gives(shop, goal).status == status


def test_the_currency_can_change_until_the_first_gift(speak):
    path = speak("POST", "/api/savings", FULL).headers["Location"]
    changed = speak("PUT", path, FULL | {"Currency": "JPY", "StartingAmount": "10", "RecordVersionNumber": 1})
    goal = changed.json
    assert (changed.status, goal["Currency"], goal["StartingAmount"], goal["GoalAmount"]) == (200, "JPY", "10", "250")
    amounts = {"GoalAmount": "250.125", "StartingAmount": "0"}
    assert speak("PATCH", path, {"Currency": "KWD", "RecordVersionNumber": 2} | amounts).json["GoalAmount"] == "250.125"
    # Amounts in the old currency would change their worth by not being named.
    assert speak("PATCH", path, {"Currency": "EUR", "RecordVersionNumber": 3}).status == 400


@pytest.mark.parametrize("outcome", [None, "approve", "cancel", "deleted", "decline"])
def test_the_currency_is_fixed_once_a_contribution_exists(speak, shop, giver, outcome):
    goal = shop.new_goal()
    gift = shop.new_contribution(goal)
    if outcome == "deleted":
        assert shop.delete(f"/api/Contribution/{gift.value('Id')}").status == 204
    elif outcome:
        giver.pay(gift.value("ProviderURL"), outcome)
    path = f"/api/SavingGoal/{goal}"
    before, euros = shop.get(path), {"Currency": "EUR"}
    for verb, content in (("PUT", SMALLEST | euros), ("PATCH", euros | {"GoalAmount": "1"}), ("PATCH", euros)):
        refused = speak(verb, path, content | {"RecordVersionNumber": 1})
        assert (refused.status, "currency_is_fixed" in refused.text) == (409, True)
        assert speak(verb, path, content, If_Match=before.headers["ETag"]).status == 409
    assert shop.get(path).body == before.body
    assert speak("PUT", path, SMALLEST | {"Currency": "USD", "RecordVersionNumber": 1}).status == 200


def test_one_list_may_hold_many_currencies(shop):
    for currency, amount in (("JPY", "5000"), ("KWD", "5.125"), ("USD", "5.25")):
        shop.new_goal(Currency=currency, GoalAmount=amount)
    told = [(goal.findtext("GoalAmount"), goal.findtext("Currency")) for goal in shop.get("/api/savings").xml]
    assert told == [("5.25", "USD"), ("5.125", "KWD"), ("5000", "JPY")]


def test_the_largest_goal_that_can_be_written_can_be_read_again(shop):
    goal = shop.new_goal(GoalAmount="999999999999.999", StartingAmount="999999999999.999", Currency="KWD")
    for path in (f"/api/SavingGoal/{goal}", "/api/savings"):
        assert shop.get(path).value("GoalAmount") == "999999999999.999"
    gift = shop.new_contribution(goal, Amount="999999999999.999")
    assert gift.value("Amount") == "999999999999.999"
    assert shop.post("/api/savings", goal_xml(GoalAmount="1000000000000")).status == 400
