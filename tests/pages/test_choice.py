"""A goal with several providers: the client names none, and the giver picks one on a page of ours."""

import re
from datetime import timedelta

import pytest

from contributions.audit import faults_in_the_books
from contributions.models import Contribution, ProviderRequest, StatusChange
from contributions.worker import sync_all_due
from partners.models import Partner
from providers.sandbox.models import SandboxCheckout
from tests.conftest import PAYPAL
from tests.picking import PITY, THANKS, OpenGift, account, asks_for, buttons_in, token_in
from tests.xml_schemas.answers import in_both_formats

pytestmark = pytest.mark.django_db


@pytest.fixture
def gift(shop, giver):
    """20.00 USD that can be paid with PayPal, Amazon or Stripe; in the end the books are right."""
    yield OpenGift(shop, giver)
    assert list(faults_in_the_books()) == []


def test_without_a_provider_the_address_is_our_page(gift, shop):
    assert gift.made.status == 201
    assert gift.made.xml.find("ProviderName") is None
    assert gift.made.value("ProviderURL") == f"http://give.example.test/pay/{gift.id}"
    assert (gift.made.value("Status"), gift.made.value("RecordVersionNumber")) == ("Submitted", "1")
    assert gift.seen().body == gift.made.body
    assert (ProviderRequest.objects.count(), SandboxCheckout.objects.count()) == (0, 0), "nobody was asked anything"
    body = '{"Amount": "5.00", "Contributor": "Grandma", "ProviderName": null}'
    made = shop.post(f"/api/SavingGoal/{gift.goal_id}/Contributions", body, media="application/json", Accept="application/json")
    assert (made.status, made.json["ProviderURL"]) == (201, f"http://give.example.test/pay/{made.json['Id']}")
    assert "ProviderName" not in made.json


def test_without_a_provider_it_fits_both_schemas(gift, shop):
    for path in (f"/api/Contribution/{gift.id}", *(f"/api/SavingGoal/{gift.goal_id}{more}" for more in ("", "/Contributions"))):
        told = in_both_formats(shop, path)
        assert [one.find("ProviderName") for one in told.xml.iter("Contribution")] == [None]
        assert "ProviderURL" in told.text
    gift.sends("cancel")
    made, canceled = shop.get("/api/Events").xml.findall("Event")
    assert [one.findtext("Type") for one in (made, canceled)] == ["contribution.submitted", "contribution.canceled"]
    assert [one.find("Contribution/ProviderName") for one in (made, canceled)] == [None, None]


@pytest.mark.parametrize(("named_at_first", "providers_then"), [("", PAYPAL), ("PayPal", OpenGift.providers)])
def test_a_lost_answer_is_made_good_though_the_goal_changed(gift, shop, monkeypatch, named_at_first, providers_then):
    """The gift was made and the process died: the same gift is found, whatever its goal's providers are by now."""
    goal = gift.goal_id if not named_at_first else shop.new_goal()
    monkeypatch.setattr("api.resources.contributions.ContributionResource.answer", None)  # making the answer fails
    assert asks_for(shop, goal, Idempotency_Key="k2").status == 500
    monkeypatch.undo()
    gift.goal_id = goal
    gift.change_goal(PaymentProviders=providers_then)
    before = Contribution.objects.latest("pk")
    found = asks_for(shop, goal, Idempotency_Key="k2")
    assert (found.status, found.value("Id")) == (201, before.public_id)
    assert found.xml.findtext("ProviderName") == (named_at_first or None)
    assert Contribution.objects.latest("pk") == before


def test_where_no_provider_is_offered_that_is_said_at_once(gift, shop):
    Partner.objects.update(is_test=False)
    refused = asks_for(shop, gift.goal_id)
    assert (refused.status, refused.value("code")) == (400, "provider_not_offered")
    assert refused.value("detail") == " ".join(
        ["None of the goal's providers can take this gift."]
        + [f"{name} is not offered here: the service has no live {name} keys." for name in ("PayPal", "Amazon", "Stripe")]
    )
    text = gift.looks()  # of a gift that was made when there were some
    assert "This gift cannot be paid at this moment." in text
    assert [value for value, _ in buttons_in(text)] == ["cancel"]
    assert gift.sends("cancel").headers["Location"] == f"{PITY}?Id={gift.id}"


