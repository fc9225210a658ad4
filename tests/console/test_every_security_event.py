"""No event stands in the table of the security log that nothing tells: each is told by a request or a command."""

import io
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

import security_log
from certificates import codes
from contributions import provider_requests
from partners import keys, signing
from partners.models import Partner
from tests.api.signing import Signer, send
from tests.conftest import Giver, PartnerClient, goal_xml, register
from tests.console.operating import NAME, PASSWORD, logged_in
from tests.providers.google.fake import FakeGoogle
from tests.providers.google.gift import GoogleGift, take_keys_of

pytestmark = pytest.mark.django_db(transaction=True)

WRONG = PartnerClient("wr_test_" + "A" * 43)


@dataclass
class World:
    """Who there is, and what may be set."""

    shop: PartnerClient
    rival: PartnerClient
    giver: Giver
    settings: Any
    monkeypatch: Any

    @property
    def partner(self) -> Partner:
        return keys.partner_of(self.shop.key)

    @property
    def signer(self) -> Signer:
        return Signer(*signing.issue_secret(self.partner), "HS256")


@pytest.fixture
def world(shop, rival, giver, settings, monkeypatch):
    return World(shop, rival, giver, settings, monkeypatch)


def no_tests_here(world):
    world.settings.SANDBOX = False
    world.shop.get("/api/savings")


def lacks_the_scope(world):
    PartnerClient(keys.issue(world.partner, may=["read"])).post("/api/savings", goal_xml())


def from_elsewhere(world):
    Partner.objects.filter(pk=world.partner.pk).update(networks="203.0.113.0/24")
    world.shop.get("/api/savings")


def too_often(world):
    world.settings.RATE_LIMIT_KEY = 1
    for _ in range(2):
        world.shop.get("/api/savings")


def signed_otherwise(world):
    signer = world.signer
    send("GET", "/api/savings", signer.token("GET", "/api/Events"))


def sent_again(world):
    signer = world.signer
    token = signer.token("GET", "/api/savings")
    for _ in range(2):
        send("GET", "/api/savings", token)


def guesses_a_pin(world):
    giver = world.shop.post("/api/Givers", "<Giver><ExternalId>1</ExternalId></Giver>").value("Id")
    world.shop.post(f"/api/Giver/{giver}/Pin", "<GiverPin><Pin>4711</Pin></GiverPin>")
    world.shop.post(f"/api/Giver/{giver}/Pin", "<GiverPin><Verify>0000</Verify></GiverPin>")


def forged_webhook(world):
    Client().post("/providers/paypal/webhook", "{}", content_type="application/json")


def pays_with_google(world, *, most_tokens=10, **changed):
    with FakeGoogle() as google:
        take_keys_of(google, world.settings)
        gift = GoogleGift(google, PartnerClient(register("Live Shop", is_test=False).api_key), world.giver)
        fields = gift.chooses() | changed
        world.monkeypatch.setattr(provider_requests, "MOST_TOKENS", most_tokens)
        gift.post(fields)


def junk_for_a_token(world):
    pays_with_google(world, payment="junk")


def one_card_too_many(world):
    pays_with_google(world, most_tokens=0)


def guesses_a_code(world):
    giver = world.shop.post("/api/Givers", "<Giver><ExternalId>1</ExternalId></Giver>").value("Id")
    claim = f"<Claim><GiverId>{giver}</GiverId><ClaimCode>{codes.new_code()}</ClaimCode></Claim>"
    assert world.shop.post("/api/GiftCertificates/Claim", claim).status == 403


def makes_a_partner(world):
    world.settings.SECURITY_LOG = {"class": "logging.StreamHandler"}
    call_command("create_partner", "Tellers", stdout=io.StringIO())


def pays_somebody_else(world):
    goal = world.shop.new_goal()
    world.shop.put(f"/api/SavingGoal/{goal}", goal_xml(RecordVersionNumber="1").replace("anna@", "eve@"))


def listens_elsewhere(world):
    world.settings.ALLOW_PRIVATE_WEBHOOKS = True
    world.shop.post("/api/WebhookEndpoints", "<WebhookEndpoint><URL>http://127.0.0.1/x</URL></WebhookEndpoint>")


def logs_in(world):
    world.settings.CONSOLE = True
    return logged_in()


def guesses_a_password(world):
    logs_in(world).log_in(NAME, PASSWORD + "x")


def orders_something(world):
    one = logs_in(world)
    gift = world.shop.new_contribution(world.shop.new_goal()).value("Id")
    one.post(f"/gifts/{gift}/ask-now", at=f"/gifts/{gift}", reason="a giver called")


def forges_a_form(world):
    logs_in(world).client.post("/console/gifts/x/ask-now", {"reason": "a giver called"})


def metrics_from_elsewhere(world):
    world.settings.METRICS_NETWORKS = [ip_network("203.0.113.0/24")]
    Client().get("/metrics")


TOLD_BY = {
    "key_refused": lambda world: WRONG.get("/api/savings"),
    "test_key_refused": no_tests_here,
    "foreign_record": lambda world: world.rival.get(f"/api/SavingGoal/{world.shop.new_goal()}"),
    "scope_refused": lacks_the_scope,
    "network_refused": from_elsewhere,
    "limit_refused": too_often,
    "signed_request_refused": signed_otherwise,
    "replay_refused": sent_again,
    "pin_refused": guesses_a_pin,
    "claim_refused": guesses_a_code,
    "host_refused": lambda world: world.shop.get("/api/savings", Host="evil.example"),
    "request_refused": lambda world: world.shop.get("/api/savings", Accept="x" * 2000),
    "url_refused": lambda world: world.shop.post("/api/savings", goal_xml(ConfirmationURL="javascript:alert(1)")),
    "metrics_refused": metrics_from_elsewhere,
    "webhook_refused": forged_webhook,
    "payment_token_refused": junk_for_a_token,
    "too_many_cards": one_card_too_many,
    "key_changed": makes_a_partner,
    "credentials_changed": pays_somebody_else,
    "addresses_changed": listens_elsewhere,
    "partner_changed": makes_a_partner,
    "operator_command": makes_a_partner,
    "operator_login": logs_in,
    "operator_login_refused": guesses_a_password,
    "operator_action": orders_something,
    "forged_form_refused": forges_a_form,
}


@pytest.mark.parametrize("event", security_log.EVENTS)
def test_every_event_of_the_table_is_told(event, told, world):
    TOLD_BY[event](world)
    lines = [line for name, line in told if name == event]
    assert len(lines) == 1 or event in {"key_changed", "partner_changed"}, told


@pytest.mark.parametrize("path", ["/pay/nobodys", "/api/savings"])
def test_a_stranger_who_asks_too_often_is_told_of(path, told, settings):
    """At the doors that count by address; the limit that was reached is named."""
    settings.RATE_LIMIT_ADDRESS = 1
    for _ in range(2):
        answer = Client(REMOTE_ADDR="192.0.2.7").get(path)
    assert answer.status_code == 429
    line = told[-1][1]
    assert "cat=limit_refused src=192.0.2.7" in line
    assert f"cs4={'strangers' if path.startswith('/api') else 'pages'} cs4Label=about" in line


def test_a_plain_key_of_a_partner_who_signs_is_told_of(told, world):
    Partner.objects.filter(pk=world.partner.pk).update(signed_only=True)
    told.clear()
    assert world.shop.get("/api/savings").status == 401
    [(name, line)] = told
    assert (name, "reason=signature_needed" in line) == ("key_refused", True)
