"""A partner's day with each client package, against the service as it runs."""

import pytest

from tests.clients.conftest import Partner, pay
from tests.clients.driving import Refused
from tests.crashes.processes import Service

pytestmark = pytest.mark.one_database


def test_a_goal_a_gift_and_how_it_went(partner: Partner, service: Service) -> None:
    """Amounts are the decimals of the wire, texts are kept exactly, and a list is read through all of its pages."""
    goal = partner.new_goal(endDate="2031-06-30", confirmationUrl="https://shop.example/thanks?item=7")
    assert (goal["goalAmount"], goal["currentAmount"], goal["version"]) == ("250.00", "0.00", 1)
    assert (goal["endDate"], goal["confirmationUrl"], goal.get("cancelUrl")) == (
        "2031-06-30", "https://shop.example/thanks?item=7", None)  # fmt: skip
    assert [one["providerName"] for one in goal["paymentProviders"]] == ["PayPal"]
    made = [partner.new_gift(goal["id"], amount=amount, message="Grüße, <b>&</b>\n🎉") for amount in ("0.10", 5, "20.5")]
    assert [(gift["amount"], gift["status"], gift["savingGoalId"]) for gift in made] == [
        ("0.10", "Submitted", goal["id"]), ("5.00", "Submitted", goal["id"]), ("20.50", "Submitted", goal["id"])]  # fmt: skip
    pay(service, made[0]["providerUrl"])
    gift = partner("getContribution", contributionId=made[0]["id"])
    assert (gift["status"], gift["message"], gift["refundedAmount"]) == ("Settled", "Grüße, <b>&</b>\n🎉", "0.00")
    listed = partner("listContributions", goalId=goal["id"], limit=1)
    assert [one["id"] for one in listed] == [one["id"] for one in reversed(made)]
    assert [one["id"] for one in partner("listContributions", goalId=goal["id"], status="Settled")] == [gift["id"]]
    now = partner("getGoal", goalId=goal["id"])
    assert (now["currentAmount"], len(now["contributions"]), now["contributions"][2]["amount"]) == ("0.10", 3, "0.10")
    assert partner("getGoalIfChanged", id=goal["id"]) is None
    assert [one["id"] for one in partner("listGoals", externalItemId="bike-7")] == [goal["id"]]


def test_a_change_names_its_version_and_loses_nothing(partner: Partner) -> None:
    goal = partner.new_goal(cancelUrl="https://shop.example/7")
    replaced = partner("replaceGoal", goalId=goal["id"], name="A red bicycle")
    assert (replaced["name"], replaced["cancelUrl"], replaced["version"]) == ("A red bicycle", "https://shop.example/7", 2)
    changed = partner("updateGoal", goalId=goal["id"], version=2, goalAmount="300", cancelUrl="")
    assert (changed["goalAmount"], changed.get("cancelUrl"), changed["version"]) == ("300.00", None, 3)
    with pytest.raises(Refused) as stale:
        partner("updateGoal", goalId=goal["id"], version=2, name="A blue one")
    assert (stale.value.kind, stale.value["status"], stale.value["code"]) == ("VersionConflict", 409, "stale_version")
    assert (stale.value["currentVersion"], stale.value["afterLostAnswer"]) == (3, False)
    assert (stale.value["current"]["version"], stale.value["differs"]) == (3, ["Name"])
    with pytest.raises(Refused) as stale:
        partner("deleteGoal", goalId=goal["id"], etag=goal["etag"])
    assert (stale.value.kind, stale.value["status"], stale.value["currentVersion"]) == ("VersionConflict", 412, 3)
    partner("deleteGoal", goalId=goal["id"], etag=changed["etag"])
    with pytest.raises(Refused, match="NotFound") as gone:
        partner("getGoal", goalId=goal["id"])
    assert (gone.value["status"], gone.value["code"]) == (404, "no_such_record")


def test_money_is_taken_and_given_back(partner: Partner, service: Service) -> None:
    goal = partner.new_goal(capturePolicy="Manual")
    gift = partner.new_gift(goal["id"])
    pay(service, gift["providerUrl"])
    assert partner("getContribution", contributionId=gift["id"])["status"] == "Authorized"
    assert partner("capture", contributionId=gift["id"])["status"] == "Settled"
    first = partner("refund", contributionId=gift["id"], amount="5.00", reason="The bell", idempotencyKey="refund-1")
    again = partner("refund", contributionId=gift["id"], amount="5.00", reason="The bell", idempotencyKey="refund-1")
    assert (first["id"], first["amount"], first["status"]) == (again["id"], "5.00", "Completed")
    with pytest.raises(Refused) as too_much:
        partner("refund", contributionId=gift["id"], amount="15.01")
    assert (too_much.value.kind, too_much.value["code"]) == ("Conflict", "refund_too_large")
    rest = partner("refund", contributionId=gift["id"])
    assert [one["id"] for one in partner("listRefunds", contributionId=gift["id"], limit=1)] == [rest["id"], first["id"]]
    assert partner("check", contributionId=gift["id"])["status"] == "Refunded"
    waiting = partner.new_gift(goal["id"])
    partner("deleteContribution", contributionId=waiting["id"])
    with pytest.raises(Refused, match="NotFound"):
        partner("getContribution", contributionId=waiting["id"])


