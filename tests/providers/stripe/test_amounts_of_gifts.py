"""What Stripe does not take, in which units amounts go, and who cannot be paid."""

import pytest

from contributions.models import Contribution
from tests.conftest import contribution_xml, goal_xml
from tests.providers.stripe.gift import ACCOUNT, STRIPE, StripeGift, refund

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("goal", "sentence"),
    [
        ({"PaymentProviders": STRIPE.replace(ACCOUNT, "anna@example.org")}, "acct_ and letters and digits"),
        ({"PaymentProviders": STRIPE.replace(ACCOUNT, "sk_live_1")}, "acct_ and letters and digits"),
        (
            {"Currency": "CLF", "GoalAmount": "250.0000"},
            "Stripe takes no CLF: https://docs.stripe.com/currencies lists what it takes.",
        ),
    ],
    ids=["an address", "a key", "a currency"],
)
def test_a_goal_that_stripe_cannot_collect_for_is_400(goal, sentence, service, shop):
    answer = shop.post("/api/savings", goal_xml(**{"PaymentProviders": STRIPE} | goal))
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    assert sentence in answer.text
    assert not any(credentials in answer.text for credentials in ("anna@example.org", "sk_live_1"))


@pytest.mark.parametrize(
    ("currency", "amount", "code", "sentence"),
    [
        ("USD", "0.49", "amount_too_small", "The amount must be at least 0.50: Stripe takes no less in USD."),
        ("ISK", "1000000", "amount_too_large", "The amount must be at most 999999: Stripe takes no more in ISK."),
        ("KWD", "1.234", "decimals_refused", "The amount must end in 0: Stripe takes only two of the three decimals of KWD."),
        ("MGA", "1000.50", "decimals_refused", "The amount must be a whole number: Stripe takes no decimals in MGA."),
    ],
)
def test_an_amount_that_stripe_does_not_take_opens_nothing(currency, amount, code, sentence, service, stripe, shop):
    goal_id = shop.new_goal(Currency=currency, GoalAmount="9999999", PaymentProviders=STRIPE)
    answer = shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml(Amount=amount))
    assert (answer.status, answer.value("code")) == (400, code)
    assert sentence in answer.text
    assert stripe.calls == []
    assert not Contribution.objects.exists()


@pytest.mark.parametrize(
    ("currency", "amount", "units"),
    [("JPY", "2500", 2500), ("ISK", "2500", 250_000), ("KWD", "2.510", 2510), ("MGA", "2500", 2500)],
)
def test_amounts_are_sent_and_read_in_stripes_own_units(currency, amount, units, service, stripe, shop, giver):
    gift = StripeGift(stripe, shop, giver, amount, Currency=currency, GoalAmount="9999")
    assert (gift.session.amount, gift.session.currency) == (units, currency.lower())
    gift.comes_back()
    assert gift.status == ("Settled", None)
    assert refund(gift).value("Status") == "Completed"
    assert gift.intent.given_back == units


def test_an_account_that_cannot_receive_fails_the_gift(service, stripe, shop):
    stripe.books.cannot_receive.add("acct_anna")
    for credentials in ("acct_unknown", "acct_anna"):
        goal_id = shop.new_goal(PaymentProviders=STRIPE.replace(ACCOUNT, credentials))
        assert shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml()).status == 502
        assert Contribution.objects.latest("pk").status_reason == "payee_cannot_receive"
