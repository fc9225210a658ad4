"""How many statements each request sends. Whoever changes a number here says in the commit why.

SELECT, INSERT, UPDATE and DELETE are counted; not what begins and ends a transaction. With a key that was used a moment ago.
"""

import json
import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

import clock
from contributions.models import Checkout
from contributions.worker import sync_all_due
from providers.sandbox.webhooks import sign_webhook
from tests.api.conftest import new_canary_shop
from tests.api.matrix import PATHS, ask, undone
from tests.conftest import Giver
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db

ENDPOINTS = {
    "GET /api/savings": 4,
    "POST /api/savings": 7,
    "GET /api/SavingGoal/{goal}": 1,
    "PUT /api/SavingGoal/{goal}": 11,
    "PATCH /api/SavingGoal/{goal}": 11,
    "DELETE /api/SavingGoal/{goal}": 17,
    "POST /api/SavingGoal/{goal}/Close": 14,
    "POST /api/SavingGoal/{goal}/Reopen": 7,
    "GET /api/SavingGoal/{goal}/Contributions": 3,
    "POST /api/SavingGoal/{goal}/Contributions": 16,
    "GET /api/Contribution/{contribution}": 1,
    "DELETE /api/Contribution/{contribution}": 12,
    "POST /api/Contribution/{contribution}/Capture": 4,
    "POST /api/Contribution/{contribution}/Check": 10,
    "GET /api/Contribution/{contribution}/Refunds": 3,
    "POST /api/Contribution/{contribution}/Refunds": 3,
    "GET /api/Contribution/{contribution}/History": 4,
    "GET /api/Contributions": 2,
    "GET /api/Refunds": 2,
    "GET /api/SavingGoal/{goal}/Matchers": 3,
    "POST /api/SavingGoal/{goal}/Matchers": 9,
    "GET /api/Matcher/{matcher}": 2,
    "DELETE /api/Matcher/{matcher}": 6,
    "GET /api/Givers": 2,
    "POST /api/Givers": 3,
    "GET /api/Giver/{giver}": 2,
    "PATCH /api/Giver/{giver}": 8,
    "DELETE /api/Giver/{giver}": 37,
    "POST /api/Giver/{giver}/Rotate": 5,
    "POST /api/Giver/{giver}/Pin": 5,
    "DELETE /api/Giver/{giver}/Pin": 2,
    "GET /api/Giver/{giver}/Permissions": 3,
    "POST /api/Giver/{giver}/Permissions": 15,
    "GET /api/Permission/{permission}": 2,
    "DELETE /api/Permission/{permission}": 15,
    "GET /api/SavingGoal/{goal}/Pledges": 4,
    "POST /api/SavingGoal/{goal}/Pledges": 5,
    "GET /api/Pledges": 3,
    "GET /api/Pledge/{pledge}": 2,
    "DELETE /api/Pledge/{pledge}": 8,
    "POST /api/Pledge/{pledge}/Pause": 8,
    "POST /api/Pledge/{pledge}/Resume": 2,
    "GET /api/PaymentAccounts": 2,
    "POST /api/PaymentAccounts": 4,
    "GET /api/PaymentAccount/{account}": 2,
    "PUT /api/PaymentAccount/{account}": 9,
    "PATCH /api/PaymentAccount/{account}": 5,
    "DELETE /api/PaymentAccount/{account}": 7,
    "POST /api/PaymentAccount/{account}/Check": 11,
    "POST /api/PaymentAccount/{account}/Onboarding": 9,
    "GET /api/GiftCertificates": 3,
    "POST /api/GiftCertificates": 30,
    "POST /api/GiftCertificates/Claim": 3,
    "GET /api/GiftCertificate/{certificate}": 2,
    "DELETE /api/GiftCertificate/{certificate}": 18,
    "POST /api/GiftCertificate/{certificate}/Claim": 6,
    "GET /api/GiftCertificate/{certificate}/Refunds": 4,
    "POST /api/GiftCertificate/{certificate}/Refunds": 4,
    "GET /api/Events": 3,
    "GET /api/Events/{event}/Deliveries": 4,
    "POST /api/Events/{event}/Redeliver": 8,
    "GET /api/WebhookEndpoint": 2,
    "PUT /api/WebhookEndpoint": 5,
    "DELETE /api/WebhookEndpoint": 6,
    "POST /api/WebhookEndpoint/Rotate": 10,
    "POST /api/WebhookEndpoint/Test": 5,
    "POST /api/WebhookEndpoint/Redeliver": 3,
    "GET /api/WebhookEndpoints": 2,
    "POST /api/WebhookEndpoints": 7,
    "GET /api/WebhookEndpoints/{endpoint}": 2,
    "PUT /api/WebhookEndpoints/{endpoint}": 5,
    "DELETE /api/WebhookEndpoints/{endpoint}": 6,
    "POST /api/WebhookEndpoints/{endpoint}/Rotate": 10,
    "POST /api/WebhookEndpoints/{endpoint}/Test": 5,
    "POST /api/WebhookEndpoints/{endpoint}/Redeliver": 3,
    "GET /api/RedirectSecret": 1,
    "POST /api/RedirectSecret": 2,
    "DELETE /api/RedirectSecret": 4,
    "POST /api/RedirectSecret/Rotate": 4,
    "POST /api/Rehearsal": 5,
    "GET /api/Rehearsal/{rehearsal}": 2,
    "GET /api/schema/contributions.xsd": 0,
    "GET /api/schema/contributions.dtd": 0,
    "GET /api/schema/openapi.json": 0,
}
"""Each path of the API with each of its verbs; HEAD sends what GET does."""

