"""Events on their way to partners' webhooks: leased, sent outside any transaction, tried again on a schedule.

The first tries at one endpoint go out one after the other, in the order of its partner's events. What failed is tried
again beside them, a few at a time. Endpoints that have stopped answering are served by threads of their own, so that the
others need not wait for them, and no partner has more than a few threads at once, however many endpoints it has.
"""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from django.db import OperationalError, close_old_connections, connection, transaction
from django.db.models import Min, Q, QuerySet

import clock
import leases
import log_context
import metrics
import tracing
from notifications import endpoints, messages, signatures
from notifications.models import Delivery, DeliveryAttempt, WebhookEndpoint
from notifications.posting import Answer, Post, post
from ownership import row_key

log = logging.getLogger(__name__)

WAITS_SECONDS = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
"""How long to wait after the 1st, 2nd, ... failure. After one more the delivery is given up, and kept."""

JITTER = 0.05
"""Each wait varies by so much to either side; with the time to notice that it is over it stays within a tenth."""

POLL_SECONDS = 0.25
THREADS, THREADS_FOR_FAILING = 12, 6
RETRIES_AT_ONCE = 3
"""How many failed deliveries to one endpoint are tried at once, beside its next new one."""

THREADS_OF_A_PARTNER = 4
"""How many threads of each kind one partner's endpoints have at once."""

SECONDS_IN_A_ROW = 10.0
"""How long a thread goes on with one endpoint's new events before others may have it."""


# --- One delivery -------------------------------------------------------------------------------------------------------


def deliver(delivery: Delivery, *, send: Post = post) -> bool:
    """Try to tell the partner of this event there, if it is due and nobody else is at it; True: it has arrived.

    Sent again under the same id whenever the answer did not reach us.
    """
    leased = leases.take(delivery, if_due=True)
    if leased is None:
        return False
    return _attempt(leased, send)


def _due() -> QuerySet[Delivery]:
    now = clock.now()
    return Delivery.objects.filter(due_at__lte=now).filter(Q(lease_until=None) | Q(lease_until__lt=now))


def _attempt(delivery: Delivery, send: Post) -> bool:
    """What was leased is sent, and what became of it is written down."""
    endpoint, event = delivery.endpoint, delivery.event
    if not endpoint.is_on():
        leases.give_back(delivery, state=Delivery.State.GIVEN_UP, due_at=None)
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
        endpoint=endpoint,
        number=delivery.attempts + 1,
        at=at,
        seconds=round(time.monotonic() - started, 3),
        url=endpoint.url,
        answer=answer.status,
        failure=answer.failure,
    )
    metrics.DELIVERIES.labels(answer.failure or "delivered").inc()
    if answer.failure:
        _in_vain(delivery, attempt, answer)
    else:
        _arrived(delivery, attempt)
    return not answer.failure


def _arrived(delivery: Delivery, attempt: DeliveryAttempt) -> None:
    with transaction.atomic():
        if not leases.give_back(delivery, state=Delivery.State.DELIVERED, attempts=attempt.number, due_at=None):
            return
        attempt.save(force_insert=True)
        if delivery.endpoint.failing_since is not None:
            WebhookEndpoint.objects.filter(pk=delivery.endpoint_id, partner_id=delivery.partner_id).update(failing_since=None)


