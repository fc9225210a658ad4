"""Which webhooks and bounces each package believes."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from notifications import signatures
from tests.clients.driving import Driver, Refused

pytestmark = pytest.mark.no_database

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"an older one of thirty-two bytes").decode()
GIFT = {
    "Id": "g", "Amount": "20.00", "Date": "2026-11-21T10:00:00Z", "Contributor": "Zoë", "Status": "Settled",
    "ProviderURL": "https://give.example.org/pay/g", "RecordVersionNumber": 2, "Currency": "USD", "RefundedAmount": "0.00",
    "SavingGoalId": "s", "NotKnownYet": {"Anything": ["goes"]},
}  # fmt: skip
BODY = json.dumps({"type": "contribution.settled", "timestamp": "2026-11-21T10:00:01Z", "data": GIFT}, ensure_ascii=False)
NOW = 1795262400


def message(secrets: list[str], *, body: str = BODY, sent_at: int = NOW, **changes: str) -> dict[str, Any]:
    headers = signatures.headers(secrets, message_id="evt_1", timestamp=sent_at, body=BODY.encode())
    return {"headers": headers | {name.replace("_", "-"): value for name, value in changes.items()}, "body": body}


BELIEVED = {
    "genuine": message([SECRET]),
    "during a rotation": message([OLD_SECRET, SECRET]),
    "five minutes old": message([SECRET], sent_at=NOW - 300),
    "with a signature of another kind": message(
        [SECRET], webhook_signature="v1a,xyz " + message([SECRET])["headers"]["webhook-signature"]
    ),
}
NOT_BELIEVED = {
    "older": message([SECRET], sent_at=NOW - 301),
    "from the future": message([SECRET], sent_at=NOW + 301),
    "another body": message([SECRET], body=BODY + " "),
    "another secret": message([OLD_SECRET]),
    "another id": message([SECRET], webhook_id="evt_2"),
    "no signature": message([SECRET], webhook_signature=""),
    "rubbish": message([SECRET], webhook_signature="v1 v1, ,, v1,% ü"),
    "no time": message([SECRET], webhook_timestamp="soon"),
    "a time that is none": message([SECRET], webhook_timestamp="1e9"),
}


def test_a_genuine_webhook_is_told_from_any_other(driver: Driver) -> None:
    for what, one in BELIEVED.items():
        event = driver("verifyWebhook", secrets=SECRET, now=NOW, **one)
        assert (what, event["id"], event["type"]) == (what, "evt_1", "contribution.settled")
        assert (event["contribution"]["amount"], event["contribution"]["contributor"]) == ("20.00", "Zoë")
    for what, one in NOT_BELIEVED.items():
        with pytest.raises(Refused) as refused:
            driver("verifyWebhook", secrets=SECRET, now=NOW, **one)
        assert (what, refused.value.kind) == (what, "VerificationFailed")
    assert driver("verifyWebhook", secrets=[SECRET, OLD_SECRET], now=NOW, **message([OLD_SECRET]))["id"] == "evt_1"
    shouted = {name.upper(): value for name, value in message([SECRET])["headers"].items()}
    assert driver("verifyWebhook", secrets=SECRET, now=NOW, headers=shouted, body=BODY)["id"] == "evt_1"
    for none in ("", [], [SECRET, ""]):
        with pytest.raises(Refused, match=r"Error|InvalidArgument"):
            driver("verifyWebhook", secrets=none, now=NOW, **message([SECRET]))


def test_an_event_of_another_kind_is_read_too(driver: Driver) -> None:
    """webhook.test has no data; a goal's event (not sent by the service yet) holds a goal."""
    goal = {
        "Id": "s", "ExternalItemId": "b", "Name": "n", "StartingAmount": "0.00", "GoalAmount": "1.00", "CurrentAmount": "1.00",
        "Contributions": {"Contribution": []}, "PaymentProviders": {"PaymentProvider": [{"ProviderName": "PayPal"}]},
        "RecordVersionNumber": 1, "RecordOwner": "o", "Currency": "USD", "CapturePolicy": "Manual", "AuthorizedAmount": "0.00",
        "AcceptsGifts": "true", "SuggestedAmounts": {"Amount": ["5.00", "10.00"]}, "Test": True,
        "Metadata": {"Item": [{"Name": "colour", "Value": "red"}]},
    }  # fmt: skip
    for kind, data in (("webhook.test", {}), ("goal.reached", goal)):
        body = json.dumps({"type": kind, "timestamp": "2026-11-21T10:00:01Z", "data": data})
        headers = signatures.headers([SECRET], message_id="evt_2", timestamp=NOW, body=body.encode())
        event = driver("verifyWebhook", secrets=SECRET, now=NOW, headers=headers, body=body)
        assert (event["type"], event.get("contribution")) == (kind, None)
    told = event["savingGoal"]
    assert (told["acceptsGifts"], told["suggestedAmounts"], told["test"]) == (True, ["5.00", "10.00"], True)
    assert told["metadata"] == {"colour": "red"}


BOUNCE_SECRET = "s3cret"


def bounce(secret: str = BOUNCE_SECRET, *, at: int = NOW, **changes: str) -> str:
    """The address that the contract describes; the service does not send it yet."""
    key = hmac.new(secret.encode(), f"gift.Settled.{at}".encode(), hashlib.sha256)
    signature = base64.urlsafe_b64encode(key.digest()).decode().rstrip("=")
    told = {"Id": "gift", "Status": "Settled", "Time": str(at), "Signature": signature} | changes
    return "https://shop.example/thanks?item=7&" + "&".join(f"{name}={value}" for name, value in told.items() if value)


def test_a_signed_bounce_is_told_from_any_other(driver: Driver) -> None:
    """`Signature` = unpadded base64url of HMAC-SHA256 under the secret of `Id.Status.Time` with dots between."""
    for believed in (bounce(), bounce(at=NOW - 300), bounce().split("?")[1], bounce("old")):
        told = driver("verifyBounce", secrets=["s3cret", "old"], address=believed, now=NOW)
        assert (told["contributionId"], told["status"]) == ("gift", "Settled")
    assert told["time"] == NOW
    for what in (
        bounce("another"), bounce(at=NOW - 301), bounce(at=NOW + 301), bounce(Status="Failed"), bounce(Id="other"),
        bounce(Time=str(NOW - 1)), bounce(Signature=""), bounce() + "=", bounce() + "&Id=other", bounce(Time="soon"),
        "https://shop.example/thanks", "",
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            driver("verifyBounce", secrets=["s3cret"], address=what, now=NOW)
        assert (what, refused.value.kind) == (what, "VerificationFailed")
