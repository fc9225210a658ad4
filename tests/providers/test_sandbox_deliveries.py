"""The simulator's webhooks on their way: owed, delivered, tried again, given up; workers that die, sleep or are many."""

import json
import logging
from http.server import BaseHTTPRequestHandler
from threading import Lock

import pytest
import requests
from django.db import connection

import leases
from providers.sandbox import webhooks
from providers.sandbox.models import SandboxCheckout, SandboxWebhook
from providers.sandbox.webhooks import deliver_webhooks, sign_webhook
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import Gift
from tests.demo.conftest import serving
from tests.providers.contract import all_at_once
from tests.troublesome_provider import ProcessDied

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings):
    """A server that takes webhooks as the service would, and answers as it is told."""

    class Handler(BaseHTTPRequestHandler):
        bodies, headers_seen, answers, lock = [], [], [], Lock()

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with self.lock:
                self.bodies.append(json.loads(body))
                self.headers_seen.append((self.path, self.headers["Sandbox-Signature"] == sign_webhook(body)))
                status = self.answers.pop(0) if self.answers else 200
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Says nothing."""

    with serving(Handler) as settings.PUBLIC_BASE_URL:
        yield Handler


@pytest.fixture
def owed(gift, giver):
    """A webhook event that is owed."""
    giver.choose(gift.provider_url, "approve")
    return SandboxWebhook.objects.get()


def test_an_event_is_posted_signed_to_the_webhook_once(owed, receiver, monkeypatch):
    """And no proxy of the environment is asked."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert deliver_webhooks() == 1
    assert deliver_webhooks() == 0
    assert receiver.headers_seen == [("/providers/paypal/webhook", True)]
    assert receiver.bodies == [{"id": owed.event_id, "checkout_id": owed.checkout.checkout_id, "what": "approve"}]


@pytest.mark.parametrize("status", [302, 304, 400, 503])
def test_any_2xx_has_arrived_and_nothing_else(owed, receiver, status, later):
    """No redirect is followed."""
    receiver.answers += [status, 204]
    assert deliver_webhooks() == 0
    assert len(receiver.bodies) == 1
    owed.refresh_from_db()
    assert (owed.delivered_at, owed.attempts, owed.lease_token) == (None, 1, "")
    later(seconds=6)
    assert deliver_webhooks() == 1
    owed.refresh_from_db()
    assert owed.delivered_at is not None


def test_waits_grow_and_in_the_end_it_is_given_up(owed, receiver, later, caplog):
    receiver.answers += [500] * 9
    for wait in (5, 30, 300, 3600):
        assert deliver_webhooks() == 0
        tries = len(receiver.bodies)
        later(seconds=wait - 1)
        deliver_webhooks()
        assert len(receiver.bodies) == tries, f"before {wait} seconds have passed nobody tries again"
        assert caplog.records[-1].levelno == logging.WARNING
        later(seconds=1)
    assert deliver_webhooks() == 0
    assert (len(receiver.bodies), {body["id"] for body in receiver.bodies}) == (5, {owed.event_id})
    assert (caplog.records[-1].levelno, caplog.records[-1].message) == (logging.ERROR, "simulated webhook given up")
    later(days=30)
    deliver_webhooks()
    assert len(receiver.bodies) == 5


def owe(shop, giver, number):
    goal = shop.new_goal()
    for _ in range(number):
        giver.choose(shop.new_contribution(goal).value("ProviderURL"), "approve")


def test_where_nobody_answers_others_wait_for_the_next_round(shop, giver, settings):
    owe(shop, giver, 3)
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:1"
    assert deliver_webhooks() == 0
    assert list(SandboxWebhook.objects.order_by("pk").values_list("attempts", flat=True)) == [1, 0, 0]


