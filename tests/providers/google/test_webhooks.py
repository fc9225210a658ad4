"""What Stripe reports of gifts by Google Pay: at our own door, and at Stripe's where the account has but one endpoint."""

import pytest
from django.test import Client

from contributions.models import Contribution
from tests.conftest import contribution_xml
from tests.providers.google.gift import GOOGLE, GoogleGift, hear
from tests.providers.google.service import adapter_for
from tests.providers.stripe.gift import StripeGift

pytestmark = pytest.mark.no_database

DOORS = ("google", "stripe")


@pytest.fixture
def proven(gift) -> GoogleGift:
    """Paid at the bank's page, and nobody has come back to tell."""
    gift.gives("card_that_wants_a_word")
    gift.google.prove(gift.intent.id)
    return gift


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_a_report_settles_the_gift_at_either_door(door, proven):
    assert hear(proven.google.webhooks_of(proven.intent.id)[-1], door) == 200
    assert proven.status == ("Settled", None)


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_same_webhooks_at_both_doors_again_and_out_of_order(door, proven):
    """The same webhooks at both doors again and in the wrong order change nothing."""
    reports = proven.google.webhooks_of(proven.intent.id)
    for report in [*reversed(reports), *reports]:
        for each in DOORS:
            assert hear(report, each) == 200
    assert (proven.status, proven.current_amount) == (("Settled", None), "20.00")


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "named",
    [
        lambda gift: {"object": "payment_intent", "id": gift.intent.id},
        lambda gift: {"object": "charge", "id": "ch_1", "payment_intent": gift.intent.id},
        lambda gift: {"object": "dispute", "id": "dp_1", "payment_intent": {"id": gift.intent.id}},
        lambda gift: {"object": "payment_intent", "id": "pi_elsewhere", "metadata": {"contribution": gift.id}},
    ],
)
def test_a_report_leads_to_the_gift_by_whatever_it_names(named, door, proven):
    assert hear(proven.google.webhook("x", named(proven)), door) == 200
    assert proven.status == ("Settled", None)


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_gift_at_stripes_own_page_is_settled_at_either_door_too(door, service, google, shop, giver):
    """A gift at Stripe's own page is settled at either door too."""
    gift = StripeGift(google, shop, giver)
    google.pay(gift.session_id)
    assert hear(google.webhooks_of(gift.session_id)[-1], door) == 200
    assert gift.status == ("Settled", None)


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_webhook_never_touches_gift_of_adapter_that_has_nothing(door, service, google, shop, settings):
    """A webhook never touches a gift of an adapter that has nothing to do with it."""
    settings.PROVIDERS_WITH_KEYS = set()  # the simulator plays them
    goal_id = shop.new_goal(PaymentProviders=GOOGLE)
    shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml(ProviderName="Google"))
    simulated = Contribution.objects.get()
    assert simulated.adapter == "sandbox"
    settings.PROVIDERS_WITH_KEYS = {"Google", "Stripe"}
    asked = simulated.attempts
    for about in (
        {"object": "payment_intent", "id": simulated.checkout_id},
        {"object": "payment_intent", "id": "pi_1", "metadata": {"contribution": simulated.public_id}},
        {"object": "checkout.session", "id": simulated.checkout_id, "client_reference_id": simulated.public_id},
    ):
        assert hear(google.webhook("payment_intent.succeeded", about), door) == 200
    simulated.refresh_from_db()
    assert (simulated.status, simulated.attempts) == ("Submitted", asked)
    assert google.calls == []


@pytest.mark.django_db
def test_webhook_about_strangers_payment_is_taken_and_logged(service, google, caplog):
    """A webhook about a payment of somebody elses is taken and logged."""
    assert hear(google.webhook("payment_intent.succeeded", {"object": "payment_intent", "id": "pi_elsewhere"})) == 200
    assert [record.message for record in caplog.records].count("report about an unknown checkout") == 1


@pytest.mark.django_db
def test_stripe_is_asked_to_call_again_while_it_gives_no_answer(proven):
    proven.google.next("get_intent", "error_503", times=9)
    assert hear(proven.google.webhooks_of(proven.intent.id)[-1]) == 503
    proven.google.no_more_faults()
    assert hear(proven.google.webhooks_of(proven.intent.id)[-1]) == 200


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["", "junk", "t=1,v1=1", "v1=" + "0" * 64])
def test_junk_at_our_door_is_400(header, service):
    client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)
    answer = client.generic(
        "POST", "/providers/google/webhook", b"{}", content_type="application/json", headers={"Stripe-Signature": header}
    )
    assert answer.status_code == 400


def test_the_payment_is_the_checkout_unless_a_page_of_stripes_is(google):
    adapter = adapter_for(google)
    own = adapter.parse_webhook(*google.webhook("x", {"object": "payment_intent", "id": "pi_1"}))
    assert (own.checkout_id, own.payment_reference) == ("pi_1", "pi_1")
    page = {"object": "checkout.session", "id": "cs_test_1", "payment_intent": "pi_1"}
    assert adapter.parse_webhook(*google.webhook("x", page)).checkout_id == "cs_test_1"
