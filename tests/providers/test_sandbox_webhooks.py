"""The provider's webhook: it rings, we ask. And the simulator's side of it: owed, delivered, tried again, given up."""

import json
import logging
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import pytest
import requests
from django.db import connection
from django.test import Client
from django.utils import timezone

import leases
from contributions.models import Contribution, LedgerEntry, Refund, StatusChange
from contributions.worker import sync_all_due
from ids import new_id
from partners.registration import register
from providers.sandbox import webhooks
from providers.sandbox.models import SandboxCheckout, SandboxRefund, SandboxRequest, SandboxWebhook
from providers.sandbox.webhooks import deliver_webhooks, sign_webhook
from tests.conftest import Giver, PartnerClient
from tests.contributions.conftest import Gift
from tests.eventually import join
from tests.providers.contract import all_at_once
from tests.troublesome_provider import ProcessDied

pytestmark = pytest.mark.django_db

HOOK = "/providers/paypal/webhook"


def about(gift, **changes):
    """The body of a report about this gift's checkout."""
    checkout_id = Contribution.objects.get(public_id=gift.id).checkout_id
    return json.dumps({"id": "report-1", "checkout_id": checkout_id, "what": "approve"} | changes).encode()


def ring(body, signature=None, path=HOOK, **meta):
    """What the webhook answers to this body; signed right unless `signature` says otherwise."""
    meta["HTTP_SANDBOX_SIGNATURE"] = sign_webhook(body) if signature is None else signature
    client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)
    return client.post(path, body, content_type="application/json", **meta)


def everything():
    """All that a report could have changed."""
    models = (Contribution, StatusChange, LedgerEntry, Refund, SandboxCheckout, SandboxRequest, SandboxRefund)
    return [list(model.objects.order_by("pk").values()) for model in models]


# --- Hearing ----------------------------------------------------------------------------------------------------------


def test_a_webhook_settles_the_gift_of_a_absent_giver(gift, giver, provider):
    """A webhook settles the gift of a giver who closed the browser."""
    giver.choose(gift.provider_url, "approve")
    response = ring(about(gift))
    assert (response.status_code, response.content) == (200, b"")
    assert (gift.status, gift.totals(), LedgerEntry.objects.get().cause) == ("Settled", ("20.00", "0.00"), "report")


def test_a_report_is_a_doorbell_and_what_it_says_is_not_believed(gift, provider):
    assert ring(about(gift, what="captured", amount="20.00", status="COMPLETED")).status_code == 200
    assert gift.status == "Submitted"
    assert (provider.calls["find"], provider.calls["capture"]) == (1, 0)


def test_the_same_report_five_times_has_one_effect(gift, giver, provider):
    giver.choose(gift.provider_url, "approve")
    assert [ring(about(gift)).status_code for _ in range(5)] == [200] * 5
    assert (gift.status, gift.version, provider.calls["capture"]) == ("Settled", "2", 1)


@pytest.mark.parametrize(
    "signature", ["", "0" * 64, "é", "\xff\xfe", "\udc80", "\x00", "sha256=", "x" * 10_000, " ", "null", "\u0660" * 64]
)
def test_webhook_that_is_not_signed_by_provider_changes_nothing(gift, giver, signature, provider, caplog):
    """A webhook that is not signed by the provider changes nothing."""
    giver.choose(gift.provider_url, "approve")
    before = everything()
    response = ring(about(gift), signature)
    assert (response.status_code, response.content) == (400, b"")
    assert (everything(), provider.calls["find"]) == (before, 0)
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == ["report refused"]


def test_an_unsigned_report_changes_nothing(gift, giver):
    giver.choose(gift.provider_url, "approve")
    before = everything()
    client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)
    assert client.post(HOOK, about(gift), content_type="application/json").status_code == 400
    assert everything() == before


