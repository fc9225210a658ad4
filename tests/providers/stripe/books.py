"""Stripe's rules, as far as a gift needs them: sessions, PaymentIntents, refunds, disputes."""

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

DAY = 86400
ALPHABET = string.ascii_letters + string.digits

ZERO_DECIMAL = {
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf",
}  # fmt: skip
THREE_DECIMAL = {"bhd", "jod", "kwd", "omr", "tnd"}
CURRENCIES = ZERO_DECIMAL | THREE_DECIMAL | {"usd", "eur", "gbp", "huf", "isk", "twd", "inr", "sek", "chf", "cad", "mxn", "brl"}
LEAST = {"usd": 50, "eur": 50, "gbp": 30, "huf": 17500, "jpy": 50}
MOST = 99_999_999

HOW_GIVERS_PAY = {
    "card": "it is paid, or held, at once",
    "card_that_is_declined": "the bank says no; the giver stays on the page",
    "bank_debit": "it takes days until anybody knows: end_debit() says how it ends",
    "card_that_wants_a_word": "the giver is to prove who they are, and has not yet: prove() says how that ends",
}


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(length))


class Refusal(Exception):
    """An error as Stripe says it. `kept`: the same Idempotency-Key is answered with it again."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str = "",
        param: str = "",
        kept: bool = True,
        decline_code: str = "",
    ) -> None:
        super().__init__(message)
        self.status, self.kept = status, kept
        error = {"code": code, "decline_code": decline_code, "message": message, "param": param, "type": kind}
        self.error = {name: value for name, value in error.items() if value}


def missing(what: str, id_: str, param: str = "id") -> Refusal:
    return Refusal(404, f"No such {what}: '{id_}'", code="resource_missing", param=param)


@dataclass(eq=False)
class FakeSession:
    """A page where the giver pays. Amounts are in Stripe's units."""

    asked: dict[str, Any]
    amount: int
    currency: str
    created: int
    expires_at: int
    url: str = ""
    id: str = field(default_factory=lambda: new_id("cs_test", 58))
    status: str = "open"
    intent: "FakeIntent | None" = None
    given_up: bool = False

    @property
    def name(self) -> str:
        return str(self.asked["line_items"]["0"]["price_data"]["product_data"]["name"])


@dataclass(eq=False)
class FakeIntent:
    """A payment, and its charge once there is one."""

    session: FakeSession
    created: int
    id: str = field(default_factory=lambda: new_id("pi"))
    status: str = "requires_payment_method"
    declined: bool = False
    unproven: bool = False
    received: int = 0
    captures: int = 0
    charge_id: str = ""
    charged_at: int = 0
    held_until: int = 0
    tells_until_when: bool = True
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    refunds: "list[FakeRefund]" = field(default_factory=list)
    disputes: "list[FakeDispute]" = field(default_factory=list)

    @property
    def amount(self) -> int:
        return self.session.amount

    @property
    def capture_method(self) -> str:
        return str(self.session.asked.get("payment_intent_data", {}).get("capture_method", "automatic_async"))

    @property
    def fee(self) -> int:
        return round(self.received * 0.029) + 30

    @property
    def given_back(self) -> int:
        return sum(refund.amount for refund in self.refunds if refund.status not in ("failed", "canceled"))


@dataclass(eq=False)
class FakeRefund:
    intent: FakeIntent
    amount: int
    created: int
    metadata: dict[str, str]
    reverse_transfer: bool
    status: str = "succeeded"
    id: str = field(default_factory=lambda: new_id("re"))


@dataclass(eq=False)
class FakeDispute:
    intent: FakeIntent
    amount: int
    created: int
    status: str
    id: str = field(default_factory=lambda: new_id("dp"))


