"""Certificates expire: what is left on them goes. From its moment on nothing can be spent, and the worker enters it."""

import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models import F

import clock
import log_context
from certificates import books, events
from certificates.entries import Kind
from certificates.models import GiftCertificate
from certificates.telling import announce
from ownership import row_key

log = logging.getLogger(__name__)
BATCH = 100


def expire_all_due(stopped: Callable[[], bool] = lambda: False) -> int:
    """Enter what has expired; returns how many certificates that were. One that goes wrong keeps no other waiting."""
    rows = GiftCertificate.objects.filter(balance_minor__gt=0, expires_at__lte=clock.now())
    due = list(rows.filter(balance_minor__gt=F("held_minor")).order_by("expires_at")[:BATCH])
    for certificate in due:
        if stopped():
            break
        with log_context.bound(request_id=log_context.new_request_id()):
            try:
                _expire(certificate)
            except Exception:  # the next one must not pay for it
                log.exception("certificate not expired", extra={"certificate": certificate.public_id})
    return len(due)


def _expire(certificate: GiftCertificate) -> None:
    with transaction.atomic():
        (now,) = books.locked(GiftCertificate.objects.filter(**row_key(certificate)))
        at = clock.now()
        if now.expires_at is None or now.expires_at > at or not now.free_minor:
            return
        books.enter(now, Kind.EXPIRED, now.free_minor, at=at, also=books.one_more())
        announce(now, events.EXPIRED, at)
