"""What the contract plans and this service does not serve yet, against a small fake: the requests that go out, what is read.

To be moved to the real service, path by path, as it learns them.
"""

import json
from typing import Any

import pytest

from tests.clients.driving import Driver, Refused
from tests.clients.test_verification import GIFT
from tests.clients.troublesome_wire import Heard, Instead, Wire, fake_service

pytestmark = pytest.mark.no_database

GOAL = {
    "Id": "s", "ExternalItemId": "b", "Name": "n", "StartingAmount": "0.00", "GoalAmount": "1.00", "CurrentAmount": "1.00",
    "Contributions": {"Contribution": []}, "PaymentProviders": {"PaymentProvider": [{"ProviderName": "PayPal"}]},
    "RecordVersionNumber": 2, "RecordOwner": "o", "Currency": "USD", "CapturePolicy": "Immediate", "AuthorizedAmount": "0.00",
    "State": "Closed", "AcceptsGifts": False, "RemainingAmount": "0.00",
}  # fmt: skip
CHANGE = {
    "RecordVersionNumber": 2,
    "Date": "2026-11-21T10:00:00Z",
    "FromStatus": "Submitted",
    "Status": "Settled",
    "EventId": "e",
}
REFUND = {"Id": "r", "Amount": "5.00", "Status": "Failed", "Date": "2026-11-21T10:00:00Z", "ContributionId": "g"}
ENDPOINT = {
    "Id": "w", "URL": "https://shop.example/", "EventTypes": {"EventType": []}, "Format": "JSON", "State": "On",
    "RecordVersionNumber": 1, "Date": "2026-11-21T10:00:00Z",
}  # fmt: skip

ANSWERS: dict[str, Any] = {
    "POST /api/SavingGoal/s/Close": GOAL,
    "POST /api/SavingGoal/s/Reopen": GOAL,
    "GET /api/Contribution/g/History": {"Change": [CHANGE]},
    "GET /api/Contributions?Status=Settled&SettledFrom=2026-11-01&limit=50": {"Contribution": [GIFT]},
    "GET /api/Refunds?Status=Failed&limit=50": {"Refund": [REFUND]},
    "GET /api/WebhookEndpoints?limit=50": {"WebhookEndpoint": [ENDPOINT]},
    "POST /api/WebhookEndpoints": ENDPOINT | {"Secret": "whsec_x"},
    "DELETE /api/WebhookEndpoints/w": None,
    "POST /api/RedirectSecret": {"Secret": "s3cret"},
    "POST /api/RedirectSecret/Rotate": {"Secret": "s3cret-2"},
    "DELETE /api/RedirectSecret": None,
}


def answered(heard: Heard) -> Instead:
    asked = ANSWERS.get(f"{heard.verb} {heard.path}", "unknown")
    if asked == "unknown":
        return Instead(404, json.dumps({"code": "no_such_path", "detail": f"{heard.verb} {heard.path}"}))
    return Instead(204) if asked is None else Instead(200, json.dumps(asked))


def opened(driver: Driver, wire: Wire, **options: Any) -> None:
    driver("open", address=wire.address, apiKey="wr_key", **options)


def test_planned_paths_are_asked_and_read(driver: Driver) -> None:
    """Against a fake: Close and Reopen, History, lists across goals, several endpoints, the redirect secret."""
    with fake_service(answered) as wire:
        opened(driver, wire)
        for verb in ("closeGoal", "reopenGoal"):
            goal = driver(verb, goalId="s")
            assert (goal["state"], goal["acceptsGifts"], goal["remainingAmount"]) == ("Closed", False, "0.00")
        (change,) = driver("getHistory", contributionId="g")
        assert (change["version"], change["fromStatus"], change["eventId"]) == (2, "Submitted", "e")
        (gift,) = driver("listAllContributions", Status="Settled", SettledFrom="2026-11-01")
        assert gift["id"] == "g"
        (refund,) = driver("listAllRefunds", Status="Failed")
        assert (refund["contributionId"], refund["amount"]) == ("g", "5.00")
        assert driver("createWebhookEndpoint", url="https://shop.example/")["secret"] == "whsec_x"
        assert [one["id"] for one in driver("listWebhookEndpoints")] == ["w"]
        driver("removeWebhookEndpoint", endpointId="w")
        assert driver("createRedirectSecret")["secret"] == "s3cret"
        assert driver("rotateRedirectSecret")["secret"] == "s3cret-2"
        driver("deleteRedirectSecret")


