"""The worker's threads: every event once, a partner's new ones in their order, and nobody keeps the others waiting."""

import threading

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

import clock
from notifications import delivery, endpoints, posting
from notifications.delivery import Deliverer
from notifications.models import Delivery, WebhookEndpoint
from notifications.posting import Answer
from tests.conftest import Giver, register
from tests.eventually import eventually, join
from tests.notifications.test_delivery import new_event, state_of

pytestmark = pytest.mark.django_db(transaction=True)


def run_once(deliverer):
    try:
        deliverer.run_once()
    finally:
        deliverer.close()
        connection.close()


def test_two_workers_at_once_send_each_event_once(subscriber, listener):
    events = [new_event(subscriber.partner, number=number) for number in range(20)]
    deliverers = [Deliverer(), Deliverer()]
    working = [threading.Thread(target=run_once, args=[one]) for one in deliverers]
    for one in working:
        one.start()
    join(*working)
    assert sorted(heard.headers["webhook-id"] for heard in listener.heard) == [event.public_id for event in events]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"Delivered"}


def test_one_worker_sends_new_events_in_their_order(subscriber, listener):
    events = [new_event(subscriber.partner, number=number) for number in range(20)]
    run_once(Deliverer())
    assert [heard.headers["webhook-id"] for heard in listener.heard] == [event.public_id for event in events]


def test_a_try_that_ends_after_the_look_hides_nothing(subscriber):
    """While an endpoint's first try is under way its next event is not begun; that is seen to when the try has ended."""
    may_end = threading.Event()

    class Deliverers(Deliverer):
        def start_what_is_due(self):
            begun = super().start_what_is_due()
            if not begun:
                may_end.set()
                eventually(self._is_idle)
            return begun

    for _ in range(2):
        new_event(subscriber.partner)
    run_once(Deliverers(send=lambda *_: Answer(failure="timeout" if may_end.wait(60) else "never")))
    assert [*Delivery.objects.values_list("attempts", flat=True)] == [1, 1]


def test_who_hangs_does_not_keep_the_others_waiting(subscriber, listener):
    """More partners hang than there are threads for them; those who answer are all served meanwhile."""
    hanging, nobody_waits = threading.Event(), []
    others = [register(f"Hanging {number}").partner for number in range(delivery.THREADS_FOR_FAILING + 3)]
    for other in others:
        endpoint, _ = endpoints.create(other, "http://127.0.0.1:9/")
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=clock.now())
        for _ in range(5):
            new_event(other)
    events = [new_event(subscriber.partner) for _ in range(10)]

    def send(url, headers, body):
        if url.endswith(":9/"):
            hanging.wait(60)
            return Answer(failure="timeout")
        answer = posting.post(url, headers, body)
        if len(listener.heard) == len(events):
            nobody_waits.append(not hanging.is_set())
            hanging.set()
        return answer

    run_once(Deliverer(send=send))
    assert nobody_waits == [True]
    assert [heard.headers["webhook-id"] for heard in listener.heard] == [event.public_id for event in events]
    assert Delivery.objects.filter(attempts=0).count() == 0


def test_a_crash_over_one_event_leaves_the_others_alone(subscriber, listener, caplog):
    other = register("Other").partner
    endpoints.create(other, listener.url)
    bad, good = new_event(subscriber.partner), new_event(other)

    def send(url, headers, body):
        if headers["webhook-id"] == bad.public_id:
            raise ZeroDivisionError
        return posting.post(url, headers, body)

    run_once(Deliverer(send=send))
    assert (state_of(bad), state_of(good)) == ("Due", "Delivered")
    assert "delivery went wrong" in caplog.text


def test_a_database_silent_for_a_moment_stops_no_deliveries(subscriber, listener, monkeypatch):
    event, deliverer = new_event(subscriber.partner), Deliverer()

    def locked(*which):
        raise OperationalError("database is locked")

    with monkeypatch.context() as trouble:
        trouble.setattr(delivery, "_next_new", locked)
        with pytest.raises(OperationalError):
            deliverer.start_what_is_due()
    run_once(deliverer)
    assert state_of(event) == "Delivered"


def test_work_once_delivers_what_is_due(subscriber, listener, capsys):
    gift = subscriber.client.new_contribution(subscriber.client.new_goal())
    Giver().pay(gift.value("ProviderURL"))
    call_command("work", "--once")
    assert capsys.readouterr().out.splitlines() == ["Followed up 0 open contributions.", "Sent 2 webhooks."]
    assert len(listener.heard) == 2  # made, and settled
