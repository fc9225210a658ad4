import pytest

from contributions.models import Checkout, Contribution
from providers import registry
from tests.conftest import Giver, PartnerClient
from tests.troublesome_provider import TroublesomeProvider


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> TroublesomeProvider:
    """The simulator with trouble to order, in the place of every provider."""
    troublesome = TroublesomeProvider()
    monkeypatch.setattr(registry, "_SANDBOX", troublesome)
    monkeypatch.setitem(registry._ADAPTERS, "sandbox", troublesome)
    return troublesome


class Gift:
    """One contribution and the people round it."""

    def __init__(self, shop: PartnerClient, giver: Giver, **goal: str) -> None:
        self.shop, self.giver = shop, giver
        self.goal_id = shop.new_goal(
            ConfirmationURL="https://shop.example/thanks", CancelURL="https://shop.example/pity", **goal
        )
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

    @property
    def status(self) -> str | None:
        return self.shop.get(f"/api/Contribution/{self.id}").value("Status")

    @property
    def reason(self) -> str | None:
        return self.shop.get(f"/api/Contribution/{self.id}").value("StatusReason")

    @property
    def version(self) -> str | None:
        return self.shop.get(f"/api/Contribution/{self.id}").value("RecordVersionNumber")

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
