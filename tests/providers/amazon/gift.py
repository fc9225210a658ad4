"""A gift by Amazon Pay, and the people round it."""

from tests.conftest import Giver, PartnerClient
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.service import button_in
from tests.providers.gift import Gift, heard_at

ACCOUNT = (
    f"<PaymentProvider><ProviderName>Amazon</ProviderName><Credentials>{FakeAmazon.merchant_id}</Credentials></PaymentProvider>"
)


class AmazonGift(Gift):
    """One contribution paid by Amazon Pay, and the people round it."""

    def __init__(self, amazon: FakeAmazon, shop: PartnerClient, giver: Giver, **goal: str) -> None:
        super().__init__(shop, giver, **{"PaymentProviders": ACCOUNT} | goal)
        self.amazon = amazon

    def press_button(self) -> str:
        """The giver opens our page and presses the button; the id of the session that this makes."""
        page = self.giver.visit(self.provider_url)
        assert page.status == 200, page.text
        return self.amazon.press_button(button_in(page.text)).id

    def comes_back(self, pays_with: str = "card") -> str:
        """The giver agrees to pay and is sent back; where we send them on to."""
        return self.lands_at(self.amazon.approve(self.press_button(), pays_with))

    def return_with(self, session_id: str) -> int:
        return self.giver.visit(f"/providers/amazon/return/{self.id}?amazonCheckoutSessionId={session_id}").status

    @property
    def checkout_id(self) -> str:
        """The session that its current checkout has stored."""
        return self.row.current_checkout.provider_checkout_id

    @property
    def charge(self):
        [charge] = self.amazon.charges.values()
        return charge

    def refund_in_seller_central(self, amount: str) -> None:
        wanted = {"chargeId": self.charge.id, "refundAmount": {"amount": amount, "currencyCode": "USD"}}
        self.amazon.books.end_refund(self.amazon.books.refund(wanted))

    def hear_everything(self) -> None:
        for body, headers in self.amazon.notifications():
            assert hear(body, headers) == 200


def hear(body: bytes, headers: dict[str, str]) -> int:
    return heard_at("amazon", body, headers)
