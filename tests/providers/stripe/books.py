"""Stripe's rules, as far as a gift needs them: sessions and PaymentIntents."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.providers.stripe.currencies import THREE_DECIMAL, ZERO_DECIMAL, check_amount
from tests.providers.stripe.money_back import MoneyBack
from tests.providers.stripe.objects import (
    FakeCard,
    FakeIntent,
    FakeRefund,
    FakeSession,
    Refusal,
    missing,
    new_id,
)
from tests.providers.stripe.saved_cards import FakeSavedCard, FakeSetup, SavedCards
from tests.providers.stripe.transfers import Transfers

__all__ = ["THREE_DECIMAL", "ZERO_DECIMAL", "Books", "FakeIntent", "FakeSession", "Refusal"]

DAY = 86400

UNPROVEN = "payment_intent_authentication_failure"
"""The code of a payment that the giver did not prove to be theirs."""

HOW_GIVERS_PAY = {
    "card": "it is paid, or held, at once",
    "card_that_is_declined": "the bank says no; the giver stays on the page",
    "bank_debit": "it takes days until anybody knows: end_debit() says how it ends",
    "card_that_wants_a_word": "the giver is to prove who they are, and has not yet: prove_in(), prove() say how that ends",
}


class Books(MoneyBack, Transfers, SavedCards):
    """`announce(type, key, object)` hears of what happens to a session or a payment."""

    def __init__(self, now: Callable[[], datetime], announce: Callable[[str, str, Any], None]) -> None:
        self._now, self._announce = now, announce
        self.sessions: dict[str, FakeSession] = {}
        self.intents: dict[str, FakeIntent] = {}
        self.refunds: dict[str, FakeRefund] = {}
        self.cards: dict[str, FakeCard] = {}
        """By token."""
        self.setups: dict[str, FakeSetup] = {}
        self.saved: dict[str, FakeSavedCard] = {}
        self.asks_again = False
        self.accounts = {"acct_1PgafTB7WZ01zgkW", "acct_anna", "acct_bob"}
        """Connected, and able to receive transfers."""
        self.cannot_receive: set[str] = set()
        self.balance_is_empty = False

    def seconds(self) -> int:
        return int(self._now().timestamp())

    def let_go_what_is_too_old(self) -> None:
        self.let_go_old_setups()
        for session in self.sessions.values():
            if session.status == "open" and self.seconds() >= session.expires_at:
                self._expire(session)
        for intent in self.intents.values():
            if intent.status == "requires_capture" and self.seconds() >= intent.held_until:
                self._cancel(intent, "automatic")

    # --- sessions -----------------------------------------------------------------------------------------------------

    def create(self, asked: dict[str, Any], page: Callable[[str], str]) -> FakeSession | FakeSetup:
        if asked.get("mode") == "setup":
            return self.create_setup(asked, page)
        if asked.get("mode") != "payment":
            raise Refusal(400, "Only payments and set-ups are played here.", param="mode")
        items = list(asked.get("line_items", {}).values())
        if len(items) != 1 or "success_url" not in asked:
            raise Refusal(400, "Missing required param.", code="parameter_missing", param="line_items")
        price = items[0]["price_data"]
        amount, currency = int(price["unit_amount"]) * int(items[0].get("quantity", 1)), price["currency"]
        check_amount(amount, currency, "line_items[0][price_data][currency]")
        self._check_destination(asked.get("payment_intent_data", {}), "payment_intent_data[transfer_data][destination]")
        until = int(asked.get("expires_at", self.seconds() + DAY))
        if not self.seconds() + 1800 <= until <= self.seconds() + DAY:
            sentence = "The `expires_at` timestamp must be between 30 minutes and 24 hours from now."
            raise Refusal(400, sentence, param="expires_at")
        session = FakeSession(asked, amount, currency, self.seconds(), until)
        session.url = page(session.id)
        self.sessions[session.id] = session
        return session

    def _check_destination(self, asked: dict[str, Any], param: str) -> None:
        destination = asked.get("transfer_data", {}).get("destination")
        if "application_fee_amount" in asked and destination is None:
            raise Refusal(400, "Can only apply an application_fee_amount with a destination.", param="application_fee_amount")
        if destination is not None and destination not in self.accounts:
            raise Refusal(400, f"No such destination: '{destination}'", code="resource_missing", param=param)
        if destination in self.cannot_receive:
            message = "Your destination account needs to have at least one of the following capabilities enabled: transfers"
            raise Refusal(400, message, code="insufficient_capabilities_for_transfer")

    def session(self, session_id: str) -> FakeSession | FakeSetup:
        self.let_go_what_is_too_old()
        if session_id in self.setups:
            return self.setups[session_id]
        if session_id not in self.sessions:
            raise missing("checkout.session", session_id, "session")
        return self.sessions[session_id]

    def expire(self, session: FakeSession | FakeSetup) -> FakeSession | FakeSetup:
        if isinstance(session, FakeSetup):
            return self.expire_setup(session)
        if session.status != "open":
            only = 'Only Checkout Sessions with a status in ["open"] can be expired.'
            raise Refusal(400, f"{only} This Checkout Session has a status of `{session.status}`.")
        self._expire(session)
        return session

    def _expire(self, session: FakeSession) -> None:
        session.status = "expired"
        if session.intent is not None and session.intent.status != "canceled":
            self._cancel(session.intent, "abandoned")
        self._announce("checkout.session.expired", session.id, session)

    # --- the giver ----------------------------------------------------------------------------------------------------

    def pay(self, session: FakeSession, pays_with: str) -> bool:
        """Whether the giver is done with the page. Raises ValueError where there is nothing to pay."""
        self.let_go_what_is_too_old()
        if session.status != "open":
            raise ValueError(f"the session is {session.status}")
        if pays_with not in HOW_GIVERS_PAY:
            raise ValueError(f"pays_with must be one of {', '.join(HOW_GIVERS_PAY)}")
        data = session.asked.get("payment_intent_data", {})
        intent = session.intent or FakeIntent(data, session.amount, session.currency, self.seconds(), session)
        session.intent = self.intents[intent.id] = intent
        if pays_with == "card_that_wants_a_word":
            self._ask_who_pays(intent)
            return False
        if pays_with == "card_that_is_declined":
            self._decline(intent, "card_declined")
            return False
        session.status = "complete"
        if pays_with == "bank_debit":
            intent.declined, intent.status = "", "processing"
            intent.charge_id, intent.charged_at = new_id("ch"), self.seconds()
        else:
            self._charge(intent)
        self._announce("checkout.session.completed", session.id, session)
        return True

    def prove_in(self, session: FakeSession, *, good: bool) -> bool:
        """3-D Secure on the page has ended; whether the giver is done with it. Raises ValueError where nobody asks for it."""
        self.let_go_what_is_too_old()
        if session.status != "open" or session.intent is None:
            raise ValueError("nobody asks who the giver is")
        self.prove(session.intent, good=good)
        if good:
            session.status = "complete"
            self._announce("checkout.session.completed", session.id, session)
        return good

    def _decline(self, intent: FakeIntent, code: str) -> None:
        intent.status, intent.declined, intent.bank_page = "requires_payment_method", code, ""
        self._announce("payment_intent.payment_failed", intent.key, intent)

    def _charge(self, intent: FakeIntent) -> None:
        """The card is good: it is taken, or held."""
        intent.declined, intent.bank_page = "", ""
        intent.charge_id, intent.charged_at = new_id("ch"), self.seconds()
        if intent.capture_method == "manual":
            intent.status, intent.held_until = "requires_capture", self.seconds() + 7 * DAY
            self._announce("payment_intent.amount_capturable_updated", intent.key, intent)
        else:
            self._take(intent, intent.amount)

    def end_debit(self, session: FakeSession, *, good: bool) -> None:
        intent = session.intent
        assert intent is not None
        assert intent.status == "processing"
        if good:
            self._take(intent, intent.amount)
        else:
            self._decline(intent, "card_declined")
        self._announce(f"checkout.session.async_payment_{'succeeded' if good else 'failed'}", session.id, session)

    # --- payments without a page of Stripe's --------------------------------------------------------------------------

    def new_token(self, pays_with: str = "card") -> str:
        """What Google asks Stripe for, with the publishable key, when a giver has chosen a card."""
        card = FakeCard(pays_with)
        self.cards[card.token] = card
        return card.token

    def create_intent(self, asked: dict[str, Any]) -> FakeIntent:
        amount, currency = int(asked["amount"]), asked["currency"]
        check_amount(amount, currency, "currency")
        self._check_destination(asked, "transfer_data[destination]")
        intent = FakeIntent(asked, amount, currency, self.seconds())
        self.intents[intent.id] = intent
        if asked.get("confirm") == "true":
            self.confirm_off_session(intent, asked)
        return intent

    def take_token(self, asked: dict[str, Any]) -> FakeCard:
        """A PaymentMethod of a token: which is good for once."""
        token = asked.get("card", {}).get("token", "")
        card = self.cards.get(token)
        if card is None:
            raise Refusal(400, f"No such token: '{token}'", code="resource_missing", param="card[token]")
        if card.was_taken:
            raise Refusal(400, "You cannot use a Stripe token more than once.", code="token_already_used", param="card[token]")
        card.was_taken, card.created = True, self.seconds()
        return card

    def confirm(self, intent: FakeIntent, asked: dict[str, Any], bank_page: Callable[[str], str]) -> FakeIntent:
        unpaid = ("requires_payment_method", "requires_confirmation", "requires_action")
        if intent.status not in unpaid:
            raise self._unexpected(intent, "confirmed", ", ".join(unpaid))
        card = next((one for one in self.cards.values() if one.was_taken and one.id == asked.get("payment_method")), None)
        if card is None:
            raise Refusal(400, "No such PaymentMethod", code="resource_missing", param="payment_method")
        if card.was_used:
            raise Refusal(400, "This PaymentMethod was previously used without being attached.", param="payment_method")
        card.was_used, intent.return_url = True, asked.get("return_url", "")
        if card.pays_with == "card_that_is_declined":
            self._decline(intent, "card_declined")
            raise Refusal(402, "Declined.", kind="card_error", code="card_declined", decline_code="generic_decline")
        if card.pays_with == "card_that_wants_a_word":
            self._ask_who_pays(intent, bank_page(intent.id))
        else:
            self._charge(intent)
        return intent

    def _ask_who_pays(self, intent: FakeIntent, bank_page: str = "") -> None:
        intent.status, intent.declined, intent.bank_page = "requires_action", "", bank_page
        self._announce("payment_intent.requires_action", intent.key, intent)

    def prove(self, intent: FakeIntent, *, good: bool) -> None:
        """The giver at the bank's page: has proven who they are, or has not. Raises ValueError where nobody asks."""
        if intent.status != "requires_action":
            raise ValueError(f"the payment is {intent.status}")
        if good:
            self._charge(intent)
        else:
            self._decline(intent, UNPROVEN)

    # --- payments -----------------------------------------------------------------------------------------------------

    def intent(self, intent_id: str) -> FakeIntent:
        self.let_go_what_is_too_old()
        if intent_id not in self.intents:
            raise missing("payment_intent", intent_id, "intent")
        return self.intents[intent_id]

    def _take(self, intent: FakeIntent, amount: int) -> None:
        intent.status, intent.received = "succeeded", amount
        intent.captures += 1
        self._announce("payment_intent.succeeded", intent.key, intent)

    def capture(self, intent: FakeIntent, amount: int | None = None) -> FakeIntent:
        if intent.status != "requires_capture":
            raise self._unexpected(intent, "captured", "requires_capture")
        if amount is not None and not 0 < amount <= intent.amount:
            raise Refusal(400, "The amount to capture is too large.", code="amount_too_large", param="amount_to_capture")
        self._take(intent, amount or intent.amount)
        return intent

    def cancel(self, intent: FakeIntent, reason: str | None = None) -> FakeIntent:
        may_be = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")
        if intent.status not in (("requires_capture",) if intent.session else may_be):
            raise self._unexpected(intent, "canceled", ", ".join(may_be))
        self._cancel(intent, reason)
        return intent

    def _cancel(self, intent: FakeIntent, reason: str | None) -> None:
        intent.status, intent.canceled_at, intent.cancellation_reason = "canceled", self.seconds(), reason
        intent.bank_page = ""
        self._announce("payment_intent.canceled", intent.key, intent)

    @staticmethod
    def _unexpected(intent: FakeIntent, what: str, wanted: str) -> Refusal:
        message = f"This PaymentIntent could not be {what} because it has a status of {intent.status}. Only {wanted} can be."
        return Refusal(400, message, code="payment_intent_unexpected_state")