def test_a_signature_fits_one_body_and_no_other(gift, giver):
    giver.choose(gift.provider_url, "approve")
    body = about(gift)
    signature, before = sign_webhook(body), everything()
    damaged = [bytes([*body[:at], body[at] ^ 1, *body[at + 1 :]]) for at in range(0, len(body), 7)]
    for wrong in [*damaged, body + b" ", body[1:], b"", body * 2]:
        assert ring(wrong, signature).status_code == 400
    for wrong in (signature.upper(), signature[:-1], signature + "0", f" {signature}x"):
        assert ring(body, wrong).status_code == 400
    assert everything() == before
    assert ring(body, signature).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"<xml/>",
        b"null",
        b"7",
        b"[]",
        b'"text"',
        b"{}",
        b'{"id": "1"}',
        b'{"checkout_id": "2222222222222222222222"}',
        b'{"id": "1", "checkout_id": null}',
        b'{"id": "1", "checkout_id": ["2222222222222222222222"]}',
        b'{"id": 1, "checkout_id": "2222222222222222222222"}',
        b'{"id": "1", "checkout_id": "222222222222222222222\\u0000"}',
        b'{"id": "1", "checkout_id": "\\ud800"}',
        b"\xff\xfe\x00",
        b"[" * 60_000,
    ],
)
def test_what_is_signed_but_no_report_is_refused(gift, body):
    before = everything()
    assert ring(body).status_code == 400
    assert everything() == before


def test_webhook_over_limit_is_refused_however_well_it_is_signed(gift, giver):
    """A webhook over the limit is refused however well it is signed."""
    giver.choose(gift.provider_url, "approve")
    before = everything()
    assert ring(about(gift, padding="x" * 65_536)).status_code == 400
    assert ring(about(gift), CONTENT_LENGTH="nonsense").status_code == 400
    assert everything() == before
    body = about(gift)
    assert ring(body + b" " * (65_536 - len(body))).status_code == 200
    assert gift.status == "Settled"


def test_a_report_about_an_unknown_checkout_is_taken_and_logged(gift, caplog):
    before = everything()
    assert ring(about(gift, checkout_id=new_id())).status_code == 200
    assert everything() == before
    assert "report about an unknown checkout" in caplog.messages


def test_webhook_at_another_providers_address_is_not_about_this(gift, giver, caplog):
    """A webhook at another providers address is not about this gift."""
    giver.choose(gift.provider_url, "approve")
    assert ring(about(gift), path="/providers/stripe/webhook").status_code == 200
    assert gift.status == "Submitted"
    assert "report about an unknown checkout" in caplog.messages


def test_webhook_of_one_adapter_is_not_about_gift(gift, giver):
    """A webhook of one adapter is not about a gift that another opened."""
    giver.choose(gift.provider_url, "approve")
    Contribution.objects.update(adapter="paypal")
    before = everything()
    assert ring(about(gift)).status_code == 200
    assert everything() == before


def test_webhook_has_one_verb_and_answers(gift, settings):
    """The webhook has one verb and answers only where somebody stands behind it."""
    client = Client(SERVER_NAME="give.example.test")
    for verb in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        response = client.generic(verb, HOOK)
        assert (response.status_code, response["Allow"]) == (405, "POST")
    assert ring(about(gift), path="/providers/nobody/webhook").status_code == 404
    settings.SANDBOX = False
    assert ring(about(gift)).status_code == 404


@pytest.mark.parametrize(("operation", "trouble"), [("find", "drops_the_call"), ("capture", "drops_the_answer")])
def test_a_provider_that_is_silent_when_asked_is_to_call_again(gift, giver, provider, operation, trouble):
    giver.choose(gift.provider_url, "approve")
    getattr(provider, trouble)(operation)
    response = ring(about(gift))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert gift.status == ("Submitted" if operation == "find" else "Pending"), "approved, once the provider had said so"
    assert gift.totals() == ("0.00", "0.00")
    assert ring(about(gift)).status_code == 200
    assert (gift.status, gift.totals()) == ("Settled", ("20.00", "0.00"))
    assert SandboxRequest.objects.filter(operation="capture").count() == 1


def test_webhook_that_comes_while_somebody_is_asking_makes(gift, provider):
    """A webhook that comes while somebody is asking makes the worker ask once more."""
    gift.pay("approve")

    def charged_back_while_the_answer_is_on_its_way(ask):
        answer = ask()
        SandboxCheckout.objects.update(state="reversed")
        assert ring(about(gift)).status_code == 200
        return answer

    provider._add("find", charged_back_while_the_answer_is_on_its_way, 1)
    Contribution.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    sync_all_due()
    assert (gift.status, provider.calls["find"]) == ("Settled", 2)
    sync_all_due()
    assert (gift.status, provider.calls["find"]) == ("Reversed", 3)


# --- News about what is settled, and old news --------------------------------------------------------------------------


