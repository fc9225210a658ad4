"""Live and test apart, decided by the key: one partner has two worlds, and neither ever sees or adds to the other's."""

import io
import json
from dataclasses import dataclass

import pytest
from django.core.management import call_command

from contributions.models import Checkout
from notifications.models import Delivery, Event
from partners import keys
from partners.models import Partner
from tests.conftest import Answer, Giver, PartnerClient, goal_xml, register
from tests.xml_schemas.answers import in_both_formats

pytestmark = pytest.mark.django_db

PAID_BOTH_WAYS = (
    "<PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>anna@example.org</Credentials></PaymentProvider>"
    "<PaymentProvider><ProviderName>Stripe</ProviderName><Credentials>acct_1</Credentials></PaymentProvider>"
)
ACCOUNT = "<PaymentAccount><ProviderName>PayPal</ProviderName><Credentials>a@example.org</Credentials></PaymentAccount>"
ENDPOINT = "<WebhookEndpoint><URL>https://shop.example/{}</URL></WebhookEndpoint>"


@dataclass
class Shop:
    """One partner with a key of each mode, as create_partner makes it."""

    live: PartnerClient
    test: PartnerClient


@pytest.fixture
def both(settings) -> Shop:
    """The service has live PayPal keys, and the simulator for tests."""
    settings.PROVIDERS_WITH_KEYS = {"PayPal"}
    out = io.StringIO()
    call_command("create_partner", "Anna's Shop", "--json", stdout=out)
    made = json.loads(out.getvalue())
    return Shop(PartnerClient(made["api_key"]), PartnerClient(made["test_api_key"]))


def code(answer: Answer) -> tuple[int, str | None]:
    return answer.status, answer.value("code")


def test_the_key_decides_and_what_a_test_key_makes_says_so(both, giver):
    assert (both.live.key[:8], both.test.key[:8]) == ("wr_live_", "wr_test_")
    goal = both.test.new_goal()
    gift = both.test.new_contribution(goal)
    giver.pay(gift.value("ProviderURL"))
    for path in (f"/api/SavingGoal/{goal}", f"/api/Contribution/{gift.value('Id')}"):
        assert in_both_formats(both.test, path).value("Test") == "true"
    account = both.test.post("/api/PaymentAccounts", ACCOUNT)
    event = both.test.get("/api/Events", Accept="application/json").json["Event"][0]
    assert (account.value("Test"), event["Contribution"]["Test"]) == ("true", True)
    assert all(one.partner.is_test for one in Event.objects.all())


def test_a_live_record_bears_no_test_element(both):
    goal, account = both.live.post("/api/savings", goal_xml()), both.live.post("/api/PaymentAccounts", ACCOUNT)
    assert (goal.status, account.status) == (201, 201)
    assert (goal.value("Test"), account.value("Test")) == (None, None)
    forged = both.live.post("/api/savings", goal_xml(Test="true"))
    assert (forged.status, forged.value("Test")) == (201, None), "read-only: nobody makes a record of the other mode with it"


def test_a_live_goal_never_uses_the_simulator(both, settings):
    """P4: live PayPal keys, SANDBOX=1: no Stripe link of a live goal can be paid at the simulator."""
    assert settings.SANDBOX
    refused = both.live.post("/api/savings", goal_xml(PaymentProviders=PAID_BOTH_WAYS))
    assert code(refused) == (400, "invalid_body")
    assert "Stripe is not offered here: the service has no live Stripe keys" in refused.text
    settings.PROVIDERS_WITH_KEYS = {"PayPal", "Stripe"}
    goal = both.live.new_goal(PaymentProviders=PAID_BOTH_WAYS)
    settings.PROVIDERS_WITH_KEYS = {"PayPal"}
    body = (
        "<Contribution><Amount>40.00</Amount><Contributor>Bob</Contributor><ProviderName>Stripe</ProviderName></Contribution>"
    )
    gift = both.live.post(f"/api/SavingGoal/{goal}/Contributions", body)
    assert (gift.status, "Stripe is not offered here" in gift.text) == (400, True)
    assert not Checkout.objects.filter(adapter="sandbox").exists()
    scenario = both.live.post(
        f"/api/SavingGoal/{goal}/Contributions", body.replace("Stripe", "PayPal"), Sandbox_Scenario="slow"
    )
    assert (scenario.status, "plays nothing for a live key" in scenario.text) == (400, True)


