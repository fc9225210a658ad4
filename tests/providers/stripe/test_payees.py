"""Payees at Stripe: accounts made and onboarded by link, checked, restricted; and the operator's own account."""

from datetime import timedelta

import pytest

import clock
from contributions import attention
from contributions.models import Attention
from contributions.payees import check
from goals.models import Payee
from providers.stripe.client import API_VERSION
from tests.api.resources.test_payment_accounts import account_xml, made, providers
from tests.conftest import contribution_xml
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.gift import StripeGift, hear, refund, work
from tests.raising import raising

pytestmark = pytest.mark.django_db

OWN = "acct_platform"


@pytest.fixture
def payee(service, shop) -> str:
    return made(shop, ProviderName="Stripe")


def path(payee: str, below: str = "") -> str:
    return f"/api/PaymentAccount/{payee}{below}"


def test_a_payee_is_onboarded_and_then_paid(payee, shop, giver, stripe: FakeStripe):
    first, second = (shop.post(path(payee, "/Onboarding")) for _ in range(2))
    assert first.value("OnboardingURL") != second.value("OnboardingURL")
    (created,) = stripe.calls_of("create_account")
    assert created.answer["metadata"] == {"payment_account": payee}
    links = stripe.calls_of("create_link")
    assert len({call.headers["idempotency-key"] for call in links}) == 2
    account_id = created.answer["id"]
    assert shop.post(path(payee, "/Check")).value("StateReason") == "onboarding_not_finished"
    stripe.connected.finish(account_id)
    onboarded = f"/providers/stripe/onboarded/{payee}"
    assert giver.client.head(onboarded).status_code == 200, "whoever only looks asks nobody"
    assert shop.get(path(payee)).value("State") == "OnboardingNeeded"
    assert "You can be paid" in giver.visit(f"http://give.example.test{onboarded}").text
    assert shop.get(path(payee)).value("State") == "Ready"
    gift = StripeGift(stripe, shop, giver, PaymentProviders=providers(payee, "Stripe"))
    gift.comes_back()
    assert (gift.status, gift.intent.destination) == (("Settled", None), account_id)


@pytest.mark.parametrize("fault", ["drop", "do_then_drop", "error_500"])
def test_an_account_whose_answer_is_lost_is_made_once(fault, payee, shop, stripe):
    stripe.next("create_account", fault, times=3)
    silent = shop.post(path(payee, "/Onboarding"))
    assert (silent.status, silent.value("code")) == (503, "provider_silent")
    stripe.no_more_faults()
    assert shop.post(path(payee, "/Onboarding")).status == 200
    assert len({call.headers["idempotency-key"] for call in stripe.calls_of("create_account")}) == 1
    assert len(stripe.connected.by_id) == 4


def test_without_connect_the_operator_is_told_what_to_do(payee, shop, stripe):
    stripe.connected.connect = False
    refused = shop.post(path(payee, "/Onboarding"))
    assert (refused.status, refused.value("code")) == (409, "onboarding_not_offered")
    assert "sign up for Connect" in refused.value("detail")
    stripe.connected.connect = True
    assert shop.post(path(payee, "/Onboarding")).status == 200
    assert Payee.objects.get().request_id == ""


def test_account_updated_is_not_believed_and_makes_us_ask(service, shop, stripe):
    payee = made(shop, ProviderName="Stripe", Credentials="acct_anna")
    goal = shop.new_goal(PaymentProviders=providers(payee, "Stripe"))
    lie = stripe.webhook("account.updated", stripe.connected.find("acct_anna") | {"capabilities": {"transfers": "inactive"}})
    assert (hear(lie), shop.get(path(payee)).value("State")) == (200, "Ready")
    stripe.connected.restrict("acct_anna", "rejected.fraud")
    stripe.next("get_account", "error_503", times=3)
    told = stripe.webhook("account.updated", stripe.connected.find("acct_anna"))
    assert hear(told) == 503
    assert hear(told) == 200
    now = shop.get(path(payee))
    assert (now.value("State"), now.value("StateReason")) == ("Restricted", "rejected_fraud")
    assert Attention.objects.get(kind="payee_restricted").about == payee
    gift = shop.post(
        f"/api/SavingGoal/{goal}/Contributions", "<Contribution><Amount>5</Amount><Contributor>B</Contributor></Contribution>"
    )
    assert (gift.status, gift.value("code")) == (409, "payee_cannot_be_paid")
    assert stripe.calls_of("create") == []


