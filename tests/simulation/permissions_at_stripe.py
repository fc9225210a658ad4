"""Standing permissions at Stripe in the simulation: the real adapter, and the fake's books as the truth."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from providers.base import PaymentState
from providers.permissions import Standing
from tests.providers.line import Call
from tests.providers.permission_contract import a_permission
from tests.simulation.permitting import Permitting
from tests.simulation.permitting_provider import TruePermission
from tests.simulation.side import TruePayment
from tests.simulation.stripe_dashboard import INTENTS, minor_of, state_of
from tests.simulation.with_fake import Message
from tests.simulation.with_stripe import ASKING, OPENING, WithStripe

CARDS = (*["card"] * 6, "card_that_is_declined", "card_that_wants_a_word")

STANDINGS = {"open": Standing.OPEN, "expired": Standing.LAPSED}


class PermittingStripe(Permitting, WithStripe):
    """Gifts by Stripe, some of them by cards that givers have saved."""

    tokens_take_us = False
    orders = WithStripe.orders | {"create_intent", "detach"}
    faults = {
        **WithStripe.faults,
        "create_intent": {
            "card_declined": 0.04,
            "error_500": 0.03,
            "error_500_kept": 0.01,
            "lock_timeout": 0.02,
            "no_id": 0.02,
        },
        "list_intents": ASKING,
        "get_card": ASKING,
        "get_intent": ASKING,
        "detach": {"error_500": 0.03, "lock_timeout": 0.02, "in_progress": 0.02},
        "create": OPENING,
    }

    def order_about(self, call: Call) -> str:
        """Every gift is paid by an order of its own."""
        return call.headers["idempotency-key"] if call.operation == "create_intent" else super().order_about(call)

    def charges(self) -> Mapping[str, list[TruePayment]]:
        """By card. One that was refused is none: it is cancelled, or about to be."""
        found: dict[str, list[TruePayment]] = {}
        for intent in self.fake.books.intents.values():
            if intent.card_id and intent.charge_id:
                payment = TruePayment(
                    intent.asked["metadata"]["contribution"],
                    intent.id,
                    intent.currency.upper(),
                    intent.destination or "",
                    state=state_of(intent) if intent.status in INTENTS else PaymentState.OPEN,
                    amount_minor=minor_of(intent.amount, intent.currency),
                    **self.money_of(intent),
                )
                found.setdefault(intent.card_id, []).append(payment)
        return found

    def agreements(self) -> Iterator[tuple[str, TruePermission]]:
        for setup in self.fake.books.setups.values():
            card, asked = setup.card, a_permission("Stripe", reference=setup.asked["client_reference_id"], setup_id=setup.id)
            if card is None:
                yield "", TruePermission(asked, STANDINGS[setup.status])
            else:
                standing = Standing.ACTIVE if card.customer else Standing.REVOKED
                yield card.id, TruePermission(asked, standing, card.token, was_agreed=True)

    def messages_about(self, setup_id: str) -> list[tuple[Any, Callable[[], Message]]]:
        setup = self.fake.books.setups.get(setup_id)
        objects = {setup_id, setup.card.id} if setup and setup.card else {setup_id}
        return self.told_about(objects)

    def agrees(self, setup_id: str) -> None:
        self.fake.agree(setup_id, "card" if self.calm else self.random.choice(CARDS))

    def declines(self, setup_id: str) -> None:
        """The giver goes away: the session waits until it is too old."""

    def removes(self, key: str) -> None:
        self.fake.remove_card(key)
