"""A gift by Amazon Pay, and the people round it."""

from django.test import Client

from contributions.models import Contribution
from tests.conftest import Giver, PartnerClient
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.service import button_in

THANKS, PITY = "https://shop.example/thanks", "https://shop.example/pity"
ACCOUNT = (
    f"<PaymentProvider><ProviderName>Amazon</ProviderName><Credentials>{FakeAmazon.merchant_id}</Credentials></PaymentProvider>"
)


class AmazonGift:
    """One contribution paid by Amazon Pay, and the people round it."""

    def __init__(self, amazon: FakeAmazon, shop: PartnerClient, giver: Giver, **goal: str) -> None:
        self.amazon, self.shop, self.giver = amazon, shop, giver
        self.goal_id = shop.new_goal(**{"ConfirmationURL": THANKS, "CancelURL": PITY, "PaymentProviders": ACCOUNT} | goal)
        made = shop.new_contribution(self.goal_id)
        self.id, self.provider_url = made.value("Id") or "", made.value("ProviderURL") or ""

    def press_button(self) -> str:
        """The giver opens our page and presses the button; the id of the session that this makes."""
        page = self.giver.visit(self.provider_url)
        assert page.status == 200, page.text
        return self.amazon.press_button(button_in(page.text)).id

    def comes_back(self, pays_with: str = "card") -> str:
        """The giver agrees to pay and is sent back; where we send them on to."""
        return self.lands_at(self.amazon.approve(self.press_button(), pays_with))

    def lands_at(self, address: str) -> str:
        answer = self.giver.visit(address)
        assert answer.status == 303, answer.text
        return answer.headers["Location"]

    def return_with(self, session_id: str) -> int:
        return self.giver.visit(f"/providers/amazon/return/{self.id}?amazonCheckoutSessionId={session_id}").status

    @property
    def row(self) -> Contribution:
        return Contribution.objects.get(public_id=self.id)

    def value(self, name: str) -> str | None:
        return self.shop.get(f"/api/Contribution/{self.id}").value(name)

    @property
    def status(self) -> tuple[str | None, str | None]:
        return self.value("Status"), self.value("StatusReason")

    @property
    def current_amount(self) -> str | None:
        return self.shop.get(f"/api/SavingGoal/{self.goal_id}").value("CurrentAmount")

    @property
    def charge(self):
        [charge] = self.amazon.charges.values()
        return charge

    def hear_everything(self) -> None:
        for body, headers in self.amazon.notifications():
            assert hear(body, headers) == 200


def hear(body: bytes, headers: dict[str, str]) -> int:
    client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)
    others = {name: value for name, value in headers.items() if name != "Content-Type"}
    kind = headers["Content-Type"]
    return client.generic("POST", "/providers/amazon/webhook", body, content_type=kind, headers=others).status_code
