"""Events on their way to partners' webhooks: leased, sent outside any transaction, tried again on a schedule.

The first tries of one partner go out one after the other, in the order of its events. What failed is tried again beside
them, a few at a time. Partners who have stopped answering are served by threads of their own, so that the others need
not wait for them.
"""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import OperationalError, close_old_connections, connection, transaction
from django.db.models import Min, Q, QuerySet

import clock
import leases
from notifications import endpoints, messages, signatures
from notifications.models import DeliveryAttempt, Event, WebhookEndpoint
from notifications.posting import Answer, Post, post

log = logging.getLogger(__name__)

WAITS_SECONDS = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
"""How long to wait after the 1st, 2nd, ... failure. After one more the event is given up, and kept."""

JITTER = 0.05
"""Each wait varies by so much to either side; with the time to notice that it is over it stays within a tenth."""

POLL_SECONDS = 0.25
THREADS, THREADS_FOR_FAILING = 12, 6
RETRIES_AT_ONCE = 3
"""How many of one partner's failed events are tried at once, beside its next new one."""

SECONDS_IN_A_ROW = 10.0
"""How long a thread goes on with one partner's new events before others may have it."""


# --- One event ----------------------------------------------------------------------------------------------------------


def deliver(event: Event, *, send: Post = post) -> bool:
    """Try to tell the partner of this event, if it is due and nobody else is at it; True: it has arrived.

    Sent again under the same id whenever the answer did not reach us.
    """
    leased = leases.take(event, if_due=True)
    if leased is None:
        return False
    return _attempt(leased, send)


def _due() -> QuerySet[Event]:
    now = clock.now()
    return Event.objects.filter(due_at__lte=now).filter(Q(lease_until=None) | Q(lease_until__lt=now))


def _attempt(event: Event, send: Post) -> bool:
    """What was leased is sent, and what became of it is written down."""
    endpoint = WebhookEndpoint.objects.filter(partner_id=event.partner_id, off_since=None).first()
    if endpoint is None:
        leases.give_back(event, delivery=Event.Delivery.GIVEN_UP, due_at=None)
        return False
    at, started = clock.now(), time.monotonic()
    body = messages.body_for(event, endpoint.format)
    headers = {
        "Content-Type": messages.MEDIA[WebhookEndpoint.Format(endpoint.format)],
        **signatures.headers(endpoint.live_secrets(at), message_id=event.public_id, timestamp=int(at.timestamp()), body=body),
    }
    answer = send(endpoint.url, headers, body)
    attempt = DeliveryAttempt(
        event=event,
        number=event.attempts + 1,
        at=at,
        seconds=round(time.monotonic() - started, 3),
        url=endpoint.url,
        answer=answer.status,
        failure=answer.failure,
    )
    if answer.failure:
        _in_vain(event, attempt, answer, endpoint)
    else:
        _arrived(event, attempt, endpoint)
    return not answer.failure


def _arrived(event: Event, attempt: DeliveryAttempt, endpoint: WebhookEndpoint) -> None:
    with transaction.atomic():
        if not leases.give_back(event, delivery=Event.Delivery.DELIVERED, attempts=attempt.number, due_at=None):
            return
        attempt.save(force_insert=True)
        if endpoint.failing_since is not None:
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=None)


def _in_vain(event: Event, attempt: DeliveryAttempt, answer: Answer, endpoint: WebhookEndpoint) -> None:
    """When to try again, or that it is over. Whoever has asked for it anew in the meantime is not overruled."""
    now, over = clock.now(), event.step >= len(WAITS_SECONDS)
    wait = 0.0 if over else WAITS_SECONDS[event.step] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter
    due_at = None if over else now + timedelta(seconds=max(wait, answer.retry_after_seconds or 0.0))
    with transaction.atomic():
        as_leased = leases.held(event).filter(due_at=event.due_at)
        as_leased.update(step=event.step + 1, due_at=due_at, delivery=Event.Delivery.GIVEN_UP if over else Event.Delivery.DUE)
        if not leases.give_back(event, attempts=attempt.number):
            return
        attempt.save(force_insert=True)
        if endpoint.failing_since is None:
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=now)
    about = {
        "webhook": event.public_id,
        "attempt": attempt.number,
        "answer": answer.status,
        "failure": answer.failure,
        "next": due_at,
    }
    if answer.status == 410 and endpoints.turn_off(endpoint):
        log.warning("webhook endpoint turned off", extra=about | {"partner": endpoint.partner_id})
    elif over:
        log.error("webhook given up", extra=about)
    else:
        log.warning("webhook not delivered", extra=about)


