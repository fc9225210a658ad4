"""The simulated provider's webhooks: owed when something happens, delivered by the worker over HTTP like anybody's.

At least once: a report is owed from the moment that the simulator's books change until somebody has answered 2xx. One at
a time: whoever delivers it holds a lease, and whoever dies holding it is overtaken.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto

import requests
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

import clock
from ids import new_id
from providers.sandbox.events import AFTER_THE_REPORT, let_it_happen
from providers.sandbox.models import SandboxCheckout, SandboxWebhook

log = logging.getLogger(__name__)

WAITS_SECONDS = (5, 30, 300, 3600)
"""How long to wait after the 1st, 2nd, ... try in vain."""

MOST_TRIES = len(WAITS_SECONDS) + 1
TIMEOUT_SECONDS = 10
LEASE_SECONDS = 60
"""Longer than any delivery takes; after it the report is anybody's to deliver."""

MOST_A_ROUND = 100
"""The worker has other work, too: it does not wait for all the reports of a busy hour."""


class Delivery(Enum):
    """How one try went."""

    ARRIVED = auto()
    REFUSED = auto()  # answered, but not with 2xx
    NO_ANSWER = auto()
    NOT_OURS = auto()  # somebody else has it, it is not due, or it has arrived


def sign_report(body: bytes) -> str:
    """HMAC-SHA-256 of a webhook's body, hexadecimal, under a key made from the newest of CREDENTIALS_KEYS."""
    return _signature(settings.CREDENTIALS_KEYS[0], body)


def is_signed(body: bytes, signature: str) -> bool:
    """Whether the signature was made with any of CREDENTIALS_KEYS: what is on its way while they change still arrives."""
    given = signature.encode(errors="replace")
    fits = [hmac.compare_digest(given, _signature(key, body).encode()) for key in settings.CREDENTIALS_KEYS]
    return any(fits)


def _signature(key: str, body: bytes) -> str:
    return hmac.new(b"sandbox report\0" + key.encode(), body, hashlib.sha256).hexdigest()


def owe_report(checkout: SandboxCheckout, what: str) -> list[SandboxWebhook]:
    """Write down the webhook(s) that this event brings. To be called in the transaction of the event."""
    number = {"report_never": 0, "report_twice": 2}.get(checkout.scenario, 1)
    event_id, now = new_id(), clock.now()
    return [
        SandboxWebhook.objects.create(event_id=event_id, checkout=checkout, what=what, next_try_at=now) for _ in range(number)
    ]


def deliver_reports(*, most: int | None = MOST_A_ROUND, stopped: Callable[[], bool] = lambda: False) -> int:
    """Send the reports that are due by now, at most so many (None: all of them); returns how many arrived.

    Where nobody answers at the service's own address, or once `stopped` says so, the others are left for the next round.
    """
    due = SandboxWebhook.objects.filter(next_try_at__lte=clock.now()).order_by("pk")
    arrived = 0
    for report in list(due[:most]):
        if stopped():
            break
        went = deliver(report)
        arrived += went is Delivery.ARRIVED
        if went is Delivery.NO_ANSWER:
            break
    return arrived


def deliver(report: SandboxWebhook, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Delivery:
    """Let happen what the report tells of, and tell the service. No transaction is open while it is told."""
    claimed = _claim(report)
    if claimed is None:
        return Delivery.NOT_OURS
    try:
        _do_what_it_tells_of(claimed)
        status = _post(claimed, timeout_seconds)
    except requests.RequestException as error:
        went, why = Delivery.NO_ANSWER, type(error).__name__
    except Exception as error:  # the next report must not pay for it
        log.exception("simulated report went wrong", extra={"report": claimed.event_id})
        went, why = Delivery.REFUSED, type(error).__name__
    else:
        went, why = (Delivery.ARRIVED if 200 <= status < 300 else Delivery.REFUSED), f"answered {status}"
    if went is Delivery.ARRIVED:
        _arrived(claimed)
    else:
        _in_vain(claimed, why)
    return went


def _claim(report: SandboxWebhook) -> SandboxWebhook | None:
    now, token = clock.now(), new_id()
    due = SandboxWebhook.objects.filter(pk=report.pk, next_try_at__lte=now)
    free = due.filter(Q(lease_until=None) | Q(lease_until__lt=now))
    if not free.update(lease_token=token, lease_until=now + timedelta(seconds=LEASE_SECONDS)):
        return None
    return SandboxWebhook.objects.select_related("checkout").filter(pk=report.pk, lease_token=token).first()


def _still_ours(report: SandboxWebhook) -> QuerySet[SandboxWebhook]:
    return SandboxWebhook.objects.filter(pk=report.pk, lease_token=report.lease_token)


def _do_what_it_tells_of(report: SandboxWebhook) -> None:
    with transaction.atomic():
        if _still_ours(report).filter(happened_at=None).update(happened_at=clock.now()):
            let_it_happen(report.what, report.checkout)


def _post(report: SandboxWebhook, timeout_seconds: float) -> int:
    """The status that the service answers with; nothing else of the answer is looked at."""
    body = json.dumps({"id": report.event_id, "checkout_id": report.checkout.checkout_id, "what": report.what}).encode()
    address = f"{settings.PUBLIC_BASE_URL}/providers/{report.checkout.provider.lower()}/webhook"
    headers = {"Content-Type": "application/json", "Sandbox-Signature": sign_report(body)}
    with requests.Session() as session:
        session.trust_env = False
        with session.post(
            address, data=body, headers=headers, timeout=timeout_seconds, allow_redirects=False, stream=True
        ) as answer:
            return answer.status_code


def _arrived(report: SandboxWebhook) -> None:
    with transaction.atomic():
        first = _still_ours(report).update(delivered_at=clock.now(), next_try_at=None, lease_token="", lease_until=None)
        if first and report.what in AFTER_THE_REPORT:
            owe_report(report.checkout, AFTER_THE_REPORT[report.what])


def _in_vain(report: SandboxWebhook, why: str) -> None:
    tries = report.tries + 1
    given_up = tries >= MOST_TRIES
    next_try_at = None if given_up else clock.now() + timedelta(seconds=WAITS_SECONDS[tries - 1])
    if not _still_ours(report).update(tries=tries, next_try_at=next_try_at, lease_token="", lease_until=None):
        return
    told = {"report": report.event_id, "what": report.what, "tries": tries, "why": why}
    if given_up:
        log.error("simulated report given up", extra=told)
    else:
        log.warning("simulated report not delivered", extra=told)