def test_one_that_goes_wrong_keeps_no_others_waiting(shop, giver, receiver, monkeypatch, caplog):
    """Of four one crashes and one is refused."""
    owe(shop, giver, 4)
    receiver.answers += [500]
    happen, broken = webhooks.let_it_happen, iter([True])

    def goes_wrong_once(*arguments):
        if next(broken, False):
            raise RuntimeError("disk full")
        happen(*arguments)

    monkeypatch.setattr(webhooks, "let_it_happen", goes_wrong_once)
    assert deliver_webhooks() == 2
    assert "simulated webhook went wrong" in caplog.messages
    assert SandboxWebhook.objects.filter(delivered_at=None, attempts=1).count() == 2
    assert SandboxWebhook.objects.filter(delivered_at=None, attempts=1, happened_at=None).count() == 1


def test_a_round_has_an_end_and_a_single_one_does_everything(shop, giver, receiver, monkeypatch):
    owe(shop, giver, 5)
    assert deliver_webhooks(most=2) == 2
    assert deliver_webhooks(most=None) == 3


# --- Workers that die, sleep or are many -------------------------------------------------------------------------------


def dies(*_, **__):
    raise ProcessDied


@pytest.mark.parametrize(("at", "times"), [("_post", 1), ("_arrived", 2)])
def test_a_worker_that_dies_loses_nothing(owed, receiver, later, monkeypatch, at, times):
    """One that dies after delivering delivers twice, rather than never."""
    monkeypatch.setattr(webhooks, at, dies)
    with pytest.raises(ProcessDied):
        deliver_webhooks()
    monkeypatch.undo()
    assert deliver_webhooks() == 0, "it may still be alive"
    later(seconds=61)
    assert deliver_webhooks() == 1
    assert [body["id"] for body in receiver.bodies] == [owed.event_id] * times


@pytest.fixture
def charged_back(gift, receiver):
    """A settled gift whose bank is about to take the money back and to lose the dispute; the approval is told."""
    SandboxCheckout.objects.update(scenario="chargeback_won")
    gift.pay("approve")
    assert deliver_webhooks(most=1) == 1
    return SandboxWebhook.objects.get(what="chargeback_won")


def state():
    return SandboxCheckout.objects.get().state


def test_a_chargeback_that_is_told_twice_is_made_once(charged_back, receiver, later, monkeypatch):
    receiver.answers += [500]
    deliver_webhooks()
    assert (state(), SandboxWebhook.objects.filter(what="dispute_won").count()) == ("reversed", 0)
    SandboxCheckout.objects.update(state="captured")  # whatever else has become of it
    later(seconds=6)
    deliver_webhooks()
    assert (state(), SandboxWebhook.objects.filter(what="dispute_won").count()) == ("captured", 1)


def test_a_worker_that_slept_through_its_lease_does_nothing(charged_back, later):
    slept = leases.take(charged_back)
    later(seconds=61)
    assert deliver_webhooks() == 1
    assert deliver_webhooks() == 1
    assert state() == "captured", "the dispute is won"
    webhooks._do_what_it_tells_of(slept)
    webhooks._arrived(slept)
    webhooks._in_vain(slept, "it woke up")
    assert state() == "captured"
    assert list(SandboxWebhook.objects.order_by("pk").values_list("what", "attempts", "due_at")) == [
        ("approve", 0, None),
        ("chargeback_won", 0, None),
        ("dispute_won", 0, None),
    ]


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_deliver_each_event_once(receiver):
    owe(PartnerClient(register("Shop").api_key), Giver(), 8)
    arrived = all_at_once(deliver_webhooks)
    assert sum(arrived) == 8
    assert len({body["id"] for body in receiver.bodies}) == len(receiver.bodies) == 8


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_service_is_told(receiver, monkeypatch):
    gift = Gift(PartnerClient(register("Shop").api_key), Giver())
    SandboxCheckout.objects.update(scenario="chargeback")
    gift.pay("approve")
    open_transactions, post = [], requests.Session.send

    def looked_at(*arguments, **named):
        open_transactions.append(connection.in_atomic_block)
        return post(*arguments, **named)

    monkeypatch.setattr(requests.Session, "send", looked_at)
    assert deliver_webhooks() == 2
    assert open_transactions == [False, False]