def test_an_amount_that_no_provider_carries_is_refused(shop, settings):
    goal = shop.new_goal(PaymentProviders=account("PayPal") + account("Stripe", "acct_1"), Currency="HUF", GoalAmount="9000")
    Partner.objects.update(is_test=False)
    settings.PROVIDERS_WITH_KEYS = {"PayPal"}
    refused = asks_for(shop, goal, Amount="2500.50")
    assert (refused.status, refused.value("code")) == (400, "decimals_refused")
    for part in ("None of the goal's providers can take this gift. ", "HUF", "Stripe is not offered here"):
        assert part in refused.value("detail")
    assert asks_for(shop, goal, Amount="2500").status == 201
    assert Contribution.objects.count() == 1


def test_a_scenario_needs_a_provider_and_a_goal_that_goes_on(gift, shop):
    refused = asks_for(shop, gift.goal_id, Sandbox_Scenario="answer_lost")
    assert (refused.status, refused.value("code")) == (400, "invalid_header")
    assert "Sandbox-Scenario needs a ProviderName" in refused.value("detail")
    assert asks_for(shop, gift.goal_id, Sandbox_Scenario="answer_lost", ProviderName="Amazon").status == 201
    assert SandboxCheckout.objects.get().scenario == "answer_lost"
    gift.change_goal(EndDate="2020-01-01")
    assert asks_for(shop, gift.goal_id).value("code") == "goal_has_ended"


def test_an_amounts_scenario_is_played_by_the_one_picked(shop, giver):
    gift = OpenGift(shop, giver, amount="4040.04", GoalAmount="5000")
    assert gift.comes_back(gift.picks("Amazon")) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Pending", "provider_unreachable")
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Settled", None)


