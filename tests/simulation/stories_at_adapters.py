"""Short histories at real adapters, each in front of its fake: for mistakes that are made in an adapter."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.simulation.directed import Told
from tests.simulation.seller_central import money
from tests.simulation.sides import Side
from tests.simulation.with_amazon import WithAmazon
from tests.simulation.with_google import WithGoogle
from tests.simulation.with_paypal import WithPayPal
from tests.simulation.with_stripe import WithStripe

PAY: Mapping[str, Callable[[Any, str, str], None]] = {
    "Amazon": lambda fake, checkout_id, means: fake.approve(checkout_id, means or "card"),
    "PayPal": lambda fake, checkout_id, means: fake.approve(checkout_id, means or "balance"),
    "Stripe": lambda fake, checkout_id, means: fake.pay(checkout_id, means or "card"),
}
"""What givers do on the provider's page, with this means of theirs or with one that is good."""


class AtAdapter(Told):
    """A gift that goes through an adapter whose provider makes no mistakes but those that the script wants."""

    provider: Any
    """WithFake."""
    amount_minor = 10_000

    def __init__(self, side: Side, *script: Callable[["AtAdapter"], None], policy: str = "Immediate") -> None:
        super().__init__(side, *script)
        self.provider.calm, self.policy = True, policy

    def calls_left(self) -> set[str]:
        return set(+self.provider._line.answers_to_lose)

    def pays(self, means: str = "") -> None:
        """And comes back."""
        if self.provider.on_our_page:
            self.provider.giver_presses_the_button(self.contribution)
        [checkout_id] = self.provider.payments
        PAY[self.provider.name](self.provider.fake, checkout_id, means)
        self._giver_returns()


def _refund_unanswered(world: AtAdapter) -> None:
    """It was made, and is heard of before it is asked for again."""
    world.does(world.gives, world.pays)
    world.provider._line.answers_to_lose["refund"] = 3
    world.does(lambda: world.refunds_so_much(2_500), world.somebody_asks)
    world.time_passes(hours=1)
    world.does(world.worker_comes)


def _reviewed(world: AtAdapter) -> None:
    """What is taken is not there yet."""
    world.does(world.gives, lambda: world.pays("under_review"))


def _held(world: AtAdapter) -> None:
    world.does(world.gives, world.pays)


def _forged_report(world: AtAdapter) -> None:
    world.does(world.gives, world.pays)
    _, deliver = world.provider.messages(world.gift)[-1]
    body, headers = deliver()
    forged = json.dumps(json.loads(body) | {"id": "another"}).encode()
    world.expects("what another has written is no report", world.provider._post(forged, headers) == 400)


def _many_cards(world: AtAdapter) -> None:
    """More than may be tried for one gift."""
    world.does(world.gives, lambda: world.provider._tries_stolen_cards(world.gift))


def _only_held(world: AtAdapter) -> None:
    """Amazon holds what it was to take at once, and does not say so before the gift is not wanted any more."""
    world.does(world.gives)
    world.provider.fake.next("capture", "error_503", times=9)
    world.does(lambda: world.pays("only_held"))
    world.provider.fake.no_more_faults()
    world.does(world._client_deletes_goal, world.worker_comes)


def _taken_by_hand_and_disputed(world: AtAdapter) -> None:
    """A part of what was held is taken in Seller Central, and the first that is heard of it is a dispute."""
    world.does(world.gives, world.pays)
    charge = world.provider._charge(world.payment)
    world.provider._taken_by_hand.add(charge.id)
    world.provider.fake.books.capture(charge, {"captureAmount": money(world.amount_minor // 2, charge.currency)})
    world.provider.fake.books.dispute(charge)
    _, deliver = world.provider.messages(world.gift)[-1]
    world.expects("the dispute is heard of", world.provider._post(*deliver()) == 200)


STORIES_AT_ADAPTERS: Mapping[str, Callable[[], AtAdapter]] = {
    "the answer to a refund at Amazon is lost": lambda: AtAdapter(WithAmazon, _refund_unanswered),
    "the answer to a refund at PayPal is lost": lambda: AtAdapter(WithPayPal, _refund_unanswered),
    "the answer to a refund at Stripe is lost": lambda: AtAdapter(WithStripe, _refund_unanswered),
    "a goal is deleted while Amazon only holds a gift": lambda: AtAdapter(WithAmazon, _only_held),
    "a gift is taken in Seller Central and disputed": lambda: AtAdapter(
        WithAmazon, _taken_by_hand_and_disputed, policy="Manual"
    ),
    "a payment is reviewed at PayPal": lambda: AtAdapter(WithPayPal, _reviewed),
    "a payment is held at Stripe": lambda: AtAdapter(WithStripe, _held, policy="Manual"),
    "many cards are tried at Google": lambda: AtAdapter(WithGoogle, _many_cards),
    "a report of Stripe's is forged": lambda: AtAdapter(WithStripe, _forged_report),
}
