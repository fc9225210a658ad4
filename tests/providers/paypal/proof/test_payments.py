"""What the fake PayPal knows of money that is held, taken and given back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.providers.paypal.proof.steps import Caller, assertion, issue_of

pytestmark = pytest.mark.no_database

ANNA = "anna@example.org"


def usd(value):
    return {"amount": {"currency_code": "USD", "value": value}}


@pytest.fixture
def caller(paypal):
    """A caller whose token outlives an authorization."""
    paypal.token_seconds = 365 * 86400
    with Caller(paypal) as caller:
        yield caller


def capture(caller, held, body=None, **more):
    return caller.post(f"/v2/payments/authorizations/{held.id}/capture", body, **more)


def reauthorize(caller, held, body=None, **more):
    return caller.post(f"/v2/payments/authorizations/{held.id}/reauthorize", body, **more)


# --- holding ------------------------------------------------------------------------------------------------------------


def test_an_order_is_authorized_once(caller):
    held = caller.authorized()
    answer = caller.post(f"/v2/checkout/orders/{held.order.id}/authorize")
    assert (answer.status_code, issue_of(answer)) == (422, "ORDER_ALREADY_AUTHORIZED")


@pytest.mark.parametrize(("ends", "can_be_taken"), [("CREATED", True), ("DENIED", False)])
def test_what_is_reviewed_is_not_taken_before_it_ends_well(paypal, caller, ends, can_be_taken):
    held = caller.authorized(pays_with="under_review")
    assert (held.status, held.reason) == ("PENDING", "PENDING_REVIEW")
    assert capture(caller, held).status_code == 422
    paypal.end_authorization_review(held.id, ends)
    assert (capture(caller, held).status_code == 201) == can_be_taken


def test_a_capture_of_what_was_held_leads_up_to_it(caller):
    held = caller.authorized()
    answer = capture(caller, held, Prefer="return=representation").json()
    assert answer["links"][-1]["href"].endswith(f"/v2/payments/authorizations/{held.id}")
    assert answer["supplementary_data"]["related_ids"] == {"order_id": held.order.id, "authorization_id": held.id}


def test_up_to_115_percent_can_be_taken_and_no_cent_more(caller):
    held = caller.authorized()
    assert issue_of(capture(caller, held, usd("23.01"))) == "MAX_CAPTURE_AMOUNT_EXCEEDED"
    assert capture(caller, held, usd("23.00")).status_code == 201


def test_what_is_held_too_long_is_let_go_and_told(paypal, caller):
    held = caller.authorized()
    paypal.now += timedelta(days=28, hours=23)
    assert caller.get(f"/v2/payments/authorizations/{held.id}").json()["status"] == "CREATED"
    paypal.now += timedelta(hours=1)
    assert caller.get(f"/v2/payments/authorizations/{held.id}").json()["status"] == "VOIDED"
    assert issue_of(capture(caller, held)) == "AUTHORIZATION_EXPIRED"
    assert [hook.event_type for hook in paypal.webhooks_of(held.order.id)][-1] == "PAYMENT.AUTHORIZATION.VOIDED"


def test_it_is_held_again_once_the_honour_period_is_over(paypal, caller):
    held = caller.authorized()
    assert issue_of(reauthorize(caller, held)) == "REAUTHORIZATION_TOO_SOON"
    paypal.now += timedelta(days=3)
    answer = reauthorize(caller, held, key="again-1")
    assert answer.status_code == 201
    assert reauthorize(caller, held, key="again-1").json()["id"] == answer.json()["id"]
    again = paypal.authorizations[answer.json()["id"]]
    assert (again.parent, again.expires) == (held, held.expires)
    assert issue_of(reauthorize(caller, again)) == "REAUTHORIZATION_NOT_SUPPORTED"
    assert issue_of(reauthorize(caller, held)) == "REAUTHORIZATION_TOO_SOON"


def test_the_original_and_its_renewal_hold_the_same_money(paypal, caller):
    held = caller.authorized()
    paypal.now += timedelta(days=4)
    again = paypal.authorizations[reauthorize(caller, held).json()["id"]]
    assert capture(caller, again).status_code == 201
    assert issue_of(capture(caller, held)) == "AUTHORIZATION_ALREADY_CAPTURED"
    assert held.order.taken == Decimal(20)


# --- giving back --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("", "none"),
        ("a.b.c", "not a token either"),
        ("{anna of another platform}", "somebody else's platform"),
        ("{bob}", "somebody else's account"),
        ("{signed}", "with a signature, which PayPal does not check"),
    ],
)
def test_somebody_elses_money_needs_the_right_assertion(paypal, caller, header, why):
    known = {
        "{anna of another platform}": assertion(iss="AnotherPlatform", email=ANNA),
        "{bob}": assertion(iss=paypal.client_id, email="bob@example.org"),
        "{signed}": assertion(iss=paypal.client_id, email=ANNA) + "c2lnbmVk",
    }
    taken, held = caller.captured(), caller.authorized()
    for answer in (
        caller.refund(taken, PayPal_Auth_Assertion=known.get(header, header)),
        caller.void(held, PayPal_Auth_Assertion=known.get(header, header)),
    ):
        assert (answer.status_code, issue_of(answer)) == (403, "PERMISSION_DENIED"), why
    assert (taken.refunds, held.status) == ([], "CREATED")


def test_an_assertion_by_merchant_id_counts_with_consent(paypal, caller):
    anna, taken = paypal.account(ANNA), caller.captured()
    named = assertion(iss=paypal.client_id, payer_id=anna.merchant_id)
    anna.consents = False
    assert issue_of(caller.refund(taken, PayPal_Auth_Assertion=named)) == "PERMISSION_DENIED"
    anna.consents = True
    assert caller.refund(taken, PayPal_Auth_Assertion=named).status_code == 201


def test_ones_own_money_needs_no_assertion(caller):
    taken = caller.captured(payee=None)
    assert caller.refund(taken, PayPal_Auth_Assertion="").status_code == 201


@pytest.mark.parametrize(
    ("what", "issue"),
    [
        ({"pays_with": "echeck"}, "PENDING_CAPTURE"),
        ({"pays_with": "refused_after_all"}, "REFUND_NOT_ALLOWED"),
    ],
)
def test_what_never_came_is_not_given_back(caller, what, issue):
    assert issue_of(caller.refund(caller.captured(**what))) == issue


def test_there_is_an_end_to_refunding(paypal, caller):
    taken = caller.captured()
    paypal.now += timedelta(days=180)
    assert issue_of(caller.refund(taken)) == "REFUND_TIME_LIMIT_EXCEEDED"


def test_a_payee_without_money_gives_nothing_back(paypal, caller):
    paypal.account(ANNA).penniless = True
    assert issue_of(caller.refund(caller.captured())) == "REFUND_FAILED_INSUFFICIENT_FUNDS"


@pytest.mark.parametrize(
    ("ends", "status", "left"), [("COMPLETED", "REFUNDED", 0), ("FAILED", "COMPLETED", 20), ("CANCELLED", "COMPLETED", 20)]
)
def test_a_refund_can_take_its_time_and_fail_in_the_end(paypal, caller, ends, status, left):
    taken = caller.captured()
    paypal.next("refund", "pending")
    refund = caller.refund(taken, Prefer="return=representation").json()
    assert (refund["status"], refund["status_details"]) == ("PENDING", {"reason": "ECHECK"})
    paypal.end_refund(refund["id"], ends)
    assert caller.get(f"/v2/payments/refunds/{refund['id']}").json()["status"] == ends
    assert (taken.status, taken.left.value) == (status, left)


def test_a_dispute_takes_back_what_is_left(paypal, caller):
    taken = caller.captured()
    caller.refund(taken, usd("5.00"))
    paypal.reverse(taken.id)
    told = caller.get(f"/v2/payments/captures/{taken.id}").json()
    assert (told["status"], told["status_details"]) == ("REFUNDED", {"reason": "CHARGEBACK"})
    assert taken.order.given_back == Decimal(20)
    assert issue_of(caller.refund(taken)) == "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK"
    with pytest.raises(ValueError, match="nothing is left"):
        paypal.reverse(taken.id)


def test_a_request_id_of_a_refund_is_kept_for_45_days(paypal, caller):
    taken = caller.captured()
    caller.refund(taken, usd("5.00"), key="refund-1")
    paypal.now += timedelta(days=44, hours=23)
    assert caller.refund(taken, usd("5.00"), key="refund-1").status_code == 200
    paypal.now += timedelta(hours=1)
    assert caller.refund(taken, usd("5.00"), key="refund-1").status_code == 201
    assert taken.order.given_back == Decimal(10)
