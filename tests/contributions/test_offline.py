"""Gifts that came in cash, by cheque or by bank transfer: Settled at once by the client's word, and no provider's business."""

import csv
import io
import json

import pytest
from django.core.management import call_command

from contributions.audit import faults_in_the_books
from contributions.models import Checkout, Contribution, LedgerEntry, ProviderRequest, Refund
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from providers.sandbox.models import SandboxCheckout
from tests.conftest import PAYPAL, PartnerClient, contribution_xml, goal_xml, register

pytestmark = pytest.mark.django_db

OFFLINE = "<PaymentProvider><ProviderName>Offline</ProviderName></PaymentProvider>"


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _the_books_are_right():
    yield
    assert list(faults_in_the_books()) == []


@pytest.mark.parametrize("is_test", [True, False], ids=["test", "live"])
def test_an_offline_gift_is_settled_at_once(is_test, db):
    """For live and for test keys alike, and no simulator has a part in it."""
    shop = PartnerClient(register("Shop", is_test=is_test).api_key)
    goal_id = shop.new_goal(PaymentProviders=OFFLINE)
    made = shop.new_contribution(goal_id)
    assert [made.value(name) for name in ("Status", "ProviderName", "RecordVersionNumber")] == ["Settled", "Offline", "2"]
    assert [made.value(name) for name in ("ProviderReference", "Fee", "Net", "PlatformFee", "StatusReason")] == [None] * 5
    assert (made.value("SettledDate") or "") >= (made.value("Date") or "-")
    assert shop.get(f"/api/Contribution/{made.value('Id')}").body == made.body
    goal = shop.get(f"/api/SavingGoal/{goal_id}")
    assert (goal.value("CurrentAmount"), goal.value("RemainingAmount")) == ("20.00", "230.00")
    told = shop.get("/api/Events").xml.findall("Event")
    assert [one.findtext("Type") for one in told] == ["contribution.submitted", "contribution.settled"]
    assert (ProviderRequest.objects.count(), SandboxCheckout.objects.count()) == (0, 0), "nobody was asked"
    assert Checkout.objects.get().due_at is None, "and nobody will be"
    assert LedgerEntry.objects.get().collected_delta_minor == 2000


@pytest.mark.parametrize("named", [{"ProviderName": "Offline"}, {}], ids=["named", "the only one"])
def test_no_permission_pays_what_came_in_cash(shop, named):
    """The giver would be sent to pay once more what the client has in its hands."""
    giver_id = shop.post("/api/Givers", "<Giver><ExternalId>customer-7</ExternalId></Giver>").value("Id")
    goal_id = shop.new_goal(PaymentProviders=OFFLINE)
    asked = contribution_xml(GiverId=giver_id, UsePermission="true", **named)
    refused = shop.post(f"/api/SavingGoal/{goal_id}/Contributions", asked)
    assert (refused.status, "UsePermission cannot go with Offline" in refused.text) == (400, True), refused.text
    assert shop.new_contribution(goal_id, GiverId=giver_id, UsePermission="false", **named).value("Status") == "Settled"


def test_its_refund_moves_no_money_and_is_done_at_once(shop):
    made = shop.new_contribution(shop.new_goal(PaymentProviders=OFFLINE))
    address = f"/api/Contribution/{made.value('Id')}"
    assert shop.delete(address).status == 409, "only a refund undoes it"
    part = shop.post(f"{address}/Refunds", "<Refund><Amount>5.00</Amount></Refund>")
    assert (part.status, part.value("Status"), part.value("Amount")) == (201, "Completed", "5.00")
    rest = shop.post(f"{address}/Refunds", "<Refund/>")
    assert (rest.value("Status"), rest.value("Amount")) == ("Completed", "15.00")
    now = shop.get(address)
    assert (now.value("Status"), now.value("RefundedAmount")) == ("Refunded", "20.00")
    assert SavingGoal.objects.get().collected_minor == 0
    assert SandboxCheckout.objects.count() == 0


