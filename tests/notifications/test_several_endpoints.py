"""Several endpoints of one partner: each delivery stands for itself, and none holds up another."""

import threading
from collections import Counter

import pytest
from django.db import connection

from notifications import delivery, endpoints, posting
from notifications.deliveries import in_state, state_in_all
from notifications.delivery import Deliverer
from notifications.models import Delivery, WebhookEndpoint
from notifications.posting import Answer
from partners.registration import register
from tests.at_once import all_at_once
from tests.eventually import SECONDS
from tests.notifications.test_deliverer import run_once
from tests.notifications.test_delivery import new_event

SECOND = "https://198.41.0.4/second"


@pytest.fixture
def second(subscriber):
    return endpoints.create(subscriber.partner, SECOND, event_types=["contribution.failed"], message_format="XML")[0]


def states(event):
    return [one.state for one in event.deliveries.order_by("endpoint")]


def tried(event, send=posting.post):
    for one in event.deliveries.order_by("endpoint"):
        delivery.deliver(one, send=send)


@pytest.mark.django_db
def test_each_endpoint_gets_what_it_wants_as_it_wants_it(subscriber, second):
    settled, failed = new_event(subscriber.partner), new_event(subscriber.partner, "contribution.failed")
    sent = []

    def send(url, headers, body):
        sent.append((url, headers["Content-Type"], headers["webhook-id"]))
        return Answer(200)

    tried(settled, send)
    tried(failed, send)
    assert sent == [
        (subscriber.endpoint.url, "application/json", settled.public_id),
        (subscriber.endpoint.url, "application/json", failed.public_id),
        (SECOND, "application/xml; charset=utf-8", failed.public_id),
    ]
    assert subscriber.endpoint.secrets.get().secret_encrypted != second.secrets.get().secret_encrypted


@pytest.mark.django_db
def test_410_turns_one_endpoint_off_and_the_others_go_on(subscriber, second):
    first, later = new_event(subscriber.partner, "contribution.failed"), new_event(subscriber.partner, "contribution.failed")
    tried(first, lambda url, *_: Answer(410, "refused") if url == SECOND else Answer(200))
    assert (states(first), states(later)) == (["Delivered", "GivenUp"], ["Due", "GivenUp"])
    assert states(new_event(subscriber.partner, "contribution.failed")) == ["Due"]
    assert [one.is_on() for one in WebhookEndpoint.objects.order_by("pk")] == [True, False]


@pytest.mark.django_db
def test_an_event_is_sent_again_to_one_or_to_all(subscriber, second):
    event, settled = new_event(subscriber.partner, "contribution.failed"), new_event(subscriber.partner)
    tried(event, lambda *_: Answer(200))
    endpoints.send_again(event, second)
    assert states(event) == ["Delivered", "Due"]
    endpoints.send_again(event)
    assert states(event) == ["Due", "Due"]
    endpoints.send_again(settled)
    assert states(settled) == ["Due"]  # the second does not want it
    endpoints.send_again(settled, second)
    assert states(settled) == ["Due", "Due"]  # but gets it where it is named


@pytest.mark.django_db
def test_the_worst_state_counts_and_a_removed_endpoint_last(subscriber, second):
    event = new_event(subscriber.partner, "contribution.failed")
    own = subscriber.partner.pk
    tried(event, lambda url, *_: Answer(500, "refused") if url == SECOND else Answer(200))
    assert state_in_all(event.deliveries.all()) == "Due"
    endpoints.remove(second)
    assert state_in_all(event.deliveries.all()) == "Delivered"
    assert list(in_state(own, "GivenUp")) == []
    endpoints.remove(subscriber.endpoint)
    assert state_in_all(event.deliveries.all()) == "GivenUp"
    assert list(in_state(own, "GivenUp")) == [event]


@pytest.mark.django_db
def test_a_test_goes_to_one_endpoint_alone(subscriber, second):
    assert [one.endpoint for one in endpoints.send_test(second).deliveries.all()] == [second]
    assert [one.endpoint for one in endpoints.send_test(subscriber.endpoint).deliveries.all()] == [subscriber.endpoint]


@pytest.mark.django_db
def test_what_was_given_up_at_one_endpoint_is_sent_again(subscriber, listener, second):
    event = new_event(subscriber.partner, "contribution.failed")
    Delivery.objects.filter(event=event).update(state="GivenUp", due_at=None, step=9)
    assert endpoints.send_again_what_was_given_up(second) == 1
    assert states(event) == ["GivenUp", "Due"]


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_only_ten_endpoints_are_made(private_allowed):
    partner = register("Crowded Shop").partner
    refused = Counter[type]()

    def make(index):
        try:
            endpoints.create(partner, f"https://198.41.0.4/{index}")
        except endpoints.TooManyEndpoints as error:
            refused[type(error)] += 1
        finally:
            connection.close()

    all_at_once(14, make)
    assert (WebhookEndpoint.objects.count(), refused) == (10, {endpoints.TooManyEndpoints: 4})


@pytest.mark.django_db(transaction=True)
def test_a_partner_with_many_slow_endpoints_leaves_threads(subscriber, listener):
    """They answer, and slowly: none is called failing, and they would fill every thread."""
    crowded, answered = register("Crowded Shop").partner, threading.Event()
    for number in range(9):
        endpoints.create(crowded, f"http://127.0.0.1:9/{number}")
    for _ in range(3):
        new_event(crowded)
    slow, most, others = [], [], []
    lock, full = threading.Lock(), threading.Event()

    def send(url, headers, body):
        if ":9/" not in url:
            full.wait(SECONDS)
            others.append(not answered.is_set())
            answered.set()
            return posting.post(url, headers, body)
        with lock:
            slow.append(url)
            most.append(len(slow))
            if len(slow) == delivery.THREADS_OF_A_PARTNER:
                full.set()
        answered.wait(60)
        with lock:
            slow.remove(url)
        return Answer(200)

    deliverer = Deliverer(send=send, threads=delivery.THREADS_OF_A_PARTNER + 1)
    deliverer.start_what_is_due()
    new_event(subscriber.partner)
    run_once(deliverer)
    assert others == [True]
    assert max(most) == delivery.THREADS_OF_A_PARTNER
    assert set(Delivery.objects.values_list("state", flat=True)) == {"Delivered"}


@pytest.mark.django_db(transaction=True)
def test_an_endpoint_that_hangs_holds_up_no_other_one(subscriber, listener):
    hanging = threading.Event()
    endpoint, _ = endpoints.create(subscriber.partner, "http://127.0.0.1:9/")
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=endpoint.created_at)
    events = [new_event(subscriber.partner) for _ in range(5)]

    def send(url, headers, body):
        if url.endswith(":9/"):
            hanging.wait(60)
            return Answer(failure="timeout")
        answer = posting.post(url, headers, body)
        if len(listener.heard) == len(events):
            hanging.set()
        return answer

    run_once(Deliverer(send=send))
    assert [heard.headers["webhook-id"] for heard in listener.heard] == [event.public_id for event in events]
    assert {state for event in events for state in states(event)[:1]} == {"Delivered"}
