"""/pay/{id}: good for a gift's whole life. It opens what is not open, and says how it stands where there is nothing to pay."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from contributions.audit import faults_in_the_books
from contributions.models import Contribution, ProviderRequest
from contributions.worker import sync_all_due
from providers.sandbox.models import SandboxCheckout
from tests.conftest import contribution_xml
from tests.contributions.conftest import Gift
from tests.picking import THANKS, OpenGift, asks_for, buttons_in, token_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def gift(provider, shop, giver):
    """20.00 USD that can be paid with PayPal alone; in the end the books are right."""
    yield Gift(shop, giver)
    assert list(faults_in_the_books()) == []


@pytest.mark.parametrize("trouble", ["drops_the_call", "drops_the_answer"])
def test_what_a_silent_provider_did_not_open_is_opened_here(gift, shop, giver, provider, trouble):
    """201 all the same, and nothing has failed: the giver's visit sends the same request once more."""
    getattr(provider, trouble)("open")
    made = asks_for(shop, gift.goal_id)
    assert (made.status, made.value("Status"), made.value("StatusReason")) == (201, "Submitted", None)
    url = made.value("ProviderURL")
    provider.drops_the_call("open")
    waiting = giver.visit(url)
    assert (waiting.status, waiting.headers["Retry-After"]) == (503, "5")
    assert "nothing was taken yet. This page looks again by itself" in waiting.text
    page = giver.checkout(url)
    assert giver.checkout(url) == page
    row = Contribution.objects.get(public_id=made.value("Id"))
    [request] = ProviderRequest.objects.filter(contribution=row)
    assert (request.attempts, request.outcome) == (3, "answered")
    assert SandboxCheckout.objects.get(reference=row.public_id).opened_by_request == request.request_id
    assert giver.pay(page).headers["Location"] == f"https://shop.example/thanks?Id={row.public_id}"
    row.refresh_from_db()
    assert (row.status, row.version) == ("Settled", 2)


def test_what_a_provider_refused_at_the_post_can_be_tried_here(gift, shop, giver, provider):
    """502 with the Id of what has Failed; its giver tries again, perhaps when the provider has come to its senses."""
    provider.refuses("open", "payee_cannot_receive")
    refused = asks_for(shop, gift.goal_id)
    assert refused.status == 502
    failed = Contribution.objects.latest("pk")
    assert failed.public_id in refused.text
    assert (failed.status, failed.status_reason) == ("Failed", "payee_cannot_receive")
    provider.refuses("open", "payee_cannot_receive")
    again = giver.visit(failed.pay_url)
    assert (again.status, "PayPal does not take this gift at this moment, and nothing was paid." in again.text) == (502, True)
    failed.refresh_from_db()
    assert (failed.status, failed.version) == ("Failed", 2)
    assert giver.pay(failed.pay_url).headers["Location"] == f"https://shop.example/thanks?Id={failed.public_id}"
    assert len(set(provider.request_ids["open"])) == 4, "after a definite no each try is a request of its own"


@pytest.mark.parametrize("first", ["", "decline"])
def test_who_only_looks_ahead_opens_nothing(gift, shop, giver, provider, first):
    """HEAD, and a browser that fetches a link before it is clicked: nobody is there to pay."""
    if first:
        gift.pay(first)
        url, before = gift.provider_url, (gift.status, gift.version)
    else:
        provider.drops_the_call("open")
        url, before = asks_for(shop, gift.goal_id).value("ProviderURL"), (gift.status, gift.version)
    asked = provider.calls.copy()
    path = url.removeprefix("http://give.example.test")
    looks = [giver.client.get(path, headers={name: "prefetch;prerender"}) for name in ("Sec-Purpose", "Purpose", "X-Moz")]
    assert {(one.status_code, one["Cache-Control"]) for one in looks} == {(503, "no-store")}
    assert giver.client.head(path).status_code == 200
    assert (provider.calls, gift.status, gift.version) == (asked, *before)
    assert "/sandbox/checkout/" in giver.checkout(url)
    assert giver.client.head(path).status_code == 303, "what is open is led to"


def test_after_a_failed_try_at_one_another_is_chosen(provider, shop, giver):
    gift = OpenGift(shop, giver)
    old_page = token_in(gift.looks())
    assert gift.comes_back(gift.picks("PayPal"), "decline").startswith("https://shop.example/pity")
    page = gift.looks()
    assert [value for value, _ in buttons_in(page)] == ["PayPal", "Amazon", "Stripe", "cancel"]
    assert gift.sends("Stripe", old_page).status == 400, "the page of before the try is out of date"
    assert gift.status == ("Failed", "instrument_declined")
    checkout = gift.picks("Stripe", token_in(page))
    assert (gift.value("Id"), gift.status, gift.value("ProviderName")) == (gift.id, ("Submitted", None), "Stripe")
    assert gift.giver.checkout(gift.page) == checkout
    assert gift.comes_back(checkout) == f"{THANKS}?Id={gift.id}"
    told = [one.findtext("Type") for one in shop.get("/api/Events").xml.findall("Event")]
    assert [one.partition(".")[2] for one in told] == ["submitted", "updated", "failed", "submitted", "settled"]
    assert list(faults_in_the_books()) == []


