from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Checkout, Contribution, LedgerEntry
from contributions.sync import sync
from providers import registry
from tests.conftest import Answer, Giver, PartnerClient
from tests.troublesome_provider import TroublesomeProvider

THANKS, PITY = "https://shop.example/thanks", "https://shop.example/pity"


@contextmanager
def in_place_of_every_provider(provider: TroublesomeProvider) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_SANDBOX", provider)
        patch.setitem(registry._ADAPTERS, "sandbox", provider)
        yield


@pytest.fixture
def provider() -> Iterator[TroublesomeProvider]:
    """The simulator with trouble to order, in the place of every provider."""
    troublesome = TroublesomeProvider()
    with in_place_of_every_provider(troublesome):
        yield troublesome


@pytest.fixture
def books_are_right(db: None) -> Iterator[None]:
    """They are at the end of the test."""
    yield
    assert list(faults_in_the_books()) == []


class Gift:
    """One contribution and the people round it, to a goal of its own or to the one of that Id."""

    def __init__(self, shop: PartnerClient, giver: Giver, goal_id: str = "", **goal: str) -> None:
        self.shop, self.giver = shop, giver
        urls = {"ConfirmationURL": THANKS, "CancelURL": PITY}
        self.goal_id = goal_id or shop.new_goal(**urls, **goal)
        made = shop.new_contribution(self.goal_id)
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
    def status(self) -> str | None:
        return self.value("Status")

    @property
    def reason(self) -> str | None:
        return self.value("StatusReason")

    @property
    def version(self) -> str | None:
        return self.value("RecordVersionNumber")

    def entries(self, *columns: str) -> list[Any]:
        """What the books say of it, oldest first; without columns the kinds alone."""
        rows = LedgerEntry.objects.filter(contribution__public_id=self.id).order_by("pk")
        return list(rows.values_list(*columns)) if columns else list(rows.values_list("kind", flat=True))

    def report(self) -> None:
        """The provider's webhook rings."""
        sync(self.row, cause=Cause.WEBHOOK)

    def refund(self, amount: str = "", **headers: str) -> Answer:
        inner = f"<Amount>{amount}</Amount>" if amount else ""
        return self.shop.post(f"/api/Contribution/{self.id}/Refunds", f"<Refund>{inner}</Refund>", **headers)

    def capture(self, body: str = "", **headers: str) -> Answer:
        return self.shop.post(f"/api/Contribution/{self.id}/Capture", body, **headers)

    def delete(self, **headers: str) -> Answer:
        return self.shop.delete(f"/api/Contribution/{self.id}", **headers)

    def totals(self) -> tuple[str | None, str | None]:
        """(CurrentAmount, AuthorizedAmount) of the goal."""
        goal = self.shop.get(f"/api/SavingGoal/{self.goal_id}")
        return goal.value("CurrentAmount"), goal.value("AuthorizedAmount")

    def pay(self, outcome: str = "approve", *, at: str = "") -> str | None:
        """Press a button and come back; returns where the giver is sent on to, without the Id. `at`: on a page that was
        opened before, instead of where ProviderURL leads now."""
        answer = self.giver.pay(at or self.provider_url, outcome)
        assert answer.status == 303, answer.text
        where = answer.headers["Location"]
        assert where.endswith(f"?Id={self.id}")
        return where.removesuffix(f"?Id={self.id}")


@pytest.fixture
def gift(provider: TroublesomeProvider, shop: PartnerClient, giver: Giver) -> Gift:
    """A contribution of 20.00 USD, Submitted."""
    return Gift(shop, giver)
