"""Every bad day that a partner can rehearse, as the partner sees it, start to end.

Most in three ways: by the header, by the magic amount, by the checkout page.
"""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from contributions.models import Contribution, LedgerEntry, ProviderRequest, Refund
from contributions.worker import sync_all_due
from providers import registry
from providers.sandbox import operations as sandbox
from providers.sandbox.models import SandboxCheckout, SandboxWebhook
from providers.sandbox.scenarios import SCENARIOS, scenario_of
from tests.conftest import contribution_xml
from tests.providers.conftest import MAGIC, Rehearsal

pytestmark = pytest.mark.django_db

REHEARSED = set()


def rehearses(scenario, ways=("header", "amount", "page")):
    """The test goes through this scenario once in each way; `day` is its rehearsal."""
    REHEARSED.add(scenario)
    return pytest.mark.parametrize("day", [pytest.param((scenario, way), id=way) for way in ways], indirect=True)


@pytest.fixture
def day(request, shop, giver):
    return Rehearsal(shop, giver, *request.param)


on_the_air = pytest.mark.usefixtures("live")
"""The simulator's webhooks come over HTTP."""


# --- Opening the checkout ---------------------------------------------------------------------------------------------


@rehearses("open_refused", ways=["header", "amount"])
def test_a_provider_that_refuses_to_open_a_checkout(day):
    assert (day.made.status, day.made.value("code")) == (502, "checkout_refused")
    assert (day.collected, day.in_the_simulators_books) == ("0.00", (0, 0))
    day.ends("502, Failed (provider_refused)")


@rehearses("open_silent", ways=["header", "amount"])
def test_a_provider_that_is_silent_at_the_post(day):
    """By the header the checkout opens when the giver comes; by the amount the provider stays silent."""
    day.ends("201, Submitted")
    if day.way == "header":
        assert (day.pay(), day.statuses[-1], day.collected) == ("thanks", "Settled", day.amount)
    else:
        waiting = day.giver.visit(day.provider_url)
        assert (waiting.status, waiting.headers["Retry-After"]) == (503, "5")
        assert (day.statuses, SandboxCheckout.objects.count()) == (["Submitted"], 0)


# --- Taking the money -------------------------------------------------------------------------------------------------


@rehearses("call_lost")
def test_an_order_that_never_reaches_the_provider(day):
    assert day.pay() == "thanks"
    assert (day.collected, day.in_the_simulators_books) == ("0.00", (0, 0))
    day.find_out()
    assert (day.collected, day.in_the_simulators_books) == (day.amount, (1, 0))
    day.ends("Pending (provider_unreachable), then Settled")


@rehearses("answer_lost")
def test_an_answer_that_is_lost_after_the_money_was_taken(day):
    assert day.pay() == "thanks"
    assert (day.collected, day.in_the_simulators_books) == ("0.00", (1, 0))
    day.find_out()
    assert (day.collected, day.in_the_simulators_books) == (day.amount, (1, 0))
    day.ends("Pending (provider_unreachable), then Settled")


@rehearses("error_500")
def test_an_error_of_the_providers_own_is_no_failure_of_the_gift(day):
    assert day.pay() == "thanks"
    assert (day.collected, day.in_the_simulators_books) == ("0.00", (0, 0))
    day.find_out()
    assert (day.collected, day.in_the_simulators_books) == (day.amount, (1, 0))
    assert ProviderRequest.objects.filter(operation="capture").count() == 1, "asked again under the same request id"
    day.ends("Pending (provider_unreachable), then Settled")


@rehearses("slow")
def test_a_provider_that_takes_its_time(day, monkeypatch):
    slept = []
    monkeypatch.setattr(sandbox, "time", SimpleNamespace(sleep=slept.append))
    assert day.pay() == "thanks"
    assert slept == [3]
    assert (day.collected, day.in_the_simulators_books) == (day.amount, (1, 0))
    day.ends("Settled")


