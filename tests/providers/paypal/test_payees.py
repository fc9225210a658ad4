"""Payees at PayPal: onboarded and checked where the operator is a partner; told plainly where not."""

import pytest

from goals.models import Payee
from tests.api.resources.test_payment_accounts import account_xml, made, providers
from tests.providers.gift import heard_at
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.gift import PayPalGift
from tests.providers.paypal.partners import PARTNER

pytestmark = pytest.mark.django_db

BOB = "BBBBBBBBBBBB2"


@pytest.fixture
def partner(service, settings) -> None:
    """PayPal has approved the operator as a partner."""
    settings.PAYPAL_PARTNER_ID = PARTNER


def path(payee: str, below: str = "") -> str:
    return f"/api/PaymentAccount/{payee}{below}"


def test_who_is_no_partner_is_told_to_give_credentials(service, shop):
    nameless = shop.post("/api/PaymentAccounts", account_xml(ProviderName="PayPal"))
    assert (nameless.status, "Credentials is missing: PayPal gives onboarding links only to partners" in nameless.text) == (
        400,
        True,
    )
    payee = made(shop, Credentials="anna@example.org")
    refused = shop.post(path(payee, "/Onboarding"))
    assert (refused.status, refused.value("code")) == (409, "onboarding_not_offered")
    told = shop.post(path(payee, "/Check"))
    assert (told.value("State"), told.value("StateReason")) == ("Unchecked", "provider_does_not_say")


def test_a_payee_is_onboarded_and_paid_by_merchant_id(partner, shop, giver, paypal: FakePayPal):
    payee = made(shop)
    assert "/merchantsignup/" in shop.post(path(payee, "/Onboarding")).value("OnboardingURL")
    (referral,) = paypal.partners.referrals
    assert referral["tracking_id"] == payee
    assert referral["partner_config_override"] == {"return_url": f"http://give.example.test/providers/paypal/onboarded/{payee}"}
    assert shop.post(path(payee, "/Check")).value("StateReason") == "onboarding_not_finished"
    bob = paypal.account("bob@example.org")
    paypal.partners.agree(payee, bob.merchant_id)
    lie = f"http://give.example.test/providers/paypal/onboarded/{payee}?merchantIdInPayPal={BOB}&permissionsGranted=true"
    assert "You can be paid" in giver.visit(lie).text
    assert Payee.objects.get().credentials == bob.merchant_id
    assert shop.get(path(payee)).value("State") == "Ready"
    gift = PayPalGift(paypal, shop, giver, PaymentProviders=providers(payee))
    gift.comes_back()
    assert gift.status == ("Settled", None)
    assert paypal.orders[gift.order_id].payee is bob


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({"payments_receivable": False}, "Restricted", "payments_not_receivable"),
        ({"primary_email_confirmed": False}, "OnboardingNeeded", "email_not_confirmed"),
        ({"oauth_integrations": []}, "OnboardingNeeded", "permissions_missing"),
    ],
    ids=["cannot receive", "e-mail", "permissions"],
)
def test_what_is_missing_is_told(changes, state, reason, partner, shop, paypal):
    payee = made(shop, Credentials=BOB)
    paypal.partners.agree("somebody", BOB, **changes)
    told = shop.post(path(payee, "/Check"))
    assert (told.value("State"), told.value("StateReason")) == (state, reason)


def test_of_whom_paypal_tells_nothing_stays_unchecked(partner, shop):
    by_email, stranger = made(shop, Credentials="anna@example.org"), made(shop, Credentials=BOB)
    reasons = [shop.post(path(one, "/Check")).value("StateReason") for one in (by_email, stranger)]
    assert reasons == ["known_by_email_only", "no_consent"]
    assert set(Payee.objects.values_list("state", flat=True)) == {"Unchecked"}


def test_other_credentials_do_not_stand_as_the_first_did(partner, shop, paypal):
    """A link was for one e-mail address; who was onboarded by it says nothing of the next one."""
    payee = made(shop, Credentials="anna@example.org")
    shop.post(path(payee, "/Onboarding"))
    paypal.partners.agree(paypal.partners.referrals[0]["tracking_id"], BOB)
    assert shop.post(path(payee, "/Check")).value("State") == "Ready"
    assert shop.patch(path(payee), account_xml(Credentials="carl@example.org", RecordVersionNumber="1")).status == 200
    told = shop.post(path(payee, "/Check"))
    assert (told.value("State"), told.value("StateReason")) == ("Unchecked", "known_by_email_only")


def test_an_event_of_a_link_for_credentials_makes_us_ask(partner, shop, paypal):
    payee = made(shop, Credentials="anna@example.org")
    shop.post(path(payee, "/Onboarding"))
    tracking_id = paypal.partners.referrals[0]["tracking_id"]
    paypal.partners.agree(tracking_id, BOB)
    about = {"partner_client_id": "us", "merchant_id": BOB, "tracking_id": tracking_id}
    assert heard_at("paypal", *paypal.webhook("MERCHANT.ONBOARDING.COMPLETED", about)) == 200
    assert shop.get(path(payee)).value("State") == "Ready"


def test_merchant_events_make_us_ask(partner, shop, paypal):
    payee = made(shop, Credentials=BOB)
    paypal.partners.agree("somebody", BOB, payments_receivable=False)
    about = {"partner_client_id": "us", "merchant_id": BOB}
    assert heard_at("paypal", *paypal.webhook("MERCHANT.PARTNER-CONSENT.REVOKED", about)) == 200
    assert shop.get(path(payee)).value("State") == "Restricted"
    nameless = made(shop)
    shop.post(path(nameless, "/Onboarding"))
    paypal.partners.agree(nameless, "CCCCCCCCCCCC3")
    about = {"partner_client_id": "us", "merchant_id": "CCCCCCCCCCCC3", "tracking_id": nameless}
    assert heard_at("paypal", *paypal.webhook("MERCHANT.ONBOARDING.COMPLETED", about)) == 200
    assert shop.get(path(nameless)).value("State") == "Ready"


def test_a_partner_who_is_not_approved_is_told(partner, shop, paypal):
    payee = made(shop)
    paypal.partners.approved = False
    refused = shop.post(path(payee, "/Onboarding"))
    assert (refused.status, "approved as a partner's" in refused.text) == (409, True)
