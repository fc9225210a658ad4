"""The simulator's webhook key changes while reports are on their way."""

import json

import pytest
from django.test import Client

from contributions.models import Contribution
from providers.sandbox.webhooks import sign_webhook

pytestmark = pytest.mark.django_db


def ring(body, signature):
    client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)
    return client.post(
        "/providers/paypal/webhook", body, content_type="application/json", headers={"Sandbox-Signature": signature}
    ).status_code


@pytest.fixture
def approved(gift, giver):
    """A gift whose giver has approved and closed the browser."""
    giver.choose(gift.provider_url, "approve")
    return gift


def report():
    return json.dumps({"id": "report-1", "checkout_id": Contribution.objects.get().checkout_id, "what": "approve"}).encode()


def test_webhook_signed_with_key_before_is_heard_as_long(approved, settings):
    """A webhook signed with the key before is heard as long as that key is kept."""
    before = settings.CREDENTIALS_KEYS
    on_its_way = sign_webhook(report())
    settings.CREDENTIALS_KEYS = ["the new key", *before]
    assert sign_webhook(report()) != on_its_way, "the newest key signs"
    assert ring(report(), on_its_way) == 200
    assert approved.status == "Settled"


def test_a_report_signed_with_a_key_that_was_dropped_is_refused(approved, settings):
    kept = settings.CREDENTIALS_KEYS
    settings.CREDENTIALS_KEYS = ["the dropped key", *kept]
    on_its_way = sign_webhook(report())
    settings.CREDENTIALS_KEYS = kept
    assert ring(report(), on_its_way) == 400
    assert approved.status == "Submitted"
    assert ring(report(), sign_webhook(report())) == 200


def test_the_first_of_two_rounds_of_a_rotation_refuses_nothing(approved, settings):
    old = settings.CREDENTIALS_KEYS
    settings.CREDENTIALS_KEYS = ["the new key", *old]
    from_a_worker_of_the_second_round = sign_webhook(report())
    settings.CREDENTIALS_KEYS = [*old, "the new key"]
    assert ring(report(), from_a_worker_of_the_second_round) == 200
    assert approved.status == "Settled"
