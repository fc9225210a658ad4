"""Records that a made-up request can be about, and bodies that could work: without them nearly all would end at 404 or 400."""

import random
from dataclasses import dataclass, field
from typing import Any

import clock
from givers.models import Giver as GiverRow
from goals.models import Payee, SavingGoal
from notifications.models import Event, WebhookEndpoint
from rehearsals.models import Rehearsal
from tests.api.conftest import new_pledge
from tests.conftest import Giver, PartnerClient, goal_xml

SEVERAL = 4
ACCOUNT = "<ProviderName>PayPal</ProviderName><Credentials>anna@example.org</Credentials>"
LIMITED = {"GoalAmount": "100.00", "Overfunding": "Never", "MinimumAmount": "2.00", "MaximumAmount": "50.00"}
HELD = {"CapturePolicy": "Manual"}
TWO = f"<PaymentProvider>{ACCOUNT}</PaymentProvider>"
TWO += "<PaymentProvider><ProviderName>Stripe</ProviderName><Credentials>acct_1032D82eZvKYlo2C</Credentials></PaymentProvider>"

PROVIDERS = {"PaymentProvider": [{"ProviderName": "PayPal", "Credentials": "anna@example.org"}]}
FITTING: dict[str, dict[str, list[Any]]] = {
    "SavingGoal": {
        "PaymentProviders": [PROVIDERS],
        "Currency": ["USD", "EUR", "JPY", "KWD"],
        "GoalAmount": ["250.00", "99", "1"],
        "StartingAmount": ["0", "10"],
        "MinimumAmount": ["1"],
        "MaximumAmount": ["50"],
        "SuggestedAmounts": [{"Amount": ["5", "10"]}],
        "EndDate": ["2031-06-30", "2020-01-01", "2031-06-30T18:00:00Z"],
        "ConfirmationURL": ["https://shop.example/thanks"],
        "CancelURL": ["https://shop.example/again"],
        "ImageURL": ["https://shop.example/bike.png"],
    },
    "Contribution": {
        "Amount": ["20.00", "5", "0.50", "13.13", "70.00"],
        "ProviderName": ["PayPal", "Stripe"],
        "ConfirmationURL": ["https://shop.example/thanks"],
        "CancelURL": ["https://shop.example/again"],
    },
    "Rehearsal": {"ConfirmationURL": ["https://shop.example/thanks"], "CancelURL": ["https://shop.example/again"]},
    "Refund": {"Amount": ["1.00", "20.00", "1000.00"]},
    "PaymentAccount": {"ProviderName": ["PayPal"], "Credentials": ["berta@example.org"]},
    "WebhookEndpoint": {
        "URL": ["https://198.41.0.4/hook", "https://198.41.0.4/other"],
        "EventTypes": [{"EventType": ["contribution.settled"]}, {"EventType": []}],
    },
}
"""By record and element: values that go together. A made-up body gets them where chance has it."""


