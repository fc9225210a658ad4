"""A gift by Stripe, and the people round it."""

from contributions.worker import sync_all_due
from tests.conftest import Answer, Giver, PartnerClient
from tests.providers.gift import Gift, heard_at
from tests.providers.stripe.deliveries import Webhook
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.objects import FakeIntent, FakeSession

ACCOUNT = "acct_1PgafTB7WZ01zgkW"
STRIPE = f"<PaymentProvider><ProviderName>Stripe</ProviderName><Credentials>{ACCOUNT}</Credentials></PaymentProvider>"


class StripeGift(Gift):
    """One contribution paid by Stripe, and the people round it."""

    def __init__(
        self, stripe: FakeStripe, shop: PartnerClient, giver: Giver, amount: str = "20.00", **goal: str
    ) -> None:  # fmt: skip
        super().__init__(shop, giver, amount=amount, **{"PaymentProviders": STRIPE} | goal)
        self.stripe = stripe

    @property
    def session_id(self) -> str:
        """Of its current checkout."""
        return self.row.current_checkout.provider_checkout_id

    @property
    def session(self) -> FakeSession:
        return self.stripe.sessions[self.session_id]

    @property
    def intent(self) -> FakeIntent:
        return self.stripe.intent_of(self.session_id)

    def comes_back(self, pays_with: str = "card") -> str:
        """The giver pays and is sent back; where we send them on to."""
        return self.lands_at(self.stripe.pay(self.session_id, pays_with))

    def cancels(self) -> str:
        """The giver presses Back; where we send them on to."""
        return self.lands_at(self.stripe.give_up(self.session_id))

    def hear_the_last(self) -> int:
        return hear(self.stripe.webhooks_of(self.session_id)[-1])

    def hear_everything(self) -> None:
        for session_id in self.row.checkouts.values_list("provider_checkout_id", flat=True):
            for report in self.stripe.webhooks_of(session_id):
                assert hear(report) == 200


def hear(report: Webhook) -> int:
    return heard_at("stripe", report.body, report.headers)


def work() -> None:
    sync_all_due(whether_due_or_not=True)


def refund(gift: Gift, amount: str = "") -> Answer:
    """What the partner is answered that gives this amount back, or all that is left."""
    body = f"<Refund>{f'<Amount>{amount}</Amount>' if amount else ''}</Refund>"
    return gift.shop.post(f"/api/Contribution/{gift.id}/Refunds", body)
