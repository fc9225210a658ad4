"""As many requests wait for PayPal as may: what a client is told, and that nothing is done or lost."""

from contextlib import contextmanager

import pytest
from django.test import RequestFactory

from contributions.models import Contribution, Refund
from providers.kit.deadline import at_most
from providers.sandbox.models import SandboxCheckout
from tests.conftest import contribution_xml
from tests.contributions.conftest import Gift
from tests.picking import account
from web.made_anew import HOLD, Hold
from web.places import PlaceWanted, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]


@pytest.fixture
def goal(shop):
    return shop.new_goal()


@pytest.fixture
def busy(settings):
    """PayPal has one place, and somebody else has it for 7 s at most."""
    settings.PROVIDER_PLACES_FOR_A_PROVIDER = 1

    @contextmanager
    def taken():
        with place(RequestFactory().get("/"), "somebody else", "", "sandbox as PayPal"), at_most(7):
            yield

    return taken


def test_a_gift_is_made_and_opened_when_its_giver_comes(shop, giver, goal, busy):
    """The simulator is not asked meanwhile. The giver waits for a moment, and then pays as ever."""
    with busy():
        made = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(), Idempotency_Key="k-1")
        assert (made.status, made.value("Status")) == (201, "Submitted")
        assert not SandboxCheckout.objects.exists()
        page = giver.visit(made.value("ProviderURL"))
        assert (page.status, page.headers["Retry-After"]) == (503, "7")
        assert "One moment, please" in page.text
    assert shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(), Idempotency_Key="k-1").body == made.body
    assert giver.pay(made.value("ProviderURL")).status == 303
    assert Contribution.objects.get().status == "Settled"


def test_a_gift_at_another_provider_is_none_of_its_trouble(shop, giver, busy):
    with busy():
        gift = Gift(shop, giver, PaymentProviders=account("Stripe"))
        gift.pay()
        assert gift.refund().status == 201
    assert gift.status == "Refunded"


@pytest.mark.parametrize(
    ("path", "verb", "outcome"),
    [("/Capture", "POST", "Settled"), ("/Check", "POST", "Authorized"), ("", "DELETE", "Canceled")],
)
def test_nothing_is_done_and_the_next_try_goes_through(shop, giver, busy, path, verb, outcome):
    """The same request under the same key, once there is a place."""
    gift = Gift(shop, giver, CapturePolicy="Manual")
    gift.pay()
    before = Contribution.objects.values().get()
    with busy():
        told = shop.call(verb, f"/api/Contribution/{gift.id}{path}", Idempotency_Key="k-1")
    assert (told.status, told.value("code"), told.headers["Retry-After"]) == (503, "provider_busy", "7")
    assert Contribution.objects.values().get() == before
    assert shop.call(verb, f"/api/Contribution/{gift.id}{path}", Idempotency_Key="k-1").status in {200, 204}
    assert Contribution.objects.get().status == outcome


def test_a_refund_is_not_begun(shop, giver, busy):
    gift = Gift(shop, giver)
    gift.pay()
    with busy():
        told = gift.refund(Idempotency_Key="k-1")
    assert (told.status, told.value("code"), Refund.objects.count()) == (503, "provider_busy", 0)
    assert gift.refund(Idempotency_Key="k-1").status == 201
    assert gift.status == "Refunded"


def test_who_waits_for_a_place_keeps_its_idempotency_key(shop, goal, busy):
    """Behind the front door the request is made anew, with the key that it has claimed before: one gift, not a 409."""
    send = {"Idempotency_Key": "k-1"}
    shop.client.raise_request_exception = True
    with busy(), pytest.raises(PlaceWanted):
        shop.client.generic(
            "POST", f"/api/SavingGoal/{goal}/Contributions", contribution_xml().encode(), content_type="application/xml",
            HTTP_AUTHORIZATION=f"Bearer {shop.key}", HTTP_IDEMPOTENCY_KEY="k-1", **{HOLD: Hold()},
        )  # fmt: skip
    assert not Contribution.objects.exists()
    assert shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(), **send).status == 201
    assert SandboxCheckout.objects.count() == 1
