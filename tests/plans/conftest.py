"""The filled database, for all tests of a module: nothing of it is kept."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest

import clock
from notifications.models import WebhookEndpoint
from tests.api.conftest import CanaryShop, new_canary_shop
from tests.certificates.conftest import Counter
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import Gift
from tests.givers.conftest import Ann, body
from tests.plans import filling
from tests.tiers import amount

PARTNERS = 10


@dataclass(frozen=True)
class Crowd:
    """A shop that has been there for long, among others that came after it; and one that has just come."""

    shop: PartnerClient
    filled: filling.Filled
    newcomer: CanaryShop

    def gift(self, **goal: str) -> Gift:
        """A new one of the old shop's, to a goal of its own."""
        return Gift(self.shop, Giver(), **goal)

    def ann(self) -> Ann:
        """A new giver of the old shop's."""
        made = self.shop.post("/api/Givers", body("Giver", ExternalId="new", Name="Ann", Email="ann@example.org"))
        return Ann(self.shop, Giver(), made.value("Id") or "", self.shop.new_goal())

    def counter(self) -> Counter:
        """Where the old shop sells certificates."""
        account = body("PaymentAccount", ProviderName="PayPal", Credentials="anna@example.org")
        return Counter(self.shop, Giver(), self.shop.post("/api/PaymentAccounts", account).value("Id") or "")


@pytest.fixture(scope="module")
def crowd(module_db: Callable[[], AbstractContextManager[None]], pytestconfig: pytest.Config) -> Crowd:
    with module_db():
        made = [register(f"Shop {number}") for number in range(PARTNERS)]
        partners, now = [one.partner for one in made], clock.now()
        endpoints = WebhookEndpoint.objects.bulk_create(
            WebhookEndpoint(partner=one, url="https://198.41.0.4/", created_at=now) for one in partners
        )
        gifts, goals = (amount(pytestconfig, f"{what} among which is planned") for what in ("gifts", "goals"))
        filled = filling.fill(gifts, goals, partners, endpoints)
        return Crowd(PartnerClient(made[0].api_key), filled, new_canary_shop())
