"""How the service is, for whoever watches it: one finding for each thing that can go wrong while nobody looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Min, Q, QuerySet

import clock
from certificates import report
from certificates.following import OVERSPENT
from console import database
from contributions import append_only
from contributions.models import Attention, Checkout, Contribution, Refund, StatusChange
from contributions.running import WORKER_IS_LATE_AFTER, last_audit, worker_seen_at
from contributions.status import PENDING
from notifications.models import Delivery


class Level(IntEnum):
    """The exit status that it means; the worst of all counts."""

    OK = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    level: Level
    what: str


WORKER_IS_GONE_AFTER = timedelta(minutes=5)
LATE_AFTER, FAR_TOO_LATE_AFTER = timedelta(minutes=2), timedelta(minutes=15)
"""Of what is due: a question to a provider, or a webhook."""
PENDING_LONG_AFTER = timedelta(days=1)
AUDIT_IS_OLD_AFTER = timedelta(hours=36)
"""An audit is to be made every night."""


def look() -> Iterator[Finding]:
    """Every finding. Where the database does not answer or is not migrated there is that one alone."""
    trouble = database.trouble()
    if trouble:
        yield Finding("database", Level.CRITICAL, trouble)
        return
    yield Finding("database", Level.OK, "answers, and is migrated")
    for look_at in (_guards, _worker, _questions, _outbox, _oldest_pending, _certificates, _attention, _audit):
        try:
            yield look_at()
        except (DatabaseError, InterfaceError) as error:
            yield Finding("database", Level.CRITICAL, database.trouble_after(error))
            return


def _guards() -> Finding:
    """A restore that was not whole, or somebody with the database open, may have taken the triggers off."""
    missing = append_only.missing(connection)
    if not missing:
        return Finding("guards", Level.OK, "the database lets nobody rewrite the books and the audit log")
    return Finding("guards", Level.CRITICAL, f"{len(missing)} triggers are missing, such as {missing[0]}: tell a developer")


def _worker() -> Finding:
    seen = worker_seen_at()
    if seen is None:
        return Finding("worker", Level.CRITICAL, "none was ever seen, or not for a week: start `manage.py work`")
    age = clock.now() - seen
    level = Level.OK if age < WORKER_IS_LATE_AFTER else Level.WARNING if age < WORKER_IS_GONE_AFTER else Level.CRITICAL
    to_do = "" if level is Level.OK else ': it is gone, stopped or hangs; runbook, "No worker is at work"'
    return Finding("worker", level, f"last seen {_ago(seen)} ago{to_do}")


def oldest_due(rows: QuerySet[Any]) -> datetime | None:
    """When the one of these that waits for longest has been due, or will be; None: none is to be done."""
    found: datetime | None = rows.filter(due_at__isnull=False).aggregate(oldest=Min("due_at"))["oldest"]
    return found


def _questions() -> Finding:
    """What the worker is to ask providers about, and has not."""
    due = [oldest_due(rows) for rows in (Checkout.objects.all(), Refund.objects.all())]
    return _late("questions", min((at for at in due if at), default=None), "a question to a provider")


def _outbox() -> Finding:
    """What partners are to be told. Endpoints that have failed before are tried at longer and longer intervals."""
    return _late("outbox", oldest_due(Delivery.objects.all()), "a webhook")


def _late(name: str, oldest: datetime | None, what: str) -> Finding:
    now = clock.now()
    if oldest is None or oldest >= now:
        return Finding(name, Level.OK, "nothing is late")
    late = now - oldest
    level = Level.OK if late < LATE_AFTER else Level.WARNING if late < FAR_TOO_LATE_AFTER else Level.CRITICAL
    return Finding(name, level, f"{what} is {_ago(oldest)} late")


def _oldest_pending() -> Finding:
    pending = Contribution.objects.filter(status=PENDING)
    became = StatusChange.objects.filter(Q(from_status="") | ~Q(from_status=PENDING), to_status=PENDING)
    oldest = (
        became.filter(contribution__in=list(pending.order_by("pk").values_list("pk", flat=True)[:100])).order_by("at").first()
    )
    if oldest is None:
        return Finding("pending", Level.OK, "no gift is Pending")
    level = Level.WARNING if clock.now() - oldest.at > PENDING_LONG_AFTER else Level.OK
    about = oldest.contribution.public_id
    return Finding("pending", level, f"{pending.count()} gifts, the oldest for {_ago(oldest.at)}: manage.py gift {about}")


def _certificates() -> Finding:
    """What partners owe to those who have gift certificates, and what nobody has entered or borne yet."""
    sums = [f"{amount} {currency}{' in test' * (mode == 'test')}" for mode, amount, currency in report.in_all()]
    told = [f"{', '.join(sums) or 'nothing'} is outstanding"]
    overdue = report.overdue_since()
    if overdue is not None and clock.now() - overdue > LATE_AFTER:
        told.append(f"an expiry is {_ago(overdue)} late")
    overspent = Attention.objects.filter(kind=OVERSPENT).count()
    if overspent:
        told.append(f"{overspent} were taken back after they were spent: manage.py attention")
    return Finding("certificates", Level.WARNING if len(told) > 1 else Level.OK, "; ".join(told))


def _attention() -> Finding:
    number = Attention.objects.count()
    if not number:
        return Finding("attention", Level.OK, "nothing waits for a person")
    return Finding("attention", Level.WARNING, f"{number} things wait for a person: manage.py attention")


def _audit() -> Finding:
    last = last_audit()
    if last is None:
        return Finding("audit", Level.WARNING, "the books were never proved: run `manage.py audit` every night")
    if last.faults:
        return Finding("audit", Level.CRITICAL, f"{last.faults} faults in the books, {_ago(last.at)} ago")
    level = Level.WARNING if clock.now() - last.at > AUDIT_IS_OLD_AFTER else Level.OK
    return Finding("audit", level, f"the books were right {_ago(last.at)} ago")


def _ago(moment: datetime) -> str:
    seconds = max(0, int((clock.now() - moment).total_seconds()))
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"
