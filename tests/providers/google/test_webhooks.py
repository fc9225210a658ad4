"""What Stripe reports of gifts by Google Pay: at our own door, and at Stripe's where the account has but one endpoint."""

import pytest

from contributions.models import Contribution
from tests.conftest import PartnerClient, contribution_xml, register
from tests.providers.gift import heard_at
from tests.providers.google.gift import GOOGLE, GoogleGift, hear
from tests.providers.google.service import adapter_for
from tests.providers.stripe.gift import StripeGift

pytestmark = pytest.mark.django_db

DOORS = ("google", "stripe")


@pytest.fixture
def proven(gift) -> GoogleGift:
    """Paid at the bank's page, and nobody has come back to tell."""
    gift.gives("card_that_wants_a_word")
    gift.google.prove(gift.intent.id)
    return gift


@pytest.mark.parametrize("door", DOORS)
def test_reports_settle_the_gift_at_either_door(door, proven):
    """And again, at both, out of order: nothing more."""
    reports = proven.google.webhooks_of(proven.intent.id)
    assert hear(reports[-1], door) == 200
    assert proven.status == ("Settled", None)
    for report in [*reversed(reports), *reports]:
        for each in DOORS:
            assert hear(report, each) == 200
    assert (proven.status, proven.current_amount) == (("Settled", None), "20.00")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("named", ["payment", "charge", "gift"])
def test_a_report_leads_to_the_gift_by_whatever_it_names(named, door, proven):
    about = {
        "payment": {"object": "payment_intent", "id": proven.intent.id},
        "charge": {"object": "charge", "id": "ch_1", "payment_intent": proven.intent.id},
        "gift": {"object": "payment_intent", "id": "pi_elsewhere", "metadata": {"contribution": proven.id}},
    }[named]
    assert hear(proven.google.webhook("x", about), door) == 200
    assert proven.status == ("Settled", None)


@pytest.mark.parametrize("door", DOORS)
def test_a_gift_at_stripes_page_is_settled_at_either_door(door, service, google, shop, giver):
    gift = StripeGift(google, shop, giver)
    google.pay(gift.session_id)
    assert hear(google.webhooks_of(gift.session_id)[-1], door) == 200
    assert gift.status == ("Settled", None)


@pytest.mark.parametrize("door", DOORS)
def test_a_report_never_touches_a_simulated_gift(door, service, google):
    """Nor any other gift of an adapter that has nothing to do with this account."""
    shop = PartnerClient(register("Tester").api_key)  # there are no test keys: the simulator plays them
    goal_id = shop.new_goal(PaymentProviders=GOOGLE)
    shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml(ProviderName="Google"))
    simulated = Contribution.objects.get()
    checkout = simulated.current_checkout
    assert checkout.adapter == "sandbox"
    for about in (
        {"object": "payment_intent", "id": checkout.provider_checkout_id},
        {"object": "payment_intent", "id": "pi_1", "metadata": {"contribution": simulated.public_id}},
        {"object": "checkout.session", "id": checkout.provider_checkout_id, "client_reference_id": simulated.public_id},
    ):
        assert hear(google.webhook("payment_intent.succeeded", about), door) == 200
    before = checkout.attempts
    simulated.refresh_from_db()
    checkout.refresh_from_db()
    assert (simulated.status, checkout.attempts) == ("Submitted", before)
    assert google.calls == []


def test_junk_at_our_door_is_400(service):
    for header in ("", "junk", "t=1,v1=1", "v1=" + "0" * 64):
        assert heard_at("google", b"{}", {"Stripe-Signature": header}) == 400


def test_the_payment_is_the_checkout_unless_a_session_is(google):
    adapter = adapter_for(google)
    own = adapter.parse_webhook(*google.webhook("x", {"object": "payment_intent", "id": "pi_1"}))
    assert (own.checkout_id, own.payment_reference) == ("pi_1", "pi_1")
    page = {"object": "checkout.session", "id": "cs_test_1", "payment_intent": "pi_1"}
    assert adapter.parse_webhook(*google.webhook("x", page)).checkout_id == "cs_test_1"