def test_a_no_to_another_try_leaves_it_as_it_was(provider, shop, giver):
    gift = OpenGift(shop, giver)
    gift.comes_back(gift.picks("PayPal"), "decline")
    assert gift.picks("cancel") == f"https://shop.example/pity?Id={gift.id}"
    assert gift.status == ("Failed", "instrument_declined")


def test_our_own_pages_lead_to_another_try(gift, giver):
    gift.pay("cancel")
    assert f'<a class="button go" href="{gift.provider_url}">Try again</a>' in giver.visit(f"/cancelled?Id={gift.id}").text


@pytest.mark.parametrize("what", ["Contribution", "SavingGoal"])
@pytest.mark.parametrize(("outcome", "status"), [("", "Canceled"), ("decline", "Failed"), ("cancel", "Canceled")])
def test_what_the_partner_took_back_has_no_second_try(gift, shop, giver, provider, what, outcome, status):
    if outcome:
        gift.pay(outcome)
    assert shop.delete(f"/api/{what}/{gift.id if what == 'Contribution' else gift.goal_id}").status == 204
    seen = giver.visit(gift.provider_url)
    assert (seen.status, "This gift was withdrawn" in seen.text, "Try again" in seen.text) == (200, True, False)
    sync_all_due(whether_due_or_not=True)
    assert (gift.row.status, provider.calls["open"]) == (status, 1)


@pytest.mark.parametrize("outcome", ["", "decline", "cancel"])
def test_when_its_time_is_over_the_page_says_so(gift, giver, provider, moved_clock, outcome):
    """Before the worker has been there, and after."""
    if outcome:
        gift.pay(outcome)
    moved_clock(timezone.now() + timedelta(hours=72, seconds=1))
    for _ in range(2):
        seen = giver.visit(gift.provider_url)
        assert (seen.status, "The time for this gift is over" in seen.text, "Try again" in seen.text) == (200, True, False)
        sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Canceled" if outcome == "cancel" else "Failed")
    assert provider.calls["open"] == 1


@pytest.mark.parametrize(
    ("outcome", "then", "sentence"),
    [
        ("approve", "", "Already given: thank you, <bdi>Uncle Bob</bdi>!"),
        ("pending", "", "PayPal is still confirming your gift"),
        ("approve", "Refunds", "Your gift was given back"),
    ],
)
def test_what_is_paid_says_how_it_stands(gift, shop, giver, provider, outcome, then, sentence):
    gift.pay(outcome)
    if then:
        assert shop.post(f"/api/Contribution/{gift.id}/{then}", "<Refund/>").status == 201
    seen = giver.visit(gift.provider_url)
    assert (seen.status, sentence in seen.text, buttons_in(seen.text)) == (200, True, [])
    assert provider.calls["open"] == 1


def test_a_form_of_no_page_of_ours_is_405(gift, giver):
    refused = giver.client.post(f"/pay/{gift.id}", {"outcome": "pay"})
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")
    assert giver.client.put(f"/pay/{gift.id}").status_code == 405


def test_the_end_of_the_goal_does_not_end_a_gift(shop, giver, moved_clock):
    """EndDate stops new gifts. One that was made before can be paid, also in another checkout, until its own time is over."""
    goal = shop.new_goal(EndDate=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    url = shop.new_contribution(goal).value("ProviderURL") or ""
    giver.pay(url, "decline")
    moved_clock(datetime.now(UTC) + timedelta(hours=2))
    assert giver.pay(url).status == 303
    assert shop.get(f"/api/SavingGoal/{goal}").value("CurrentAmount") == "20.00"


def test_who_approved_in_time_is_not_told_that_the_time_is_over(shop, giver, moved_clock):
    """Nobody came back, and nobody has asked yet: the provider is asked before the page says anything."""
    url = shop.new_contribution(shop.new_goal()).value("ProviderURL") or ""
    giver.choose(url, "approve")
    moved_clock(datetime.now(UTC) + timedelta(hours=73))
    assert "Already given" in giver.visit(url).text


def test_a_lost_order_and_a_decline_lead_to_another_checkout(shop, giver):
    """The provider has just said that nothing was taken, so the order that it never answered was not obeyed."""
    path = f"/api/SavingGoal/{shop.new_goal()}/Contributions"
    made = shop.post(path, contribution_xml(), Sandbox_Scenario="call_lost")
    first = giver.checkout(made.value("ProviderURL") or "")
    giver.pay(first)
    giver.pay(first, "decline")
    assert giver.checkout(made.value("ProviderURL") or "") != first
