"""Signs that the service runs: which workers were seen when, and what the last audit of the books said."""

import os
import socket
import time
from datetime import datetime, timedelta

from django.db import models

import clock

SECONDS_BETWEEN_BEATS = 10
WORKER_IS_LATE_AFTER = timedelta(seconds=30)
"""A worker that has not been seen for so long hangs, or is gone."""
FORGOTTEN_AFTER = timedelta(days=7)


class WorkerHeartbeat(models.Model):
    """A process of `manage.py work`, and when it was last seen at work."""

    worker = models.CharField(max_length=255, unique=True)
    """Its machine and its process id."""
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        app_label = "contributions"

    def __str__(self) -> str:
        return self.worker


class AuditResult(models.Model):
    """What one run of `manage.py audit` found; the last ones are kept."""

    at = models.DateTimeField()
    seconds = models.FloatField()
    faults = models.PositiveIntegerField()

    class Meta:
        app_label = "contributions"

    def __str__(self) -> str:
        return f"{self.faults} faults"


class Heart:
    """Beats while a worker works."""

    def __init__(self) -> None:
        self.worker = f"{socket.gethostname()}:{os.getpid()}"[:255]
        self.last = 0.0

    def begin(self) -> None:
        """This worker has started; those of long ago are forgotten."""
        now = clock.now()
        WorkerHeartbeat.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
        seen = {"started_at": now, "seen_at": now}
        WorkerHeartbeat.objects.update_or_create(worker=self.worker, defaults=seen)
        self.last = time.monotonic()

    def beat(self) -> None:
        """It is at work; written every few seconds at most."""
        if self.last and time.monotonic() - self.last < SECONDS_BETWEEN_BEATS:
            return
        if not self.last or not WorkerHeartbeat.objects.filter(worker=self.worker).update(seen_at=clock.now()):
            self.begin()
        self.last = time.monotonic()


def worker_seen_at() -> datetime | None:
    """When any worker was last seen; None: none ever was, or not for days."""
    found: datetime | None = WorkerHeartbeat.objects.aggregate(last=models.Max("seen_at"))["last"]
    return found


def record_audit(*, seconds: float, faults: int) -> None:
    """Keep what an audit has found, and forget all but the last hundred."""
    kept = AuditResult.objects.create(at=clock.now(), seconds=seconds, faults=faults)
    AuditResult.objects.filter(pk__lt=kept.pk - 100).delete()


def last_audit() -> AuditResult | None:
    """None: there was none yet."""
    return AuditResult.objects.order_by("-pk").first()