def test_waiting_for_news_of_a_gift(partner: Partner, service: Service) -> None:
    gift = partner.new_gift(partner.new_goal()["id"])
    assert partner("waitForContribution", id=gift["id"], seconds=1) is None
    partner.driver.begin("waitForContribution", id=gift["id"], seconds=30)
    pay(service, gift["providerUrl"])
    assert partner.driver.answer()["status"] == "Settled"
    asked = [one for one in partner.wire.heard if one.headers.get("if-none-match") == gift["etag"]]
    assert len(asked) == 2, "each time it was asked once, and held"


def test_a_fault_is_told_with_where_and_what_would_be_right(partner: Partner) -> None:
    goal = partner.new_goal()
    with pytest.raises(Refused) as refused:
        partner.new_gift(goal["id"], amount="5,00", contributor="")
    assert (refused.value.kind, refused.value["status"], refused.value["code"]) == ("BadRequest", 400, "invalid_body")
    assert sorted(path for path, _ in refused.value["faults"]) == ["Contribution/Amount", "Contribution/Contributor"]
    assert refused.value["sentences"] == [sentence for _, sentence in refused.value["faults"]]
    assert any("plain decimal such as 100.00" in sentence for sentence in refused.value["sentences"])
    before = len(partner.wire.heard)
    with pytest.raises(Refused, match=r"^TypeError"):
        partner("floats")
    assert len(partner.wire.heard) == before, "a float goes nowhere"
    with pytest.raises(Refused, match="NotFound"):
        partner("getGoal", goalId="../savings?x=y")
    partner.driver("open", address=partner.wire.address, apiKey="wr_" + "x" * 40)
    with pytest.raises(Refused) as unknown:
        partner("listGoals")
    assert (unknown.value.kind, unknown.value["code"]) == ("Unauthorized", "no_valid_key")


def test_payees_of_their_own(partner: Partner) -> None:
    payee = partner("createPaymentAccount", providerName="Stripe")
    assert (payee["state"], payee.get("onboardingUrl"), payee["version"]) == ("OnboardingNeeded", None, 1)
    assert "/sandbox/onboarding/" in partner("onboard", accountId=payee["id"])["onboardingUrl"]
    assert partner("checkPaymentAccount", accountId=payee["id"])["stateReason"] == "onboarding_not_finished"
    dave = partner("createPaymentAccount", providerName="PayPal", credentials="dave@example.org")
    changed = partner("updatePaymentAccount", accountId=dave["id"], version=1, credentials="david@example.org")
    assert (changed["maskedCredentials"], changed["version"]) == ("d***@example.org", 2)
    with pytest.raises(Refused) as stale:
        partner("updatePaymentAccount", accountId=dave["id"], version=1, credentials="x@example.org")
    assert (stale.value.kind, stale.value["currentVersion"]) == ("VersionConflict", 2)
    kite = partner.new_goal(paymentProviders=[{"providerName": "PayPal", "paymentAccountId": dave["id"]}])
    assert kite["paymentProviders"][0]["paymentAccountId"] == dave["id"]
    with pytest.raises(Refused, match="payment_account_in_use"):
        partner("deletePaymentAccount", accountId=dave["id"])
    partner("deletePaymentAccount", accountId=payee["id"])
    assert [one["id"] for one in partner("listPaymentAccounts")] == [dave["id"]]


def test_where_events_are_sent(partner: Partner) -> None:
    made = partner("setWebhookEndpoint", url="https://shop.example/hooks", eventTypes=["contribution.settled"])
    assert made["secret"].startswith("whsec_")
    assert (made["eventTypes"], made["format"], made["state"]) == (["contribution.settled"], "JSON", "On")
    assert partner("rotateWebhookSecret")["secret"] not in {None, made["secret"]}
    known = partner("getWebhookEndpoint")
    assert (known.get("secret"), known["version"]) == (None, 2)
    changed = partner("setWebhookEndpoint", url="https://shop.example/hooks/v2", version=2)
    assert (changed["url"], changed["eventTypes"]) == ("https://shop.example/hooks/v2", [])
    test = partner("testWebhook")
    assert (test["type"], test.get("contribution")) == ("webhook.test", None)
    assert partner("getDeliveries", eventId=test["id"])["state"] == "Due"
    assert partner("redeliver", eventId=test["id"])["id"] == test["id"]
    partner("deleteWebhookEndpoint")
    with pytest.raises(Refused, match="NotFound"):
        partner("getWebhookEndpoint")
