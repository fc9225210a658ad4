import pytest

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

    def pay(self, outcome: str = "approve") -> str | None:
        """Press a button and come back; returns where the giver is bounced to, without the Id."""
        answer = self.giver.pay(self.provider_url, outcome)
        assert answer.status == 303, answer.text
        where = answer.headers["Location"]
        assert where.endswith(f"?Id={self.id}")
        return where.removesuffix(f"?Id={self.id}")


@pytest.fixture
def gift(provider: TroublesomeProvider, shop: PartnerClient, giver: Giver) -> Gift:
    """A contribution of 20.00 USD, Submitted."""
    return Gift(shop, giver)
