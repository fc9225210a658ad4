"""PayPal's own client takes the fake for PayPal: every call that the service needs, and the errors."""

from datetime import timedelta

import pytest

from tests.providers.paypal.proof.steps import an_order, assertion, usd

pytestmark = pytest.mark.no_database

ALL = "return=representation"


def opened(official, key="create-1", **changes):
    return official.orders("create_order", model="OrderRequest", body=an_order(**changes), paypal_request_id=key, prefer=ALL)


def approved(official, paypal, pays_with="balance", **changes):
    order_id = opened(official, **changes)["body"]["id"]
    paypal.approve(order_id, pays_with)
    return order_id


def test_it_opens_an_order_and_reads_it_back(official, paypal):
    """The same request id gets the same order with 200."""
    first, again, other = opened(official), opened(official), opened(official, "create-2")
    order_id = first["body"]["id"]
    assert (first["status"], again["status"], again["body"]["id"]) == (201, 200, order_id)
    assert other["body"]["id"] != order_id
    (way,) = [link["href"] for link in first["body"]["links"] if link["rel"] == "payer-action"]
    assert way == f"{paypal.base_url}/checkoutnow?token={order_id}"
    body = official.orders("get_order", id=order_id)["body"]
    (unit,) = body["purchase_units"]
    assert (body["intent"], body["status"], unit["custom_id"]) == ("CAPTURE", "PAYER_ACTION_REQUIRED", "gift-1")
    assert (unit["amount"], unit["payee"]["email_address"]) == (usd("20.00")["amount"], "anna@example.org")


def test_it_captures_and_gives_back_a_part_and_then_the_rest(official, paypal):
    order_id = approved(official, paypal)
    answer = official.orders("capture_order", id=order_id, paypal_request_id="capture-1")
    (capture,) = answer["body"]["purchase_units"][0]["payments"]["captures"]
    assert (answer["status"], answer["body"]["status"]) == (201, "COMPLETED")
    assert (capture["status"], capture["amount"]["value"], capture["custom_id"]) == ("COMPLETED", "20.00", "gift-1")
    assert capture["seller_receivable_breakdown"]["net_amount"] == {"currency_code": "USD", "value": "18.81"}
    ours = {"capture_id": capture["id"], "paypal_auth_assertion": assertion(iss=paypal.client_id, email="anna@example.org")}
    part = {"model": "RefundRequest", "body": usd("5.00"), "paypal_request_id": "refund-1", "prefer": ALL}
    part = official.payments("refund_captured_payment", **part, **ours)
    assert (part["status"], part["body"]["status"], part["body"]["amount"]["value"]) == (201, "COMPLETED", "5.00")
    rest = official.payments("refund_captured_payment", paypal_request_id="refund-2", **ours)
    assert official.payments("get_refund", refund_id=rest["body"]["id"])["body"]["amount"]["value"] == "15.00"
    found = official.payments("get_captured_payment", capture_id=capture["id"])["body"]
    assert (found["status"], found["supplementary_data"]["related_ids"]["order_id"]) == ("REFUNDED", order_id)


def held_by(official, paypal):
    order_id = approved(official, paypal, intent="AUTHORIZE")
    answer = official.orders("authorize_order", id=order_id, paypal_request_id="authorize-1")
    (held,) = answer["body"]["purchase_units"][0]["payments"]["authorizations"]
    assert (answer["status"], held["status"]) == (201, "CREATED")
    return held["id"]


def test_it_authorizes_captures_a_part_and_then_the_rest(official, paypal):
    held = held_by(official, paypal)
    part = {"model": "CaptureRequest", "body": usd("5.00") | {"final_capture": False}}
    for number, (more, amount, status) in enumerate([(part, "5.00", "PARTIALLY_CAPTURED"), ({}, "15.00", "CAPTURED")]):
        asked = {"authorization_id": held, "paypal_request_id": f"capture-{number}", "prefer": ALL}
        answer = official.payments("capture_authorized_payment", **asked, **more)
        assert (answer["status"], answer["body"]["amount"]["value"]) == (201, amount)
        assert official.payments("get_authorized_payment", authorization_id=held)["body"]["status"] == status


def test_it_reauthorizes_and_voids_the_original(official, paypal):
    """After the honour period."""
    paypal.token_seconds = 10 * 86400
    held = held_by(official, paypal)
    paypal.now += timedelta(days=4)
    again = official.payments("reauthorize_payment", authorization_id=held, paypal_request_id="again-1", prefer=ALL)
    assert (again["status"], again["body"]["status"], again["body"]["id"] != held) == (201, "CREATED", True)
    for_anna = assertion(iss=paypal.client_id, email="anna@example.org")
    answer = official.payments("void_payment", authorization_id=held, paypal_auth_assertion=for_anna)
    assert (answer["status"], answer["body"]) == (204, None)
    assert {one.status for one in paypal.authorizations.values()} == {"VOIDED"}


def test_it_understands_every_kind_of_no(official, paypal):
    for method in ("get_order", "capture_order"):
        answer = official.orders(method, id="5O190127TN364715T")
        assert (answer["status"], answer["name"], answer["issues"]) == (404, "RESOURCE_NOT_FOUND", ["INVALID_RESOURCE_ID"])
    order_id = opened(official)["body"]["id"]
    capture = {"id": order_id, "paypal_request_id": "capture-1"}
    answer = official.orders("capture_order", **capture)
    assert (answer["status"], answer["name"], answer["issues"]) == (422, "UNPROCESSABLE_ENTITY", ["ORDER_NOT_APPROVED"])
    assert answer["debug_id"] == paypal.calls[-1].debug_id
    paypal.approve(order_id, "card_that_is_declined")
    answer = official.orders("capture_order", **capture)
    assert answer["issues"] == ["INSTRUMENT_DECLINED"]
    assert ["redirect", f"{paypal.base_url}/checkoutnow?token={order_id}"] in answer["links"]
    paypal.next("capture", "error_500")
    answer = official.orders("capture_order", **capture)
    assert (answer["status"], answer["name"]) == (500, "INTERNAL_SERVER_ERROR")
    paypal.forget_tokens()
    answer = official.orders("get_order", id=order_id)
    assert (answer["status"], answer["name"]) == (401, "AUTHENTICATION_FAILURE")