MORE = {
    "savings, 1": 4,
    "SavingGoal/{goal}, 1": 1,
    "SavingGoal/{goal}/Contributions, 1": 3,
    "Contributions, 1": 2,
    "Events, 1": 3,
    "savings, 5": 4,
    "SavingGoal/{goal}, 5": 1,
    "SavingGoal/{goal}/Contributions, 5": 3,
    "Contributions, 5": 2,
    "Events, 5": 3,
    "poll, no news": 1,
    "the page of a gift": 1,
    "return, settled": 24,
    "return, once more": 1,
    "return, held": 25,
    "capture": 30,
    "refund": 30,
    "refunds": 3,
    "delete, held": 31,
    "webhook, settled": 24,
    "round, nothing to do": 10,
    "round, one settled": 33,
}
"""What takes a story before, and what is no path of the API."""


@contextmanager
def counted():
    """The statements that are sent until the end."""
    sent = []

    def wrapper(execute, sql, parameters, many, context):
        if re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", sql):
            sent.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(wrapper):
        yield sent


def test_each_endpoint():
    shop, found = new_canary_shop(), {}
    for path in PATHS:
        for verb, status in path.verbs.items():
            if verb != "HEAD":
                with undone(), counted() as sent:
                    assert ask(shop.client, verb, path, shop).status == status
                found[f"{verb} {path.address}"] = len(sent)
    assert found == ENDPOINTS


def test_heads_send_what_gets_do():
    shop = new_canary_shop()
    for path in PATHS:
        if "HEAD" in path.verbs:
            with counted() as sent:
                ask(shop.client, "HEAD", path, shop)
            assert len(sent) == ENDPOINTS[f"GET {path.address}"], path.address


@pytest.fixture
def count():
    """count(what, deed): does it, and keeps by its name how many statements that took; returns what it returned."""
    found = {}

    def count(what, deed):
        with counted() as sent:
            done = deed()
        found[what] = len(sent)
        return done

    yield count
    assert found == {what: MORE[what] for what in found}


def test_lists_grow_by_their_rows_alone(shop, count):
    """The numbers with one row and with five: equal where nothing is asked for each of them."""
    goal = shop.new_goal()
    for number in (1, 5):
        while len(shop.get("/api/savings").xml) < number:
            shop.new_contribution(shop.new_goal(ExternalItemId="other"))
        while len(shop.get("/api/Contributions").xml) < number:
            shop.new_contribution(goal)
        for path in ("savings", f"SavingGoal/{goal}", f"SavingGoal/{goal}/Contributions", "Contributions", "Events"):
            count(f"{path.replace(goal, '{goal}')}, {number}", lambda path=path: shop.get(f"/api/{path}"))


def test_a_poll_with_no_news(shop, count):
    gift = shop.new_contribution(shop.new_goal())
    path = f"/api/Contribution/{gift.value('Id')}"
    seen = shop.get(path).headers["ETag"]
    assert count("poll, no news", lambda: shop.get(path, If_None_Match=seen)).status == 304


def test_money_moves(shop, giver, count):
    paid, held = Gift(shop, giver), Gift(shop, giver, CapturePolicy="Manual")
    let_go = Gift(shop, giver, CapturePolicy="Manual")
    for gift in (paid, held, let_go):
        page = gift.page()
        count("the page of a gift", lambda gift=gift: Giver().visit(gift.provider_url))
        back = giver.choose(page, "approve")
        count(f"return, {'settled' if gift is paid else 'held'}", lambda back=back: giver.visit(back))
        count("return, once more", lambda back=back: giver.visit(back))
    assert (paid.status, held.status) == ("Settled", "Authorized")
    assert count("capture", held.capture).status == 200
    assert count("refund", lambda: paid.refund("5.00")).status == 201
    assert count("refunds", lambda: shop.get(f"/api/Contribution/{paid.id}/Refunds")).status == 200
    assert count("delete, held", let_go.delete).status == 204


def test_a_webhook(shop, giver, count):
    gift = Gift(shop, giver)
    giver.choose(gift.provider_url, "approve")
    body = json.dumps({"id": "event-1", "checkout_id": gift.checkout.provider_checkout_id, "what": "approve"}).encode()
    hook = {"content_type": "application/json", "HTTP_SANDBOX_SIGNATURE": sign_webhook(body)}
    client = Client(SERVER_NAME="give.example.test")
    answer = count("webhook, settled", lambda: client.post("/providers/paypal/webhook", body, **hook))
    assert (answer.status_code, gift.status) == (200, "Settled")


def test_a_round_of_the_worker(shop, giver, count):
    count("round, nothing to do", sync_all_due)
    gift = Gift(shop, giver)
    giver.choose(gift.provider_url, "approve")
    Checkout.objects.filter(contribution=gift.row).update(due_at=clock.now() - timedelta(seconds=1))
    count("round, one settled", sync_all_due)
    assert gift.status == "Settled"
