"""PayPal's own client takes the fake for PayPal: every call that the service needs, and the errors."""

from datetime import timedelta

import pytest

from tests.providers.paypal.proof.steps import an_order, assertion

pytestmark = pytest.mark.no_database

ALL = "return=representation"


@pytest.fixture
def for_anna(paypal):
    """What a refund or void for anna@example.org carries."""
    return assertion(iss=paypal.client_id, email="anna@example.org")


def opened(official, key="create-1", **changes):
    return official.orders("create_order", model="OrderRequest", body=an_order(**changes), paypal_request_id=key, prefer=ALL)


def approved(official, paypal, key="create-1", **changes):
    order_id = opened(official, key, **changes)["body"]["id"]
    paypal.approve(order_id)
    return order_id


def test_it_opens_an_order_and_finds_the_way_to_the_giver(official, paypal):
    answer = opened(official)
    assert answer["status"] == 201
    assert answer["body"]["status"] == "PAYER_ACTION_REQUIRED"
    (way,) = [link["href"] for link in answer["body"]["links"] if link["rel"] == "payer-action"]
    assert way == f"{paypal.base_url}/checkoutnow?token={answer['body']['id']}"


def test_it_gets_the_same_order_for_the_same_request_id_with_200(official):
    first, again, other = opened(official), opened(official), opened(official, "create-2")
    assert (again["status"], again["body"]["id"]) == (200, first["body"]["id"])
    assert other["body"]["id"] != first["body"]["id"]


def test_it_reads_back_what_it_ordered(official):
    order_id = opened(official, invoice_id="invoice-1")["body"]["id"]
    answer = official.orders("get_order", id=order_id)
    (unit,) = answer["body"]["purchase_units"]
    assert answer["body"]["intent"] == "CAPTURE"
    assert unit["amount"] == {"currency_code": "USD", "value": "20.00"}
    assert (unit["custom_id"], unit["invoice_id"]) == ("gift-1", "invoice-1")
    assert unit["payee"]["email_address"] == "anna@example.org"


def test_it_captures_what_the_giver_approved(official, paypal):
    order_id = approved(official, paypal)
    answer = official.orders("capture_order", id=order_id, paypal_request_id="capture-1")
    (capture,) = answer["body"]["purchase_units"][0]["payments"]["captures"]
    assert (answer["status"], answer["body"]["status"]) == (201, "COMPLETED")
    assert (capture["status"], capture["amount"]["value"], capture["custom_id"]) == ("COMPLETED", "20.00", "gift-1")
    assert capture["seller_receivable_breakdown"]["net_amount"] == {"currency_code": "USD", "value": "18.81"}
    found = official.payments("get_captured_payment", capture_id=capture["id"])
    assert found["body"]["supplementary_data"]["related_ids"]["order_id"] == order_id


def test_it_authorizes_captures_a_part_and_then_the_rest(official, paypal):
    order_id = approved(official, paypal, intent="AUTHORIZE")
    answer = official.orders("authorize_order", id=order_id, paypal_request_id="authorize-1")
    (held,) = answer["body"]["purchase_units"][0]["payments"]["authorizations"]
    assert (answer["status"], held["status"]) == (201, "CREATED")
    body = {"amount": {"currency_code": "USD", "value": "5.00"}, "final_capture": False}
    part = official.payments(
        "capture_authorized_payment",
        model="CaptureRequest",
        authorization_id=held["id"],
        body=body,
        paypal_request_id="capture-1",
        prefer=ALL,
    )
    assert (part["status"], part["body"]["amount"]["value"]) == (201, "5.00")
    assert official.payments("get_authorized_payment", authorization_id=held["id"])["body"]["status"] == "PARTIALLY_CAPTURED"
    rest = official.payments(
        "capture_authorized_payment", authorization_id=held["id"], paypal_request_id="capture-2", prefer=ALL
    )
    assert rest["body"]["amount"]["value"] == "15.00"
    assert official.payments("get_authorized_payment", authorization_id=held["id"])["body"]["status"] == "CAPTURED"