class Books:
    """Everything that Stripe knows. `announce(type, session, object)` hears of what happens."""

    def __init__(self, now: Callable[[], datetime], announce: Callable[[str, FakeSession, Any], None]) -> None:
        self._now, self._announce = now, announce
        self.sessions: dict[str, FakeSession] = {}
        self.intents: dict[str, FakeIntent] = {}
        self.refunds: dict[str, FakeRefund] = {}
        self.accounts = {"acct_1PgafTB7WZ01zgkW", "acct_anna", "acct_bob"}
        """Connected, and able to receive transfers."""
        self.cannot_receive: set[str] = set()
        self.balance_is_empty = False

    def seconds(self) -> int:
        return int(self._now().timestamp())

    def let_go_what_is_too_old(self) -> None:
        for session in self.sessions.values():
            if session.status == "open" and self.seconds() >= session.expires_at:
                self._expire(session)
            intent = session.intent
            if intent is not None and intent.status == "requires_capture" and self.seconds() >= intent.held_until:
                self._cancel(intent, "automatic")

    # --- sessions -----------------------------------------------------------------------------------------------------

    def create(self, asked: dict[str, Any], page: Callable[[str], str]) -> FakeSession:
        if asked.get("mode") != "payment":
            raise Refusal(400, "Only payments are played here.", param="mode")
        items = list(asked.get("line_items", {}).values())
        if len(items) != 1 or "success_url" not in asked:
            raise Refusal(400, "Missing required param.", code="parameter_missing", param="line_items")
        price = items[0]["price_data"]
        amount, currency = int(price["unit_amount"]) * int(items[0].get("quantity", 1)), price["currency"]
        self._check_amount(amount, currency)
        self._check_destination(asked)
        until = int(asked.get("expires_at", self.seconds() + DAY))
        if not self.seconds() + 1800 <= until <= self.seconds() + DAY:
            raise Refusal(
                400, "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.", param="expires_at"
            )
        session = FakeSession(asked, amount, currency, self.seconds(), until)
        session.url = page(session.id)
        self.sessions[session.id] = session
        return session

    def _check_amount(self, amount: int, currency: str) -> None:
        if currency not in CURRENCIES:
            raise Refusal(400, f"Invalid currency: {currency}.", param="line_items[0][price_data][currency]")
        if amount < LEAST.get(currency, 1):
            raise Refusal(400, "The amount is below the minimum.", code="amount_too_small")
        if amount > MOST:
            raise Refusal(400, "Amount must be no more than 99999999.", code="amount_too_large")
        if (currency in THREE_DECIMAL and amount % 10) or (currency == "isk" and amount % 100):
            raise Refusal(400, f"Invalid amount in {currency}.", code="parameter_invalid_integer")

    def _check_destination(self, asked: dict[str, Any]) -> None:
        param = "payment_intent_data[transfer_data][destination]"
        destination = asked.get("payment_intent_data", {}).get("transfer_data", {}).get("destination")
        if destination is not None and destination not in self.accounts:
            raise Refusal(400, f"No such destination: '{destination}'", code="resource_missing", param=param)
        if destination in self.cannot_receive:
            message = "Your destination account needs to have at least one of the following capabilities enabled: transfers"
            raise Refusal(400, message, code="insufficient_capabilities_for_transfer")

    def session(self, session_id: str) -> FakeSession:
        self.let_go_what_is_too_old()
        if session_id not in self.sessions:
            raise missing("checkout.session", session_id, "session")
        return self.sessions[session_id]

    def expire(self, session: FakeSession) -> None:
        if session.status != "open":
            raise Refusal(
                400,
                'Only Checkout Sessions with a status in ["open"] can be expired. '
                f"This Checkout Session has a status of `{session.status}`.",
            )
        self._expire(session)

    def _expire(self, session: FakeSession) -> None:
        session.status = "expired"
        if session.intent is not None and session.intent.status != "canceled":
            self._cancel(session.intent, "abandoned")
        self._announce("checkout.session.expired", session, session)

    # --- the giver ----------------------------------------------------------------------------------------------------

    def pay(self, session: FakeSession, pays_with: str) -> bool:
        """Whether the giver is done with the page. Raises ValueError where there is nothing to pay."""
        self.let_go_what_is_too_old()
        if session.status != "open":
            raise ValueError(f"the session is {session.status}")
        if pays_with not in HOW_GIVERS_PAY:
            raise ValueError(f"pays_with must be one of {', '.join(HOW_GIVERS_PAY)}")
        intent = session.intent or FakeIntent(session, self.seconds())
        session.intent = self.intents[intent.id] = intent
        if pays_with == "card_that_wants_a_word":
            intent.status, intent.declined, intent.unproven = "requires_action", False, False
            self._announce("payment_intent.requires_action", session, intent)
            return False
        if pays_with == "card_that_is_declined":
            intent.status, intent.declined, intent.unproven = "requires_payment_method", True, False
            self._announce("payment_intent.payment_failed", session, intent)
            return False
        self._agree(session, intent, pays_with)
        return True

    def prove(self, session: FakeSession, *, good: bool) -> bool:
        """3-D Secure has ended; whether the giver is done with the page. Raises ValueError where nobody asks who they are."""
        self.let_go_what_is_too_old()
        intent = session.intent
        if session.status != "open" or intent is None or intent.status != "requires_action":
            raise ValueError("nobody asks who the giver is")
        if good:
            self._agree(session, intent, "card")
        else:
            intent.status, intent.unproven = "requires_payment_method", True
            self._announce("payment_intent.payment_failed", session, intent)
        return good

    def _agree(self, session: FakeSession, intent: FakeIntent, pays_with: str) -> None:
        intent.declined, intent.unproven, session.status = False, False, "complete"
        intent.charge_id, intent.charged_at = new_id("ch"), self.seconds()
        if pays_with == "bank_debit":
            intent.status = "processing"
        elif intent.capture_method == "manual":
            intent.status, intent.held_until = "requires_capture", self.seconds() + 7 * DAY
            self._announce("payment_intent.amount_capturable_updated", session, intent)
        else:
            self._take(intent, intent.amount)
        self._announce("checkout.session.completed", session, session)

    def end_debit(self, session: FakeSession, *, good: bool) -> None:
        intent = session.intent
        assert intent is not None
        assert intent.status == "processing"
        if good:
            self._take(intent, intent.amount)
        else:
            intent.status, intent.declined = "requires_payment_method", True
            self._announce("payment_intent.payment_failed", session, intent)
        self._announce(f"checkout.session.async_payment_{'succeeded' if good else 'failed'}", session, session)

    # --- payments -----------------------------------------------------------------------------------------------------

    def intent(self, intent_id: str) -> FakeIntent:
        self.let_go_what_is_too_old()
        if intent_id not in self.intents:
            raise missing("payment_intent", intent_id, "intent")
        return self.intents[intent_id]

    def _take(self, intent: FakeIntent, amount: int) -> None:
        intent.status, intent.received = "succeeded", amount
        intent.captures += 1
        self._announce("payment_intent.succeeded", intent.session, intent)

    def capture(self, intent: FakeIntent, amount: int | None) -> None:
        if intent.status != "requires_capture":
            raise self._unexpected(intent, "captured", "requires_capture")
        if amount is not None and not 0 < amount <= intent.amount:
            raise Refusal(400, "The amount to capture is too large.", code="amount_too_large", param="amount_to_capture")
        self._take(intent, amount or intent.amount)

    def cancel(self, intent: FakeIntent) -> None:
        if intent.status != "requires_capture":
            raise self._unexpected(intent, "canceled", "requires_capture")
        self._cancel(intent, None)

    def _cancel(self, intent: FakeIntent, reason: str | None) -> None:
        intent.status, intent.canceled_at, intent.cancellation_reason = "canceled", self.seconds(), reason
        self._announce("payment_intent.canceled", intent.session, intent)

    @staticmethod
    def _unexpected(intent: FakeIntent, what: str, wanted: str) -> Refusal:
        message = f"This PaymentIntent could not be {what} because it has a status of {intent.status}. Only {wanted} can be."
        return Refusal(400, message, code="payment_intent_unexpected_state")

    def refund(self, asked: dict[str, Any], status: str = "succeeded") -> FakeRefund:
        intent = self.intent(asked.get("payment_intent", ""))
        if intent.status != "succeeded":
            raise Refusal(400, f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.")
        if any(one.status in ("needs_response", "under_review", "lost") for one in intent.disputes):
            raise Refusal(400, "The charge has been charged back.", code="charge_disputed")
        left = intent.received - intent.given_back
        if not left:
            raise Refusal(400, f"Charge {intent.charge_id} has already been refunded.", code="charge_already_refunded")
        amount = int(asked.get("amount", left))
        if amount < 1:
            raise Refusal(400, "Invalid positive integer", code="parameter_invalid_integer", param="amount")
        if amount > left:
            raise Refusal(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
        if self.balance_is_empty:
            raise Refusal(400, "Insufficient funds in your Stripe balance to refund this amount.", code="balance_insufficient")
        refund = FakeRefund(
            intent, amount, self.seconds(), asked.get("metadata", {}), asked.get("reverse_transfer") == "true", status
        )
        intent.refunds.insert(0, refund)
        self.refunds[refund.id] = refund
        self._announce("charge.refunded", intent.session, intent)
        return refund

    def the_refund(self, refund_id: str) -> FakeRefund:
        if refund_id not in self.refunds:
            raise missing("refund", refund_id)
        return self.refunds[refund_id]

    def end_refund(self, refund: FakeRefund, status: str) -> None:
        refund.status = status
        self._announce("refund.failed" if status == "failed" else "refund.updated", refund.intent.session, refund)

    def dispute(self, intent: FakeIntent, status: str = "needs_response", amount: int | None = None) -> FakeDispute:
        dispute = FakeDispute(intent, amount or intent.received, self.seconds(), status)
        intent.disputes.insert(0, dispute)
        self._announce("charge.dispute.created", intent.session, dispute)
        return dispute

    def end_dispute(self, dispute: FakeDispute, status: str) -> None:
        dispute.status = status
        self._announce("charge.dispute.closed", dispute.intent.session, dispute)
