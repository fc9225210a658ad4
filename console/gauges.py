"""What the database knows, as gauges: asked when /metrics is, by statements that indexes answer, every few seconds at most.

Nothing here counts what only grows: how many gifts were ever settled, whipround_contributions_moved_total says.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.registry import Collector

import clock
from console.vital_checks import oldest_due
from contributions.models import Attention, Checkout, Contribution, Refund
from contributions.running import last_audit, worker_seen_at
from contributions.status import STILL_OPEN
from lookups import one_or_none
from notifications.models import Delivery
from partners.models import Partner

KEPT_SECONDS = 5.0
"""Whoever asks more often is told the same again."""

MOST_COUNTED = 10_000
"""Of gifts, and of webhooks that wait: where there are more, that many are told. The oldest is right all the same."""


class DatabaseGauges(Collector):
    """A collector of prometheus_client's. Where the database does not answer, whipround_database_up is 0 and stands alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[Gauge] = []
        self._until = 0.0

    def describe(self) -> list[Gauge]:
        """Nothing: it would be asked for at every registration, and ask the database."""
        return []

    def collect(self) -> Iterator[Gauge]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._kept = _asked_now()
                self._until = time.monotonic() + KEPT_SECONDS
            yield from self._kept


def _asked_now() -> list[Gauge]:
    about = Gauge("whipround_build_info", "Always 1: the version stands in the label.", labels=["version"])
    about.add_metric([settings.VERSION], 1)
    whole = _gauge("whipround_metrics_of_all_processes", "1: PROMETHEUS_MULTIPROC_DIR is set; 0: of one process alone.")
    whole.add_metric([], bool(settings.PROMETHEUS_MULTIPROC_DIR))
    up = _gauge("whipround_database_up", "1: the database answered when it was asked for what follows.")
    try:
        found = [gauge for ask in QUESTIONS for gauge in ask()]
    except (DatabaseError, InterfaceError):
        up.add_metric([], 0)
        return [about, whole, up]
    up.add_metric([], 1)
    return [about, whole, up, *found]


def _gauge(name: str, what: str, *labels: str) -> Gauge:
    return Gauge(name, what, labels=labels)


def _contributions() -> Iterator[Gauge]:
    modes = {pk: "test" if is_test else "live" for pk, is_test in Partner.objects.values_list("pk", "is_test")}
    number = _gauge(
        "whipround_contributions", f"Gifts that are not over; {MOST_COUNTED} and more: {MOST_COUNTED}.", "status", "mode"
    )
    oldest = _gauge("whipround_oldest_contribution_seconds", "Age of the oldest gift in this status.", "status", "mode")
    now = clock.now()
    for status in STILL_OPEN:
        in_it = Contribution.objects.filter(status=status)
        some = in_it.order_by().values_list("partner_id", flat=True)[:MOST_COUNTED]
        counted = Counter(modes[pk] for pk in some if pk in modes)
        for mode in ("live", "test"):
            number.add_metric([status, mode], counted[mode])
            first = in_it.filter(partner__is_test=mode == "test").order_by("pk").values_list("created_at", flat=True)
            oldest.add_metric([status, mode], _age(one_or_none(first), now))
    yield number
    yield oldest


def _what_is_late() -> Iterator[Gauge]:
    now = clock.now()
    late = _gauge("whipround_late_seconds", "By how much the worker is late with what has been due longest.", "what")
    for what, model in (("checkout", Checkout), ("refund", Refund), ("webhook", Delivery)):
        late.add_metric([what], _age(oldest_due(model._default_manager.all()), now))
    yield late
    waiting = _gauge("whipround_webhooks_waiting", f"Events on their way to partners; {MOST_COUNTED} at most are counted.")
    waiting.add_metric([], Delivery.objects.filter(due_at__isnull=False).order_by()[:MOST_COUNTED].count())
    yield waiting


def _attention() -> Iterator[Gauge]:
    rows = Attention.objects.order_by().values("kind").annotate(number=Count("pk"), since=Min("since"))
    number = _gauge("whipround_attention", "What waits for a person.", "kind")
    oldest = _gauge("whipround_attention_oldest_seconds", "For how long it has been waiting.", "kind")
    for row in rows:
        number.add_metric([row["kind"]], row["number"])
        oldest.add_metric([row["kind"]], _age(row["since"], clock.now()))
    yield number
    yield oldest


def _signs_of_life() -> Iterator[Gauge]:
    seen = worker_seen_at()
    worker = _gauge("whipround_worker_seen_timestamp_seconds", "When a worker was last at work; 0: none was for a week.")
    worker.add_metric([], seen.timestamp() if seen else 0)
    yield worker
    last = last_audit()
    when = _gauge("whipround_audit_timestamp_seconds", "When the books were last proved; 0: never.")
    when.add_metric([], last.at.timestamp() if last else 0)
    yield when
    faults = _gauge("whipround_audit_faults", "What the last audit found.")
    if last:
        faults.add_metric([], last.faults)
    yield faults


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


QUESTIONS: tuple[Callable[[], Iterator[Gauge]], ...] = (_contributions, _what_is_late, _attention, _signs_of_life)