def test_a_refund_whose_process_died_is_finished_by_the_worker(shop, monkeypatch):
    made = shop.new_contribution(shop.new_goal(PaymentProviders=OFFLINE))
    monkeypatch.setattr("contributions.refunds.sync_refund", None)  # asking for it fails, once it is stored
    assert shop.post(f"/api/Contribution/{made.value('Id')}/Refunds", "<Refund/>").status == 500
    monkeypatch.undo()
    assert Refund.objects.get().status == "Pending"
    sync_all_due()
    assert Refund.objects.get().status == "Completed"
    assert Contribution.objects.get().status == "Refunded"


def test_asking_anew_changes_nothing(shop):
    made = shop.new_contribution(shop.new_goal(PaymentProviders=OFFLINE))
    checked = shop.post(f"/api/Contribution/{made.value('Id')}/Check")
    assert (checked.status, checked.body) == (200, made.body)
    assert Checkout.objects.get().due_at is None


@pytest.mark.parametrize("policy", ["OnGoalReached", "Manual"])
def test_no_capture_policy_holds_what_is_there_already(shop, policy):
    goal_id = shop.new_goal(PaymentProviders=OFFLINE, CapturePolicy=policy)
    assert shop.new_contribution(goal_id).value("Status") == "Settled"
    assert shop.get(f"/api/SavingGoal/{goal_id}").value("AuthorizedAmount") == "0.00"


def test_no_giver_can_choose_it(shop, giver):
    """Beside one provider the giver goes straight on to that; the form of an old choice page says no."""
    goal_id = shop.new_goal(PaymentProviders=PAYPAL + OFFLINE)
    unnamed = shop.new_contribution(goal_id)
    assert (unnamed.value("Status"), unnamed.value("ProviderName")) == ("Submitted", None)
    assert "/sandbox/checkout/" in giver.checkout(unnamed.value("ProviderURL") or "")
    stripe = PAYPAL.replace("PayPal", "Stripe").replace("anna@example.org", "acct_1ExampleExample")
    goal_id = shop.new_goal(PaymentProviders=PAYPAL + OFFLINE + stripe)
    page = giver.visit(shop.new_contribution(goal_id).value("ProviderURL") or "")
    assert page.status == 200
    assert ("Offline" in page.text, "PayPal" in page.text) == (False, True)
    assert shop.new_contribution(goal_id, ProviderName="offline").value("Status") == "Settled"


def test_what_is_said_of_it_is_true(shop, giver):
    made = shop.new_contribution(shop.new_goal(PaymentProviders=OFFLINE))
    page = giver.visit(made.value("ProviderURL") or "")
    assert page.status == 200
    assert "Offline" not in page.text


def test_the_goals_rules_hold_for_it(shop):
    goal_id = shop.new_goal(PaymentProviders=OFFLINE, GoalAmount="30.00", Overfunding="Never", MinimumAmount="5.00")
    path = f"/api/SavingGoal/{goal_id}/Contributions"
    assert shop.post(path, contribution_xml(Amount="4.00")).status == 400
    assert shop.post(path, contribution_xml(Amount="31.00")).status == 409
    assert shop.post(f"{path}?ValidateOnly=1", contribution_xml(Amount="30.00")).status == 200
    assert shop.post(path, contribution_xml(Amount="30.00")).status == 201
    assert shop.get(f"/api/SavingGoal/{goal_id}").value("State") == "Reached"
    assert shop.post(path, contribution_xml(Amount="5.00")).value("code") == "goal_is_full"
    goal_id = shop.new_goal(PaymentProviders=OFFLINE)
    shop.post(f"/api/SavingGoal/{goal_id}/Close")
    assert shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml()).value("code") == "goal_closed"


def test_the_same_key_makes_it_once(shop):
    path = f"/api/SavingGoal/{shop.new_goal(PaymentProviders=OFFLINE)}/Contributions"
    first, again = (shop.post(path, contribution_xml(), Idempotency_Key="cash-1") for _ in range(2))
    assert (first.status, again.body) == (201, first.body)
    assert SavingGoal.objects.get().collected_minor == 2000


