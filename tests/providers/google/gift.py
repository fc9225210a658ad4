"""A gift by Google Pay, and the people round it."""

from django.http import HttpResponse
from django.test import Client

from contributions.models import Contribution
from contributions.reconciliation import follow_up_all
from tests.conftest import Giver, PartnerClient
from tests.providers.amazon.service import button_in, token_in
from tests.providers.google.fake import FakeGoogle
from tests.providers.stripe.books import FakeIntent
from tests.providers.stripe.fake import Webhook

THANKS, PITY = "https://shop.example/thanks", "https://shop.example/pity"
ACCOUNT = "acct_1PgafTB7WZ01zgkW"
GOOGLE = f"<PaymentProvider><ProviderName>Google</ProviderName><Credentials>{ACCOUNT}</Credentials></PaymentProvider>"


class GoogleGift:
    """One contribution paid by Google Pay, and the people round it."""

    def __init__(
        self, google: FakeGoogle, shop: PartnerClient, giver: Giver, amount: str = "20.00", **goal: str
    ) -> None:  # fmt: skip
        self.google, self.shop, self.giver = google, shop, giver
        self.goal_id = shop.new_goal(**{"ConfirmationURL": THANKS, "CancelURL": PITY, "PaymentProviders": GOOGLE} | goal)
        made = shop.new_contribution(self.goal_id, Amount=amount)
        self.id, self.provider_url = made.value("Id") or "", made.value("ProviderURL") or ""
        self.tried = f"{self.provider_url}?tried="

    # --- the giver ----------------------------------------------------------------------------------------------------

    def page(self) -> str:
        answer = self.giver.visit(self.provider_url)
        assert answer.status == 200, answer.text
        return answer.text

    def chooses(self, pays_with: str = "card") -> dict[str, str]:
        """The giver opens the page, presses the button and chooses a card: what the page is about to post."""
        page = self.page()
        told = self.google.press_button(button_in(page), pays_with)
        return {"token": token_in(page), "outcome": "pay", "payment": told}

    def post(self, fields: dict[str, str]) -> HttpResponse:
        return self.giver.client.post(f"/pay/{self.id}", fields)

    def gives(self, pays_with: str = "card") -> str:
        """The giver pays; where the browser is sent."""
        answer = self.post(self.chooses(pays_with))
        assert answer.status_code == 303, answer.content
        return answer["Location"]

    def says_no(self) -> str:
        answer = self.post({"token": token_in(self.page()), "outcome": "cancel"})
        assert answer.status_code == 303, answer.content
        return answer["Location"]

    def lands_at(self, address: str) -> str:
        answer = self.giver.visit(address)
        assert answer.status == 303, answer.text
        return answer.headers["Location"]

    # --- what is so ---------------------------------------------------------------------------------------------------

    @property
    def row(self) -> Contribution:
        return Contribution.objects.get(public_id=self.id)

    @property
    def intent(self) -> FakeIntent:
        [intent] = self.google.intents_of(self.id)
        return intent

    def value(self, name: str) -> str | None:
        return self.shop.get(f"/api/Contribution/{self.id}").value(name)

    @property
    def status(self) -> tuple[str | None, str | None]:
        return self.value("Status"), self.value("StatusReason")

    @property
    def current_amount(self) -> str | None:
        return self.shop.get(f"/api/SavingGoal/{self.goal_id}").value("CurrentAmount")

    def hear_everything(self, door: str = "google") -> None:
        for report in self.google.webhooks_of(self.intent.id):
            assert hear(report, door) == 200


def hear(report: Webhook, door: str = "google") -> int:
    client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)
    headers = {name: value for name, value in report.headers.items() if name != "Content-Type"}
    path = f"/providers/{door}/webhook"
    return client.generic("POST", path, report.body, content_type="application/json", headers=headers).status_code


def work() -> None:
    follow_up_all(whether_due_or_not=True)
