"""A gift by Google Pay, and the people round it."""

from typing import Any

from django.http import HttpResponse

from tests.conftest import Giver, PartnerClient
from tests.providers.amazon.service import button_in, token_in
from tests.providers.gift import Gift, heard_at
from tests.providers.google.fake import FakeGoogle
from tests.providers.stripe.deliveries import Webhook
from tests.providers.stripe.gift import ACCOUNT
from tests.providers.stripe.objects import FakeIntent

GOOGLE = f"<PaymentProvider><ProviderName>Google</ProviderName><Credentials>{ACCOUNT}</Credentials></PaymentProvider>"


class GoogleGift(Gift):
    """One contribution paid by Google Pay, and the people round it."""

    def __init__(
        self, google: FakeGoogle, shop: PartnerClient, giver: Giver, amount: str = "20.00", **goal: str
    ) -> None:  # fmt: skip
        super().__init__(shop, giver, amount=amount, **{"PaymentProviders": GOOGLE} | goal)
        self.google = google
        self.tried = f"{self.provider_url}?tried="

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

    @property
    def intent(self) -> FakeIntent:
        """Of its current checkout."""
        return self.google.intent_of(self.row.current_checkout.provider_checkout_id)

    def hear_everything(self, door: str = "google") -> None:
        for intent in self.google.intents_of(self.id):
            for report in self.google.webhooks_of(intent.id):
                assert hear(report, door) == 200


def hear(report: Webhook, door: str = "google") -> int:
    return heard_at(door, report.body, report.headers)


def take_keys_of(google: FakeGoogle, settings: Any) -> None:
    """The service has keys of the fakes'."""
    settings.PROVIDERS_WITH_KEYS = {"Google", "Stripe"}
    settings.STRIPE_API_BASE, settings.STRIPE_SECRET_KEY = google.base_url, google.secret_key
    settings.STRIPE_WEBHOOK_SECRETS, settings.STRIPE_PUBLISHABLE_KEY = list(google.signing_secrets), google.publishable_key
    settings.GOOGLE_PAY_MERCHANT_ID, settings.GOOGLE_PAY_ENVIRONMENT = google.merchant_id, "TEST"
    settings.GOOGLE_PAY_COUNTRY, settings.GOOGLE_PAY_SCRIPT_URL = "US", google.script_url