VERBS = [
    ("GET", "", ""), ("PUT", "", "<SavingGoal/>"), ("PATCH", "", "<SavingGoal/>"), ("DELETE", "", ""),
    ("GET", "/Contributions", ""), ("POST", "/Contributions", "<Contribution/>"),
]  # fmt: skip


def test_to_a_key_of_the_other_mode_a_record_is_404(both, rival):
    """In both directions; 403 stays for another partner's."""
    for mine, other in ((both.test, both.live), (both.live, both.test)):
        goal = mine.new_goal()
        for verb, below, body in VERBS:
            answer = other.call(verb, f"/api/SavingGoal/{goal}{below}", body)
            assert code(answer) == (404, "no_such_record"), (verb, below)
            assert rival.call(verb, f"/api/SavingGoal/{goal}{below}", body).status == 403
        account = mine.post("/api/PaymentAccounts", ACCOUNT).value("Id")
        assert code(other.get(f"/api/PaymentAccount/{account}")) == (404, "no_such_record")
        named = f"<ProviderName>PayPal</ProviderName><PaymentAccountId>{account}</PaymentAccountId>"
        refused = other.post("/api/savings", goal_xml(PaymentProviders=f"<PaymentProvider>{named}</PaymentProvider>"))
        assert (refused.status, "must be the Id of a payment account of yours" in refused.text) == (400, True)
    gift = both.test.new_contribution(both.test.new_goal()).value("Id")
    for verb, below in (("GET", ""), ("DELETE", ""), ("POST", "/Capture"), ("POST", "/Refunds"), ("POST", "/Check")):
        assert code(both.live.call(verb, f"/api/Contribution/{gift}{below}")) == (404, "no_such_record"), below
    assert both.test.get(f"/api/Contribution/{gift}").value("Status") == "Submitted", "and nothing has happened to it"


def test_lists_events_and_endpoints_are_of_one_mode(both, giver):
    test_goal, live_goal = both.test.new_goal(), both.live.new_goal()
    giver.pay(both.test.new_contribution(test_goal).value("ProviderURL"))
    for client, goal in ((both.test, test_goal), (both.live, live_goal)):
        listed = client.get("/api/savings?ExternalItemId=bike-7").xml
        assert [one.findtext("Id") for one in listed] == [goal]
    _, event = both.test.get("/api/Events").xml
    assert both.live.get("/api/Events").xml.find(f"Event[Id='{event.findtext('Id')}']") is None
    assert code(both.live.get(f"/api/Events/{event.findtext('Id')}/Deliveries")) == (404, "no_such_record")
    assert both.live.get(f"/api/Events?after={event.findtext('Id')}").status == 400
    assert both.live.get(f"/api/savings?after={test_goal}").status == 400
    secrets = [
        client.put("/api/WebhookEndpoint", ENDPOINT.format(n)).value("Secret") for n, client in enumerate(vars(both).values())
    ]
    assert len(set(secrets)) == 2
    urls = [client.get("/api/WebhookEndpoint").value("URL") for client in vars(both).values()]
    assert urls == ["https://shop.example/0", "https://shop.example/1"]


def test_a_webhook_and_a_sum_are_of_one_mode(both, giver, settings):
    """What is given in test is told to the endpoint of tests alone, and adds to nothing live; and the other way round."""
    settings.PROVIDERS_WITH_KEYS = set()  # so that it is paid at the simulator
    for name, client in vars(both).items():
        assert client.put("/api/WebhookEndpoint", ENDPOINT.format(name)).status == 201
    goal = both.test.new_goal()
    giver.pay(both.test.new_contribution(goal).value("ProviderURL"))
    assert [(one.event.type, one.endpoint.url) for one in Delivery.objects.order_by("pk")] == [
        ("contribution.submitted", "https://shop.example/test"),
        ("contribution.settled", "https://shop.example/test"),
    ]
    settled = [client.get("/api/Contributions?Status=Settled").xml.findall("Contribution") for client in (both.test, both.live)]
    assert [len(one) for one in settled] == [1, 0]
    Delivery.objects.all().delete()
    settings.PROVIDERS_WITH_KEYS = {"PayPal"}
    assert both.live.post(f"/api/SavingGoal/{both.live.new_goal()}/Close").value("State") == "Closed"
    assert [(one.event.type, one.endpoint.url) for one in Delivery.objects.all()] == [
        ("goal.closed", "https://shop.example/live")
    ]


