"""Events on their way to a partner: what its server may do, when it is tried again, and what is never lost."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

import clock
from notifications import delivery, endpoints, outbox, posting, signatures
from notifications.deliveries import state_in_all
from notifications.models import Delivery, DeliveryAttempt, Event, WebhookEndpoint
from notifications.posting import Answer
from tests.notifications.conftest import answers, drips

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


def new_event(partner, event_type="contribution.settled", **content):
    with transaction.atomic():
        return outbox.announce(partner.pk, event_type, content, at=clock.now())


def deliver(event, **how):
    """Try to send it wherever it is to be sent."""
    return [delivery.deliver(one, **how) for one in event.deliveries.order_by("endpoint")] == [True]


@pytest.fixture
def event(subscriber):
    return new_event(subscriber.partner)


def state_of(event):
    return state_in_all(event.deliveries.select_related("endpoint"))


def signed(heard, secret):
    """The signature that this message should have."""
    told, timestamp = heard.headers["webhook-id"], int(heard.headers["webhook-timestamp"])
    return signatures.sign(secret, message_id=told, timestamp=timestamp, body=heard.body)


def quickly(url, headers, body):
    """As posting.post, for tests that wait for a time to run out."""
    return posting.post(url, headers, body, seconds=0.4)


def test_a_settled_gift_is_told_as_the_contract_says(subscriber, listener, giver):
    gift = subscriber.client.new_contribution(subscriber.client.new_goal(), Message="Schöne Grüße &amp; &lt;3")
    giver.pay(gift.value("ProviderURL"))
    event = Event.objects.latest("pk")
    assert deliver(event)
    (heard,) = listener.heard
    told = json.loads(heard.body)
    assert list(told) == ["type", "timestamp", "data"]
    assert told["type"] == "contribution.settled"
    assert datetime.fromisoformat(told["timestamp"]) == event.at
    assert told["data"] == subscriber.client.get(f"/api/Contribution/{gift.value('Id')}", Accept="application/json").json
    expected = ("application/json", f"127.0.0.1:{listener.port}", event.public_id)
    assert (heard.path, *(heard.headers[name] for name in ("content-type", "host", "webhook-id"))) == ("/hooks", *expected)
    assert abs(int(heard.headers["webhook-timestamp"]) - time.time()) < 60
    assert heard.headers["webhook-signature"] == signed(heard, subscriber.secret)
    assert state_of(event) == "Delivered"
    assert (event.deliveries.get().attempts, event.deliveries.get().due_at) == (1, None)
    assert not deliver(event)
    assert len(listener.heard) == 1


def test_who_wants_xml_gets_the_event_of_the_feed(subscriber, listener, giver):
    endpoints.replace(subscriber.endpoint, listener.url, event_types=[], message_format="XML")
    giver.pay(subscriber.client.new_contribution(subscriber.client.new_goal()).value("ProviderURL"))
    assert deliver(Event.objects.latest("pk"))
    (heard,) = listener.heard
    assert heard.headers["content-type"] == "application/xml; charset=utf-8"
    feed = subscriber.client.get("/api/Events").body.decode()
    assert heard.body.decode().partition("?>")[2].strip() in feed


def test_only_the_types_that_are_wanted_are_sent(subscriber, listener):
    endpoints.replace(subscriber.endpoint, listener.url, event_types=["contribution.failed"], message_format="JSON")
    settled, failed = new_event(subscriber.partner), new_event(subscriber.partner, "contribution.failed")
    assert [state_of(settled), state_of(failed)] == ["NotAskedFor", "Due"]
    test = endpoints.send_test(subscriber.endpoint)
    assert (deliver(settled), deliver(failed), deliver(test)) == (False, True, True)
    assert [json.loads(heard.body)["type"] for heard in listener.heard] == ["contribution.failed", "webhook.test"]


def test_for_a_day_after_a_rotation_both_secrets_sign(subscriber, listener, moved_clock):
    second = endpoints.rotate(subscriber.endpoint)
    deliver(new_event(subscriber.partner))
    moved_clock(clock.now() + timedelta(hours=25))
    deliver(new_event(subscriber.partner))
    during, after = [heard.headers["webhook-signature"].split() for heard in listener.heard]
    assert during == [signed(listener.heard[0], secret) for secret in (second, subscriber.secret)]
    assert len(after) == 1


def test_nothing_is_sent_inside_a_transaction(event):
    before = len(connection.savepoint_ids)

    def send(url, headers, body):
        assert len(connection.savepoint_ids) == before
        return Answer(200)

    assert deliver(event, send=send)


@pytest.fixture
def on_monday(subscriber, moved_clock):
    """An event of this moment, at which the clock stands still."""
    moved_clock(MONDAY)
    return new_event(subscriber.partner)


@pytest.mark.parametrize(
    ("status", "failure"),
    [(302, "redirect"), (308, "redirect"), (304, "redirect"), (404, "refused"), (429, "refused"), (503, "refused")],
)
def test_any_2xx_is_delivered_and_nothing_else(event, listener, status, failure, moved_clock):
    """No redirect is followed."""
    listener.temper = answers(status, Location=listener.url.replace("hooks", "elsewhere"))
    assert not deliver(event)
    assert state_of(event) == "Due"
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.number, attempt.answer, attempt.failure, attempt.url) == (1, status, failure, listener.url)
    assert [heard.path for heard in listener.heard] == ["/hooks"]
    listener.temper = answers(299)
    moved_clock(clock.now() + timedelta(minutes=1))
    assert deliver(event)
    assert state_of(event) == "Delivered"


def test_410_turns_the_endpoint_off_until_it_is_turned_on(subscriber, listener):
    listener.temper = answers(410)
    first, second = new_event(subscriber.partner), new_event(subscriber.partner)
    deliver(first)
    assert (state_of(first), state_of(second)) == ("GivenUp", "GivenUp")
    assert state_of(new_event(subscriber.partner)) == "NotAskedFor"
    assert subscriber.client.get("/api/WebhookEndpoint").value("State") == "Off"
    body = f"<WebhookEndpoint><URL>{listener.url}</URL><RecordVersionNumber>2</RecordVersionNumber></WebhookEndpoint>"
    assert subscriber.client.put("/api/WebhookEndpoint", body).value("State") == "On"
    listener.temper = answers(200)
    assert subscriber.client.post(f"/api/Events/{first.public_id}/Redeliver").status == 202
    assert deliver(first)
    assert [heard.headers["webhook-id"] for heard in listener.heard] == [first.public_id, first.public_id]


def test_a_410_of_the_old_address_leaves_the_new_one_on(event, listener):
    def gone_meanwhile(url, headers, body):
        endpoints.replace(WebhookEndpoint.objects.get(), listener.url, event_types=[], message_format="JSON")
        return Answer(410, "refused")

    deliver(event, send=gone_meanwhile)
    assert (WebhookEndpoint.objects.get().off_since, state_of(event)) == (None, "Due")


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("120", 120), ("0", 5), ("Mon, 23 Nov 2026 12:10:00 GMT", 600), ("999999999", 86400), ("soon", 5), ("-1", 5)],
)
def test_retry_after_is_honoured_where_it_is_later(on_monday, listener, asked, seconds):
    listener.temper = answers(429, Retry_After=asked)
    deliver(on_monday)
    assert seconds * 0.95 <= (on_monday.deliveries.get().due_at - MONDAY).total_seconds() <= seconds * 1.05


def test_an_answer_that_drips_is_over_after_the_whole_time(event, listener):
    listener.temper = drips(5)
    started = time.monotonic()
    assert not deliver(event, send=quickly)
    assert time.monotonic() - started < 4
    assert DeliveryAttempt.objects.get().failure == "timeout"


def test_a_body_that_never_ends_is_not_read_to_its_end(event, listener):
    sent = []

    def endless(request):
        request.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(10_000):
            request.wfile.write(b"x" * 65536)
            sent.append(65536)

    listener.temper = endless
    assert deliver(event)
    assert sum(sent) < 64 * 1024 * 1024


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"",
        b"\0\xff\xfe",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    ],
)
def test_an_answer_that_is_none_is_a_failure_of_theirs(event, listener, bytes_sent):
    listener.temper = lambda request: request.wfile.write(bytes_sent)
    assert not deliver(event, send=quickly)
    assert state_of(event) == "Due"
    assert DeliveryAttempt.objects.get().failure in {"bad_answer", "connection_failed", "timeout"}


@pytest.mark.parametrize(
    ("private", "url", "failure"), [(True, "http://127.0.0.1:1/", "connection_failed"), (False, "", "not_public")]
)
def test_nobody_at_home_or_an_address_inside(subscriber, listener, settings, private, url, failure):
    """An inner address that was stored on a laptop is not called anywhere else."""
    endpoints.replace(subscriber.endpoint, url or listener.url, event_types=[], message_format="JSON")
    settings.ALLOW_PRIVATE_WEBHOOKS = private
    deliver(new_event(subscriber.partner))
    assert (DeliveryAttempt.objects.get().failure, listener.heard) == (failure, [])


def test_proxies_of_the_environment_are_not_used(event, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert deliver(event)


def test_ten_tries_over_three_days_then_it_is_kept(subscriber, listener, moved_clock):
    listener.temper = answers(500)
    now = MONDAY
    moved_clock(now)
    event, waits = new_event(subscriber.partner), []
    while (due_at := event.deliveries.get().due_at) is not None:
        waits.append((due_at - now).total_seconds())
        now = due_at
        moved_clock(now - timedelta(milliseconds=1))
        assert not deliver(event)
        moved_clock(now)
        deliver(event)
    planned = [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert all(plan * 0.95 <= wait <= plan * 1.05 for plan, wait in zip(planned, waits, strict=True))
    assert state_of(event) == "GivenUp"
    assert len(listener.heard) == 10
    assert {heard.headers["webhook-id"] for heard in listener.heard} == {event.public_id}
    assert len({heard.body for heard in listener.heard}) == 1
    assert len({heard.headers["webhook-timestamp"] for heard in listener.heard}) == 10  # each try is signed anew
    deliveries = subscriber.client.get(f"/api/Events/{event.public_id}/Deliveries")
    assert [one.findtext("Number") for one in deliveries.xml.findall("Delivery")] == [str(n) for n in range(10, 0, -1)]
    listener.temper = answers(200)
    endpoints.send_again(event)
    assert deliver(event)
    assert state_of(event) == "Delivered"
    assert listener.heard[-1].headers["webhook-id"] == event.public_id


def test_waits_differ_from_each_other(on_monday, subscriber, listener):
    listener.temper = answers(500)
    for event in (on_monday, *(new_event(subscriber.partner) for _ in range(4))):
        deliver(event)
    assert len(set(Delivery.objects.values_list("due_at", flat=True))) == 5


class Killed(BaseException):
    """As kill -9: nothing in the product sees it."""


def test_a_killed_worker_is_overtaken_and_the_id_stays(on_monday, listener, moved_clock):
    def killed_after_it_arrived(url, headers, body):
        posting.post(url, headers, body)
        raise Killed

    with pytest.raises(Killed):
        deliver(on_monday, send=killed_after_it_arrived)
    assert not deliver(on_monday)  # the lease of the dead one
    moved_clock(MONDAY + timedelta(seconds=61))
    assert deliver(on_monday)
    assert state_of(on_monday) == "Delivered"
    assert [heard.headers["webhook-id"] for heard in listener.heard] == [on_monday.public_id] * 2


def test_whoever_slept_through_its_lease_writes_nothing(on_monday, moved_clock):
    def sleeps_while_another_delivers(url, headers, body):
        moved_clock(MONDAY + timedelta(seconds=61))
        assert deliver(on_monday, send=lambda *_: Answer(200))
        return Answer(500, "refused")

    deliver(on_monday, send=sleeps_while_another_delivers)
    assert state_of(on_monday) == "Delivered"
    assert [(one.number, one.answer) for one in DeliveryAttempt.objects.all()] == [(1, 200)]


def test_what_is_asked_again_while_it_fails_is_not_forgotten(on_monday, moved_clock):
    def asked_again_meanwhile(url, headers, body):
        moved_clock(MONDAY + timedelta(seconds=2))
        endpoints.send_again(on_monday)
        return Answer(500, "refused")

    deliver(on_monday, send=asked_again_meanwhile)
    assert (on_monday.deliveries.get().step, on_monday.deliveries.get().due_at) == (0, MONDAY + timedelta(seconds=2))
