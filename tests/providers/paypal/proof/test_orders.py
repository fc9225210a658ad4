"""What the fake PayPal knows of orders: who may do what with which, and when."""

from datetime import timedelta
from decimal import Decimal

import pytest
import requests

from tests.providers.paypal.proof.steps import Caller, an_order, issue_of

pytestmark = pytest.mark.no_database

EXAMPLE = "5O190127TN364715T"


# --- tokens -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("auth", [("nobody", "knows"), ("", "")])
def test_nobody_gets_a_token_with_wrong_credentials(paypal, auth):
    form = {"grant_type": "client_credentials"}
    answer = requests.post(f"{paypal.base_url}/v1/oauth2/token", auth=auth, data=form, timeout=20)
    assert answer.status_code == 401
    assert answer.json() == {"error": "invalid_client", "error_description": "Client Authentication failed"}
    assert answer.headers["PayPal-Debug-Id"]


def test_a_token_says_how_long_it_lasts_and_no_longer_does_it(paypal, caller):
    answer = requests.post(
        f"{paypal.base_url}/v1/oauth2/token",
        auth=(paypal.client_id, paypal.client_secret),
        data={"grant_type": "client_credentials"},
        timeout=20,
    )
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 31668)
    caller.token = answer.json()["access_token"]
    paypal.now += timedelta(seconds=31660)
    assert caller.get(f"/v2/checkout/orders/{EXAMPLE}").status_code == 404
    paypal.now += timedelta(seconds=10)
    refused = caller.get(f"/v2/checkout/orders/{EXAMPLE}")
    assert (refused.status_code, refused.json()["name"]) == (401, "AUTHENTICATION_FAILURE")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer A21AAwrong", "Basic QTpC"])
def test_nothing_is_done_without_a_right_token(paypal, caller, header):
    answer = caller.post("/v2/checkout/orders", an_order(), Authorization=header)
    assert answer.status_code == 401
    assert paypal.orders == {}


def test_an_order_of_one_app_is_unknown_to_another(paypal, caller):
    order = caller.created()
    with Caller(paypal, paypal.new_app("bob@example.org")) as other:
        assert issue_of(other.get(f"/v2/checkout/orders/{order.id}")) == "INVALID_RESOURCE_ID"


# --- opening ------------------------------------------------------------------------------------------------------------


def test_an_order_says_little_unless_asked_for_more(paypal, caller):
    short = caller.post("/v2/checkout/orders", an_order())
    assert short.status_code == 201
    assert set(short.json()) == {"id", "status", "payment_source", "links"}
    whole = caller.post("/v2/checkout/orders", an_order(), Prefer="return=representation").json()
    assert whole["purchase_units"][0]["payee"] == {
        "email_address": "anna@example.org",
        "merchant_id": paypal.account("anna@example.org").merchant_id,
    }


def test_every_answer_has_a_debug_id_and_an_error_repeats_it(paypal, caller):
    answer = caller.get(f"/v2/checkout/orders/{EXAMPLE}")
    assert answer.status_code == 404
    assert answer.headers["PayPal-Debug-Id"] == answer.json()["debug_id"] == paypal.calls[-1].debug_id


def test_a_payment_source_needs_a_request_id(caller):
    answer = caller.post("/v2/checkout/orders", an_order(), key="-")
    assert (answer.status_code, issue_of(answer)) == (400, "PAYPAL_REQUEST_ID_REQUIRED")


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
def test_an_amount_must_be_one_that_paypal_can_carry(paypal, caller, amount, issue):
    answer = caller.post("/v2/checkout/orders", an_order(*amount))
    assert (answer.status_code, issue_of(answer)) == (422, issue)
    assert paypal.orders == {}


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
        answer = caller.post("/v2/checkout/orders", body)
    assert (answer.status_code, issue_of(answer)) == (400, issue)
    assert careless_paypal.violations
    assert all(sentence.startswith("request POST /v2/checkout/orders: ") for sentence in careless_paypal.violations)


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [("{", "application/json", 400), ("[]", "application/json", 400), ("{}", "text/plain", 415), ("{}", "", 415)],
)
def test_a_body_must_be_a_json_object_and_say_so(careless_paypal, content, content_type, status):
    with Caller(careless_paypal) as caller:
        address, headers = f"{careless_paypal.base_url}/v2/checkout/orders", {"Content-Type": content_type}
        headers["Authorization"] = f"Bearer {caller.log_in()}"
        assert requests.post(address, data=content, headers=headers, timeout=20).status_code == status


@pytest.mark.parametrize(
    ("switched", "issue"), [("closed", "PAYEE_ACCOUNT_LOCKED_OR_CLOSED"), ("restricted", "PAYEE_ACCOUNT_RESTRICTED")]
)
def test_a_payee_whose_account_is_shut_gets_no_order(paypal, caller, switched, issue):
    setattr(paypal.account("anna@example.org"), switched, True)
    assert issue_of(caller.post("/v2/checkout/orders", an_order())) == issue


# --- request ids --------------------------------------------------------------------------------------------------------


