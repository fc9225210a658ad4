"""Standing permissions at Stripe in the simulation: the real adapter, and the fake's books as the truth."""

from collections.abc import Iterator, Mapping
from typing import Any

from providers.base import PaymentState
from providers.permissions import Standing
from tests.providers.line import Call
from tests.providers.permission_contract import a_permission
from tests.providers.stripe.saved_cards import FakeSetup
from tests.simulation.permissions import TruePermission
from tests.simulation.side import TruePayment
from tests.simulation.stripe_dashboard import INTENTS, minor_of, state_of
from tests.simulation.with_stripe import ASKING, OPENING, WithStripe

CARDS = (*["card"] * 6, "card_that_is_declined", "card_that_wants_a_word")

STANDINGS = {"open": Standing.OPEN, "expired": Standing.LAPSED}


class PermittingStripe(WithStripe):
    """Gifts by Stripe, some of them by cards that givers have saved."""

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
    magnitudes = {"USD": (1,)}  # type: ignore[dict-item]

    def order_about(self, call: Call) -> str:
        """Every gift is paid by an order of its own."""
        return call.headers["idempotency-key"] if call.operation == "create_intent" else super().order_about(call)

    def new_fake(self) -> Any:
        self._seen: dict[str, int] = {}
        """When each payment was first seen."""
        return super().new_fake()

    # --- the truth --------------------------------------------------------------------------------------------------

    def truth(self) -> Iterator[TruePayment]:
        found = [*super().truth(), *self._by_saved_cards()]
        for payment in found:
            self._seen.setdefault(payment.checkout_id, len(self._seen))
        yield from sorted(found, key=lambda payment: self._seen[payment.checkout_id])

    def _by_saved_cards(self) -> Iterator[TruePayment]:
        """One that was refused is none: it is cancelled, or about to be."""
        for intent in self.fake.books.intents.values():
            if intent.card_id and intent.charge_id:
                yield TruePayment(
                    intent.asked["metadata"]["contribution"],
                    intent.id,
                    intent.currency.upper(),
                    intent.destination or "",
                    state=state_of(intent) if intent.status in INTENTS else PaymentState.OPEN,
                    amount_minor=minor_of(intent.amount, intent.currency),
                    **self.money_of(intent),
                )

    @property
    def permissions(self) -> Mapping[str, TruePermission]:
        """By the provider's id of what givers were asked."""
        by_card: dict[str, list[Any]] = {}
        for payment in self._by_saved_cards():
            by_card.setdefault(self.fake.books.intents[payment.checkout_id].card_id, []).append(payment)
        return {setup.id: self._true(setup, by_card) for setup in self.fake.books.setups.values()}

    @staticmethod
    def _true(setup: FakeSetup, by_card: Mapping[str, list[Any]]) -> TruePermission:
        true = TruePermission(a_permission("Stripe", reference=setup.asked["client_reference_id"], setup_id=setup.id))
        if setup.card is None:
            true.standing = STANDINGS[setup.status]
            return true
        true.standing = Standing.ACTIVE if setup.card.customer else Standing.REVOKED
        true.token, true.was_agreed, true.charges = setup.card.token, True, by_card.get(setup.card.id, [])
        return true

    # --- what givers do -----------------------------------------------------------------------------------------------

    def giver_answers(self, true: TruePermission) -> str:
        """At Stripe's page, or not at all; or later, when somebody takes the card away."""
        setup = self.fake.books.setups[true.request.setup_id]
        if true.standing is Standing.OPEN and self.random.random() < 0.85:
            try:
                self.fake.agree(setup.id, "card" if self.calm else self.random.choice(CARDS))
            except ValueError:
                return "too late"
        elif true.standing is Standing.ACTIVE and self.random.random() < 0.2 and setup.card is not None:
            self.fake.remove_card(setup.card.id)
        return self.permissions[setup.id].standing

    def giver_chooses(self, payment: TruePayment, state: PaymentState) -> bool:
        return payment.checkout_id in self.fake.sessions and super().giver_chooses(payment, state)

    def lets_approve_something_else(self, payment: TruePayment) -> None:
        if payment.checkout_id in self.fake.sessions:
            super().lets_approve_something_else(payment)
