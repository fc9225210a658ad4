"""What the fake PayPal knows of orders: who may do what with which, and when."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
import requests

from tests.providers.paypal.proof.steps import CANCEL_URL, RETURN_URL, Caller, an_order, issue_of

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


def test_order_is_opened_and_says_little_unless_asked_for_more(paypal, caller):
    """An order is opened and says little unless asked for more."""
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


def test_without_a_payee_the_money_is_the_apps_own(paypal, caller):
    assert caller.created(payee=None).payee is paypal.account("platform@example.org")


def test_a_payee_may_be_named_by_a_merchant_id_that_exists(paypal, caller):
    anna = paypal.account("anna@example.org")
    assert caller.created(payee={"merchant_id": anna.merchant_id}).payee is anna
    answer = caller.post("/v2/checkout/orders", an_order(payee={"merchant_id": "QYR5Z8XDVJNXQ"}))
    assert issue_of(answer) == "PAYEE_ACCOUNT_INVALID"


def test_old_way_of_opening_calls_way_to_giver_approve(caller):
    """The old way of opening calls the way to the giver approve."""
    answer = caller.post("/v2/checkout/orders", an_order(payment_source=None), key="-")
    assert (answer.status_code, answer.json()["status"]) == (201, "CREATED")
    assert [link["rel"] for link in answer.json()["links"]] == ["self", "approve", "update", "capture"]


def test_a_payment_source_needs_a_request_id(caller):
    answer = caller.post("/v2/checkout/orders", an_order(), key="-")
    assert (answer.status_code, issue_of(answer)) == (400, "PAYPAL_REQUEST_ID_REQUIRED")


@pytest.mark.parametrize(
    ("amount", "issue"),
    [
        (("20.00", "HUF"), "DECIMAL_PRECISION"),
        (("20.0", "JPY"), "DECIMAL_PRECISION"),
        (("1.5", "TWD"), "DECIMAL_PRECISION"),
        (("20.001", "USD"), "DECIMAL_PRECISION"),
        (("0.00", "USD"), "CANNOT_BE_ZERO_OR_NEGATIVE"),
        (("-1.00", "USD"), "CANNOT_BE_ZERO_OR_NEGATIVE"),
        (("1.000", "KWD"), "INVALID_CURRENCY_CODE"),
        (("1000000000000000.00", "USD"), "MAX_VALUE_EXCEEDED"),
    ],
)
def test_an_amount_must_be_one_that_paypal_can_carry(paypal, caller, amount, issue):
    answer = caller.post("/v2/checkout/orders", an_order(*amount))
    assert (answer.status_code, issue_of(answer)) == (422, issue)
    assert paypal.orders == {}


@pytest.mark.parametrize("amount", [("2000", "HUF"), ("20", "JPY"), ("20", "USD"), ("0.01", "EUR"), (".50", "GBP")])
def test_an_amount_that_paypal_can_carry_is_carried(caller, amount):
    order = caller.created(*amount)
    assert (order.amount.value, order.amount.currency) == (Decimal(amount[0]), amount[1])


@pytest.mark.parametrize(
    ("body", "issue"),
    [
        ({}, "MISSING_REQUIRED_PARAMETER"),
        ({"intent": "CAPTURE"}, "MISSING_REQUIRED_PARAMETER"),
        ({"intent": "CAPTURE", "purchase_units": []}, "INVALID_ARRAY_MIN_ITEMS"),
        ({"intent": "GIVE", "purchase_units": [{}]}, "INVALID_PARAMETER_VALUE"),
        ({"intent": "CAPTURE", "purchase_units": [{}]}, "MISSING_REQUIRED_PARAMETER"),
        ({"intent": "CAPTURE", "purchase_units": ["x"]}, "INVALID_PARAMETER_SYNTAX"),
        (an_order("2e1"), "INVALID_PARAMETER_SYNTAX"),
        (an_order(custom_id="x" * 128), "INVALID_STRING_LENGTH"),
        (an_order(description=""), "INVALID_STRING_LENGTH"),
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


def test_a_crowd_with_one_request_id_opens_one_order(paypal, caller):
    caller.log_in()
    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(lambda _: caller.post("/v2/checkout/orders", an_order(), key="one"), range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len(paypal.orders) == 1


def test_a_crowd_with_ids_of_their_own_captures_once(paypal, caller):
    order = caller.approved()
    path = f"/v2/checkout/orders/{order.id}/capture"
    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(lambda number: caller.post(path, key=f"capture-{number}"), range(16)))
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 15
    assert {issue_of(answer) for answer in answers if answer.status_code == 422} == {"ORDER_ALREADY_CAPTURED"}
    assert order.taken_minor == 2000


# --- the giver ----------------------------------------------------------------------------------------------------------


def test_the_giver_comes_back_with_the_orders_id_and_a_payers(paypal, caller):
    order = caller.created()
    assert paypal.approve(order.id) == f"{RETURN_URL}&token={order.id}&PayerID={order.payer_id}"
    assert order.status == "APPROVED"
    assert len(order.payer_id) == 13


def test_giver_who_gives_up_leaves_order(paypal, caller):
    """A giver who gives up leaves the order as it is and may still pay."""
    order = caller.created()
    assert paypal.give_up(order.id) == f"{CANCEL_URL}?token={order.id}"
    assert (order.status, order.given_up) == ("PAYER_ACTION_REQUIRED", True)
    paypal.approve(order.id)
    assert caller.post(f"/v2/checkout/orders/{order.id}/capture").status_code == 201


def test_what_nobody_has_approved_is_not_captured(caller):
    order = caller.created()
    answer = caller.post(f"/v2/checkout/orders/{order.id}/capture")
    assert (answer.status_code, issue_of(answer)) == (422, "ORDER_NOT_APPROVED")


def test_the_wrong_verb_is_refused(caller):
    for intent, verb in (("CAPTURE", "authorize"), ("AUTHORIZE", "capture")):
        order = caller.approved(intent=intent)
        assert issue_of(caller.post(f"/v2/checkout/orders/{order.id}/{verb}")) == "ACTION_DOES_NOT_MATCH_INTENT"


@pytest.mark.parametrize("approved", [False, True])
def test_order_runs_out_after_three_hours_and_three_more_once(paypal, caller, approved):
    """An order runs out after three hours and three more once approved."""
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


def test_declined_card_leads_back_to_giver_who_pays_with_another(paypal, caller):
    """A declined card leads back to the giver who pays with another."""
    order = caller.approved(pays_with="card_that_is_declined")
    path = f"/v2/checkout/orders/{order.id}/capture"
    declined = caller.post(path, key="capture-1")
    assert (declined.status_code, issue_of(declined)) == (422, "INSTRUMENT_DECLINED")
    assert declined.json()["links"][0]["href"] == f"{paypal.base_url}/checkoutnow?token={order.id}"
    paypal.approve(order.id)
    assert issue_of(caller.post(path, key="capture-1")) == "INSTRUMENT_DECLINED"
    assert caller.post(path, key="capture-2").status_code == 201
    assert len(order.captures) == 1


def test_paypal_that_forgets_declines_takes_second_try_with_same(paypal, caller):
    """A PayPal that forgets declines takes the second try with the same id."""
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


def test_money_for_an_address_that_nobody_has_confirmed_waits(paypal, caller):
    anna = paypal.account("anna@example.org")
    anna.confirmed = False
    capture = caller.captured()
    told = caller.get(f"/v2/payments/captures/{capture.id}").json()
    assert (told["status"], told["status_details"]) == ("PENDING", {"reason": "UNILATERAL"})
    assert told["payee"] == {"email_address": "anna@example.org"}
    anna.confirmed = True
    paypal.complete(capture.id)
    assert caller.get(f"/v2/payments/captures/{capture.id}").json()["status"] == "COMPLETED"


def test_pending_capture_can_be_denied_and_completed(paypal, caller):
    """A pending capture can be denied and a completed one be reviewed."""
    denied, reviewed = caller.captured(pays_with="echeck"), caller.captured()
    paypal.deny(denied.id)
    paypal.review(reviewed.id)
    assert [(one.status, one.reason) for one in (denied, reviewed)] == [("DECLINED", ""), ("PENDING", "PENDING_REVIEW")]
    with pytest.raises(ValueError, match="not PENDING"):
        paypal.complete(denied.id)


def test_where_immediate_payment_is_required(paypal, caller):
    """Where immediate payment is required there are no echecks."""
    context = {"payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED"}
    order = caller.created(payment_source={"paypal": {"experience_context": context}})
    with pytest.raises(ValueError, match="immediate payment"):
        paypal.approve(order.id, "echeck")


def test_the_same_invoice_is_paid_once_even_by_another_order(caller):
    caller.captured(invoice_id="invoice-1")
    second = caller.approved(invoice_id="invoice-1")
    answer = caller.post(f"/v2/checkout/orders/{second.id}/capture")
    assert (answer.status_code, issue_of(answer)) == (422, "DUPLICATE_INVOICE_ID")


def test_a_fee_is_told_and_what_is_left_of_it(caller):
    usd, jpy = caller.captured("25.00"), caller.captured("2000", "JPY")
    told = caller.get(f"/v2/payments/captures/{usd.id}").json()["seller_receivable_breakdown"]
    assert [told[name]["value"] for name in ("gross_amount", "paypal_fee", "net_amount")] == ["25.00", "1.36", "23.64"]
    told = caller.get(f"/v2/payments/captures/{jpy.id}").json()["seller_receivable_breakdown"]
    assert [told[name]["value"] for name in ("gross_amount", "paypal_fee", "net_amount")] == ["2000", "110", "1890"]


@pytest.mark.parametrize("issue", ["INSTRUMENT_DECLINED", "PAYER_CANNOT_PAY", "TRANSACTION_REFUSED"])
def test_the_mock_header_asks_for_a_refusal_and_nothing_is_done(caller, issue):
    order = caller.approved()
    mock = f'{{"mock_application_codes": "{issue}"}}'
    answer = caller.post(f"/v2/checkout/orders/{order.id}/capture", PayPal_Mock_Response=mock)
    assert (answer.status_code, issue_of(answer)) == (422, issue)
    assert order.captures == []
