"""The simulated provider's webhooks: owed when something happens, delivered by the worker over HTTP like anybody's.

At least once: a webhook is owed from the moment that the simulator's books change until somebody has answered 2xx. One at
a time: whoever delivers it holds a lease, and whoever dies holding it is overtaken.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto

from django.conf import settings
from django.db import transaction

import clock
import leases
import log_context
from ids import new_id
from providers.kit.deadline import at_most
from providers.kit.transport import NoAnswer, Transport, machine_trust
from providers.sandbox.events import NEXT_EVENT, let_it_happen
from providers.sandbox.models import SandboxCheckout, SandboxPermission, SandboxWebhook

log = logging.getLogger(__name__)

WAITS_SECONDS = (5, 30, 300, 3600)
"""How long to wait after the 1st, 2nd, ... try in vain."""

MOST_ATTEMPTS = len(WAITS_SECONDS) + 1
TIMEOUT_SECONDS = 10

_transport = Transport(machine_trust, cut=True, keep_alive=False)

MOST_A_ROUND = 100
"""The worker has other work, too: it does not wait for all the webhooks of a busy hour."""


class Delivery(Enum):
    """How one try went."""

    ARRIVED = auto()
    REFUSED = auto()  # answered, but not with 2xx
    NO_ANSWER = auto()
    NOT_OURS = auto()  # somebody else has it, it is not due, or it has arrived


def sign_webhook(body: bytes) -> str:
    """HMAC-SHA-256 of a webhook's body, hexadecimal, under a key made from the newest of CREDENTIALS_KEYS."""
    return _signature(settings.CREDENTIALS_KEYS[0], body)


def is_signed(body: bytes, signature: str) -> bool:
    """Whether the signature was made with any of CREDENTIALS_KEYS: what is on its way while they change still arrives."""
    given = signature.encode(errors="replace")
    fits = [hmac.compare_digest(given, _signature(key, body).encode()) for key in settings.CREDENTIALS_KEYS]
    return any(fits)


def _signature(key: str, body: bytes) -> str:
    return hmac.new(b"sandbox report\0" + key.encode(), body, hashlib.sha256).hexdigest()


def owe_webhook(checkout: SandboxCheckout, what: str) -> list[SandboxWebhook]:
    """Write down the webhook(s) that this event brings. To be called in the transaction of the event."""
    event_id, now = new_id(), clock.now()
    return [
        SandboxWebhook.objects.create(event_id=event_id, checkout=checkout, what=what, due_at=now)
        for _ in range(_how_often(checkout.scenario))
    ]


def owe_webhook_of(permission: SandboxPermission, what: str) -> None:
    """The same of a permission."""
    for _ in range(_how_often(permission.scenario)):
        SandboxWebhook.objects.create(event_id=new_id(), permission=permission, what=what, due_at=clock.now())


def _how_often(scenario: str) -> int:
    return {"report_never": 0, "report_twice": 2}.get(scenario, 1)


def deliver_webhooks(*, most: int | None = MOST_A_ROUND, stopped: Callable[[], bool] = lambda: False) -> int:
    """Send the webhooks that are due by now, at most so many (None: all of them); returns how many arrived.

    Where nobody answers at the service's own address, or once `stopped` says so, the others are left for the next round.
    """
    due = SandboxWebhook.objects.filter(due_at__lte=clock.now()).order_by("pk")
    arrived = 0
    for webhook in list(due[:most]):
        if stopped():
            break
        with log_context.bound(request_id=log_context.new_request_id()):
            went = deliver(webhook)
        arrived += went is Delivery.ARRIVED
        if went is Delivery.NO_ANSWER:
            break
    return arrived


def deliver(webhook: SandboxWebhook, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Delivery:
    """Let happen what the webhook tells of, and tell the service. No transaction is open while it is told."""
    leased = leases.take(webhook, if_due=True)
    if leased is None:
        return Delivery.NOT_OURS
    try:
        _do_what_it_tells_of(leased)
        status = _post(leased, timeout_seconds)
    except NoAnswer as error:
        went, why = Delivery.NO_ANSWER, str(error)
    except Exception as error:  # the next webhook must not pay for it
        log.exception("simulated webhook went wrong", extra={"webhook": leased.event_id})
        went, why = Delivery.REFUSED, type(error).__name__
    else:
        went, why = (Delivery.ARRIVED if 200 <= status < 300 else Delivery.REFUSED), f"answered {status}"
    if went is Delivery.ARRIVED:
        _arrived(leased)
    else:
        _in_vain(leased, why)
    return went


def _do_what_it_tells_of(webhook: SandboxWebhook) -> None:
    if webhook.checkout is None:
        return  # what becomes of a permission has been done when it is told
    with transaction.atomic():
        if leases.held(webhook).filter(happened_at=None).update(happened_at=clock.now()):
            let_it_happen(webhook.what, webhook.checkout)


def _post(webhook: SandboxWebhook, timeout_seconds: float) -> int:
    """The status that the service answers with; nothing else of the answer is looked at."""
    about = webhook.checkout or webhook.permission
    if about is None:
        raise RuntimeError(f"webhook {webhook.event_id} is about nothing")
    named = {"checkout_id": str(about)} if webhook.checkout else {"permission_id": str(about)}
    body = json.dumps({"id": webhook.event_id, **named, "what": webhook.what}).encode()
    address = f"{settings.PUBLIC_BASE_URL}/providers/{about.provider.lower()}/webhook"
    headers = {"Content-Type": "application/json", "Sandbox-Signature": sign_webhook(body)}
    with at_most(timeout_seconds):
        return _transport.send("POST", address, headers=headers, body=body).status


def _arrived(webhook: SandboxWebhook) -> None:
    with transaction.atomic():
        first = leases.give_back(webhook, delivered_at=clock.now(), due_at=None)
        if first and webhook.checkout is not None and webhook.what in NEXT_EVENT:
            owe_webhook(webhook.checkout, NEXT_EVENT[webhook.what])


def _in_vain(webhook: SandboxWebhook, why: str) -> None:
    attempts = webhook.attempts + 1
    given_up = attempts >= MOST_ATTEMPTS
    due_at = None if given_up else clock.now() + timedelta(seconds=WAITS_SECONDS[attempts - 1])
    if not leases.give_back(webhook, attempts=attempts, due_at=due_at):
        return
    told = {"webhook": webhook.event_id, "what": webhook.what, "tries": attempts, "why": why}
    if given_up:
        log.error("simulated webhook given up", extra=told)
    else:
        log.warning("simulated webhook not delivered", extra=told)
