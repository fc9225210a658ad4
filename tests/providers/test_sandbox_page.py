"""The simulator's checkout page: four buttons, and behind them everything that can go wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from lxml import html

import clock
from contributions.payment_requests import payment_request_for
from providers.sandbox.models import SandboxCheckout, SandboxWebhook
from providers.sandbox.scenarios import SCENARIOS
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(gift, giver):
    """Reads the checkout page anew at each call."""
    at = gift.page()
    return lambda: html.fromstring(giver.visit(at).body)


def post(gift, **fields):
    """What the page of its newest checkout answers to this form."""
    address = f"/sandbox/checkout/{SandboxCheckout.objects.latest('pk').checkout_id}"
    return gift.giver.client.post(address, fields)


def test_there_is_one_button_for_each_outcome(page):
    assert page().xpath("//button/@name") == ["outcome"] * 4
    assert page().xpath("//button/@value") == ["approve", "cancel", "decline", "pending"]


def test_everything_that_can_still_go_wrong_can_be_chosen(page):
    """And each choice says what it does."""
    choices = page().xpath("//form//details//select[@name='scenario']/option")
    offered = {choice.get("value"): " ".join(choice.text_content().split()) for choice in choices}
    assert list(offered) == ["", *[name for name in SCENARIOS if name not in {"open_refused", "open_silent"}]]
    assert offered[""] == "Nothing special"
    assert offered["answer_lost"] == "The money is taken, then the answer is lost: Pending (provider_unreachable), then Settled"
    assert page().xpath("//option[@selected]/@value") == [""]


def test_the_page_needs_no_script_and_no_style_of_its_own(gift, giver):
    answer = giver.visit(gift.page())
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert " style=" not in answer.text
    assert "<script" not in answer.text
    assert answer.text.count("<style>") == 1


def test_what_the_partner_asked_for_is_chosen_already(gift, shop, giver):
    made = shop.post(
        f"/api/SavingGoal/{gift.goal_id}/Contributions",
        "<Contribution><Amount>1</Amount><Contributor>Eve</Contributor></Contribution>",
        Sandbox_Scenario="declined",
    )
    page = html.fromstring(giver.visit(giver.checkout(made.value("ProviderURL"))).body)
    assert page.xpath("//option[@selected]/@value") == ["declined"]
    assert page.xpath("//summary")[0].text_content() == "Advanced: this rehearses declined"


def test_nothing_special_takes_back_what_was_chosen_before(gift):
    """A button pressed alone leaves the scenario as it is."""
    assert post(gift, outcome="decline", scenario="amount_differs").status_code == 303
    assert SandboxCheckout.objects.get().scenario == "amount_differs"
    page = gift.page()
    post(gift, outcome="approve", scenario="")
    assert SandboxCheckout.objects.get().scenario == ""
    assert gift.pay("approve", at=page) == "https://shop.example/thanks"
    assert gift.status == "Settled"


def test_an_unknown_button_or_scenario_changes_nothing(gift):
    unknown = [{"outcome": "approve", "scenario": name} for name in ("open_silent", "Declined", "declined ", "\x00", "<b>")]
    for fields in ({}, {"outcome": "steal"}, {"scenario": "declined"}, *unknown):
        response = post(gift, **fields)
        assert response.status_code == 400, fields
        if fields in unknown:
            (alert,) = html.fromstring(response.content).xpath("//*[@role='alert']")
            assert alert.text.startswith("scenario must be one of call_lost, ")
    checkout = SandboxCheckout.objects.get()
    assert (checkout.state, checkout.scenario, SandboxWebhook.objects.count()) == ("open", "", 0)


@pytest.mark.parametrize("checkout_id", ["2222222222222222222222", "%00", "..", "x" * 3000])
def test_an_address_that_leads_nowhere_is_a_plain_404(db, giver, checkout_id):
    answer = giver.visit(f"/sandbox/checkout/{checkout_id}")
    assert answer.status == 404
    assert "text/html" in answer.headers["Content-Type"]


# --- What the buttons do ----------------------------------------------------------------------------------------------


def test_who_lets_it_pend_and_then_just_pays_is_not_reviewed(gift, giver):
    giver.choose(gift.provider_url, "pending")
    assert gift.pay("approve") == "https://shop.example/thanks"
    assert gift.status == "Settled"


@pytest.mark.parametrize(
    ("scenario", "then"), [("", "Settled"), ("report_never", "Settled"), ("review_denied", "Failed"), ("declined", None)]
)
def test_the_pending_button_reviews_whatever_else_is_rehearsed(gift, scenario, then, provider):
    back = post(gift, outcome="pending", scenario=scenario)["Location"]
    gift.giver.visit(back)
    assert gift.status == ("Pending" if then else "Failed")
    gift.giver.visit(back)
    assert gift.status == (then or "Failed")
    assert provider.calls["capture"] == 1


def test_cancelling_chooses_nothing(gift):
    assert "/cancel/" in post(gift, outcome="cancel", scenario="declined")["Location"]
    assert (SandboxCheckout.objects.get().scenario, SandboxWebhook.objects.count()) == ("", 0)


def test_what_is_finished_takes_no_more_choices(gift, page):
    gift.pay("approve")
    assert page().xpath("//form | //button") == []
    assert "captured" in page().text_content()
    events = SandboxWebhook.objects.count()
    post(gift, outcome="decline", scenario="chargeback")
    checkout = SandboxCheckout.objects.get()
    assert (checkout.state, checkout.scenario, SandboxWebhook.objects.count()) == ("captured", "", events)


def test_a_goals_name_is_text_on_the_page(shop, giver, provider):
    gift = Gift(shop, giver, Name="&lt;script&gt;alert(1)&lt;/script&gt;")
    text = giver.visit(gift.page()).text
    assert "Gift for &lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text


def test_a_webhook_that_cannot_be_first_keeps_nobody_waiting(gift, settings, giver):
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:1"  # nobody listens there
    response = post(gift, outcome="approve", scenario="report_first")
    assert response.status_code == 303
    assert SandboxWebhook.objects.get().delivered_at is None
    giver.visit(response["Location"])
    assert gift.status == "Settled"


# --- The clock --------------------------------------------------------------------------------------------------------


def test_the_simulator_lives_by_the_clock_that_tests_move(provider, shop, giver, later):
    later(days=1000)
    gift = Gift(shop, giver, CapturePolicy="Manual")
    gift.pay("approve")
    checkout, now = SandboxCheckout.objects.get(), clock.now()
    assert checkout.created_at == now > datetime.now(UTC) + timedelta(days=999)
    assert checkout.held_until == now + timedelta(days=29)
    assert SandboxWebhook.objects.get().due_at == now
    request = payment_request_for(gift.row, gift.checkout)
    assert provider.find(request).state == "authorized"
    later(days=29, seconds=1)
    assert provider.find(request).state == "voided"
