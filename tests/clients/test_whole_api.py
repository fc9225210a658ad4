"""The rest of the API with each client package, against the service as it runs."""

import pytest

from tests.clients.conftest import PAYPAL, Partner, pay
from tests.clients.driving import Refused
from tests.clients.test_following import asked_for_events
from tests.crashes.processes import Service
from tests.eventually import eventually

pytestmark = pytest.mark.one_database


def test_a_goal_is_closed_and_opened_again(partner: Partner) -> None:
    goal = partner.new_goal()
    assert (goal["state"], goal["acceptsGifts"], goal["remainingAmount"]) == ("Open", True, "250.00")
    closed = partner("closeGoal", goalId=goal["id"])
    assert (closed["state"], closed["acceptsGifts"]) == ("Closed", False)
    with pytest.raises(Refused) as refused:
        partner.new_gift(goal["id"])
    assert (refused.value["status"], refused.value["code"]) == (409, "goal_closed")
    assert partner("reopenGoal", goalId=goal["id"])["state"] == "Open"


def test_what_a_gift_carries_comes_back(partner: Partner, service: Service) -> None:
    """Also in the lists across goals, and what became of it stands in its history."""
    gift = partner.new_gift(
        partner.new_goal()["id"], reference="order-7", memo="A bicycle", anonymous=True, language="de", metadata={"a": "b"},
        confirmationUrl="https://shop.example/paid",
    )  # fmt: skip
    assert (gift["reference"], gift["memo"], gift["anonymous"], gift["language"]) == ("order-7", "A bicycle", True, "de")
    assert (gift["metadata"], gift["confirmationUrl"]) == ({"a": "b"}, "https://shop.example/paid")
    pay(service, gift["providerUrl"])
    first, *later = partner("getHistory", contributionId=gift["id"])
    assert (first["version"], first["status"]) == (1, "Submitted")
    assert (later[-1]["status"], later[-1]["version"]) == ("Settled", len(later) + 1)
    (listed,) = partner("listAllContributions", Reference="order-7", Status="Settled")
    assert (listed["id"], listed["status"], listed["reference"]) == (gift["id"], "Settled", "order-7")
    refund = partner("refund", contributionId=gift["id"], amount="5.00")
    assert [(one["id"], one["contributionId"]) for one in partner("listAllRefunds")] == [(refund["id"], gift["id"])]
    assert partner("listAllRefunds", Status="Failed") == []


def test_several_webhook_endpoints(partner: Partner) -> None:
    made = [partner("createWebhookEndpoint", url=f"https://shop.example/{name}") for name in ("a", "b")]
    assert all(one["secret"].startswith("whsec_") for one in made)
    assert {one["id"] for one in partner("listWebhookEndpoints")} == {one["id"] for one in made}
    partner("removeWebhookEndpoint", endpointId=made[0]["id"])
    assert [one["id"] for one in partner("listWebhookEndpoints")] == [made[1]["id"]]


def test_a_giver_who_comes_back_is_believed(partner: Partner, service: Service) -> None:
    """The package reads what the service signs: with the secret of the time, and not with another."""
    old = partner("createRedirectSecret")["secret"]
    new = partner("rotateRedirectSecret")["secret"]
    gift = partner.new_gift(partner.new_goal(confirmationUrl="https://shop.example/paid?item=7&Status=Settled")["id"])
    address = pay(service, gift["providerUrl"])
    assert address.startswith("https://shop.example/paid?item=7&Id=")
    told = partner("verifyBounce", address=address, secrets=[old, new])
    assert (told["contributionId"], told["status"]) == (gift["id"], "Settled")
    with pytest.raises(Refused, match="VerificationFailed"):
        partner("verifyBounce", address=address, secrets=[old])
    partner("deleteRedirectSecret")
    again = partner.new_gift(gift["savingGoalId"])
    assert pay(service, again["providerUrl"]) == f"https://shop.example/paid?item=7&Status=Settled&Id={again['id']}"


def test_notices_are_told_and_validation_stores_nothing(partner: Partner) -> None:
    """`Notice` for what was repaired; with handling=strict the same is refused."""
    given = {"externalItemId": "b", "name": "n", "goalAmount": "1.00", "paymentProviders": [PAYPAL]}
    told = partner("validateGoal", **given, endDate="2031-06-30T10:00:00")
    assert len(told) == 1
    assert "EndDate" in told[0]
    assert partner("listGoals", externalItemId="b") == []
    partner("open", address=partner.wire.address, apiKey=partner.key, strict=True)
    with pytest.raises(Refused) as refused:
        partner("validateGoal", **given, endDate="2031-06-30T10:00:00")
    assert refused.value["status"] == 400
    assert partner.wire.heard[-1].headers["prefer"] == "handling=strict"


def test_following_from_the_latest_event_misses_none(partner: Partner, service: Service) -> None:
    """Nothing of before, and all of what comes after the first question."""
    goal = partner.new_goal()
    gift = partner.new_gift(goal["id"])
    partner.driver.begin("events", after="latest", wait=1, take=1)
    eventually(lambda: asked_for_events(partner) > 1, "it knows where it stands, and waits")
    pay(service, gift["providerUrl"])
    (event,) = partner.driver.answer()
    assert (event["type"], event["contribution"]["id"]) == ("contribution.settled", gift["id"])