def test_notices_are_told_and_validation_stores_nothing(driver: Driver) -> None:
    """Against a fake: `Notice`, `Prefer: handling=strict`, `ValidateOnly=1`."""
    notice = {"Notice": "EndDate has no offset: UTC was taken, as it stands."}
    with fake_service(lambda heard: Instead(200, json.dumps(GOAL), notice)) as wire:
        opened(driver, wire, strict=True)
        driver("getGoal", goalId="s")
        assert driver("notices") == [notice["Notice"]]
        given = {"externalItemId": "b", "name": "n", "goalAmount": "1.00", "endDate": "2031-06-30T10:00:00"}
        assert driver("validateGoal", **given) == [notice["Notice"]]
        asked = wire.heard[-1]
        assert (asked.verb, asked.path) == ("POST", "/api/savings?ValidateOnly=1")
        assert asked.headers["prefer"] == "handling=strict"


def test_a_conflict_brings_the_current_record(driver: Driver) -> None:
    """Against a fake: 409 with the record as it is now."""
    told = {"status": 409, "code": "stale_version", "detail": "Not now.", "RecordVersionNumber": 2, "SavingGoal": GOAL}
    with fake_service(lambda heard: Instead(409, json.dumps(told))) as wire:
        opened(driver, wire)
        with pytest.raises(Refused, match="VersionConflict") as stale:
            driver("updateGoal", goalId="s", version=1, name="x")
        assert (stale.value["currentVersion"], stale.value["current"]["name"]) == (2, "n")


def test_what_a_gift_can_carry_is_sent_as_planned(driver: Driver) -> None:
    """Against a fake: Reference, Memo, Anonymous, its own addresses, Language, Metadata, and how they come back."""
    gift = GIFT | {"Reference": "order-7", "Fee": "0.88", "Net": "19.12", "Metadata": {"Item": [{"Name": "a", "Value": "b"}]}}
    with fake_service(lambda heard: Instead(201, json.dumps(gift))) as wire:
        opened(driver, wire)
        made = driver(
            "createContribution", goalId="s", amount="20.00", contributor="Zoë", reference="order-7", memo="A bicycle",
            anonymous=True, language="de", metadata={"a": "b"}, confirmationUrl="https://shop.example/",
        )  # fmt: skip
        assert (made["reference"], made["fee"], made["net"], made["metadata"]) == ("order-7", "0.88", "19.12", {"a": "b"})
        assert json.loads(wire.heard[-1].body) == {
            "Amount": "20.00", "Contributor": "Zoë", "Reference": "order-7", "Memo": "A bicycle", "Anonymous": True,
            "Language": "de", "Metadata": {"Item": [{"Name": "a", "Value": "b"}]}, "ConfirmationURL": "https://shop.example/",
        }  # fmt: skip


def test_following_from_the_latest_event_misses_none(driver: Driver) -> None:
    """Against a fake: `after=latest` is answered by where it stands, and that is where the next question begins."""

    def feed(heard: Heard) -> Instead:
        if "after=latest" in heard.path:
            told = {"Event": [], "Next": "https://give.example.org/api/Events?after=e7&limit=100"}
        else:
            told = {"Event": [{"Id": "e8", "Type": "webhook.test", "Date": "2026-11-21T10:00:00Z"}]}
        return Instead(200, json.dumps(told))

    with fake_service(feed) as wire:
        opened(driver, wire)
        assert [event["id"] for event in driver("events", after="latest", take=1)] == ["e8"]
        assert "after=e7" in wire.heard[-1].path