def test_an_idempotency_key_is_of_one_mode(both):
    """The same key and request under the other mode's API key is another intent."""
    made = [client.post("/api/savings", goal_xml(), Idempotency_Key="one") for client in (both.test, both.live)]
    assert [answer.status for answer in made] == [201, 201]
    assert len({answer.value("Id") for answer in made}) == 2
    assert "Idempotent-Replayed" not in made[1].headers


def test_sandbox_0_refuses_test_keys(both, settings):
    settings.SANDBOX = False
    refused = both.test.get("/api/savings")
    assert (code(refused), refused.headers["WWW-Authenticate"][:6]) == ((401, "test_key_refused"), "Bearer")
    assert both.live.get("/api/savings").status == 200


def test_an_older_key_is_what_its_partner_is(db, monkeypatch):
    """Older keys begin with wr_ alone: live, or in test where the instance was a sandbox when it was upgraded."""
    monkeypatch.setattr("partners.key_text.LIVE", "wr_")
    monkeypatch.setattr("partners.key_text.TEST", "wr_")
    for is_test in (False, True):
        old = PartnerClient(register(f"Old {is_test}", is_test=is_test).api_key)
        assert old.key[:8] not in {"wr_live_", "wr_test_"}
        assert (old.get("/api/savings").status, old.post("/api/savings", goal_xml()).status) == (200, 201 if is_test else 400)


def test_further_keys_are_made_for_either_mode(both):
    for flags, begins in (((), "wr_live_"), (("--test",), "wr_test_")):
        out = io.StringIO()
        call_command("create_api_key", "Anna's Shop", *flags, "--json", stdout=out)
        told = json.loads(out.getvalue())
        assert (told["api_key"][:8], told["test"]) == (begins, bool(flags))
        owner = keys.partner_of(told["api_key"])
        assert (owner.name, owner.is_test) == ("Anna's Shop", bool(flags))
    assert Partner.objects.count() == 2


def test_an_old_partner_gets_its_test_half_with_a_test_key(db):
    old = register("Old Shop", is_test=False, redirect_hosts=["shop.example"]).partner
    call_command("create_api_key", "Old Shop", "--test", stdout=io.StringIO())
    in_test = Partner.objects.get(name="Old Shop", is_test=True)
    assert [row.host for row in in_test.redirect_hosts.all()] == ["shop.example"]
    assert in_test.pk != old.pk


# --- Pages ------------------------------------------------------------------------------------------------------------

BANNER = "Test: no real money moves."


def test_every_giver_page_of_a_test_record_has_a_banner(both, giver: Giver, settings):
    settings.PROVIDERS_WITH_KEYS = set()
    goal = both.test.new_goal(PaymentProviders=PAID_BOTH_WAYS, ConfirmationURL="", CancelURL="")
    gift = both.test.new_contribution(goal)
    choice = giver.visit(gift.value("ProviderURL"))
    one = both.test.new_contribution(both.test.new_goal())
    simulator = giver.visit(giver.checkout(one.value("ProviderURL")))
    thanks = giver.visit(giver.pay(one.value("ProviderURL")).headers["Location"])
    over = giver.visit(one.value("ProviderURL"))
    mismatch = giver.visit(f"/providers/paypal/return/{one.value('Id')}?token=other")
    for page in (choice, simulator, thanks, over, mismatch):
        assert page.text.count(BANNER) == 1, page.text


def test_a_page_of_a_live_record_has_none(both, giver: Giver, settings):
    settings.PROVIDERS_WITH_KEYS = {"PayPal", "Stripe"}
    gift = both.live.new_contribution(both.live.new_goal(PaymentProviders=PAID_BOTH_WAYS))
    page = giver.visit(gift.value("ProviderURL"))
    assert (page.status, BANNER in page.text) == (200, False)
