"""What happens round a gift that is under way: its partner's key is revoked, or yesterday's database is restored."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from contributions.models import Checkout, Contribution, LedgerEntry, ProviderRequest, Refund, StatusChange
from contributions.worker import sync_all_due
from goals.models import PaymentAccount, SavingGoal
from notifications.models import Event, EventSequence
from partners import keys
from providers.sandbox.models import SandboxCheckout, SandboxRequest
from providers.sandbox.webhooks import sign_webhook
from tests.contributions.conftest import THANKS, Gift

pytestmark = pytest.mark.django_db


def ring(checkout_id):
    """The provider reports something about this checkout; what we answer."""
    body = json.dumps({"id": "report-1", "checkout_id": checkout_id, "what": "approve"}).encode()
    client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)
    headers = {"Sandbox-Signature": sign_webhook(body)}
    return client.post("/providers/paypal/webhook", body, content_type="application/json", headers=headers).status_code


def test_who_pays_while_the_key_is_revoked_has_given(gift, giver):
    """The partner's polls alone are 401."""
    way_back = giver.choose(gift.provider_url, "approve")
    keys.revoke(gift.shop.key)
    bounced = giver.visit(way_back)
    assert (bounced.status, bounced.headers["Location"]) == (303, f"{THANKS}?Id={gift.id}")
    assert (gift.row.status, gift.row.goal.collected_minor) == ("Settled", 2000)
    assert gift.shop.get(f"/api/Contribution/{gift.id}").status == 401
    assert giver.visit(f"/thank-you?Id={gift.id}").status == 200


def test_the_worker_settles_for_a_partner_whose_key_is_revoked(gift, giver):
    giver.choose(gift.provider_url, "approve")
    keys.revoke(gift.shop.key)
    sync_all_due(whether_due_or_not=True)
    assert Contribution.objects.get().status == "Settled"


BOOKS = (StatusChange, Refund, LedgerEntry, ProviderRequest, EventSequence, Event)
OURS = (SavingGoal, PaymentAccount, Contribution, Checkout, *BOOKS)
"""The service's tables of money, each after those that it refers to; the simulator's are the provider's truth, and stay.
A contribution and its current checkout refer to one another."""


def backup():
    return {model: list(model.objects.order_by("pk").values()) for model in OURS}


def restore(rows):
    Contribution.objects.update(status="Submitted", checkout=None)
    for model in reversed(OURS):
        model.objects.all()._raw_delete("default")
    for model in OURS:
        model.objects.bulk_create(model(**values | unlinked(model)) for values in rows[model])
    for values in rows[Contribution]:
        Contribution.objects.filter(pk=values["id"]).update(status=values["status"], checkout=values["checkout_id"])


def unlinked(model):
    return {"status": "Submitted", "checkout_id": None} if model is Contribution else {}


@pytest.mark.usefixtures("books_can_be_forged", "books_are_right")
def test_gifts_open_in_a_restored_database_end_right(provider, shop, giver, moved_clock):
    moved_clock(datetime(2030, 1, 1, tzinfo=UTC))
    paid, cancelled, untouched = Gift(shop, giver), Gift(shop, giver), Gift(shop, giver)
    captured, let_go = Gift(shop, giver, CapturePolicy="Manual"), Gift(shop, giver, CapturePolicy="Manual")
    refunded, reversed_ = Gift(shop, giver), Gift(shop, giver)
    for given in (captured, let_go, refunded, reversed_):
        given.pay("approve")
    yesterday = backup()

    moved_clock(datetime(2030, 1, 2, tzinfo=UTC))
    paid.pay("approve")
    cancelled.pay("cancel")
    assert [captured.capture().status, let_go.delete().status, refunded.refund("5.00").status] == [200, 204, 201]
    SandboxCheckout.objects.filter(reference=reversed_.id).update(state="reversed")
    captures = SandboxRequest.objects.filter(operation="capture").count()

    restore(yesterday)
    assert paid.status == "Submitted"
    moved_clock(datetime(2030, 1, 3, tzinfo=UTC))
    sync_all_due(whether_due_or_not=True)
    assert (paid.status, paid.totals()) == ("Settled", ("20.00", "0.00"))
    assert (refunded.status, refunded.totals()) == ("Settled", ("15.00", "0.00"))
    assert (reversed_.status, reversed_.totals()) == ("Reversed", ("0.00", "0.00"))
    moved_clock(datetime(2030, 1, 1, tzinfo=UTC) + timedelta(hours=73))
    sync_all_due(whether_due_or_not=True)
    assert (cancelled.status, untouched.status) == ("Failed", "Failed"), "nobody paid, and nobody will"
    moved_clock(datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=28, hours=1))  # what is held is looked at before it lapses
    sync_all_due()
    assert (captured.status, captured.totals()) == ("Settled", ("20.00", "0.00"))
    assert (let_go.status, let_go.totals()) == ("Canceled", ("0.00", "0.00"))
    assert SandboxRequest.objects.filter(operation="capture").count() == captures, "nothing is taken twice"


@pytest.mark.usefixtures("books_can_be_forged", "books_are_right")
def test_webhooks_about_gifts_that_a_restore_lost_are_logged(provider, shop, giver, caplog):
    before = Gift(shop, giver)
    yesterday = backup()
    since = Gift(shop, giver)
    since.pay("approve")
    checkout_id = since.checkout.provider_checkout_id
    restore(yesterday)
    assert ring(checkout_id) == 200
    assert "webhook about an unknown checkout" in caplog.messages
    assert list(Contribution.objects.values_list("public_id", flat=True)) == [before.id]
    assert SandboxCheckout.objects.get(checkout_id=checkout_id).state == "captured", "a person finds it at the provider"
