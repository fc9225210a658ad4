"""Stripe's rules for cards that are saved to be paid by later: sessions in setup mode, customers, off-session payments.

https://docs.stripe.com/payments/save-and-reuse, read in November 2026.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.planted_secrets import planted
from tests.providers.stripe.objects import FakeIntent, Refusal, missing, new_id

DAY = 86400

ON_A_SAVED_CARD = {
    "card": "it is paid, or held, at once",
    "card_that_is_declined": "the bank says no: 402 card_declined",
    "card_that_wants_a_word": "the bank wants the giver: 402 authentication_required",
}


@dataclass(eq=False)
class FakeSavedCard:
    """A PaymentMethod. `customer`: to whom it is attached; empty once it is detached."""

    customer: str
    created: int
    pays_with: str = "card"
    id: str = field(default_factory=lambda: planted("t", new_id("pm"), 8))
    was_of: str = ""

    @property
    def token(self) -> str:
        """As our adapter has it."""
        return f"{self.customer or self.was_of}:{self.id}"


@dataclass(eq=False)
class FakeSetup:
    """A session in setup mode, and the SetupIntent in it."""

    asked: dict[str, Any]
    created: int
    expires_at: int
    url: str = ""
    id: str = field(default_factory=lambda: new_id("cs_test", 58))
    intent_id: str = field(default_factory=lambda: new_id("seti"))
    status: str = "open"
    card: FakeSavedCard | None = None
    failed: bool = False

    @property
    def name(self) -> str:
        return str(self.asked.get("setup_intent_data", {}).get("description"))


@dataclass(eq=False)
class SetupIntentOf:
    """The SetupIntent in a session, as an event is about it."""

    setup: FakeSetup


class SavedCards:
    """The part of Books about them."""

    setups: dict[str, FakeSetup]
    saved: dict[str, FakeSavedCard]
    intents: dict[str, FakeIntent]
    asks_again: bool
    """Every bank wants a word with the giver now."""
    seconds: Callable[[], int]
    _announce: Callable[[str, str, Any], None]
    _charge: Callable[[FakeIntent], None]
    _decline: Callable[[FakeIntent, str], None]

    def create_setup(self, asked: dict[str, Any], page: Callable[[str], str]) -> FakeSetup:
        if "success_url" not in asked:
            raise Refusal(400, "Missing required param: success_url.", code="parameter_missing", param="success_url")
        if asked.get("customer_creation") != "always" and "customer" not in asked:
            raise Refusal(400, "A card that is to be paid by later needs a customer.", param="customer_creation")
        setup = FakeSetup(asked, self.seconds(), self.seconds() + DAY)
        setup.url = page(setup.id)
        self.setups[setup.id] = setup
        return setup

    def let_go_old_setups(self) -> None:
        for setup in self.setups.values():
            if setup.status == "open" and self.seconds() >= setup.expires_at:
                self.expire_setup(setup)

    def expire_setup(self, setup: FakeSetup) -> FakeSetup:
        if setup.status != "open":
            only = 'Only Checkout Sessions with a status in ["open"] can be expired.'
            raise Refusal(400, f"{only} This Checkout Session has a status of `{setup.status}`.")
        setup.status = "expired"
        self._announce("checkout.session.expired", setup.id, setup)
        return setup

    def agree(self, setup: FakeSetup, pays_with: str) -> None:
        """The giver saves a card. Raises ValueError where there is nothing to agree to."""
        self.let_go_old_setups()
        if setup.status != "open":
            raise ValueError(f"the session is {setup.status}")
        setup.card = FakeSavedCard(new_id("cus", 14), self.seconds(), pays_with)
        setup.status = "complete"
        self.saved[setup.card.id] = setup.card
        self._announce("setup_intent.succeeded", setup.id, SetupIntentOf(setup))
        self._announce("checkout.session.completed", setup.id, setup)

    def fail_to_agree(self, setup: FakeSetup) -> None:
        """The bank does not let the card be saved; the giver stays on the page."""
        setup.failed = True
        self._announce("setup_intent.setup_failed", setup.id, SetupIntentOf(setup))

    def card(self, card_id: str) -> FakeSavedCard:
        if card_id not in self.saved:
            raise missing("PaymentMethod", card_id, "payment_method")
        return self.saved[card_id]

    def detach(self, card: FakeSavedCard) -> FakeSavedCard:
        if not card.customer:
            message = "The payment method you provided is not attached to a customer so detachment is impossible."
            raise Refusal(400, message, param="payment_method")
        card.was_of, card.customer = card.customer, ""
        self._announce("payment_method.detached", card.id, card)
        return card

    def confirm_off_session(self, intent: FakeIntent, asked: dict[str, Any]) -> None:
        """Raises Refusal, with the payment in it, which stays as it is then."""
        if asked.get("off_session") != "true":
            raise Refusal(400, "The giver is not there: only off_session payments are confirmed at once here.")
        card = self.saved.get(asked.get("payment_method", ""))
        if card is None or not card.customer or card.customer != asked.get("customer"):
            del self.intents[intent.id]
            raise Refusal(400, "The payment method does not belong to the customer.", param="payment_method")
        intent.card_id, intent.customer = card.id, card.customer
        if self.asks_again or card.pays_with == "card_that_wants_a_word":
            self._decline(intent, "authentication_required")
        elif card.pays_with == "card_that_is_declined":
            self._decline(intent, "card_declined")
        else:
            self._charge(intent)
            return
        told = {"id": intent.id, "object": "payment_intent", "status": intent.status, "amount": intent.amount}
        code = intent.declined
        raise Refusal(402, "Declined.", kind="card_error", code=code, decline_code=code, payment_intent=told)