def _in_vain(delivery: Delivery, attempt: DeliveryAttempt, answer: Answer) -> None:
    """When to try again, or that it is over. Whoever has asked for it anew in the meantime is not overruled."""
    now, over, endpoint = clock.now(), delivery.step >= len(WAITS_SECONDS), delivery.endpoint
    wait = 0.0 if over else WAITS_SECONDS[delivery.step] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter
    due_at = None if over else now + timedelta(seconds=max(wait, answer.retry_after_seconds or 0.0))
    with transaction.atomic():
        as_leased = leases.held(delivery).filter(due_at=delivery.due_at)
        state = Delivery.State.GIVEN_UP if over else Delivery.State.DUE
        as_leased.update(step=delivery.step + 1, due_at=due_at, state=state)
        if not leases.give_back(delivery, attempts=attempt.number):
            return
        attempt.save(force_insert=True)
        if endpoint.failing_since is None:
            WebhookEndpoint.objects.filter(**row_key(endpoint)).update(failing_since=now)
    about = {
        "webhook": delivery.event.public_id,
        "endpoint": endpoint.public_id,
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


@dataclass(frozen=True)
class _Line:
    """What waits for one endpoint."""

    endpoint_id: int
    partner_id: int
    is_failing: bool


class Deliverer:
    """Threads that deliver what is due. Any number of processes may have one."""

    def __init__(self, *, send: Post = post, threads: int = THREADS, threads_for_failing: int = THREADS_FOR_FAILING) -> None:
        self._send = send
        self._pools = {False: ThreadPoolExecutor(threads), True: ThreadPoolExecutor(threads_for_failing)}
        self._free = {False: threads, True: threads_for_failing}
        self._first_tries: set[int] = set()
        self._retries: Counter[int] = Counter()
        self._of_a_partner: Counter[tuple[int, bool]] = Counter()
        self._tried = 0
        self._lock = threading.Lock()
        self._something_ended = threading.Event()

    def run(self, stop: threading.Event, looked: Callable[[], None] = lambda: None) -> None:
        """Until `stop`; then what is on its way is waited for. Whatever ends it before sets `stop`.

        `looked` is called after each look for what is due.
        """
        try:
            while not stop.is_set():
                close_old_connections()
                try:
                    self.start_what_is_due()
                    looked()
                except OperationalError:
                    log.exception("the database did not answer; trying again")
                stop.wait(POLL_SECONDS)
        finally:
            stop.set()
            self.close()
            connection.close()

    def run_once(self) -> int:
        """Everything that is due by now, each once; returns how many were tried."""
        while True:
            self._something_ended.clear()
            idle = self._is_idle()  # before the look: what is under way now may have more behind it
            if not self.start_what_is_due() and idle:
                return self._tried
            self._something_ended.wait(POLL_SECONDS)

    def close(self) -> None:
        """Wait for what is on its way, and end."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def start_what_is_due(self) -> int:
        """Hand due deliveries to threads that are free; returns how many."""
        of_whom = ("endpoint_id", "endpoint__partner_id", "endpoint__failing_since")
        waiting = _due().order_by().values(*of_whom).annotate(since=Min("due_at")).order_by("since")
        started = 0
        for row in waiting:
            line = _Line(row["endpoint_id"], row["endpoint__partner_id"], row["endpoint__failing_since"] is not None)
            if self._has_room(line):
                started += self._start_first_try(line) + self._start_retries(line)
        return started

    def _start_first_try(self, line: _Line) -> int:
        if line.endpoint_id in self._first_tries:
            return 0  # only this thread adds to them, so nobody else can have begun meanwhile
        delivery = _next_new(line.endpoint_id, line.partner_id)
        leased = leases.take(delivery, if_due=True) if delivery else None
        if leased is None:
            return 0
        with self._lock:
            self._first_tries.add(line.endpoint_id)
        self._submit(line, self._new_ones_in_a_row, leased, lambda: self._first_tries.discard(line.endpoint_id))
        return 1

    def _start_retries(self, line: _Line) -> int:
        started = 0
        room = RETRIES_AT_ONCE - self._retries[line.endpoint_id]
        again = _due().filter(endpoint=line.endpoint_id, partner_id=line.partner_id, attempts__gt=0).order_by("due_at")
        for delivery in again[:room] if room > 0 else []:
            if not self._has_room(line):
                break
            leased = leases.take(delivery, if_due=True)
            if leased is not None:
                with self._lock:
                    self._retries[line.endpoint_id] += 1
                self._submit(line, self._one, leased, lambda: self._retries.subtract([line.endpoint_id]))
                started += 1
        return started

    def _has_room(self, line: _Line) -> bool:
        """Whether a thread is free, and the partner may have another."""
        with self._lock:
            busy = line.endpoint_id in self._first_tries and self._retries[line.endpoint_id] >= RETRIES_AT_ONCE
            of_the_partner = self._of_a_partner[line.partner_id, line.is_failing]
            return not busy and self._free[line.is_failing] > 0 and of_the_partner < THREADS_OF_A_PARTNER

    def _submit(self, line: _Line, work: Callable[[Delivery], object], delivery: Delivery, ended: Callable[[], None]) -> None:
        def run() -> None:
            try:
                with log_context.bound(request_id=log_context.new_request_id()), tracing.span("deliver webhook"):
                    work(delivery)
            except OperationalError:
                log.exception("the database did not answer; trying again")
            except Exception:  # its lease runs out, and it is tried again; the others must not pay for it
                log.exception("delivery went wrong", extra={"webhook": delivery.event.public_id})
            finally:
                connection.close()  # a thread that rests holds nothing
                with self._lock:
                    self._free[line.is_failing] += 1
                    self._of_a_partner[line.partner_id, line.is_failing] -= 1
                    ended()
                self._something_ended.set()

        with self._lock:
            self._free[line.is_failing] -= 1
            self._of_a_partner[line.partner_id, line.is_failing] += 1
        self._pools[line.is_failing].submit(run)

    def _one(self, delivery: Delivery) -> bool:
        with self._lock:
            self._tried += 1
        return _attempt(delivery, self._send)

    def _new_ones_in_a_row(self, delivery: Delivery) -> None:
        """This one, and the endpoint's next ones while they arrive and the time lasts."""
        until, current = time.monotonic() + SECONDS_IN_A_ROW, delivery
        while self._one(current) and time.monotonic() < until:
            following = _next_new(delivery.endpoint_id, delivery.partner_id)
            leased = leases.take(following, if_due=True) if following else None
            if leased is None:
                return
            current = leased

    def _is_idle(self) -> bool:
        with self._lock:
            return not self._first_tries and not +self._retries


def _next_new(endpoint_id: int, partner_id: int) -> Delivery | None:
    """The first of the endpoint's events that was never tried: a partner's events are stored in their order."""
    new = _due().filter(endpoint=endpoint_id, partner_id=partner_id, attempts=0).order_by("due_at", "event_id")[:20]
    return min(new, key=lambda delivery: delivery.event_id, default=None)