@dataclass
class Records:
    """What a shop has made, by the part of a path that names it. What is gone is made again when it is asked for."""

    shop: PartnerClient
    rival: PartnerClient
    chance: random.Random = field(default_factory=random.Random)
    ids: dict[str, list[str]] = field(default_factory=dict)

    def one(self, part: str) -> str:
        """The Id of one of several, for this part of a path."""
        known = self.ids.setdefault(part, [])
        if len(known) < SEVERAL or self.chance.random() < 0.1:
            known.append(getattr(self, f"_new_{part.removesuffix('_id')}")())
        return self.chance.choice(known)

    def forget(self, part: str, public_id: str) -> None:
        """It is deleted: only now and then is a request about it."""
        if public_id in self.ids.get(part, []) and self.chance.random() < 0.8:
            self.ids[part].remove(public_id)

    def prepare(self, path: str) -> None:
        """Makes what a path is about that has no Id of its own, where it is missing."""
        if ("WebhookEndpoint" in path or "Redeliver" in path) and not WebhookEndpoint.objects.exists():
            self._new_endpoint()
        if path.startswith("/api/RedirectSecret"):
            self.shop.post("/api/RedirectSecret")
            if self.chance.random() < 0.3:
                self.shop.delete("/api/RedirectSecret")

        if path == "/api/Rehearsal":
            self._end_rehearsals()

    def first_endpoint(self) -> str:
        """The Id of the one that has none in its path; empty where there is none."""
        row = WebhookEndpoint.objects.order_by("pk").first()
        return row.public_id if row else ""

    def version(self, part: str, public_id: str) -> int:
        """Which version a change has to name now; 1 where there is no such record."""
        models: dict[str, Any] = {"goal_id": SavingGoal, "account_id": Payee, "giver_id": GiverRow}
        model = models.get(part, WebhookEndpoint)
        row = model.objects.filter(public_id=public_id).first() if public_id else model.objects.order_by("pk").first()
        return row.version if row else 1

    def _new_goal(self) -> str:
        maker = self.rival if self.chance.random() < 0.1 else self.shop
        more = self.chance.choice([{}, {}, LIMITED, HELD, {"PaymentProviders": TWO}])
        return maker.post("/api/savings", goal_xml(**more)).value("Id") or ""

    def _new_contribution(self) -> str:
        """In any state that a giver can bring it into."""
        goal = self.shop.new_goal(**self.chance.choice([{}, HELD]))
        gift = self.shop.new_contribution(goal)
        outcome = self.chance.choice(["", "approve", "approve", "approve", "cancel", "decline", "pending"])
        if outcome:
            Giver().pay(gift.value("ProviderURL") or "", outcome)
        return gift.value("Id") or ""

    def _new_account(self) -> str:
        return self.shop.post("/api/PaymentAccounts", f"<PaymentAccount>{ACCOUNT}</PaymentAccount>").value("Id") or ""

    def _new_giver(self) -> str:
        """Perhaps with a PIN, and with a permission that was agreed to."""
        elements = f"<ExternalId>c{self.chance.random()}</ExternalId><Email>ann@example.org</Email>"
        giver = self.shop.post("/api/Givers", f"<Giver>{elements}</Giver>").value("Id") or ""
        if self.chance.random() < 0.3:
            self._new_permission(giver)
        return giver

    def _new_permission(self, giver: str = "") -> str:
        asked = "<ProviderName>PayPal</ProviderName><Currency>USD</Currency><MaximumAmount>50</MaximumAmount>"
        path = f"/api/Giver/{giver or self._new_giver()}/Permissions"  # others may be erased by now
        return self.shop.post(path, f"<Permission>{asked}</Permission>").value("Id") or ""

    def _new_matcher(self) -> str:
        asked = "<Matcher><Name>Acme</Name><MaximumTotal>100</MaximumTotal></Matcher>"
        return self.shop.post(f"/api/SavingGoal/{self.shop.new_goal()}/Matchers", asked).value("Id") or ""

    def _new_pledge(self) -> str:
        return new_pledge(self.shop.new_goal(), self._new_permission(self._new_giver()))

    def _new_certificate(self) -> str:
        """Perhaps paid for."""
        asked = f"<Amount>25</Amount><Currency>USD</Currency><PaymentAccountId>{self._new_account()}</PaymentAccountId>"
        asked += "<RecipientName>Ann</RecipientName>"
        sold = self.shop.post("/api/GiftCertificates", f"<GiftCertificate>{asked}</GiftCertificate>")
        if self.chance.random() < 0.5:
            Giver().pay(sold.value("ProviderURL") or "")
        return sold.value("Id") or ""

    def _new_event(self) -> str:
        self._new_contribution()
        return Event.objects.latest("pk").public_id

    def _new_rehearsal(self) -> str:
        self._end_rehearsals()
        return self.shop.post("/api/Rehearsal").value("Id") or ""

    def _end_rehearsals(self) -> None:
        """As the worker ends them, which is not here."""
        sheet = [["paid", True, "as it should be"], ["declined", False, "no answer"], ["disputed", None, "not played"]]
        Rehearsal.objects.filter(over_at=None).update(checks=sheet, due_at=None, over_at=clock.now())

    def _new_endpoint(self) -> str:
        body = "<WebhookEndpoint><URL>https://198.41.0.4/</URL></WebhookEndpoint>"
        made = self.shop.post("/api/WebhookEndpoints", body)
        if made.status == 201:
            return made.value("Id") or ""
        return WebhookEndpoint.objects.latest("pk").public_id  # there are as many as there can be
