"""A provider that refuses to open a checkout: 502 with its reason code and advice by that reason."""

import pytest

from contributions.models import Contribution
from tests.api.in_json import post
from tests.conftest import Giver, contribution_xml
from tests.providers.stripe import currencies
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.gift import STRIPE

pytestmark = pytest.mark.django_db

GIFT = {"Amount": "20.00", "Contributor": "Uncle Bob"}
AT_AN_ACCOUNT = {
    "amount_too_small": (lambda patch: patch.setitem(currencies.LEAST, "usd", 5000), "ask the giver for more"),
    "amount_too_large": (lambda patch: patch.setitem(currencies.MOST_DIGITS, "usd", 3), "ask the giver for less"),
    "currency_refused": (lambda patch: patch.setattr(currencies, "CURRENCIES", {"eur"}), "a goal in another currency"),
}
"""What an account of Stripe's refuses that its lists allow, and what helps."""


@pytest.mark.parametrize("reason", AT_AN_ACCOUNT)
def test_502_has_the_reason_and_advice_by_that_reason(reason, service, stripe, shop, monkeypatch):
    change, advice = AT_AN_ACCOUNT[reason]
    goal = shop.new_goal(PaymentProviders=STRIPE)
    change(monkeypatch)
    path = f"/api/SavingGoal/{goal}/Contributions"
    for send in (lambda: post(shop, path, GIFT), lambda: shop.post(path, contribution_xml())):
        refused = send()
        gift = Contribution.objects.latest("pk")
        assert (refused.status, refused.value("code"), refused.value("StatusReason")) == (502, "checkout_refused", reason)
        assert (refused.value("Id"), gift.status, gift.status_reason) == (gift.public_id, "Failed", reason)
        assert advice in refused.value("detail")
        assert "make a new one" not in refused.value("detail"), "the same again would be refused again"
    assert shop.get(f"/api/Contribution/{gift.public_id}").value("StatusReason") == reason


FAULTS = {
    "destination_missing": ("payee_cannot_receive", "give the goal another payee"),
    "forbidden": ("not_permitted", "tell the operator"),
    "lookalike_page": ("unsafe_page", "tell the operator its Id"),
    "card_declined": ("payment_declined", "Let the giver try again at its ProviderURL"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_nobodys_amount_is_advised_otherwise(fault, service, careless_stripe: FakeStripe, shop, settings):
    settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY = careless_stripe.base_url, careless_stripe.secret_key
    reason, advice = FAULTS[fault]
    goal = shop.new_goal(PaymentProviders=STRIPE)
    careless_stripe.next("create", fault)
    refused = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml())
    assert (refused.status, refused.value("StatusReason")) == (502, reason)
    assert advice in refused.value("detail")


def test_the_same_request_again_is_told_what_is_the_matter_now(service, stripe, shop, monkeypatch):
    """Not what it was at the first time: under the same Idempotency-Key another checkout is tried."""
    goal = shop.new_goal(PaymentProviders=STRIPE)
    path = f"/api/SavingGoal/{goal}/Contributions"
    with monkeypatch.context() as patch:
        patch.setitem(currencies.LEAST, "usd", 5000)
        first = post(shop, path, GIFT, Idempotency_Key="k")
    with monkeypatch.context() as patch:
        patch.setattr(currencies, "CURRENCIES", {"eur"})
        second = post(shop, path, GIFT, Idempotency_Key="k")
    assert (first.json["StatusReason"], second.json["StatusReason"]) == ("amount_too_small", "currency_refused")
    assert first.json["Id"] == second.json["Id"]
    assert post(shop, path, GIFT, Idempotency_Key="k").status == 201


def test_the_givers_page_says_that_it_is_the_amount(service, stripe, shop, giver: Giver, monkeypatch):
    goal = shop.new_goal(PaymentProviders=STRIPE)
    monkeypatch.setitem(currencies.LEAST, "usd", 5000)
    refused = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml())
    text = giver.visit(f"/thank-you?Id={refused.value('Id')}").text
    assert "Stripe does not take a gift of 20.00 USD. Nothing was charged." in text
    assert "It is nothing that you did" not in text
