"""The provider's webhook: an event makes us ask, and what it says is not believed. Played by the simulator."""

import json
import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contributions.models import Checkout, Contribution, LedgerEntry, Refund, StatusChange
from contributions.worker import sync_all_due
from ids import new_id
from providers.sandbox.models import SandboxCheckout, SandboxRefund, SandboxRequest
from providers.sandbox.webhooks import sign_webhook

pytestmark = pytest.mark.django_db

HOOK = "/providers/paypal/webhook"
UNKNOWN = "webhook about an unknown checkout"


def about(gift, **changes):
    """The body of an event about this gift's checkout."""
    told = {"id": "event-1", "checkout_id": gift.checkout.provider_checkout_id, "what": "approve"}
    return json.dumps(told | changes).encode()


def send(body, signature=None, path=HOOK, **meta):
    """What the webhook answers to this body; signed right unless `signature` says otherwise."""
    meta["HTTP_SANDBOX_SIGNATURE"] = sign_webhook(body) if signature is None else signature
    client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)
    return client.post(path, body, content_type="application/json", **meta)


def everything():
    """All that an event could have changed."""
    models = (Contribution, Checkout, StatusChange, LedgerEntry, Refund, SandboxCheckout, SandboxRequest, SandboxRefund)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.fixture
def approved(gift, giver):
    """A gift whose giver has approved and closed the browser."""
    giver.choose(gift.provider_url, "approve")
    return gift


def test_a_webhook_settles_the_gift_of_an_absent_giver(approved, provider):
    """Once, however often it comes."""
    for _ in range(5):
        response = send(about(approved))
        assert (response.status_code, response.content) == (200, b"")
    assert (approved.status, approved.totals(), LedgerEntry.objects.get().cause) == ("Settled", ("20.00", "0.00"), "webhook")
    assert (approved.version, provider.calls["capture"]) == ("2", 1)


def test_what_an_event_says_is_not_believed(gift, provider):
    gift.page()
    assert send(about(gift, what="captured", amount="20.00", status="COMPLETED")).status_code == 200
    assert gift.status == "Submitted"
    assert (provider.calls["find"], provider.calls["capture"]) == (1, 0)


# --- Whose it is: each forgery of the body and of the headers is the adapters' contract ----------------------------------


@pytest.mark.parametrize("signature", ["", "0" * 64, "\udc80", "x" * 5_000, "\u0660" * 64])
def test_an_event_that_the_provider_has_not_signed_is_400(approved, signature, provider, caplog):
    before = everything()
    response = send(about(approved), signature)
    assert (response.status_code, response.content) == (400, b"")
    assert (everything(), provider.calls["find"]) == (before, 0)
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING and record.name != "security"] == [
        "webhook refused"
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"id": "1"}',
        b'{"id": 1, "checkout_id": "2222222222222222222222"}',
        b'{"id": "1", "checkout_id": ["2222222222222222222222"]}',
        b'{"id": "1", "checkout_id": "222222222222222222222\\u0000"}',
        b'{"id": "1", "checkout_id": "\\ud800"}',
        b"\xff\xfe\x00",
        b"[" * 60_000,
    ],
)
def test_what_is_signed_but_no_event_is_refused(gift, body):
    before = everything()
    assert send(body).status_code == 400
    assert everything() == before


def test_an_event_over_the_limit_is_refused_however_signed(approved):
    before = everything()
    assert send(about(approved, padding="x" * 65_536)).status_code == 400
    assert send(about(approved), CONTENT_LENGTH="nonsense").status_code == 400
    assert everything() == before
    body = about(approved)
    assert send(body + b" " * (65_536 - len(body))).status_code == 200
    assert approved.status == "Settled"


def test_a_webhook_signed_with_the_key_before_is_heard(approved, settings):
    """For as long as that key is kept, at either place: workers and web processes get the new one at different times."""
    old = settings.CREDENTIALS_KEYS
    on_its_way = sign_webhook(about(approved))
    settings.CREDENTIALS_KEYS = ["the new key", *old]
    by_the_new_key = sign_webhook(about(approved))
    assert by_the_new_key != on_its_way, "the newest key signs"
    assert send(about(approved), on_its_way).status_code == 200
    assert approved.status == "Settled"
    settings.CREDENTIALS_KEYS = [*old, "the new key"]
    assert send(about(approved), by_the_new_key).status_code == 200