def test_it_reauthorizes_and_voids_the_original(official, paypal, for_anna):
    """After the honour period."""
    paypal.token_seconds = 10 * 86400
    order_id = approved(official, paypal, intent="AUTHORIZE")
    official.orders("authorize_order", id=order_id, paypal_request_id="authorize-1")
    (held,) = paypal.orders[order_id].authorizations
    paypal.now += timedelta(days=4)
    again = official.payments("reauthorize_payment", authorization_id=held.id, paypal_request_id="again-1", prefer=ALL)
    assert (again["status"], again["body"]["status"]) == (201, "CREATED")
    assert again["body"]["id"] != held.id
    answer = official.payments("void_payment", authorization_id=held.id, paypal_auth_assertion=for_anna)
    assert (answer["status"], answer["body"]) == (204, None)
    assert {one.status for one in paypal.orders[order_id].authorizations} == {"VOIDED"}


def test_it_gives_back_a_part_and_then_the_rest(official, paypal, for_anna):
    order_id = approved(official, paypal)
    official.orders("capture_order", id=order_id, paypal_request_id="capture-1")
    (capture,) = paypal.orders[order_id].captures
    part = official.payments(
        "refund_captured_payment",
        model="RefundRequest",
        capture_id=capture.id,
        body={"amount": {"currency_code": "USD", "value": "5.00"}},
        paypal_request_id="refund-1",
        paypal_auth_assertion=for_anna,
        prefer=ALL,
    )
    assert (part["status"], part["body"]["status"], part["body"]["amount"]["value"]) == (201, "COMPLETED", "5.00")
    assert capture.status == "PARTIALLY_REFUNDED"
    rest = official.payments(
        "refund_captured_payment", capture_id=capture.id, paypal_request_id="refund-2", paypal_auth_assertion=for_anna
    )
    assert rest["status"] == 201
    assert official.payments("get_refund", refund_id=rest["body"]["id"])["body"]["amount"]["value"] == "15.00"
    assert official.payments("get_captured_payment", capture_id=capture.id)["body"]["status"] == "REFUNDED"


@pytest.mark.parametrize("method", ["get_order", "capture_order"])
def test_it_understands_what_is_not_there(official, method):
    answer = official.orders(method, id="5O190127TN364715T")
    assert (answer["status"], answer["name"], answer["issues"]) == (404, "RESOURCE_NOT_FOUND", ["INVALID_RESOURCE_ID"])


def test_it_understands_a_refusal_and_finds_its_debug_id(official, paypal):
    order_id = opened(official)["body"]["id"]
    answer = official.orders("capture_order", id=order_id, paypal_request_id="capture-1")
    assert (answer["status"], answer["name"], answer["issues"]) == (422, "UNPROCESSABLE_ENTITY", ["ORDER_NOT_APPROVED"])
    assert answer["debug_id"] == paypal.calls[-1].debug_id


def test_it_finds_the_way_back_for_a_declined_giver(official, paypal):
    order_id = opened(official)["body"]["id"]
    paypal.approve(order_id, "card_that_is_declined")
    answer = official.orders("capture_order", id=order_id, paypal_request_id="capture-1")
    assert answer["issues"] == ["INSTRUMENT_DECLINED"]
    assert ["redirect", f"{paypal.base_url}/checkoutnow?token={order_id}"] in answer["links"]


@pytest.mark.parametrize("issue", ["INSTRUMENT_DECLINED", "TRANSACTION_REFUSED"])
def test_it_can_ask_for_a_refusal_with_the_mock_header(official, paypal, issue):
    order_id = approved(official, paypal)
    mock = f'{{"mock_application_codes": "{issue}"}}'
    answer = official.orders("capture_order", id=order_id, paypal_request_id="capture-1", paypal_mock_response=mock)
    assert (answer["status"], answer["issues"]) == (422, [issue])
    assert paypal.orders[order_id].captures == []


def test_it_understands_a_broken_paypal(official, paypal):
    order_id = approved(official, paypal)
    paypal.next("capture", "error_500")
    answer = official.orders("capture_order", id=order_id, paypal_request_id="capture-1")
    assert (answer["status"], answer["name"]) == (500, "INTERNAL_SERVER_ERROR")
    assert official.orders("capture_order", id=order_id, paypal_request_id="capture-1")["status"] == 201


def test_it_is_turned_away_once_its_token_is_worth_nothing(official, paypal):
    order_id = opened(official)["body"]["id"]
    paypal.forget_tokens()
    answer = official.orders("get_order", id=order_id)
    assert (answer["status"], answer["name"]) == (401, "AUTHENTICATION_FAILURE")