def test_a_process_dies_as_it_writes_down_a_restriction(service, shop, stripe, monkeypatch, moved_clock):
    """Either nothing is known yet, or the worker looks again: nobody is called restricted for ever."""
    payee = made(shop, ProviderName="Stripe", Credentials="acct_anna")
    shop.new_goal(PaymentProviders=providers(payee, "Stripe"))
    stripe.connected.restrict("acct_anna", "under_review")
    with monkeypatch.context() as patched:
        patched.setattr(attention, "arise", raising(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            check(Payee.objects.get())
    stripe.connected.finish("acct_anna")
    moved_clock(clock.now() + timedelta(days=2))
    work()
    assert shop.get(path(payee)).value("State") in {"Unchecked", "Ready"}


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({"charges_enabled": False}, "Ready", None),
        ({"capabilities": {"transfers": "pending"}}, "Restricted", "transfers_pending"),
        ({"capabilities": {}, "details_submitted": False}, "OnboardingNeeded", "onboarding_not_finished"),
        ({"capabilities": None, "requirements": {"disabled_reason": "under_review"}}, "Restricted", "under_review"),
    ],
    ids=["no charges of its own", "pending", "unfinished", "in review"],
)
def test_a_connected_accounts_state(changes, state, reason, service, shop, stripe):
    payee = made(shop, ProviderName="Stripe", Credentials="acct_bob")
    stripe.connected.by_id["acct_bob"] |= changes
    told = shop.post(path(payee, "/Check"))
    assert (told.value("State"), told.value("StateReason")) == (state, reason)


def test_an_account_that_is_not_connected_is_restricted(service, shop, stripe):
    payee = made(shop, ProviderName="Stripe", Credentials="acct_nobody")
    told = shop.post(path(payee, "/Check"))
    assert (told.value("State"), told.value("StateReason")) == ("Restricted", "not_connected")


def test_the_operators_own_account_is_paid_without_connect(service, settings, shop, giver, stripe):
    settings.STRIPE_OWN_ACCOUNT = OWN
    stripe.connected.connect = False
    payee = made(shop, ProviderName="Stripe", Credentials=OWN)
    assert shop.post(path(payee, "/Check")).value("State") == "Ready"
    gift = StripeGift(stripe, shop, giver, PaymentProviders=providers(payee, "Stripe"))
    gift.comes_back()
    assert (gift.status, gift.intent.destination) == (("Settled", None), None)
    assert refund(gift).status == 201
    assert gift.status[0] == "Refunded"
    assert shop.post(path(payee, "/Onboarding")).value("code") == "onboarding_not_offered"


def test_money_that_came_to_the_operator_instead_is_no_match(service, settings, shop, giver, stripe):
    """A payment for a connected account that has no transfer is the operator's: another payee than was asked for."""
    settings.STRIPE_OWN_ACCOUNT = OWN
    gift = StripeGift(stripe, shop, giver)
    gift.session.asked["payment_intent_data"].pop("transfer_data")
    gift.comes_back()
    assert gift.status == ("Pending", "payee_mismatch")


def test_the_version_is_named_in_every_call(payee, shop, stripe):
    shop.post(path(payee, "/Onboarding"))
    assert {call.headers["stripe-version"] for call in stripe.calls} == {API_VERSION}


def test_new_credentials_of_another_account_are_asked_about(service, shop, stripe):
    payee = made(shop, ProviderName="Stripe", Credentials="acct_nobody")
    shop.post(path(payee, "/Check"))
    shop.patch(path(payee), account_xml(Credentials="acct_anna", RecordVersionNumber="1"))
    assert shop.get(path(payee)).value("State") == "Unchecked"
    assert shop.post(path(payee, "/Check")).value("State") == "Ready"


def test_a_refusal_to_pay_somebody_makes_the_worker_ask_why(service, shop, stripe):
    """Stripe has restricted the payee, and no webhook came: the first gift is refused by Stripe, the next one by us."""
    payee = made(shop, ProviderName="Stripe", Credentials="acct_bob")
    goal = shop.new_goal(PaymentProviders=providers(payee, "Stripe"))
    stripe.books.cannot_receive.add("acct_bob")
    stripe.connected.restrict("acct_bob", "listed")
    first = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml())
    assert (first.value("code"), first.value("StatusReason")) == ("checkout_refused", "payee_cannot_receive")
    work()
    assert shop.get(path(payee)).value("StateReason") == "listed"
    second = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml())
    assert second.value("code") == "payee_cannot_be_paid"
    assert len(stripe.calls_of("create")) == 1


def test_the_worker_waits_for_an_onboarding_for_a_month(payee, shop, stripe, moved_clock):
    shop.post(path(payee, "/Onboarding"))
    start = clock.now()
    for hours, asked in ((5, 0), (7, 1), (8, 1), (14, 2), (24 * 31, 3), (24 * 60, 3)):
        moved_clock(start + timedelta(hours=hours))
        work()
        assert len(stripe.calls_of("get_account")) == asked, hours