@pytest.mark.parametrize(
    ("provider", "sentence"),
    [
        ("<ProviderName>Offline</ProviderName><Credentials>a@example.org</Credentials>", "Credentials must be left out"),
        ("<ProviderName>Offline</ProviderName><PaymentAccountId>a</PaymentAccountId>", "PaymentAccountId must be left out"),
        ("<ProviderName>Match</ProviderName>", "ProviderName cannot be Match"),
    ],
)
def test_what_a_goal_cannot_say_of_it(shop, provider, sentence):
    refused = shop.post("/api/savings", goal_xml(PaymentProviders=f"<PaymentProvider>{provider}</PaymentProvider>"))
    assert refused.status == 400
    assert sentence in refused.text


def test_what_no_client_can_ask_for(shop):
    goal_id = shop.new_goal()
    for name, sentence in (("Match", "ProviderName cannot be Match"), ("Offline", "must be one of the goal&#39;s providers")):
        refused = shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml(ProviderName=name))
        assert (refused.status, sentence in refused.text.replace("'", "&#39;")) == (400, True), refused.text
    account = "<PaymentAccount><ProviderName>Offline</ProviderName></PaymentAccount>"
    refused = shop.post("/api/PaymentAccounts", account)
    assert (refused.status, "ProviderName cannot be Offline" in refused.text) == (400, True), refused.text


def test_a_goal_keeps_it_through_edits(shop):
    goal_id = shop.new_goal(PaymentProviders=PAYPAL + OFFLINE)
    seen = shop.get(f"/api/SavingGoal/{goal_id}")
    assert shop.put(f"/api/SavingGoal/{goal_id}", seen.body).status == 200
    assert [one.text for one in shop.get(f"/api/SavingGoal/{goal_id}").xml.iter("ProviderName")] == ["PayPal", "Offline"]
    assert SavingGoal.objects.get().payment_accounts.count() == 2, "the same accounts as before"


def test_it_is_marked_in_every_total_and_export(shop, giver):
    """Beside what was paid: in the goal, its event, lists, the CSV file, the operator's story of the goal, the export."""
    goal_id = shop.new_goal(PaymentProviders=PAYPAL + OFFLINE, GoalAmount="70.00")
    giver.pay(shop.new_contribution(goal_id, ProviderName="PayPal").value("ProviderURL"))
    made = shop.new_contribution(goal_id, Amount="50.00", ProviderName="Offline")
    goal = shop.get(f"/api/SavingGoal/{goal_id}")
    assert [goal.value(name) for name in ("CurrentAmount", "OfflineAmount", "MatchedAmount")] == ["70.00", "50.00", None]
    [reached] = [one for one in shop.get("/api/Events").xml.iter("Event") if one.findtext("Type") == "goal.reached"]
    assert reached.findtext("SavingGoal/OfflineAmount") == "50.00"
    listed = shop.get("/api/Contributions?ProviderName=Offline").xml.findall("Contribution")
    assert [one.findtext("Id") for one in listed] == [made.value("Id")]
    file = list(csv.DictReader(io.StringIO(shop.get("/api/Contributions?format=csv").text)))
    assert {one["ProviderName"]: one["Amount"] for one in file} == {"PayPal": "20.00", "Offline": "50.00"}
    told = run("goal", goal_id)
    assert " in cash    50.00 USD, by the ledger 50.00" in told
    assert "matches" not in told
    kept = json.loads(run("export", "--partner", "Anna's Shop"))["goals.SavingGoal"]
    assert [(one["collected_minor"], one["offline_minor"]) for one in kept] == [(7000, 5000)]
    shop.post(f"/api/Contribution/{made.value('Id')}/Refunds", "<Refund/>")
    assert shop.get(f"/api/SavingGoal/{goal_id}").value("OfflineAmount") is None


def test_a_wrong_mark_is_found_and_put_right(shop):
    goal_id = shop.new_goal(PaymentProviders=OFFLINE)
    shop.new_contribution(goal_id)
    SavingGoal.objects.update(offline_minor=1, matched_minor=2)
    assert list(faults_in_the_books()) == [
        f"goal {goal_id}: of its settled total 0.01 USD are marked as Offline, its ledger says 20.00",
        f"goal {goal_id}: of its settled total 0.02 USD are marked as Match, its ledger says 0.00",
    ]
    assert "marked as Offline 0.01 -> 20.00 USD, marked as Match 0.02 -> 0.00 USD" in run("rebuild_totals")
    assert SavingGoal.objects.get().offline_minor == 2000