def test_webhook_about_settled_money_that_was_taken_back_reaches(gift):
    """A webhook about settled money that was taken back reaches the books."""
    gift.pay("approve")
    SandboxCheckout.objects.update(state="reversed")
    ring(about(gift))
    assert (gift.status, gift.reason, gift.totals()) == ("Reversed", "chargeback", ("0.00", "0.00"))
    SandboxCheckout.objects.update(state="captured")
    ring(about(gift))
    assert (gift.status, gift.totals()) == ("Settled", ("20.00", "0.00"))


def test_webhook_about_partial_refund_in_dashboard_reaches_books(gift):
    """A webhook about a partial refund in the dashboard reaches the books."""
    gift.pay("approve")
    SandboxRefund.objects.create(
        refund_id="R1", checkout=SandboxCheckout.objects.get(), request_id="R1", amount_minor=500, state="completed"
    )
    for _ in range(3):
        ring(about(gift))
    assert (gift.status, gift.totals(), Refund.objects.get().cause) == ("Settled", ("15.00", "0.00"), "provider")


@pytest.mark.parametrize(
    ("deed", "status"),
    [("approve", "Settled"), ("decline", "Failed"), ("cancel", "Canceled"), ("refund", "Refunded"), ("delete", "Canceled")],
)
def test_an_old_report_about_what_is_over_changes_nothing(gift, shop, deed, status):
    if deed == "delete":
        shop.delete(f"/api/Contribution/{gift.id}")
    else:
        gift.pay("approve" if deed == "refund" else deed)
    if deed == "refund":
        shop.post(f"/api/Contribution/{gift.id}/Refunds", "<Refund/>")
    contribution = Contribution.objects.get()
    assert contribution.status == status
    history, books = StatusChange.objects.count(), LedgerEntry.objects.count()
    for what in ("approve", "chargeback", "dispute_won", "refund_over"):
        assert ring(about(gift, what=what)).status_code == 200
    again = Contribution.objects.get()
    assert (again.status, again.version) == (status, contribution.version)
    assert (StatusChange.objects.count(), LedgerEntry.objects.count()) == (history, books)


# --- Delivering -------------------------------------------------------------------------------------------------------


class Receiver:
    """A server that takes reports as the service would, and answers as it is told."""

    def __init__(self):
        self.bodies, self.headers, self.answers, self._lock = [], [], [], Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver._lock:
                    receiver.bodies.append(json.loads(body))
                    receiver.headers.append((self.path, self.headers["Sandbox-Signature"] == sign_webhook(body)))
                    status = receiver.answers.pop(0) if receiver.answers else 200
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        join(self.thread)
        self.server.server_close()


@pytest.fixture
def receiver(settings):
    receiver = Receiver()
    settings.PUBLIC_BASE_URL = receiver.url
    yield receiver
    receiver.close()


@pytest.fixture
def owed(gift, giver):
    """A report that is owed."""
    giver.choose(gift.provider_url, "approve")
    return SandboxWebhook.objects.get()


def test_a_report_is_posted_signed_to_the_providers_webhook_once(owed, receiver):
    assert deliver_webhooks() == 1
    assert deliver_webhooks() == 0
    assert receiver.headers == [("/providers/paypal/webhook", True)]
    assert receiver.bodies == [{"id": owed.event_id, "checkout_id": owed.checkout.checkout_id, "what": "approve"}]


