"""A giver whom the shop knows, and what the giver agrees to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from contributions.audit import faults_in_the_books
from givers.models import Giver as GiverRow
from givers.models import Permission
from providers.base import Capability
from tests.conftest import Answer, Giver, PartnerClient
from tests.contributions.conftest import in_place_of_every_provider
from tests.givers.charged import nobody_paid_twice_and_limits_hold
from tests.planted_secrets import watch_for
from tests.troublesome_provider import TroublesomeProvider

PIN, OTHER_PIN = "90817263", "38172605"
"""Told apart from whatever else has digits: they may come to light nowhere."""

for _pin in (PIN, OTHER_PIN):
    watch_for("n", _pin)


def body(root: str, **elements: str) -> str:
    """A body of this root element. An empty text leaves the element out."""
    return f"<{root}>" + "".join(f"<{name}>{value}</{name}>" for name, value in elements.items() if value) + f"</{root}>"


@dataclass
class Ann:
    """A giver of the shop's, and her browser."""

    shop: PartnerClient
    browser: Giver
    id: str
    goal_id: str

    @property
    def row(self) -> GiverRow:
        return GiverRow.objects.select_related("partner").get(public_id=self.id)

    def post_permission(self, **changes: str) -> Answer:
        asked = {"ProviderName": "PayPal", "Currency": "USD", "MaximumAmount": "50.00", "MaximumTotal": "100.00"} | changes
        headers = {"Sandbox_Scenario": asked.pop("scenario")} if "scenario" in asked else {}
        return self.shop.post(f"/api/Giver/{self.id}/Permissions", body("Permission", **asked), **headers)

    def permission(self, outcome: str = "agree", *, scenario: str = "", **changes: str) -> Permission:
        """Asked for, and answered by the giver with this button of the simulator's page."""
        made = self.post_permission(**changes)
        assert made.status == 201, made.text
        if outcome:
            self.come_back(made.value("PermissionURL") or "", outcome, scenario)
        return Permission.objects.select_related("giver__partner").get(public_id=made.value("Id"))

    def come_back(self, permission_url: str, outcome: str, scenario: str = "") -> Answer:
        """The answer to the giver who has pressed the button."""
        page = self.browser.checkout(permission_url)
        pressed = self.browser.client.post(self.browser._path(page), {"outcome": outcome, "scenario": scenario})
        assert pressed.status_code == 303, pressed.content
        return self.browser.visit(pressed["Location"])

    def post_gift(self, **changes: str) -> Answer:
        """Under a permission, unless `changes` say otherwise."""
        gift = {"Amount": "20.00", "Contributor": "Ann", "GiverId": self.id, "UsePermission": "true"} | changes
        headers = {name: gift.pop(name) for name in ("Idempotency_Key", "Sandbox_Scenario") if name in gift}
        return self.shop.post(f"/api/SavingGoal/{self.goal_id}/Contributions", body("Contribution", **gift), **headers)

    def set_pin(self, pin: str = PIN) -> None:
        assert self.shop.post(f"/api/Giver/{self.id}/Pin", body("GiverPin", Pin=pin)).status == 200


@pytest.fixture
def ann(shop: PartnerClient, giver: Giver) -> Ann:
    made = shop.post("/api/Givers", body("Giver", ExternalId="customer-7", Name="Ann", Email="ann@example.org"))
    assert made.status == 201, made.text
    return Ann(shop, giver, made.value("Id") or "", shop.new_goal())


@pytest.fixture
def later(moved_clock: Callable[[datetime], None]) -> Callable[..., None]:
    """Moves the clock ahead: later(hours=1)."""
    start = timezone.now()
    return lambda **span: moved_clock(start + timedelta(**span))


@pytest.fixture
def trouble() -> Iterator[TroublesomeProvider]:
    """The simulator with trouble to order."""
    provider = TroublesomeProvider()
    provider.capabilities = frozenset({Capability.KEEPS_PERMISSIONS})
    with in_place_of_every_provider(provider):
        yield provider


@pytest.fixture
def limits_hold(db: None) -> Iterator[None]:
    """In the end the books are right, nobody has paid twice, and no more was taken than was agreed to."""
    yield
    assert list(faults_in_the_books()) == []
    nobody_paid_twice_and_limits_hold()


@pytest.fixture(autouse=True)
def _a_hash_that_costs_little(settings: Any) -> None:
    """tests/givers/test_pins.py looks at the real one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    settings.PIN_HASHER = "md5"


@pytest.fixture(autouse=True)
def _nobody_waits_for_a_provider_that_lags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.permission_page.PAUSES_SECONDS", ())