@rehearses("declined")
def test_an_instrument_that_is_declined_after_the_giver_approved(day):
    """At the same page, with another instrument, the giver has given after all."""
    page = day.page()
    assert day.pay(at=page) == "pity"
    assert (day.collected, day.in_the_simulators_books) == ("0.00", (0, 0))
    day.ends("Failed (instrument_declined)")
    assert day.pay(scenario="", at=page) == "thanks"
    assert (day.statuses[-1], day.collected, day.in_the_simulators_books) == ("Settled", day.amount, (1, 0))


@pytest.mark.parametrize("way", ["header", "amount"])
def test_a_second_try_at_provider_url_after_a_decline(shop, giver, way):
    """In a new checkout. A scenario of the header belongs to the first one; an amount plays it in each."""
    day = Rehearsal(shop, giver, "declined", way)
    first = day.page()
    assert day.pay(at=first) == "pity"
    assert (day.page() != first, SandboxCheckout.objects.count()) == (True, 2)
    ends, status = ("thanks", "Settled") if way == "header" else ("pity", "Failed (instrument_declined)")
    assert day.pay() == ends
    assert day.statuses == ["Submitted", "Failed (instrument_declined)", "Submitted", status]


@rehearses("review_passed")
def test_a_review_that_the_payment_passes(day):
    assert day.pay() == "thanks"
    assert day.collected == "0.00"
    day.find_out()
    assert (day.collected, day.in_the_simulators_books) == (day.amount, (1, 0))
    day.ends("Pending (under_review), then Settled")


@rehearses("review_denied")
def test_a_review_that_the_payment_does_not_pass(day):
    page = day.page()
    assert day.pay(at=page) == "thanks"
    day.find_out()
    assert (day.collected, LedgerEntry.objects.count()) == ("0.00", 0)
    day.ends("Pending (under_review), then Failed (review_denied)")
    assert "finished" in day.giver.visit(page).text
    assert day.page() != page, "a second try is in a new checkout"


@rehearses("amount_differs")
def test_another_amount_is_never_taken(day):
    day.find_out()
    assert day.statuses == ["Submitted"], "before the giver approves there is nothing that could differ"
    assert day.pay() == "pity"
    assert (day.collected, day.in_the_simulators_books) == ("0.00", (0, 0))
    day.ends("Failed (amount_mismatch)")


@rehearses("currency_differs")
def test_another_currency_is_never_taken(day):
    day.find_out()
    assert day.statuses == ["Submitted"]
    assert day.pay() == "pity"
    assert (day.collected, day.in_the_simulators_books) == ("0.00", (0, 0))
    day.ends("Failed (currency_mismatch)")


# --- Webhooks ---------------------------------------------------------------------------------------------------------


@on_the_air
@rehearses("report_first", ways=["header", "page"])
def test_a_webhook_that_overtakes_the_giver(day):
    back = day.choose("approve")
    assert day.statuses == ["Submitted", "Settled"], "the giver is still at the provider's"
    assert LedgerEntry.objects.get().cause == "webhook"
    bounced = day.giver.visit(back)
    assert bounced.headers["Location"] == f"https://shop.example/thanks?Id={day.id}"
    assert (day.collected, day.in_the_simulators_books) == (day.amount, (1, 0))
    day.ends("Settled")


@on_the_air
@rehearses("report_twice", ways=["header"])
def test_a_webhook_that_comes_twice(day):
    day.choose("approve")
    day.work()
    events = SandboxWebhook.objects.exclude(delivered_at=None).values_list("event_id", flat=True)
    assert (len(events), len(set(events))) == (2, 1)
    assert LedgerEntry.objects.get().cause == "webhook"
    assert (day.collected, day.in_the_simulators_books) == (day.amount, (1, 0))
    day.ends("Settled")


@rehearses("report_never")
def test_neither_the_webhook_nor_the_giver_comes(day):
    day.choose("approve")
    assert SandboxWebhook.objects.count() == 0
    day.find_out()
    assert LedgerEntry.objects.get().cause == "worker"
    assert (day.collected, day.in_the_simulators_books) == (day.amount, (1, 0))
    day.ends("Settled")


# --- Giving back ------------------------------------------------------------------------------------------------------