def test_webhook_goes_straight_to_service_whatever_environment(owed, receiver, monkeypatch):
    """A webhook goes straight to the service whatever the environment says of proxies."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert deliver_webhooks() == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_an_arrival(owed, receiver, status):
    receiver.answers = [status]
    assert deliver_webhooks() == 1
    assert SandboxWebhook.objects.get().delivered_at is not None


@pytest.mark.parametrize("status", [300, 302, 304, 307, 400, 404, 410, 500, 503])
def test_anything_else_is_none_and_no_redirect_is_followed(owed, receiver, status, later):
    receiver.answers = [status]
    assert deliver_webhooks() == 0
    assert len(receiver.bodies) == 1
    report = SandboxWebhook.objects.get()
    assert (report.delivered_at, report.attempts, report.lease_token) == (None, 1, "")
    later(seconds=6)
    assert deliver_webhooks() == 1


def test_waits_grow_and_in_end_it_is_given_up_with_error(owed, receiver, later, caplog):
    """The waits grow and in the end it is given up with an error."""
    receiver.answers = [500] * 9
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


def test_where_nobody_answers_the_others_wait_for_the_next_round(shop, giver, settings):
    owe(shop, giver, 3)
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:1"
    assert deliver_webhooks() == 0
    assert list(SandboxWebhook.objects.order_by("pk").values_list("attempts", flat=True)) == [1, 0, 0]


def test_webhook_that_is_refused_does_not_keep_others_waiting(shop, giver, receiver):
    """A webhook that is refused does not keep the others waiting."""
    owe(shop, giver, 3)
    receiver.answers = [500]
    assert deliver_webhooks() == 2


def test_webhook_that_goes_wrong_does_not_keep_others_waiting(shop, giver, receiver, monkeypatch, caplog):
    """A webhook that goes wrong does not keep the others waiting."""
    owe(shop, giver, 3)
    happen, broken = webhooks.let_it_happen, iter([True])

    def goes_wrong_once(*arguments):
        if next(broken, False):
            raise RuntimeError("disk full")
        happen(*arguments)

    monkeypatch.setattr(webhooks, "let_it_happen", goes_wrong_once)
    assert deliver_webhooks() == 2
    assert "simulated webhook went wrong" in caplog.messages
    assert SandboxWebhook.objects.filter(delivered_at=None, attempts=1, happened_at=None).count() == 1


def test_a_round_has_an_end_and_a_single_one_does_everything(shop, giver, receiver, monkeypatch):
    owe(shop, giver, 5)
    assert deliver_webhooks(most=2) == 2
    assert deliver_webhooks(most=None) == 3


# --- Workers that die, sleep or are many -------------------------------------------------------------------------------


def dies(*_, **__):
    raise ProcessDied


def test_a_worker_that_dies_before_it_delivers_loses_nothing(owed, receiver, later, monkeypatch):
    monkeypatch.setattr(webhooks, "_post", dies)
    with pytest.raises(ProcessDied):
        deliver_webhooks()
    monkeypatch.undo()
    assert deliver_webhooks() == 0, "it may still be alive"
    later(seconds=61)
    assert deliver_webhooks() == 1
    assert len(receiver.bodies) == 1


def test_worker_that_dies_after_it_delivered_delivers_twice(owed, receiver, later, monkeypatch):
    """A worker that dies after it delivered delivers twice rather than never."""
    monkeypatch.setattr(webhooks, "_arrived", dies)
    with pytest.raises(ProcessDied):
        deliver_webhooks()
    monkeypatch.undo()
    later(seconds=61)
    assert deliver_webhooks() == 1
    assert [body["id"] for body in receiver.bodies] == [owed.event_id] * 2


@pytest.fixture
def charged_back(gift, receiver):
    """A settled gift whose bank is about to take the money back and to lose the dispute; the approval is reported."""
    SandboxCheckout.objects.update(scenario="chargeback_won")
    gift.pay("approve")
    assert deliver_webhooks(most=1) == 1
    return SandboxWebhook.objects.get(what="chargeback_won")


def state():
    return SandboxCheckout.objects.get().state


def test_a_chargeback_that_is_told_twice_is_made_once(charged_back, receiver, later, monkeypatch):
    receiver.answers = [500]
    deliver_webhooks()
    assert (state(), SandboxWebhook.objects.filter(what="dispute_won").count()) == ("reversed", 0)
    SandboxCheckout.objects.update(state="captured")  # whatever else has become of it
    later(seconds=6)
    deliver_webhooks()
    assert (state(), SandboxWebhook.objects.filter(what="dispute_won").count()) == ("captured", 1)


def test_worker_that_slept_through_its_lease_does_nothing(charged_back, later):
    """A worker that slept through its lease does nothing more to the books."""
    zombie = leases.take(charged_back)
    later(seconds=61)
    assert deliver_webhooks() == 1
    assert deliver_webhooks() == 1
    assert state() == "captured", "the dispute is won"
    webhooks._do_what_it_tells_of(zombie)
    webhooks._arrived(zombie)
    webhooks._in_vain(zombie, "it woke up")
    assert state() == "captured"
    assert list(SandboxWebhook.objects.order_by("pk").values_list("what", "attempts", "due_at")) == [
        ("approve", 0, None),
        ("chargeback_won", 0, None),
        ("dispute_won", 0, None),
    ]


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_deliver_each_report_once(receiver):
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
