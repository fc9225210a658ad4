"""A gift by Google Pay, from the partner's POST over our page and the bank's into the books, in front of the fakes.

What is Stripe's part of it, refunds and holds and amounts, is the same code as at Stripe's own page: tests/providers/stripe.
"""

import pytest
import requests

from contributions.models import LedgerEntry, ProviderRequest
from providers.stripe.intents import OF_A_CHARGE
from tests.providers.amazon.service import button_in
from tests.providers.gift import PITY, THANKS
from tests.providers.google.gift import GoogleGift
from tests.providers.stripe import params
from tests.providers.stripe.gift import ACCOUNT, refund

pytestmark = pytest.mark.django_db


def test_a_gift_goes_over_our_page_into_the_books(gift):
    assert gift.status == ("Submitted", None)
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    entry = LedgerEntry.objects.get()
    assert (entry.fee_minor, entry.net_minor, entry.provider_reference) == (88, 2000, gift.intent.id)
    assert entry.cause == "pay"
    assert [call.debug_id for call in gift.google.calls_of("confirm")] == [entry.correlation_id]


def test_what_stripe_is_asked_for(gift, settings):
    requests_ = {request.operation: request for request in ProviderRequest.objects.all()}
    [create] = gift.google.calls_of("create_intent")
    assert params.tree_of(create.body.decode()) == {
        "amount": "2000",
        "currency": "usd",
        "allowed_payment_method_types": {"0": "card"},
        "capture_method": "automatic",
        "description": "Gift for A bicycle for Anna",
        "transfer_data": {"destination": ACCOUNT},
        "statement_descriptor_suffix": "Annas Shop",
        "metadata": {"contribution": gift.id},
    }
    assert create.headers["idempotency-key"] == requests_["open"].request_id
    assert gift.provider_url == f"{settings.PUBLIC_BASE_URL}/pay/{gift.id}"
    gift.gives()
    [take], [confirm] = gift.google.calls_of("take_token"), gift.google.calls_of("confirm")
    [card] = gift.google.books.cards.values()
    assert params.tree_of(take.body.decode()) == {"type": "card", "card": {"token": card.token}}
    assert params.tree_of(confirm.body.decode()) == {
        "payment_method": card.id,
        "return_url": f"{settings.PUBLIC_BASE_URL}/providers/google/return/{gift.id}",
        "expand": {str(number): f"latest_charge.{name}" for number, name in enumerate(OF_A_CHARGE)},
    }
    request = ProviderRequest.objects.get(operation__startswith="pay:")
    assert (confirm.headers["idempotency-key"], request.outcome) == (request.request_id, "answered")
    assert take.headers["idempotency-key"] == f"{request.request_id}-card"


def test_what_google_is_asked_for(gift):
    button = button_in(gift.page())
    assert button["environment"] == "TEST"
    assert button["request"]["transactionInfo"] == {
        "countryCode": "US",
        "currencyCode": "USD",
        "totalPriceStatus": "FINAL",
        "totalPrice": "20.00",
        "checkoutOption": "COMPLETE_IMMEDIATE_PURCHASE",
    }
    assert "tokenizationSpecification" not in button["ready"]["allowedPaymentMethods"][0]


def test_a_giver_declined_tries_another_card_and_gives(gift):
    assert gift.gives("card_that_is_declined") == f"{gift.tried}declined"
    assert "This card was declined, and nothing was paid." in gift.giver.visit(f"{gift.tried}declined").text
    gift.hear_everything()
    assert gift.status == ("Submitted", None)
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)
    outcomes = ProviderRequest.objects.filter(operation__startswith="pay:").order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["refused", "answered"]


def test_a_giver_who_proves_it_at_the_bank_has_given(gift):
    bank = gift.gives("card_that_wants_a_word")
    assert bank == gift.intent.bank_page
    assert gift.status == ("Submitted", None)
    assert "is it you?" in requests.get(bank, timeout=5).text
    pressed = requests.post(bank, data={"choice": "prove"}, timeout=5, allow_redirects=False)
    back = pressed.headers["Location"]
    assert back.startswith(f"http://give.example.test/providers/google/return/{gift.id}?payment_intent={gift.intent.id}&")
    assert gift.lands_at(back) == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


def test_who_leaves_the_banks_page_may_choose_another_card(gift):
    """Where Stripe takes no other card meanwhile, the giver is led to the bank again."""
    bank = gift.gives("card_that_wants_a_word")
    gift.google.next("confirm", "unexpected_state")
    assert gift.gives() == bank
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.intent.captures) == (("Settled", None), 1)