@rehearses("refund_refused")
def test_a_refund_that_is_refused(day):
    day.pay()
    assert day.ask_for_a_refund().value("Status") == "Failed"
    assert (day.collected, day.refunded, day.in_the_simulators_books) == (day.amount, "0.00", (1, 0))
    assert Refund.objects.get().failure == "refund_refused"
    day.ends("Settled; the refund Failed")


@on_the_air
@rehearses("refund_pending", ways=["header"])
def test_a_refund_that_takes_its_time(day):
    day.pay()
    assert day.ask_for_a_refund().value("Status") == "Pending"
    assert (day.collected, day.refunded) == (day.amount, "0.00")
    day.work()
    assert LedgerEntry.objects.get(kind="refund").cause == "webhook"
    assert (day.collected, day.refunded, day.in_the_simulators_books) == ("0.00", day.amount, (1, 1))
    day.ends("Settled; the refund Pending, then Completed: Refunded (refunded)")


@on_the_air
@rehearses("refund_denied", ways=["header"])
def test_a_refund_that_takes_its_time_and_is_refused_in_the_end(day):
    day.pay()
    assert day.ask_for_a_refund().value("Status") == "Pending"
    day.work()
    assert (day.collected, day.refunded, day.in_the_simulators_books) == (day.amount, "0.00", (1, 0))
    assert Refund.objects.get().failure == "refund_denied"
    day.ends("Settled; the refund Pending, then Failed")


@rehearses("refund_answer_lost")
def test_a_refund_whose_answer_is_lost_is_made_once(day):
    day.pay()
    assert day.ask_for_a_refund().value("Status") == "Pending"
    assert (day.refunded, day.in_the_simulators_books) == ("0.00", (1, 1))
    day.find_out()
    assert (day.collected, day.refunded, day.in_the_simulators_books) == ("0.00", day.amount, (1, 1))
    day.ends("Settled; the refund Pending, then Completed: Refunded (refunded)")


@on_the_air
@rehearses("refund_in_dashboard", ways=["header"])
def test_a_refund_made_at_the_providers_without_the_partner(day):
    day.pay()
    day.work()
    assert (day.collected, day.refunded, day.in_the_simulators_books) == ("0.00", day.amount, (1, 1))
    assert Refund.objects.get().cause == "provider"
    day.work()
    assert Refund.objects.count() == 1
    day.ends("Settled; the refund Completed: Refunded (refunded)")


# --- Disputes ---------------------------------------------------------------------------------------------------------


@on_the_air
@rehearses("chargeback", ways=["header"])
def test_a_chargeback(day):
    day.pay()
    assert day.collected == day.amount
    day.work()
    assert (day.collected, day.refunded, day.in_the_simulators_books) == ("0.00", "0.00", (1, 0))
    day.work()
    day.ends("Settled, then Reversed (chargeback)")


@on_the_air
@rehearses("chargeback_won", ways=["header"])
def test_a_chargeback_whose_dispute_is_won(day):
    day.pay()
    day.work()
    assert (day.statuses[-1], day.collected) == ("Reversed (chargeback)", "0.00")
    day.work()
    assert (day.collected, day.in_the_simulators_books) == (day.amount, (1, 0))
    day.work()
    day.ends("Settled, then Reversed (chargeback), then Settled")


def test_every_scenario_is_rehearsed():
    assert set(SCENARIOS) == REHEARSED


# --- Held money -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["call_lost", "answer_lost", "review_passed"])
def test_the_same_goes_wrong_where_money_is_held_first(shop, giver, scenario):
    goal = shop.new_goal(CapturePolicy="Manual")
    made = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(), Sandbox_Scenario=scenario)
    giver.pay(made.value("ProviderURL"))
    contribution = f"/api/Contribution/{made.value('Id')}"
    assert shop.get(contribution).value("Status") == "Pending"
    sync_all_due(whether_due_or_not=True)
    assert shop.get(contribution).value("Status") == "Authorized"
    assert shop.post(f"{contribution}/Capture").value("Status") == "Settled"


