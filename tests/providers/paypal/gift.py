"""A gift that is paid by the fake PayPal, and the people round it."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import clock
from contributions.worker import sync_all_due
from tests.conftest import Answer, Giver, PartnerClient
from tests.providers.gift import Gift, heard_at
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.records import FakeOrder
from tests.providers.paypal.webhooks import Webhook

PAYEE = "<PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>{}</Credentials></PaymentProvider>"


def hear(event: Webhook) -> int:
    """What our webhook answers to this event."""
    return heard_at("paypal", event.body, event.headers)


class PayPalGift(Gift):
    """One contribution. `order_id`: PayPal's order to which ProviderURL led at first."""

    def __init__(self, paypal: FakePayPal, shop: PartnerClient, giver: Giver, **goal: str) -> None:
        super().__init__(shop, giver, **goal)
        self.paypal = paypal
        self.order_id = self.order_now()

    def order_now(self) -> str:
        """The order to which ProviderURL leads."""
        return parse_qs(urlsplit(self.page()).query)["token"][0]

    @property
    def order(self) -> FakeOrder:
        return self.paypal.orders[self.order_id]

    def comes_back(self, pays_with: str = "balance", *, order_id: str = "") -> str:
        """The giver approves and is sent back; where we send them on to."""
        return self.lands_at(self.paypal.approve(order_id or self.order_id, pays_with))

    def hear_everything(self) -> None:
        """Every event about the order arrives."""
        for event in self.paypal.webhooks_of(self.order_id):
            assert hear(event) == 200

    def hear_the_last(self) -> None:
        """The newest event about the order arrives."""
        assert hear(self.paypal.webhooks_of(self.order_id)[-1]) == 200

    def refund(self, amount: str = "") -> Answer:
        body = f"<Refund>{f'<Amount>{amount}</Amount>' if amount else ''}</Refund>"
        return self.shop.post(f"/api/Contribution/{self.id}/Refunds", body)

    def work_until(self, moment: datetime, later: Callable[..., None]) -> None:
        """The worker does what is due, when it is due, until then."""
        while (due_at := self.checkout.due_at) is not None and due_at <= moment:
            later(seconds=max(0.0, (due_at - clock.now()).total_seconds()))
            sync_all_due()
        later(seconds=max(0.0, (moment - clock.now()).total_seconds()))
