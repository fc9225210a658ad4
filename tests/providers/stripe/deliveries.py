"""What Stripe sends to our webhook: every event of its books, signed."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.providers.stripe import representations as shown
from tests.providers.stripe.books import Books
from tests.providers.stripe.objects import FakeDispute, FakeIntent, FakeRefund, FakeSession, new_id
from tests.providers.stripe.saved_cards import FakeSavedCard, FakeSetup, SetupIntentOf

API_VERSION = "2026-10-28.endive"


class Webhook(NamedTuple):
    """One delivery, as it arrives: `body, headers = webhook`."""

    body: bytes
    headers: dict[str, str]

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def event_type(self) -> str:
        return self.event["type"]


class Deliveries:
    """The part of the fake that tells what has happened."""

    books: Books
    signing_secrets: list[str]
    _events: list[tuple[str, dict[str, Any]]]
    _lock: threading.RLock

    def _happened(self, event_type: str, key: str, about: Any) -> None:
        event = shown.event(new_id("evt"), event_type, self.json_of(about, event_type), self.books.seconds())
        if isinstance(about, FakeSavedCard):
            event["data"]["previous_attributes"] = {"customer": about.was_of}
        self._events.append((key, event))

    def json_of(self, what: Any, event_type: str = "") -> dict[str, Any]:
        """A session, payment, refund or dispute as Stripe's JSON, nothing expanded."""
        if event_type.startswith("charge.") and isinstance(what, FakeIntent):
            return shown.charge(what)
        shows: dict[type, Callable[[Any], dict[str, Any]]] = {
            FakeSession: shown.session,
            FakeSetup: shown.session,
            FakeSavedCard: shown.saved_card,
            SetupIntentOf: lambda it: shown.setup_intent(it.setup),
            FakeIntent: shown.intent,
            FakeRefund: shown.refund,
            FakeDispute: shown.dispute,
        }
        return shows[type(what)](what)

    def webhooks_of(self, checkout_id: str) -> list[Webhook]:
        """What Stripe has sent about a session, or a payment without one, the oldest first; signed anew at every call."""
        with self._lock:
            self.books.let_go_what_is_too_old()
            return [self.signed(event) for key, event in self._events if key == checkout_id]

    def webhook(self, event_type: str, about: dict[str, Any], **how: Any) -> Webhook:
        """A signed delivery of an event that may never have happened. `how` is that of `signed`."""
        return self.signed(shown.event(new_id("evt"), event_type, about, self.books.seconds()), **how)

    def signed(self, event: dict[str, Any] | bytes, *, at: int | None = None, secrets_: list[str] | None = None) -> Webhook:
        """An event as Stripe delivers it: signed with every secret that is alive, at a moment in seconds since 1970."""
        body = event if isinstance(event, bytes) else json.dumps(event, indent=2).encode()
        at = self.books.seconds() if at is None else at
        signatures = [sign(body, at, secret) for secret in secrets_ or self.signing_secrets]
        header = ",".join([f"t={at}", *(f"v1={one}" for one in signatures), "v0=" + "6" * 64])
        return Webhook(body, {"Stripe-Signature": header, "Content-Type": "application/json; charset=utf-8"})


def sign(body: bytes, at: int, secret: str) -> str:
    """https://docs.stripe.com/webhooks/signature: HMAC-SHA256 over the moment, a point and the bytes."""
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
