"""A gift whose giver is to pick the provider, and the people round it."""

import re
from html import unescape

from contributions.models import Checkout, Contribution
from tests.conftest import Answer, Giver, PartnerClient, contribution_xml

THANKS, PITY = "https://shop.example/thanks", "https://shop.example/pity"


def account(name: str, credentials: str = "anna@example.org") -> str:
    """A PaymentProvider of a goal, as XML."""
    inner = f"<ProviderName>{name}</ProviderName><Credentials>{credentials}</Credentials>"
    return f"<PaymentProvider>{inner}</PaymentProvider>"


class OpenGift:
    """One contribution without a ProviderName, to a goal with three providers unless it is told otherwise."""

    providers = "".join(account(name) for name in ("PayPal", "Amazon", "Stripe"))

    def __init__(self, shop: PartnerClient, giver: Giver, *, amount: str = "20.00", **goal: str) -> None:
        self.shop, self.giver = shop, giver
        wanted = {"ConfirmationURL": THANKS, "CancelURL": PITY, "PaymentProviders": self.providers}
        self.goal_id = shop.new_goal(**wanted | goal)
        self.made = shop.new_contribution(self.goal_id, Amount=amount)
        self.id = self.made.value("Id") or ""
        self.page = f"http://give.example.test/pay/{self.id}"

    def looks(self) -> str:
        """What the page says to whoever may still pick."""
        seen = self.giver.visit(self.page)
        assert seen.status == 200, seen.text
        return seen.text

    def sends(self, outcome: str, token: str | None = None) -> Answer:
        """Press a button; with the token of a page that was opened earlier, or of the page as it is now."""
        form = {"choosing": "1", "token": token_in(self.looks()) if token is None else token, "outcome": outcome}
        sent = self.giver.client.post(f"/pay/{self.id}", form)
        return Answer(sent.status_code, sent.headers, sent.content)

    def picks(self, provider: str, token: str | None = None) -> str:
        """Press a provider's button; where that leads."""
        sent = self.sends(provider, token)
        assert sent.status == 303, sent.text
        return sent.headers["Location"]

    def comes_back(self, checkout: str, outcome: str = "approve") -> str:
        """Press a button at the provider and come back; where the giver is bounced to."""
        return self.giver.pay(checkout, outcome).headers["Location"]

    @property
    def row(self) -> Contribution:
        return Contribution.objects.whole().get(public_id=self.id)

    @property
    def checkout(self) -> Checkout:
        """The current attempt to pay it."""
        return self.row.current_checkout

    def value(self, name: str) -> str | None:
        return self.seen().xml.findtext(name)

    def seen(self, **headers: str) -> Answer:
        """The contribution as its partner reads it."""
        return self.shop.get(f"/api/Contribution/{self.id}", **headers)

    @property
    def status(self) -> tuple[str | None, str | None]:
        return self.value("Status"), self.value("StatusReason")

    def change_goal(self, **elements: str) -> None:
        version = self.shop.get(f"/api/SavingGoal/{self.goal_id}").value("RecordVersionNumber") or ""
        body = "".join(f"<{name}>{value}</{name}>" for name, value in (elements | {"RecordVersionNumber": version}).items())
        changed = self.shop.patch(f"/api/SavingGoal/{self.goal_id}", f"<SavingGoal>{body}</SavingGoal>")
        assert changed.status == 200, changed.text


def asks_for(shop: PartnerClient, goal_id: str, **elements: str) -> Answer:
    """The answer to a contribution's POST, whatever it is."""
    headers = {name: elements.pop(name) for name in list(elements) if "_" in name}
    return shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml(**elements), **headers)


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, page
    return unescape(found[1])


def buttons_in(page: str) -> list[tuple[str, str]]:
    """(value, words) of each button, as they stand."""
    return re.findall(r'<button [^>]*value="([^"]+)">([^<]+)</button>', page)
