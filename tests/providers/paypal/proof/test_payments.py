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


def test_what_is_authorized_is_held_for_29_days(caller):
    held = caller.authorized()
    told = caller.get(f"/v2/payments/authorizations/{held.id}").json()
    assert (told["status"], told["custom_id"]) == ("CREATED", "gift-1")
    assert told["supplementary_data"]["related_ids"] == {"order_id": held.order.id}
    assert held.expires - held.created == timedelta(days=29)
    assert told["expiration_time"] == held.expires.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_an_order_is_authorized_once(caller):
    held = caller.authorized()
    answer = caller.post(f"/v2/checkout/orders/{held.order.id}/authorize")
    assert (answer.status_code, issue_of(answer)) == (422, "ORDER_ALREADY_AUTHORIZED")


@pytest.mark.parametrize(("ends", "can_be_taken"), [("CREATED", True), ("DENIED", False)])
def test_what_is_under_review_is_not_taken_before_review_ends(paypal, caller, ends, can_be_taken):
    """What is under review is not taken before the review ends well."""
    held = caller.authorized(pays_with="under_review")
    assert (held.status, held.reason) == ("PENDING", "PENDING_REVIEW")
    assert capture(caller, held).status_code == 422
    paypal.end_authorization_review(held.id, ends)
    assert (capture(caller, held).status_code == 201) == can_be_taken


def test_what_is_held_is_taken_in_parts_until_the_final_one(caller):
    held = caller.authorized()
    assert capture(caller, held, usd("5.00")).status_code == 201
    assert held.status == "PARTIALLY_CAPTURED"
    assert capture(caller, held, usd("5.00") | {"final_capture": True}).status_code == 201
    assert held.status == "CAPTURED"
    assert issue_of(capture(caller, held, usd("1.00"))) == "AUTHORIZATION_ALREADY_CAPTURED"
    assert held.order.taken == Decimal(10)


def test_capture_of_what_was_held_leads_up_to_authorization(caller):
    """A capture of what was held leads up to the authorization."""
    held = caller.authorized()
    answer = capture(caller, held, Prefer="return=representation").json()
    assert answer["links"][-1]["href"].endswith(f"/v2/payments/authorizations/{held.id}")
    assert answer["supplementary_data"]["related_ids"] == {"order_id": held.order.id, "authorization_id": held.id}


def test_up_to_115_percent_can_be_taken_and_no_cent_more(caller):
    held = caller.authorized()
    assert issue_of(capture(caller, held, usd("23.01"))) == "MAX_CAPTURE_AMOUNT_EXCEEDED"
    assert capture(caller, held, usd("23.00")).status_code == 201


def test_what_is_held_in_dollars_is_not_taken_in_euros(caller):
    answer = capture(caller, caller.authorized(), {"amount": {"currency_code": "EUR", "value": "20.00"}})
    assert issue_of(answer) == "AUTH_CAPTURE_CURRENCY_MISMATCH"


def test_the_same_request_id_takes_what_is_held_once(caller):
    held = caller.authorized()
    first, again = (capture(caller, held, usd("5.00"), key="capture-1") for _ in range(2))
    assert (first.status_code, again.status_code, first.json()["id"]) == (201, 200, again.json()["id"])
    assert held.order.taken == Decimal(5)


def test_what_is_held_too_long_is_let_go_and_reported(paypal, caller):
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


def test_a_renewal_is_voided_by_voiding_the_original(paypal, caller):
    held = caller.authorized()
    paypal.now += timedelta(days=4)
    again = paypal.authorizations[reauthorize(caller, held).json()["id"]]
    assert issue_of(caller.void(again)) == "CANNOT_BE_VOIDED"
    assert caller.void(held).status_code == 204
    assert (held.status, again.status) == ("VOIDED", "VOIDED")


def test_a_void_says_nothing_unless_asked(caller):
    silent, told = caller.authorized(), caller.authorized()
    answer = caller.void(silent)
    assert (answer.status_code, answer.content) == (204, b"")
    answer = caller.void(told, Prefer="return=representation")
    assert (answer.status_code, answer.json()["status"]) == (200, "VOIDED")


def test_void_is_repeated_by_its_request_id_and_refused(caller):
    """A void is repeated by its request id and refused by another."""
    held = caller.authorized()
    assert [caller.void(held, key="void-1").status_code for _ in range(2)] == [204, 204]
    assert issue_of(caller.void(held)) == "PREVIOUSLY_VOIDED"
    assert issue_of(capture(caller, held)) == "AUTHORIZATION_VOIDED"


def test_what_is_taken_is_not_voided(caller):
    held = caller.authorized()
    capture(caller, held)
    assert issue_of(caller.void(held)) == "PREVIOUSLY_CAPTURED"