def test_a_return_with_another_payments_id_changes_nothing(gift, google, shop, giver):
    """Nor does one with none, or with two."""
    other = GoogleGift(google, shop, giver)
    gift.gives("card_that_wants_a_word")
    back = gift.google.prove(gift.intent.id)
    for wrong in (
        back.replace(gift.intent.id, other.intent.id), back.partition("?")[0], f"{back}&payment_intent={gift.intent.id}",
        back.replace(gift.intent.id, ""), back.replace(gift.intent.id, "pi_elsewhere"),
    ):  # fmt: skip
        asked = len(google.calls)
        assert gift.giver.visit(wrong).status == 400
        assert len(google.calls) == asked
    assert (gift.status, other.status) == (("Submitted", None), ("Submitted", None))
    assert gift.lands_at(back) == f"{THANKS}?Id={gift.id}"


def test_refunds_and_disputes_reach_the_books(gift):
    gift.gives()
    assert refund(gift, "7.00").value("Status") == "Completed"
    assert gift.intent.refunds[0].reverse_transfer
    gift.google.dashboard_refund(gift.intent.id, 500)
    gift.hear_everything()
    assert (gift.status, gift.value("RefundedAmount"), gift.current_amount) == (("Settled", None), "12.00", "8.00")
    dispute = gift.google.dispute(gift.intent.id)
    gift.hear_everything()
    assert (gift.status, gift.current_amount) == (("Reversed", "chargeback"), "0.00")
    gift.google.books.end_dispute(dispute, "won")
    gift.hear_everything()
    assert (gift.value("Status"), gift.current_amount) == ("Settled", "8.00")


def test_held_money_is_taken_when_the_partner_says_so(service, google, shop, giver):
    held = GoogleGift(google, shop, giver, CapturePolicy="Manual")
    assert held.gives() == f"{THANKS}?Id={held.id}"
    assert held.status == ("Authorized", None)
    assert "is reserved" in held.page()
    assert held.shop.post(f"/api/Contribution/{held.id}/Capture", "").value("Status") == "Settled"
    assert (held.current_amount, held.intent.captures) == ("20.00", 1)


@pytest.mark.parametrize("wrong", ["payee", "reference"])
def test_a_payment_that_does_not_fit_is_not_paid(wrong, gift):
    """Its id was ours from the start: nobody can have brought a wrong one, and it is not forgotten."""
    gift.intent.asked |= {
        "payee": {"transfer_data": {"destination": "acct_bob"}},
        "reference": {"metadata": {"contribution": "somebody-elses-gift"}},
    }[wrong]
    checkout_id = gift.row.current_checkout.provider_checkout_id
    assert gift.gives() == f"{PITY}?Id={gift.id}"
    assert gift.status == ("Failed", f"{wrong}_mismatch")
    assert gift.row.checkouts.get().provider_checkout_id == checkout_id
    assert gift.google.calls_of("take_token") == []


@pytest.mark.parametrize(
    ("currency", "amount", "units", "shown"), [("ISK", "2500", 250_000, "2500"), ("KWD", "2.510", 2510, "2.51")]
)
def test_google_and_stripe_are_told_in_their_own_units(currency, amount, units, shown, service, google, shop, giver):
    gift = GoogleGift(google, shop, giver, amount, Currency=currency, GoalAmount="9999")
    assert (gift.intent.amount, gift.intent.currency) == (units, currency.lower())
    assert button_in(gift.page())["request"]["transactionInfo"]["totalPrice"] == shown
    gift.gives()
    assert gift.status == ("Settled", None)


def test_a_payment_whose_opening_is_silent_is_opened_once(service, google, shop, giver):
    """201 all the same, and the giver's visit sends the same request again."""
    google.next("create_intent", "do_then_drop", times=3)
    gift = GoogleGift(google, shop, giver)
    assert (gift.status, gift.row.current_checkout.provider_checkout_id) == (("Submitted", None), "")
    assert gift.gives() == f"{THANKS}?Id={gift.id}"
    assert len(google.books.intents) == 1


def test_a_gift_of_googles_is_followed_up_without_keys(gift, settings):
    """By the gateway that opened it; its page asks for a moment."""
    gift.gives("card_that_wants_a_word")
    gift.google.prove(gift.intent.id)
    settings.PROVIDERS_WITH_KEYS, settings.GOOGLE_PAY_MERCHANT_ID = {"Stripe"}, ""
    settings.STRIPE_PUBLISHABLE_KEY = ""
    assert gift.giver.visit(gift.provider_url).status == 503
    assert gift.row.current_checkout.adapter == "google_stripe"
    gift.hear_everything("stripe")
    assert gift.status == ("Settled", None)