# --- All that is due ----------------------------------------------------------------------------------------------------


class Deliverer:
    """Threads that deliver what is due. Any number of processes may have one."""

    def __init__(self, *, send: Post = post, threads: int = THREADS, threads_for_failing: int = THREADS_FOR_FAILING) -> None:
        self._send = send
        self._pools = {False: ThreadPoolExecutor(threads), True: ThreadPoolExecutor(threads_for_failing)}
        self._free = {False: threads, True: threads_for_failing}
        self._first_tries: set[int] = set()
        self._retries: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._something_ended = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Until `stop`; then what is on its way is waited for. Whatever ends it before sets `stop`."""
        try:
            while not stop.is_set():
                close_old_connections()
                try:
                    self.start_what_is_due()
                except OperationalError:
                    log.exception("the database did not answer; trying again")
                stop.wait(POLL_SECONDS)
        finally:
            stop.set()
            self.close()
            connection.close()

    def run_once(self) -> int:
        """Everything that is due by now, each once; returns how many were tried."""
        started = 0
        while True:
            self._something_ended.clear()
            begun, idle = self.start_what_is_due(), self._is_idle()
            started += begun
            if not begun and idle:
                return started
            self._something_ended.wait(POLL_SECONDS)

    def close(self) -> None:
        """Wait for what is on its way, and end."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def start_what_is_due(self) -> int:
        """Hand due events to threads that are free; returns how many."""
        waiting = _due().values("partner_id").annotate(since=Min("due_at")).order_by("since")
        partners = [row["partner_id"] for row in waiting if not self._is_busy(row["partner_id"])]
        failing = dict(WebhookEndpoint.objects.filter(partner_id__in=partners).values_list("partner_id", "failing_since"))
        started = 0
        for partner_id in partners:
            lane = failing.get(partner_id) is not None
            if not self._free[lane]:
                continue
            started += self._start_first_try(partner_id, lane) + self._start_retries(partner_id, lane)
        return started

    def _start_first_try(self, partner_id: int, lane: bool) -> int:
        if partner_id in self._first_tries or not self._free[lane]:
            return 0  # only this thread adds to them, so nobody else can have begun meanwhile
        event = _next_new(partner_id)
        leased = leases.take(event, if_due=True) if event else None
        if leased is None:
            return 0
        with self._lock:
            self._first_tries.add(partner_id)
        self._submit(lane, self._new_ones_in_a_row, leased, lambda: self._first_tries.discard(partner_id))
        return 1

    def _start_retries(self, partner_id: int, lane: bool) -> int:
        started = 0
        room = RETRIES_AT_ONCE - self._retries[partner_id]
        again = _due().filter(partner_id=partner_id, attempts__gt=0).order_by("due_at")
        for event in again[:room] if room > 0 else []:
            if not self._free[lane]:
                break
            leased = leases.take(event, if_due=True)
            if leased is not None:
                with self._lock:
                    self._retries[partner_id] += 1
                self._submit(lane, self._one, leased, lambda: self._retries.subtract([partner_id]))
                started += 1
        return started

    def _submit(self, lane: bool, work: Callable[[Event], None], event: Event, ended: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work(event)
            except OperationalError:
                log.exception("the database did not answer; trying again")
            except Exception:  # its lease runs out, and it is tried again; the others must not pay for it
                log.exception("delivery went wrong", extra={"webhook": event.public_id})
            finally:
                connection.close()  # a thread that rests holds nothing
                with self._lock:
                    self._free[lane] += 1
                    ended()
                self._something_ended.set()

        with self._lock:
            self._free[lane] -= 1
        self._pools[lane].submit(run)

    def _one(self, event: Event) -> None:
        _attempt(event, self._send)

    def _new_ones_in_a_row(self, event: Event) -> None:
        """This one, and the partner's next ones while they arrive and the time lasts."""
        until, current = time.monotonic() + SECONDS_IN_A_ROW, event
        while _attempt(current, self._send) and time.monotonic() < until:
            following = _next_new(event.partner_id)
            leased = leases.take(following, if_due=True) if following else None
            if leased is None:
                return
            current = leased

    def _is_busy(self, partner_id: int) -> bool:
        with self._lock:
            return partner_id in self._first_tries and self._retries[partner_id] >= RETRIES_AT_ONCE

    def _is_idle(self) -> bool:
        with self._lock:
            return not self._first_tries and not +self._retries


def _next_new(partner_id: int) -> Event | None:
    """The first of the partner's events that was never tried."""
    new = _due().filter(partner_id=partner_id, attempts=0).order_by("due_at", "position")[:20]
    return min(new, key=lambda event: event.position, default=None)
