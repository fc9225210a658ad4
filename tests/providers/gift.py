"""What a gift is to its partner and its giver, whichever provider it is paid by."""

from django.test import Client

from contributions.models import Checkout, Contribution
from tests.conftest import Giver, PartnerClient

THANKS, PITY = "https://shop.example/thanks", "https://shop.example/pity"


class Gift:
    """One contribution to a goal of its own, and the people round it. What the provider has of it is the subclass's."""

    def __init__(self, shop: PartnerClient, giver: Giver, *, amount: str = "20.00", **goal: str) -> None:
        self.shop, self.giver = shop, giver
        self.goal_id = shop.new_goal(**{"ConfirmationURL": THANKS, "CancelURL": PITY} | goal)
        made = shop.new_contribution(self.goal_id, Amount=amount)
        self.id, self.provider_url = made.value("Id") or "", made.value("ProviderURL") or ""

    @property
    def row(self) -> Contribution:
        return Contribution.objects.whole().get(public_id=self.id)

    @property
    def checkout(self) -> Checkout:
        """The current attempt to pay it."""
        return self.row.current_checkout

    def page(self) -> str:
        """The provider's page to which ProviderURL leads now."""
        return self.giver.checkout(self.provider_url)

    def value(self, name: str) -> str | None:
        return self.shop.get(f"/api/Contribution/{self.id}").value(name)

    @property
    def status(self) -> tuple[str | None, str | None]:
        return self.value("Status"), self.value("StatusReason")

    @property
    def current_amount(self) -> str | None:
        return self.shop.get(f"/api/SavingGoal/{self.goal_id}").value("CurrentAmount")

    def lands_at(self, address: str) -> str:
        """Where we send a browser on to that comes to this address of ours."""
        answer = self.giver.visit(address)
        assert answer.status == 303, answer.text
        return answer.headers["Location"]


def heard_at(provider: str, body: bytes, headers: dict[str, str]) -> int:
    """What this provider's webhook answers to an event."""
    client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)
    others = {name: value for name, value in headers.items() if name != "Content-Type"}
    kind = headers.get("Content-Type", "application/json")
    path = f"/providers/{provider}/webhook"
    return client.generic("POST", path, body, content_type=kind, headers=others).status_code
