"""Somebody else's code against the fake: Amazon's own client for Node, and a validator of SNS messages."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.service import adapter_for
from tests.providers.amazon.test_fault_table import an_order
from tests.providers.amazon.test_permissions import keeper
from tests.providers.node_client import BY_NODE, NodeClient, node_client
from tests.providers.permission_contract import a_permission

pytestmark = [BY_NODE, pytest.mark.no_database]


@pytest.fixture(scope="module")
def node() -> Iterator[NodeClient]:
    with node_client("amazon.js") as client:
        yield client


@pytest.fixture
def amazon() -> Iterator[FakeAmazon]:
    with FakeAmazon(tls=True) as amazon:
        yield amazon
    assert amazon.violations == []


@pytest.fixture
def client(node: NodeClient, amazon: FakeAmazon) -> Any:
    config = {
        "publicKeyId": amazon.public_key_id,
        "privateKey": amazon.private_key,
        "region": "us",
        "sandbox": True,
        "algorithm": "AMZN-PAY-RSASSA-PSS-V2",
        "overrideServiceUrl": amazon.base_url.removeprefix("https://"),
    }

    def call(method: str, *arguments: Any, **changes: Any) -> dict[str, Any]:
        answer = node.ask({"config": config | changes, "method": method, "arguments": arguments})
        assert "error" not in answer, answer
        return answer

    return call


USD = {"amount": "20.00", "currencyCode": "USD"}


def idempotent(key: str) -> dict[str, str]:
    return {"x-amz-pay-idempotency-key": key}


def test_amazons_client_pays_and_gives_back_at_the_fake(client, amazon):
    button = dict(adapter_for(amazon).pay_page(an_order()).button)
    session = amazon.press_button(button)
    assert client("getCheckoutSession", session.id)["data"]["statusDetails"]["state"] == "Open"
    refused = client("completeCheckoutSession", session.id, {"chargeAmount": USD})
    assert (refused["status"], refused["data"]["reasonCode"]) == (422, "InvalidCheckoutSessionStatus")
    amazon.approve(session.id)
    completed = client("completeCheckoutSession", session.id, {"chargeAmount": USD})
    assert (completed["status"], completed["data"]["statusDetails"]["state"]) == (200, "Completed")
    charge_id = completed["data"]["chargeId"]
    assert client("getCharge", charge_id)["data"]["statusDetails"]["state"] == "Captured"
    wanted = {"chargeId": charge_id, "refundAmount": {"amount": "5.00", "currencyCode": "USD"}}
    first, again = (client("createRefund", wanted, idempotent("refund1")) for _ in range(2))
    assert first["data"]["refundId"] == again["data"]["refundId"]
    assert client("getRefund", first["data"]["refundId"])["data"]["statusDetails"]["state"] == "RefundInitiated"
    permission = client("getChargePermission", completed["data"]["chargePermissionId"])
    assert permission["data"]["merchantMetadata"]["merchantReferenceId"] == session.reference
    dispute = amazon.books.dispute(amazon.charges[charge_id])
    amazon.books.end_dispute(dispute)
    told = client("getDispute", dispute.id)["data"]
    assert (told["chargeId"], told["disputeAmount"]) == (charge_id, {"amount": "20", "currencyCode": "USD"})
    assert (told["statusDetails"]["state"], told["statusDetails"]["resolution"]) == ("Resolved", "BuyerWon")


def test_amazons_client_holds_takes_and_cancels_at_the_fake(client, amazon):
    for operation, state in (("captureCharge", "Captured"), ("cancelCharge", "Canceled")):
        session = amazon.press_button(dict(adapter_for(amazon).pay_page(an_order(capture_at_once=False)).button))
        amazon.approve(session.id)
        charge_id = client("completeCheckoutSession", session.id, {"chargeAmount": USD})["data"]["chargeId"]
        assert client("getCharge", charge_id)["data"]["statusDetails"]["state"] == "Authorized"
        body = {"captureAmount": USD} if operation == "captureCharge" else {"cancellationReason": "changed my mind"}
        assert client(operation, charge_id, body, idempotent(operation))["data"]["statusDetails"]["state"] == state


def test_a_wrong_key_is_refused_by_the_fake(client, amazon):
    refused = client("getCheckoutSession", "x", publicKeyId="SANDBOX-SOMEBODY-ELSE")
    assert (refused["status"], refused["data"]["reasonCode"]) == (401, "InvalidRequestSignature")


def test_amazons_client_charges_a_permission_and_closes_it(client, amazon):
    """The session that the giver has agreed in is completed without a charge; each charge is a gift."""
    wish = a_permission("Amazon")
    session = amazon.press_button(dict(keeper(amazon).permission_page(wish).button))
    amazon.approve(session.id)
    completed = client("completeCheckoutSession", session.id, {"chargeAmount": {"amount": "50.00", "currencyCode": "USD"}})[
        "data"
    ]
    permission_id = completed["chargePermissionId"]
    assert (completed["chargeId"], completed["chargePermissionType"]) == (None, "Recurring")
    told = client("getChargePermission", permission_id)["data"]
    assert (told["statusDetails"]["state"], told["merchantMetadata"]["merchantReferenceId"]) == ("Chargeable", wish.reference)
    wanted = {"chargePermissionId": permission_id, "chargeAmount": USD, "captureNow": True}
    first, again = (client("createCharge", wanted, idempotent("charge1")) for _ in range(2))
    assert first["data"]["chargeId"] == again["data"]["chargeId"]
    assert (first["status"], first["data"]["statusDetails"]["state"]) == (201, "Captured")
    closed = client("closeChargePermission", permission_id, {"closureReason": "Over", "cancelPendingCharges": False})
    assert closed["data"]["statusDetails"]["state"] == "Closed"
    refused = client("createCharge", wanted, idempotent("charge2"))
    assert (refused["status"], refused["data"]["reasonCode"]) == (422, "InvalidChargePermissionStatus")


def test_a_button_that_amazons_client_has_signed_is_one(client, amazon):
    button = dict(adapter_for(amazon).pay_page(an_order()).button)
    config = button["createCheckoutSessionConfig"]
    signed = client("generateButtonSignature", config["payloadJSON"])["data"]
    button["createCheckoutSessionConfig"] = config | {"signature": signed}
    assert amazon.press_button(button).state == "Open"


@pytest.mark.parametrize("version", ["1", "2"])
def test_others_believe_the_fakes_notifications(version, node, amazon):
    """And no changed ones."""
    body, _ = amazon.notification("CHARGE", "S01-1111111-1111111-C000001", "S01-1111111-1111111", version=version)
    said = json.loads(body)
    assert node.ask({"sns": said}) == {"valid": True, "error": None}
    assert not node.ask({"sns": said | {"Message": said["Message"].replace("CHARGE", "REFUND")}})["valid"]
    subscription, _ = amazon.subscription()
    assert node.ask({"sns": json.loads(subscription)})["valid"]
