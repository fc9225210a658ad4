"""What the tests of the door share: every row there is, and a shop whose texts must never reach a stranger."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps

import clock
from givers.models import Permission
from goals.models import SavingGoal
from ids import new_id
from notifications.models import Event
from partners.models import Partner
from pledges.models import Pledge
from rehearsals.models import Rehearsal
from tests.api.kinds import Kind
from tests.api.serving import running_server
from tests.conftest import Giver, PartnerClient, register

CANARIES = {
    "Name": "canary-name-5121", "ExternalItemId": "canary-item-5122", "Credentials": "canary-payee-5123@example.org",
    "ConfirmationURL": "https://shop.example/canary-confirmation-5124",
    "CancelURL": "https://shop.example/canary-cancel-5125", "Contributor": "canary-contributor-5126",
    "Message": "canary-message-5127", "RecordOwner": "Canary Shop 5128",
}  # fmt: skip
"""One unmistakable text for everything that a partner's records can hold."""


def all_rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of ours, but for keys' last uses: two are equal where nothing was written in between."""
    rows = {model._meta.label: list(model.objects.order_by("pk").values()) for model in apps.get_models()}
    for key in rows["partners.ApiKey"]:
        del key["last_used_at"]
    return rows


@dataclass
class CanaryShop:
    """A partner with a goal and a contribution that are full of canaries."""

    partner: Partner
    client: PartnerClient
    goal_id: str
    contribution_id: str
    event_id: str
    account_id: str
    endpoint_id: str
    rehearsal_id: str
    matcher_id: str
    giver_id: str
    permission_id: str
    certificate_id: str
    pledge_id: str

    def assert_silent_about_me(self, answer: Any) -> None:
        told = answer.text + repr(sorted(answer.headers.items()))
        ids = (
            self.goal_id,
            self.contribution_id,
            self.event_id,
            self.account_id,
            self.endpoint_id,
            self.rehearsal_id,
            self.matcher_id,
            self.giver_id,
            self.permission_id,
            self.certificate_id,
            self.pledge_id,
        )
        for canary in (*CANARIES.values(), *ids, self.client.key):
            assert canary not in told


@pytest.fixture
def canary_shop(db: None) -> CanaryShop:
    return new_canary_shop()


def new_canary_shop() -> CanaryShop:
    new = register(CANARIES["RecordOwner"])
    client = PartnerClient(new.api_key)
    provider = f"<ProviderName>PayPal</ProviderName><Credentials>{CANARIES['Credentials']}</Credentials>"
    texts = {name: CANARIES[name] for name in ("Name", "ExternalItemId", "ConfirmationURL", "CancelURL")}
    goal_id = client.new_goal(**texts, PaymentProviders=f"<PaymentProvider>{provider}</PaymentProvider>")
    gift = client.new_contribution(goal_id, Contributor=CANARIES["Contributor"], Message=CANARIES["Message"])
    Giver().pay(client.new_contribution(goal_id).value("ProviderURL") or "", "decline")
    matcher = f"<Matcher><Name>{CANARIES['Contributor']}</Name><MaximumTotal>100.00</MaximumTotal></Matcher>"
    matcher_id = client.post(f"/api/SavingGoal/{client.new_goal(**texts)}/Matchers", matcher).value("Id") or ""
    account = f"<PaymentAccount>{provider}</PaymentAccount>"
    account_id = client.post("/api/PaymentAccounts", account).value("Id") or ""
    endpoint = "<WebhookEndpoint><URL>https://198.41.0.4/</URL></WebhookEndpoint>"
    endpoint_id = client.post("/api/WebhookEndpoints", endpoint).value("Id") or ""
    event_id = Event.objects.latest("pk").public_id
    client.post("/api/RedirectSecret")
    rehearsal_id = client.post("/api/Rehearsal").value("Id") or ""
    Rehearsal.objects.update(over_at=clock.now(), due_at=None)
    giver = f"<Giver><ExternalId>1</ExternalId><Name>{CANARIES['Contributor']}</Name></Giver>"
    giver_id = client.post("/api/Givers", giver).value("Id") or ""
    asked = "<ProviderName>PayPal</ProviderName><Currency>USD</Currency><MaximumAmount>50</MaximumAmount>"
    permission = client.post(f"/api/Giver/{giver_id}/Permissions", f"<Permission>{asked}</Permission>")
    ids = (goal_id, gift.value("Id") or "", event_id, account_id, endpoint_id, rehearsal_id, matcher_id)
    sold = f"<Amount>25</Amount><Currency>USD</Currency><PaymentAccountId>{account_id}</PaymentAccountId>"
    sold += f"<RecipientName>{CANARIES['Contributor']}</RecipientName><Message>{CANARIES['Message']}</Message>"
    payee = client.post("/api/PaymentAccounts", account).value("Id") or ""
    certificate = client.post("/api/GiftCertificates", f"<GiftCertificate>{sold.replace(account_id, payee)}</GiftCertificate>")
    permission_id, certificate_id = permission.value("Id") or "", certificate.value("Id") or ""
    pledge_id = new_pledge(goal_id, permission_id)
    return CanaryShop(new.partner, client, *ids, giver_id, permission_id, certificate_id, pledge_id)


def new_pledge(goal_id: str, permission_id: str) -> str:
    """The Id of one; its giver need not have agreed."""
    permission = Permission.objects.select_related("giver").get(public_id=permission_id)
    goal, now = SavingGoal.objects.get(public_id=goal_id), clock.now()
    texts = {"contributor": CANARIES["Contributor"], "message": CANARIES["Message"]}
    made = Pledge(public_id=new_id(), goal=goal, giver=permission.giver, permission=permission, **texts)
    made.amount_minor, made.currency, made.every, made.zone_name = 500, "USD", "Week", "UTC"
    made.start_date, made.next_at, made.created_at = now.date(), now, now
    made.save()
    return made.public_id


@pytest.fixture
def goal(shop):
    return shop.new_goal()


@pytest.fixture
def path(goal):
    return f"/api/SavingGoal/{goal}"


@pytest.fixture(params=["PUT", "PATCH"])
def verb(request):
    return request.param


@pytest.fixture(params=["goal-xml", "goal-json", "gift-xml", "gift-json"])
def kind(request):
    what, _, media = request.param.partition("-")
    return Kind(what, f"application/{media}")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A server on real sockets; it lives as long as the test run."""
    with running_server(tmp_path_factory.mktemp("sockets")) as running:
        yield running
