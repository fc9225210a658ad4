"""What the fake PayPal knows of orders: who may do what with which, and when."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.providers.paypal.proof.steps import ANNA, ORDERS, Caller, an_order, issue_of

pytestmark = pytest.mark.no_database

EXAMPLE = f"{ORDERS}/5O190127TN364715T"


def test_nothing_is_done_without_a_right_and_fresh_token(paypal, caller):
    assert caller.ask_for_a_token("nobody", "knows").json()["error"] == "invalid_client"
    for header in ("", "Bearer", "Bearer A21AAwrong", "Basic QTpC"):
        assert caller.post(ORDERS, an_order(), Authorization=header).status_code == 401
    assert caller.get(EXAMPLE).status_code == 404
    paypal.now += timedelta(seconds=31668)
    refused = caller.get(EXAMPLE)
    assert (refused.status_code, refused.json()["name"], paypal.orders) == (401, "AUTHENTICATION_FAILURE", {})
    assert refused.headers["PayPal-Debug-Id"] == refused.json()["debug_id"] == paypal.calls[-1].debug_id


def test_an_order_says_little_unless_asked_for_more(paypal, caller):
    assert set(caller.post(ORDERS, an_order()).json()) == {"id", "status", "payment_source", "links"}
    whole = caller.post(ORDERS, an_order(), Prefer="return=representation").json()
    payee = {"email_address": ANNA, "merchant_id": paypal.account(ANNA).merchant_id}
    assert whole["purchase_units"][0]["payee"] == payee


@pytest.mark.parametrize(
    ("amount", "issue"),
    [
        (("20.00", "HUF"), "DECIMAL_PRECISION"),
        (("20.001", "USD"), "DECIMAL_PRECISION"),
        (("0.00", "USD"), "CANNOT_BE_ZERO_OR_NEGATIVE"),
        (("1.000", "KWD"), "INVALID_CURRENCY_CODE"),
        (("1000000000000000.00", "USD"), "MAX_VALUE_EXCEEDED"),
    ],
)
def test_an_amount_must_be_one_that_paypal_can_carry(caller, amount, issue):
    answer = caller.post(ORDERS, an_order(*amount))
    assert (answer.status_code, issue_of(answer)) == (422, issue)


@pytest.mark.parametrize(
    ("body", "issue"),
    [
        ({}, "MISSING_REQUIRED_PARAMETER"),
        ({"intent": "CAPTURE", "purchase_units": []}, "INVALID_ARRAY_MIN_ITEMS"),
        ({"intent": "GIVE", "purchase_units": [{}]}, "INVALID_PARAMETER_VALUE"),
        ({"intent": "CAPTURE", "purchase_units": ["x"]}, "INVALID_PARAMETER_SYNTAX"),
        (an_order("2e1"), "INVALID_PARAMETER_SYNTAX"),
        (an_order(custom_id="x" * 128), "INVALID_STRING_LENGTH"),
        (an_order(payee={"email_address": "anna"}), "INVALID_PARAMETER_SYNTAX"),
    ],
)
def test_a_malformed_order_is_refused_and_noted_as_a_violation(careless_paypal, specification, body, issue):
    with Caller(careless_paypal) as caller:
        answer = caller.post(ORDERS, body)
    assert (answer.status_code, issue_of(answer)) == (400, issue)
    assert careless_paypal.violations
    assert all(sentence.startswith("request POST /v2/checkout/orders: ") for sentence in careless_paypal.violations)


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [(b"{", "application/json", 400), (b"[]", "application/json", 400), (b"{}", "text/plain", 415), (b"{}", "", 415)],
)
def test_a_body_must_be_a_json_object_and_say_so(careless_paypal, content, content_type, status):
    with Caller(careless_paypal) as caller:
        assert caller.post(ORDERS, content, Content_Type=content_type).status_code == status


def test_a_request_id_does_it_once_and_tells_how_it_stands_now(paypal, caller):
    """One per address: the capture under the same id is another request."""
    assert issue_of(caller.post(ORDERS, an_order(), key="-")) == "PAYPAL_REQUEST_ID_REQUIRED"
    first = caller.post(ORDERS, an_order(), key="the-same")
    paypal.approve(first.json()["id"])
    again = caller.post(ORDERS, an_order(), key="the-same")
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["id"], again.json()["status"]) == (first.json()["id"], "APPROVED")
    assert caller.post(f"{ORDERS}/{first.json()['id']}/capture", key="the-same").status_code == 201


def test_a_request_id_is_forgotten_after_six_hours(paypal, caller):
    order = caller.approved()
    path = f"{ORDERS}/{order.id}/capture"
    assert caller.post(path, key="capture-1").status_code == 201
    paypal.now += timedelta(hours=5, minutes=59)
    assert caller.post(path, key="capture-1").status_code == 200
    paypal.now += timedelta(minutes=2)
    assert issue_of(caller.post(path, key="capture-1")) == "ORDER_ALREADY_CAPTURED"
    assert len(order.captures) == 1


@pytest.mark.parametrize("approved", [False, True])
def test_an_order_runs_out_after_three_hours(paypal, caller, approved):
    """And three more once it is approved."""
    order = caller.created()
    paypal.now += timedelta(hours=2)
    if approved:
        paypal.approve(order.id)
        paypal.now += timedelta(hours=2)
        assert caller.get(f"{ORDERS}/{order.id}").json()["status"] == "APPROVED"
    paypal.now += timedelta(hours=1)
    assert issue_of(caller.get(f"{ORDERS}/{order.id}")) == "INVALID_RESOURCE_ID"
    assert caller.post(f"{ORDERS}/{order.id}/capture").status_code == 404
    with pytest.raises(ValueError, match="cannot be approved"):
        paypal.approve(order.id)


def test_a_declined_card_leads_back_to_the_giver(paypal, caller):
    """Who pays with another. The same request id gets the same decline again, and there is an end to trying."""
    order = caller.approved(pays_with="card_that_is_declined")
    path = f"{ORDERS}/{order.id}/capture"
    declined = caller.post(path, key="capture-1")
    assert (declined.status_code, issue_of(declined)) == (422, "INSTRUMENT_DECLINED")
    assert declined.json()["links"][0]["href"] == f"{paypal.base_url}/checkoutnow?token={order.id}"
    paypal.approve(order.id)
    assert issue_of(caller.post(path, key="capture-1")) == "INSTRUMENT_DECLINED"
    assert caller.post(path, key="capture-2").status_code == 201
    tried = caller.approved(pays_with="card_that_is_declined")
    issues = [issue_of(caller.post(f"{ORDERS}/{tried.id}/capture")) for _ in range(11)]
    assert issues == ["INSTRUMENT_DECLINED"] * 10 + ["MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED"]


@pytest.mark.parametrize(
    ("pays_with", "status", "details"),
    [
        ("balance", "COMPLETED", None),
        ("echeck", "PENDING", {"reason": "ECHECK"}),
        ("under_review", "PENDING", {"reason": "PENDING_REVIEW"}),
        ("refused_after_all", "DECLINED", None),
        ("failing_after_all", "FAILED", None),
    ],
)
def test_an_order_is_completed_whatever_becomes_of_the_capture(paypal, caller, pays_with, status, details):
    """And does not run out."""
    paypal.token_seconds = 500 * 86400
    capture = caller.captured(pays_with=pays_with)
    paypal.now += timedelta(days=400)
    found = caller.get(f"{ORDERS}/{capture.order.id}").json()
    (told,) = found["purchase_units"][0]["payments"]["captures"]
    assert found["status"] == "COMPLETED"
    assert (told["status"], told.get("status_details")) == (status, details)
    assert capture.order.taken == (Decimal(20) if status == "COMPLETED" else 0)


def test_there_are_no_echecks_where_payment_is_immediate(paypal, caller):
    order = caller.created(context={"payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED"})
    with pytest.raises(ValueError, match="immediate payment"):
        paypal.approve(order.id, "echeck")


def test_what_is_paid_once_is_not_paid_again_or_otherwise(caller):
    caller.captured(invoice_id="invoice-1")
    second = caller.approved(invoice_id="invoice-1")
    assert issue_of(caller.post(f"{ORDERS}/{second.id}/capture")) == "DUPLICATE_INVOICE_ID"
    for intent, verb in (("CAPTURE", "authorize"), ("AUTHORIZE", "capture")):
        order = caller.approved(intent=intent)
        assert issue_of(caller.post(f"{ORDERS}/{order.id}/{verb}")) == "ACTION_DOES_NOT_MATCH_INTENT"
    held = caller.authorized()
    assert issue_of(caller.post(f"{ORDERS}/{held.order.id}/authorize")) == "ORDER_ALREADY_AUTHORIZED"
