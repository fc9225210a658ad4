"""The giver picks a provider: at most one checkout is anybody's way, whoever is down, at once, or dies."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

import leases
from contributions import reopening
from contributions.models import Checkout, Contribution, ProviderRequest, StatusChange
from contributions.worker import sync_all_due
from pages import choice_page
from providers.sandbox.models import SandboxCheckout
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.test_crowds import post_alone
from tests.eventually import join
from tests.picking import PITY, THANKS, OpenGift, account, buttons_in, token_in
from tests.troublesome_provider import ProcessDied

pytestmark = pytest.mark.django_db


@pytest.fixture
def gift(provider, shop, giver, books_are_right):
    """20.00 USD that can be paid with PayPal, Amazon or Stripe, at a provider with trouble to order."""
    return OpenGift(shop, giver)


@pytest.fixture
def later(moved_clock):
    """later(seconds=61): from now on it is so much later."""
    return lambda **by: moved_clock(datetime.now(UTC) + timedelta(**by))


def die(*arguments, **named):
    raise ProcessDied


def dies(gift, provider_name):
    with pytest.raises(ProcessDied):
        gift.sends(provider_name)


def test_the_pick_is_told_by_contribution_updated(gift, provider):
    gift.picks("Stripe")
    events = gift.shop.get("/api/Events", Accept="application/json").json["Event"]
    assert [one["Type"] for one in events] == ["contribution.submitted", "contribution.updated"]
    told = events[-1]["Contribution"]
    assert (told["Status"], told["ProviderName"], told["RecordVersionNumber"]) == ("Submitted", "Stripe", 2)


def test_where_one_is_silent_another_is_picked(gift, provider):
    """A provider that does not answer is said to and another is picked."""
    provider.drops_the_call("open")
    refused = gift.sends("PayPal")
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert "PayPal does not answer at this moment. Nothing was paid: please choose another way." in refused.text
    assert buttons_in(refused.text) == [
        ("Amazon", "Pay with Amazon Pay"),
        ("Stripe", "Pay by card (Stripe)"),
        ("PayPal", "Try PayPal again"),
        ("cancel", "Do not give now"),
    ]
    assert (gift.status, gift.value("ProviderName"), gift.value("RecordVersionNumber")) == (("Submitted", None), None, "1")
    assert gift.comes_back(gift.picks("Stripe", token_in(refused.text))) == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.value("ProviderName")) == (("Settled", None), "Stripe")


def test_where_one_refuses_the_gift_is_not_lost(gift, provider):
    provider.refuses("open", "payee_cannot_receive")
    refused = gift.sends("Amazon")
    assert refused.status == 502
    assert gift.checkout.due_at == gift.row.created_at + timedelta(hours=72)
    assert "Amazon does not take this gift. Nothing was paid: please choose another way." in refused.text
    assert gift.status == ("Submitted", None)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Submitted", None), "the worker lets the giver pick again"
    assert gift.comes_back(gift.picks("PayPal")) == f"{THANKS}?Id={gift.id}"


def test_the_only_one_left_can_be_tried_again(gift, provider):
    token = token_in(gift.looks())
    gift.change_goal(PaymentProviders=account("PayPal"))
    provider.drops_the_call("open", times=2)
    refused = gift.sends("PayPal", token)
    assert "PayPal does not answer at this moment. Nothing was paid: please try again in a minute." in refused.text
    assert [value for value, _ in buttons_in(refused.text)] == ["PayPal", "cancel"]
    waiting = gift.giver.visit(gift.page)
    assert (waiting.status, waiting.headers["Retry-After"]) == (503, "5"), "there is nothing left to choose"
    assert gift.picks("PayPal", token) == gift.giver.checkout(gift.page)


def test_a_checkout_whose_address_nobody_has_is_nobodys(gift, provider):
    """Opened at PayPal, the answer lost; then Stripe is picked. The first is asked about by nobody, and nobody can pay it."""
    provider.drops_the_answer("open")
    gift.sends("PayPal")
    lost = SandboxCheckout.objects.get()
    checkout = gift.picks("Stripe")
    assert lost.checkout_id not in checkout
    assert gift.giver.visit(f"/providers/paypal/return/{gift.id}?token={lost.checkout_id}").status == 400
    assert gift.giver.visit(f"/providers/stripe/return/{gift.id}?token={lost.checkout_id}").status == 400
    gift.comes_back(checkout)
    sync_all_due(whether_due_or_not=True)
    assert gift.status == ("Settled", None)
    assert sorted(SandboxCheckout.objects.values_list("provider", "state")) == [("PayPal", "open"), ("Stripe", "captured")]


def test_each_try_is_a_request_of_its_own_stored_before(gift, provider, later):
    """The page that an earlier try has opened, hours ago, may be dead by the time that the giver tries again."""
    depth, stored = len(connection.savepoint_ids), []
    provider.meanwhile("open", lambda: stored.append((ProviderRequest.objects.get().outcome, len(connection.savepoint_ids))))
    provider.drops_the_answer("open")
    assert gift.sends("PayPal").headers["Location"] == gift.checkout.url
    assert stored == [("unknown", depth)], "and no transaction is open meanwhile"
    second = OpenGift(gift.shop, gift.giver)
    assert second.sends("PayPal").status == 503
    later(hours=5)
    second.picks("PayPal")
    requests = ProviderRequest.objects.filter(contribution=second.row).order_by("pk")
    assert [request.outcome for request in requests] == ["unknown", "answered"]
    assert len(set(provider.request_ids["open"])) == 3
    opened = SandboxCheckout.objects.get(opened_by_request=requests[1].request_id)
    assert opened.checkout_id == second.checkout.provider_checkout_id


def test_a_cancel_naming_the_request_is_the_picked_checkouts(gift, provider):
    """As at Stripe, whose way to cancel is made before the checkout has an id."""
    provider.drops_the_answer("open")
    gift.sends("PayPal")
    gift.picks("PayPal")
    lost, good = ProviderRequest.objects.order_by("pk")
    for request, status in ((lost, ("Submitted", None)), (good, ("Canceled", "giver_cancelled"))):
        answer = gift.giver.visit(f"/providers/paypal/cancel/{gift.id}?token={request.request_id}")
        assert answer.headers["Location"] == f"{PITY}?Id={gift.id}"
        assert gift.status == status
    assert gift.giver.visit(f"/providers/paypal/cancel/{gift.id}?token={good.request_id}x").status == 400
    assert gift.status == ("Canceled", "giver_cancelled")


def test_a_goal_deleted_meanwhile_leads_to_no_checkout(gift, provider):
    provider.afterwards("open", lambda: gift.shop.delete(f"/api/SavingGoal/{gift.goal_id}"))
    assert "This gift was withdrawn" in gift.sends("PayPal").text
    assert (gift.checkout.account, gift.checkout.provider_checkout_id) == (None, "")
    sync_all_due()
    assert (gift.row.status, gift.row.status_reason) == ("Canceled", "goal_deleted")
    assert provider.calls["find"] == 0


def test_the_worker_leaves_alone_what_is_being_opened(gift, provider):
    provider.meanwhile("open", lambda: sync_all_due(whether_due_or_not=True))
    checkout = gift.picks("PayPal")
    assert (gift.status, gift.checkout.url) == (("Submitted", None), checkout)
    assert gift.checkout.due_at < datetime.now(UTC) + timedelta(minutes=1), "asked about soon, as any other"


def test_who_is_overtaken_leads_to_the_others_page(gift, provider, later):
    """PayPal takes longer than the claim lasts; meanwhile the giver picks Stripe in another tab."""
    other, token = [], token_in(gift.looks())

    def in_another_tab():
        later(seconds=leases.LEASE_SECONDS + 1)
        other.append(gift.picks("Stripe", token))

    provider.afterwards("open", in_another_tab)
    assert gift.picks("PayPal", token) == other[0]
    assert (gift.value("ProviderName"), gift.checkout.url) == ("Stripe", other[0])
    assert StatusChange.objects.filter(reason="provider_picked").count() == 1
    assert gift.comes_back(other[0]) == f"{THANKS}?Id={gift.id}"


def test_who_is_overtaken_before_asking_asks_nobody(gift, provider, monkeypatch, later):
    really, token, overtaken = reopening.ways_to_pay, token_in(gift.looks()), []

    def slowly(*arguments):
        if not overtaken:
            overtaken.append(True)
            later(seconds=leases.LEASE_SECONDS + 1)
            gift.picks("Stripe", token)
        return really(*arguments)

    monkeypatch.setattr(reopening, "ways_to_pay", slowly)
    gift.picks("PayPal", token)
    assert gift.value("ProviderName") == "Stripe"
    assert (provider.calls["open"], ProviderRequest.objects.count()) == (1, 1)


def test_death_with_the_claim_taken(gift, provider, later, monkeypatch):
    monkeypatch.setattr(choice_page, "PATIENCE_SECONDS", 0)
    assert leases.take(gift.checkout) is not None
    for outcome in ("PayPal", "cancel"):
        busy = gift.sends(outcome)
        assert (busy.status, busy.headers["Retry-After"]) == (503, "5")
        assert "Another window is opening this gift at this moment." in busy.text
    later(seconds=leases.LEASE_SECONDS + 1)
    assert gift.comes_back(gift.picks("PayPal")) == f"{THANKS}?Id={gift.id}"


@pytest.mark.parametrize("after", [False, True], ids=["before the provider was told", "before its answer was heard"])
@pytest.mark.parametrize("then", ["PayPal", "Stripe"])
def test_death_at_the_call(gift, provider, after, then):
    provider.crashes("open", after=after)
    dies(gift, "PayPal")
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.value("ProviderName")) == (("Submitted", None), None)
    checkout = gift.picks(then)
    assert gift.comes_back(checkout) == f"{THANKS}?Id={gift.id}"
    assert gift.value("ProviderName") == then
    assert provider.calls["capture"] == 1


@pytest.mark.parametrize("place", ["open_at_provider", "_put_in_place", "columns_of"])
def test_death_before_the_choice_is_written_down_whole(gift, provider, place, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(reopening, place, die)
        dies(gift, "PayPal")
    current = gift.checkout
    assert (current.account, current.adapter, current.provider_checkout_id, current.number) == (None, "", "", 1)
    assert (gift.row.version, gift.value("ProviderURL")) == (1, gift.page)
    assert gift.comes_back(gift.picks("Amazon")) == f"{THANKS}?Id={gift.id}"


def test_death_before_the_redirect(gift, provider, monkeypatch):
    token = token_in(gift.looks())
    with monkeypatch.context() as patch:
        patch.setattr(choice_page, "_lead_on", die)
        dies(gift, "PayPal")
    assert gift.value("ProviderName") == "PayPal"
    assert gift.picks("Stripe", token) == gift.giver.visit(gift.page).headers["Location"] == gift.checkout.url


@pytest.mark.django_db(transaction=True)
def test_a_no_waits_for_the_other_tab_that_is_opening(provider):
    gift = OpenGift(PartnerClient(register("Shop").api_key), Giver())
    token, told = token_in(gift.looks()), []

    def say_no():
        told.append(post_alone(gift, "cancel", token)["Location"])
        connection.close()

    saying_no = threading.Thread(target=say_no)
    provider.meanwhile("open", saying_no.start)
    checkout = gift.picks("PayPal", token)
    join(saying_no)
    assert told == [f"http://give.example.test/cancelled?Id={gift.id}"]
    assert (gift.status, gift.checkout.url) == (("Submitted", None), checkout)


def test_a_no_that_comes_after_another_tabs_pick_stops_nobody(gift, provider, monkeypatch):
    """It had read the gift before the choice was settled, and comes to act on it afterwards."""
    really, token, checkout = choice_page.is_token_of, token_in(gift.looks()), []

    def slowly(*arguments):
        if not checkout:
            checkout.append("")
            checkout[0] = gift.picks("PayPal", token)
        return really(*arguments)

    monkeypatch.setattr(choice_page, "is_token_of", slowly)
    assert gift.picks("cancel", token) == f"http://give.example.test/cancelled?Id={gift.id}"
    assert (gift.status, gift.checkout.url) == (("Submitted", None), checkout[0])
    assert provider.calls["find"] == 0


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (Checkout, {"provider_checkout_id": "C1"}),
        (Checkout, {"adapter": "sandbox"}),
        (Checkout, {"stage": "open"}),
        (Contribution, {"status": "Settled", "checkout": None}),
        (Contribution, {"status": "Pending", "checkout": None}),
    ],
)
def test_the_database_refuses_a_payment_to_nobody(gift, model, what):
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**what)
