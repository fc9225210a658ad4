"""The audit log: one row for each change of keys, payees, addresses and settings, and for each order that moves money.

A row is written in the transaction of the change, so there is never one without the other, and the database refuses to
change or delete it (contributions/append_only.py). Secrets are never in it, only fingerprints: two that are alike tell that
the same secret was there at both moments, and nobody can guess it from them.
"""

import getpass
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac

import clock
import log_context
import security_log
from partners.models import NOBODY, AuditEntry, Partner

Kind = AuditEntry.ActorKind
FINGERPRINT_LETTERS = 16

_WHO_IS_PAID = "PaymentProviders"
SECURITY_EVENTS = {
    "api_key.": "key_changed",
    "secrets.": "key_changed",
    "payment_account.": "credentials_changed",
    "goal.changed": "credentials_changed",
    "webhook_endpoint.": "addresses_changed",
    "redirect_secret.": "addresses_changed",
    "partner.redirect_host": "addresses_changed",
    "partner.": "partner_changed",
}
"""Which changes are told to the security log as well, by how their action begins: the first that fits."""


@dataclass(frozen=True)
class Actor:
    """Who does what is done from here on, and where the wish came from."""

    kind: str
    name: str = ""
    address: str = ""
    request_id: str = ""


SERVICE = Actor(Kind.SERVICE)
"""Who acts where nobody was named."""

_acting: ContextVar[Actor] = ContextVar("acting", default=SERVICE)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Whatever is recorded in this block, and in this thread, was done by this actor."""
    before = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(before)


def operator(command: str) -> Actor:
    """Whoever runs this command: their account on this machine."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        account = "unknown"
    return Actor(Kind.OPERATOR, f"{account}: {command}", socket.gethostname())


def record(
    action: str,
    about: str,
    *,
    partner: Partner | None = None,
    partner_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write a row, inside the transaction of the change. `about`: the record's id. Secrets only by fingerprint()."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an entry of the audit log is written in the transaction of what it tells of")
    actor = _acting.get()
    AuditEntry.objects.create(
        at=clock.now(),
        actor_kind=actor.kind,
        actor=actor.name[:255],
        address=actor.address[:255],
        request_id=(actor.request_id or log_context.request_id())[:128],
        action=action,
        partner_id=partner.pk if partner else partner_id or NOBODY,
        about=about[:255],
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
    )
    event = _security_event(action, after or {})
    if event:
        # Only what is really done is told, and told as it was meant: the context is another one by then.
        told = {"detail": action, "about": about, "account": actor.name, "address": actor.address}
        transaction.on_commit(partial(security_log.tell, event, **told))


def _security_event(action: str, after: Mapping[str, Any]) -> str:
    """What the security log calls a change; empty for what it does not want to hear of."""
    for beginning, event in SECURITY_EVENTS.items():
        if action.startswith(beginning) and (beginning != "goal.changed" or _WHO_IS_PAID in after):
            return event
    return ""


def fingerprint(secret: str | None) -> str:
    """A digest under SECRET_KEY that is the same for the same secret, and tells nothing else of it; empty for none.

    None: a secret that cannot be read any more.
    """
    if secret is None:
        return "unreadable"
    if not secret:
        return ""
    return "#" + salted_hmac("partners.audit_log", secret, algorithm="sha256").hexdigest()[:FINGERPRINT_LETTERS]
