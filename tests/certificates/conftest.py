"""A shop that sells gift certificates, and whoever claims and spends them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from certificates.models import GiftCertificate
from contributions.audit import faults_in_the_books
from tests.conftest import Answer, Giver, PartnerClient


def body(root: str, **elements: str) -> str:
    """A body of this root element. An empty text leaves the element out."""
    return f"<{root}>" + "".join(f"<{name}>{value}</{name}>" for name, value in elements.items() if value) + f"</{root}>"


@dataclass
class Counter:
    """Where the shop sells them: its payment account, its client, and a browser of whoever pays."""

    shop: PartnerClient
    browser: Giver
    account_id: str

    def post(self, **changes: str) -> Answer:
        asked = {"Amount": "25.00", "Currency": "USD", "PaymentAccountId": self.account_id, "RecipientName": "Ann"} | changes
        headers = {name: asked.pop(name) for name in ("Idempotency_Key", "Sandbox_Scenario") if name in asked}
        return self.shop.post("/api/GiftCertificates", body("GiftCertificate", **asked), **headers)

    def sold(self, **changes: str) -> str:
        """The Id of one that is bought and paid."""
        made = self.post(**changes)
        assert made.status == 201, made.text
        self.browser.pay(made.value("ProviderURL") or "")
        return made.value("Id") or ""

    def claimed(self, giver_id: str, **changes: str) -> str:
        """The Id of one that this giver has claimed."""
        certificate_id = self.sold(**changes)
        claimed = self.claim(certificate_id, giver_id)
        assert claimed.status == 200, claimed.text
        return certificate_id

    def get(self, certificate_id: str) -> Answer:
        return self.shop.get(f"/api/GiftCertificate/{certificate_id}")

    def balance(self, certificate_id: str) -> str | None:
        return self.get(certificate_id).value("Balance")

    def claim(self, certificate_id: str, giver_id: str, **changes: str) -> Answer:
        return self.shop.post(f"/api/GiftCertificate/{certificate_id}/Claim", body("Claim", GiverId=giver_id, **changes))

    def claim_by_code(self, code: str, giver_id: str) -> Answer:
        return self.shop.post("/api/GiftCertificates/Claim", body("Claim", GiverId=giver_id, ClaimCode=code))

    def refund(self, certificate_id: str, **elements: str) -> Answer:
        return self.shop.post(f"/api/GiftCertificate/{certificate_id}/Refunds", body("Refund", **elements))

    def new_giver(self, external_id: str = "customer-7") -> str:
        made = self.shop.post("/api/Givers", body("Giver", ExternalId=external_id, Name="Ann"))
        assert made.status == 201, made.text
        return made.value("Id") or ""

    def give(self, goal_id: str, giver_id: str, amount: str = "10.00", **changes: str) -> Answer:
        """A gift that certificates pay."""
        gift = {"Amount": amount, "Contributor": "Ann", "GiverId": giver_id, "ProviderName": "Certificate"} | changes
        headers = {name: gift.pop(name) for name in ("Idempotency_Key",) if name in gift}
        return self.shop.post(f"/api/SavingGoal/{goal_id}/Contributions", body("Contribution", **gift), **headers)

    def events(self) -> list[str]:
        told = self.shop.get("/api/Events?limit=100").xml.findall("Event")
        return [one.findtext("Type") or "" for one in told]


@pytest.fixture
def counter(shop: PartnerClient, giver: Giver) -> Counter:
    account = body("PaymentAccount", ProviderName="PayPal", Credentials="anna@example.org")
    made = shop.post("/api/PaymentAccounts", account)
    assert made.status == 201, made.text
    return Counter(shop, giver, made.value("Id") or "")


@pytest.fixture
def ann(counter: Counter) -> str:
    """The Id of a giver of the shop's."""
    return counter.new_giver()


@pytest.fixture
def later(moved_clock: Callable[[datetime], None]) -> Callable[..., None]:
    """Moves the clock ahead: later(hours=1)."""
    start = timezone.now()
    return lambda **span: moved_clock(start + timedelta(**span))


@pytest.fixture(autouse=True)
def _the_books_are_right(db: Any) -> Iterator[None]:
    yield
    assert list(faults_in_the_books()) == []


def row(certificate_id: str) -> GiftCertificate:
    return GiftCertificate.objects.get(public_id=certificate_id)