# --- Magic amounts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "amounts"),
    [
        ("open_refused", [(404001, 2), (4040010, 3)]),
        ("answer_lost", [(404004, 2), (40400400, 4)]),
        ("chargeback_won", [(404021, 2), (4040210, 3)]),
        ("", [(404000, 2), (404022, 2), (404101, 2), (403901, 2), (40401, 2), (4040010, 2), (2000, 2)]),
        ("", [(4040011, 3), (4040001, 3), (404001, 3), (40400401, 4), (4040, 0), (404001, 0), (404001, 1)]),
    ],
)
def test_a_magic_amount_names_its_scenario_in_any_currency(amounts, scenario):
    """In minor units, with so many decimals; other amounts play nothing."""
    assert {scenario_of(amount_minor, decimals) for amount_minor, decimals in amounts} == {scenario}


def test_every_way_plays_the_same_scenario(shop, giver):
    for way in ("header", "amount", "page"):
        Rehearsal(shop, giver, "chargeback", way).choose("cancel" if way != "page" else "decline")
        assert SandboxCheckout.objects.latest("pk").scenario == "chargeback"


@pytest.mark.parametrize(("currency", "amount", "scenario"), [("KWD", "4040.040", "answer_lost"), ("JPY", "4040", "")])
def test_a_magic_amount_works_by_the_decimals_of_its_currency(shop, currency, amount, scenario):
    shop.new_contribution(shop.new_goal(Currency=currency, GoalAmount="9999"), Amount=amount)
    assert SandboxCheckout.objects.get().scenario == scenario


# --- The header -------------------------------------------------------------------------------------------------------


def with_header(shop, scenario, **more):
    goal = more.pop("goal", None) or shop.new_goal()
    body = contribution_xml(**more.pop("body", {}))
    return shop.post(f"/api/SavingGoal/{goal}/Contributions", body, Sandbox_Scenario=scenario, **more)


@pytest.mark.parametrize("name", ["", "Declined", "declined,slow", "declined\xe9"])
def test_another_header_is_refused_and_the_names_are_told(shop, name):
    answer = with_header(shop, name)
    assert (answer.status, answer.value("code")) == (400, "invalid_header")
    told = answer.value("detail")
    assert told.startswith("Sandbox-Scenario must be one of open_refused, open_silent, call_lost, ")
    assert told.endswith(" chargeback, chargeback_won.")
    assert Contribution.objects.count() == 0


def test_a_header_for_a_provider_that_is_real_is_refused(shop, monkeypatch):
    goal = shop.new_goal()
    monkeypatch.setattr(registry, "adapter_offered", lambda name: SimpleNamespace(key="paypal"))
    answer = with_header(shop, "declined", goal=goal)
    assert (answer.status, answer.value("code")) == (400, "invalid_header")
    assert answer.value("detail") == "Sandbox-Scenario is for the simulator, and PayPal is not simulated here: leave it out."
    assert Contribution.objects.count() == 0


def test_the_header_outranks_the_magic_amount(shop):
    with_header(shop, "declined", goal=shop.new_goal(GoalAmount="9999"), body={"Amount": MAGIC["slow"]})
    assert SandboxCheckout.objects.get().scenario == "declined"


def test_the_header_is_part_of_what_is_done_once(shop):
    """The same idempotency key with another scenario is 422."""
    goal = shop.new_goal()
    first, again = (with_header(shop, "declined", goal=goal, Idempotency_Key="gift-1") for _ in range(2))
    other = with_header(shop, "slow", goal=goal, Idempotency_Key="gift-1")
    without = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(), Idempotency_Key="gift-1")
    assert (first.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    assert [(answer.status, answer.value("code")) for answer in (other, without)] == [(422, "idempotency_key_reused")] * 2


# --- The page of the docs ---------------------------------------------------------------------------------------------


def test_the_table_in_the_docs_is_the_table():
    page = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()
    rows = re.findall(r"^\| `(4040\.\d\d)` \| `(\w+)` \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    table = [(f"4040.{n:02}", name, one.what, one.seen) for n, (name, one) in enumerate(SCENARIOS.items(), 1)]
    assert rows == table
