"""One Stripe account of each mode, and one webhook path for both: neither's events ever touch the other's records."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from contributions.models import Checkout
from tests.conftest import Giver, PartnerClient, register
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.gift import StripeGift, hear

pytestmark = pytest.mark.django_db


@pytest.fixture
def test_stripe(short_pauses: None) -> Iterator[FakeStripe]:
    with FakeStripe() as stripe:
        yield stripe


@pytest.fixture
def two_accounts(settings: Any, service: None, test_stripe: FakeStripe) -> None:
    """The service has keys of both, and the two sign their events with other secrets."""
    test_stripe.signing_secrets = ["whsec_of_the_test_account"]
    settings.PROVIDERS_WITH_TEST_KEYS = {"Stripe"}
    settings.STRIPE_TEST_API_BASE, settings.STRIPE_TEST_SECRET_KEY = test_stripe.base_url, test_stripe.secret_key
    settings.STRIPE_TEST_WEBHOOK_SECRETS = list(test_stripe.signing_secrets)


def test_a_test_gift_is_paid_at_the_test_account(
    two_accounts: None, stripe: FakeStripe, test_stripe: FakeStripe, shop: PartnerClient, giver: Giver
) -> None:
    tester = PartnerClient(register("Tester").api_key)
    live, test = StripeGift(stripe, shop, giver), StripeGift(test_stripe, tester, giver)
    assert list(Checkout.objects.order_by("pk").values_list("adapter", flat=True)) == ["stripe", "stripe_test"]
    test.comes_back()
    assert (test.status[0], live.status[0]) == ("Settled", "Submitted")
    live.comes_back()
    assert live.status[0] == "Settled"


def test_webhooks_of_either_account_arrive_at_one_path(
    two_accounts: None, stripe: FakeStripe, test_stripe: FakeStripe, shop: PartnerClient, giver: Giver
) -> None:
    tester = PartnerClient(register("Tester").api_key)
    live, test = StripeGift(stripe, shop, giver), StripeGift(test_stripe, tester, giver)
    for gift in (test, live):
        gift.stripe.pay(gift.session_id, "card")  # and the browser is closed
    test.hear_everything()
    assert (test.status[0], live.status[0]) == ("Settled", "Submitted")
    live.hear_everything()
    assert live.status[0] == "Settled"


def test_a_test_accounts_webhook_never_touches_a_live_record(
    two_accounts: None, stripe: FakeStripe, test_stripe: FakeStripe, shop: PartnerClient, giver: Giver
) -> None:
    """Even where it names one: the live account is not so much as asked. Nor the other way round."""
    tester = PartnerClient(register("Tester").api_key)
    gifts = StripeGift(stripe, shop, giver), StripeGift(test_stripe, tester, giver)
    for gift, other in (gifts, gifts[::-1]):
        gift.stripe.pay(gift.session_id, "card")
        for webhook in gift.stripe.webhooks_of(gift.session_id):
            assert hear(gift.stripe.signed(webhook.event, secrets_=other.stripe.signing_secrets)) == 200
        assert gift.status[0] == "Submitted"
        assert hear(gift.stripe.signed(gift.stripe.webhooks_of(gift.session_id)[0].event, secrets_=["whsec_forged"])) == 400


def test_check_provider_looks_over_the_test_account(two_accounts: None, settings: Any, test_stripe: FakeStripe) -> None:
    """With --test; and without it where there are no other keys. What is missing is named as it is set."""
    out = io.StringIO()
    settings.STRIPE_TEST_OWN_ACCOUNT, settings.STRIPE_OWN_ACCOUNT = "acct_somebody", ""
    with pytest.raises(SystemExit):
        call_command("check_provider", "stripe", "--test", stdout=out)
    assert "ok   the secret key is set" in out.getvalue()
    assert "FIX  STRIPE_OWN_ACCOUNT is another account" in out.getvalue(), "that of the test settings"
    settings.PROVIDERS_WITH_KEYS, settings.STRIPE_TEST_SECRET_KEY = set(), ""
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("check_provider", "stripe", stdout=out)
    assert "Set STRIPE_TEST_SECRET_KEY: dashboard.stripe.com" in out.getvalue()