def test_a_request_id_does_it_once_and_tells_how_it_stands_now(paypal, caller):
    first = caller.post("/v2/checkout/orders", an_order(), key="open-1")
    order_id = first.json()["id"]
    paypal.approve(order_id)
    again = caller.post("/v2/checkout/orders", an_order(), key="open-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["id"], again.json()["status"]) == (order_id, "APPROVED")
    assert [call.replayed for call in paypal.calls_of("create")] == [False, True]


def test_a_request_id_is_one_per_address_and_per_app(paypal, caller):
    order = caller.approved()
    for name in ("create", "capture"):
        path = {"create": "", "capture": f"/{order.id}/capture"}[name]
        answer = caller.post(f"/v2/checkout/orders{path}", an_order() if name == "create" else {}, key="the-same")
        assert answer.status_code == 201
    with Caller(paypal, paypal.new_app("bob@example.org")) as other:
        assert other.post("/v2/checkout/orders", an_order(), key="the-same").status_code == 201


def test_a_request_id_is_forgotten_after_six_hours(paypal, caller):
    order = caller.approved()
    path = f"/v2/checkout/orders/{order.id}/capture"
    assert caller.post(path, key="capture-1").status_code == 201
    paypal.now += timedelta(hours=5, minutes=59)
    assert caller.post(path, key="capture-1").status_code == 200
    paypal.now += timedelta(minutes=2)
    answer = caller.post(path, key="capture-1")
    assert (answer.status_code, issue_of(answer)) == (422, "ORDER_ALREADY_CAPTURED")
    assert len(order.captures) == 1


# --- the giver ----------------------------------------------------------------------------------------------------------


def test_the_wrong_verb_is_refused(caller):
    for intent, verb in (("CAPTURE", "authorize"), ("AUTHORIZE", "capture")):
        order = caller.approved(intent=intent)
        assert issue_of(caller.post(f"/v2/checkout/orders/{order.id}/{verb}")) == "ACTION_DOES_NOT_MATCH_INTENT"


@pytest.mark.parametrize("approved", [False, True])
def test_an_order_runs_out_after_three_hours(paypal, caller, approved):
    """And three more once it is approved."""
    order = caller.created()
    paypal.now += timedelta(hours=2)
    if approved:
        paypal.approve(order.id)
        paypal.now += timedelta(hours=2)
        assert caller.get(f"/v2/checkout/orders/{order.id}").json()["status"] == "APPROVED"
    paypal.now += timedelta(hours=1)
    assert issue_of(caller.get(f"/v2/checkout/orders/{order.id}")) == "INVALID_RESOURCE_ID"
    assert caller.post(f"/v2/checkout/orders/{order.id}/capture").status_code == 404
    with pytest.raises(ValueError, match="cannot be approved"):
        paypal.approve(order.id)


def test_what_is_paid_does_not_run_out(paypal, caller):
    order = caller.captured().order
    paypal.now += timedelta(days=400)
    caller.log_in()
    assert caller.get(f"/v2/checkout/orders/{order.id}").json()["status"] == "COMPLETED"


# --- how it comes out ---------------------------------------------------------------------------------------------------


def test_a_declined_card_leads_back_to_the_giver(paypal, caller):
    """Who pays with another. The same request id gets the same decline again."""
    order = caller.approved(pays_with="card_that_is_declined")
    path = f"/v2/checkout/orders/{order.id}/capture"
    declined = caller.post(path, key="capture-1")
    assert (declined.status_code, issue_of(declined)) == (422, "INSTRUMENT_DECLINED")
    assert declined.json()["links"][0]["href"] == f"{paypal.base_url}/checkoutnow?token={order.id}"
    paypal.approve(order.id)
    assert issue_of(caller.post(path, key="capture-1")) == "INSTRUMENT_DECLINED"
    assert caller.post(path, key="capture-2").status_code == 201
    assert len(order.captures) == 1


def test_a_paypal_that_forgets_declines_takes_the_second_try(paypal, caller):
    paypal.remembers_declines = False
    order = caller.approved(pays_with="card_that_is_declined")
    caller.post(f"/v2/checkout/orders/{order.id}/capture", key="capture-1")
    paypal.approve(order.id)
    assert caller.post(f"/v2/checkout/orders/{order.id}/capture", key="capture-1").status_code == 201


def test_nobody_may_try_for_ever(caller):
    order = caller.approved(pays_with="card_that_is_declined")
    path = f"/v2/checkout/orders/{order.id}/capture"
    issues = [issue_of(caller.post(path)) for _ in range(11)]
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
    capture = caller.captured(pays_with=pays_with)
    found = caller.get(f"/v2/checkout/orders/{capture.order.id}").json()
    (told,) = found["purchase_units"][0]["payments"]["captures"]
    assert found["status"] == "COMPLETED"
    assert (told["status"], told.get("status_details")) == (status, details)
    assert capture.order.taken == (Decimal(20) if status == "COMPLETED" else 0)


def test_a_pending_capture_is_denied_a_completed_one_reviewed(paypal, caller):
    denied, reviewed = caller.captured(pays_with="echeck"), caller.captured()
    paypal.deny(denied.id)
    paypal.review(reviewed.id)
    assert [(one.status, one.reason) for one in (denied, reviewed)] == [("DECLINED", ""), ("PENDING", "PENDING_REVIEW")]
    with pytest.raises(ValueError, match="not PENDING"):
        paypal.complete(denied.id)


def test_there_are_no_echecks_where_payment_is_immediate(paypal, caller):
    context = {"payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED"}
    order = caller.created(payment_source={"paypal": {"experience_context": context}})
    with pytest.raises(ValueError, match="immediate payment"):
        paypal.approve(order.id, "echeck")


def test_the_same_invoice_is_paid_once_even_by_another_order(caller):
    caller.captured(invoice_id="invoice-1")
    second = caller.approved(invoice_id="invoice-1")
    answer = caller.post(f"/v2/checkout/orders/{second.id}/capture")
    assert (answer.status_code, issue_of(answer)) == (422, "DUPLICATE_INVOICE_ID")