def test_the_payee_can_let_go_in_the_dashboard(paypal, caller):
    held = caller.authorized()
    paypal.void_in_the_dashboard(held.id)
    assert caller.get(f"/v2/payments/authorizations/{held.id}").json()["status"] == "VOIDED"


# --- giving back --------------------------------------------------------------------------------------------------------


def test_all_is_given_back_or_part_and_never_more_than_there_is(caller):
    """All is given back or a part and never more than there is."""
    taken = caller.captured()
    part = caller.refund(taken, usd("5.00"))
    assert (part.status_code, taken.status) == (201, "PARTIALLY_REFUNDED")
    assert issue_of(caller.refund(taken, usd("15.01"))) == "REFUND_AMOUNT_EXCEEDED"
    rest = caller.refund(taken, Prefer="return=representation").json()
    assert (rest["amount"]["value"], rest["status"], taken.status) == ("15.00", "COMPLETED", "REFUNDED")
    assert rest["seller_payable_breakdown"]["total_refunded_amount"]["value"] == "20.00"
    assert issue_of(caller.refund(taken)) == "CAPTURE_FULLY_REFUNDED"
    assert taken.order.given_back_minor == 2000


def test_a_refund_is_found_by_its_id_and_in_its_order(caller):
    taken = caller.captured()
    refund = caller.refund(taken, usd("5.00") | {"custom_id": "refund-1", "note_to_payer": "Sorry"}).json()
    found = caller.get(f"/v2/payments/refunds/{refund['id']}").json()
    assert (found["amount"]["value"], found["custom_id"], found["note_to_payer"]) == ("5.00", "refund-1", "Sorry")
    assert found["links"][1] == {
        "href": f"{caller.paypal.base_url}/v2/payments/captures/{taken.id}",
        "rel": "up",
        "method": "GET",
    }
    (unit,) = caller.get(f"/v2/checkout/orders/{taken.order.id}").json()["purchase_units"]
    assert [one["id"] for one in unit["payments"]["refunds"]] == [refund["id"]]


def test_the_same_request_id_gives_back_once(caller):
    taken = caller.captured()
    first, again = (caller.refund(taken, usd("5.00"), key="refund-1") for _ in range(2))
    assert (first.status_code, again.status_code, first.json()["id"]) == (201, 200, again.json()["id"])
    assert taken.order.given_back == Decimal(5)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("", "none"),
        ("rubbish", "not a token"),
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


def test_assertion_may_name_merchant_id_and_counts(paypal, caller):
    """An assertion may name the merchant id and counts only with consent."""
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


def test_dollars_are_not_given_back_in_euros(caller):
    answer = caller.refund(caller.captured(), {"amount": {"currency_code": "EUR", "value": "1.00"}})
    assert issue_of(answer) == "REFUND_CAPTURE_CURRENCY_MISMATCH"


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


def test_the_payee_can_give_back_in_the_dashboard(paypal, caller):
    taken = caller.captured()
    paypal.dashboard_refund(taken.id, "5.00")
    assert taken.status == "PARTIALLY_REFUNDED"
    paypal.dashboard_refund(taken.id)
    assert caller.get(f"/v2/payments/captures/{taken.id}").json()["status"] == "REFUNDED"


@pytest.mark.parametrize("reason", ["CHARGEBACK", "BUYER_COMPLAINT"])
def test_paypal_takes_back_what_is_left_when_giver_disputes_it(paypal, caller, reason):
    """PayPal takes back what is left when the giver disputes it."""
    taken = caller.captured()
    caller.refund(taken, usd("5.00"))
    paypal.reverse(taken.id, reason)
    told = caller.get(f"/v2/payments/captures/{taken.id}").json()
    assert (told["status"], told["status_details"]) == ("REFUNDED", {"reason": reason})
    assert taken.order.given_back == Decimal(20)
    assert issue_of(caller.refund(taken)) == "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK"
    with pytest.raises(ValueError, match="nothing is left"):
        paypal.reverse(taken.id)


@pytest.mark.parametrize(
    "path",
    ["/v2/payments/authorizations/9X/capture", "/v2/payments/captures/9X/refund", "/v2/payments/authorizations/9X/void"],
)
def test_nothing_is_done_to_what_is_not_there(caller, path):
    assert issue_of(caller.post(path)) == "INVALID_RESOURCE_ID"


def test_a_request_id_of_a_refund_is_kept_for_45_days(paypal, caller):
    taken = caller.captured()
    caller.refund(taken, usd("5.00"), key="refund-1")
    paypal.now += timedelta(days=44, hours=23)
    assert caller.refund(taken, usd("5.00"), key="refund-1").status_code == 200
    paypal.now += timedelta(hours=1)
    assert caller.refund(taken, usd("5.00"), key="refund-1").status_code == 201
    assert taken.order.given_back == Decimal(10)