def test_it_says_what_is_given_and_has_a_button_for_each(gift, shop, giver):
    seen = gift.giver.visit(gift.page)
    for told in ("A bicycle for Anna", "20.00 USD", "Uncle Bob", "Anna&#x27;s Shop", '<html lang="en">', 'name="viewport"'):
        assert told in seen.text
    assert "<fieldset>\n<legend>How would you like to pay?</legend>" in seen.text
    assert buttons_in(seen.text) == [
        ("PayPal", "Pay with PayPal"),
        ("Amazon", "Pay with Amazon Pay"),
        ("Stripe", "Pay by card (Stripe)"),
        ("cancel", "Do not give now"),
    ]
    for absent in ("<script", "onclick", "anna@example.org"):
        assert absent not in seen.text
    policy = re.sub(r"'sha256-[^']+'", "'sha256'", seen.headers["Content-Security-Policy"])
    assert policy == (
        "default-src 'none'; style-src 'sha256'; frame-ancestors 'none'; base-uri 'none'; form-action http: https:"
    )
    assert (seen.headers["Cache-Control"], seen.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    evil = OpenGift(shop, giver, Name="&lt;script&gt;alert(1)&lt;/script&gt; &lt;!-- &amp; &quot;").looks()
    assert ("<script" in evil, "&lt;script&gt;alert(1)&lt;/script&gt;" in evil) == (False, True), "markup in a name is text"


def test_only_what_is_offered_for_the_amount_can_be_picked(shop, giver, settings):
    providers = account("Stripe", "acct_1") + account("PayPal") + account("Google")
    gift = OpenGift(shop, giver, amount="0.10", PaymentProviders=providers)
    assert [value for value, _ in buttons_in(gift.looks())] == ["Stripe", "PayPal", "Google", "cancel"]
    settings.PROVIDERS_WITH_TEST_KEYS = {"Stripe"}  # at its test environment it takes nothing below 0.50
    assert [value for value, _ in buttons_in(gift.looks())] == ["PayPal", "Google", "cancel"]
    refused = gift.sends("Stripe")
    assert refused.status == 400
    assert "This way of paying cannot be chosen for this gift (any more)" in refused.text


def test_the_goals_providers_are_those_of_the_moment(gift):
    token = token_in(gift.looks())
    gift.change_goal(PaymentProviders=account("Amazon") + account("Google"))
    assert gift.sends("PayPal", token).status == 400
    assert [value for value, _ in buttons_in(gift.looks())] == ["Amazon", "Google", "cancel"]
    gift.change_goal(PaymentProviders=account("Google"))
    checkout = gift.giver.checkout(gift.page)  # there is nothing left to choose
    assert gift.comes_back(checkout) == f"{THANKS}?Id={gift.id}"
    assert (gift.value("ProviderName"), gift.status) == ("Google", ("Settled", None))


def test_before_one_is_picked_every_way_leads_here_or_nowhere(gift, shop):
    assert gift.giver.client.head(f"/pay/{gift.id}").status_code == 200
    assert gift.giver.client.put(f"/pay/{gift.id}").status_code == 405
    assert gift.giver.client.post("/pay/2222222222222222222222", {"choosing": "1"}).status_code == 404
    seen = gift.giver.visit(f"/thank-you?Id={gift.id}")
    assert f'<a class="button go" href="{gift.page}">Choose how to pay</a>' in seen.text
    for provider in ("paypal", "amazon", "stripe"):
        for way in ("return", "cancel"):
            assert gift.giver.visit(f"/providers/{provider}/{way}/{gift.id}?token=x").status == 404
    assert shop.post(f"/api/Contribution/{gift.id}/Capture").value("code") == "cannot_capture"
    assert shop.post(f"/api/Contribution/{gift.id}/Refunds", "<Refund/>").value("code") == "cannot_refund"
    assert gift.status == ("Submitted", None)


@pytest.mark.parametrize("provider", ["PayPal", "Amazon", "Stripe"])
def test_the_giver_picks_pays_and_comes_back(gift, provider):
    checkout = gift.picks(provider)
    assert "/sandbox/checkout/" in checkout
    assert provider in gift.giver.visit(checkout).text
    assert (gift.value("ProviderName"), gift.checkout.url, gift.status) == (provider, checkout, ("Submitted", None))
    assert gift.comes_back(checkout) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    assert gift.shop.get(f"/api/SavingGoal/{gift.goal_id}").value("CurrentAmount") == "20.00"


def test_the_choice_is_seen_by_clients_and_is_an_event(gift, shop):
    goal = f"/api/SavingGoal/{gift.goal_id}"
    tag, goal_tag = gift.made.headers["ETag"], shop.get(goal).headers["ETag"]
    assert gift.seen(If_None_Match=tag).status == 304
    gift.looks()
    assert gift.seen(If_None_Match=tag).status == 304, "looking at the page changes nothing"
    gift.picks("Stripe")
    now = gift.seen(If_None_Match=tag)
    assert (now.status, now.value("RecordVersionNumber"), now.value("ProviderName")) == (200, "2", "Stripe")
    assert shop.get(goal, If_None_Match=goal_tag).status == 200
    assert shop.get(goal).value("RecordVersionNumber") == "1"
    events = shop.get("/api/Events").xml.findall("Event/Contribution")
    assert [one.findtext("ProviderName") for one in events] == [None, "Stripe"]
    told = StatusChange.objects.order_by("version").values_list("version", "from_status", "to_status", "reason", "event")
    assert list(told) == [
        (1, "", "Submitted", "", "contribution.submitted"),
        (2, "Submitted", "Submitted", "provider_picked", "contribution.updated"),
    ]


def test_the_goal_as_it_is_when_the_giver_picks_is_paid(gift):
    gift.change_goal(CapturePolicy="Manual", PaymentProviders=account("PayPal", "new@example.org") + account("Stripe"))
    gift.comes_back(gift.picks("PayPal"))
    assert gift.checkout.account.credentials == "new@example.org"
    assert gift.status == ("Authorized", None)


def test_a_second_tab_leads_to_what_was_picked_and_stops_nobody(gift):
    old = token_in(gift.looks())
    checkout = gift.picks("PayPal")
    for outcome in ("PayPal", "Stripe", "nobody"):
        assert gift.picks(outcome, old) == checkout
    assert gift.giver.checkout(gift.page) == checkout
    told = gift.giver.visit(gift.picks("cancel", old))
    assert "Not paid yet" in told.text
    assert f'href="{gift.page}">Go on to PayPal' in told.text
    assert (gift.value("ProviderName"), gift.value("RecordVersionNumber")) == ("PayPal", "2")
    assert (gift.status, SandboxCheckout.objects.count()) == (("Submitted", None), 1)
    gift.comes_back(checkout)
    assert "Already given: thank you, <bdi>Uncle Bob</bdi>!" in gift.sends("cancel", old).text


def test_a_strangers_token_or_provider_is_nobodys(gift, shop, giver):
    other = OpenGift(shop, giver)
    good = token_in(gift.looks())
    for bad in ("", "x", good[:-1], good + "A", token_in(other.looks()), "é"):
        for outcome in ("PayPal", "cancel"):
            refused = gift.sends(outcome, bad)
            assert (refused.status, "This page was out of date" in refused.text) == (400, True)
    for outcome in ("", "Google", "paypal", "sandbox", "<script>"):
        refused = gift.sends(outcome)
        assert (refused.status, "<script>" in refused.text) == (400, False)
    assert (gift.status, gift.value("ProviderName")) == (("Submitted", None), None)
    assert SandboxCheckout.objects.count() == 0


def test_a_no_on_the_page_cancels_and_leads_back_to_the_partner(gift, later):
    token = token_in(gift.looks())
    assert [gift.picks("cancel", token) for _ in range(2)] == [f"{PITY}?Id={gift.id}"] * 2
    assert gift.status == ("Canceled", "giver_cancelled")
    assert (gift.value("ProviderName"), gift.value("RecordVersionNumber")) == (None, "2")
    refused = gift.sends("PayPal", token)
    assert (refused.status, "This page was out of date" in refused.text) == (400, True)
    assert buttons_in(refused.text) == buttons_in(gift.looks()), "who changes their mind can choose anew"
    later(hours=73)
    sync_all_due()
    assert (gift.status, gift.checkout.due_at) == (("Canceled", "giver_cancelled"), None)
    assert SandboxCheckout.objects.count() == 0


@pytest.mark.parametrize("expires", [False, True])
def test_who_does_not_pay_what_was_picked_still_can(gift, later, expires):
    checkout = gift.picks("Stripe")
    if expires:
        later(hours=73)
        sync_all_due(whether_due_or_not=True)
        assert gift.status == ("Failed", "checkout_expired")
        assert "The time for this gift is over" in gift.looks()
    else:
        assert gift.comes_back(checkout, "cancel") == f"{PITY}?Id={gift.id}"
        assert gift.status == ("Canceled", "giver_cancelled")
        assert buttons_in(gift.looks())[0] == ("PayPal", "Pay with PayPal"), "another try, there or elsewhere"
    assert gift.comes_back(checkout) == f"{THANKS}?Id={gift.id}", "money wins over status"
    assert gift.status == ("Settled", None)


def test_what_nobody_has_picked_expires_and_nobody_is_asked(gift, later):
    token = token_in(gift.looks())
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Submitted", None)
    assert gift.checkout.due_at == gift.row.created_at + timedelta(hours=72), "there is nobody to ask before"
    later(hours=71)
    assert sync_all_due() == 0
    assert gift.looks()
    later(hours=73)
    assert "The time for this gift is over" in gift.looks(), "before the worker has been there"
    assert "The time for this gift is over" in gift.sends("PayPal", token).text
    sync_all_due()
    assert gift.status == ("Failed", "checkout_expired")
    assert "The time for this gift is over" in gift.looks()
    assert gift.value("ProviderName") is None
    assert (gift.checkout.due_at, SandboxCheckout.objects.count()) == (None, 0)


@pytest.mark.parametrize("what", ["Contribution", "SavingGoal"])
def test_what_the_partner_deletes_cannot_be_picked_any_more(gift, shop, what):
    token = token_in(gift.looks())
    assert shop.delete(f"/api/{what}/{gift.id if what == 'Contribution' else gift.goal_id}").status == 204
    assert gift.picks("PayPal", token) == f"{PITY}?Id={gift.id}"
    sync_all_due(whether_due_or_not=True)
    reason = "client_deleted" if what == "Contribution" else "goal_deleted"
    assert (gift.row.status, gift.row.status_reason, gift.checkout.account) == ("Canceled", reason, None)
    assert SandboxCheckout.objects.count() == 0
    if what == "Contribution":
        assert gift.seen().status == 404
        [_, event] = shop.get("/api/Events").xml.findall("Event")
        assert event.findtext("Contribution/StatusReason") == "client_deleted"