def test_a_webhook_signed_with_a_dropped_key_is_refused(approved, settings):
    kept = settings.CREDENTIALS_KEYS
    settings.CREDENTIALS_KEYS = ["the dropped key", *kept]
    on_its_way = sign_webhook(about(approved))
    settings.CREDENTIALS_KEYS = kept
    assert send(about(approved), on_its_way).status_code == 400
    assert approved.status == "Submitted"


# --- Which gift it is about -------------------------------------------------------------------------------------------


def test_an_event_about_an_unknown_checkout_is_taken(approved, caplog):
    """Unknown are another provider's and another adapter's as well. Nothing changes."""
    before = everything()
    assert send(about(approved, checkout_id=new_id())).status_code == 200
    assert send(about(approved), path="/providers/stripe/webhook").status_code == 200
    assert caplog.messages.count(UNKNOWN) == 2
    assert everything() == before
    Checkout.objects.update(adapter="paypal")
    before = everything()
    assert send(about(approved)).status_code == 200
    assert everything() == before


def test_the_webhook_has_one_verb_where_somebody_stands_behind(gift, settings):
    client = Client(SERVER_NAME="give.example.test")
    for verb in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        response = client.generic(verb, HOOK)
        assert (response.status_code, response["Allow"]) == (405, "POST")
    assert send(about(gift), path="/providers/nobody/webhook").status_code == 404
    settings.SANDBOX = False
    assert send(about(gift)).status_code == 404


# --- Asking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("operation", "trouble"), [("find", "drops_the_call"), ("capture", "drops_the_answer")])
def test_a_provider_that_is_silent_when_asked_is_to_come_again(approved, provider, operation, trouble):
    getattr(provider, trouble)(operation)
    response = send(about(approved))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert approved.status == ("Submitted" if operation == "find" else "Pending"), "approved, once the provider had said so"
    assert approved.totals() == ("0.00", "0.00")
    assert send(about(approved)).status_code == 200
    assert (approved.status, approved.totals()) == ("Settled", ("20.00", "0.00"))
    assert SandboxRequest.objects.filter(operation="capture").count() == 1


def test_a_webhook_while_somebody_asks_makes_the_worker_ask(gift, provider):
    gift.pay("approve")

    def charged_back_while_the_answer_is_on_its_way(ask):
        answer = ask()
        SandboxCheckout.objects.update(state="reversed")
        assert send(about(gift)).status_code == 200
        return answer

    provider._add("find", charged_back_while_the_answer_is_on_its_way, 1)
    Checkout.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    sync_all_due()
    assert (gift.status, provider.calls["find"]) == ("Settled", 2)
    sync_all_due()
    assert (gift.status, provider.calls["find"]) == ("Reversed", 3)


@pytest.mark.parametrize(
    ("deed", "status"),
    [("approve", "Settled"), ("decline", "Failed"), ("cancel", "Canceled"), ("refund", "Refunded"), ("delete", "Canceled")],
)
def test_an_old_event_about_what_is_over_changes_nothing(gift, shop, deed, status):
    if deed == "delete":
        gift.page()
        shop.delete(f"/api/Contribution/{gift.id}")
    else:
        gift.pay("approve" if deed == "refund" else deed)
    if deed == "refund":
        shop.post(f"/api/Contribution/{gift.id}/Refunds", "<Refund/>")
    before = (gift.row.status, gift.row.version, StatusChange.objects.count(), LedgerEntry.objects.count())
    assert before[0] == status
    for what in ("approve", "chargeback", "dispute_won", "refund_over"):
        assert send(about(gift, what=what)).status_code == 200
    assert (gift.row.status, gift.row.version, StatusChange.objects.count(), LedgerEntry.objects.count()) == before
